/* dump_writer.c: writes the dump: its rows as they come, and the numbers again that changed later.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/input.h"
#include "base/output_spool.h"
#include "dump_format.h"
#include "dump_icmp.h"
#include "dump_row.h"

#include <mptcpscope/dump.h>
#include <mptcpscope/error.h>
#include <mptcpscope/printable.h>
#include <string.h>

/* Bytes of rows that are handed to the stream at once. */
#define BLOCK_SIZE 65536u

/* Lines before the first row, and the cells that may change. */
#define HEAD_LINES 2
#define CHANGING_CELLS 4

/* Stands for a row without a verdict. */
#define NO_ID UINT32_MAX

/* What is needed of a row to write its numbers again. */
typedef struct {
    uint32_t id;   /* subflow id << 1 | half, or NO_ID */
    uint32_t copy; /* as in mps_verdict */
} row_verdict;

struct mps_dump_writer {
    char *path;
    mps_output *target;
    mps_output *spool; /* holds the rows if the target is a pipe or a device; NULL otherwise */
    bool renumber;     /* numbers changed after rows were written */
    bool has_rows;
    uint32_t generation; /* of the tracker's numbers when the last row was written */
    GArray *rows;        /* row_verdict of each line after the head */
    size_t used;         /* bytes of the block */
    char block[BLOCK_SIZE];
    mps_row_addresses addresses;
};

/* ---- rows ---- */

static FILE *rows_stream(mps_dump_writer *writer)
{
    return mps_output_stream(writer->spool != NULL ? writer->spool : writer->target);
}

static void flush_block(mps_dump_writer *writer)
{
    fwrite(writer->block, 1, writer->used, rows_stream(writer)); /* the output keeps errors */
    writer->used = 0;
}

/* Notice that the tracker changed numbers of rows that are written. */
static void watch_generation(mps_dump_writer *writer, const mps_tracker *tracker)
{
    uint32_t generation = mps_tracker_generation(tracker);
    if (writer->has_rows && generation != writer->generation)
        writer->renumber = true;
    writer->generation = generation;
}

void mps_dump_write(mps_dump_writer *writer, const mps_tracker *tracker, const mps_segment *segment,
                    const mps_verdict *verdict)
{
    if (BLOCK_SIZE - writer->used < MPS_ROW_MAX)
        flush_block(writer);
    watch_generation(writer, tracker);
    writer->has_rows = true;
    row_verdict row = {.id = NO_ID};
    char *at = mps_row_put_facts(writer->block + writer->used, &writer->addresses, segment);
    at = mps_row_put_decoded(at, segment);
    if (verdict != NULL) {
        row = (row_verdict){verdict->subflow << 1 | verdict->half, verdict->copy};
        at = mps_row_put_numbers(at, tracker, mps_tracker_final(tracker, verdict));
        at = mps_row_put_verdict(at, tracker, mps_tracker_final(tracker, verdict));
        writer->renumber |= verdict->copy && mps_tracker_copy_of(tracker, verdict) == 0;
    } else {
        at = mps_row_put_no_verdict(at);
    }
    *at++ = '\n';
    g_array_append_val(writer->rows, row);
    writer->used = (size_t)(at - writer->block);
}

void mps_dump_write_icmp(mps_dump_writer *writer, const mps_icmp_error *error)
{
    const row_verdict row = {.id = NO_ID}; /* no numbers in it change */
    if (BLOCK_SIZE - writer->used < MPS_ROW_MAX)
        flush_block(writer);
    char *line = mps_dump_icmp_line(error);
    const size_t length = strlen(line);
    memcpy(writer->block + writer->used, line, length);
    writer->used += length;
    g_array_append_val(writer->rows, row);
    g_free(line);
}

/* ---- beginning and end ---- */

/* Write a name so that the line remains one line of valid UTF-8 without quotes, whatever bytes the
 * name consists of. Other bytes are written as \x and two hex digits. */
static void put_escaped(FILE *stream, const char *name)
{
    while (*name != '\0') {
        gunichar c = g_utf8_get_char_validated(name, -1);
        bool valid = c != (gunichar)-1 && c != (gunichar)-2;
        if (valid && mps_is_printable(c) && strchr("\\\"'", *name) == NULL) {
            const char *next = g_utf8_next_char(name);
            fwrite(name, 1, (size_t)(next - name), stream);
            name = next;
        } else {
            fprintf(stream, "\\x%02x", (unsigned char)*name++);
        }
    }
}

static void write_head(FILE *stream, const char *capture)
{
    fprintf(stream, "%s%d", MPS_DUMP_MAGIC, MPS_DUMP_VERSION);
    if (capture != NULL) {
        fputs(MPS_DUMP_CAPTURE, stream);
        put_escaped(stream, capture);
    } else {
        fputs(MPS_DUMP_LIVE, stream);
    }
    fputs("\n" MPS_DUMP_FACTS "," MPS_DUMP_DECODED "," MPS_DUMP_NUMBERS "," MPS_DUMP_VERDICT "\n",
          stream);
}

mps_dump_writer *mps_dump_writer_new(const char *path, const char *capture, GError **error)
{
    mps_output *target = mps_output_open(path, error);
    if (target == NULL)
        return NULL;
    mps_output *spool = NULL;
    if (mps_output_temporary(target) == NULL) { /* rows there cannot be corrected later */
        spool = mps_output_spool(error);
        if (spool == NULL) {
            mps_output_discard(target);
            return NULL;
        }
    }
    mps_dump_writer *writer = g_new0(mps_dump_writer, 1);
    writer->path = g_strdup(path);
    writer->target = target;
    writer->spool = spool;
    writer->rows = g_array_new(FALSE, FALSE, sizeof(row_verdict));
    write_head(rows_stream(writer), capture);
    return writer;
}

static void free_writer(mps_dump_writer *writer)
{
    g_array_free(writer->rows, TRUE);
    g_free(writer->path);
    g_free(writer);
}

/* @return the byte after the next `count` commas */
static const char *skip_cells(const char *at, const char *end, unsigned count)
{
    while (count-- > 0) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        at = comma != NULL ? comma + 1 : end;
    }
    return at;
}

/* Write a row with its numbers corrected, and its verdict, if the segment counted later.
 * @param commas  how many precede them */
static void copy_row(FILE *to, const mps_tracker *tracker, const row_verdict *row, unsigned commas,
                     const char *text, size_t length)
{
    char changed[MPS_ROW_CHANGING_MAX];
    const mps_verdict first = {.subflow = row->id >> 1, .half = row->id & 1, .copy = row->copy};
    const mps_verdict *verdict = mps_tracker_final(tracker, &first);
    const char *end = text + length;
    const char *from = skip_cells(text, end, commas);
    const char *rest = skip_cells(from, end, CHANGING_CELLS);
    char *at = mps_row_put_numbers(changed, tracker, verdict);
    if (verdict != &first) {
        at = mps_row_put_verdict(at, tracker, verdict);
        rest = end;
    }
    fwrite(text, 1, (size_t)(from - text), to);
    fwrite(changed, 1, (size_t)(at - changed), to);
    fwrite(rest, 1, (size_t)(end + 1 - rest), to); /* with the newline */
}

static unsigned count_commas(const char *text)
{
    unsigned count = 0;
    for (; *text != '\0'; text++)
        count += *text == ',';
    return count;
}

/* Copy the rows of the file `from`, which this writer wrote, and correct their numbers. */
static bool copy_rows(mps_dump_writer *writer, const mps_tracker *tracker, const char *from,
                      FILE *to, GError **error)
{
    const unsigned commas = count_commas(MPS_DUMP_FACTS "," MPS_DUMP_DECODED ",");
    const char *line;
    size_t length;
    int result;
    mps_input *input = mps_input_new(from, error);
    if (input == NULL)
        return false;
    while ((result = mps_input_line(input, &line, &length, error)) == 1) {
        guint64 number = mps_input_line_number(input) - 1 - HEAD_LINES;
        const row_verdict *row =
            number < writer->rows->len ? &g_array_index(writer->rows, row_verdict, number) : NULL;
        if (writer->renumber && row && row->id != NO_ID)
            copy_row(to, tracker, row, commas, line, length);
        else
            fwrite(line, 1, length + 1, to);
    }
    mps_input_free(input);
    return result == 0;
}

/* Write all rows again to `target`. @param rows  the file that holds them; both are ended */
static bool write_again(mps_dump_writer *writer, const mps_tracker *tracker, mps_output *rows,
                        mps_output *target, GError **error)
{
    bool good =
        mps_output_end(rows, error) &&
        copy_rows(writer, tracker, mps_output_temporary(rows), mps_output_stream(target), error);
    mps_output_discard(rows);
    if (good)
        return mps_output_commit(target, error);
    mps_output_discard(target);
    return false;
}

bool mps_dump_writer_close(mps_dump_writer *writer, const mps_tracker *tracker, GError **error)
{
    bool good;
    flush_block(writer);
    watch_generation(writer, tracker);
    writer->renumber |= writer->has_rows && mps_tracker_late(tracker) > 0;
    if (writer->spool != NULL) {
        good = write_again(writer, tracker, writer->spool, writer->target, error);
    } else if (writer->renumber) {
        mps_output *again = mps_output_open(writer->path, error);
        good = again != NULL && write_again(writer, tracker, writer->target, again, error);
        if (again == NULL)
            mps_output_discard(writer->target);
    } else {
        good = mps_output_commit(writer->target, error);
    }
    free_writer(writer);
    return good;
}

void mps_dump_writer_discard(mps_dump_writer *writer)
{
    if (writer->spool != NULL)
        mps_output_discard(writer->spool);
    mps_output_discard(writer->target);
    free_writer(writer);
}
