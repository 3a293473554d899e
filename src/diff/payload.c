/* payload.c: compares the payload of a segment at both ends, with the help of TCP checksums.
 *
 * The TCP checksum covers header and payload (RFC 9293 section 3.1). The checksum minus the sum of
 * the header gives the one's complement sum of the payload, even if the payload was not captured.
 * So truncated captures show a payload that the path changed, if the path updated the checksum.
 * Options that were not captured are added to the payload.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/bytes.h"
#include "diff_internal.h"

enum { PROTOCOL_TCP = 6 }; /* in the pseudo-header (IANA, Protocol Numbers) */

/* What one end shows of a payload: the sum that the checksum implies, and the captured sum. */
typedef struct {
    bool has_implied, has_captured; /* which sums are known */
    bool partial; /* the checksum covers the pseudo-header only: hardware will complete it */
    uint16_t implied, captured; /* of the payload and of options that were not captured */
} evidence;

static uint16_t fold(uint64_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)(sum == 0xffff ? 0 : sum); /* 0xffff and 0 both stand for zero */
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

/* @return the sum of the TCP header without the checksum field. @param options  bytes of options to
 * include */
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

/* @param options  bytes of options to count with the header, the others count with the payload;
 *                 negative: the others may differ between the ends, so nothing can be implied */
static evidence evidence_of(const mps_flow_ends *flow, const mps_packet *packet,
                            const mps_header *header, int options)
{
    uint64_t pseudo = pseudo_header(flow, packet->length + header->header_length);
    evidence e = {
        .partial = fold(pseudo) == fold(header->checksum),
        .captured = fold(header->payload_sum),
    };
    if (options < 0)
        return e;
    bool whole = options + MPS_TCP_HEADER_MIN == header->header_length;
    uint64_t covered =
        pseudo + tcp_header(flow, packet, header, (unsigned)options) + header->checksum;
    e.has_captured = whole && (packet->length == 0 || header->has_payload_sum);
    e.implied = fold(0xffffu - fold(covered));
    e.has_implied = !e.partial;
    return e;
}

/* @return whether options that were not captured should be the same at both ends. They may include
 * SACK blocks, which a path changes that shifts sequence numbers. */
static bool is_rest_equal(const mps_matched_segment *segment)
{
    return segment->sent_header->header_length == segment->received_header->header_length &&
           segment->ack_shift == 0;
}

/* Read the evidence of both ends about the same bytes. @return whether both captured all options */
static bool read_evidence(const mps_matched_segment *segment, evidence *sent, evidence *received)
{
    const mps_header *x = segment->sent_header, *y = segment->received_header;
    bool whole = mps_options_captured_whole(x) && mps_options_captured_whole(y);
    int in_x = x->options_captured, in_y = y->options_captured;
    if (!whole) /* an even number: a checksum adds 16-bit words */
        in_x = in_y = is_rest_equal(segment) ? MIN(in_x, in_y) & ~1 : -1;
    *sent = evidence_of(segment->sent_flow, segment->sent, x, in_x);
    *received = evidence_of(segment->received_flow, segment->received, y, in_y);
    return whole;
}

static bool is_wrong(const evidence *e)
{
    return e->has_implied && e->has_captured && e->implied != e->captured;
}

static void set_sums(mps_finding *finding, const char *format, unsigned sent, unsigned received)
{
    if (finding->count > 1)
        return;
    finding->sent = g_strdup_printf(format, sent);
    finding->received = g_strdup_printf(format, received);
}

static void note_checksum(mps_tally *tally, const mps_matched_segment *segment, unsigned what)
{
    mps_finding *finding = mps_tally_note(tally, segment, what, MPS_CHANGE_ALTERED);
    set_sums(finding, "0x%04x", segment->sent_header->checksum, segment->received_header->checksum);
}

/* One end's sum of the payload: captured if possible, otherwise implied. */
static uint16_t sum_of(const evidence *e)
{
    return e->has_captured ? e->captured : e->implied;
}

static bool is_known(const evidence *e)
{
    return e->has_captured || e->has_implied;
}

void mps_compare_payload(mps_tally *tally, const mps_matched_segment *segment)
{
    evidence sent, received;
    bool whole = read_evidence(segment, &sent, &received);
    uint16_t x = sum_of(&sent), y = sum_of(&received);
    bool known = is_known(&sent) && is_known(&received);
    tally->payloads_captured +=
        segment->sent->length > 0 && sent.has_captured && received.has_captured;
    tally->payloads_unknown += segment->sent->length > 0 && !known;
    tally->checksums_offloaded += sent.partial;
    tally->checksums_wrong += is_wrong(&sent);
    if (sent.has_captured && received.has_captured && x != y)
        set_sums(mps_tally_note(tally, segment, MPS_WHAT_PAYLOAD, MPS_CHANGE_ALTERED), "sum 0x%04x",
                 x, y);
    if (is_wrong(&received) && !is_wrong(&sent))
        note_checksum(tally, segment, MPS_WHAT_CHECKSUM);
    else if (known && x != y && !(sent.has_captured && received.has_captured))
        note_checksum(tally, segment, whole ? MPS_WHAT_PAYLOAD_CHECKSUM : MPS_WHAT_CUT_CHECKSUM);
}
