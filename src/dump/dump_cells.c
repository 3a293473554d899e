/* dump_cells.c: reads the cells of a row of the dump into a segment. It accepts nothing that is not
 * exactly as docs/dump-format.md specifies.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "dump_cells.h"
#include "base/bytes.h"
#include "segment/option_parse.h"

#include <mptcpscope/error.h>
#include <stdarg.h>
#include <string.h>

/* Bytes of a TCP header (RFC 9293 section 3.1). */
#define TCP_HEADER_MIN 20u
#define TCP_HEADER_MAX 60u

/* All 12 bits of the flags. */
#define TCP_FLAGS_MAX 0xfffu

/* Bytes of a bad cell that a message shows. */
#define SHOWN_MAX 40u

#define COLUMN(name, type, member, min, max)                                                       \
    {                                                                                              \
        name, type, false, offsetof(mps_segment, member), min, max                                 \
    }

/* The first dumps of version 1 did not have it. */
#define OPTIONAL(name, type, member, min, max)                                                     \
    {                                                                                              \
        name, type, true, offsetof(mps_segment, member), min, max                                  \
    }

const mps_dump_column mps_dump_columns[MPS_DUMP_COLUMNS] = {
    COLUMN("frame", MPS_CELL_U32, frame, 1, UINT32_MAX),
    COLUMN("time_ns", MPS_CELL_TIME, time, 0, 0),
    COLUMN("tcp_stream", MPS_CELL_I32, tcp_stream, 0, INT32_MAX),
    COLUMN("source", MPS_CELL_ADDRESS, source, 0, 0),
    COLUMN("source_port", MPS_CELL_U16, source_port, 0, UINT16_MAX),
    COLUMN("destination", MPS_CELL_ADDRESS, destination, 0, 0),
    COLUMN("destination_port", MPS_CELL_U16, destination_port, 0, UINT16_MAX),
    COLUMN("ip_id", MPS_CELL_I32, ip_id, 0, UINT16_MAX),
    COLUMN("ttl", MPS_CELL_U8, ttl, 0, UINT8_MAX),
    COLUMN("tos", MPS_CELL_U8, tos, 0, UINT8_MAX),
    COLUMN("seq", MPS_CELL_U32, seq, 0, UINT32_MAX),
    COLUMN("ack", MPS_CELL_U32, ack, 0, UINT32_MAX),
    COLUMN("flags", MPS_CELL_U16, flags, 0, TCP_FLAGS_MAX),
    COLUMN("window", MPS_CELL_U16, window, 0, UINT16_MAX),
    COLUMN("checksum", MPS_CELL_U16, checksum, 0, UINT16_MAX),
    COLUMN("urgent", MPS_CELL_U16, urgent, 0, UINT16_MAX),
    COLUMN("header_length", MPS_CELL_U8, header_length, TCP_HEADER_MIN, TCP_HEADER_MAX),
    COLUMN("length", MPS_CELL_U32, length, 0, MPS_PAYLOAD_MAX),
    COLUMN("tcp_options", MPS_CELL_OPTIONS, options, 0, 0),
    OPTIONAL("payload_sum", MPS_CELL_SUM, payload_sum, 0, UINT16_MAX),
    OPTIONAL("interface", MPS_CELL_INTERFACE, link.interface, 0, UINT32_MAX - 1),
    OPTIONAL("link_index", MPS_CELL_LINK_INDEX, link.link_index, 1, UINT32_MAX),
    OPTIONAL("way", MPS_CELL_WAY, link.way, 0, 0),
    OPTIONAL("link_source", MPS_CELL_LINK_ADDRESS, link.source, 0, 0),
    OPTIONAL("link_destination", MPS_CELL_LINK_ADDRESS, link.destination, 0, 0),
};

/* ---- messages ---- */

bool mps_dump_cells_fail(const mps_dump_cells *cells, GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *reason = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT, "line %" G_GUINT64_FORMAT "%s",
                mps_input_line_number(cells->input), reason);
    g_free(reason);
    return false;
}

/* Set an error about the cell that begins at `cell`. @return false */
static bool fail_cell(const mps_dump_cells *cells, const mps_dump_column *column, const char *cell,
                      const char *reason, GError **error)
{
    const char *comma = memchr(cell, ',', (size_t)(cells->end - cell));
    size_t length = (size_t)((comma != NULL ? comma : cells->end) - cell);
    char *text = g_strndup(cell, MIN(length, SHOWN_MAX));
    char *shown = g_strescape(text, NULL);
    mps_dump_cells_fail(cells, error, ", column %s: \"%s%s\" %s", column->name, shown,
                        length > SHOWN_MAX ? "..." : "", reason);
    g_free(shown);
    g_free(text);
    return false;
}

static bool fail_range(const mps_dump_cells *cells, const mps_dump_column *column, const char *cell,
                       GError **error)
{
    char *reason = g_strdup_printf("is out of range (%u to %u)", column->min, column->max);
    fail_cell(cells, column, cell, reason, error);
    g_free(reason);
    return false;
}

/* ---- cells: each function reads the cell at *at and moves *at to its end; it returns false, with
 * `error`, if the cell is malformed ---- */

/* A newline follows the row, so *at may be read at the end of the row as well. */
static bool at_cell_end(const char *at)
{
    return *at == ',' || *at == '\n' || (*at == '\r' && at[1] == '\n');
}

static bool read_number(const mps_dump_cells *cells, const mps_dump_column *column, const char **at,
                        uint64_t *value, GError **error)
{
    const char *cell = *at;
    if (!mps_dump_digits(at, value) || !at_cell_end(*at))
        return fail_cell(cells, column, cell, "is not a number", error);
    if (*value < column->min || *value > column->max)
        return fail_range(cells, column, cell, error);
    return true;
}

static bool read_time(const mps_dump_cells *cells, const mps_dump_column *column, const char **at,
                      int64_t *time, GError **error)
{
    const char *cell = *at;
    bool negative = **at == '-';
    uint64_t value;
    *at += negative;
    if (!mps_dump_digits(at, &value) || !at_cell_end(*at))
        return fail_cell(cells, column, cell, "is not a number of nanoseconds", error);
    if (value > (uint64_t)MPS_TIME_MAX)
        return fail_cell(cells, column, cell, "is out of range", error);
    *time = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

/* The place in the cache for an address with this text. */
static mps_cached_address *find_entry(mps_dump_cells *cells, const char *text, size_t length)
{
    uint64_t tail = 0; /* addresses differ most at their ends */
    size_t tail_length = MIN(length, sizeof tail);
    memcpy(&tail, text + length - tail_length, tail_length);
    uint64_t hash = (tail ^ length) * MPS_GOLDEN_RATIO_64;
    return &cells->addresses[hash >> (64 - MPS_ADDRESS_CACHE_BITS)];
}

static bool read_address(mps_dump_cells *cells, const mps_dump_column *column, const char **at,
                         mps_address *address, GError **error)
{
    const char *cell = *at;
    while (!at_cell_end(*at))
        ++*at;
    size_t length = (size_t)(*at - cell);
    mps_cached_address *entry = find_entry(cells, cell, length);
    if (length == 0 || length >= sizeof entry->text)
        return fail_cell(cells, column, cell, "is not an IP address", error);
    if (entry->text_length != length || memcmp(entry->text, cell, length) != 0) {
        memcpy(entry->text, cell, length);
        entry->text[length] = '\0';
        entry->text_length = 0;
        if (strlen(entry->text) != length || !mps_address_from_text(&entry->address, entry->text))
            return fail_cell(cells, column, cell, "is not an IP address", error);
        entry->text_length = (uint8_t)length;
    }
    *address = entry->address;
    return true;
}

static bool read_options(mps_dump_cells *cells, const mps_dump_column *column, const char **at,
                         GError **error)
{
    const char *cell = *at;
    uint8_t count = 0;
    for (; !at_cell_end(*at); *at += 2) {
        unsigned high = mps_dump_hex_digit((*at)[0]);
        unsigned low = high < 16 ? mps_dump_hex_digit((*at)[1]) : 16;
        if (low > 15)
            return fail_cell(cells, column, cell, "is not pairs of lower-case hex digits", error);
        if (count == MPS_TCP_OPTIONS_MAX)
            return fail_cell(cells, column, cell, "is more than a TCP header can hold", error);
        cells->options[count++] = (uint8_t)(high << 4 | low);
    }
    cells->options_count = count;
    return true;
}

bool mps_dump_way(const char *name, size_t length, mps_way *way)
{
    for (*way = MPS_WAY_UNKNOWN; length > 0 && *way <= MPS_WAY_OTHER; ++*way) {
        const char *known = mps_way_name(*way);
        if (known != NULL && strlen(known) == length && memcmp(known, name, length) == 0)
            return true;
    }
    return length == 0;
}

static bool read_way(const mps_dump_cells *cells, const mps_dump_column *column, const char **at,
                     mps_way *way, GError **error)
{
    const char *cell = *at;
    while (!at_cell_end(*at))
        ++*at;
    return mps_dump_way(cell, (size_t)(*at - cell), way) ||
           fail_cell(cells, column, cell, "is not in, out or other", error);
}

bool mps_dump_link_address(const char *text, uint64_t *address)
{
    bool good = true;
    *address = 0;
    for (unsigned i = 0; good && i < MPS_LINK_ADDRESS_LENGTH; i++) {
        const unsigned digit = mps_dump_hex_digit(text[i]);
        good = i % 3 == 2 ? text[i] == ':' : digit < 16;
        if (i % 3 != 2)
            *address = *address << 4 | digit;
    }
    return good;
}

static bool read_link_address(const mps_dump_cells *cells, const mps_dump_column *column,
                              const char **at, uint64_t *address, GError **error)
{
    const char *cell = *at;
    if (!mps_dump_link_address(cell, address) || !at_cell_end(cell + MPS_LINK_ADDRESS_LENGTH))
        return fail_cell(cells, column, cell, "is not a link address of 6 bytes", error);
    *at = cell + MPS_LINK_ADDRESS_LENGTH;
    return true;
}

static void store(mps_segment *segment, const mps_dump_column *column, uint64_t value)
{
    void *member = (char *)segment + column->offset;
    switch (column->type) {
    case MPS_CELL_U8:
        *(uint8_t *)member = (uint8_t)value;
        break;
    case MPS_CELL_SUM:
        segment->has_payload_sum = true;
        *(uint16_t *)member = (uint16_t)value;
        break;
    case MPS_CELL_U16:
        *(uint16_t *)member = (uint16_t)value;
        break;
    case MPS_CELL_U32:
    case MPS_CELL_INTERFACE:
    case MPS_CELL_LINK_INDEX:
        *(uint32_t *)member = (uint32_t)value;
        break;
    default:
        *(int32_t *)member = (int32_t)value;
        break;
    }
}

static bool read_cell(mps_dump_cells *cells, const mps_dump_column *column, const char **at,
                      mps_segment *segment, GError **error)
{
    void *member = (char *)segment + column->offset;
    uint64_t value = 0;
    switch (column->type) {
    case MPS_CELL_TIME:
        return read_time(cells, column, at, member, error);
    case MPS_CELL_ADDRESS:
        return read_address(cells, column, at, member, error);
    case MPS_CELL_OPTIONS:
        return read_options(cells, column, at, error);
    case MPS_CELL_I32:
        if (at_cell_end(*at)) {
            *(int32_t *)member = -1;
            return true;
        }
        break;
    case MPS_CELL_WAY:
        return read_way(cells, column, at, member, error);
    case MPS_CELL_SUM:
    case MPS_CELL_INTERFACE:
    case MPS_CELL_LINK_INDEX:
    case MPS_CELL_LINK_ADDRESS: /* mps_dump_cells_read() set what an empty cell means */
        if (at_cell_end(*at))
            return true;
        if (column->type == MPS_CELL_LINK_ADDRESS)
            return read_link_address(cells, column, at, member, error);
        break;
    default:
        break;
    }
    if (!read_number(cells, column, at, &value, error))
        return false;
    store(segment, column, value);
    return true;
}

/* ---- rows ---- */

static unsigned count_commas(const char *from, const char *end)
{
    unsigned count = 0;
    for (; from < end; from++)
        count += *from == ',';
    return count;
}

/* Set an error about the number of cells. @return false */
static bool fail_count(const mps_dump_cells *cells, GError **error)
{
    return mps_dump_cells_fail(cells, error, ": %u cells, but the header line names %u columns",
                               count_commas(cells->line, cells->end) + 1, cells->columns->len);
}

/* Read the cells up to the last one that is needed. @return its end; NULL, with `error` */
static const char *read_needed(mps_dump_cells *cells, mps_segment *segment, GError **error)
{
    const char *at = cells->line;
    for (unsigned i = 0;; i++) {
        const mps_dump_column *column = g_ptr_array_index(cells->columns, i);
        if (column == NULL) {
            at = memchr(at, ',', (size_t)(cells->end - at));
            if (at == NULL)
                at = cells->end;
        } else if (!read_cell(cells, column, &at, segment, error)) {
            return NULL;
        }
        if (i == cells->last_read)
            return at;
        if (at == cells->end) {
            fail_count(cells, error);
            return NULL;
        }
        at++;
    }
}

/* Check that the row has as many cells as there are columns. @param at  from read_needed() */
static bool check_count(const mps_dump_cells *cells, const char *at, GError **error)
{
    unsigned not_read = cells->columns->len - 1 - cells->last_read;
    return count_commas(at, cells->end) == not_read || fail_count(cells, error);
}

static bool check_options(const mps_dump_cells *cells, const mps_segment *segment, GError **error)
{
    if (segment->header_length % 4 != 0)
        return mps_dump_cells_fail(cells, error,
                                   ", column header_length: \"%u\" is not a multiple of 4",
                                   segment->header_length);
    unsigned space = segment->header_length - TCP_HEADER_MIN;
    return cells->options_count <= space ||
           mps_dump_cells_fail(
               cells, error,
               ", column tcp_options: %u bytes, but a header_length of %u leaves room for %u",
               cells->options_count, segment->header_length, space);
}

bool mps_dump_cells_read(mps_dump_cells *cells, mps_segment *segment, GError **error)
{
    segment->has_payload_sum = false;
    segment->payload_sum = 0;
    segment->link = MPS_NO_LINK_FACTS;
    const char *at = read_needed(cells, segment, error);
    if (at == NULL || !check_count(cells, at, error) || !check_options(cells, segment, error))
        return false;
    mps_segment_parse_options(segment, cells->options, cells->options_count);
    return true;
}
