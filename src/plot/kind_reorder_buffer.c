/* kind_reorder_buffer.c: the plot "reorder-buffer": data that arrived and could not be delivered
 * yet, because data before it was missing, by the subflow that brought it; as the report
 * "reordering" follows it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/reordering.h"
#include "base/times.h"
#include "plot_internal.h"
#include <string.h>

/* Bytes that leave the buffer. */
typedef struct {
    int64_t time;
    uint32_t subflow, length, frame;
} departure;

/* Bytes that enter it; `hold` as in mps_arrival. */
typedef struct {
    int64_t time, hold;
    int64_t in_order; /* latest time of data in order since the entry before; INT64_MIN: none */
    uint32_t subflow, length, frame;
} entry;

/* The buffer of a direction. */
typedef struct {
    const mps_plot_subject *subject;
    GPtrArray *curves; /* of the subflows */
    GArray *entering;  /* entry, in the order of their arrival */
    int64_t in_order;  /* of the next entry */
    GArray *leaving;   /* departure, by time */
    guint left;        /* how many of them have left */
    double *held;      /* bytes by number of the subflow */
} reorder_buffer;

static gint compare_departures(gconstpointer a, gconstpointer b)
{
    const departure *x = a, *y = b;
    return (x->time > y->time) - (x->time < y->time);
}

static void take_arrival(const mps_arrival *arrival, uint32_t level, void *data)
{
    reorder_buffer *buffer = data;
    (void)level; /* there is only data */
    if (arrival->hold == 0) {
        buffer->in_order = MAX(buffer->in_order, arrival->time);
        return;
    }
    const entry enters = {.time = arrival->time,
                          .hold = arrival->hold,
                          .in_order = buffer->in_order,
                          .subflow = mps_plot_subflow(buffer->subject, arrival->subflow),
                          .length = arrival->length,
                          .frame = arrival->frame};
    g_array_append_val(buffer->entering, enters);
    buffer->in_order = INT64_MIN;
}

static void find_departures(reorder_buffer *buffer)
{
    for (guint i = 0; i < buffer->entering->len; i++) {
        const entry *entered = &g_array_index(buffer->entering, entry, i);
        if (entered->hold <= 0 || entered->subflow == MPS_NONE) /* also those that stay */
            continue;
        const departure leaves = {mps_plus(entered->time, entered->hold), entered->subflow,
                                  entered->length, entered->frame};
        g_array_append_val(buffer->leaving, leaves);
    }
    g_array_sort(buffer->leaving, compare_departures);
}

static void change(reorder_buffer *buffer, int64_t time, uint32_t subflow, double bytes,
                   uint32_t frame)
{
    buffer->held[subflow] += bytes;
    mps_curve_add(buffer->curves->pdata[subflow], mps_plot_time(buffer->subject, time),
                  buffer->held[subflow], 0, frame);
}

/* Let go what leaves until a moment. @param with  also at that moment itself */
static void leave(reorder_buffer *buffer, int64_t time, bool with)
{
    for (; buffer->left < buffer->leaving->len; buffer->left++) {
        const departure *next = &g_array_index(buffer->leaving, departure, buffer->left);
        if (next->time > time || (next->time == time && !with))
            break;
        change(buffer, next->time, next->subflow, -(double)next->length, next->frame);
    }
}

/* Arrivals are in the order of time: what is in order lets go what it completes. */
static void follow(reorder_buffer *buffer)
{
    find_departures(buffer);
    for (guint i = 0; i < buffer->entering->len; i++) {
        const entry *enters = &g_array_index(buffer->entering, entry, i);
        leave(buffer, enters->in_order, true);
        leave(buffer, enters->time, false);
        if (enters->subflow != MPS_NONE)
            change(buffer, enters->time, enters->subflow, enters->length, enters->frame);
    }
    leave(buffer, INT64_MAX, true);
}

/* Say in the panel's title which end the capture shows, which the report knows. */
static void name_vantage(const mps_plot_subject *subject, const mps_table *rows, mps_panel *panel)
{
    for (unsigned row = 0; row < rows->row_count; row++) {
        const mps_value *near = mps_table_value(rows, row, mps_plot_column(rows, NULL, "near"));
        if (!mps_plot_row_is_of(subject, panel, rows, row) || near->type != MPS_VALUE_STRING)
            continue;
        char *title = g_strdup_printf("%s, captured %s%s", panel->title,
                                      strcmp(near->string, "middle") == 0 ? "in the " : "near the ",
                                      near->string);
        g_free(panel->title);
        panel->title = title;
        return;
    }
}

static void draw_direction(const mps_plot_subject *subject, mps_panel *panel, const void *rows)
{
    const mps_curve stack = {.style = MPS_CURVE_STACK};
    reorder_buffer buffer = {
        .subject = subject,
        .curves = mps_plot_subflow_curves(subject, panel, &stack, "held"),
        .entering = g_array_new(FALSE, FALSE, sizeof(entry)),
        .in_order = INT64_MIN,
        .leaving = g_array_new(FALSE, FALSE, sizeof(departure)),
        .held = g_new0(double, subject->connection.subflow_count),
    };
    mps_reordering_replay(subject->tracker, subject->connection.number, panel->direction, true,
                          take_arrival, &buffer);
    follow(&buffer);
    g_free(buffer.held);
    g_array_free(buffer.entering, TRUE);
    g_array_free(buffer.leaving, TRUE);
    g_ptr_array_free(buffer.curves, TRUE);
    name_vantage(subject, rows, panel);
}

static void draw(const mps_plot_subject *subject, mps_picture *picture)
{
    mps_table *rows = mps_report_table(subject->report, subject->tracker);
    mps_plot_each_direction(subject, picture, draw_direction, rows);
    mps_table_free(rows);
}

const mps_plot_kind mps_plot_reorder_buffer = {
    .name = "reorder-buffer",
    .title = "Data held until data before it came",
    .about = "data that waited for data before it",
    .by_subflow = true,
    .least = 1,
    .most = 1,
    .report = "reordering",
    .over_time = true,
    .x = MPS_PLOT_TIME_AXIS,
    .y = {.quantity = MPS_QUANTITY_BYTES, .label = "held", .column = "bytes"},
    .missing = "data out of order",
    .draw = draw,
};
