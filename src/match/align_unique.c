/* align_unique.c: matches segments that their header fields determine.
 *
 * Groups of segments with equal sequence numbers, length and flags are divided by the decisive
 * fields, and the parts by all preserved fields. Segments that are still equal remain as
 * undetermined groups.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "align_internal.h"

/* @return whether IP ID or timestamps of the only two members differ although the path preserves
 * them. Timestamps do not count if the options of a segment were cut. */
static bool contradict(const mps_align_state *state, const mps_align_group *pair)
{
    const mps_packet *sent = &state->lists->sent[pair->sent->index];
    const mps_packet *received = &state->lists->received[pair->received->index];
    for (unsigned field = MPS_PATH_FIELD_IP_ID; field <= MPS_PATH_FIELD_TIMESTAMPS; field++) {
        bool known = field != MPS_PATH_FIELD_TIMESTAMPS || (!sent->cut && !received->cut);
        if (state->preserved[field] && known &&
            mps_path_field_value(sent, field) != mps_path_field_value(received, field))
            return true;
    }
    return false;
}

/* @return the statistics to which a group counts. */
static mps_path_statistics *statistics_of(mps_align_state *state, const mps_align_group *group)
{
    const mps_packet *packet = group->sent_count > 0
                                   ? &state->lists->sent[group->sent->index]
                                   : &state->lists->received[group->received->index];
    return &state->path_model.statistics[packet->length > 0];
}

static void keep_undetermined(mps_align_state *state, const mps_align_group *group)
{
    mps_align_group copy = *group;
    copy.sent = g_memdup2(group->sent, group->sent_count * sizeof *copy.sent);
    copy.received = g_memdup2(group->received, group->received_count * sizeof *copy.received);
    g_array_append_val(state->undetermined, copy);
}

/* Segments that no segment at the other end equals in all preserved fields. */
typedef struct {
    size_t sent, received;
} mps_one_sided_counts;

/* Settle a group that is equal in all preserved fields.
 * @param data  mps_one_sided_counts, added to */
static void settle_indistinguishable(mps_align_state *state, const mps_align_group *group,
                                     void *data)
{
    size_t sent = group->sent_count, received = group->received_count;
    mps_one_sided_counts *one_sided = data;
    if (sent > 1)
        statistics_of(state, group)->identical++;
    if (sent == 0 || received == 0) {
        one_sided->sent += sent;
        one_sided->received += received;
    } else if (sent == 1 && received == 1) {
        mps_align_state_match(state, group->sent->index, group->received->index);
    } else if (sent == 1 && mps_align_ip_id_is_unique(state, group->sent->index)) {
        mps_align_state_match_first(state, group);
        state->path_model.duplicated += (uint32_t)received - 1;
    } else {
        statistics_of(state, group)->lost += (uint32_t)(sent > received ? sent - received : 0);
        state->path_model.duplicated += (uint32_t)(received > sent ? received - sent : 0);
        keep_undetermined(state, group);
    }
}

/* Record that the members of a group at one end only have no match. */
static void note_one_sided(mps_align_state *state, const mps_align_group *group, void *data)
{
    (void)data;
    if (group->received_count == 0 && state->lists->sent[group->sent->index].length == 0)
        state->path_model.statistics[0].lost += (uint32_t)group->sent_count;
    for (size_t i = 0; group->sent_count == 0 && i < group->received_count; i++)
        state->unmatched[group->received[i].index] = true;
}

/* Refuse the members of a group at one end only. */
static void refuse_one_sided(mps_align_state *state, const mps_align_group *group, void *data)
{
    (void)data;
    if (group->sent_count > 0 && group->received_count > 0)
        return;
    for (size_t i = 0; i < group->sent_count; i++)
        state->sent_excluded[group->sent[i].index] = MPS_SENT_AMBIGUOUS;
    for (size_t i = 0; i < group->received_count; i++)
        mps_align_state_refuse_received(state, group->received[i].index);
}

/* @return the same entries, sorted by a digest of the chosen fields; the caller frees them. */
static mps_align_entry *sort_by_fields(const bool fields[MPS_PATH_FIELD_COUNT],
                                       const mps_align_entry *entries, size_t count,
                                       const mps_packet *packets)
{
    mps_align_entry *sorted = g_new0(mps_align_entry, MAX(count, 1));
    for (size_t i = 0; i < count; i++) {
        const mps_packet *packet = &packets[entries[i].index];
        sorted[i] = (mps_align_entry){0, entries[i].index};
        for (unsigned field = 0; field < MPS_PATH_FIELD_COUNT; field++)
            if (fields[field])
                sorted[i].digest = mps_mix(sorted[i].digest, mps_path_field_value(packet, field));
    }
    mps_align_sort(sorted, count);
    return sorted;
}

/* @return the group, sorted by a digest of the chosen fields; cleared with
 * mps_align_group_clear(). */
static mps_align_group divide_by_fields(const mps_align_state *state,
                                        const bool fields[MPS_PATH_FIELD_COUNT],
                                        const mps_align_group *group)
{
    return (mps_align_group){
        .sent = sort_by_fields(fields, group->sent, group->sent_count, state->lists->sent),
        .received =
            sort_by_fields(fields, group->received, group->received_count, state->lists->received),
        .sent_count = group->sent_count,
        .received_count = group->received_count,
    };
}

/* Settle a group that is equal in all decisive fields. If some of its members have no equal at
 * either end, they may be the same segments, changed by the path: they are refused. */
static void settle_equal_decisive(mps_align_state *state, const mps_align_group *group, void *data)
{
    mps_one_sided_counts one_sided = {0, 0};
    (void)data;
    if (group->sent_count == 0 || group->received_count == 0) {
        statistics_of(state, group)->identical += group->sent_count > 1;
        note_one_sided(state, group, NULL);
        return;
    }
    const mps_align_group parts = divide_by_fields(state, state->preserved, group);
    mps_align_each_group(state, &parts, settle_indistinguishable, &one_sided);
    if (one_sided.sent > 0 && one_sided.received > 0) {
        mps_align_each_group(state, &parts, refuse_one_sided, NULL);
        state->sent_ambiguous += (uint32_t)MIN(one_sided.sent, one_sided.received);
    } else {
        mps_align_each_group(state, &parts, note_one_sided, NULL);
    }
    mps_align_group_clear(&parts);
}

/* Settle a group with equal sequence numbers, length and flags. */
static void settle_group(mps_align_state *state, const mps_align_group *group, void *data)
{
    (void)data;
    if (group->sent_count == 1 && group->received_count == 1 && !contradict(state, group)) {
        mps_align_state_match(state, group->sent->index, group->received->index);
        return;
    }
    const mps_align_group parts = divide_by_fields(state, state->decisive, group);
    mps_align_each_group(state, &parts, settle_equal_decisive, NULL);
    mps_align_group_clear(&parts);
}

void mps_align_unique(mps_align_state *state)
{
    const mps_align_group all = {state->sent, state->received, state->sent_count,
                                 state->received_count};
    mps_align_each_group(state, &all, settle_group, NULL);
}
