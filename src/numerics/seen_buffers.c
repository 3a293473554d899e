/* seen_buffers.c: the receive window and the unacknowledged data that were seen.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "seen_buffers.h"
#include "analysis/limits/flow_series.h"

mps_quantity mps_seen_window(const mps_path_end *end)
{
    if (!end->trace)
        return MPS_NOT_KNOWN("the capture at the receiver does not have the subflow");
    mps_subflow_info info;
    size_t count;
    uint64_t greatest = 0;
    const mps_direction back = (mps_direction)(1 - end->direction);
    const mps_packet *packets = mps_trace_packets(end->trace, end->id, back, &count);
    mps_tracker_subflow(mps_trace_tracker(end->trace), end->id, &info);
    const uint32_t scale = info.window_scale[back == MPS_C2S ? 0 : 1];
    for (size_t i = 0; packets && scale != MPS_NONE && i < count; i++)
        if ((packets[i].flags & MPS_TCP_ACK) && !(packets[i].flags & (MPS_TCP_SYN | MPS_TCP_RST)))
            greatest = MAX(greatest, (uint64_t)packets[i].window << scale);
    if (scale == MPS_NONE)
        return MPS_NOT_KNOWN("the window scale was not captured");
    return greatest > 0 ? MPS_KNOWN((double)greatest) : MPS_NOT_KNOWN("no window was captured");
}

mps_quantity mps_seen_unacknowledged(const mps_trace *trace, mps_near near, uint32_t connection,
                                     mps_direction direction)
{
    mps_quantity most = MPS_NOT_KNOWN("the capture was not made near the sender");
    GArray *rows = mps_limit_rows_of(mps_trace_tracker(trace), connection, near, direction);
    for (guint i = 0; i < rows->len; i++) {
        const mps_limit_row *row = &g_array_index(rows, mps_limit_row, i);
        if (row->subflow == MPS_NONE && row->vantage == MPS_VANTAGE_SENDER)
            most = row->limits.bytes > 0 ? MPS_KNOWN((double)row->limits.max_flight)
                                         : MPS_NOT_KNOWN("no data were captured");
    }
    mps_limit_rows_free(rows);
    return most;
}
