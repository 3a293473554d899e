/* reinjection_totals.c: the second table of the report "reinjections": what was reinjected, between
 * which subflows, and how often bytes were sent. A row per connection and direction; for windows
 * also a row per pair of subflows and per number of times.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/transmissions.h"
#include "connection_columns.h"
#include "report_internal.h"

static const mps_column columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "data_bytes", MPS_VALUE_UINT, "Data bytes", NULL, 0},
    {NULL, "reinjections", MPS_VALUE_UINT, "Reinjections", NULL, 0},
    {NULL, "reinjected_bytes", MPS_VALUE_UINT, "Bytes", NULL, 0},
    {NULL, "ratio", MPS_VALUE_REAL, "Ratio", "%", 2},
    {NULL, "acked_bytes", MPS_VALUE_UINT, "Acked", NULL, 0},
    {NULL, "moves", MPS_VALUE_JSON, "From>to:bytes", NULL, 0},
    {NULL, "histogram", MPS_VALUE_JSON, "Times sent:bytes", NULL, 0},
};

static const mps_column move_columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "from", MPS_VALUE_UINT, "From", NULL, 0},
    {NULL, "to", MPS_VALUE_UINT, "To", NULL, 0},
    {NULL, "bytes", MPS_VALUE_UINT, "Bytes", NULL, 0},
};

static const mps_column histogram_columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "times", MPS_VALUE_UINT, "Times", NULL, 0},
    {NULL, "sent", MPS_VALUE_UINT, "Sent", NULL, 0},
    {NULL, "mapped", MPS_VALUE_UINT, "Mapped", NULL, 0},
};

/* Bytes that were last sent over one subflow and then reinjected over another. */
typedef struct {
    uint32_t from, to; /* ids of the subflows */
    uint64_t bytes;
} mps_move;

/* A data sequence number at which a transmission begins or ends. */
typedef struct {
    uint64_t dsn;
    int sent;   /* 1: it begins, -1: it ends */
    int mapped; /* the same, but 0 if the subflow sequence number was used before */
} mps_sent_edge;

/* How many data bytes were sent a number of times, and how many under that number of subflow
 * sequence numbers. */
typedef struct {
    uint64_t sent, mapped;
} mps_times;

/* What was collected of one direction of a connection. */
typedef struct {
    uint64_t reinjections, bytes, acked_bytes;
    bool acked_unknown;
    bool whole;    /* mps_transmissions_whole() */
    GArray *moves; /* mps_move */
    GArray *edges; /* mps_sent_edge */
} mps_total;

/* @return the total of a half's direction. */
static mps_total *total_of(GArray *totals, const mps_tracker *tracker, uint32_t half_id)
{
    uint32_t connection, subflow, id = half_id / 2;
    mps_tracker_numbers(tracker, id, &connection, &subflow);
    unsigned direction = mps_tracker_direction(tracker, id, half_id % 2);
    return &g_array_index(totals, mps_total, 2 * connection + direction);
}

static void take_transmissions(GArray *totals, const mps_report *report, const mps_tracker *tracker,
                               const mps_transmissions *all)
{
    for (guint i = 0; i < all->sent->len; i++) {
        const mps_transmission *sent = &g_array_index(all->sent, mps_transmission, i);
        if (!mps_report_passed(report, sent->frame))
            continue;
        int mapped = sent->kind != MPS_PIECE_RETRANSMITTED;
        mps_sent_edge edges[2] = {{sent->dsn, 1, mapped}, {sent->dsn + sent->length, -1, -mapped}};
        mps_total *total = total_of(totals, tracker, sent->half_id);
        g_array_append_vals(total->edges, edges, 2);
        total->whole = mps_transmissions_whole(tracker, sent->half_id);
    }
}

static void take_moves(GArray *totals, const mps_report *report, const mps_tracker *tracker,
                       const mps_transmissions *all)
{
    for (guint i = 0; i < all->links->len; i++) {
        const mps_link *link = &g_array_index(all->links, mps_link, i);
        const mps_transmission *sent = &g_array_index(all->sent, mps_transmission, link->later);
        if (sent->kind != MPS_PIECE_REINJECTED || !mps_report_passed(report, sent->frame))
            continue;
        uint32_t from = g_array_index(all->sent, mps_transmission, link->earlier).half_id;
        mps_move move = {from / 2, sent->half_id / 2, link->length};
        g_array_append_val(total_of(totals, tracker, sent->half_id)->moves, move);
    }
}

static void take_reinjections(GArray *totals, const mps_report *report, const mps_tracker *tracker,
                              const mps_transmissions *all)
{
    GArray *acked = mps_reinjections_acked(tracker);
    for (guint i = 0; i < all->reinjections->len; i++) {
        int64_t acked_bytes = g_array_index(acked, int64_t, i);
        const mps_reinjection *one = &g_array_index(all->reinjections, mps_reinjection, i);
        const mps_transmission *sent = &g_array_index(all->sent, mps_transmission, one->first);
        if (!mps_report_passed(report, sent->frame))
            continue;
        mps_total *total = total_of(totals, tracker, sent->half_id);
        total->reinjections++;
        total->bytes += one->bytes;
        total->acked_bytes += (uint64_t)MAX(acked_bytes, 0);
        total->acked_unknown |= acked_bytes < 0;
    }
    g_array_free(acked, TRUE);
}

static gint compare_moves(gconstpointer a, gconstpointer b)
{
    const mps_move *x = a, *y = b;
    if (x->from != y->from)
        return x->from > y->from ? 1 : -1;
    return (x->to > y->to) - (x->to < y->to);
}

/* Put moves in order, and sum them up for each pair of subflows. */
static void sum_moves(GArray *moves)
{
    guint count = 0;
    g_array_sort(moves, compare_moves);
    mps_move *all = (mps_move *)moves->data;
    for (guint i = 0; i < moves->len; i++) {
        if (count > 0 && compare_moves(&all[count - 1], &all[i]) == 0)
            all[count - 1].bytes += all[i].bytes;
        else
            all[count++] = all[i];
    }
    g_array_set_size(moves, count);
}

/* Append the list of moves. */
static void add_moves(mps_table *table, const mps_tracker *tracker, GArray *moves)
{
    GString *json = g_string_new("["), *text = g_string_new(NULL);
    sum_moves(moves);
    for (guint i = 0; i < moves->len; i++) {
        const mps_move *move = &g_array_index(moves, mps_move, i);
        uint32_t from = mps_report_subflow_number(tracker, move->from);
        uint32_t to = mps_report_subflow_number(tracker, move->to);
        g_string_append_printf(json,
                               "%s{\"from\": %u, \"to\": %u, \"bytes\": %" G_GUINT64_FORMAT "}",
                               json->len > 1 ? ", " : "", from, to, move->bytes);
        g_string_append_printf(text, "%s%u>%u:%" G_GUINT64_FORMAT, text->len ? " " : "", from, to,
                               move->bytes);
    }
    g_string_append_c(json, ']');
    mps_table_add_json(table, g_string_free(json, FALSE), g_string_free(text, FALSE));
}

static gint compare_edges(gconstpointer a, gconstpointer b)
{
    const mps_sent_edge *x = a, *y = b;
    return (x->dsn > y->dsn) - (x->dsn < y->dsn);
}

/* Count how often each byte was sent, in the order of data sequence numbers.
 * @return mps_times by the number of times, from 0; the caller frees the array */
static GArray *count_times(GArray *edges)
{
    GArray *histogram = g_array_new(FALSE, TRUE, sizeof(mps_times));
    int sent = 0, mapped = 0;
    g_array_sort(edges, compare_edges);
    for (guint i = 0; i < edges->len; i++) {
        const mps_sent_edge *edge = &g_array_index(edges, mps_sent_edge, i);
        sent += edge->sent;
        mapped += edge->mapped;
        uint64_t bytes = i + 1 < edges->len ? edge[1].dsn - edge->dsn : 0;
        if (bytes == 0)
            continue;
        if ((guint)sent >= histogram->len)
            g_array_set_size(histogram, (guint)sent + 1);
        g_array_index(histogram, mps_times, sent).sent += bytes;
        g_array_index(histogram, mps_times, mapped).mapped += bytes;
    }
    return histogram;
}

static void add_histogram(mps_table *table, GArray *edges)
{
    GArray *histogram = count_times(edges);
    GString *json = g_string_new("["), *text = g_string_new(NULL);
    for (guint i = 1; i < histogram->len; i++) {
        const mps_times *times = &g_array_index(histogram, mps_times, i);
        if (times->sent + times->mapped == 0)
            continue;
        g_string_append_printf(json,
                               "%s{\"times\": %u, \"sent\": %" G_GUINT64_FORMAT
                               ", \"mapped\": %" G_GUINT64_FORMAT "}",
                               json->len > 1 ? ", " : "", i, times->sent, times->mapped);
        if (times->sent > 0)
            g_string_append_printf(text, "%s%u:%" G_GUINT64_FORMAT, text->len ? " " : "", i,
                                   times->sent);
    }
    g_string_append_c(json, ']');
    mps_table_add_json(table, g_string_free(json, FALSE), g_string_free(text, FALSE));
    g_array_free(histogram, TRUE);
}

/* Appends what a direction of a connection has to a table. @param data  new bytes */
typedef void (*filler)(mps_table *table, const mps_tracker *tracker, uint32_t connection,
                       unsigned direction, int64_t data, const mps_total *total);

static void add_move_rows(mps_table *table, const mps_tracker *tracker, uint32_t connection,
                          unsigned direction, int64_t data, const mps_total *total)
{
    (void)data;
    sum_moves(total->moves);
    for (guint i = 0; total->whole && i < total->moves->len; i++) {
        const mps_move *move = &g_array_index(total->moves, mps_move, i);
        mps_table_add(table, MPS_UINT(connection));
        mps_table_add_direction(table, direction);
        mps_table_add(table, MPS_UINT(mps_report_subflow_number(tracker, move->from)));
        mps_table_add(table, MPS_UINT(mps_report_subflow_number(tracker, move->to)));
        mps_table_add(table, MPS_UINT(move->bytes));
    }
}

static void add_histogram_rows(mps_table *table, const mps_tracker *tracker, uint32_t connection,
                               unsigned direction, int64_t data, const mps_total *total)
{
    (void)tracker;
    (void)data;
    GArray *histogram = count_times(total->edges);
    for (guint i = 1; total->whole && i < histogram->len; i++) {
        const mps_times *times = &g_array_index(histogram, mps_times, i);
        if (times->sent + times->mapped == 0)
            continue;
        mps_table_add(table, MPS_UINT(connection));
        mps_table_add_direction(table, direction);
        mps_table_add(table, MPS_UINT(i));
        mps_table_add(table, MPS_UINT(times->sent));
        mps_table_add(table, MPS_UINT(times->mapped));
    }
    g_array_free(histogram, TRUE);
}

static void add_row(mps_table *table, const mps_tracker *tracker, uint32_t connection,
                    unsigned direction, int64_t data, const mps_total *total)
{
    mps_table_add(table, MPS_UINT(connection));
    mps_table_add_direction(table, direction);
    mps_table_add(table, MPS_UINT(MAX(data, 0)));
    mps_table_add(table, MPS_UINT(total->reinjections));
    mps_table_add(table, MPS_UINT(total->bytes));
    mps_table_add_ratio(table, (double)total->bytes, (double)data);
    mps_table_add(table, total->acked_unknown ? MPS_NULL : MPS_UINT(total->acked_bytes));
    if (!total->whole) {
        mps_table_add(table, MPS_NULL);
        mps_table_add(table, MPS_NULL);
        return;
    }
    add_moves(table, tracker, total->moves);
    add_histogram(table, total->edges);
}

static void add_directions(mps_table *table, const mps_report *report, const mps_tracker *tracker,
                           uint32_t number, const mps_total totals[2], filler fill)
{
    mps_counts counts[2] = {{0}};
    mps_report_add_connection(report, tracker, number, counts);
    for (unsigned direction = 0; direction < 2; direction++)
        if (totals[direction].edges->len > 0)
            fill(table, tracker, number, direction, counts[direction].data, &totals[direction]);
}

static void fill_table(const mps_report *report, const mps_tracker *tracker, mps_table *table,
                       filler fill)
{
    const mps_transmissions *all = mps_transmissions_of(tracker);
    if (!all)
        return;
    uint32_t count = mps_tracker_connections(tracker);
    GArray *totals = g_array_sized_new(FALSE, TRUE, sizeof(mps_total), 2 * count);
    g_array_set_size(totals, 2 * count);
    for (guint i = 0; i < totals->len; i++) {
        mps_total *total = &g_array_index(totals, mps_total, i);
        total->moves = g_array_new(FALSE, FALSE, sizeof(mps_move));
        total->edges = g_array_new(FALSE, FALSE, sizeof(mps_sent_edge));
    }
    take_transmissions(totals, report, tracker, all);
    take_moves(totals, report, tracker, all);
    take_reinjections(totals, report, tracker, all);
    for (uint32_t number = 0; number < count; number++)
        if (mps_report_wants(report, number))
            add_directions(table, report, tracker, number,
                           &g_array_index(totals, mps_total, 2 * number), fill);
    for (guint i = 0; i < totals->len; i++) {
        mps_total *total = &g_array_index(totals, mps_total, i);
        g_array_free(total->moves, TRUE);
        g_array_free(total->edges, TRUE);
    }
    g_array_free(totals, TRUE);
}

static void rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    fill_table(report, tracker, table, add_row);
}

static void move_rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    fill_table(report, tracker, table, add_move_rows);
}

static void histogram_rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    fill_table(report, tracker, table, add_histogram_rows);
}

const mps_report_kind mps_report_reinjection_totals = {
    .name = "totals",
    .title = "By connection and direction",
    .empty = "No data passed whose data sequence numbers are known.",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .rows = rows,
};

const mps_report_kind mps_report_reinjection_moves = {
    .name = "moves",
    .title = "by pair of subflows",
    .empty = "No data was sent again under another subflow sequence number.",
    .columns = move_columns,
    .column_count = G_N_ELEMENTS(move_columns),
    .rows = move_rows,
};

const mps_report_kind mps_report_reinjection_histogram = {
    .name = "histogram",
    .title = "how often bytes were sent",
    .empty = "No data passed whose data sequence numbers are known.",
    .columns = histogram_columns,
    .column_count = G_N_ELEMENTS(histogram_columns),
    .rows = histogram_rows,
};
