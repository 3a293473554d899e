/* kind_acksize.c: the plot "acksize": how many bytes each DATA_ACK newly covers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/data_ack.h"
#include "plot_internal.h"

static void draw_direction(const mps_plot_subject *subject, mps_panel *panel, const void *frames)
{
    const mps_curve points = {.style = MPS_CURVE_POINTS};
    const uint32_t number = subject->connection.number;
    const mps_space *space =
        mps_tracker_connection_at(subject->tracker, number)->space[panel->direction];
    GPtrArray *curves = mps_plot_subflow_curves(subject, panel, &points, "DATA_ACK");
    GArray *acks = mps_data_acks(subject->tracker,
                                 mps_analysis_space(subject->tracker, number, panel->direction));
    uint64_t before = space->initial + 1; /* the first byte of data */
    bool known = space->initial_known;
    for (guint i = 0; i < acks->len; i++) {
        const mps_data_ack *ack = &g_array_index(acks, mps_data_ack, i);
        const uint64_t end = space->has_fin ? MIN(ack->ack, space->fin) : ack->ack; /* of data */
        const uint32_t frame = (uint32_t)ack->moment.place;
        const uint32_t subflow =
            mps_plot_subflow(subject, mps_plot_frame_at(frames, frame)->half_id / 2);
        if (known && end > before && subflow != MPS_NONE)
            mps_curve_add(curves->pdata[subflow], mps_plot_time(subject, ack->moment.time),
                          (double)(end - before), 0, frame);
        before = known ? MAX(before, end) : end;
        known = true;
    }
    g_array_free(acks, TRUE);
    g_ptr_array_free(curves, TRUE);
}

static void draw(const mps_plot_subject *subject, mps_picture *picture)
{
    GArray *frames = mps_plot_frames(subject->tracker);
    mps_plot_each_direction(subject, picture, draw_direction, frames);
    g_array_free(frames, TRUE);
}

const mps_plot_kind mps_plot_acksize = {
    .name = "acksize",
    .title = "Bytes that DATA_ACKs newly cover",
    .about = "how many bytes each DATA_ACK newly covers",
    .by_subflow = true,
    .least = 1,
    .most = 1,
    .needs = MPS_NEED_TRANSMISSIONS | MPS_NEED_SERIES | MPS_NEED_RTT,
    .over_time = true,
    .x = MPS_PLOT_TIME_AXIS,
    .y = {.quantity = MPS_QUANTITY_BYTES,
          .label = "newly acknowledged",
          .column = "bytes",
          .logarithmic = true},
    .missing = "DATA_ACKs of data",
    .draw = draw,
};
