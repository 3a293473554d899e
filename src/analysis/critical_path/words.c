/* words.c: the words of causes, reasons for waiting and classes; which class a piece is of.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "critical_path.h"
#include <stddef.h>

const char *mps_critical_cause_name(mps_critical_cause cause)
{
    static const char *const names[MPS_CRITICAL_CAUSES] = {
        [MPS_CAUSE_BOTTLENECK] = "bottleneck",
        [MPS_CAUSE_QUEUEING] = "queueing",
        [MPS_CAUSE_SERIALISATION] = "serialisation",
        [MPS_CAUSE_PROPAGATION] = "propagation",
        [MPS_CAUSE_RTT] = "rtt",
        [MPS_CAUSE_PACING] = "pacing",
        [MPS_CAUSE_RECOVERY] = "recovery",
        [MPS_CAUSE_RECEIVER] = "receiver",
        [MPS_CAUSE_APPLICATION] = "application",
        [MPS_CAUSE_HELD] = "held",
        [MPS_CAUSE_HOST] = "host",
        [MPS_CAUSE_UNEXPLAINED] = "unexplained",
    };
    return names[cause];
}

const char *mps_critical_why_name(mps_critical_why why)
{
    static const char *const names[MPS_CRITICAL_WHYS] = {
        [MPS_WHY_DELIVERY] = "delivery",
        [MPS_WHY_HANDSHAKE] = "handshake",
        [MPS_WHY_CONGESTION_WINDOW] = "congestion-window",
        [MPS_WHY_CONGESTION_WINDOW_AFTER_LOSS] = "congestion-window-after-loss",
        [MPS_WHY_RECEIVE_WINDOW] = "receive-window",
        [MPS_WHY_SEND_BUFFER] = "send-buffer",
        [MPS_WHY_NAGLE] = "nagle",
        [MPS_WHY_PACING] = "pacing",
        [MPS_WHY_APPLICATION] = "application",
        [MPS_WHY_HELD] = "held",
        [MPS_WHY_RECOVERY] = "recovery",
        [MPS_WHY_BOTTLENECK] = "bottleneck",
        [MPS_WHY_PEER_DATA] = "peer-data",
        [MPS_WHY_UNKNOWN] = NULL,
    };
    return names[why];
}

const char *mps_critical_detail_name(mps_critical_detail detail)
{
    static const char *const names[MPS_CRITICAL_DETAILS] = {
        [MPS_DETAIL_NONE] = NULL,
        [MPS_DETAIL_FAST] = "fast",
        [MPS_DETAIL_TIMEOUT] = "timeout",
        [MPS_DETAIL_REINJECTION] = "reinjection",
        [MPS_DETAIL_ORIGINAL_LATE] = "original-late",
        [MPS_DETAIL_OR_STALLED] = "or-stalled-subflow",
        [MPS_DETAIL_DEAD_SUBFLOW] = "dead-subflow",
    };
    return names[detail];
}

const char *mps_critical_class_name(mps_critical_class which)
{
    static const char *const names[MPS_CRITICAL_CLASSES] = {
        [MPS_CLASS_RATE] = "rate",
        [MPS_CLASS_WINDOW] = "window",
        [MPS_CLASS_RECEIVER] = "receiver",
        [MPS_CLASS_SENDER] = "sender",
        [MPS_CLASS_CONGESTION_WINDOW] = "congestion-window",
        [MPS_CLASS_CONGESTION_WINDOW_AFTER_LOSS] = "congestion-window-after-loss",
        [MPS_CLASS_RECOVERY] = "recovery",
        [MPS_CLASS_HELD] = "held",
        [MPS_CLASS_HANDSHAKE] = "handshake",
        [MPS_CLASS_DELIVERY] = "delivery",
        [MPS_CLASS_UNEXPLAINED] = "unexplained",
    };
    return names[which];
}

const char *mps_critical_reason_text(mps_critical_reason reason)
{
    static const char *const texts[] = {
        [MPS_CRITICAL_KNOWN] = NULL,
        [MPS_CRITICAL_NO_DATA] = "no data was delivered in this direction",
        [MPS_CRITICAL_NO_DATA_ON_SUBFLOW] = "the subflow delivered no data in this direction",
        [MPS_CRITICAL_NO_SUBFLOW] = "the connection has no such subflow",
        [MPS_CRITICAL_NO_MAPPING] = "no mapping of the payload to data was captured",
        [MPS_CRITICAL_NO_HANDSHAKE] = "the connection's first SYN was not captured at the client",
        [MPS_CRITICAL_NO_OFFSET] = "the offset of the two clocks is not known",
        [MPS_CRITICAL_NO_SKEW] = "the skew of the two clocks is not known",
        [MPS_CRITICAL_CLOCK_SET] = "a clock was set during the transfer",
        [MPS_CRITICAL_CLOCKS_DIFFER] = "the clocks differ by too much for so short a transfer",
        [MPS_CRITICAL_SENDER_UNSEEN] = "a capture misses data that its host sent",
        [MPS_CRITICAL_ONE_CAPTURE] = "only one capture has the connection",
        [MPS_CRITICAL_NEAR_RECEIVER] = "the capture was made near the receiver",
        [MPS_CRITICAL_NOT_NEAR] = "nothing shows that the capture was made near the sender",
        [MPS_CRITICAL_NO_SYN] = "the connection's first SYN was not captured",
        [MPS_CRITICAL_NO_SCALE] = "the scale of the receive window was not captured",
        [MPS_CRITICAL_NOT_ACKNOWLEDGED] = "no data of this direction were acknowledged",
        [MPS_CRITICAL_HOLES] = "the capture misses segments that were acknowledged",
        [MPS_CRITICAL_CLOCK_LEAPT] = "the clock of the capture leapt",
        [MPS_CRITICAL_FAR_APART] = "the times of the segments are years apart",
    };
    return texts[reason];
}

/* The class of what the network, a host or the receiver took in a round trip. */
static mps_critical_class class_of_round(mps_critical_why why)
{
    switch (why) {
    case MPS_WHY_RECEIVE_WINDOW:
        return MPS_CLASS_WINDOW;
    case MPS_WHY_CONGESTION_WINDOW:
        return MPS_CLASS_CONGESTION_WINDOW;
    case MPS_WHY_CONGESTION_WINDOW_AFTER_LOSS:
        return MPS_CLASS_CONGESTION_WINDOW_AFTER_LOSS;
    case MPS_WHY_HANDSHAKE:
        return MPS_CLASS_HANDSHAKE;
    case MPS_WHY_SEND_BUFFER:
    case MPS_WHY_NAGLE:
        return MPS_CLASS_SENDER;
    case MPS_WHY_UNKNOWN:
        return MPS_CLASS_UNEXPLAINED;
    default:
        return MPS_CLASS_DELIVERY;
    }
}

mps_critical_class mps_critical_class_of(mps_critical_cause cause, mps_critical_why why)
{
    if (cause == MPS_CAUSE_UNEXPLAINED)
        return MPS_CLASS_UNEXPLAINED;
    if (cause == MPS_CAUSE_RECOVERY)
        return MPS_CLASS_RECOVERY;
    if (cause == MPS_CAUSE_HELD)
        return MPS_CLASS_HELD;
    if (cause == MPS_CAUSE_APPLICATION || class_of_round(why) == MPS_CLASS_SENDER)
        return MPS_CLASS_SENDER;
    if (cause == MPS_CAUSE_RECEIVER && why != MPS_WHY_HANDSHAKE)
        return MPS_CLASS_RECEIVER;
    if (cause == MPS_CAUSE_BOTTLENECK || cause == MPS_CAUSE_QUEUEING ||
        cause == MPS_CAUSE_SERIALISATION || cause == MPS_CAUSE_PACING)
        return MPS_CLASS_RATE;
    return class_of_round(why);
}
