/* align_acked.c: data that arrived, for the receiver acknowledged it, though no capture has its
 * arrival.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "align_internal.h"
#include "byte_cover.h"

/* The end of what was sent. */
static uint64_t end_of_sent(const GArray *sent)
{
    return sent->len > 0 ? g_array_index(sent, mps_covered_bytes, sent->len - 1).end : 0;
}

/* How far the receiver acknowledged (RFC 9293 section 3.4): all before it has arrived. What was
 * never sent cannot be, but for a FIN. */
static uint64_t find_acknowledged(const mps_align_lists *lists, uint64_t end, uint32_t origin)
{
    uint64_t highest = 0;
    mps_unwrap unwrap;
    mps_unwrap_init(&unwrap, origin);
    for (size_t i = 0; i < lists->answers_count; i++) {
        const mps_packet *answer = &lists->answers[i];
        if (!(answer->flags & MPS_TCP_ACK) || answer->flags & MPS_TCP_RST)
            continue;
        uint64_t ack = mps_unwrap_next(&unwrap, answer->ack - lists->seq_shift);
        if (ack <= end + 1)
            highest = MAX(highest, ack);
    }
    return highest;
}

uint32_t mps_align_find_acked(const mps_align_lists *lists, const GArray *matches, uint8_t *fates)
{
    if (lists->answers_count == 0 || lists->sent_count == 0)
        return 0;
    uint32_t origin = lists->sent[0].seq, count = 0;
    size_t first = matches->len > 0 ? g_array_index(matches, mps_match, 0).sent : 0;
    GArray *sent = mps_byte_cover_of(lists->sent, lists->sent_count, 0, origin);
    GArray *received =
        mps_byte_cover_of(lists->received, lists->received_count, lists->seq_shift, origin);
    uint64_t acknowledged = find_acknowledged(lists, end_of_sent(sent), origin);
    mps_unwrap unwrap;
    mps_unwrap_init(&unwrap, origin);
    for (size_t i = 0; i < lists->sent_count; i++) {
        const mps_packet *packet = &lists->sent[i];
        if (!mps_has_bytes(packet))
            continue;
        uint64_t start = mps_unwrap_next(&unwrap, packet->seq);
        uint64_t end = start + packet->length;
        if (i < first || end > acknowledged || mps_byte_cover_meets(received, start, end))
            continue;
        fates[i] = MPS_SENT_MISSING_AT_RECEIVER;
        count++;
    }
    g_array_free(sent, TRUE);
    g_array_free(received, TRUE);
    return count;
}
