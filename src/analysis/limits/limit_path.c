/* limit_path.c: what a first look at the records of a subflow shows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "limit_path.h"
#include "base/times.h"
#include "limit_event.h"
#include "path_samples.h"

/* Segments of the largest size that show a path MTU below the MSS: fewer may be chance. */
#define MTU_SEGMENTS_MIN 10
/* Bytes that a full packet may lack: the sender reserves space for options that it then omits. */
#define OPTION_SLACK 8
/* Bytes: the space for options in a TCP header (RFC 9293 section 3.1). A sender that reserves all
 * of it, as for a DSS (RFC 8684 section 3.3), fills packets to so much below the MSS. */
#define OPTION_SPACE 40
/* Bytes: a TCP header without options. */
#define TCP_HEADER_MIN 20u

/* The options of a segment take so many words at most. */
#define OPTION_WORDS (OPTION_SPACE / 4)

/* Sizes of the segments of a half that have payload. */
typedef struct {
    uint32_t largest, largest_count, count; /* payload and options, bytes */
    uint32_t longest[OPTION_WORDS + 1];     /* payload, by how many words its options take */
} segment_sizes;

static uint32_t options_of(const mps_limit_record *record)
{
    return record->header - TCP_HEADER_MIN;
}

static void note_size(segment_sizes *sizes, const mps_limit_record *record)
{
    const uint32_t options = options_of(record), size = record->length + options;
    uint32_t *longest = &sizes->longest[MIN(options / 4, OPTION_WORDS)];
    if (record->length == 0)
        return;
    sizes->count++;
    if (size > sizes->largest) {
        sizes->largest = size;
        sizes->largest_count = 0;
    }
    sizes->largest_count += size == sizes->largest;
    *longest = MAX(*longest, record->length);
}

/* @return the most bytes of payload and options in a packet of a half: the smaller MSS of the two
 * ends, or the largest size seen if the path carries less than that. */
static uint32_t packet_size(const segment_sizes *sizes, const mps_limit_half *half,
                            const mps_limit_half *peer)
{
    const uint32_t own = half->mss ? half->mss : UINT16_MAX;
    const uint32_t mss = peer && peer->mss ? MIN(own, peer->mss) : own;
    if (mss == UINT16_MAX)
        return sizes->largest;
    const bool limited = sizes->largest + OPTION_SPACE < mss &&
                         sizes->largest_count >= MTU_SEGMENTS_MIN &&
                         sizes->largest_count > sizes->count / 2;
    return limited ? sizes->largest : mss;
}

/* @param packet  most bytes of payload and options in a packet
 * @return payload bytes of the largest full packet */
static uint32_t full_payload(const segment_sizes *sizes, uint32_t packet)
{
    uint32_t most = 0;
    for (uint32_t words = 0; words <= OPTION_WORDS && 4 * words < packet; words++)
        most = MAX(most, MIN(sizes->longest[words], packet - 4 * words));
    return most;
}

bool mps_limits_is_small(const mps_limit_record *record, uint32_t packet)
{
    const uint32_t options = options_of(record);
    const uint32_t capacity = packet > options + OPTION_SLACK ? packet - options : 1;
    const uint32_t last = record->length % capacity;
    return last != 0 && last + OPTION_SLACK < capacity;
}

/* @return the RTT of a subflow's handshake, ns; INT64_MAX: not known. */
static int64_t handshake_rtt(const mps_flow *flow)
{
    if (flow->syn_to_synack < 0 || flow->synack_to_ack < 0)
        return INT64_MAX;
    return mps_plus(flow->syn_to_synack, flow->synack_to_ack);
}

void mps_limit_path_add(const mps_limit_path *path, mps_record_merge *merge, uint32_t source)
{
    for (unsigned d = MPS_C2S; d <= MPS_S2C; d++)
        if (path->half[d])
            mps_record_merge_add(merge, &path->half[d]->records, source + d);
}

/* Let the RTTs of both directions see a record. @param from  direction of the record */
static void measure(mps_limit_path *path, mps_round_trips trips[2], mps_limit_packet *packet,
                    unsigned from)
{
    mps_limit_event events[MPS_LIMIT_EVENTS_OF_RECORD];
    for (unsigned d = MPS_C2S; d <= MPS_S2C; d++) {
        packet->own = from == d;
        const unsigned count = mps_limits_subflow_events(packet, events);
        for (unsigned i = 0; i < count; i++) {
            const int64_t rtt = mps_round_trips_take(&trips[d], &events[i]);
            if (rtt >= 0)
                path->least_rtt[d] = MIN(path->least_rtt[d], rtt);
        }
    }
}

static void look_at_records(mps_limit_path *path, segment_sizes sizes[2])
{
    mps_round_trips trips[2] = {{0}};
    mps_record_merge *merge = mps_record_merge_new(NULL);
    const mps_merged_record *merged;
    mps_limit_path_add(path, merge, 0);
    while ((merged = mps_record_merge_next(merge))) {
        mps_limit_packet packet = {.record = mps_limits_record(merged->numbers)};
        note_size(&sizes[merged->source], &packet.record);
        measure(path, trips, &packet, merged->source);
    }
    mps_record_merge_free(merge);
    for (unsigned d = MPS_C2S; d <= MPS_S2C; d++)
        mps_round_trips_clear(&trips[d]);
}

mps_limit_path mps_limit_path_of(const mps_tracker *tracker, uint32_t id)
{
    const int64_t handshake = handshake_rtt(mps_tracker_flow(tracker, id));
    mps_limit_path path = {.id = id, .least_rtt = {handshake, handshake}};
    segment_sizes sizes[2] = {{0}};
    for (unsigned d = MPS_C2S; d <= MPS_S2C; d++)
        path.half[d] = mps_limits_half(tracker, mps_analysis_half(tracker, id, d));
    look_at_records(&path, sizes);
    for (unsigned d = MPS_C2S; d <= MPS_S2C; d++) {
        if (!path.half[d])
            continue;
        path.packet[d] = packet_size(&sizes[d], path.half[d], path.half[!d]);
        path.full_payload[d] = full_payload(&sizes[d], path.packet[d]);
    }
    return path;
}
