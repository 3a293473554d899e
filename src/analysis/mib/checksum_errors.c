/* checksum_errors.c: what hosts count of DSS checksums.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/checksum.h"
#include "mib_internal.h"

/* A host does not wait for more than this behind what it has received. */
#define WINDOW_MAX (UINT32_C(1) << 30)

/* A direction of a subflow, of which a checksum was wrong. */
typedef struct {
    bool failed;
    bool closed; /* by that: it is one of several */
} mps_mib_checked;

/* Did the receiver check a mapping? It does so when it can read all of it, and still speaks
 * MPTCP. */
static bool is_checked(const mps_flow *flow, const mps_mib_flow *own,
                       const mps_checked_mapping *mapping)
{
    unsigned half = mapping->half;
    uint64_t until = own->until[!half];
    if (until == 0)
        until = mps_mib_received(flow, half, own->fin[half]);
    uint32_t last = mapping->ssn + mapping->length - 1; /* a DATA_FIN is no byte */
    uint32_t ahead = last - (uint32_t)(until - MPS_ANCHOR);
    return ahead == 0 || ahead > WINDOW_MAX;
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
        const mps_mib_flow *own = mps_analysis_slot(state->flows, flow->id);
        mps_mib_checked *half = mps_analysis_slot(halves, 2 * flow->id + mapping->half);
        if (mapping->status == MPS_CHECK_OK || mapping->ssn == 0 || !is_checked(flow, own, mapping))
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
            .doubtful = !bad,
        };
        g_array_append_val(events, event);
    }
    g_array_free(halves, TRUE);
    return events;
}
