/* stored_rows.c: rows of fixed size, filled cell by cell.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "dump/dump_cells.h"
#include "export_internal.h"
#include <string.h>

static size_t size_of(mps_stored_type type, size_t width)
{
    static const size_t sizes[] = {
        [MPS_STORED_U8] = 1,  [MPS_STORED_U16] = 2, [MPS_STORED_U32] = 4,  [MPS_STORED_U64] = 8,
        [MPS_STORED_I32] = 4, [MPS_STORED_I64] = 8, [MPS_STORED_REAL] = 8,
    };
    return type == MPS_STORED_TEXT ? width + 1 : sizes[type];
}

static void clear_column(gpointer column)
{
    g_free(((mps_stored_column *)column)->name);
}

/* @param name  owned by the column from now on */
static void add_column(mps_stored_rows *rows, char *name, mps_stored_type type, size_t width)
{
    const mps_stored_column column = {
        .name = name, .type = type, .offset = rows->row_size, .size = size_of(type, width)};
    g_array_append_val(rows->columns, column);
    rows->row_size += column.size;
}

static void free_rows(mps_stored_rows *rows)
{
    g_array_free(rows->columns, TRUE);
    g_free(rows->places);
    g_free(rows->rows);
    g_free(rows);
}

mps_stored_rows *mps_stored_rows_begin(const mps_export_file *file, const char *name,
                                       const char *title, const mps_stored_spec *specs,
                                       unsigned count, const size_t *widths)
{
    mps_stored_rows *rows = g_new0(mps_stored_rows, 1);
    rows->file = file;
    rows->specs = specs;
    rows->spec_count = count;
    rows->columns = g_array_new(FALSE, FALSE, sizeof(mps_stored_column));
    g_array_set_clear_func(rows->columns, clear_column);
    rows->places = g_new(unsigned, count);
    for (unsigned i = 0; i < count; i++) {
        rows->places[i] = rows->columns->len;
        add_column(rows, g_strdup(specs[i].name), specs[i].type, widths[i]);
        if (specs[i].may_be_unknown)
            add_column(rows, g_strconcat(specs[i].name, "_valid", NULL), MPS_STORED_U8, 0);
    }
    rows->rows = rows->row = g_malloc0(rows->row_size * MPS_STORED_CHUNK);
    if (file->format->begin(file->state, name, title, (mps_stored_column *)rows->columns->data,
                            rows->columns->len, rows->row_size, MPS_STORED_CHUNK))
        return rows;
    free_rows(rows);
    return NULL;
}

static void flush(mps_stored_rows *rows)
{
    const mps_export_file *file = rows->file;
    if (rows->count > 0 && !rows->failed)
        rows->failed = !file->format->append(file->state, rows->rows, rows->count);
    memset(rows->rows, 0, rows->row_size * rows->count);
    rows->count = 0;
    rows->row = rows->rows;
}

/* The cell at hand is filled. */
static void go_on(mps_stored_rows *rows)
{
    if (++rows->next < rows->spec_count)
        return;
    rows->next = 0;
    rows->row += rows->row_size;
    if (++rows->count == MPS_STORED_CHUNK)
        flush(rows);
}

static const mps_stored_column *column_at(const mps_stored_rows *rows)
{
    return &g_array_index(rows->columns, mps_stored_column, rows->places[rows->next]);
}

/* Store the low bytes of a number. */
static void store(char *at, mps_stored_type type, uint64_t number)
{
    const uint8_t u8 = (uint8_t)number;
    const uint16_t u16 = (uint16_t)number;
    const uint32_t u32 = (uint32_t)number;
    switch (type) {
    case MPS_STORED_U8:
        memcpy(at, &u8, sizeof u8);
        break;
    case MPS_STORED_U16:
        memcpy(at, &u16, sizeof u16);
        break;
    case MPS_STORED_U32:
    case MPS_STORED_I32:
        memcpy(at, &u32, sizeof u32);
        break;
    default:
        memcpy(at, &number, sizeof number);
    }
}

/* What stands where a number is not known: the one that is least likely to be taken for one. */
static uint64_t unknown_of(mps_stored_type type)
{
    return type == MPS_STORED_I32   ? (uint64_t)(int64_t)INT32_MIN
           : type == MPS_STORED_I64 ? (uint64_t)INT64_MIN
                                    : UINT64_MAX;
}

static void put_bits(mps_stored_rows *rows, bool known, uint64_t bits)
{
    const mps_stored_column *column = column_at(rows);
    store(rows->row + column->offset, column->type, known ? bits : unknown_of(column->type));
    if (rows->specs[rows->next].may_be_unknown)
        rows->row[column[1].offset] = known ? 1 : 0;
    go_on(rows);
}

void mps_stored_put_number(mps_stored_rows *rows, bool known, int64_t number)
{
    put_bits(rows, known, (uint64_t)number);
}

void mps_stored_put_text(mps_stored_rows *rows, const char *text, size_t length)
{
    const mps_stored_column *column = column_at(rows);
    if (column->type == MPS_STORED_TEXT) {
        memcpy(rows->row + column->offset, text, MIN(length, column->size - 1));
        go_on(rows);
        return;
    }
    const bool negative = length > 0 && *text == '-';
    uint64_t number = 0;
    text += negative;
    const bool known = length > 0 && mps_dump_digits(&text, &number);
    put_bits(rows, known, negative ? -number : number);
}

void mps_stored_put_real(mps_stored_rows *rows, double number)
{
    memcpy(rows->row + column_at(rows)->offset, &number, sizeof number);
    go_on(rows);
}

bool mps_stored_rows_end(mps_stored_rows *rows)
{
    flush(rows);
    const bool good = !rows->failed;
    free_rows(rows);
    return good;
}
