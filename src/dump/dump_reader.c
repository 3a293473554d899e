/* dump_reader.c: opens a dump and reads it row by row; dump_cells.c reads the cells.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "dump_reader.h"
#include "dump_cells.h"
#include "dump_format.h"
#include "dump_icmp.h"

#include <mptcpscope/error.h>
#include <string.h>

struct mps_dump {
    mps_dump_cells cells;
    char *capture;       /* its name; NULL: live */
    mps_icmp_error icmp; /* the latest one */
};

/* As mps_input_line(). A spreadsheet may have ended the lines with \r\n. */
static int next_line(mps_input *input, const char **line, size_t *length, GError **error)
{
    const int result = mps_input_line(input, line, length, error);
    if (result == 1 && *length > 0 && (*line)[*length - 1] == '\r')
        --*length;
    return result;
}

mps_next mps_dump_next(mps_dump *dump, mps_segment *segment, GError **error)
{
    size_t length;
    mps_dump_cells *cells = &dump->cells;
    int result;
    while ((result = next_line(cells->input, &cells->line, &length, error)) == 1) {
        cells->end = cells->line + length;
        if (cells->line[0] != MPS_DUMP_COMMENT)
            return mps_dump_cells_read(cells, segment, error) ? MPS_NEXT_SEGMENT : MPS_NEXT_FAILED;
        if (mps_dump_icmp_begins(cells))
            return mps_dump_icmp_read(cells, &dump->icmp, error) ? MPS_NEXT_ICMP_ERROR
                                                                 : MPS_NEXT_FAILED;
    }
    return result < 0 ? MPS_NEXT_FAILED : MPS_NEXT_END;
}

const mps_icmp_error *mps_dump_icmp_error(const mps_dump *dump)
{
    return &dump->icmp;
}

/* ---- opening ---- */

bool mps_dump_begins(mps_input *input)
{
    const char *start;
    size_t length = strlen(MPS_DUMP_MAGIC);
    return mps_input_peek(input, length, &start) == length &&
           memcmp(start, MPS_DUMP_MAGIC, length) == 0;
}

static bool check_beginning(mps_input *input, GError **error)
{
    const char *start;
    if (mps_dump_begins(input))
        return true;
    const char *reason = mps_input_problem(input);
    if (reason == NULL && mps_input_peek(input, 1, &start) == 0)
        reason = "the file is empty";
    if (reason == NULL)
        reason = "not a dump: it does not begin with \"" MPS_DUMP_MAGIC "\"";
    g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT, reason);
    return false;
}

/* Undo put_escaped() of dump_writer.c. Bytes that are no escape are kept.
 * @return the name, freed by the caller */
static char *unescape(const char *text)
{
    GString *name = g_string_new(NULL);
    for (; *text != '\0'; text++) {
        bool escape = text[0] == '\\' && text[1] == 'x' && mps_dump_hex_digit(text[2]) < 16 &&
                      mps_dump_hex_digit(text[3]) < 16;
        if (escape) {
            g_string_append_c(
                name, (char)(mps_dump_hex_digit(text[2]) << 4 | mps_dump_hex_digit(text[3])));
            text += 3;
        } else {
            g_string_append_c(name, *text);
        }
    }
    return g_string_free(name, FALSE);
}

/* Read the next line. @param what  its name in errors
 * @return the line, freed by the caller; NULL, with `error` */
static char *read_line(mps_dump *dump, const char *what, GError **error)
{
    size_t length;
    const char *line;
    int result = next_line(dump->cells.input, &line, &length, error);
    if (result == 0)
        g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT, "the file ends before its %s", what);
    return result == 1 ? g_strndup(line, length) : NULL;
}

static bool read_comment(mps_dump *dump, GError **error)
{
    char *line = read_line(dump, "first line", error);
    if (line == NULL)
        return false;
    const char *at = line + strlen(MPS_DUMP_MAGIC);
    uint64_t version = 0;
    bool number = mps_dump_digits(&at, &version);
    bool good = number && version == MPS_DUMP_VERSION && (*at == ';' || *at == '\0');
    if (!number)
        mps_dump_cells_fail(&dump->cells, error, ": no version number after \"%s\"",
                            MPS_DUMP_MAGIC);
    else if (!good)
        g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT,
                    "the dump has version %.*s; this program reads version %d",
                    (int)strcspn(line + strlen(MPS_DUMP_MAGIC), ";"), line + strlen(MPS_DUMP_MAGIC),
                    MPS_DUMP_VERSION);
    else if (g_str_has_prefix(at, MPS_DUMP_CAPTURE))
        dump->capture = unescape(at + strlen(MPS_DUMP_CAPTURE));
    g_free(line);
    return good;
}

/* The column of this name; NULL: it is not read. */
static const mps_dump_column *column_of(const char *name)
{
    for (unsigned i = 0; i < MPS_DUMP_COLUMNS; i++)
        if (strcmp(mps_dump_columns[i].name, name) == 0)
            return &mps_dump_columns[i];
    return NULL;
}

/* Check that no column that is read appears twice, and that only optional ones are missing. */
static bool check_columns(const mps_dump_cells *cells, GError **error)
{
    for (unsigned i = 0; i < MPS_DUMP_COLUMNS; i++) {
        const mps_dump_column *column = &mps_dump_columns[i];
        guint first;
        if (!g_ptr_array_find(cells->columns, column, &first)) {
            if (column->optional)
                continue;
            return mps_dump_cells_fail(cells, error, ": the column %s is missing", column->name);
        }
        for (guint other = first + 1; other < cells->columns->len; other++)
            if (g_ptr_array_index(cells->columns, other) == column)
                return mps_dump_cells_fail(cells, error, ": the column %s appears twice",
                                           column->name);
    }
    return true;
}

static bool read_header(mps_dump *dump, GError **error)
{
    char *line = read_line(dump, "header line", error);
    if (line == NULL)
        return false;
    char **names = g_strsplit(line, ",", -1);
    for (unsigned i = 0; names[i] != NULL; i++) {
        const mps_dump_column *column = column_of(names[i]);
        g_ptr_array_add(dump->cells.columns, (gpointer)column); /* GLib lacks const */
        if (column != NULL)
            dump->cells.last_read = i;
    }
    g_strfreev(names);
    g_free(line);
    return check_columns(&dump->cells, error);
}

mps_dump *mps_dump_from(mps_input *input, GError **error)
{
    mps_dump *dump = g_new0(mps_dump, 1);
    dump->cells.input = input;
    dump->cells.columns = g_ptr_array_new();
    if (check_beginning(input, error) && read_comment(dump, error) && read_header(dump, error))
        return dump;
    mps_dump_close(dump);
    return NULL;
}

mps_dump *mps_dump_open(const char *path, GError **error)
{
    mps_input *input = mps_input_new(path, error);
    return input != NULL ? mps_dump_from(input, error) : NULL;
}

const char *mps_dump_capture(const mps_dump *dump)
{
    return dump->capture;
}

void mps_dump_close(mps_dump *dump)
{
    if (dump == NULL)
        return;
    mps_input_free(dump->cells.input);
    g_ptr_array_free(dump->cells.columns, TRUE);
    g_free(dump->capture);
    g_free(dump);
}
