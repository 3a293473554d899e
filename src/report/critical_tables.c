/* critical_tables.c: makes the tables of critical paths.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "critical_tables.h"
#include "base/decimal.h"
#include "table/colours.h"

/* In tables of all paths, the path comes first. In the lists of a path it is left out. */
#define OF_PATH                                                                                    \
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},                                         \
        {NULL, "plain_stream", MPS_VALUE_UINT, "Stream", NULL, 0},                                 \
    {                                                                                              \
        NULL, "path_direction", MPS_VALUE_STRING, "Path", NULL, 0                                  \
    }
#define OF_PATH_COLUMNS 3u

static const mps_column class_columns[] = {
    OF_PATH,
    {NULL, "class", MPS_VALUE_STRING, "Class", NULL, 0},
    MPS_COLUMN_MS(NULL, "time", "Time"),
    {NULL, "share", MPS_VALUE_REAL, "Share", "%", 1},
};

static const mps_column cause_columns[] = {
    OF_PATH,
    {NULL, "cause", MPS_VALUE_STRING, "Cause", NULL, 0},
    {NULL, "why", MPS_VALUE_STRING, "Waited for", NULL, 0},
    {NULL, "detail", MPS_VALUE_STRING, "Detail", NULL, 0},
    {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},
    {NULL, "tcp_stream", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "pieces", MPS_VALUE_UINT, NULL, NULL, 0},
    MPS_COLUMN_MS(NULL, "time", "Time"),
    {NULL, "share", MPS_VALUE_REAL, "Share", "%", 1},
};

static const mps_column piece_columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0}, /* as OF_PATH, but narrower in text */
    {NULL, "plain_stream", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "path_direction", MPS_VALUE_STRING, "Path", NULL, 0},
    {NULL, "from_capture", MPS_VALUE_STRING, "From", NULL, 0},
    {NULL, "from_frame", MPS_VALUE_UINT, "Frame", NULL, 0},
    {NULL, "from_time", MPS_VALUE_TIME, NULL, NULL, 0},
    {NULL, "from_relative", MPS_VALUE_SECONDS, "Since start", "ms", 3},
    {NULL, "to_capture", MPS_VALUE_STRING, "To", NULL, 0},
    {NULL, "to_frame", MPS_VALUE_UINT, "Frame", NULL, 0},
    {NULL, "to_time", MPS_VALUE_TIME, NULL, NULL, 0},
    MPS_COLUMN_MS(NULL, "time", "Time"),
    {NULL, "cause", MPS_VALUE_STRING, "Cause", NULL, 0},
    {NULL, "why", MPS_VALUE_STRING, "Waited for", NULL, 0},
    {NULL, "detail", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "class", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
};

/* Seconds, so that all classes fit on a line of text. */
#define CLASS_COLUMN(name, title)                                                                  \
    {                                                                                              \
        "classes", name, MPS_VALUE_SECONDS, title, NULL, 3                                         \
    }

static const mps_column interval_columns[] = {
    OF_PATH,
    {NULL, "start", MPS_VALUE_TIME, NULL, NULL, 0},
    {NULL, "start_relative", MPS_VALUE_SECONDS, "Start", NULL, 3},
    {NULL, "length", MPS_VALUE_SECONDS, NULL, NULL, 3},
    CLASS_COLUMN("rate", "Rate"),
    CLASS_COLUMN("window", "Window"),
    CLASS_COLUMN("receiver", "Recv."),
    CLASS_COLUMN("sender", "Sender"),
    CLASS_COLUMN("congestion-window", "Cwnd"),
    CLASS_COLUMN("congestion-window-after-loss", "Loss"),
    CLASS_COLUMN("recovery", "Recov."),
    CLASS_COLUMN("held", "Held"),
    CLASS_COLUMN("handshake", "Handsh."),
    CLASS_COLUMN("delivery", "Deliv."),
    CLASS_COLUMN("unexplained", "Unexpl."),
};

static const mps_column row_columns[] = {MPS_CRITICAL_ROW_COLUMNS(NULL, NULL)};

/* Of the second and later lines of a verdict. */
#define VERDICT_INDENT 4u

static void clear_row(gpointer element)
{
    mps_critical_row *row = element;
    mps_critical_path_free(row->path);
    g_array_unref(row->subflows);
    g_free(row->verdict);
}

GArray *mps_critical_rows_new(void)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(mps_critical_row));
    g_array_set_clear_func(rows, clear_row);
    return rows;
}

/* @return how many intervals some paths have, or more than MPS_INTERVAL_FILLED_MAX. A path that has
 * one only does not count */
static int64_t intervals_of(const GArray *rows, int64_t interval)
{
    int64_t count = 0;
    for (guint i = 0; i < rows->len && count <= MPS_INTERVAL_FILLED_MAX; i++) {
        const mps_critical_path *path = g_array_index(rows, mps_critical_row, i).path;
        if (path->reason == MPS_CRITICAL_KNOWN && path->elapsed > interval)
            count += (path->elapsed - 1) / interval + 1;
    }
    return count;
}

mps_critical_extent mps_critical_fitting(const GArray *rows, const mps_critical_extent *extent)
{
    mps_critical_extent fitting = *extent;
    while (fitting.interval > 0 && intervals_of(rows, fitting.interval) > MPS_INTERVAL_FILLED_MAX)
        fitting.interval *= 2;
    return fitting;
}

/* The connection, direction and end of a path, as text. */
static GString *heading_of(const mps_critical_row *row)
{
    GString *heading = g_string_new(NULL);
    if (row->connection != MPS_NONE)
        g_string_append_printf(heading, "Connection %u, ", row->connection);
    else if (row->subflows->len > 0)
        g_string_append_printf(heading, "Plain TCP, stream %d, ",
                               g_array_index(row->subflows, mps_critical_subflow, 0).tcp_stream);
    g_string_append(heading, mps_direction_name(row->direction));
    if (row->end_subflow != MPS_NONE)
        g_string_append_printf(heading, ", up to the last data of subflow %u", row->end_subflow);
    g_string_append(heading, ": ");
    return heading;
}

void mps_critical_write_verdicts(mps_text *out, const GArray *rows)
{
    for (guint i = 0; i < rows->len; i++) {
        const mps_critical_row *row = &g_array_index(rows, mps_critical_row, i);
        const char *reason = mps_critical_reason_text(row->path->reason);
        char *text = reason ? g_strdup_printf("No path: %s.", reason) : g_strdup(row->verdict);
        if (!text)
            continue;
        GString *heading = heading_of(row);
        fprintf(out->file, "%s%s%s", mps_colour_begin(out, MPS_COLOUR_TITLE), heading->str,
                mps_colour_end(out, MPS_COLOUR_TITLE));
        mps_write_wrapped(out, text, heading->len, VERDICT_INDENT);
        g_string_free(heading, TRUE);
        g_free(text);
    }
}

static const mps_critical_subflow *subflow_of(const mps_critical_row *row, uint32_t index)
{
    return &g_array_index(row->subflows, mps_critical_subflow, index);
}

uint32_t mps_critical_subflow_number(const mps_critical_row *row, uint32_t index)
{
    return index == MPS_NONE ? MPS_NONE : subflow_of(row, index)->number;
}

static void add_share(mps_table *table, const mps_critical_row *row, int64_t time)
{
    if (row->path->elapsed > 0)
        mps_table_add(table, MPS_REAL((double)time / (double)row->path->elapsed));
    else
        mps_table_add(table, MPS_NULL);
}

/* Plain TCP has no number of a connection. */
static void add_plain_stream(mps_table *table, const mps_critical_row *row)
{
    const bool plain = row->connection == MPS_NONE && row->subflows->len > 0;
    mps_table_add_known(table, plain ? subflow_of(row, 0)->tcp_stream : -1);
}

/* @param whole  the table is of all paths */
static void add_path(mps_table *table, const mps_critical_row *row, bool whole)
{
    if (!whole)
        return;
    mps_table_add_number(table, row->connection);
    add_plain_stream(table, row);
    mps_table_add_direction(table, row->direction);
}

/* Adds what one path has to a table. @param whole  as above */
typedef void (*filler)(mps_table *table, const mps_critical_row *row, bool whole, int64_t interval);

static void fill_classes(mps_table *table, const mps_critical_row *row, bool whole,
                         int64_t interval)
{
    (void)interval;
    for (unsigned i = 0; i < MPS_CRITICAL_CLASSES; i++) {
        if (whole && row->path->classes[i] == 0)
            continue; /* the list in json has all */
        add_path(table, row, whole);
        mps_table_add_string(table, mps_critical_class_name(i));
        mps_table_add(table, MPS_SECONDS(row->path->classes[i]));
        add_share(table, row, row->path->classes[i]);
    }
}

static void fill_causes(mps_table *table, const mps_critical_row *row, bool whole, int64_t interval)
{
    (void)interval;
    for (guint i = 0; i < row->path->sums->len; i++) {
        const mps_critical_sum *sum = &g_array_index(row->path->sums, mps_critical_sum, i);
        const bool on_subflow = sum->subflow != MPS_NONE;
        add_path(table, row, whole);
        mps_table_add_string(table, mps_critical_cause_name(sum->cause));
        mps_table_add_string(table, mps_critical_why_name(sum->why));
        mps_table_add_string(table, mps_critical_detail_name(sum->detail));
        mps_table_add_number(table, mps_critical_subflow_number(row, sum->subflow));
        mps_table_add_known(table, on_subflow ? subflow_of(row, sum->subflow)->tcp_stream : -1);
        mps_table_add_string(table, on_subflow ? mps_direction_name(sum->direction) : NULL);
        mps_table_add(table, MPS_UINT(sum->pieces));
        mps_table_add(table, MPS_SECONDS(sum->time));
        add_share(table, row, sum->time);
    }
}

static void add_frame(mps_table *table, const mps_critical_row *row,
                      const mps_critical_moment *moment)
{
    mps_table_add_string(table, row->capture[moment->host]);
    mps_table_add(table, MPS_UINT(moment->frame));
    mps_table_add(table, MPS_TIME(moment->time));
}

static void fill_pieces(mps_table *table, const mps_critical_row *row, bool whole, int64_t interval)
{
    (void)interval;
    for (guint i = row->path->pieces->len; i > 0; i--) { /* the path's first piece is the last */
        const mps_critical_piece *piece =
            &g_array_index(row->path->pieces, mps_critical_piece, i - 1);
        const bool on_subflow = piece->subflow != MPS_NONE;
        add_path(table, row, whole);
        add_frame(table, row, &piece->from);
        mps_table_add(table, MPS_SECONDS(piece->from.time - row->path->start));
        add_frame(table, row, &piece->to);
        mps_table_add(table, MPS_SECONDS(piece->to.time - piece->from.time));
        mps_table_add_string(table, mps_critical_cause_name(piece->cause));
        mps_table_add_string(table, mps_critical_why_name(piece->why));
        mps_table_add_string(table, mps_critical_detail_name(piece->detail));
        mps_table_add_string(
            table, mps_critical_class_name(mps_critical_class_of(piece->cause, piece->why)));
        mps_table_add_number(table, mps_critical_subflow_number(row, piece->subflow));
        mps_table_add_string(table, on_subflow ? mps_direction_name(piece->direction) : NULL);
    }
}

static void fill_intervals(mps_table *table, const mps_critical_row *row, bool whole,
                           int64_t interval)
{
    const mps_critical_path *path = row->path;
    GArray *sums = mps_critical_classes_over(path, interval);
    const guint count = sums->len / MPS_CRITICAL_CLASSES;
    for (guint i = 0; i < count; i++) {
        const int64_t from = i * interval;
        add_path(table, row, whole);
        mps_table_add(table, MPS_TIME(path->start + from));
        mps_table_add(table, MPS_SECONDS(from));
        mps_table_add(table, MPS_SECONDS(MIN(interval, path->elapsed - from)));
        for (unsigned k = 0; k < MPS_CRITICAL_CLASSES; k++)
            mps_table_add(table,
                          MPS_SECONDS(g_array_index(sums, int64_t, i * MPS_CRITICAL_CLASSES + k)));
    }
    g_array_free(sums, TRUE);
}

/* The tables with several rows for each path. */
static const struct {
    const mps_column *columns;
    unsigned count;
    filler fill;
} lists[] = {
    [MPS_CRITICAL_LIST_CLASSES] = {class_columns, G_N_ELEMENTS(class_columns), fill_classes},
    [MPS_CRITICAL_LIST_CAUSES] = {cause_columns, G_N_ELEMENTS(cause_columns), fill_causes},
    [MPS_CRITICAL_LIST_PIECES] = {piece_columns, G_N_ELEMENTS(piece_columns), fill_pieces},
    [MPS_CRITICAL_LIST_INTERVALS] = {interval_columns, G_N_ELEMENTS(interval_columns),
                                     fill_intervals},
};

/* Add a list of what a path has, as json alone. */
static void add_list(mps_table *table, const mps_critical_row *row, mps_critical_list list,
                     int64_t interval)
{
    mps_table *of_path =
        mps_table_new(lists[list].columns + OF_PATH_COLUMNS, lists[list].count - OF_PATH_COLUMNS);
    lists[list].fill(of_path, row, false, interval);
    mps_table_add_list(table, of_path, true, NULL);
}

static void add_nulls(mps_table *table, unsigned count)
{
    while (count-- > 0)
        mps_table_add(table, MPS_NULL);
}

/* Columns of a path from `start` to the one before `verdict`. */
#define FIGURES 8u

static void add_figures(mps_table *table, const mps_critical_row *row)
{
    const mps_critical_path *path = row->path;
    if (path->reason != MPS_CRITICAL_KNOWN) {
        add_nulls(table, FIGURES);
        return;
    }
    mps_table_add(table, MPS_TIME(path->start));
    mps_table_add(table, MPS_TIME(path->end));
    mps_table_add(table, MPS_SECONDS(path->elapsed));
    mps_table_add(table, MPS_UINT(path->delivered));
    mps_table_add(table, MPS_UINT(path->undelivered));
    mps_table_add(table, MPS_REAL(path->half_rounds / 2.0));
    mps_table_add_number(table, path->head_of_line ? mps_critical_subflow_number(row, path->held_by)
                                                   : MPS_NONE);
    mps_table_add_ns(table, path->head_of_line, path->waited);
}

static void add_lists(mps_table *table, const mps_critical_row *row,
                      const mps_critical_extent *extent)
{
    if (row->path->reason != MPS_CRITICAL_KNOWN) {
        add_nulls(table, 4);
        return;
    }
    add_list(table, row, MPS_CRITICAL_LIST_CLASSES, 0);
    add_list(table, row, MPS_CRITICAL_LIST_CAUSES, 0);
    if (extent->pieces)
        add_list(table, row, MPS_CRITICAL_LIST_PIECES, 0);
    else
        mps_table_add(table, MPS_NULL);
    if (extent->interval > 0)
        add_list(table, row, MPS_CRITICAL_LIST_INTERVALS, extent->interval);
    else
        mps_table_add(table, MPS_NULL);
}

void mps_critical_add_row(mps_table *table, const mps_critical_row *row,
                          const mps_critical_extent *extent)
{
    mps_table_add_number(table, row->connection);
    mps_table_add_number(table, row->peer_connection);
    add_plain_stream(table, row);
    mps_table_add_direction(table, row->direction);
    mps_table_add_number(table, row->end_subflow);
    add_figures(table, row);
    mps_table_add_string(table, row->verdict);
    mps_table_add_string(table, mps_critical_reason_text(row->path->reason));
    add_lists(table, row, extent);
}

mps_table *mps_critical_row_table(const GArray *rows, const mps_critical_extent *extent)
{
    const mps_critical_extent fitting = mps_critical_fitting(rows, extent);
    mps_table *table = mps_table_new(row_columns, G_N_ELEMENTS(row_columns));
    for (guint i = 0; i < rows->len; i++)
        mps_critical_add_row(table, &g_array_index(rows, mps_critical_row, i), &fitting);
    mps_table_complete(table);
    return table;
}

mps_table *mps_critical_list_table(const GArray *rows, mps_critical_list list, int64_t interval)
{
    mps_table *table = mps_table_new(lists[list].columns, lists[list].count);
    for (guint i = 0; i < rows->len; i++)
        if (g_array_index(rows, mps_critical_row, i).path->reason == MPS_CRITICAL_KNOWN)
            lists[list].fill(table, &g_array_index(rows, mps_critical_row, i), true, interval);
    mps_table_complete(table);
    return table;
}

mps_table *mps_critical_csv_table(const GArray *rows, const mps_critical_extent *extent)
{
    const mps_critical_extent fitting = mps_critical_fitting(rows, extent);
    if (extent->pieces)
        return mps_critical_list_table(rows, MPS_CRITICAL_LIST_PIECES, 0);
    if (extent->interval > 0)
        return mps_critical_list_table(rows, MPS_CRITICAL_LIST_INTERVALS, fitting.interval);
    return mps_critical_row_table(rows, extent);
}

/* Write a table of all paths as text, unless it is empty. */
static void write_below(mps_text *out, const GArray *rows, const char *title, const char *capture,
                        mps_critical_list list, int64_t interval)
{
    mps_table *table = mps_critical_list_table(rows, list, interval);
    table->capture = capture;
    if (table->row_count > 0)
        mps_write_text_below(out, table, title);
    mps_table_free(table);
}

static void write_intervals(mps_text *out, const GArray *rows, const char *capture,
                            const mps_critical_extent *extent)
{
    const mps_critical_extent fitting = mps_critical_fitting(rows, extent);
    GString *title = g_string_new("Over time, in seconds");
    if (fitting.interval != extent->interval) {
        g_string_append(title, "; each interval has ");
        mps_add_decimal(title, (double)fitting.interval / 1e9, 9);
        g_string_append(title, " s, as there would be too many of ");
        mps_add_decimal(title, (double)extent->interval / 1e9, 9);
        g_string_append(title, " s");
    }
    write_below(out, rows, title->str, capture, MPS_CRITICAL_LIST_INTERVALS, fitting.interval);
    g_string_free(title, TRUE);
}

void mps_critical_write_tables(mps_text *out, const GArray *rows, const mps_text_form *first,
                               const char *capture, const mps_critical_extent *extent)
{
    const mps_critical_extent none = {false, 0};
    mps_table *paths = mps_critical_row_table(rows, &none);
    paths->capture = capture;
    mps_write_text_form(out, paths, first);
    mps_table_free(paths);
    write_below(out, rows, "What the time was spent on", capture, MPS_CRITICAL_LIST_CLASSES, 0);
    write_below(out, rows, "By cause, and what the sender waited for", capture,
                MPS_CRITICAL_LIST_CAUSES, 0);
    if (extent->interval > 0)
        write_intervals(out, rows, capture, extent);
    if (extent->pieces)
        write_below(out, rows, "Pieces", capture, MPS_CRITICAL_LIST_PIECES, 0);
}
