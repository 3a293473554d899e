/* text_cell.c: the text of a cell, and its colour.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "text_layout.h"
#include <mptcpscope/printable.h>
#include <string.h>

static const mps_text_column *column_at(const mps_text_layout *layout, unsigned place)
{
    return &g_array_index(layout->columns, mps_text_column, place);
}

/* @return an address and its port, "-" if it is not known; freed by the caller */
static char *endpoint_text(const mps_table *table, unsigned row, unsigned index)
{
    char *address = mps_value_text(mps_table_value(table, row, index), &table->columns[index]);
    if (strcmp(address, "-") == 0)
        return address;
    char *port = mps_value_text(mps_table_value(table, row, index + 1), &table->columns[index + 1]);
    char *text = g_strdup_printf(strchr(address, ':') ? "[%s]:%s" : "%s:%s", address, port);
    g_free(address);
    g_free(port);
    return text;
}

char *mps_text_cell(const mps_text_layout *layout, unsigned row, unsigned line, unsigned column)
{
    const mps_table *table = layout->table;
    const mps_text_column *shown = column_at(layout, column);
    const int index = shown->index[line];
    if (index == MPS_CELL_DIRECTION)
        return g_strdup(mps_direction_name(line ? MPS_S2C : MPS_C2S));
    if (index == MPS_CELL_BLANK)
        return g_strdup("");
    if (index == MPS_CELL_CAPTURE)
        return mps_printable(table->capture);
    const mps_value *value = mps_table_value(table, row, (unsigned)index);
    if (shown->unknown && value->type == MPS_VALUE_NULL)
        return g_strdup(shown->unknown);
    if (!shown->endpoint)
        return mps_styled_text(value, &table->columns[index], layout->style);
    char *first = endpoint_text(table, row, (unsigned)index);
    if (shown->second < 0)
        return first;
    char *second = endpoint_text(table, row, (unsigned)shown->second);
    const bool none = strcmp(first, "-") == 0 && strcmp(second, "-") == 0;
    char *text = none ? g_strdup("-") : g_strdup_printf("%s > %s", first, second);
    g_free(first);
    g_free(second);
    return text;
}

mps_colour mps_text_cell_colour(const mps_text_layout *layout, unsigned row, unsigned line,
                                unsigned column)
{
    const mps_text_column *shown = column_at(layout, column);
    const int index = shown->index[line];
    if (index < 0 || shown->endpoint)
        return MPS_COLOUR_NONE;
    return mps_colour_of_value(&layout->table->columns[index],
                               mps_table_value(layout->table, row, (unsigned)index));
}
