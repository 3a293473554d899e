/* flow_counts.c: the TCP connections of a capture, with or without MPTCP, and what was counted of
 * each of their two flows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "flow_counts.h"
#include "base/hash.h"
#include "base/times.h"
#include <string.h>

/* What tells TCP connections apart. All bytes are set, as they are hashed and compared. */
typedef struct {
    int32_t tcp_stream;
    uint16_t port[2];
    uint8_t length[2], address[2][16];
} flow_key;

static guint key_hash(gconstpointer key)
{
    return mps_hash_bytes(key, sizeof(flow_key));
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(flow_key)) == 0;
}

/* @return whether the second end of a TCP connection comes first in its key, whichever of the two
 * is its client. */
static bool is_swapped(const mps_flow_count *flow)
{
    const int order = mps_address_compare(&flow->address[0], &flow->address[1]);
    return order > 0 || (order == 0 && flow->port[0] > flow->port[1]);
}

static flow_key key_of(const mps_flow_count *flow)
{
    flow_key key;
    memset(&key, 0, sizeof key);
    key.tcp_stream = flow->tcp_stream;
    for (unsigned i = 0; i < 2; i++) {
        const unsigned end = is_swapped(flow) ? !i : i;
        key.port[i] = flow->port[end];
        key.length[i] = flow->address[end].length;
        memcpy(key.address[i], flow->address[end].bytes, sizeof key.address[i]);
    }
    return key;
}

/* Describe a TCP connection. @return whether anything of it was counted */
static bool describe(mps_flow_count *flow, const mps_report *report, const mps_tracker *tracker,
                     uint32_t id)
{
    mps_counts counts[2] = {{0}};
    mps_subflow_info info;
    mps_report_add_subflow(report, tracker, id, counts);
    if (counts[MPS_C2S].segments + counts[MPS_S2C].segments == 0)
        return false;
    mps_tracker_subflow(tracker, id, &info);
    *flow = (mps_flow_count){
        .connection = info.connection,
        .subflow = info.connection == MPS_NONE ? MPS_NONE : info.number,
        .frame = info.frame,
        .tcp_stream = info.tcp_stream,
        .address = {info.address[0], info.address[1]},
        .port = {info.port[0], info.port[1]},
        .start = info.start,
        .end = info.end,
        .leapt = info.duration < 0,
    };
    for (unsigned i = 0; i < 2; i++) {
        flow->packets[i] = (uint64_t)counts[i].segments;
        flow->bytes[i] = (uint64_t)counts[i].bytes;
    }
    return true;
}

/* Append what a tracker follows. @param report  what was counted by its verdicts */
static void collect(GArray *flows, const mps_report *report, const mps_tracker *tracker)
{
    for (uint32_t id = 0; id < mps_tracker_subflows(tracker); id++) {
        uint32_t connection, subflow;
        mps_flow_count flow;
        mps_tracker_numbers(tracker, id, &connection, &subflow);
        if (mps_report_wants(report, connection) && describe(&flow, report, tracker, id))
            g_array_append_val(flows, flow);
    }
}

/* Add segments of plain TCP to the TCP connection that they began. */
static void merge(mps_flow_count *into, const mps_flow_count *plain)
{
    const bool turned = is_swapped(into) != is_swapped(plain);
    into->frame = MIN(into->frame, plain->frame);
    into->start = MIN(into->start, plain->start);
    into->end = MAX(into->end, plain->end);
    into->leapt |= plain->leapt;
    for (unsigned i = 0; i < 2; i++) {
        into->packets[i] += plain->packets[turned ? !i : i];
        into->bytes[i] += plain->bytes[turned ? !i : i];
    }
}

/* @return the TCP connections by their flow_key; the table frees the keys */
static GHashTable *index_of(const GArray *flows)
{
    GHashTable *index = g_hash_table_new_full(key_hash, key_equal, g_free, NULL);
    for (guint i = 0; i < flows->len; i++) {
        const flow_key key = key_of(&g_array_index(flows, mps_flow_count, i));
        g_hash_table_insert(index, g_memdup2(&key, sizeof key), GUINT_TO_POINTER(i));
    }
    return index;
}

/* Append the TCP connections of plain TCP, but add those to others that are the beginning of them.
 */
static void collect_plain(GArray *flows, const mps_report *plain, mps_tracker *tracker)
{
    mps_tracker_finish(tracker);
    mps_report_count_late(plain, tracker);
    GHashTable *index = index_of(flows);
    GArray *found = g_array_new(FALSE, FALSE, sizeof(mps_flow_count));
    collect(found, plain, tracker);
    for (guint i = 0; i < found->len; i++) {
        const mps_flow_count *flow = &g_array_index(found, mps_flow_count, i);
        const flow_key key = key_of(flow);
        gpointer at;
        if (g_hash_table_lookup_extended(index, &key, NULL, &at))
            merge(&g_array_index(flows, mps_flow_count, GPOINTER_TO_UINT(at)), flow);
        else
            g_array_append_vals(flows, flow, 1);
    }
    g_array_free(found, TRUE);
    g_hash_table_destroy(index);
}

static gint by_start(gconstpointer a, gconstpointer b)
{
    const mps_flow_count *left = a, *right = b;
    if (left->start != right->start)
        return left->start < right->start ? -1 : 1;
    return (left->frame > right->frame) - (left->frame < right->frame);
}

GArray *mps_flow_counts(const mps_report *report, const mps_tracker *tracker)
{
    GArray *flows = g_array_new(FALSE, FALSE, sizeof(mps_flow_count));
    mps_report_count_late(report, tracker);
    collect(flows, report, tracker);
    if (report->plain)
        collect_plain(flows, report->plain, report->plain_by);
    g_array_sort(flows, by_start); /* keeps the order of what is equal: a frame with two segments */
    return flows;
}
