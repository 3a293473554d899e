/* checksum_errors.c: counts wrong DSS checksums (DataCsumErr).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/checksum.h"
#include "mib_internal.h"

/* The checksums of one direction of a subflow. */
typedef struct {
    bool failed; /* one was wrong */
    bool closed; /* that closed the subflow, as the connection has others */
} mps_mib_checked;

/* @return whether the receiver checked a mapping: it received all of it, with no hole before it,
 * while it still used MPTCP. */
static bool is_checked(const mps_flow *flow, const mps_mib_flow *mib,
                       const mps_checked_mapping *mapping)
{
    unsigned half = mapping->half;
    uint64_t until = mib->received_until[!half];
    if (until == 0)
        until = mps_mib_received(flow, mib, half);
    uint32_t last = mapping->ssn + mapping->length - 1; /* one too high with a DATA_FIN */
    uint32_t distance = last - (uint32_t)(until - MPS_ANCHOR);
    return distance == 0 || distance > MPS_WINDOW_MAX; /* then `last` is below, not above */
}

GArray *mps_mib_checksum_events(const mps_tracker *tracker)
{
    const GArray *mappings = mps_checked_mappings(tracker);
    const mps_mib_state *state = mps_analysis_state(tracker, &mps_mib_analysis);
    GArray *events = g_array_new(FALSE, FALSE, sizeof(mps_mib_event));
    GArray *halves = g_array_new(FALSE, TRUE, sizeof(mps_mib_checked));
    for (guint i = 0; mappings && i < mappings->len; i++) {
        const mps_checked_mapping *mapping = &g_array_index(mappings, mps_checked_mapping, i);
        const mps_flow *flow = mps_tracker_flow(tracker, mapping->subflow);
        const mps_mib_flow *mib = mps_analysis_slot(state->flows, flow->id);
        mps_mib_checked *half = mps_analysis_slot(halves, 2 * flow->id + mapping->half);
        if (mapping->status == MPS_CHECK_OK || mapping->ssn == 0 || !is_checked(flow, mib, mapping))
            continue;
        bool bad = mapping->status == MPS_CHECK_BAD;
        if (bad && half->closed)
            continue;
        if (bad && !half->failed)
            half->closed = mps_mib_has_others(flow);
        half->failed |= bad;
        mps_mib_event event = {
            .frame = bad ? mapping->checked_frame : mapping->frame,
            .half_id = 2 * flow->id + !mapping->half,
            .counter = MPS_MIB_DataCsumErr,
            .amount = 1,
            .doubt = bad ? MPS_MIB_KNOWN : MPS_MIB_UNCAPTURED,
        };
        g_array_append_val(events, event);
    }
    g_array_free(halves, TRUE);
    return events;
}
