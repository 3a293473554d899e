/* align_state.c: two lists sorted by digest, and what is matched or refused so far.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "align_internal.h"
#include "partners.h"
#include <stdlib.h>
#include <string.h>

/* Flags that no path changes. PSH moves when segments are split or merged, and routers set or clear
 * ECN flags. */
#define MPS_FLAGS_COMPARED (MPS_TCP_FIN | MPS_TCP_SYN | MPS_TCP_RST | MPS_TCP_ACK | MPS_TCP_URG)

/* @return a digest of sequence and acknowledgement number, length and flags, with the shifts of the
 * path removed. */
static uint64_t digest_of(const mps_packet *packet, uint32_t seq_shift, uint32_t ack_shift)
{
    uint32_t ack = packet->flags & MPS_TCP_ACK ? packet->ack - ack_shift : 0;
    uint64_t digest = mps_mix(0, (uint64_t)(packet->seq - seq_shift) << 32 | ack);
    return mps_mix(digest, (uint64_t)packet->length << 16 | (packet->flags & MPS_FLAGS_COMPARED));
}

/* Up to this many entries are sorted by insertion, which is faster than qsort() for so few. */
#define FEW_ENTRIES 12u

static int compare_entries(const void *a, const void *b)
{
    const mps_align_entry *x = a, *y = b;
    if (x->digest != y->digest)
        return x->digest < y->digest ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static void sort_few(mps_align_entry *entries, size_t count)
{
    if (count > FEW_ENTRIES) {
        qsort(entries, count, sizeof *entries, compare_entries);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        const mps_align_entry entry = entries[i];
        size_t place = i;
        for (; place > 0 && compare_entries(&entries[place - 1], &entry) > 0; place--)
            entries[place] = entries[place - 1];
        entries[place] = entry;
    }
}

/* Digests are spread evenly, so that with about as many buckets as entries little is left to sort
 * in each. With qsort() alone, a fifth of the time for a million segments was spent here. */
void mps_align_sort(mps_align_entry *entries, size_t count)
{
    if (count <= FEW_ENTRIES) {
        sort_few(entries, count);
        return;
    }
    unsigned bits = g_bit_storage(count) - 1;
    size_t buckets = (size_t)1 << bits, *ends = g_new0(size_t, buckets + 1);
    mps_align_entry *spread = g_new(mps_align_entry, count);
    for (size_t i = 0; i < count; i++)
        ends[(entries[i].digest >> (64 - bits)) + 1]++;
    for (size_t i = 0; i < buckets; i++)
        ends[i + 1] += ends[i];
    for (size_t i = 0; i < count; i++)
        spread[ends[entries[i].digest >> (64 - bits)]++] = entries[i];
    for (size_t i = 0, start = 0; i < buckets; start = ends[i++])
        sort_few(spread + start, ends[i] - start);
    memcpy(entries, spread, count * sizeof *entries);
    g_free(spread);
    g_free(ends);
}

static mps_align_entry *sort_list(const mps_packet *packets, size_t count, uint32_t seq_shift,
                                  uint32_t ack_shift)
{
    mps_align_entry *entries = g_new0(mps_align_entry, MAX(count, 1));
    for (size_t i = 0; i < count; i++)
        entries[i] = (mps_align_entry){digest_of(&packets[i], seq_shift, ack_shift), (uint32_t)i};
    mps_align_sort(entries, count);
    return entries;
}

static bool any_options_cut(const mps_packet *packets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (packets[i].cut)
            return true;
    return false;
}

void mps_align_state_init(mps_align_state *state, const mps_align_lists *lists, size_t limit)
{
    *state = (mps_align_state){.lists = lists};
    state->sent_count = MIN(lists->sent_count, limit);
    state->received_count = MIN(lists->received_count, limit);
    state->sent = sort_list(lists->sent, state->sent_count, 0, 0);
    state->received =
        sort_list(lists->received, state->received_count, lists->seq_shift, lists->ack_shift);
    state->options_cut = any_options_cut(lists->sent, state->sent_count) ||
                         any_options_cut(lists->received, state->received_count);
    state->receiver_of = mps_partners_new(state->sent_count);
    state->sender_of = mps_partners_new(state->received_count);
    state->sent_excluded = g_new0(uint8_t, state->sent_count + 1);
    state->received_excluded = g_new0(uint8_t, state->received_count + 1);
    state->unmatched = g_new0(bool, state->received_count + 1);
    state->undetermined = g_array_new(FALSE, FALSE, sizeof(mps_align_group));
}

void mps_align_group_clear(const mps_align_group *group)
{
    g_free(group->sent);
    g_free(group->received);
}

void mps_align_state_clear(mps_align_state *state)
{
    for (guint i = 0; i < state->undetermined->len; i++)
        mps_align_group_clear(&g_array_index(state->undetermined, mps_align_group, i));
    g_array_free(state->undetermined, TRUE);
    g_free(state->sent);
    g_free(state->received);
    g_free(state->receiver_of);
    g_free(state->sender_of);
    g_free(state->sent_excluded);
    g_free(state->received_excluded);
    g_free(state->unmatched);
}

/* @return how many entries from the first one on have this digest. */
static size_t run_length(const mps_align_entry *entries, size_t count, uint64_t digest)
{
    size_t length = 0;
    while (length < count && entries[length].digest == digest)
        length++;
    return length;
}

void mps_align_each_group(mps_align_state *state, const mps_align_group *all,
                          mps_align_group_visitor visit, void *data)
{
    size_t i = 0, k = 0;
    while (i < all->sent_count || k < all->received_count) {
        uint64_t digest = UINT64_MAX;
        if (i < all->sent_count)
            digest = all->sent[i].digest;
        if (k < all->received_count)
            digest = MIN(digest, all->received[k].digest);
        mps_align_group group = {
            .sent = all->sent + i,
            .received = all->received + k,
            .sent_count = run_length(all->sent + i, all->sent_count - i, digest),
            .received_count = run_length(all->received + k, all->received_count - k, digest),
        };
        visit(state, &group, data);
        i += group.sent_count;
        k += group.received_count;
    }
}

uint32_t *mps_align_ranks(const uint32_t *partner, size_t count)
{
    uint32_t *ranks = g_new(uint32_t, count + 1), sum = 0;
    for (size_t i = 0; i < count; i++) {
        ranks[i] = sum;
        sum += partner[i] != MPS_NONE;
    }
    return ranks;
}

void mps_align_state_match(mps_align_state *state, uint32_t sent, uint32_t received)
{
    state->receiver_of[sent] = received;
    state->sender_of[received] = sent;
}

void mps_align_state_match_first(mps_align_state *state, const mps_align_group *group)
{
    mps_align_state_match(state, group->sent->index, group->received->index);
    state->duplicated += (uint32_t)group->received_count - 1;
    for (size_t i = 1; i < group->received_count; i++)
        state->received_excluded[group->received[i].index] = MPS_RECEIVED_DUPLICATED;
}

void mps_align_state_refuse(mps_align_state *state, const mps_align_group *group)
{
    if (group->sent_count == 0 || group->received_count == 0)
        return;
    state->sent_ambiguous += (uint32_t)MIN(group->sent_count, group->received_count);
    for (size_t i = 0; i < group->sent_count; i++)
        state->sent_excluded[group->sent[i].index] = MPS_SENT_AMBIGUOUS;
    for (size_t i = 0; i < group->received_count; i++)
        mps_align_state_refuse_received(state, group->received[i].index);
}

void mps_align_state_refuse_received(mps_align_state *state, uint32_t received)
{
    state->received_excluded[received] = MPS_RECEIVED_AMBIGUOUS;
    state->received_ambiguous++;
}

void mps_align_state_refuse_match(mps_align_state *state, uint32_t sent)
{
    uint32_t received = state->receiver_of[sent];
    state->receiver_of[sent] = state->sender_of[received] = MPS_NONE;
    state->sent_excluded[sent] = MPS_SENT_AMBIGUOUS;
    state->sent_ambiguous++;
    mps_align_state_refuse_received(state, received);
}

bool mps_align_ip_id_is_unique(const mps_align_state *state, uint32_t sent)
{
    return state->preserved[MPS_PATH_FIELD_IP_ID] && state->lists->sent[sent].ip_id > 0;
}
