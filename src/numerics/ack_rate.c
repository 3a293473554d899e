/* ack_rate.c: the rate at which data was acknowledged: of a path whose receiver's end was not
 * captured.
 *
 * What a SACK block covers has arrived, though the cumulative acknowledgement does not cover it
 * yet. Otherwise each repaired loss would look like a burst.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/bytes.h"
#include "base/runs.h"
#include "measure_path.h"
#include "tracker/tracker_state.h"

#define OPTION_SACK 5u /* kind (RFC 2018 section 3) */

/* What the acknowledgements of a direction covered until now. Numbers are extended: their low 32
 * bits are those on the wire. */
typedef struct {
    mps_runs covered;
    uint64_t reference; /* the highest cumulative acknowledgement */
    uint64_t top;       /* the end of all that was sent */
    uint64_t bytes;     /* covered since the first acknowledgement */
} ack_state;

/* Extend the first numbers from here: there is room below and above. */
#define EXTENDED_START (UINT64_C(1) << 33)

/* @return the end of what was sent */
static uint64_t top_of(const mps_packet *sent, size_t count)
{
    uint64_t top = EXTENDED_START + sent[0].seq;
    for (size_t i = 0; i < count; i++)
        top = MAX(top, mps_nearest(top, sent[i].seq) + sent[i].length);
    return top;
}

static void cover(ack_state *state, uint64_t start, uint64_t end)
{
    if (start < end && end <= state->top + 1) /* a FIN counts as one */
        state->bytes += mps_runs_add(&state->covered, start, end, 0, NULL, NULL);
}

static void cover_sack(ack_state *state, const mps_header *header)
{
    mps_tcp_option option;
    unsigned at = 0;
    while (mps_header_next_option(header, &at, &option)) {
        if (option.kind != OPTION_SACK)
            continue;
        for (unsigned block = option.at + 2u; block + 8 <= option.at + (unsigned)option.length;
             block += 8) {
            const uint8_t *edges = &header->options[block];
            const uint64_t start = mps_nearest(state->reference, mps_load32(edges));
            cover(state, MAX(start, state->reference),
                  mps_nearest(state->reference, mps_load32(edges + 4)));
        }
    }
}

/* Take in an acknowledgement. @return whether it covers something new */
static bool take(ack_state *state, const mps_packet *packet, const mps_header *header)
{
    const uint64_t before = state->bytes;
    const uint64_t ack = mps_nearest(state->reference, packet->ack);
    cover(state, state->reference, ack);
    if (ack <= state->top + 1)
        state->reference = MAX(state->reference, ack);
    cover_sack(state, header);
    return state->bytes > before;
}

mps_quantity mps_path_rate_of_acks(const mps_path_end *end)
{
    const mps_direction back = (mps_direction)(1 - end->direction);
    size_t sent_count = 0, count = 0;
    const mps_packet *sent = mps_trace_packets(end->trace, end->id, end->direction, &sent_count);
    const mps_packet *acks = mps_trace_packets(end->trace, end->id, back, &count);
    const mps_header *headers = mps_trace_headers(end->trace, end->id, back);
    GArray *progress = g_array_new(FALSE, FALSE, sizeof(mps_progress));
    ack_state state = {.top = sent_count > 0 ? top_of(sent, sent_count) : 0};
    for (size_t i = 0; sent_count > 0 && acks && headers && i < count; i++) {
        if (!(acks[i].flags & MPS_TCP_ACK) || (acks[i].flags & (MPS_TCP_SYN | MPS_TCP_RST)))
            continue;
        const bool first = progress->len == 0;
        if (first)
            state.reference = mps_nearest(EXTENDED_START + sent[0].seq, acks[i].ack);
        if (!take(&state, &acks[i], &headers[i]) && !first)
            continue;
        const mps_progress now = {acks[i].time, state.bytes};
        g_array_append_val(progress, now);
    }
    mps_runs_clear(&state.covered);
    const double rate =
        mps_highest_rate((const mps_progress *)(const void *)progress->data, progress->len);
    g_array_free(progress, TRUE);
    return rate > 0 ? MPS_KNOWN(rate) : MPS_NOT_KNOWN("too few acknowledgements for a rate");
}
