/* align_path_model.c: what a path leaves alone, and how path and captures behave, as far as that
 * can be told from segments that need nothing but what they say.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "align_internal.h"
#include "byte_cover.h"

/* Segments looked at to learn of a path, and how many a verdict needs. */
#define MPS_SURVEY_SEGMENTS 20000u
#define MPS_SURVEY_ENOUGH 8u

/* Of a million matches this many may be expected to be of a copy that was not captured. */
#define MPS_DOUBT_PER_MILLION 1.0

/* Where no segment was seen to be missed, and one may be: how likely a wrong match may be at all.
 */
#define MPS_DOUBT_OF_ONE 0.02

/* Matches without one that was not captured when sent, for none to be expected to be missing. */
#define MPS_COMPLETE_EVIDENCE 100u

/* Segments that arrived twice, for the path to be one that makes copies. */
#define MPS_COPIES_EVIDENCE 5u

/* Does a segment say anything by a property? */
static bool says(const mps_packet *packet, unsigned by)
{
    switch (by) {
    case MPS_BY_IP_ID:
        return packet->ip_id > 0;
    case MPS_BY_WINDOW:
        return true;
    default:
        return mps_packet_property(packet, by) != 0;
    }
}

static bool agree(const mps_packet *a, const mps_packet *b, unsigned by)
{
    return mps_packet_property(a, by) == mps_packet_property(b, by);
}

/* Two that only one another can be, but for what tells transmissions: of what was sent twice, one
 * was lost, and the other not captured when sent. */
static bool look_like_two(const mps_packet *sent, const mps_packet *received)
{
    return says(sent, MPS_BY_TIMESTAMPS) && says(received, MPS_BY_TIMESTAMPS) &&
           !agree(sent, received, MPS_BY_TIMESTAMPS) &&
           !(says(sent, MPS_BY_IP_ID) && agree(sent, received, MPS_BY_IP_ID));
}

static void survey_group(mps_align_state *state, const mps_align_group *group, void *data)
{
    mps_preserved_fields *invariants = data;
    if (group->sent_count != 1 || group->received_count != 1)
        return;
    const mps_packet *sent = &state->lists->sent[group->sent->index];
    const mps_packet *received = &state->lists->received[group->received->index];
    if (look_like_two(sent, received)) {
        invariants->others++;
        return;
    }
    for (unsigned by = 0; by < MPS_BY_COUNT; by++) {
        invariants->tried[by] += says(sent, by) || says(received, by);
        invariants->kept[by] += (says(sent, by) || says(received, by)) && agree(sent, received, by);
    }
}

static void survey(mps_align_state *state, mps_preserved_fields *invariants)
{
    const mps_align_group all = {state->sent, state->received, state->sent_count,
                                 state->received_count};
    invariants->of += (uint32_t)MIN(state->sent_count, state->received_count);
    mps_align_each_group(state, &all, survey_group, invariants);
}

static bool is_kept(const mps_preserved_fields *known, unsigned by, unsigned percent)
{
    return (uint64_t)known->kept[by] * 100 >= (uint64_t)known->tried[by] * percent;
}

/* A path that changes timestamps and IP IDs does so to nearly all segments. Where it leaves some
 * alone, or few only look like it, those that differ are other ones. @return whether it does */
static bool count_others(mps_preserved_fields *known)
{
    bool some = MAX(known->kept[MPS_BY_IP_ID], known->kept[MPS_BY_TIMESTAMPS]) >= MPS_SURVEY_ENOUGH;
    bool changed = !some && known->others > 0 && (uint64_t)known->others * 2 >= known->of;
    for (unsigned by = MPS_BY_IP_ID; changed && by <= MPS_BY_TIMESTAMPS; by++)
        known->tried[by] += known->others;
    return changed;
}

void mps_path_model_learn(mps_align_state *state, const mps_preserved_fields *prior)
{
    mps_preserved_fields own = {0}, all = *prior;
    survey(state, &own);
    count_others(&all);
    bool doubtful = !count_others(&own) && own.others >= MPS_SURVEY_ENOUGH;
    for (unsigned by = 0; by < MPS_BY_COUNT; by++) {
        bool determined = own.tried[by] >= MPS_SURVEY_ENOUGH;
        bool other = doubtful && by <= MPS_BY_TIMESTAMPS;
        const mps_preserved_fields *known = determined || other ? &own : &all;
        state->kept[by] = is_kept(known, by, 90);
        state->sure[by] = known->tried[by] > 0 && is_kept(known, by, 99);
    }
    if (state->cut) { /* of a segment that was cut, options are missing, and perhaps timestamps */
        state->kept[MPS_BY_OPTIONS] = state->kept[MPS_BY_SACK] = false;
        state->sure[MPS_BY_OPTIONS] = state->sure[MPS_BY_SACK] = false;
        state->sure[MPS_BY_TIMESTAMPS] = false;
    }
}

/* Received segments that are not among the sent ones though the sender's capture ran. Payload that
 * was cut differently is, if all its bytes are. */
static void count_strange(mps_align_state *state)
{
    const mps_align_lists *lists = state->lists;
    uint32_t origin = state->sent_count > 0 ? lists->sent[0].seq : 0;
    GArray *sent = mps_byte_cover_of(lists->sent, state->sent_count, 0, origin);
    mps_unwrap unwrap;
    uint32_t pending[2] = {0, 0}; /* behind the last match: what follows may not be captured */
    bool inside = false;
    mps_unwrap_init(&unwrap, origin);
    for (size_t i = 0; i < state->received_count; i++) {
        const mps_packet *packet = &lists->received[i];
        bool bytes = mps_has_bytes(packet), covered = false;
        if (bytes) {
            uint64_t start = mps_unwrap_next(&unwrap, packet->seq - lists->seq_shift);
            covered = mps_byte_cover_holds(sent, start, start + packet->length);
        }
        if (state->sender_of[i] != MPS_NONE) {
            for (unsigned kind = 0; inside && kind < 2; kind++)
                state->path_model.tallies[kind].unmatched += pending[kind];
            pending[0] = pending[1] = 0;
            inside = true;
        } else if (state->unmatched[i] && !covered) {
            pending[packet->length > 0]++;
        }
    }
    g_array_free(sent, TRUE);
}

/* Payload of which not all bytes arrived: what arrived cut differently is not lost. What arrived
 * with a later segment that says something else does not count, for none of the two has a copy. */
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
        state->path_model.tallies[1].lost +=
            !mps_byte_cover_holds(received, start, start + packet->length);
    }
    g_array_free(received, TRUE);
}

/* By how many others a match is out of its place. */
static void count_displaced(mps_align_state *state)
{
    uint32_t *sent_ranks = mps_align_ranks(state->receiver_of, state->sent_count);
    uint32_t *ranks = mps_align_ranks(state->sender_of, state->received_count);
    for (size_t i = 0; i < state->sent_count; i++) {
        if (state->receiver_of[i] == MPS_NONE)
            continue;
        uint32_t rank = sent_ranks[i], other = ranks[state->receiver_of[i]];
        uint32_t by = MAX(rank, other) - MIN(rank, other);
        state->path_model.displaced = MAX(state->path_model.displaced, by);
    }
    for (guint i = 0; i < state->refused->len; i++) { /* copies that the path may have made */
        const mps_align_group *group = &g_array_index(state->refused, mps_align_group, i);
        if (group->sent_count != 1)
            continue;
        uint32_t by = ranks[group->received[group->received_count - 1].index] -
                      ranks[group->received[0].index];
        state->path_model.displaced = MAX(state->path_model.displaced, by);
    }
    g_free(sent_ranks);
    g_free(ranks);
}

void mps_path_model_observe(mps_align_state *state)
{
    mps_path_model *path_model = &state->path_model;
    for (size_t i = 0; i < state->sent_count; i++) {
        mps_path_statistics *tally = &path_model->tallies[state->lists->sent[i].length > 0];
        tally->sent++;
        tally->certain += state->receiver_of[i] != MPS_NONE;
    }
    for (size_t i = 0; i < state->received_count; i++)
        path_model->tallies[state->lists->received[i].length > 0].received++;
    count_strange(state);
    count_lost_payload(state);
    count_displaced(state);
}

static void add_behaviour(mps_path_statistics *sum, const mps_path_statistics *one)
{
    sum->sent += one->sent;
    sum->received += one->received;
    sum->certain += one->certain;
    sum->copied += one->copied;
    sum->lost += one->lost;
    sum->unmatched += one->unmatched;
}

mps_path_statistics mps_path_model_sums(const mps_path_model *path_model)
{
    mps_path_statistics sums = path_model->tallies[0];
    add_behaviour(&sums, &path_model->tallies[1]);
    return sums;
}

static void add_conduct(mps_path_model *sum, const mps_path_model *one)
{
    for (unsigned kind = 0; kind < 2; kind++)
        add_behaviour(&sum->tallies[kind], &one->tallies[kind]);
    sum->repeated += one->repeated;
    sum->displaced = MAX(sum->displaced, one->displaced);
}

void mps_path_model_survey(const mps_align_lists *lists, mps_preserved_fields *invariants)
{
    const mps_preserved_fields none = {0};
    mps_align_state state;
    mps_align_state_init(&state, lists, MPS_SURVEY_SEGMENTS);
    survey(&state, invariants);
    /* Of longer lists the beginnings do not end at the same segment; they tell enough themselves.
     */
    if (MAX(lists->sent_count, lists->received_count) <= MPS_SURVEY_SEGMENTS) {
        mps_path_model_learn(&state, &none);
        mps_align_unique(&state);
        mps_path_model_observe(&state);
        add_conduct(&invariants->path_model, &state.path_model);
    }
    mps_align_state_clear(&state);
}

/* Shares of all segments. */
typedef struct {
    double copied[2], lost, unmatched;
} mps_shares;

static double share(uint32_t part, uint32_t whole)
{
    return whole > 0 ? (double)part / whole : 0;
}

static mps_shares shares_of(const mps_path_model *path_model)
{
    const mps_path_statistics *bare = &path_model->tallies[0], *data = &path_model->tallies[1];
    const mps_path_statistics sums = mps_path_model_sums(path_model);
    return (mps_shares){
        .copied = {share(bare->copied, bare->sent), share(data->copied, data->sent)},
        .lost = share(sums.lost, sums.sent),
        .unmatched = share(sums.unmatched, sums.received),
    };
}

/* The one that rests on more. */
static const mps_path_model *better_known(const mps_path_model *own, const mps_path_model *prior)
{
    return mps_path_model_sums(prior).certain > mps_path_model_sums(own).certain ? prior : own;
}

/* Of two copies the first is lost and the second not captured when sent, or the other way round:
 * they look like one segment. Is that to be expected here? @param resent  share of segments that
 * have a copy, besides those that are the same */
static bool is_doubtful(const mps_path_model *own, const mps_path_model *prior, unsigned kind,
                        double resent)
{
    const mps_shares here = shares_of(own), all = shares_of(prior);
    double unmatched = MAX(here.unmatched, all.unmatched);
    if (unmatched > 0) {
        double copied = MAX(here.copied[kind], all.copied[kind]) + resent;
        return 2 * copied * MAX(here.lost, all.lost) * unmatched * 1e6 > MPS_DOUBT_PER_MILLION;
    }
    if (own->repeated == 0 && prior->repeated == 0)
        return false;
    /* The path made copies, or one segment was missed after all. */
    const mps_shares *most = better_known(own, prior) == prior ? &all : &here;
    return 2 * (most->copied[kind] + resent) * most->lost > MPS_DOUBT_OF_ONE;
}

/* Is what arrives more often than it was sent a copy that the path made? If not, one of several
 * that were sent was not captured then; of those that are sent only once some would be missing,
 * too. */
static bool is_complete(const mps_path_model *own, const mps_path_model *prior)
{
    if (mps_path_model_sums(own).unmatched > 0 || mps_path_model_sums(prior).unmatched > 0)
        return false;
    const mps_path_model *most = better_known(own, prior);
    const mps_path_statistics sums = mps_path_model_sums(most);
    uint64_t certain = sums.certain, copied = sums.copied;
    return certain >= MPS_COMPLETE_EVIDENCE && most->repeated >= MPS_COPIES_EVIDENCE &&
           copied * 10 <= certain && most->repeated * certain >= 60 * copied;
}

void mps_path_model_refuse_doubtful(mps_align_state *state, const mps_path_model *prior)
{
    bool doubtful[2];
    for (unsigned kind = 0; kind < 2; kind++)
        doubtful[kind] = is_doubtful(&state->path_model, prior, kind, 0);
    state->pieces_doubtful =
        is_doubtful(&state->path_model, prior, true, 1) && /* or never */
        is_doubtful(&state->path_model, prior, true, mps_align_share_resent(state));
    for (unsigned kind = 0; kind < 2; kind++)
        state->complete[kind] = !doubtful[kind] && is_complete(&state->path_model, prior);
    for (uint32_t i = 0; i < state->sent_count; i++)
        if (state->receiver_of[i] != MPS_NONE && doubtful[state->lists->sent[i].length > 0] &&
            !mps_align_ip_id_is_unique(state, i))
            mps_align_state_refuse_match(state, i);
}
