/* flow_series.c: the rows of the report "limits", from the flow series of a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "flow_series.h"
#include "base/times.h"
#include "event_source.h"
#include "path_samples.h"

/* What the rows of a connection are built from. */
typedef struct {
    mps_limit_path *paths; /* the subflows, in their order */
    uint32_t count;        /* of them */
    mps_direction direction;
    mps_near near;
    mps_limit_flow_series shared; /* what all series of the direction have in common */
    GArray *sends;                /* see mps_limit_flow_series.sends */
    GArray *rows;                 /* mps_limit_row */
} series_builder;

/* What the events of a series show all together. */
typedef struct {
    mps_outlook outlook;
    mps_capacity capacity;
    guint sampled, queued;
} series_survey;

/* Look at all events of a series. @param row  `frame` and `window_unknown` are set
 *  @param sends  when new data was sent is appended; NULL: not wanted */
static void survey(const mps_limit_events *events, series_survey *found, mps_limit_row *row,
                   GArray *sends)
{
    const mps_limit_event *event;
    row->window_unknown = true;
    events->begin(events->data);
    while ((event = events->next(events->data))) {
        mps_outlook_add(&found->outlook, event);
        mps_capacity_take(&found->capacity, event);
        found->sampled += event->sampled;
        found->queued += event->queued;
        row->window_unknown &= !event->has_window_edge;
        if (event->kind != MPS_LIMIT_EVENT_SEND)
            continue;
        row->frame = row->frame ? row->frame : event->frame;
        if (sends)
            g_array_append_val(sends, event->time);
    }
}

/* @return the share of its path's capacity that a subflow used; 0: the capacity is not known.
 * @param capacity  bytes per ns */
static double used_share(const mps_limits *limits, double capacity)
{
    int64_t duration = mps_minus(limits->end, limits->start);
    return capacity > 0 && duration > 0 ? (double)limits->bytes / (double)duration / capacity : 0;
}

/* Run the state machine over a flow series, and append its row.
 * @param series  `events` and `outlook` are set
 * @param sends   see survey()
 * @return the row; valid until another is appended */
static mps_limit_row *add_row(series_builder *builder, mps_event_source *source,
                              mps_limit_flow_series series, uint32_t subflow, GArray *sends)
{
    mps_limit_row row = {
        .subflow = subflow,
        .direction = builder->direction,
        .vantage = mps_vantage_of(builder->near, builder->direction),
    };
    series_survey found = {0};
    series.events = mps_event_source_events(source);
    series.outlook = &found.outlook;
    survey(&series.events, &found, &row, sends);
    mps_limits_run(&series, &row.limits);
    row.queued = found.sampled ? (double)found.queued / found.sampled : 0;
    row.used = used_share(&row.limits, found.capacity.most);
    mps_outlook_clear(&found.outlook);
    mps_event_source_free(source);
    g_array_append_val(builder->rows, row);
    return &g_array_index(builder->rows, mps_limit_row, builder->rows->len - 1);
}

/* Append the row of the data level. @return its number */
static guint data_row(series_builder *builder)
{
    mps_limit_flow_series *shared = &builder->shared;
    mps_event_source *source = mps_event_source_new(builder->paths, builder->count,
                                                    builder->direction, MPS_EVENTS_OF_DATA);
    *shared = (mps_limit_flow_series){.full_payload = 1, .least_rtt = INT64_MAX};
    for (uint32_t i = 0; i < builder->count; i++) {
        const mps_limit_path *path = &builder->paths[i];
        shared->full_payload = MAX(shared->full_payload, path->full_payload[builder->direction]);
        shared->least_rtt = MIN(shared->least_rtt, path->least_rtt[builder->direction]);
    }
    shared->closed = add_row(builder, source, *shared, MPS_NONE, builder->sends)->limits.closed;
    shared->sends = builder->sends;
    return builder->rows->len - 1;
}

static const mps_limit_row *subflow_row(series_builder *builder, uint32_t number)
{
    const mps_limit_path *path = &builder->paths[number];
    mps_limit_flow_series series = builder->shared;
    series.least_rtt = path->least_rtt[builder->direction];
    return add_row(builder,
                   mps_event_source_new(path, 1, builder->direction, MPS_EVENTS_OF_SUBFLOW), series,
                   path->id, NULL);
}

/* Append the rows of a direction: the data level, then each subflow. */
static void direction_rows(series_builder *builder, mps_direction direction)
{
    double used = 0, bytes = 0;
    builder->direction = direction;
    g_array_set_size(builder->sends, 0);
    const guint data = data_row(builder);
    for (uint32_t i = 0; i < builder->count; i++) {
        const mps_limit_row *row = subflow_row(builder, i);
        used += row->used * (double)row->limits.bytes;
        bytes += (double)row->limits.bytes;
    }
    g_array_index(builder->rows, mps_limit_row, data).used = bytes > 0 ? used / bytes : 0;
}

/* @return the rows of the directions from `first` to `last` */
static GArray *build_rows(const mps_tracker *tracker, uint32_t number, mps_near near,
                          mps_direction first, mps_direction last)
{
    mps_connection_info info;
    mps_tracker_connection(tracker, number, &info);
    series_builder builder = {
        .paths = g_new(mps_limit_path, MAX(info.subflow_count, 1)),
        .count = info.subflow_count,
        .near = near,
        .sends = g_array_new(FALSE, FALSE, sizeof(int64_t)),
        .rows = g_array_new(FALSE, FALSE, sizeof(mps_limit_row)),
    };
    for (uint32_t i = 0; i < info.subflow_count; i++)
        builder.paths[i] = mps_limit_path_of(tracker, mps_tracker_subflow_id(tracker, number, i));
    for (mps_direction d = first; d <= last; d++)
        direction_rows(&builder, d);
    g_free(builder.paths);
    g_array_free(builder.sends, TRUE);
    return builder.rows;
}

GArray *mps_limit_rows(const mps_tracker *tracker, uint32_t number, mps_near near)
{
    return build_rows(tracker, number, near, MPS_C2S, MPS_S2C);
}

GArray *mps_limit_rows_of(const mps_tracker *tracker, uint32_t number, mps_near near,
                          mps_direction direction)
{
    return build_rows(tracker, number, near, direction, direction);
}

void mps_limit_rows_free(GArray *rows)
{
    for (guint i = 0; i < rows->len; i++)
        g_array_free(g_array_index(rows, mps_limit_row, i).limits.closed, TRUE);
    g_array_free(rows, TRUE);
}
