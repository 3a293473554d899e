/* align.c: aligns the two lists of one direction, step by step, and composes the result.
 *
 * The certain matches come first: segments that their header fields determine (align_unique.c).
 * They show how path and captures behave (align_path_model.c), and that behaviour limits what order
 * can prove about indistinguishable segments (align_by_order.c). Payload that remains may be cut
 * differently at the two ends (align_by_bytes.c). What then has no match is lost, unless the
 * receiver acknowledged it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "align_internal.h"
#include "byte_cover.h"
#include <string.h>

void mps_pair_lists(const mps_trace *a, const mps_trace *b, const mps_pair *pair,
                    mps_direction direction, bool a_sends, mps_align_lists *lists)
{
    size_t count_a, count_b;
    mps_direction direction_b = pair->flipped ? !direction : direction;
    const mps_packet *packets_a = mps_trace_packets(a, pair->a, direction, &count_a);
    const mps_packet *packets_b = mps_trace_packets(b, pair->b, direction_b, &count_b);
    size_t answers_count_a, answers_count_b;
    const mps_packet *answers_a = mps_trace_packets(a, pair->a, !direction, &answers_count_a);
    const mps_packet *answers_b = mps_trace_packets(b, pair->b, !direction_b, &answers_count_b);
    unsigned peer = !direction; /* the client sends c2s, the server s2c */
    uint32_t shift[2] = {pair->shift[direction], pair->shift[peer]};
    *lists = (mps_align_lists){
        .sent = a_sends ? packets_a : packets_b,
        .received = a_sends ? packets_b : packets_a,
        .sent_count = a_sends ? count_a : count_b,
        .received_count = a_sends ? count_b : count_a,
        .answers = a_sends ? answers_b : answers_a,
        .answers_count = a_sends ? answers_count_b : answers_count_a,
        .seq_shift = a_sends ? shift[0] : -shift[0],
        .ack_shift = a_sends ? shift[1] : -shift[1],
        .shift_unknown = !pair->shift_known[0] || !pair->shift_known[1],
    };
}

/* List the whole segments that match and the matches by bytes together, in the order of sending. */
static void list_matches(mps_align_state *state, const GArray *by_bytes, mps_alignment *result)
{
    guint next = 0;
    for (uint32_t i = 0; i < state->lists->sent_count; i++) {
        uint32_t length = state->lists->sent[i].length;
        result->sent_bytes += length;
        if (state->receiver_of[i] != MPS_NONE) {
            mps_match exact = {i, state->receiver_of[i], length, MPS_MATCH_EXACT};
            g_array_append_val(result->matches, exact);
            result->matched++;
            result->matched_bytes += length;
        }
        unsigned kinds = 0;
        for (; next < by_bytes->len && g_array_index(by_bytes, mps_match, next).sent == i; next++) {
            const mps_match *match = &g_array_index(by_bytes, mps_match, next);
            g_array_append_val(result->matches, *match);
            result->matched_bytes += match->length;
            state->sender_of[match->received] = i;
            kinds |= 1u << match->kind;
        }
        result->matched += kinds > 0;
        result->split += (kinds & 1u << MPS_MATCH_SPLIT) > 0;
        result->merged += kinds == 1u << MPS_MATCH_MERGED;
    }
}

/* Set the outcome of each segment that was refused or matched. */
static void set_outcomes(const mps_align_state *state, mps_alignment *result)
{
    for (size_t i = 0; i < state->lists->sent_count; i++)
        if (state->sent_excluded[i])
            result->sent_outcomes[i] = state->sent_excluded[i];
    for (guint i = 0; i < result->matches->len; i++)
        result->sent_outcomes[g_array_index(result->matches, mps_match, i).sent] = MPS_SENT_MATCHED;
    for (size_t i = 0; i < state->lists->received_count; i++) {
        if (state->received_excluded[i])
            result->received_outcomes[i] = state->received_excluded[i];
        if (state->sender_of[i] != MPS_NONE)
            result->received_outcomes[i] = MPS_RECEIVED_MATCHED;
    }
}

/* @return the position after the last byte of a cover. */
static uint64_t end_of(const GArray *cover)
{
    return cover->len > 0 ? g_array_index(cover, mps_covered_bytes, cover->len - 1).end : 0;
}

/* @return the highest position that the receiver acknowledged: everything below it arrived (RFC
 * 9293 section 3.4). Acknowledgements of data that was never sent are ignored; `end` is the end of
 * the payload sent, and a FIN takes one more number. */
static uint64_t find_acknowledged(const mps_align_lists *lists, uint64_t end, uint32_t origin)
{
    uint64_t highest = 0;
    mps_unwrap unwrap;
    mps_unwrap_init(&unwrap, origin);
    for (size_t i = 0; i < lists->answers_count; i++) {
        const mps_packet *answer = &lists->answers[i];
        if (!(answer->flags & MPS_TCP_ACK) || answer->flags & MPS_TCP_RST)
            continue;
        uint64_t ack = mps_unwrap_next(&unwrap, answer->ack - lists->seq_shift);
        if (ack <= end + 1)
            highest = MAX(highest, ack);
    }
    return highest;
}

/* Find sent payload that the receiver acknowledged although no byte of it is in its capture, and
 * set its outcome. Segments before the first match do not count. @return how many there are */
static uint32_t find_missing_at_receiver(const mps_align_lists *lists, const GArray *matches,
                                         uint8_t *outcomes)
{
    if (lists->answers_count == 0 || lists->sent_count == 0)
        return 0;
    uint32_t origin = lists->sent[0].seq, count = 0;
    size_t first = matches->len > 0 ? g_array_index(matches, mps_match, 0).sent : 0;
    GArray *sent = mps_byte_cover_of(lists->sent, lists->sent_count, 0, origin);
    GArray *received =
        mps_byte_cover_of(lists->received, lists->received_count, lists->seq_shift, origin);
    uint64_t acknowledged = find_acknowledged(lists, end_of(sent), origin);
    mps_unwrap unwrap;
    mps_unwrap_init(&unwrap, origin);
    for (size_t i = 0; i < lists->sent_count; i++) {
        const mps_packet *packet = &lists->sent[i];
        if (!mps_has_bytes(packet))
            continue;
        uint64_t start = mps_unwrap_next(&unwrap, packet->seq);
        uint64_t end = start + packet->length;
        if (i < first || end > acknowledged || mps_byte_cover_meets(received, start, end))
            continue;
        outcomes[i] = MPS_SENT_MISSING_AT_RECEIVER;
        count++;
    }
    g_array_free(sent, TRUE);
    g_array_free(received, TRUE);
    return count;
}

/* Count matched segments that arrive after one that was sent later (RFC 4737 section 3.3). The
 * parts of a split segment count once. */
static uint32_t count_reordered(const mps_align_state *state)
{
    uint32_t next = 0, reordered = 0;
    bool *counted = g_new0(bool, state->lists->sent_count + 1);
    for (size_t i = 0; i < state->lists->received_count; i++) {
        uint32_t sent = state->sender_of[i];
        if (sent == MPS_NONE)
            continue;
        if (sent + 1 < next && !counted[sent]) {
            counted[sent] = true;
            reordered++;
        }
        next = MAX(next, sent + 1);
    }
    g_free(counted);
    return reordered;
}

static void count_all(const mps_align_state *state, mps_alignment *result)
{
    uint32_t arrived = 0;
    for (size_t i = 0; i < state->lists->received_count; i++)
        arrived += state->sender_of[i] != MPS_NONE;
    result->duplicated = state->duplicated;
    result->ambiguous = state->sent_ambiguous;
    result->uncaptured =
        find_missing_at_receiver(state->lists, result->matches, result->sent_outcomes);
    result->lost = result->sent - result->matched - result->ambiguous - result->uncaptured;
    result->unseen = result->received - arrived - result->duplicated - state->received_ambiguous;
    result->reordered = count_reordered(state);
}

/* If no segment matches and a shift of sequence numbers is unknown, the shift may be the cause. The
 * segments are then ambiguous, not lost. */
static void refuse_unknown_shift(mps_alignment *result, const mps_align_lists *lists)
{
    if (!lists->shift_unknown || result->matched > 0 || result->sent == 0 || result->received == 0)
        return;
    result->ambiguous = result->sent;
    result->lost = result->unseen = result->uncaptured = 0;
    memset(result->sent_outcomes, MPS_SENT_AMBIGUOUS, result->sent);
    memset(result->received_outcomes, MPS_RECEIVED_AMBIGUOUS, result->received);
}

/* Start with no match: then all sent segments are lost, and the received ones come from nowhere. */
static void alignment_init(mps_alignment *alignment, const mps_align_lists *lists)
{
    *alignment = (mps_alignment){
        .sent = (uint32_t)lists->sent_count,
        .received = (uint32_t)lists->received_count,
        .matches = g_array_new(FALSE, FALSE, sizeof(mps_match)),
        .sent_outcomes = g_new(uint8_t, lists->sent_count + 1),
        .received_outcomes = g_new(uint8_t, lists->received_count + 1),
    };
    memset(alignment->sent_outcomes, MPS_SENT_LOST, lists->sent_count);
    memset(alignment->received_outcomes, MPS_RECEIVED_MISSING_AT_SENDER, lists->received_count);
}

void mps_align(const mps_align_lists *lists, const mps_preserved_fields *prior,
               mps_alignment *alignment)
{
    mps_align_state state;
    mps_align_state_init(&state, lists, SIZE_MAX);
    mps_path_model_learn(&state, prior);
    mps_align_unique(&state);
    mps_path_model_observe(&state);
    mps_path_model_refuse_doubtful(&state, &prior->path_model);
    mps_align_by_order(&state, &prior->path_model);
    GArray *by_bytes = mps_align_by_bytes(&state);
    alignment_init(alignment, lists);
    list_matches(&state, by_bytes, alignment);
    set_outcomes(&state, alignment);
    count_all(&state, alignment);
    refuse_unknown_shift(alignment, lists);
    g_array_free(by_bytes, TRUE);
    mps_align_state_clear(&state);
}

void mps_alignment_clear(mps_alignment *alignment)
{
    if (alignment->matches)
        g_array_free(alignment->matches, TRUE);
    g_free(alignment->sent_outcomes);
    g_free(alignment->received_outcomes);
    alignment->matches = NULL;
    alignment->sent_outcomes = alignment->received_outcomes = NULL;
}
