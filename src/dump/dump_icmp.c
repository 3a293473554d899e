/* dump_icmp.c: writes and reads the lines of a dump that tell of ICMP errors, as
 * docs/dump-format.md specifies. There are few of them, so printf() is fast enough.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "dump_icmp.h"
#include "dump_format.h"
#include "dump_row.h"

#include <string.h>

/* The cells, in this order. */
typedef enum {
    CELL_FRAME,
    CELL_TIME,
    CELL_SENDER,
    CELL_TTL,
    CELL_TYPE,
    CELL_CODE,
    CELL_MTU,
    CELL_SOURCE,
    CELL_SOURCE_PORT,
    CELL_DESTINATION,
    CELL_DESTINATION_PORT,
    CELL_SEQ,
    CELL_INTERFACE,
    CELL_LINK_INDEX,
    CELL_WAY,
    CELL_LINK_SOURCE,
    CELL_LINK_DESTINATION,
    CELLS
} cell;

static const char *const names[CELLS] = {
    "frame",
    "time_ns",
    "sender",
    "ttl",
    "type",
    "code",
    "mtu",
    "source",
    "source_port",
    "destination",
    "destination_port",
    "seq",
    "interface",
    "link_index",
    "way",
    "link_source",
    "link_destination",
};

/* ---- writing ---- */

/* An empty cell where the value is unknown. */
static void append_known(GString *line, bool known, uint32_t value)
{
    if (known)
        g_string_append_printf(line, "%u", value);
    g_string_append_c(line, ',');
}

static void append_ends(GString *line, const mps_address *address, uint16_t port)
{
    char text[MPS_ADDRESS_TEXT_MAX];
    g_string_append_printf(line, "%s,%u,", mps_address_text(address, text), port);
}

static void append_link_address(GString *line, uint64_t address)
{
    char text[MPS_ROW_LINK_ADDRESS];
    g_string_append_len(line, text, mps_row_put_link_address(text, address) - text);
}

char *mps_dump_icmp_line(const mps_icmp_error *error)
{
    char sender[MPS_ADDRESS_TEXT_MAX];
    const mps_link_facts *link = &error->link;
    const char *way = mps_way_name(link->way);
    GString *line = g_string_new(MPS_DUMP_ICMP);
    g_string_append_printf(line, "%u,%" G_GINT64_FORMAT ",%s,%u,%u,%u,", error->frame, error->time,
                           mps_address_text(&error->sender, sender), error->ttl, error->type,
                           error->code);
    append_known(line, error->mtu > 0, error->mtu);
    append_ends(line, &error->source, error->source_port);
    append_ends(line, &error->destination, error->destination_port);
    g_string_append_printf(line, "%u,", error->seq);
    append_known(line, link->interface != MPS_NONE, link->interface);
    append_known(line, link->link_index != 0, link->link_index);
    g_string_append_printf(line, "%s,", way != NULL ? way : "");
    append_link_address(line, link->source);
    g_string_append_c(line, ',');
    append_link_address(line, link->destination);
    g_string_append_c(line, '\n');
    return g_string_free(line, FALSE);
}

/* ---- reading: each function returns false if the cell is malformed ---- */

static bool read_number(const char *text, uint32_t min, uint32_t max, uint32_t *value)
{
    guint64 number;
    if (!g_ascii_string_to_unsigned(text, 10, min, max, &number, NULL))
        return false;
    *value = (uint32_t)number;
    return true;
}

static bool read_u8(const char *text, uint8_t *value)
{
    uint32_t number = 0;
    bool good = read_number(text, 0, UINT8_MAX, &number);
    *value = (uint8_t)number;
    return good;
}

static bool read_u16(const char *text, uint16_t *value)
{
    uint32_t number = 0;
    bool good = read_number(text, 0, UINT16_MAX, &number);
    *value = (uint16_t)number;
    return good;
}

/* @param unknown  what an empty cell means */
static bool read_known(const char *text, uint32_t min, uint32_t max, uint32_t unknown,
                       uint32_t *value)
{
    *value = unknown;
    return *text == '\0' || read_number(text, min, max, value);
}

static bool read_time(const char *text, int64_t *time)
{
    gint64 number;
    if (!g_ascii_string_to_signed(text, 10, -MPS_TIME_MAX, MPS_TIME_MAX, &number, NULL))
        return false;
    *time = number;
    return true;
}

static bool read_link_address(const char *text, uint64_t *address)
{
    *address = 0;
    return *text == '\0' ||
           (strlen(text) == MPS_LINK_ADDRESS_LENGTH && mps_dump_link_address(text, address));
}

static bool read_cell(mps_icmp_error *icmp, cell which, const char *text)
{
    switch (which) {
    case CELL_FRAME:
        return read_number(text, 1, UINT32_MAX, &icmp->frame);
    case CELL_TIME:
        return read_time(text, &icmp->time);
    case CELL_SENDER:
        return mps_address_from_text(&icmp->sender, text);
    case CELL_TTL:
        return read_u8(text, &icmp->ttl);
    case CELL_TYPE: /* it comes after the sender */
        return read_u8(text, &icmp->type) && mps_icmp_error_known(icmp);
    case CELL_CODE:
        return read_u8(text, &icmp->code);
    case CELL_MTU:
        return read_known(text, 1, UINT32_MAX, 0, &icmp->mtu);
    case CELL_SOURCE:
        return mps_address_from_text(&icmp->source, text) &&
               icmp->source.length == icmp->sender.length;
    case CELL_SOURCE_PORT:
        return read_u16(text, &icmp->source_port);
    case CELL_DESTINATION:
        return mps_address_from_text(&icmp->destination, text) &&
               icmp->destination.length == icmp->sender.length;
    case CELL_DESTINATION_PORT:
        return read_u16(text, &icmp->destination_port);
    case CELL_SEQ:
        return read_number(text, 0, UINT32_MAX, &icmp->seq);
    case CELL_INTERFACE:
        return read_known(text, 0, UINT32_MAX - 1, MPS_NONE, &icmp->link.interface);
    case CELL_LINK_INDEX:
        return read_known(text, 1, UINT32_MAX, 0, &icmp->link.link_index);
    case CELL_WAY:
        return mps_dump_way(text, strlen(text), &icmp->link.way);
    case CELL_LINK_SOURCE:
        return read_link_address(text, &icmp->link.source);
    default:
        return read_link_address(text, &icmp->link.destination);
    }
}

bool mps_dump_icmp_begins(const mps_dump_cells *cells)
{
    const size_t length = strlen(MPS_DUMP_ICMP);
    return (size_t)(cells->end - cells->line) >= length &&
           memcmp(cells->line, MPS_DUMP_ICMP, length) == 0;
}

bool mps_dump_icmp_read(const mps_dump_cells *cells, mps_icmp_error *icmp, GError **error)
{
    const char *from = cells->line + strlen(MPS_DUMP_ICMP);
    char *line = g_strndup(from, (size_t)(cells->end - from));
    char **texts = g_strsplit(line, ",", CELLS + 1); /* later versions may have more */
    unsigned count = 0;
    *icmp = (mps_icmp_error){.frame = 0};
    while (count < CELLS && texts[count] != NULL && read_cell(icmp, count, texts[count]))
        count++;
    if (count < CELLS)
        mps_dump_cells_fail(cells, error, ", ICMP error: %s is %s", names[count],
                            texts[count] != NULL ? "malformed" : "missing");
    g_strfreev(texts);
    g_free(line);
    return count == CELLS;
}
