/* tap-table.c: the tables of Wireshark's Statistics menu, one for each report.
 *
 *   Statistics → MPTCP → NAME, or wireshark -z mptcpscope,NAME[,FILTER]; also in tshark, sharkd
 *
 * Wireshark would put the tables flat into the menu in some versions and not at all in others. So
 * they are registered in a group that no version shows, and entries of an own submenu open them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compat.h"
#include "packet-mptcpscope.h"
#include "taps.h"
#include <epan/plugin_if.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <string.h>

#define TABLE_PREFIX "mptcpscope,"

/* Blanks that make room for the mark of the sorted column beside its heading. */
#define SORT_MARK 4
#define TITLE_PREFIX "MPTCP "

/* A report's table. Wireshark holds the rows and reads them when it draws, which it does by itself
 * when the last frame was read: there is no callback then. So the rows are made when the capture's
 * last MPTCP segment passes. A display filter may hide that from the table's own listener; a
 * second one (`watching`), which has no filter, sees it. */
typedef struct {
    stat_tap_table_ui ui; /* first, for Wireshark gives only this back */
    const char *name;     /* of the report, static */
    mps_report *report;
    unsigned *columns;       /* those of the report that are shown, ui.nfields of them */
    unsigned rows_allocated; /* in the table, which may show fewer */
    bool counting;           /* segments were counted that are not in the rows */
    bool watching;
} report_table;

/* @return the table that Wireshark draws, or NULL while there is none. */
static stat_tap_table *drawn_table(const report_table *table)
{
    return stat_tap_find_table((stat_tap_table_ui *)&table->ui, table->ui.title);
}

/* Wireshark sorts text by bytes. Numbers that are filled up with blanks to one length are then
 * sorted by value, in every version, and shown as the reports show them.
 * @param width  least length */
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

/* Let the table have so many rows. Rows are never freed before the table is: another window of the
 * same table may still show them. */
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

/* Make the rows from what was counted. */
static void fill_rows(report_table *table)
{
    stat_tap_table *drawn = drawn_table(table);
    mps_table *rows;

    if (drawn == NULL || mptcpscope_tracker() == NULL) {
        return;
    }
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

/* Make the rows if this is the last MPTCP segment of the capture. In a first pass nobody knows. */
static void fill_rows_at_end(report_table *table, const packet_info *pinfo)
{
    if (table->counting && PINFO_FD_VISITED(pinfo) && pinfo->num >= mptcpscope_last_frame()) {
        fill_rows(table);
    }
}

/* Called by the tap system for each MPTCP segment, whatever the table's filter. */
static tap_packet_status watch_packet(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_,
                                      const void *data _U_, tap_flags_t flags _U_)
{
    fill_rows_at_end((report_table *)tapdata, pinfo);
    return TAP_PACKET_DONT_REDRAW;
}

/* Called by the tap system before the frames are read again, for whatever listener. */
static void watch_reset(void *tapdata)
{
    report_table *table = (report_table *)tapdata;

    mps_report_reset(table->report);
    table->counting = false;
}

/* Called by the tap system when all frames were read: in tshark and sharkd, which read them but
 * once, and before the table's own listener, for it was registered later. */
static void watch_draw(void *tapdata)
{
    report_table *table = (report_table *)tapdata;

    if (table->counting && !mptcpscope_in_window()) {
        fill_rows(table);
    }
}

/* Called by the tap system for each segment that passes the filter; `tapdata` is Wireshark's,
 * `data` the post-dissector's and not kept. */
static tap_packet_status table_packet(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_,
                                      const void *data, tap_flags_t flags _U_)
{
    report_table *table = (report_table *)((stat_data_t *)tapdata)->stat_tap_data;
    const mps_verdict *verdict = ((const mptcpscope_tap *)data)->verdict;
    GString *message;

    if (verdict == NULL) {
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
    mps_report_count(table->report, verdict);
    table->counting = true;
    fill_rows_at_end(table, pinfo);
    return TAP_PACKET_DONT_REDRAW;
}

/* Called by Wireshark before it registers the table's listener: when a window opens, and when its
 * filter changes. */
static void table_init(stat_tap_table_ui *ui)
{
    report_table *table = (report_table *)ui;

    mptcpscope_want_analyses(mps_report_needs(table->report));
    mps_report_reset(table->report);
    table->counting = false;
    if (drawn_table(table) == NULL) {
        table->rows_allocated = 0;
        stat_tap_add_table(ui, stat_tap_init_table(ui->title, (int)ui->nfields, 0, NULL));
    }
}

/* Called by Wireshark before the frames are read again; the rows stay allocated. */
static void table_reset(stat_tap_table *drawn)
{
    drawn->num_elements = 0;
}

/* Called by Wireshark for each cell when it frees a table. */
static void table_free_item(stat_tap_table *drawn _U_, unsigned row _U_, unsigned column _U_,
                            stat_tap_table_item_type *item)
{
    g_free((char *)item->value.string_value);
    item->value.string_value = NULL;
}

/* Called by Wireshark when an entry of the submenu is chosen; `userdata` is the report's name. */
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

/* Wireshark's own heading of a column: directions are told apart, and units told. */
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

/* Declare the columns of a table: those that the report's text shows. */
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

/* The table lives as long as the program. */
static void register_table(const char *name, ext_menu_t *menu)
{
    static tap_param params[] = {{PARAM_FILTER, "filter", "Filter", NULL, TRUE}};
    report_table *table = g_new0(report_table, 1);
    const char *title;

    table->name = name;
    table->report = mps_report_new(name, MPS_NONE, NULL);
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
