/* tap-table.c: the tables of Wireshark's Statistics menu, one for each report.
 *
 *   Statistics → MPTCP → NAME, or wireshark -z mptcpscope,NAME[,FILTER]; also in sharkd
 *
 * Some versions of Wireshark would put each table directly into the menu, others would not show it.
 * So the tables are registered in a group that no version shows, and entries of a submenu of our
 * own open them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compat.h"
#include "packet-mptcpscope.h"
#include "statistics.h"
#include "taps.h"
#include "window.h"
#include <epan/plugin_if.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <mptcpscope/report.h>
#include <string.h>

#define TABLE_PREFIX "mptcpscope,"

/* Width of the mark that Wireshark adds to the heading of the sorted column, in blanks. */
#define SORT_MARK 4

/* The submenu has this as its name, so its entries leave it out. */
#define TITLE_PREFIX "MPTCP "

/* The table of a report. Wireshark owns the rows and draws them after the last frame was read,
 * without a callback to us. So the rows are filled when the last MPTCP segment of the capture
 * passes. A display filter may hide this segment from the table's own listener; a second listener
 * (`watching`) without a filter gets it. */
typedef struct {
    stat_tap_table_ui ui; /* must be first: callbacks get a pointer to it */
    const char *name;     /* of the report, static */
    mps_report *report;
    unsigned *columns;       /* indices of the report's columns that are shown, ui.nfields */
    unsigned rows_allocated; /* in the table, which may have fewer now */
    bool counting;           /* segments were counted since a reset */
    bool watching;           /* the second listener is registered */
} report_table;

/* @return the table that Wireshark draws, which owns it; NULL if there is none yet */
static stat_tap_table *drawn_table(report_table *table)
{
    return stat_tap_find_table(&table->ui, table->ui.title);
}

/* Pad all cells of a column with blanks on the left to the same width. Wireshark sorts text by
 * bytes, so padded numbers are sorted by value, in every version. @param width  least width */
static void pad_column(const stat_tap_table *drawn, unsigned column, size_t width)
{
    for (unsigned row = 0; row < drawn->num_elements; row++) {
        width = MAX(width, strlen(stat_tap_get_field_data(drawn, row, column)->value.string_value));
    }
    for (unsigned row = 0; row < drawn->num_elements; row++) {
        stat_tap_table_item_type *item = stat_tap_get_field_data(drawn, row, column);
        char *text = (char *)item->value.string_value;

        item->value.string_value = g_strdup_printf("%*s", (int)width, text);
        g_free(text);
    }
}

/* Set the number of rows. Rows are only freed with the table: another window of the same table may
 * still show them. */
static void set_row_count(report_table *table, stat_tap_table *drawn, unsigned count)
{
    drawn->num_elements = table->rows_allocated;
    while (table->rows_allocated < count) {
        stat_tap_table_item_type *items = g_new0(stat_tap_table_item_type, table->ui.nfields);

        for (unsigned column = 0; column < table->ui.nfields; column++) {
            items[column].type = TABLE_ITEM_STRING;
        }
        stat_tap_init_table_row(drawn, table->rows_allocated++, (unsigned)table->ui.nfields, items);
        g_free(items);
    }
    drawn->num_elements = count;
}

/* Fill the rows with what was counted. */
static void fill_rows(report_table *table)
{
    stat_tap_table *drawn = drawn_table(table);
    mps_table *rows;

    if (drawn == NULL || mptcpscope_tracker() == NULL) {
        return;
    }
    mptcpscope_finish();
    mptcpscope_recount(table->report);
    rows = mps_report_table(table->report, mptcpscope_tracker());
    set_row_count(table, drawn, rows->row_count);
    for (unsigned column = 0; column < table->ui.nfields; column++) {
        unsigned from = table->columns[column];

        for (unsigned row = 0; row < rows->row_count; row++) {
            stat_tap_table_item_type *item = stat_tap_get_field_data(drawn, row, column);

            g_free((char *)item->value.string_value);
            item->value.string_value =
                mps_value_text(mps_table_value(rows, row, from), &rows->columns[from]);
        }
        if (table->ui.fields[column].align == TAP_ALIGN_RIGHT) {
            pad_column(drawn, column, strlen(table->ui.fields[column].column_name) + SORT_MARK);
        }
    }
    mps_table_free(rows);
}

/* Fill the rows if this is the last MPTCP segment of the capture. The first pass cannot know. */
static void fill_rows_at_end(report_table *table, const packet_info *pinfo)
{
    if (table->counting && PINFO_FD_VISITED(pinfo) && pinfo->num >= mptcpscope_last_frame()) {
        fill_rows(table);
    }
}

/* Called by the tap system for each MPTCP segment, without a filter; `tapdata` is our table. */
static tap_packet_status watch_packet(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_,
                                      const void *data _U_, tap_flags_t flags _U_)
{
    fill_rows_at_end((report_table *)tapdata, pinfo);
    return TAP_PACKET_DONT_REDRAW;
}

/* Called by the tap system before frames are read again. */
static void watch_reset(void *tapdata)
{
    report_table *table = (report_table *)tapdata;

    mps_report_reset(table->report);
    table->counting = false;
}

/* Called by the tap system after all frames were read. In tshark and sharkd, which read them once,
 * this fills the rows. The table's own listener then draws them: it was registered earlier, so it
 * is called later. */
static void watch_draw(void *tapdata)
{
    report_table *table = (report_table *)tapdata;

    if (table->counting && !mptcpscope_in_window()) {
        fill_rows(table);
    }
}

/* Called by the tap system for each segment and ICMP error that passes the table's filter.
 * Wireshark owns `tapdata`; the post-dissector owns `data`, which is valid during the call. */
static tap_packet_status table_packet(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_,
                                      const void *data, tap_flags_t flags _U_)
{
    report_table *table = (report_table *)((stat_data_t *)tapdata)->stat_tap_data;
    const mps_verdict *verdict = ((const mptcpscope_tap *)data)->verdict;
    const mps_icmp_record *icmp = ((const mptcpscope_tap *)data)->icmp;
    GString *message;

    if (verdict == NULL && icmp == NULL) {
        return TAP_PACKET_DONT_REDRAW;
    }
    if (!table->watching) {
        message = register_tap_listener(MPTCPSCOPE_TAP, table, NULL, 0, watch_reset, watch_packet,
                                        watch_draw, NULL);
        table->watching = message == NULL;
        if (message != NULL) {
            g_string_free(message, TRUE);
        }
    }
    if (icmp != NULL) {
        mps_report_count_icmp(table->report, icmp);
    } else {
        mps_report_count(table->report, verdict);
    }
    table->counting = true;
    fill_rows_at_end(table, pinfo);
    return TAP_PACKET_DONT_REDRAW;
}

/* Called by Wireshark before it registers the table's listener: when a window opens and when its
 * filter changes. `ui` is that of a report_table. Wireshark owns the table that is added. */
static void table_init(stat_tap_table_ui *ui)
{
    report_table *table = (report_table *)ui;

    mptcpscope_want_analyses(mps_report_needs(table->report));
    mps_report_reset(table->report);
    mptcpscope_set_interval(table->report, table->name, 0, NULL);
    table->counting = false;
    if (drawn_table(table) == NULL) {
        table->rows_allocated = 0;
        stat_tap_add_table(ui, stat_tap_init_table(ui->title, (int)ui->nfields, 0, NULL));
    }
}

/* Called by Wireshark before frames are read again. The rows stay allocated. */
static void table_reset(stat_tap_table *drawn)
{
    drawn->num_elements = 0;
}

/* Called by Wireshark for each cell when it frees a table: our text in the cell is freed here. */
static void table_free_item(stat_tap_table *drawn _U_, unsigned row _U_, unsigned column _U_,
                            stat_tap_table_item_type *item)
{
    g_free((char *)item->value.string_value);
    item->value.string_value = NULL;
}

/* Called by Wireshark when the user chooses an entry of the submenu. `userdata` is the name of the
 * report, static. */
static void open_from_menu(ext_menubar_gui_type type _U_, void *object _U_, void *userdata)
{
    mptcpscope_open_table((const char *)userdata, NULL);
    start_requested_stats();
}

bool mptcpscope_open_table(const char *report, const char *filter)
{
    char *cli = g_strconcat(TABLE_PREFIX, report, filter != NULL ? "," : NULL, filter, NULL);
    bool opened = process_stat_cmd_arg(cli);

    g_free(cli);
    return opened;
}

/* @return the heading of a column in Wireshark, with its direction and unit; to be freed with
 * g_free() */
static char *column_heading(const mps_column *column)
{
    GString *heading = g_string_new(column->title);

    if (column->group != NULL) {
        g_string_append_printf(heading, " %s", column->group);
    }
    if (column->unit != NULL) {
        g_string_append_printf(heading, " (%s)", column->unit);
    }
    return g_string_free(heading, FALSE);
}

static bool is_number(const mps_column *column)
{
    return column->type != MPS_VALUE_STRING && column->type != MPS_VALUE_BOOL &&
           column->type != MPS_VALUE_JSON;
}

/* Declare the columns of a table: those that the report shows as text. They live as long as the
 * program. */
static void declare_columns(report_table *table)
{
    mps_tracker *tracker = mps_tracker_new(MPS_TRACK_MPTCP);
    mps_table *empty;
    unsigned count = 0;

    mps_analyses_want(tracker, mps_report_needs(table->report));
    empty = mps_report_table(table->report, tracker);
    table->columns = g_new0(unsigned, empty->column_count);
    table->ui.fields = g_new0(stat_tap_table_item, empty->column_count);
    for (unsigned i = 0; i < empty->column_count; i++) {
        const mps_column *column = &empty->columns[i];
        stat_tap_table_item *item = &table->ui.fields[count];

        if (column->title == NULL) {
            continue;
        }
        table->columns[count++] = i;
        item->type = TABLE_ITEM_STRING;
        item->align = is_number(column) ? TAP_ALIGN_RIGHT : TAP_ALIGN_LEFT;
        item->column_name = column_heading(column);
        item->field_format = "%s";
    }
    table->ui.nfields = count;
    mps_table_free(empty);
    mps_tracker_free(tracker);
}

/* Register the table of a report and its entry in the menu. Both live as long as the program. */
static void register_table(const char *name, ext_menu_t *menu)
{
    static tap_param params[] = {{PARAM_FILTER, "filter", "Filter", NULL, TRUE}};
    report_table *table = g_new0(report_table, 1);
    const char *title;

    table->name = name;
    table->report = mps_report_new(name, MPS_NONE, NULL);
    mps_report_will_recount(table->report);
    title = mps_report_title(table->report);
    table->ui.group = REGISTER_LOG_STAT_GROUP_UNSORTED;
    table->ui.title = title;
    table->ui.tap_name = MPTCPSCOPE_TAP;
    table->ui.cli_string = g_strconcat(TABLE_PREFIX, name, NULL);
    table->ui.stat_tap_init_cb = table_init;
    table->ui.packet_func = table_packet;
    table->ui.stat_tap_reset_table_cb = table_reset;
    table->ui.stat_tap_free_table_item_cb = table_free_item;
    table->ui.nparams = array_length(params);
    table->ui.params = params;
    declare_columns(table);
    register_stat_tap_table_ui(&table->ui);
    mptcpscope_want_in_window(mps_report_needs(table->report));
    if (g_str_has_prefix(title, TITLE_PREFIX)) {
        title += strlen(TITLE_PREFIX);
    }
    ext_menubar_add_entry(menu, title, table->ui.title, open_from_menu, (void *)name);
}

void mptcpscope_register_tables(void)
{
    ext_menu_t *menu = ext_menubar_register_menu(mptcpscope_protocol(), "MPTCP", TRUE);

    ext_menubar_set_parentmenu(menu, "Statistics");
    for (const char *const *name = mps_report_names(); *name != NULL; name++) {
        register_table(*name, menu);
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
