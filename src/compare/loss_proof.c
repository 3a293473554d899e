/* loss_proof.c: proves losses where the receiver's capture misses segments.
 *
 * A segment that such a capture does not have may have arrived. It did not if its sender sent all
 * of it again before it got an acknowledgement of it, and if the receiver acknowledged nothing of
 * it before a later copy arrived; or if the receiver still asks for it in its last acknowledgement,
 * sent after later segments had arrived (RFC 9293 section 3.10.7.4: an acknowledgement names the
 * first number that is missing). SYN and FIN take a number each, as payload does. What takes none,
 * a pure ACK or a RST, leaves no trace.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "loss_proof.h"
#include "base/runs.h"
#include "base/sorted.h"
#include "match/byte_cover.h"

/* An acknowledgement of the receiver that is higher than all before it. */
typedef struct {
    uint64_t upto;  /* position */
    uint32_t order; /* of its segment in the receiver's capture */
} mps_new_ack;

/* What is known of one direction. The arrays are by sent segment. */
typedef struct {
    const mps_align_lists *lists;
    mps_covered_bytes *numbers; /* that the segment takes; empty: none */
    bool *again;                /* all of them were sent again before the sender got their ACK */
    bool *before;               /* some of them were sent before */
    GArray *acks;               /* mps_new_ack, of the receiver's capture */
    GArray *got;                /* mps_new_ack, of the sender's capture */
    uint32_t last_ack_order;    /* of the last one that acknowledges as much as any; 0: none */
    uint32_t last_passed;       /* the last sent segment that arrived before that one */
} mps_proof;

static uint32_t origin_of(const mps_align_lists *lists)
{
    return lists->sent_count > 0 ? lists->sent[0].seq : 0;
}

static uint32_t numbers_taken(const mps_packet *packet)
{
    if (packet->flags & MPS_TCP_RST)
        return 0;
    return packet->length + !!(packet->flags & MPS_TCP_SYN) + !!(packet->flags & MPS_TCP_FIN);
}

static void set_numbers(mps_proof *proof)
{
    const mps_align_lists *lists = proof->lists;
    mps_unwrap unwrap;
    mps_unwrap_init(&unwrap, origin_of(lists));
    for (size_t i = 0; i < lists->sent_count; i++) {
        uint32_t taken = numbers_taken(&lists->sent[i]);
        if (taken == 0)
            continue;
        uint64_t start = mps_unwrap_next(&unwrap, lists->sent[i].seq);
        proof->numbers[i] = (mps_covered_bytes){start, start + taken};
    }
}

static bool runs_hold(const mps_runs *runs, const mps_covered_bytes *numbers)
{
    mps_run run;
    return mps_runs_find(runs, numbers->start, &run) && run.start <= numbers->start &&
           run.end >= numbers->end;
}

static bool runs_meet(const mps_runs *runs, const mps_covered_bytes *numbers)
{
    mps_run run;
    return mps_runs_find(runs, numbers->start, &run) && run.start < numbers->end;
}

static void add_numbers(mps_runs *runs, const mps_covered_bytes *numbers)
{
    if (numbers->end > numbers->start)
        mps_runs_add(runs, numbers->start, numbers->end, 0, NULL, NULL);
}

static bool ack_is_before(const void *element, const void *key)
{
    return ((const mps_new_ack *)element)->order < *(const uint32_t *)key;
}

/* What a segment has that its sender did not know to be acknowledged. A copy of what had been
 * acknowledged says nothing of how that arrived. */
static mps_covered_bytes unacknowledged(const mps_proof *proof, size_t sent)
{
    mps_covered_bytes numbers = proof->numbers[sent];
    guint place = mps_sorted_place(proof->got, ack_is_before, &proof->lists->sent[sent].order);
    if (place > 0)
        numbers.start = MAX(numbers.start, g_array_index(proof->got, mps_new_ack, place - 1).upto);
    return numbers;
}

/* Find what was sent more than once. */
static void find_repeats(mps_proof *proof)
{
    mps_runs later = {0}, earlier = {0};
    for (size_t i = proof->lists->sent_count; i-- > 0;) {
        const mps_covered_bytes *numbers = &proof->numbers[i];
        proof->again[i] = numbers->end > numbers->start && runs_hold(&later, numbers);
        const mps_covered_bytes open = unacknowledged(proof, i);
        add_numbers(&later, &open);
    }
    for (size_t i = 0; i < proof->lists->sent_count; i++) {
        proof->before[i] = runs_meet(&earlier, &proof->numbers[i]);
        add_numbers(&earlier, &proof->numbers[i]);
    }
    mps_runs_clear(&later);
    mps_runs_clear(&earlier);
}

/* Collect the acknowledgements that are higher than all before them.
 * @param last  set to the order of the last one that is as high as any; NULL: not needed */
static GArray *new_acks_of(const mps_align_lists *lists, const mps_packet *answers, size_t count,
                           uint32_t shift, uint64_t end, uint32_t *last)
{
    GArray *acks = g_array_new(FALSE, FALSE, sizeof(mps_new_ack));
    mps_unwrap unwrap;
    uint64_t highest = 0;
    mps_unwrap_init(&unwrap, origin_of(lists));
    for (size_t i = 0; i < count; i++) {
        if ((answers[i].flags & (MPS_TCP_ACK | MPS_TCP_RST)) != MPS_TCP_ACK)
            continue;
        mps_new_ack ack = {mps_unwrap_next(&unwrap, answers[i].ack - shift), answers[i].order};
        if (ack.upto > end) /* of what was never sent */
            continue;
        if (ack.upto > highest)
            g_array_append_val(acks, ack);
        highest = MAX(highest, ack.upto);
        if (last && ack.upto == highest)
            *last = ack.order;
    }
    return acks;
}

/* @return the position after all that was sent */
static uint64_t end_of(const mps_proof *proof)
{
    uint64_t end = 0;
    for (size_t i = 0; i < proof->lists->sent_count; i++)
        end = MAX(end, proof->numbers[i].end);
    return end;
}

/* @param arrived, arrived_count  as in mps_losses_prove() */
static void proof_init(mps_proof *proof, const mps_align_lists *lists, const mps_packet *arrived,
                       size_t arrived_count, const GArray *matches)
{
    *proof = (mps_proof){.lists = lists};
    proof->numbers = g_new0(mps_covered_bytes, lists->sent_count + 1);
    proof->again = g_new0(bool, lists->sent_count + 1);
    proof->before = g_new0(bool, lists->sent_count + 1);
    set_numbers(proof);
    proof->got = new_acks_of(lists, arrived, arrived_count, 0, end_of(proof), NULL);
    find_repeats(proof);
    proof->acks = new_acks_of(lists, lists->answers, lists->answers_count, lists->seq_shift,
                              end_of(proof), &proof->last_ack_order);
    for (guint i = 0; i < matches->len; i++) {
        const mps_match *match = &g_array_index(matches, mps_match, i);
        if (lists->received[match->received].order < proof->last_ack_order)
            proof->last_passed = MAX(proof->last_passed, match->sent);
    }
}

static void proof_clear(mps_proof *proof)
{
    g_free(proof->numbers);
    g_free(proof->again);
    g_free(proof->before);
    g_array_free(proof->acks, TRUE);
    g_array_free(proof->got, TRUE);
}

static bool ack_is_below(const void *element, const void *key)
{
    return ((const mps_new_ack *)element)->upto < *(const uint64_t *)key;
}

/* @return the highest acknowledged position of a list; 0: none */
static uint64_t highest_of(const GArray *acks)
{
    return acks->len > 0 ? g_array_index(acks, mps_new_ack, acks->len - 1).upto : 0;
}

/* A lost segment, to be sorted by its end. */
typedef struct {
    uint64_t end;
    uint32_t sent;
} mps_candidate;

static gint compare_candidates(gconstpointer a, gconstpointer b)
{
    const mps_candidate *x = a, *y = b;
    return (x->end > y->end) - (x->end < y->end);
}

/* The segments without a match that were sent again, by their ends. */
static GArray *candidates_of(const mps_proof *proof, const uint8_t *outcomes)
{
    GArray *candidates = g_array_new(FALSE, FALSE, sizeof(mps_candidate));
    for (uint32_t i = 0; i < proof->lists->sent_count; i++) {
        mps_candidate candidate = {proof->numbers[i].end, i};
        if (outcomes[i] == MPS_SENT_LOST && proof->again[i])
            g_array_append_val(candidates, candidate);
    }
    g_array_sort(candidates, compare_candidates);
    return candidates;
}

/* Of the segments that were sent again, find those of which a copy arrived that the receiver's
 * capture does not have: they were acknowledged before the capture has all of them. It may have
 * been any copy.
 * @param shown  set by sent segment: nothing shows that a copy arrived which is not captured */
static void find_unseen_arrivals(const mps_proof *proof, const uint8_t *outcomes, bool *shown)
{
    const mps_align_lists *lists = proof->lists;
    GArray *candidates = candidates_of(proof, outcomes);
    mps_runs arrived = {0};
    mps_unwrap unwrap;
    size_t next = 0;
    mps_unwrap_init(&unwrap, origin_of(lists));
    for (guint i = 0; i < candidates->len; i++) {
        const mps_candidate *candidate = &g_array_index(candidates, mps_candidate, i);
        guint place = mps_sorted_place(proof->acks, ack_is_below, &candidate->end);
        if (place == proof->acks->len) { /* never acknowledged */
            shown[candidate->sent] = true;
            continue;
        }
        uint32_t order = g_array_index(proof->acks, mps_new_ack, place).order;
        for (; next < lists->received_count && lists->received[next].order < order; next++) {
            const mps_packet *packet = &lists->received[next];
            uint32_t taken = numbers_taken(packet);
            if (taken == 0)
                continue;
            uint64_t start = mps_unwrap_next(&unwrap, packet->seq - lists->seq_shift);
            mps_runs_add(&arrived, start, start + taken, 0, NULL, NULL);
        }
        shown[candidate->sent] = runs_hold(&arrived, &proof->numbers[candidate->sent]);
    }
    mps_runs_clear(&arrived);
    g_array_free(candidates, TRUE);
}

/* Does the receiver still ask for a segment in its last acknowledgement, after segments that were
 * sent later had arrived? */
static bool is_asked_for(const mps_proof *proof, uint32_t sent)
{
    uint64_t asked = highest_of(proof->acks);
    const mps_covered_bytes *numbers = &proof->numbers[sent];
    return asked > 0 && numbers->start <= asked && asked < numbers->end &&
           proof->last_passed > sent;
}

/* @return the outcome of a segment that the receiver's capture lacks.
 * @param shown         as in find_unseen_arrivals()
 * @param acknowledged  the highest position that either capture shows to be acknowledged */
static mps_sent_outcome outcome_of(const mps_proof *proof, uint32_t sent, bool shown,
                                   uint64_t acknowledged)
{
    const mps_covered_bytes *numbers = &proof->numbers[sent];
    bool again = proof->again[sent];
    if ((again && shown) || is_asked_for(proof, sent))
        return MPS_SENT_LOST;
    bool once = numbers->end > numbers->start && !again && !proof->before[sent];
    return once && numbers->end <= acknowledged ? MPS_SENT_MISSING_AT_RECEIVER
                                                : MPS_SENT_UNDETERMINED;
}

void mps_losses_prove(const mps_align_lists *lists, const mps_packet *arrived, size_t arrived_count,
                      mps_alignment *alignment)
{
    mps_proof proof;
    uint8_t *outcomes = alignment->sent_outcomes;
    proof_init(&proof, lists, arrived, arrived_count, alignment->matches);
    uint64_t acknowledged = MAX(highest_of(proof.got), highest_of(proof.acks));
    bool *shown = g_new0(bool, lists->sent_count + 1);
    find_unseen_arrivals(&proof, outcomes, shown);
    uint32_t lost = 0, uncaptured = 0;
    for (uint32_t i = 0; i < lists->sent_count; i++) {
        if (outcomes[i] == MPS_SENT_LOST || outcomes[i] == MPS_SENT_MISSING_AT_RECEIVER)
            outcomes[i] = (uint8_t)outcome_of(&proof, i, shown[i], acknowledged);
        lost += outcomes[i] == MPS_SENT_LOST;
        uncaptured += outcomes[i] == MPS_SENT_MISSING_AT_RECEIVER;
    }
    /* One of several segments that cannot be told apart has no outcome of its own. */
    alignment->undetermined = alignment->lost + alignment->uncaptured - lost - uncaptured;
    alignment->lost = lost;
    alignment->uncaptured = uncaptured;
    g_free(shown);
    proof_clear(&proof);
}
