/* payload.c: what checksums tell of a segment at both ends, and of its payload.
 *
 * A TCP checksum and the header it covers tell the one's complement sum of the payload, whether it
 * was captured or not. So a payload that the path changed shows in two captures that were cut, as
 * long as the checksum was put right with it. Where options were cut, the rest of them counts with
 * the payload.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/bytes.h"
#include "diff_internal.h"

enum { PROTOCOL_TCP = 6, HEADER_MIN = 20 };

/* What one end tells of a payload: its sum as the checksum claims it, and as it was captured. */
typedef struct {
    bool claims, captured; /* of the payload, and of what was cut off the options */
    bool partial;          /* the checksum is that of the pseudo-header: hardware completes it */
    uint16_t claim, sum;
} evidence;

static uint16_t fold(uint64_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)(sum == 0xffff ? 0 : sum); /* two ways to write zero */
}

static uint64_t sum_words(const uint8_t *bytes, unsigned length)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i + 1 < length; i += 2)
        sum += mps_load16(bytes + i);
    return sum;
}

static uint64_t pseudo_header(const mps_flow_ends *flow, uint32_t tcp_length)
{
    return sum_words(flow->source.bytes, flow->source.length) +
           sum_words(flow->destination.bytes, flow->destination.length) + PROTOCOL_TCP +
           (tcp_length >> 16) + (tcp_length & 0xffff);
}

/* The words of the TCP header with so many bytes of options, but for the checksum. */
static uint64_t tcp_header(const mps_flow_ends *flow, const mps_packet *packet,
                           const mps_header *header, unsigned options)
{
    uint64_t sum = (uint64_t)flow->source_port + flow->destination_port;
    sum += (packet->seq >> 16) + (packet->seq & 0xffff);
    sum += (header->ack >> 16) + (header->ack & 0xffff);
    sum += ((unsigned)header->header_length / 4) << 12 | packet->flags;
    sum += (uint64_t)packet->window + header->urgent;
    return sum + sum_words(header->options, options);
}

static bool is_cut(const mps_header *header)
{
    return header->options_captured + HEADER_MIN != header->header_length;
}

/* @param options  bytes of options to count with the header, the rest goes with the payload; below
 *                 0: one end has another rest than the other */
static evidence evidence_of(const mps_flow_ends *flow, const mps_packet *packet,
                            const mps_header *header, int options)
{
    uint64_t pseudo = pseudo_header(flow, packet->length + header->header_length);
    evidence e = {
        .partial = fold(pseudo) == fold(header->checksum),
        .sum = fold(header->payload_sum),
    };
    if (options < 0)
        return e;
    bool whole = options + HEADER_MIN == header->header_length;
    uint64_t covered =
        pseudo + tcp_header(flow, packet, header, (unsigned)options) + header->checksum;
    e.captured = whole && (packet->length == 0 || header->has_payload_sum);
    e.claim = fold(0xffffu - fold(covered));
    e.claims = !e.partial;
    return e;
}

/* Whether what was cut off the options should be the same at both ends: it may hold SACK blocks,
 * which are shifted with the numbers. */
static bool is_rest_alike(const mps_both *both)
{
    return both->sent_header->header_length == both->received_header->header_length &&
           both->ack_shift == 0;
}

/* What both ends tell, of the same bytes. @return whether all options are captured */
static bool read_both(const mps_both *both, evidence *sent, evidence *received)
{
    const mps_header *x = both->sent_header, *y = both->received_header;
    bool whole = !is_cut(x) && !is_cut(y);
    int in_x = x->options_captured, in_y = y->options_captured;
    if (!whole) /* an even number: the checksum is one of words */
        in_x = in_y = is_rest_alike(both) ? MIN(in_x, in_y) & ~1 : -1;
    *sent = evidence_of(both->sent_flow, both->sent, x, in_x);
    *received = evidence_of(both->received_flow, both->received, y, in_y);
    return whole;
}

static bool is_wrong(const evidence *e)
{
    return e->claims && e->captured && e->claim != e->sum;
}

static void tell_sums(mps_finding *finding, const char *format, unsigned sent, unsigned received)
{
    if (finding->count > 1)
        return;
    finding->sent = g_strdup_printf(format, sent);
    finding->received = g_strdup_printf(format, received);
}

static void note_checksum(mps_tally *tally, const mps_both *both, unsigned what)
{
    mps_finding *finding = mps_tally_note(tally, both, what, MPS_CHANGE_ALTERED);
    tell_sums(finding, "0x%04x", both->sent_header->checksum, both->received_header->checksum);
}

/* One end's sum of the payload, measured or claimed. */
static uint16_t sum_of(const evidence *e)
{
    return e->captured ? e->sum : e->claim;
}

static bool is_known(const evidence *e)
{
    return e->captured || e->claims;
}

void mps_compare_payload(mps_tally *tally, const mps_both *both)
{
    evidence sent, received;
    bool whole = read_both(both, &sent, &received);
    uint16_t x = sum_of(&sent), y = sum_of(&received);
    bool known = is_known(&sent) && is_known(&received);
    tally->payloads_captured += both->sent->length > 0 && sent.captured && received.captured;
    tally->payloads_unknown += both->sent->length > 0 && !known;
    tally->unfilled += sent.partial;
    tally->wrong += is_wrong(&sent);
    if (sent.captured && received.captured && x != y)
        tell_sums(mps_tally_note(tally, both, MPS_WHAT_PAYLOAD, MPS_CHANGE_ALTERED), "sum 0x%04x",
                  x, y);
    if (is_wrong(&received) && !is_wrong(&sent))
        note_checksum(tally, both, MPS_WHAT_CHECKSUM);
    else if (known && x != y && !(sent.captured && received.captured))
        note_checksum(tally, both, whole ? MPS_WHAT_PAYLOAD_CHECKSUM : MPS_WHAT_CUT_CHECKSUM);
}
