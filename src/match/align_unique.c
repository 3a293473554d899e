/* align_unique.c: matches segments by what they say; those that say the same remain as groups.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "align_internal.h"

/* Two segments that are alike in what must be: is one of what must not differ different? Of one
 * that was cut, timestamps may be missing. */
static bool contradict(const mps_align_state *state, const mps_align_group *pair)
{
    const mps_packet *sent = &state->lists->sent[pair->sent->index];
    const mps_packet *received = &state->lists->received[pair->received->index];
    for (unsigned by = MPS_BY_IP_ID; by <= MPS_BY_TIMESTAMPS; by++) {
        bool known = by != MPS_BY_TIMESTAMPS || (!sent->cut && !received->cut);
        if (state->kept[by] && known &&
            mps_packet_property(sent, by) != mps_packet_property(received, by))
            return true;
    }
    return false;
}

static mps_path_statistics *tally_of(mps_align_state *state, const mps_align_group *group)
{
    const mps_packet *packet = group->sent_count > 0
                                   ? &state->lists->sent[group->sent->index]
                                   : &state->lists->received[group->received->index];
    return &state->path_model.tallies[packet->length > 0];
}

static void keep_for_order(mps_align_state *state, const mps_align_group *group)
{
    mps_align_group copy = *group;
    copy.sent = g_memdup2(group->sent, group->sent_count * sizeof *copy.sent);
    copy.received = g_memdup2(group->received, group->received_count * sizeof *copy.received);
    g_array_append_val(state->refused, copy);
}

/* How many of a group nothing at the other end agrees with in all that the path keeps. */
typedef struct {
    size_t sent, received;
} mps_alone;

/* A group whose members cannot be told apart by what they say. */
static void settle_alike(mps_align_state *state, const mps_align_group *group, void *data)
{
    size_t sent = group->sent_count, received = group->received_count;
    mps_alone *alone = data;
    if (sent > 1)
        tally_of(state, group)->copied++;
    if (sent == 0 || received == 0) {
        alone->sent += sent;
        alone->received += received;
    } else if (sent == 1 && received == 1) {
        mps_align_state_match(state, group->sent->index, group->received->index);
    } else if (sent == 1 && mps_align_ip_id_is_unique(state, group->sent->index)) {
        mps_align_state_match_first(state, group);
        state->path_model.repeated += (uint32_t)received - 1;
    } else {
        tally_of(state, group)->lost += (uint32_t)(sent > received ? sent - received : 0);
        state->path_model.repeated += (uint32_t)(received > sent ? received - sent : 0);
        keep_for_order(state, group);
    }
}

static void note_alone(mps_align_state *state, const mps_align_group *group, void *data)
{
    (void)data;
    if (group->received_count == 0 && state->lists->sent[group->sent->index].length == 0)
        state->path_model.tallies[0].lost += (uint32_t)group->sent_count;
    for (size_t i = 0; group->sent_count == 0 && i < group->received_count; i++)
        state->unmatched[group->received[i].index] = true;
}

/* Those that are alone at both ends may be one another, changed by the path. */
static void refuse_alone(mps_align_state *state, const mps_align_group *group, void *data)
{
    mps_alone *left = data;
    if (group->sent_count > 0 && group->received_count > 0)
        return;
    for (size_t i = 0; i < group->sent_count; i++)
        state->sent_excluded[group->sent[i].index] = MPS_SENT_AMBIGUOUS;
    for (size_t i = 0; i < group->received_count; i++)
        state->excluded[group->received[i].index] = MPS_RECEIVED_AMBIGUOUS;
    left->sent += group->sent_count;
    left->received += group->received_count;
}

static mps_align_entry *sort_by(const bool properties[MPS_BY_COUNT], const mps_align_entry *entries,
                                size_t count, const mps_packet *packets)
{
    mps_align_entry *sorted = g_new0(mps_align_entry, MAX(count, 1));
    for (size_t i = 0; i < count; i++) {
        sorted[i] = (mps_align_entry){0, entries[i].index};
        for (unsigned by = 0; by < MPS_BY_COUNT; by++)
            if (properties[by])
                sorted[i].digest =
                    mps_mix(sorted[i].digest, mps_packet_property(&packets[sorted[i].index], by));
    }
    mps_align_sort(sorted, count);
    return sorted;
}

static mps_align_group split_by(const mps_align_state *state, const bool properties[MPS_BY_COUNT],
                                const mps_align_group *group)
{
    return (mps_align_group){
        .sent = sort_by(properties, group->sent, group->sent_count, state->lists->sent),
        .received =
            sort_by(properties, group->received, group->received_count, state->lists->received),
        .sent_count = group->sent_count,
        .received_count = group->received_count,
    };
}

/* A group that agrees in all that surely tells segments apart. */
static void settle_likely(mps_align_state *state, const mps_align_group *group, void *data)
{
    mps_alone alone = {0, 0}, left = {0, 0};
    (void)data;
    if (group->sent_count == 0 || group->received_count == 0) {
        tally_of(state, group)->copied += group->sent_count > 1;
        note_alone(state, group, NULL);
        return;
    }
    const mps_align_group parts = split_by(state, state->kept, group);
    mps_align_each_group(state, &parts, settle_alike, &alone);
    if (alone.sent > 0 && alone.received > 0) {
        mps_align_each_group(state, &parts, refuse_alone, &left);
        state->refused_count += (uint32_t)MIN(left.sent, left.received);
        state->received_refused += (uint32_t)left.received;
    } else {
        mps_align_each_group(state, &parts, note_alone, NULL);
    }
    mps_align_group_clear(&parts);
}

/* A group of segments with the same sequence numbers, length and flags. */
static void settle_group(mps_align_state *state, const mps_align_group *group, void *data)
{
    (void)data;
    if (group->sent_count == 1 && group->received_count == 1 && !contradict(state, group)) {
        mps_align_state_match(state, group->sent->index, group->received->index);
        return;
    }
    const mps_align_group parts = split_by(state, state->sure, group);
    mps_align_each_group(state, &parts, settle_likely, NULL);
    mps_align_group_clear(&parts);
}

void mps_align_unique(mps_align_state *state)
{
    const mps_align_group all = {state->sent, state->received, state->sent_count,
                                 state->received_count};
    mps_align_each_group(state, &all, settle_group, NULL);
}
