/* dump_row.c: formats the cells of a row. It formats numbers itself, because printf() would take
 * ten times as long as the rest of a row.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "dump_row.h"

#include <string.h>

#include "base/bytes.h"

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

static char *cell_address(char *at, mps_row_addresses *addresses, const mps_address *address)
{
    uint32_t hash = 0;
    for (unsigned i = 0; i < 16; i += 4) {
        uint32_t word;
        memcpy(&word, address->bytes + i, sizeof word);
        hash = (hash ^ word) * MPS_GOLDEN_RATIO_32;
    }
    mps_row_address *entry = &addresses->entries[hash >> 24 & (MPS_ROW_ADDRESSES - 1)];
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

char *mps_row_put_link_address(char *at, uint64_t address)
{
    static const char hex[] = "0123456789abcdef";
    for (int shift = 44; address != 0 && shift >= 0; shift -= 8) {
        *at++ = hex[address >> shift & 15];
        *at++ = hex[address >> (shift - 4) & 15];
        *at++ = ':';
    }
    return at - (address != 0);
}

static char *cell_link_address(char *at, uint64_t address)
{
    at = mps_row_put_link_address(at, address);
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

char *mps_row_put_facts(char *at, mps_row_addresses *addresses, const mps_segment *segment)
{
    at = cell_u32(at, segment->frame);
    at = cell_i64(at, segment->time);
    at = cell_known(at, segment->tcp_stream >= 0, (uint32_t)segment->tcp_stream);
    at = cell_address(at, addresses, &segment->source);
    at = cell_u32(at, segment->source_port);
    at = cell_address(at, addresses, &segment->destination);
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

char *mps_row_put_decoded(char *at, const mps_segment *segment)
{
    at = cell_known(at, segment->has_timestamps, segment->tsval);
    at = cell_known(at, segment->has_timestamps, segment->tsecr);
    at = put_sack(at, segment);
    at = put_option_names(at, segment);
    return put_dss(at, segment);
}

char *mps_row_put_numbers(char *at, const mps_tracker *tracker, const mps_verdict *verdict)
{
    uint32_t connection, subflow, copy_of = mps_tracker_copy_of(tracker, verdict);
    mps_tracker_numbers(tracker, verdict->subflow, &connection, &subflow);
    at = cell_known(at, connection != MPS_NONE, connection);
    at = cell_known(at, subflow != MPS_NONE, subflow);
    bool c2s = mps_tracker_direction(tracker, verdict->subflow, verdict->half) == MPS_C2S;
    at = put_text(at, c2s ? "c2s," : "s2c,");
    return cell_known(at, copy_of > 0, copy_of);
}

char *mps_row_put_verdict(char *at, const mps_tracker *tracker, const mps_verdict *verdict)
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

char *mps_row_put_no_verdict(char *at)
{
    return put_text(at, ",,,,,,,,,,");
}
