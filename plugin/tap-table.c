/* tap-table.c: the tables of Wireshark's Statistics menu, one or more for each report.
 *
 *   Statistics → MPTCP → NAME, or wireshark -z mptcpscope,NAME[,FILTER], or nstat:mptcpscope,NAME
 *   in sharkd
 *
 * Some versions of Wireshark would put each table directly into the menu, others would not show it.
 * So the tables are registered in a group that no version shows, and entries of a submenu of our
 * own open them (window-menu.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compat.h"
#include "file-end.h"
#include "packet-mptcpscope.h"
#include "statistics.h"
#include "taps.h"
#include "window-cells.h"
#include "window-menu.h"
#include "window-rows.h"
#include "window.h"
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <mptcpscope/report.h>
#include <string.h>

#define FRAME_TAP "frame" /* each frame is queued for it after post-dissectors */
#define TABLE_PREFIX "mptcpscope,"
#define SUMMARY_TITLE "MPTCP Summary"

/* Whether frames are read for what was opened last. */
typedef enum { IDLE, OPENED, READING } table_state;

/* A table. Wireshark and sharkd own the rows and draw them after the last frame was read, without a
 * callback to us. So the rows are filled when the frame with the last MPTCP segment passes. A
 * display filter may hide that from the table's own listener; a second listener (`watching`) gets
 * all frames. It stays, because a listener must not be removed while taps are called. It listens to
 * Wireshark's tap of frames, not to ours, so nothing is analysed for it. */
typedef struct {
    stat_tap_table_ui ui; /* must be first: callbacks get a pointer to it */
    const char *name;     /* of the report, static */
    mps_report *report;
    unsigned part; /* which of the report's tables */
    mptcpscope_rows rows;
    unsigned *columns; /* indices of the report's columns that are shown, ui.nfields */
    mptcpscope_clock clock;
    bool counting; /* segments were counted since a reset */
    bool watching; /* the second listener is registered */
    table_state state;
} report_table;

/* What a cell is made from. */
typedef struct {
    const report_table *table;
    const mps_table *rows;
} cell_source;

static char *cell_of(unsigned row, unsigned column, const void *data)
{
    const cell_source *from = (const cell_source *)data;
    const unsigned index = from->table->columns[column];

    return mptcpscope_cell_text(mps_table_value(from->rows, row, index),
                                &from->rows->columns[index], &from->table->clock);
}

/* @return the notes of the report, as lines for the window: char *, freed with g_ptr_array_free()
 */
static GPtrArray *notes_of(const report_table *table)
{
    GPtrArray *of_file = g_ptr_array_new_with_free_func(g_free), *notes;

    mptcpscope_file_notes(mptcpscope_open_file(), mptcpscope_frame_notes(), of_file);
    notes = mps_report_notes(table->report, mptcpscope_tracker(), of_file);
    g_ptr_array_free(of_file, TRUE);
    return notes;
}

/* Say below the rows what tshark says there, or why there are none. */
static void set_lines(report_table *table, bool any_rows)
{
    GPtrArray *lines = notes_of(table);

    for (unsigned i = 0; any_rows && i < lines->len; i++) {
        char *note = (char *)lines->pdata[i];

        lines->pdata[i] = g_strconcat("Note: ", note, NULL);
        g_free(note);
    }
    if (!any_rows && mps_tracker_connections(mptcpscope_tracker()) > 0) {
        const char *why = table->counting ? mps_report_part_at(table->report, table->part).empty
                          : mps_report_wants_plain(table->report)
                              ? "No TCP segment passes the display filter."
                              : "No segment of an MPTCP connection passes the display filter.";

        g_ptr_array_insert(lines, 0, g_strdup(why));
    }
    mptcpscope_rows_set_lines(&table->rows, lines);
    g_ptr_array_free(lines, TRUE);
}

/* Fill the rows with what was counted. */
static void fill_rows(report_table *table)
{
    mps_table *rows;

    if (mptcpscope_tracker() == NULL) {
        return;
    }
    mptcpscope_finish();
    mptcpscope_recount(table->report);
    rows = mps_report_part_table(table->report, mptcpscope_tracker(), table->part);
    mptcpscope_rows_fill(&table->rows, rows->row_count, cell_of, &(cell_source){table, rows});
    if (mptcpscope_in_window()) {
        set_lines(table, rows->row_count > 0);
    }
    mps_table_free(rows);
}

/* Plain TCP is passed on only while a table that is about it reads. */
static void set_state(report_table *table, table_state state)
{
    if (mps_report_wants_plain(table->report) && (state == IDLE) != (table->state == IDLE)) {
        mptcpscope_plain_tcp_reader(state != IDLE);
    }
    table->state = state;
}

/* @return the last frame that the table's report may count */
static uint32_t last_frame(const report_table *table)
{
    return mps_report_wants_plain(table->report) ? mptcpscope_last_tcp_frame()
                                                 : mptcpscope_last_frame();
}

/* Called by the tap system for each frame, after what listens to our tap; `tapdata` is our table.
 * Fill the rows at the last frame that may count. */
static tap_packet_status watch_frame(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_,
                                     const void *data _U_, tap_flags_t flags _U_)
{
    report_table *table = (report_table *)tapdata;
    const uint32_t last = last_frame(table);

    if (table->state == READING && PINFO_FD_VISITED(pinfo) && last > 0 && pinfo->num >= last) {
        fill_rows(table);
        set_state(table, IDLE);
    }
    return TAP_PACKET_DONT_REDRAW;
}

/* Called by the tap system before frames are read again: the first time for what was opened, then
 * for others, whose frames do not concern it. */
static void watch_reset(void *tapdata)
{
    report_table *table = (report_table *)tapdata;

    mps_report_reset(table->report);
    table->counting = false;
    set_state(table, table->state == OPENED ? READING : IDLE);
}

static void watch(report_table *table)
{
    GString *message;

    if (table->watching) {
        return;
    }
    message = register_tap_listener(FRAME_TAP, table, NULL, TL_REQUIRES_ERROR_PACKETS, watch_reset,
                                    watch_frame, NULL, NULL);
    table->watching = message == NULL;
    if (message != NULL) {
        g_string_free(message, TRUE);
    }
}

/* Called by the tap system for each segment and ICMP error that passes the table's filter.
 * Wireshark owns `tapdata`; the post-dissector owns `data`, which is valid during the call. */
static tap_packet_status table_packet(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_,
                                      const void *data, tap_flags_t flags _U_)
{
    report_table *table = (report_table *)((stat_data_t *)tapdata)->stat_tap_data;

    if (!mptcpscope_count(table->report, (const mptcpscope_tap *)data)) {
        return TAP_PACKET_DONT_REDRAW;
    }
    if (!table->counting) {
        table->clock = mptcpscope_clock_of(pinfo);
    }
    table->counting = true;
    return TAP_PACKET_DONT_REDRAW;
}

/* Say in a window why nothing will be counted, where that is known already. */
static void say_why_empty(report_table *table)
{
    const char *why = mptcpscope_no_analysis();

    if (why != NULL) {
        GPtrArray *lines = g_ptr_array_new();

        g_ptr_array_add(lines, (char *)why);
        mptcpscope_rows_set_lines(&table->rows, lines);
        g_ptr_array_free(lines, TRUE);
        return;
    }
    mptcpscope_finish();
    if (mps_tracker_connections(mptcpscope_tracker()) == 0) {
        set_lines(table, false);
    }
}

/* Called by Wireshark before it registers the table's listener: when a window opens and when its
 * filter changes. `ui` is that of a report_table. Wireshark owns the table that is added. */
static void table_init(stat_tap_table_ui *ui)
{
    report_table *table = (report_table *)ui;

    mptcpscope_want_analyses_once(mps_report_needs(table->report));
    mps_report_reset(table->report);
    mptcpscope_set_interval(table->report, table->name, 0, NULL);
    table->counting = false;
    mptcpscope_rows_begin(&table->rows);
    if (mptcpscope_in_sharkd()) { /* which does not draw in between */
        mptcpscope_rows_show(&table->rows);
    }
    set_state(table, OPENED);
    watch(table);
    if (mptcpscope_in_window()) {
        say_why_empty(table);
    }
}

bool mptcpscope_open_table(const char *report, const char *filter)
{
    char *cli = g_strconcat(TABLE_PREFIX, report, filter != NULL ? "," : NULL, filter, NULL);
    bool opened = process_stat_cmd_arg(cli);

    g_free(cli);
    return opened;
}

/* Wireshark sizes all columns to their content but the last one, which gets what is left. So if
 * that has long texts, move a column with short ones behind it. */
static void move_short_column(unsigned *shown, unsigned count, const mps_column *columns)
{
    static const char *const short_columns[] = {
        "count", "state", "tcp_stream", "near", "acked_bytes", "data_bytes", "length", "duration"};
    const mps_column *last = &columns[shown[count - 1]];

    if (mptcpscope_column_is_number(last) || strcmp(last->name, "direction") == 0) {
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(short_columns); i++) {
        for (unsigned at = 0; at + 1 < count; at++) {
            const unsigned moved = shown[at];

            if (strcmp(columns[moved].name, short_columns[i]) == 0) {
                memmove(&shown[at], &shown[at + 1], (count - at - 1) * sizeof shown[0]);
                shown[count - 1] = moved;
                return;
            }
        }
    }
}

/* @return the heading of a column, to be freed with g_free(). @param sorted  Wireshark sorts a new
 * window by it; its mark would hide the beginning of a heading at the right of an empty window */
static char *heading_of(const mps_column *column, bool sorted)
{
    char *words = mptcpscope_heading(column);
    char *heading =
        g_strconcat(sorted && !mptcpscope_in_sharkd() ? SORT_MARK_ROOM : "", words, NULL);

    g_free(words);
    return heading;
}

/* Declare the columns of a table. They live as long as the program. */
static void declare_columns(report_table *table)
{
    mps_tracker *tracker = mps_tracker_new(MPS_TRACK_MPTCP);
    mps_table *empty;
    unsigned count = 0;

    mps_analyses_want(tracker, mps_report_needs(table->report));
    empty = mps_report_part_table(table->report, tracker, table->part);
    table->columns = g_new0(unsigned, empty->column_count);
    table->ui.fields = g_new0(stat_tap_table_item, empty->column_count);
    for (unsigned i = 0; i < empty->column_count; i++) {
        if (mptcpscope_column_is_shown(&empty->columns[i])) {
            table->columns[count++] = i;
        }
    }
    move_short_column(table->columns, count, empty->columns);
    for (unsigned i = 0; i < count; i++) {
        const mps_column *column = &empty->columns[table->columns[i]];
        stat_tap_table_item *item = &table->ui.fields[i];

        item->type = TABLE_ITEM_STRING;
        item->align = mptcpscope_column_is_number(column) ? TAP_ALIGN_RIGHT : TAP_ALIGN_LEFT;
        item->column_name = heading_of(column, i == 0 && item->align == TAP_ALIGN_RIGHT);
        item->field_format = "%s";
    }
    table->ui.nfields = count;
    mps_table_free(empty);
    mps_tracker_free(tracker);
}

/* @return the title of a window, "MPTCP Events: DSS checksums", to be freed with g_free() */
static char *title_of(const mps_report *report, unsigned part)
{
    const char *whole = mps_report_title(report);
    const char *own = mps_report_part_at(report, part).title;
    const int length = (int)strcspn(whole, ":");
    const bool acronym = g_ascii_isupper(own[0]) && g_ascii_isupper(own[1]);

    if (part == 0) { /* the window "MPTCP Summary" has text */
        return g_strdup(strcmp(whole, SUMMARY_TITLE) == 0 ? SUMMARY_TITLE ": connections" : whole);
    }
    return g_strdup_printf("%.*s: %c%s", length, whole, acronym ? own[0] : g_ascii_tolower(own[0]),
                           own + 1);
}

/* Register a table and its entry in the menu. Both live as long as the program. */
static void register_table(const char *name, unsigned part)
{
    static tap_param params[] = {{PARAM_FILTER, "filter", "Filter", NULL, TRUE}};
    report_table *table = g_new0(report_table, 1);
    stat_tap_table_ui *ui = &table->ui;
    char *table_name;

    table->name = name;
    table->report = mps_report_new(name, MPS_NONE, NULL);
    table->part = part;
    mps_report_will_recount(table->report);
    table_name = part == 0
                     ? g_strdup(name)
                     : g_strdup_printf("%s-%s", name, mps_report_part_at(table->report, part).name);
    ui->group = REGISTER_LOG_STAT_GROUP_UNSORTED;
    ui->title = title_of(table->report, part);
    ui->tap_name = MPTCPSCOPE_TAP;
    ui->cli_string = g_strconcat(TABLE_PREFIX, table_name, NULL);
    ui->stat_tap_init_cb = table_init;
    ui->packet_func = table_packet;
    ui->nparams = array_length(params);
    ui->params = params;
    table->rows = mptcpscope_rows_new(ui);
    declare_columns(table);
    register_stat_tap_table_ui(ui);
    mptcpscope_menu_add_table(ui->title, table_name);
}

void mptcpscope_register_tables(void)
{
    for (const char *const *name = mps_report_names(); *name != NULL; name++) {
        mps_report *report = mps_report_new(*name, MPS_NONE, NULL);
        const unsigned count = mps_report_part_count(report);

        mps_report_free(report);
        for (unsigned part = 0; part < count; part++) {
            register_table(*name, part);
        }
    }
}

/*
 * Editor modelines
 *
 * Local Variables:
 * c-basic-offset: 4
 * tab-width: 8
 * indent-tabs-mode: nil
 * End:
 *
 * ex: set shiftwidth=4 tabstop=8 expandtab:
 * :indentSize=4:tabSize=8:noTabs=true:
 */
