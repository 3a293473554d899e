/* view.c: describes a segment, and what the tracker found out about it, to the hook.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tracker_internal.h"

static void view_subflow(mps_view *view, mps_flow *flow)
{
    const mps_segment *segment = view->segment;
    mps_half *own = flow->half[view->half], *peer = flow->half[!view->half];
    view->half_id = 2 * flow->id + view->half;
    view->other_half_id = 2 * flow->id + !view->half;
    view->has_ssn = segment->length > 0 && !(segment->flags & (MPS_TCP_SYN | MPS_TCP_RST));
    if (view->has_ssn) {
        view->ssn = mps_half_extend(own, segment->seq);
        view->ssn_end = view->ssn + segment->length;
    }
    view->has_ack = segment->flags & MPS_TCP_ACK && peer->anchored;
    if (view->has_ack)
        view->ack = mps_half_near(peer, segment->ack);
}

static void view_connection(mps_view *view, mps_connection *connection)
{
    const mps_option *dss = mps_segment_option(view->segment, MPS_DSS);
    view->space_id = connection->space_id[view->direction];
    view->other_space_id = connection->space_id[!view->direction];
    view->has_data_ack = dss && dss->dss.has_ack;
    if (view->has_data_ack)
        view->data_ack = mps_space_extend(mps_connection_space(connection, !view->direction),
                                          dss->dss.ack, dss->dss.ack_is_64);
}

void mps_view_segment(mps_tracker *tracker, mps_flow *flow, unsigned half,
                      const mps_segment *segment, const mps_verdict *verdict, mps_view *view)
{
    *view = (mps_view){
        .tracker = tracker,
        .segment = segment,
        .verdict = verdict,
        .flow = flow,
        .half = half,
        .pieces = tracker->pieces->list,
        .piece_count = tracker->pieces->count,
        .pieces_cut = tracker->pieces->cut,
        .late = tracker->late,
    };
    view->direction = mps_flow_direction(flow, half);
    view_subflow(view, flow);
    if (flow->connection)
        view_connection(view, flow->connection);
    else
        view->space_id = view->other_space_id = MPS_NONE;
}
