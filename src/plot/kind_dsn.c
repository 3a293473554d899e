/* kind_dsn.c: the plot "dsn": data sequence numbers over time, as tcptrace draws sequence numbers:
 * each segment is a stroke from its first to its last byte, DATA_ACK and window are lines.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/data_ack.h"
#include "analysis/events.h"
#include "analysis/series.h"
#include "analysis/transmissions.h"
#include "plot_internal.h"
#include <math.h>

/* The kinds of transmissions, in the order in which they are drawn. */
static const struct {
    mps_curve_mark mark;
    unsigned piece; /* MPS_PIECE_* */
    const char *name;
} sent_as[] = {
    {MPS_MARK_NONE, MPS_PIECE_NEW, "data"},
    {MPS_MARK_RETRANSMITTED, MPS_PIECE_RETRANSMITTED, "retransmitted"},
    {MPS_MARK_REINJECTED, MPS_PIECE_REINJECTED, "reinjected"},
};

/* A direction that is drawn. */
typedef struct {
    const mps_plot_subject *subject;
    mps_panel *panel;
    uint32_t space_id;
    uint64_t base; /* extended number that is shown as 0 */
} dsn_panel;

/* @return the height of an extended data sequence number */
static double height_of(const dsn_panel *dsn, uint64_t number)
{
    return (double)(int64_t)(number - dsn->base);
}

/* @return whether a transmission is of the panel. @param subflow  set to its number */
static bool is_of(const dsn_panel *dsn, const mps_transmission *sent, uint32_t *subflow)
{
    *subflow = mps_plot_subflow(dsn->subject, sent->half_id / 2);
    return *subflow != MPS_NONE && mps_plot_half_is_of(dsn->subject, dsn->panel, sent->half_id);
}

/* Set the number that is shown as 0: the IDSN, so that the first byte has number 1; if that is not
 * known, the lowest number that was captured. @return false: there is no data */
static bool find_base(dsn_panel *dsn, const GArray *sent)
{
    const mps_connection *connection =
        mps_tracker_connection_at(dsn->subject->tracker, dsn->subject->connection.number);
    const mps_space *space = connection->space[dsn->panel->direction];
    bool any = false;
    uint32_t subflow;
    for (guint i = 0; i < sent->len; i++) {
        const mps_transmission *one = &g_array_index(sent, mps_transmission, i);
        if (!is_of(dsn, one, &subflow))
            continue;
        dsn->base = any ? MIN(dsn->base, one->dsn) : one->dsn;
        any = true;
    }
    if (space->initial_known)
        dsn->base = space->initial;
    return any;
}

static void draw_sent(const dsn_panel *dsn, const GArray *sent)
{
    GPtrArray *curves[G_N_ELEMENTS(sent_as)];
    for (unsigned k = 0; k < G_N_ELEMENTS(sent_as); k++) {
        const mps_curve strokes = {.style = MPS_CURVE_STROKES, .mark = sent_as[k].mark};
        curves[k] = mps_plot_subflow_curves(dsn->subject, dsn->panel, &strokes, sent_as[k].name);
    }
    for (guint i = 0; i < sent->len; i++) {
        const mps_transmission *one = &g_array_index(sent, mps_transmission, i);
        uint32_t subflow;
        unsigned k = 0;
        if (!is_of(dsn, one, &subflow))
            continue;
        while (k + 1 < G_N_ELEMENTS(sent_as) && sent_as[k].piece != one->kind)
            k++;
        mps_curve_add(curves[k]->pdata[subflow], mps_plot_time(dsn->subject, one->time),
                      height_of(dsn, one->dsn), height_of(dsn, one->dsn + one->length), one->frame);
    }
    for (unsigned k = 0; k < G_N_ELEMENTS(sent_as); k++) {
        for (guint i = 0; i < curves[k]->len; i++)
            mps_curve_sort(curves[k]->pdata[i]);
        g_ptr_array_free(curves[k], TRUE);
    }
}

/* @return when DATA_ACKs end, because the connection falls back to TCP, ns; INT64_MAX: never */
static int64_t end_of_acks(const dsn_panel *dsn)
{
    const GArray *items = mps_series_items(dsn->subject->tracker);
    for (guint i = 0; i < items->len; i++) {
        const mps_series_item *item = &g_array_index(items, mps_series_item, i);
        if (item->space_id[1] == dsn->space_id && !item->data_level)
            return item->time;
    }
    return INT64_MAX;
}

static void end_line(const dsn_panel *dsn, mps_curve *line, int64_t end)
{
    if (end != INT64_MAX && line->dots->len > 0)
        mps_curve_add(line, mps_plot_time(dsn->subject, end), NAN, NAN, 0);
}

static void draw_acks(const dsn_panel *dsn, int64_t end)
{
    mps_curve *line =
        mps_plot_line(dsn->panel, MPS_CURVE_STEPS, MPS_ROLE_CONNECTION, "DATA_ACK", "DATA_ACK");
    GArray *acks = mps_data_acks(dsn->subject->tracker, dsn->space_id);
    for (guint i = 0; i < acks->len; i++) {
        const mps_data_ack *ack = &g_array_index(acks, mps_data_ack, i);
        mps_curve_add(line, mps_plot_time(dsn->subject, ack->moment.time), height_of(dsn, ack->ack),
                      NAN, (uint32_t)ack->moment.place);
    }
    end_line(dsn, line, end);
    g_array_free(acks, TRUE);
}

/* Draw the highest number that the receiver allows: DATA_ACK and window.
 * @param order  of mps_series_by_time() */
static void draw_window(const dsn_panel *dsn, const GArray *order, int64_t end)
{
    mps_curve *line =
        mps_plot_line(dsn->panel, MPS_CURVE_STEPS, MPS_ROLE_LIMIT, "window edge", "window edge");
    const GArray *items = mps_series_items(dsn->subject->tracker);
    mps_plot_window_edge window = {.space_id = dsn->space_id};
    for (guint i = 0; i < items->len; i++) {
        const mps_series_item *item = mps_series_at(items, order, i);
        if (mps_plot_window_take(&window, dsn->base, item))
            mps_curve_add(line, mps_plot_time(dsn->subject, item->time),
                          height_of(dsn, window.edge), NAN, item->frame);
    }
    end_line(dsn, line, end);
}

static void draw_direction(const mps_plot_subject *subject, mps_panel *panel, const void *order)
{
    const GArray *sent = mps_transmissions_of(subject->tracker)->sent;
    dsn_panel dsn = {.subject = subject,
                     .panel = panel,
                     .space_id = mps_analysis_space(subject->tracker, subject->connection.number,
                                                    panel->direction)};
    if (!find_base(&dsn, sent))
        return;
    const int64_t end = end_of_acks(&dsn);
    draw_window(&dsn, order, end);
    draw_acks(&dsn, end);
    draw_sent(&dsn, sent);
}

/* @return whether an event is a tick. An infinite mapping is one as a fallback. */
static bool is_tick(const mps_event *event, mps_event_kind kind)
{
    if (!event->fallback && event->subtype == MPS_DSS && !event->is_fin)
        return false;
    switch (kind) {
    case MPS_EVENT_MP_JOIN:
    case MPS_EVENT_ADD_ADDR:
    case MPS_EVENT_REMOVE_ADDR:
    case MPS_EVENT_MP_PRIO:
    case MPS_EVENT_MP_FAIL:
    case MPS_EVENT_MP_FASTCLOSE:
    case MPS_EVENT_MP_TCPRST:
    case MPS_EVENT_DATA_FIN:
    case MPS_EVENT_FALLBACK:
        return true;
    default:
        return false;
    }
}

/* Add the events of the connection; of a join only the first segment. */
static void draw_events(const mps_plot_subject *subject, mps_picture *picture)
{
    const GArray *events = mps_events(subject->tracker);
    bool *joined = g_new0(bool, subject->connection.subflow_count);
    for (guint i = 0; i < events->len; i++) {
        const mps_event *event = &g_array_index(events, mps_event, i);
        mps_option option = {0};
        const uint32_t subflow = mps_plot_subflow(subject, event->subflow);
        if (subflow == MPS_NONE)
            continue;
        if (!event->fallback)
            option = mps_event_option(subject->tracker, event);
        const mps_event_kind kind = mps_event_kind_of(event, &option);
        if (!is_tick(event, kind) || (kind == MPS_EVENT_MP_JOIN && joined[subflow]))
            continue;
        joined[subflow] |= kind == MPS_EVENT_MP_JOIN;
        const mps_tick tick = {
            mps_plot_time(subject, event->time),
            mps_event_name(kind),
            event->frame,
            subflow,
            kind == MPS_EVENT_MP_JOIN || kind == MPS_EVENT_MP_PRIO || kind == MPS_EVENT_MP_TCPRST,
            kind == MPS_EVENT_DATA_FIN,
            mps_tracker_direction(subject->tracker, event->subflow, event->half)};
        mps_picture_tick(picture, &tick);
    }
    g_free(joined);
}

static void draw(const mps_plot_subject *subject, mps_picture *picture)
{
    GArray *order = mps_series_by_time(subject->tracker);
    mps_plot_each_direction(subject, picture, draw_direction, order);
    g_array_free(order, TRUE);
    draw_events(subject, picture);
}

const mps_plot_kind mps_plot_dsn = {
    .name = "dsn",
    .title = "Data sequence",
    .about = "data sequence numbers over time, with DATA_ACKs, the window and events",
    .by_subflow = true,
    .has_xplot = true,
    .least = 1,
    .most = 1,
    .needs = MPS_NEED_TRANSMISSIONS | MPS_NEED_SERIES | MPS_NEED_RTT | MPS_NEED_EVENTS,
    .over_time = true,
    .x = MPS_PLOT_TIME_AXIS,
    .y = {.quantity = MPS_QUANTITY_BYTES,
          .label = "data sequence number",
          .column = "dsn",
          .until = "dsn_end",
          .from_any = true},
    .missing = "data whose sequence numbers are known",
    .draw = draw,
};
