/* table.c: builds tables and formats their values as text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "table_build.h"
#include <mptcpscope/error.h>
#include <mptcpscope/printable.h>
#include <mptcpscope/style.h>
#include <string.h>

static void free_value(mps_value *value)
{
    if (value->type == MPS_VALUE_STRING)
        g_free(value->string);
    if (value->type == MPS_VALUE_JSON) {
        g_free(value->nested.json);
        g_free(value->nested.text);
    }
}

static void remove_values(mps_table *table)
{
    for (guint i = 0; i < table->values->len; i++)
        free_value(&g_array_index(table->values, mps_value, i));
    g_array_set_size(table->values, 0);
}

mps_table *mps_table_new(const mps_column *columns, unsigned count)
{
    mps_table *table = g_new0(mps_table, 1);
    table->columns = columns;
    table->column_count = count;
    table->values = g_array_new(FALSE, FALSE, sizeof(mps_value));
    return table;
}

void mps_table_pass_rows(mps_table *table, void (*take_row)(const mps_table *table, void *data),
                         void *data)
{
    table->take_row = take_row;
    table->take_data = data;
}

void mps_table_complete(mps_table *table)
{
    table->row_count = table->values->len / table->column_count;
    g_assert(table->values->len == table->row_count * table->column_count);
}

void mps_table_remove_rows(mps_table *table,
                           bool (*is_unwanted)(const mps_table *table, unsigned row,
                                               const void *data),
                           const void *data)
{
    GArray *kept = g_array_new(FALSE, FALSE, sizeof(mps_value));
    const unsigned columns = table->column_count;
    for (unsigned row = 0; row < table->row_count; row++) {
        mps_value *first = &g_array_index(table->values, mps_value, row * columns);
        if (!is_unwanted(table, row, data)) {
            g_array_append_vals(kept, first, columns);
            continue;
        }
        for (unsigned column = 0; column < columns; column++)
            free_value(&first[column]);
    }
    g_array_free(table->values, TRUE);
    table->values = kept;
    mps_table_complete(table);
}

void mps_table_append_text(mps_table *table, unsigned row, unsigned column, const char *text)
{
    mps_value *value = &g_array_index(table->values, mps_value, row * table->column_count + column);
    char *longer = g_strconcat(value->string, text, NULL);
    g_free(value->string);
    value->string = longer;
}

void mps_table_free(mps_table *table)
{
    if (!table)
        return;
    remove_values(table);
    g_array_free(table->values, TRUE);
    g_free(table);
}

const mps_value *mps_table_value(const mps_table *table, unsigned row, unsigned column)
{
    return &g_array_index(table->values, mps_value, row * table->column_count + column);
}

/* Append a value whose memory the table owns from now on. */
static void append(mps_table *table, mps_value value)
{
    g_array_append_val(table->values, value);
    if (!table->take_row || table->values->len < table->column_count)
        return;
    table->row_count = 1;
    table->take_row(table, table->take_data);
    table->row_count = 0;
    remove_values(table);
}

void mps_table_add(mps_table *table, mps_value value)
{
    if (value.type == MPS_VALUE_STRING)
        value.string = g_strdup(value.string);
    append(table, value);
}

void mps_table_add_json(mps_table *table, char *json, char *text)
{
    append(table, (mps_value){.type = MPS_VALUE_JSON, .nested = {json, text}});
}

void mps_table_add_string(mps_table *table, const char *string)
{
    if (string)
        append(table, (mps_value){.type = MPS_VALUE_STRING, .string = g_strdup(string)});
    else
        append(table, MPS_NULL);
}

void mps_table_add_address(mps_table *table, const mps_address *address)
{
    char text[MPS_ADDRESS_TEXT_MAX];
    mps_table_add_string(table, address->length ? mps_address_text(address, text) : NULL);
}

void mps_table_add_known(mps_table *table, int64_t number)
{
    mps_table_add(table, number < 0 ? MPS_NULL : MPS_UINT(number));
}

void mps_table_add_number(mps_table *table, uint32_t number)
{
    mps_table_add(table, number == MPS_NONE ? MPS_NULL : MPS_UINT(number));
}

void mps_table_add_direction(mps_table *table, mps_direction direction)
{
    mps_table_add_string(table, mps_direction_name(direction));
}

void mps_table_add_ns(mps_table *table, bool known, int64_t ns)
{
    mps_table_add(table, known ? MPS_SECONDS(ns) : MPS_NULL);
}

void mps_table_add_duration(mps_table *table, int64_t ns)
{
    mps_table_add(table, ns < 0 ? MPS_NULL : MPS_SECONDS(ns));
}

void mps_table_add_rate(mps_table *table, int64_t bytes, int64_t ns)
{
    const double scale = 8e9; /* bits per byte, ns per second */
    mps_table_add(table, ns <= 0 ? MPS_NULL : MPS_REAL(scale * (double)bytes / (double)ns));
}

/* Units that text converts to, and the factor from the unit that a value is held in. */
static const struct {
    const char *unit;
    double factor;
} conversions[] = {
    {"ms", 1e3},      /* from seconds */
    {"Mbit/s", 1e-6}, /* from bit/s */
    {"%", 100},       /* from a ratio */
};

/* The factor from the unit of a value to the unit of its column. */
static double factor_of(const mps_column *column)
{
    for (unsigned i = 0; column->unit && i < G_N_ELEMENTS(conversions); i++)
        if (strcmp(column->unit, conversions[i].unit) == 0)
            return conversions[i].factor;
    return 1;
}

static char *real_text(double value, const mps_column *column)
{
    static const char *const formats[] = {"%.0f", "%.1f", "%.2f", "%.3f", "%.4f", "%.5f", "%.6f"};
    char text[64]; /* more digits than any figure has */
    g_assert((guint)column->decimals < G_N_ELEMENTS(formats));
    return g_strdup(
        g_ascii_formatd(text, sizeof text, formats[column->decimals], value * factor_of(column)));
}

char *mps_value_text(const mps_value *value, const mps_column *column)
{
    switch (value->type) {
    case MPS_VALUE_NULL:
        break;
    case MPS_VALUE_BOOL:
        return g_strdup(value->boolean ? "yes" : "no");
    case MPS_VALUE_UINT:
    case MPS_VALUE_BIG:
        return g_strdup_printf("%" G_GUINT64_FORMAT, value->u);
    case MPS_VALUE_INT:
        return g_strdup_printf("%" G_GINT64_FORMAT, value->i);
    case MPS_VALUE_SECONDS:
        return real_text((double)value->i / 1e9, column);
    case MPS_VALUE_TIME:
        return mps_seconds_text(value->i, MPS_TIME_DECIMALS);
    case MPS_VALUE_REAL:
        return real_text(value->real, column);
    case MPS_VALUE_KEY:
        return g_strdup_printf("0x%016" G_GINT64_MODIFIER "x", value->u);
    case MPS_VALUE_STRING:
        return mps_printable(value->string);
    case MPS_VALUE_JSON:
        return mps_printable(value->nested.text);
    }
    return g_strdup("-");
}

bool mps_format_from_name(const char *name, mps_format *format, GError **error)
{
    static const char *const names[] = {
        [MPS_FORMAT_TEXT] = "text",
        [MPS_FORMAT_CSV] = "csv",
        [MPS_FORMAT_JSON] = "json",
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        if (g_strcmp0(name, names[i]) == 0) {
            *format = (mps_format)i;
            return true;
        }
    }
    g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE,
                "unknown format \"%s\"; known formats: text, csv, json", name ? name : "");
    return false;
}
