/* dump_reader.c: reads the facts of a dump back into segments, and takes nothing that is not
 * exactly what docs/dump-format.md says.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "dump_reader.h"
#include "dump_format.h"

#include <mptcpscope/error.h>
#include <stdarg.h>
#include <string.h>

#define TCP_HEADER_MIN 20u
#define TCP_HEADER_MAX 60u
#define TCP_FLAGS_MAX 0xfffu

/* Addresses are kept by their text, for a dump has few of them and many rows. A power of two. */
#define ADDRESS_CACHE_BITS 8
#define ADDRESS_CACHE_SIZE (1u << ADDRESS_CACHE_BITS)

/* How much of a bad cell a message shows. */
#define SHOWN_MAX 40u

typedef enum {
    CELL_U8,
    CELL_U16,
    CELL_U32,
    CELL_I32, /* empty: -1 */
    CELL_TIME,
    CELL_ADDRESS,
    CELL_OPTIONS,
    CELL_SUM, /* empty: none; the column need not be there */
} cell_type;

/* What is read into a segment. */
typedef struct {
    const char *name;
    cell_type type;
    size_t offset;
    uint32_t min, max;
} dump_fact;

#define FACT(name, type, member, min, max)                                                         \
    {                                                                                              \
        name, type, offsetof(mps_segment, member), min, max                                        \
    }

static const dump_fact facts[] = {
    FACT("frame", CELL_U32, frame, 1, UINT32_MAX),
    FACT("time_ns", CELL_TIME, time, 0, 0),
    FACT("tcp_stream", CELL_I32, tcp_stream, 0, INT32_MAX),
    FACT("source", CELL_ADDRESS, source, 0, 0),
    FACT("source_port", CELL_U16, source_port, 0, UINT16_MAX),
    FACT("destination", CELL_ADDRESS, destination, 0, 0),
    FACT("destination_port", CELL_U16, destination_port, 0, UINT16_MAX),
    FACT("ip_id", CELL_I32, ip_id, 0, UINT16_MAX),
    FACT("ttl", CELL_U8, ttl, 0, UINT8_MAX),
    FACT("tos", CELL_U8, tos, 0, UINT8_MAX),
    FACT("seq", CELL_U32, seq, 0, UINT32_MAX),
    FACT("ack", CELL_U32, ack, 0, UINT32_MAX),
    FACT("flags", CELL_U16, flags, 0, TCP_FLAGS_MAX),
    FACT("window", CELL_U16, window, 0, UINT16_MAX),
    FACT("checksum", CELL_U16, checksum, 0, UINT16_MAX),
    FACT("urgent", CELL_U16, urgent, 0, UINT16_MAX),
    FACT("header_length", CELL_U8, header_length, TCP_HEADER_MIN, TCP_HEADER_MAX),
    FACT("length", CELL_U32, length, 0, UINT32_MAX),
    FACT("tcp_options", CELL_OPTIONS, options, 0, 0),
    FACT("payload_sum", CELL_SUM, payload_sum, 0, UINT16_MAX),
};

typedef struct {
    mps_address address;
    uint8_t text_length; /* 0: unused */
    char text[MPS_ADDRESS_TEXT_MAX];
} address_text;

struct mps_dump {
    mps_input *input;
    char *capture;
    GPtrArray *columns;     /* const dump_fact *, NULL for a column that is not read */
    unsigned last_fact;     /* index of the last column that is read */
    const char *line, *end; /* the row that is being read */
    uint8_t options[MPS_TCP_OPTIONS_MAX];
    uint8_t options_count;
    address_text addresses[ADDRESS_CACHE_SIZE];
};

/* ---- messages ---- */

G_GNUC_PRINTF(3, 4)
static bool fail(const mps_dump *dump, GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *reason = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT, "line %" G_GUINT64_FORMAT "%s",
                mps_input_line_number(dump->input), reason);
    g_free(reason);
    return false;
}

/* Say what is wrong with the cell that begins at `cell`. */
static bool fail_cell(const mps_dump *dump, const dump_fact *fact, const char *cell,
                      const char *reason, GError **error)
{
    const char *comma = memchr(cell, ',', (size_t)(dump->end - cell));
    size_t length = (size_t)((comma != NULL ? comma : dump->end) - cell);
    char *text = g_strndup(cell, MIN(length, SHOWN_MAX));
    char *shown = g_strescape(text, NULL);
    fail(dump, error, ", column %s: \"%s%s\" %s", fact->name, shown,
         length > SHOWN_MAX ? "..." : "", reason);
    g_free(shown);
    g_free(text);
    return false;
}

static bool fail_range(const mps_dump *dump, const dump_fact *fact, const char *cell,
                       GError **error)
{
    char *reason = g_strdup_printf("is out of range (%u to %u)", fact->min, fact->max);
    fail_cell(dump, fact, cell, reason, error);
    g_free(reason);
    return false;
}

/* ---- cells; each function reads from *at, leaves it behind the cell, and answers false with
 * `error` when it is none of its kind ---- */

/* A row is followed by its newline, so looking at *at is safe at the end of the row, too. */
static bool at_cell_end(const char *at)
{
    return *at == ',' || *at == '\n';
}

/* Read digits. @return false if there is none, or more than 64 bits hold */
static bool read_digits(const char **at, uint64_t *value)
{
    const char *start = *at, *p = start;
    uint64_t sum = 0;
    for (; (unsigned char)(*p - '0') < 10; p++) {
        unsigned digit = (unsigned char)(*p - '0');
        if (p - start >= 19 && sum > (UINT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    *at = p;
    return p > start;
}

static bool read_number(const mps_dump *dump, const dump_fact *fact, const char **at,
                        uint64_t *value, GError **error)
{
    const char *cell = *at;
    if (!read_digits(at, value) || !at_cell_end(*at))
        return fail_cell(dump, fact, cell, "is not a number", error);
    if (*value < fact->min || *value > fact->max)
        return fail_range(dump, fact, cell, error);
    return true;
}

static bool read_time(const mps_dump *dump, const dump_fact *fact, const char **at, int64_t *time,
                      GError **error)
{
    const char *cell = *at;
    bool negative = **at == '-';
    uint64_t value;
    *at += negative;
    if (!read_digits(at, &value) || !at_cell_end(*at))
        return fail_cell(dump, fact, cell, "is not a number of nanoseconds", error);
    if (value > (uint64_t)MPS_TIME_MAX)
        return fail_cell(dump, fact, cell, "is out of range", error);
    *time = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

static address_text *find_entry(mps_dump *dump, const char *text, size_t length)
{
    uint64_t tail = 0; /* the end differs more than the beginning */
    size_t tail_length = MIN(length, sizeof tail);
    memcpy(&tail, text + length - tail_length, tail_length);
    uint64_t hash = (tail ^ length) * 0x9e3779b97f4a7c15u; /* spreads well, by the golden ratio */
    return &dump->addresses[hash >> (64 - ADDRESS_CACHE_BITS)];
}

static bool read_address(mps_dump *dump, const dump_fact *fact, const char **at,
                         mps_address *address, GError **error)
{
    const char *cell = *at;
    while (!at_cell_end(*at))
        ++*at;
    size_t length = (size_t)(*at - cell);
    address_text *entry = find_entry(dump, cell, length);
    if (length == 0 || length >= sizeof entry->text)
        return fail_cell(dump, fact, cell, "is not an IP address", error);
    if (entry->text_length != length || memcmp(entry->text, cell, length) != 0) {
        memcpy(entry->text, cell, length);
        entry->text[length] = '\0';
        entry->text_length = 0;
        if (strlen(entry->text) != length || !mps_address_from_text(&entry->address, entry->text))
            return fail_cell(dump, fact, cell, "is not an IP address", error);
        entry->text_length = (uint8_t)length;
    }
    *address = entry->address;
    return true;
}

/* @return the value of a lower-case hex digit, or more than 15 */
static unsigned hex_value(char c)
{
    unsigned digit = (unsigned char)(c - '0'), letter = (unsigned char)(c - 'a');
    if (digit < 10)
        return digit;
    return letter < 6 ? letter + 10 : 16;
}

static bool read_options(mps_dump *dump, const dump_fact *fact, const char **at, GError **error)
{
    const char *cell = *at;
    uint8_t count = 0;
    for (; !at_cell_end(*at); *at += 2) {
        unsigned high = hex_value((*at)[0]);
        unsigned low = high < 16 ? hex_value((*at)[1]) : 16;
        if (low > 15)
            return fail_cell(dump, fact, cell, "is not pairs of lower-case hex digits", error);
        if (count == MPS_TCP_OPTIONS_MAX)
            return fail_cell(dump, fact, cell, "is more than a TCP header holds", error);
        dump->options[count++] = (uint8_t)(high << 4 | low);
    }
    dump->options_count = count;
    return true;
}

static void store(mps_segment *segment, const dump_fact *fact, uint64_t value)
{
    void *member = (char *)segment + fact->offset;
    switch (fact->type) {
    case CELL_U8:
        *(uint8_t *)member = (uint8_t)value;
        break;
    case CELL_SUM:
        segment->has_payload_sum = true;
        *(uint16_t *)member = (uint16_t)value;
        break;
    case CELL_U16:
        *(uint16_t *)member = (uint16_t)value;
        break;
    case CELL_U32:
        *(uint32_t *)member = (uint32_t)value;
        break;
    default:
        *(int32_t *)member = (int32_t)value;
        break;
    }
}

static bool read_cell(mps_dump *dump, const dump_fact *fact, const char **at, mps_segment *segment,
                      GError **error)
{
    void *member = (char *)segment + fact->offset;
    uint64_t value = 0;
    switch (fact->type) {
    case CELL_TIME:
        return read_time(dump, fact, at, member, error);
    case CELL_ADDRESS:
        return read_address(dump, fact, at, member, error);
    case CELL_OPTIONS:
        return read_options(dump, fact, at, error);
    case CELL_I32:
        if (at_cell_end(*at)) {
            *(int32_t *)member = -1;
            return true;
        }
        break;
    case CELL_SUM:
        if (at_cell_end(*at))
            return true;
        break;
    default:
        break;
    }
    if (!read_number(dump, fact, at, &value, error))
        return false;
    store(segment, fact, value);
    return true;
}

/* ---- rows ---- */

static bool fail_count(const mps_dump *dump, GError **error)
{
    unsigned cells = 1;
    for (const char *p = dump->line; p < dump->end; p++)
        cells += *p == ',';
    return fail(dump, error, ": %u cells, but the header line names %u columns", cells,
                dump->columns->len);
}

/* Read the cells up to the last one that is needed. @return where it stopped, or NULL */
static const char *read_facts(mps_dump *dump, mps_segment *segment, GError **error)
{
    const char *at = dump->line;
    for (unsigned i = 0;; i++) {
        const dump_fact *fact = g_ptr_array_index(dump->columns, i);
        if (fact == NULL) {
            at = memchr(at, ',', (size_t)(dump->end - at));
            if (at == NULL)
                at = dump->end;
        } else if (!read_cell(dump, fact, &at, segment, error)) {
            return NULL;
        }
        if (i == dump->last_fact)
            return at;
        if (at == dump->end) {
            fail_count(dump, error);
            return NULL;
        }
        at++;
    }
}

static bool check_count(const mps_dump *dump, const char *at, GError **error)
{
    unsigned commas = 0;
    for (; at < dump->end; at++)
        commas += *at == ',';
    return commas == dump->columns->len - 1 - dump->last_fact || fail_count(dump, error);
}

static bool check_options(const mps_dump *dump, const mps_segment *segment, GError **error)
{
    if (segment->header_length % 4 != 0)
        return fail(dump, error, ", column header_length: \"%u\" is not a multiple of 4",
                    segment->header_length);
    unsigned room = segment->header_length - TCP_HEADER_MIN;
    return dump->options_count <= room ||
           fail(dump, error,
                ", column tcp_options: %u bytes, but a header_length of %u leaves room for %u",
                dump->options_count, segment->header_length, room);
}

int mps_dump_next(mps_dump *dump, mps_segment *segment, GError **error)
{
    size_t length;
    int result = mps_input_line(dump->input, &dump->line, &length, error);
    if (result != 1)
        return result;
    dump->end = dump->line + length;
    segment->has_payload_sum = false;
    segment->payload_sum = 0;
    const char *at = read_facts(dump, segment, error);
    if (at == NULL || !check_count(dump, at, error) || !check_options(dump, segment, error))
        return -1;
    mps_segment_parse_options(segment, dump->options, dump->options_count);
    return 1;
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

/* Read an escaped name back (see put_escaped() in dump_writer.c). What is not an escape stands
 * for itself. */
static char *unescape(const char *text)
{
    GString *name = g_string_new(NULL);
    for (; *text != '\0'; text++) {
        if (text[0] == '\\' && text[1] == 'x' && hex_value(text[2]) < 16 &&
            hex_value(text[3]) < 16) {
            g_string_append_c(name, (char)(hex_value(text[2]) << 4 | hex_value(text[3])));
            text += 3;
        } else {
            g_string_append_c(name, *text);
        }
    }
    return g_string_free(name, FALSE);
}

/* Read the next line as a string that the caller frees. @return NULL with `error` */
static char *read_line(mps_dump *dump, const char *what, GError **error)
{
    size_t length;
    int result = mps_input_line(dump->input, &dump->line, &length, error);
    if (result == 0)
        g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT, "the file ends before its %s", what);
    return result == 1 ? g_strndup(dump->line, length) : NULL;
}

static bool read_comment(mps_dump *dump, GError **error)
{
    char *line = read_line(dump, "first line", error);
    if (line == NULL)
        return false;
    const char *at = line + strlen(MPS_DUMP_MAGIC);
    uint64_t version = 0;
    bool number = read_digits(&at, &version);
    bool good = number && version == MPS_DUMP_VERSION && (*at == ';' || *at == '\0');
    if (!number)
        fail(dump, error, ": no version number behind \"%s\"", MPS_DUMP_MAGIC);
    else if (!good)
        g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT,
                    "a dump of version %.*s; this program reads version %d",
                    (int)strcspn(line + strlen(MPS_DUMP_MAGIC), ";"), line + strlen(MPS_DUMP_MAGIC),
                    MPS_DUMP_VERSION);
    else if (g_str_has_prefix(at, MPS_DUMP_CAPTURE))
        dump->capture = unescape(at + strlen(MPS_DUMP_CAPTURE));
    g_free(line);
    return good;
}

static const dump_fact *fact_of(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(facts); i++)
        if (strcmp(facts[i].name, name) == 0)
            return &facts[i];
    return NULL;
}

/* Every fact must be there once, but for the one that came later. */
static bool check_columns(const mps_dump *dump, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(facts); i++) {
        guint first;
        if (!g_ptr_array_find(dump->columns, &facts[i], &first)) {
            if (facts[i].type == CELL_SUM)
                continue;
            return fail(dump, error, ": there is no column %s", facts[i].name);
        }
        for (guint other = first + 1; other < dump->columns->len; other++)
            if (g_ptr_array_index(dump->columns, other) == &facts[i])
                return fail(dump, error, ": there are two columns %s", facts[i].name);
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
        const dump_fact *fact = fact_of(names[i]);
        g_ptr_array_add(dump->columns, (void *)fact);
        if (fact != NULL)
            dump->last_fact = i;
    }
    g_strfreev(names);
    g_free(line);
    return check_columns(dump, error);
}

mps_dump *mps_dump_from(mps_input *input, GError **error)
{
    mps_dump *dump = g_new0(mps_dump, 1);
    dump->input = input;
    dump->columns = g_ptr_array_new();
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
    mps_input_free(dump->input);
    g_ptr_array_free(dump->columns, TRUE);
    g_free(dump->capture);
    g_free(dump);
}
