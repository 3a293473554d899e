/* vantage.c: the vantage point: where on the path between two hosts a capture was made.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vantage.h"
#include "base/times.h"

/* The capture is near an end if the time from the capture to that end and back is at most 1 /
 * MPS_VANTAGE_PART of the round-trip time. It includes the time that the host takes to answer: with
 * emulated hosts that alone was up to a fifth. */
#define MPS_VANTAGE_PART 4

/* ns. Hosts take some 0.1 ms to answer: with a round-trip time that is not much longer, the vantage
 * point is unknown. */
#define MPS_LEAST_RTT 1000000

void mps_echo_segment(mps_echo *own, mps_echo *peer, const mps_segment *segment)
{
    if (!segment->has_timestamps || segment->flags & (MPS_TCP_SYN | MPS_TCP_RST))
        return;
    int32_t newer = (int32_t)(segment->tsecr - peer->tsval);
    if (peer->timing && newer >= 0) {
        int64_t took = MAX(mps_minus(segment->time, peer->since), 0);
        if (newer == 0 && (!peer->answered || took < peer->least)) {
            peer->answered = true;
            peer->least = took;
        }
        peer->timing = false;
    }
    /* An echo of a TSval answers the first segment that had it. */
    if (!own->timing && segment->tsval != own->tsval) {
        own->timing = true;
        own->tsval = segment->tsval;
        own->since = segment->time;
    }
}

/* The shorter of two times; -1: unknown. An answer can be late, but not early. */
static int64_t shorter(int64_t a, int64_t b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

void mps_reach_add(mps_reach *reach, const mps_flow *flow, unsigned half, const mps_echo *own,
                   const mps_echo *peer)
{
    int64_t to_receiver = half == 0 ? flow->syn_to_synack : flow->synack_to_ack;
    int64_t to_sender = half == 0 ? flow->synack_to_ack : flow->syn_to_synack;
    to_receiver = shorter(to_receiver, own->answered ? own->least : -1);
    to_sender = shorter(to_sender, peer->answered ? peer->least : -1);
    if (to_receiver < 0 || to_sender < 0)
        return;
    reach->to_receiver = mps_plus(reach->to_receiver, to_receiver);
    reach->to_sender = mps_plus(reach->to_sender, to_sender);
}

mps_vantage mps_reach_vantage(const mps_reach *reach)
{
    int64_t rtt = mps_plus(reach->to_receiver, reach->to_sender);
    if (rtt < MPS_LEAST_RTT)
        return MPS_VANTAGE_UNKNOWN;
    if (reach->to_receiver <= rtt / MPS_VANTAGE_PART)
        return MPS_VANTAGE_RECEIVER;
    return reach->to_sender <= rtt / MPS_VANTAGE_PART ? MPS_VANTAGE_SENDER : MPS_VANTAGE_MIDDLE;
}
