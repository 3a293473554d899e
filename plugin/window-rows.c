/* window-rows.c: the rows that Wireshark draws in the window of a table.
 *
 * Wireshark draws each stat_tap_table as a line with its title and the rows below it, and leaves
 * out the line of an only table. So lines of text are further tables without rows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "window-rows.h"
#include <string.h>

/* Called by Wireshark for each cell when it frees a table: our text in the cell is freed here. */
static void free_cell(stat_tap_table *table _U_, unsigned row _U_, unsigned column _U_,
                      stat_tap_table_item_type *item)
{
    g_free((char *)item->value.string_value);
    item->value.string_value = NULL;
}

mptcpscope_rows mptcpscope_rows_new(stat_tap_table_ui *ui)
{
    ui->stat_tap_free_table_item_cb = free_cell;
    return (mptcpscope_rows){ui, g_array_new(FALSE, TRUE, sizeof(stat_tap_table *))};
}

/* @return the table with the rows, which is the first one */
static stat_tap_table *table_of(const mptcpscope_rows *rows)
{
    return g_array_index(rows->ui->tables, stat_tap_table *, 0);
}

/* Free the rows that no window shows. The window that is filled has forgotten its old ones. */
static void free_others(mptcpscope_rows *rows)
{
    stat_tap_table_ui all = *rows->ui;

    all.tables = rows->others;
    free_stat_tables(&all);
}

void mptcpscope_rows_begin(mptcpscope_rows *rows)
{
    stat_tap_table_ui *ui = rows->ui;

    if (ui->tables == NULL) { /* Wireshark resets what is there */
        ui->tables = g_array_new(FALSE, TRUE, sizeof(stat_tap_table *));
    }
    g_array_append_vals(rows->others, ui->tables->data, ui->tables->len);
    g_array_set_size(ui->tables, 0);
    if (ui->refcount <= 1) {
        free_others(rows);
    }
}

void mptcpscope_rows_show(mptcpscope_rows *rows)
{
    stat_tap_table_ui *ui = rows->ui;

    if (ui->tables->len == 0) {
        stat_tap_add_table(ui, stat_tap_init_table(ui->title, (int)ui->nfields, 0, NULL));
    }
}

/* Pad the cells of a column with blanks on the left to the same length. Wireshark sorts text by
 * bytes, so padded numbers are sorted by value, in every version. There is also room for the mark
 * in the heading: a blank is about half as wide as a letter or a digit. */
static void pad_column(const mptcpscope_rows *rows, unsigned column)
{
    const stat_tap_table *table = table_of(rows);
    const char *name = rows->ui->fields[column].column_name;
    const size_t heading = 3 * strlen(name + strspn(name, " ")) / 2 + strlen(SORT_MARK_ROOM);
    size_t width = 0;

    for (unsigned row = 0; row < table->num_elements; row++) {
        width = MAX(width, strlen(stat_tap_get_field_data(table, row, column)->value.string_value));
    }
    width = MAX(width, heading > width ? heading - width : 0);
    for (unsigned row = 0; row < table->num_elements; row++) {
        stat_tap_table_item_type *item = stat_tap_get_field_data(table, row, column);
        char *text = (char *)item->value.string_value;

        item->value.string_value = g_strdup_printf("%*s", (int)width, text);
        g_free(text);
    }
}

/* Append rows without text. */
static void grow(const mptcpscope_rows *rows, unsigned count)
{
    const unsigned columns = (unsigned)rows->ui->nfields;
    stat_tap_table_item_type *items = g_new0(stat_tap_table_item_type, columns);
    stat_tap_table *table = table_of(rows);

    for (unsigned column = 0; column < columns; column++) {
        items[column].type = TABLE_ITEM_STRING;
    }
    while (table->num_elements < count) {
        stat_tap_init_table_row(table, table->num_elements, columns, items);
    }
    g_free(items);
}

/* Free rows at the end. */
static void shrink(const mptcpscope_rows *rows, unsigned count)
{
    stat_tap_table *table = table_of(rows);

    while (table->num_elements > count) {
        const unsigned row = table->num_elements - 1;

        for (unsigned column = 0; column < rows->ui->nfields; column++) {
            free_cell(table, row, column, stat_tap_get_field_data(table, row, column));
        }
        g_free(table->elements[row]);
        table->num_elements--;
    }
}

void mptcpscope_rows_fill(mptcpscope_rows *rows, unsigned count,
                          char *(*cell)(unsigned row, unsigned column, const void *data),
                          const void *data)
{
    const stat_tap_table *table;

    mptcpscope_rows_show(rows);
    table = table_of(rows);
    shrink(rows, count);
    grow(rows, count);
    for (unsigned column = 0; column < rows->ui->nfields; column++) {
        for (unsigned row = 0; row < count; row++) {
            stat_tap_table_item_type *item = stat_tap_get_field_data(table, row, column);

            g_free((char *)item->value.string_value);
            item->value.string_value = cell(row, column, data);
        }
        if (rows->ui->fields[column].align == TAP_ALIGN_RIGHT) {
            pad_column(rows, column);
        }
    }
}

void mptcpscope_rows_set_lines(mptcpscope_rows *rows, const GPtrArray *lines)
{
    GArray *tables;

    mptcpscope_rows_show(rows);
    tables = rows->ui->tables;
    for (unsigned i = 1; i < tables->len; i++) {
        stat_tap_table *line = g_array_index(tables, stat_tap_table *, i);

        g_free(line->elements);
        g_free(line);
    }
    g_array_set_size(tables, 1);
    for (unsigned i = 0; i < lines->len; i++) {
        /* Wireshark keeps the title but does not free it. */
        const char *title = g_intern_string((const char *)g_ptr_array_index(lines, i));

        stat_tap_add_table(rows->ui, stat_tap_init_table(title, (int)rows->ui->nfields, 0, NULL));
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
