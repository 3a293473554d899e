/* dump_writer.c: writes the dump. It formats numbers itself, because printf() would take ten times
 * as long as the rest of a row.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/bytes.h"
#include "base/input.h"
#include "base/output_spool.h"
#include "dump_format.h"
#include "tracker/tracker_state.h"

#include <mptcpscope/dump.h>
#include <mptcpscope/error.h>
#include <mptcpscope/printable.h>
#include <string.h>

/* Bytes of rows that are handed to the stream at once. */
#define BLOCK_SIZE 65536u

/* More bytes than the longest row: about 40 numbers of at most 20 digits, two addresses, 80 hex
 * digits, 4 SACK blocks and 13 option names. */
#define ROW_MAX 2048u

/* Cached texts of addresses: a capture has few addresses and many rows. A power of two. */
#define ADDRESS_CACHE_SIZE 256u

/* Lines before the first row; the cells that may change, and the bytes of the longest ones with
 * those of the verdict. */
#define HEAD_LINES 2
#define CHANGING_CELLS 4
#define CHANGING_MAX 256

/* Stands for a row without a verdict. */
#define NO_ID UINT32_MAX

/* What is needed of a row to write its numbers again. */
typedef struct {
    uint32_t id;   /* subflow id << 1 | half, or NO_ID */
    uint32_t copy; /* as in mps_verdict */
} row_verdict;

typedef struct {
    mps_address address;
    uint8_t text_length;
    char text[MPS_ADDRESS_TEXT_MAX];
} cached_address;

struct mps_dump_writer {
    char *path;
    mps_output *target;
    mps_output *spool; /* holds the rows if the target is a pipe or a device; NULL otherwise */
    bool renumber;     /* numbers changed after rows were written */
    bool has_rows;
    uint32_t generation; /* of the tracker's numbers when the last row was written */
    GArray *rows;        /* row_verdict of each row */
    size_t used;         /* bytes of the block */
    char block[BLOCK_SIZE];
    cached_address addresses[ADDRESS_CACHE_SIZE];
};

/* ---- cells: each function writes at `at` and returns the end of what it wrote ---- */

static char *put_u64(char *at, uint64_t value)
{
    char digits[20]; /* of UINT64_MAX */
    unsigned first = sizeof digits;
    do {
        digits[--first] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    memcpy(at, digits + first, sizeof digits - first);
    return at + (sizeof digits - first);
}

/* The same for 32 bits, whose divisions are faster. */
static char *put_u32(char *at, uint32_t value)
{
    char digits[10]; /* of UINT32_MAX */
    unsigned first = sizeof digits;
    do {
        digits[--first] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    memcpy(at, digits + first, sizeof digits - first);
    return at + (sizeof digits - first);
}

static char *put_i64(char *at, int64_t value)
{
    if (value >= 0)
        return put_u64(at, (uint64_t)value);
    *at++ = '-';
    return put_u64(at, -(uint64_t)value);
}

static char *put_text(char *at, const char *text)
{
    size_t length = strlen(text);
    memcpy(at, text, length);
    return at + length;
}

/* Cells with the comma after them. */

static char *cell_u32(char *at, uint32_t value)
{
    at = put_u32(at, value);
    *at++ = ',';
    return at;
}

static char *cell_i64(char *at, int64_t value)
{
    at = put_i64(at, value);
    *at++ = ',';
    return at;
}

/* An empty cell where the value is unknown. */
static char *cell_known(char *at, bool known, uint64_t value)
{
    if (known)
        at = put_u64(at, value);
    *at++ = ',';
    return at;
}

static char *cell_address(char *at, mps_dump_writer *writer, const mps_address *address)
{
    uint32_t hash = 0;
    for (unsigned i = 0; i < 16; i += 4) {
        uint32_t word;
        memcpy(&word, address->bytes + i, sizeof word);
        hash = (hash ^ word) * MPS_GOLDEN_RATIO_32;
    }
    cached_address *entry = &writer->addresses[hash >> 24 & (ADDRESS_CACHE_SIZE - 1)];
    if (entry->text_length == 0 || entry->address.length != address->length ||
        memcmp(entry->address.bytes, address->bytes, sizeof address->bytes) != 0) {
        entry->address = *address;
        mps_address_text(address, entry->text);
        entry->text_length = (uint8_t)strlen(entry->text);
    }
    memcpy(at, entry->text, sizeof entry->text); /* a constant size is faster */
    at += entry->text_length;
    *at++ = ',';
    return at;
}

/* A link address, as Wireshark writes it: 02:42:ac:11:00:02. */
static char *cell_link_address(char *at, uint64_t address)
{
    static const char hex[] = "0123456789abcdef";
    for (int shift = 44; address != 0 && shift >= 0; shift -= 8) {
        *at++ = hex[address >> shift & 15];
        *at++ = hex[address >> (shift - 4) & 15];
        *at++ = ':';
    }
    at -= address != 0;
    *at++ = ',';
    return at;
}

static char *cell_hex(char *at, const uint8_t *bytes, size_t count)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        *at++ = hex[bytes[i] >> 4];
        *at++ = hex[bytes[i] & 15];
    }
    *at++ = ',';
    return at;
}

/* ---- the row ---- */

static char *put_link_facts(char *at, const mps_link_facts *facts)
{
    const char *way = mps_way_name(facts->way);
    at = cell_known(at, facts->interface != MPS_NONE, facts->interface);
    at = cell_known(at, facts->link_index != 0, facts->link_index);
    at = put_text(at, way != NULL ? way : "");
    *at++ = ',';
    at = cell_link_address(at, facts->source);
    return cell_link_address(at, facts->destination);
}

static char *put_facts(char *at, mps_dump_writer *writer, const mps_segment *segment)
{
    at = cell_u32(at, segment->frame);
    at = cell_i64(at, segment->time);
    at = cell_known(at, segment->tcp_stream >= 0, (uint32_t)segment->tcp_stream);
    at = cell_address(at, writer, &segment->source);
    at = cell_u32(at, segment->source_port);
    at = cell_address(at, writer, &segment->destination);
    at = cell_u32(at, segment->destination_port);
    at = cell_known(at, segment->ip_id >= 0, (uint32_t)segment->ip_id);
    at = cell_u32(at, segment->ttl);
    at = cell_u32(at, segment->tos);
    at = cell_u32(at, segment->seq);
    at = cell_u32(at, segment->ack);
    at = cell_u32(at, segment->flags);
    at = cell_u32(at, segment->window);
    at = cell_u32(at, segment->checksum);
    at = cell_u32(at, segment->urgent);
    at = cell_u32(at, segment->header_length);
    at = cell_u32(at, segment->length);
    at = cell_hex(at, segment->options, segment->options_captured);
    at = cell_known(at, segment->has_payload_sum, segment->payload_sum);
    return put_link_facts(at, &segment->link);
}

static char *put_sack(char *at, const mps_segment *segment)
{
    for (unsigned i = 0; i < segment->sack_blocks; i++) {
        if (i > 0)
            *at++ = ' ';
        at = put_u32(at, segment->sack[i].left);
        *at++ = '-';
        at = put_u32(at, segment->sack[i].right);
    }
    *at++ = ',';
    return at;
}

static char *put_option_names(char *at, const mps_segment *segment)
{
    for (unsigned i = 0; i < segment->mptcp_count; i++) {
        uint8_t subtype = segment->mptcp[i].subtype;
        const char *name = mps_subtype_name(subtype);
        if (i > 0)
            *at++ = ' ';
        at = put_text(at, name != NULL ? name : "0x");
        if (name == NULL)
            *at++ = "0123456789abcdef"[subtype & 15];
    }
    *at++ = ',';
    return at;
}

static char *put_dss(char *at, const mps_segment *segment)
{
    const mps_option *option = mps_segment_option(segment, MPS_DSS);
    if (option == NULL)
        return put_text(at, ",,,,,");
    at = cell_known(at, option->dss.has_ack, option->dss.ack);
    at = cell_known(at, option->dss.has_map, option->dss.dsn);
    at = cell_known(at, option->dss.has_map, option->dss.ssn);
    at = cell_known(at, option->dss.has_map, option->dss.data_length);
    return cell_u32(at, option->dss.data_fin);
}

static char *put_decoded(char *at, const mps_segment *segment)
{
    at = cell_known(at, segment->has_timestamps, segment->tsval);
    at = cell_known(at, segment->has_timestamps, segment->tsecr);
    at = put_sack(at, segment);
    at = put_option_names(at, segment);
    return put_dss(at, segment);
}

/* The cells that may have to be corrected at the end. */
static char *put_numbers(char *at, const mps_tracker *tracker, const mps_verdict *verdict)
{
    uint32_t connection, subflow, copy_of = mps_tracker_copy_of(tracker, verdict);
    mps_tracker_numbers(tracker, verdict->subflow, &connection, &subflow);
    at = cell_known(at, connection != MPS_NONE, connection);
    at = cell_known(at, subflow != MPS_NONE, subflow);
    bool c2s = mps_tracker_direction(tracker, verdict->subflow, verdict->half) == MPS_C2S;
    at = put_text(at, c2s ? "c2s," : "s2c,");
    return cell_known(at, copy_of > 0, copy_of);
}

static char *put_verdict(char *at, const mps_tracker *tracker, const mps_verdict *verdict)
{
    mps_dsn dsn = {0};
    if (verdict->has_dsn)
        dsn = mps_tracker_dsn(tracker, verdict);
    at = cell_known(at, dsn.has_absolute, dsn.absolute);
    at = cell_known(at, dsn.has_relative, dsn.relative);
    at = cell_i64(at, verdict->data);
    at = cell_u32(at, verdict->retransmitted);
    at = cell_i64(at, verdict->reinjected);
    at = cell_i64(at, verdict->unmapped);
    *at++ = verdict->data_fin ? '1' : '0';
    return at;
}

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
    if (BLOCK_SIZE - writer->used < ROW_MAX)
        flush_block(writer);
    watch_generation(writer, tracker);
    writer->has_rows = true;
    row_verdict row = {.id = NO_ID};
    char *at = put_facts(writer->block + writer->used, writer, segment);
    at = put_decoded(at, segment);
    if (verdict != NULL) {
        row = (row_verdict){verdict->subflow << 1 | verdict->half, verdict->copy};
        at = put_numbers(at, tracker, mps_tracker_final(tracker, verdict));
        at = put_verdict(at, tracker, mps_tracker_final(tracker, verdict));
        writer->renumber |= verdict->copy && mps_tracker_copy_of(tracker, verdict) == 0;
    } else {
        at = put_text(at, ",,,,,,,,,,");
    }
    *at++ = '\n';
    g_array_append_val(writer->rows, row);
    writer->used = (size_t)(at - writer->block);
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
    char changed[CHANGING_MAX];
    const mps_verdict first = {.subflow = row->id >> 1, .half = row->id & 1, .copy = row->copy};
    const mps_verdict *verdict = mps_tracker_final(tracker, &first);
    const char *end = text + length;
    const char *from = skip_cells(text, end, commas);
    const char *rest = skip_cells(from, end, CHANGING_CELLS);
    char *at = put_numbers(changed, tracker, verdict);
    if (verdict != &first) {
        at = put_verdict(at, tracker, verdict);
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
