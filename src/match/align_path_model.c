/* align_path_model.c: learns which fields a path preserves, and how path and captures behave.
 *
 * Both are learned from segments that their header fields determine.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "align_overlaps.h"
#include "byte_cover.h"

/* Segments of a list that are surveyed at most: enough to decide by percentages, and quick. */
#define MPS_SURVEY_SEGMENTS 20000u

/* Comparisons of a field that a decision needs. With fewer, one odd segment would decide. */
#define MPS_SURVEY_ENOUGH 8u

/* A field is preserved if it was equal in this percentage of the comparisons: a path may change it
 * in some segments only. */
#define MPS_PRESERVED_PERCENT 90u

/* From this percentage on, exceptions are so rare that a difference shows two different segments.
 */
#define MPS_DECISIVE_PERCENT 99u

/* The expected number of wrong matches per million that is accepted, where one transmission could
 * be matched with another that was not captured. */
#define MPS_DOUBT_PER_MILLION 1.0

/* The probability of a wrong match that is accepted, where the sender's capture was not seen to
 * miss any segment, but a segment that arrived twice may be one that it missed. */
#define MPS_DOUBT_OF_ONE 0.02

/* Certain matches needed, with no segment missing at the sender's capture, before that capture
 * counts as complete. */
#define MPS_COMPLETE_EVIDENCE 100u

/* Segments that must have arrived twice before the path counts as one that makes duplicates. */
#define MPS_DUPLICATES_EVIDENCE 5u

/* Certain matches needed for each set of sent segments that are equal in all fields. With more such
 * sets, what arrived twice may well have been sent twice. */
#define MPS_IDENTICAL_RARITY 10u

/* If the d segments that arrived twice had been sent twice, the sender's capture would have missed
 * one of each. With i sets of identical segments in c certain matches, it would then have missed
 * about d * c / i segments in all, most of which would be noticed. None was. If at least this many
 * were expected, that is no coincidence: its probability is about exp(-60). */
#define MPS_EXPECTED_MISSED 60u

/* @return whether a segment carries a field. */
static bool has_field(const mps_packet *packet, mps_path_field field)
{
    switch (field) {
    case MPS_PATH_FIELD_IP_ID:
        return packet->ip_id > 0;
    case MPS_PATH_FIELD_WINDOW:
        return true;
    default:
        return mps_path_field_value(packet, field) != 0;
    }
}

static bool agree(const mps_packet *a, const mps_packet *b, mps_path_field field)
{
    return mps_path_field_value(a, field) == mps_path_field_value(b, field);
}

/* @return whether two segments with the same sequence numbers, length and flags look like two
 * transmissions: one was lost, and the other is missing at the sender's capture. */
static bool look_retransmitted(const mps_packet *sent, const mps_packet *received)
{
    return has_field(sent, MPS_PATH_FIELD_TIMESTAMPS) &&
           has_field(received, MPS_PATH_FIELD_TIMESTAMPS) &&
           !agree(sent, received, MPS_PATH_FIELD_TIMESTAMPS) &&
           !(has_field(sent, MPS_PATH_FIELD_IP_ID) && agree(sent, received, MPS_PATH_FIELD_IP_ID));
}

static void survey_group(mps_align_state *state, const mps_align_group *group, void *data)
{
    mps_preserved_fields *preserved = data;
    if (group->sent_count != 1 || group->received_count != 1)
        return;
    const mps_packet *sent = &state->lists->sent[group->sent->index];
    const mps_packet *received = &state->lists->received[group->received->index];
    if (look_retransmitted(sent, received)) {
        preserved->retransmissions++;
        return;
    }
    for (unsigned field = 0; field < MPS_PATH_FIELD_COUNT; field++) {
        bool carried = has_field(sent, field) || has_field(received, field);
        preserved->compared[field] += carried;
        preserved->equal[field] += carried && agree(sent, received, field);
    }
}

static void survey(mps_align_state *state, mps_preserved_fields *preserved)
{
    const mps_align_group all = {state->sent, state->received, state->sent_count,
                                 state->received_count};
    preserved->segments += (uint32_t)MIN(state->sent_count, state->received_count);
    mps_align_each_group(state, &all, survey_group, preserved);
}

static bool is_equal_in(const mps_preserved_fields *known, mps_path_field field, unsigned percent)
{
    return (uint64_t)known->equal[field] * 100 >= (uint64_t)known->compared[field] * percent;
}

/* Decide whether the pairs that look like two transmissions are one each, with timestamps and IP ID
 * changed by the path. A path that changes these does so in nearly all segments. If it preserved
 * some, or if the pairs are less than half of all segments, they are two transmissions.
 * @return whether the path changed them; then they are counted as compared */
static bool count_changed(mps_preserved_fields *known)
{
    bool preserves_some = MAX(known->equal[MPS_PATH_FIELD_IP_ID],
                              known->equal[MPS_PATH_FIELD_TIMESTAMPS]) >= MPS_SURVEY_ENOUGH;
    bool changed = !preserves_some && known->retransmissions > 0 &&
                   (uint64_t)known->retransmissions * 2 >= known->segments;
    for (unsigned field = MPS_PATH_FIELD_IP_ID; changed && field <= MPS_PATH_FIELD_TIMESTAMPS;
         field++)
        known->compared[field] += known->retransmissions;
    return changed;
}

void mps_path_model_learn(mps_align_state *state, const mps_preserved_fields *prior)
{
    mps_preserved_fields own = {0}, all = *prior;
    survey(state, &own);
    count_changed(&all);
    bool retransmissions = !count_changed(&own) && own.retransmissions >= MPS_SURVEY_ENOUGH;
    for (unsigned field = 0; field < MPS_PATH_FIELD_COUNT; field++) {
        bool enough = own.compared[field] >= MPS_SURVEY_ENOUGH;
        bool distinct = retransmissions && field <= MPS_PATH_FIELD_TIMESTAMPS;
        const mps_preserved_fields *known = enough || distinct ? &own : &all;
        state->preserved[field] = is_equal_in(known, field, MPS_PRESERVED_PERCENT);
        state->decisive[field] =
            known->compared[field] > 0 && is_equal_in(known, field, MPS_DECISIVE_PERCENT);
    }
    if (state->options_cut) { /* options are missing there, perhaps timestamps as well */
        state->preserved[MPS_PATH_FIELD_OPTIONS] = state->preserved[MPS_PATH_FIELD_SACK] = false;
        state->decisive[MPS_PATH_FIELD_OPTIONS] = state->decisive[MPS_PATH_FIELD_SACK] = false;
        state->decisive[MPS_PATH_FIELD_TIMESTAMPS] = false;
    }
}

/* Count received segments that are missing at the sender's capture while it ran. Payload is not
 * missing if all its bytes are there, however they were cut. */
static void count_unmatched(mps_align_state *state)
{
    const mps_align_lists *lists = state->lists;
    uint32_t origin = state->sent_count > 0 ? lists->sent[0].seq : 0;
    GArray *sent = mps_byte_cover_of(lists->sent, state->sent_count, 0, origin);
    mps_unwrap unwrap;
    uint32_t pending[2] = {0, 0}; /* since the last match: that capture may have ended there */
    bool inside = false;          /* after the first match */
    mps_unwrap_init(&unwrap, origin);
    for (size_t i = 0; i < state->received_count; i++) {
        const mps_packet *packet = &lists->received[i];
        bool covered = false;
        if (mps_has_bytes(packet)) {
            uint64_t start = mps_unwrap_next(&unwrap, packet->seq - lists->seq_shift);
            covered = mps_byte_cover_holds(sent, start, start + packet->length);
        }
        if (state->sender_of[i] != MPS_NONE) {
            for (unsigned payload = 0; inside && payload < 2; payload++)
                state->path_model.statistics[payload].unmatched += pending[payload];
            pending[0] = pending[1] = 0;
            inside = true;
        } else if (state->unmatched[i] && !covered) {
            pending[packet->length > 0]++;
        }
    }
    g_array_free(sent, TRUE);
}

/* @return by sent segment: whether it is one of several that cannot be told apart, as many of which
 * were received; the caller frees it */
static bool *balanced_segments(const mps_align_state *state)
{
    bool *balanced = g_new0(bool, state->sent_count + 1);
    for (guint i = 0; i < state->undetermined->len; i++) {
        const mps_align_group *group = &g_array_index(state->undetermined, mps_align_group, i);
        for (size_t k = 0; group->sent_count <= group->received_count && k < group->sent_count; k++)
            balanced[group->sent[k].index] = true;
    }
    return balanced;
}

/* Count what was lost between the first and the last certain match. What the captures lack before
 * and after them may lie outside their times.
 * @param received  the payload that was received */
static void count_lost_within(mps_align_state *state, const GArray *received, uint32_t origin)
{
    const mps_align_lists *lists = state->lists;
    bool *balanced = balanced_segments(state), begun = false;
    uint32_t pending = 0; /* since the last certain match */
    mps_unwrap unwrap;
    mps_unwrap_init(&unwrap, origin);
    for (size_t i = 0; i < state->sent_count; i++) {
        const mps_packet *packet = &lists->sent[i];
        bool held = balanced[i];
        if (mps_has_bytes(packet)) {
            uint64_t start = mps_unwrap_next(&unwrap, packet->seq);
            bool resegmented = mps_byte_cover_holds(received, start, start + packet->length);
            held = held || resegmented;
        }
        if (state->receiver_of[i] != MPS_NONE) {
            state->path_model.lost_within += begun ? pending : 0;
            begun = true;
            pending = 0;
        } else {
            pending += !held;
        }
    }
    g_free(balanced);
}

/* Count sent payload of which not all bytes arrived. Payload that arrived cut differently is not
 * lost. A loss does not count if the bytes arrived with a later segment that differs in another
 * field, since then neither of the two can be mistaken for the other. */
static void count_lost_payload(mps_align_state *state)
{
    const mps_align_lists *lists = state->lists;
    uint32_t origin = state->sent_count > 0 ? lists->sent[0].seq : 0;
    GArray *received =
        mps_byte_cover_of(lists->received, state->received_count, lists->seq_shift, origin);
    mps_unwrap unwrap;
    mps_unwrap_init(&unwrap, origin);
    for (size_t i = 0; i < state->sent_count; i++) {
        const mps_packet *packet = &lists->sent[i];
        if (!mps_has_bytes(packet))
            continue;
        uint64_t start = mps_unwrap_next(&unwrap, packet->seq);
        state->path_model.statistics[1].lost +=
            !mps_byte_cover_holds(received, start, start + packet->length);
    }
    count_lost_within(state, received, origin);
    g_array_free(received, TRUE);
}

/* Find by how many places a certain match moved at most. */
static void find_displacement(mps_align_state *state)
{
    uint32_t *sent_ranks = mps_align_ranks(state->receiver_of, state->sent_count);
    uint32_t *received_ranks = mps_align_ranks(state->sender_of, state->received_count);
    uint32_t most = state->path_model.max_displacement;
    for (size_t i = 0; i < state->sent_count; i++) {
        if (state->receiver_of[i] == MPS_NONE)
            continue;
        uint32_t before = sent_ranks[i], after = received_ranks[state->receiver_of[i]];
        most = MAX(most, MAX(before, after) - MIN(before, after));
    }
    /* Duplicates that the path may have made. */
    for (guint i = 0; i < state->undetermined->len; i++) {
        const mps_align_group *group = &g_array_index(state->undetermined, mps_align_group, i);
        if (group->sent_count != 1)
            continue;
        uint32_t apart = received_ranks[group->received[group->received_count - 1].index] -
                         received_ranks[group->received[0].index];
        most = MAX(most, apart);
    }
    state->path_model.max_displacement = most;
    g_free(sent_ranks);
    g_free(received_ranks);
}

void mps_path_model_observe(mps_align_state *state)
{
    mps_path_model *path_model = &state->path_model;
    for (size_t i = 0; i < state->sent_count; i++) {
        mps_path_statistics *counts = &path_model->statistics[state->lists->sent[i].length > 0];
        counts->sent++;
        counts->certain += state->receiver_of[i] != MPS_NONE;
    }
    for (size_t i = 0; i < state->received_count; i++)
        path_model->statistics[state->lists->received[i].length > 0].received++;
    count_unmatched(state);
    count_lost_payload(state);
    find_displacement(state);
}

static void add_statistics(mps_path_statistics *sum, const mps_path_statistics *one)
{
    sum->sent += one->sent;
    sum->received += one->received;
    sum->certain += one->certain;
    sum->identical += one->identical;
    sum->lost += one->lost;
    sum->unmatched += one->unmatched;
}

mps_path_statistics mps_path_model_sums(const mps_path_model *path_model)
{
    mps_path_statistics sums = path_model->statistics[0];
    add_statistics(&sums, &path_model->statistics[1]);
    return sums;
}

static void add_model(mps_path_model *sum, const mps_path_model *one)
{
    for (unsigned payload = 0; payload < 2; payload++)
        add_statistics(&sum->statistics[payload], &one->statistics[payload]);
    sum->duplicated += one->duplicated;
    sum->lost_within += one->lost_within;
    sum->max_displacement = MAX(sum->max_displacement, one->max_displacement);
}

void mps_path_model_survey(const mps_align_lists *lists, mps_preserved_fields *preserved)
{
    const mps_preserved_fields none = {0};
    mps_align_state state;
    mps_align_state_init(&state, lists, MPS_SURVEY_SEGMENTS);
    survey(&state, preserved);
    /* The beginnings of longer lists end at different segments, which would count as lost or
     * unmatched. Such lists show enough of their own path. */
    if (MAX(lists->sent_count, lists->received_count) <= MPS_SURVEY_SEGMENTS) {
        mps_path_model_learn(&state, &none);
        mps_align_unique(&state);
        mps_path_model_observe(&state);
        add_model(&preserved->path_model, &state.path_model);
    }
    mps_align_state_clear(&state);
}

/* Shares of all segments, 0 to 1. */
typedef struct {
    double identical[2]; /* sets of equal segments per sent one: without payload, with */
    double lost, unmatched;
} mps_path_rates;

static double share(uint32_t part, uint32_t whole)
{
    return whole > 0 ? (double)part / whole : 0;
}

static mps_path_rates rates_of(const mps_path_model *path_model)
{
    const mps_path_statistics *bare = &path_model->statistics[0];
    const mps_path_statistics *data = &path_model->statistics[1];
    const mps_path_statistics sums = mps_path_model_sums(path_model);
    return (mps_path_rates){
        .identical = {share(bare->identical, bare->sent), share(data->identical, data->sent)},
        .lost = share(sums.lost, sums.sent),
        .unmatched = share(sums.unmatched, sums.received),
    };
}

/* @return the model that rests on more certain matches. */
static const mps_path_model *better_known(const mps_path_model *own, const mps_path_model *prior)
{
    return mps_path_model_sums(prior).certain > mps_path_model_sums(own).certain ? prior : own;
}

/* Decide whether wrong matches must be expected. If one of two equal segments is lost and the other
 * is missing at the sender's capture, the two look like one segment.
 * @param payload  1: for segments with payload, 0: for those without
 * @param resent   share of segments that could be mistaken for another one although not all their
 *                 fields are equal, 0 to 1 */
static bool is_doubtful(const mps_path_model *own, const mps_path_model *prior, unsigned payload,
                        double resent)
{
    const mps_path_rates here = rates_of(own), all = rates_of(prior);
    double unmatched = MAX(here.unmatched, all.unmatched);
    if (unmatched > 0) {
        double identical = MAX(here.identical[payload], all.identical[payload]) + resent;
        double per_million = 2 * identical * MAX(here.lost, all.lost) * unmatched * 1e6;
        return per_million > MPS_DOUBT_PER_MILLION;
    }
    if (own->duplicated == 0 && prior->duplicated == 0)
        return false;
    /* The path made duplicates, or the sender's capture missed one segment after all. */
    const mps_path_rates *most = better_known(own, prior) == prior ? &all : &here;
    return 2 * (most->identical[payload] + resent) * most->lost > MPS_DOUBT_OF_ONE;
}

/* @return whether the sender's capture is complete, so that what arrives more often than it was
 * sent was duplicated by the path. Otherwise that capture missed one of several transmissions; it
 * would then miss segments that are sent only once as well, and those would be noticed. */
static bool is_complete(const mps_path_model *own, const mps_path_model *prior)
{
    if (mps_path_model_sums(own).unmatched > 0 || mps_path_model_sums(prior).unmatched > 0)
        return false;
    const mps_path_model *most = better_known(own, prior);
    const mps_path_statistics sums = mps_path_model_sums(most);
    uint64_t certain = sums.certain, identical = sums.identical;
    return certain >= MPS_COMPLETE_EVIDENCE && most->duplicated >= MPS_DUPLICATES_EVIDENCE &&
           identical * MPS_IDENTICAL_RARITY <= certain &&
           most->duplicated * certain >= MPS_EXPECTED_MISSED * identical;
}

void mps_path_model_refuse_doubtful(mps_align_state *state, const mps_path_model *prior)
{
    bool doubtful[2];
    for (unsigned payload = 0; payload < 2; payload++)
        doubtful[payload] = is_doubtful(&state->path_model, prior, payload, 0);
    state->bytes_unsafe = /* the true share takes time: try the highest possible one first */
        is_doubtful(&state->path_model, prior, true, 1) &&
        is_doubtful(&state->path_model, prior, true, mps_align_share_resent(state));
    for (unsigned payload = 0; payload < 2; payload++)
        state->complete[payload] = !doubtful[payload] && is_complete(&state->path_model, prior);
    for (uint32_t i = 0; i < state->sent_count; i++)
        if (state->receiver_of[i] != MPS_NONE && doubtful[state->lists->sent[i].length > 0] &&
            !mps_align_ip_id_is_unique(state, i))
            mps_align_state_refuse_match(state, i);
}
