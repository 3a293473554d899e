/* critical_path.h: the critical path of a transfer: what each moment of it waited for.
 *
 * The walk begins with the last byte delivered and goes back to the first SYN. Each step explains
 * the time before an event by the event that it waited for, and adds a piece. The pieces join
 * without a gap, so that their times add up to the time elapsed, exactly. The idea is that of
 * Barford and Crovella, Critical Path Analysis of TCP Transactions (SIGCOMM 2000);
 * docs/critical-path.md has the rules, which differ from theirs.
 *
 *   words.c           the words of causes, reasons for waiting, classes; the class of a piece
 *   records.c         an analysis: keeps what the walk needs of each segment
 *   history.c         what one host sent and received, in the order of time
 *   holes.c           whether the capture at a host missed segments
 *   network.c         delays of the network, and which sent segment a received one is
 *   arrivals.c        finds arrivals and handshake segments in a history
 *   receiver_pass.c   what was in order at a receiver, and when; how full its buffer was
 *   sender_pass.c     what a sender knew when it sent each segment
 *   acks.c            what arriving acknowledgements brought to a sender
 *   scoreboard.c      what a subflow's sender has in flight, and how much it is known to be allowed
 *   resent.c          the transmission before, of bytes that were sent again
 *   backlog.c         data that were sent later than data that follow them
 *   clocked.c         whether acknowledgements are a subflow's clock
 *   walk.c            the walk itself
 *   delivered.c       how much data had come at its end
 *   release.c         what let a segment go
 *   by_host.c         departures that no arrival let go
 *   round_trip.c      from a segment to what let go the acknowledgement that let it go
 *   control.c         departures of a handshake, and what waited for it
 *   one_capture.c     round trips where there is one history only
 *   sums.c            adds the pieces up
 *   account.c         gathers the sums into what one could change
 *   verdict.c         says in words what a path shows
 *
 * Nothing here knows where the histories come from: from two captures, one at each end
 * (src/critical_path/), or from one capture near the sender (the report).
 *
 * Durations and times are in ns. All times are of one clock: whoever makes the histories corrects
 * that of the other host.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_PATH_H
#define MPS_CRITICAL_PATH_H

#include "base/runs.h"
#include <mptcpscope/types.h>

/* What elapsed. */
typedef enum {
    MPS_CAUSE_BOTTLENECK,    /* the packet before it left the same queue */
    MPS_CAUSE_QUEUEING,      /* more delay than any segment of its size needed */
    MPS_CAUSE_SERIALISATION, /* more delay than the shortest, as its size needs it */
    MPS_CAUSE_PROPAGATION,   /* the shortest delay of the subflow's direction */
    MPS_CAUSE_RTT,           /* both ways and the other host together: one capture */
    MPS_CAUSE_PACING,        /* the sender spread its segments */
    MPS_CAUSE_RECOVERY,      /* from a transmission to the next one of the same bytes */
    MPS_CAUSE_RECEIVER,      /* from an arrival to the acknowledgement or window it led to */
    MPS_CAUSE_APPLICATION,   /* the sender had nothing to send, as far as can be seen */
    MPS_CAUSE_HELD,          /* the data were bound to a subflow that did not send them */
    MPS_CAUSE_HOST,          /* the sender's reaction to an arrival */
    MPS_CAUSE_UNEXPLAINED,   /* a match is missing, or nothing explains it */
} mps_critical_cause;
#define MPS_CRITICAL_CAUSES (MPS_CAUSE_UNEXPLAINED + 1)

/* What the sender waited for at the later end of a round trip. Pieces of the network, the receiver
 * and the host have that of the round trip they belong to. */
typedef enum {
    MPS_WHY_DELIVERY, /* the last way of the data; nobody waited for a reaction */
    MPS_WHY_HANDSHAKE,
    MPS_WHY_CONGESTION_WINDOW,
    MPS_WHY_CONGESTION_WINDOW_AFTER_LOSS, /* the subflow had retransmitted before */
    MPS_WHY_RECEIVE_WINDOW,
    MPS_WHY_SEND_BUFFER,
    MPS_WHY_NAGLE, /* a small segment waited for the acknowledgement of the one before */
    MPS_WHY_PACING,
    MPS_WHY_APPLICATION,
    MPS_WHY_HELD,
    MPS_WHY_RECOVERY,
    MPS_WHY_BOTTLENECK,
    MPS_WHY_PEER_DATA, /* data of the other direction, which the host answered */
    MPS_WHY_UNKNOWN,   /* shown as null */
} mps_critical_why;
#define MPS_CRITICAL_WHYS (MPS_WHY_UNKNOWN + 1)

/* More about a piece. */
typedef enum {
    MPS_DETAIL_NONE,
    MPS_DETAIL_FAST,          /* recovery: SACK blocks came in between */
    MPS_DETAIL_TIMEOUT,       /* recovery: none did (RTO or tail loss probe) */
    MPS_DETAIL_REINJECTION,   /* recovery: on another subflow, or as other bytes of this one */
    MPS_DETAIL_ORIGINAL_LATE, /* recovery: the earlier transmission arrived, but later */
    MPS_DETAIL_OR_STALLED,    /* application: or a subflow that got no acknowledgement */
    MPS_DETAIL_DEAD_SUBFLOW,  /* held: that subflow never got any more, and sent nothing again */
} mps_critical_detail;
#define MPS_CRITICAL_DETAILS (MPS_DETAIL_DEAD_SUBFLOW + 1)

/* What cause and reason come to: whom or what to blame. */
typedef enum {
    MPS_CLASS_RATE,     /* the rate of the path: queues, serialisation, pacing */
    MPS_CLASS_WINDOW,   /* round trips for the receive window */
    MPS_CLASS_RECEIVER, /* the receiver took its time */
    MPS_CLASS_SENDER,   /* the application, the send buffer, Nagle */
    MPS_CLASS_CONGESTION_WINDOW,
    MPS_CLASS_CONGESTION_WINDOW_AFTER_LOSS,
    MPS_CLASS_RECOVERY,
    MPS_CLASS_HELD,
    MPS_CLASS_HANDSHAKE,
    MPS_CLASS_DELIVERY,
    MPS_CLASS_UNEXPLAINED,
} mps_critical_class;
#define MPS_CRITICAL_CLASSES (MPS_CLASS_UNEXPLAINED + 1)

/** @return the word of output, static ("congestion-window"). NULL: MPS_WHY_UNKNOWN,
 *  MPS_DETAIL_NONE. */
const char *mps_critical_cause_name(mps_critical_cause cause);
const char *mps_critical_why_name(mps_critical_why why);
const char *mps_critical_detail_name(mps_critical_detail detail);
const char *mps_critical_class_name(mps_critical_class which);

/** @return the class of a piece. */
mps_critical_class mps_critical_class_of(mps_critical_cause cause, mps_critical_why why);

/* A moment of the path: a segment as a host saw it. */
typedef struct {
    int64_t time;
    uint32_t frame; /* in the capture of `host`; 0: none */
    uint8_t host;   /* MPS_CLIENT or MPS_SERVER of the connection */
} mps_critical_moment;

/* A piece of the path, later than the next one in the list. */
typedef struct {
    mps_critical_moment from, to;
    uint32_t subflow;  /* index in mps_critical_input.subflows; MPS_NONE: none */
    uint32_t bytes;    /* of a bottleneck: payload that left the queue in the piece's time */
    uint8_t direction; /* mps_direction in which data or acknowledgements went */
    uint8_t cause, why, detail;
} mps_critical_piece;

/* The sum of all pieces with the same cause, reason, detail, subflow and direction. */
typedef struct {
    int64_t time;
    uint32_t pieces;
    uint32_t subflow;
    uint8_t direction, cause, why, detail;
} mps_critical_sum;

/* Why there is no path. */
typedef enum {
    MPS_CRITICAL_KNOWN, /* there is one */
    MPS_CRITICAL_NO_DATA,
    MPS_CRITICAL_NO_DATA_ON_SUBFLOW,
    MPS_CRITICAL_NO_SUBFLOW,
    MPS_CRITICAL_NO_MAPPING,
    MPS_CRITICAL_NO_HANDSHAKE,
    MPS_CRITICAL_NO_OFFSET,
    MPS_CRITICAL_NO_SKEW,
    MPS_CRITICAL_CLOCK_SET,
    MPS_CRITICAL_CLOCKS_DIFFER,
    MPS_CRITICAL_SENDER_UNSEEN,
    MPS_CRITICAL_ONE_CAPTURE,
    MPS_CRITICAL_NEAR_RECEIVER,
    MPS_CRITICAL_NOT_NEAR,
    /* Of one capture: */
    MPS_CRITICAL_NO_SYN,
    MPS_CRITICAL_NO_SCALE,
    MPS_CRITICAL_NOT_ACKNOWLEDGED,
    MPS_CRITICAL_HOLES,
    MPS_CRITICAL_CLOCK_LEAPT,
    MPS_CRITICAL_FAR_APART,
} mps_critical_reason;

/** @return the reason in words, static; NULL for MPS_CRITICAL_KNOWN. */
const char *mps_critical_reason_text(mps_critical_reason reason);

/* The critical path of one direction of a connection. */
typedef struct {
    mps_critical_reason reason; /* if there is none, nothing below is set */
    int64_t start, end, elapsed;
    uint32_t half_rounds; /* round trips on the path, times two: a handshake segment is half one */
    uint32_t rounds_of[MPS_CRITICAL_WHYS]; /* the same, by what the sender waited for */
    int64_t classes[MPS_CRITICAL_CLASSES]; /* they add up to `elapsed` */
    GArray *sums;                          /* mps_critical_sum, the longest first; likewise */
    GArray *pieces;                        /* mps_critical_piece, from the last to the first */
    bool one_capture;     /* round trips are not split, and delivery was not seen: the path ends
                           * with the acknowledgement of the last data */
    bool head_of_line;    /* the last arrival let data go that had waited behind it */
    uint32_t held_by;     /* index of the subflow that brought it, if head_of_line */
    int64_t waited;       /* for how long data had waited then, if head_of_line */
    uint64_t delivered;   /* bytes of data */
    uint64_t undelivered; /* bytes of data that were sent, and not delivered until the end */
    GArray
        *delivered_by; /* uint64_t by index of subflow: data bytes that it was the first to bring */
} mps_critical_path;

/** Say in words what a path shows: what most of the time was spent on, what the rest can have cost
 *  at most, and which subflows were never waited for.
 *  @param subflows  mps_critical_subflow, of the input
 *  @return freed by the caller; NULL: there is no path, or it took no time */
char *mps_critical_verdict(const mps_critical_path *path, const GArray *subflows);

/** @return a path without pieces, freed by the caller with mps_critical_path_free(). */
mps_critical_path *mps_critical_path_new(void);

/** Free a path; NULL is allowed. */
void mps_critical_path_free(mps_critical_path *path);

/** Add up the classes in each interval of a path.
 *  @param interval  ns; the first one begins at the path's start
 *  @return int64_t by MPS_CRITICAL_CLASSES * interval + class; the caller frees it. Each interval's
 *          times add up to its length, of the last one to what is left */
GArray *mps_critical_classes_over(const mps_critical_path *path, int64_t interval);

/* A segment, as one host sent or received it. Sequence numbers are extended, and have the same
 * origin in both histories; data sequence numbers may have an origin in each. */
typedef struct {
    int64_t time;
    uint64_t seq;           /* of the first payload byte; of a SYN, the one before */
    uint64_t ack;           /* if has_ack */
    uint64_t dsn;           /* of the first payload byte, if has_dsn */
    uint64_t data_ack;      /* if has_data_ack */
    uint32_t frame, length; /* payload bytes */
    uint32_t window;        /* bytes, if has_window */
    uint32_t sacks;         /* index of its first SACK block in `sacks` of its host */
    uint32_t subflow;       /* index */
    uint8_t direction;      /* mps_direction: its sender is the host of that number */
    uint8_t sack_count;
    bool has_ack : 1, has_dsn : 1, has_data_ack : 1, has_window : 1;
    bool syn : 1, rst : 1, join : 1, add_addr : 1; /* carries SYN, RST, MP_JOIN, ADD_ADDR */
} mps_critical_segment;

/* A SACK block (RFC 2018), extended. */
typedef struct {
    uint64_t left, right;
} mps_critical_sack;

/* A segment that was sent at one host and received at the other: indices of both histories. */
typedef struct {
    uint32_t received, sent;
    uint32_t length; /* payload bytes that both carry */
} mps_critical_match;

/* How one host's capture maps a direction of a subflow to data. */
typedef struct {
    const mps_runs *maps; /* from the capture's subflow sequence numbers to data; NULL: these are
                           * data sequence numbers themselves (plain TCP, fallback) */
    uint64_t shift;       /* what was added to the capture's subflow sequence numbers */
    uint64_t base;        /* first byte, as in the histories */
} mps_critical_map;

typedef struct {
    uint32_t number;     /* as shown */
    uint32_t id;         /* in the first host's tracker that has it */
    int32_t tcp_stream;  /* -1: unknown */
    uint32_t mss[2];     /* the most payload of a wire segment, by direction; 0: unknown */
    bool scale_known[2]; /* by direction: another capture knows the shift of its sender's windows */
    uint32_t scale[2];
    mps_critical_map map[2][2]; /* by host, by direction */
    bool initial;               /* it began with the connection's first SYN */
} mps_critical_subflow;

/* All that is known of a connection. */
typedef struct {
    GArray *subflows;   /* mps_critical_subflow */
    GArray *hosts[2];   /* mps_critical_segment by (time, frame), of client and server; NULL: there
                         * is no capture at that host */
    GArray *sacks[2];   /* mps_critical_sack, likewise */
    GArray *matches[2]; /* mps_critical_match by `received`, by direction; with two captures */
    uint64_t first_data[2]; /* by direction: the data sequence number that the histories call
                             * MPS_CRITICAL_FIRST_DATA, if data_known */
    bool data_known[2];
    double fast[2]; /* by host: how much faster than the other host's its clock is likely to run, a
                     * ratio, as far as its times are not corrected for that */
} mps_critical_input;

/* Histories number data from here on, so that what comes before the first byte that a capture
 * knows of, and numbers that go round after 2^64, keep their order. */
#define MPS_CRITICAL_FIRST_DATA (UINT64_C(1) << 62)

/** Number data as histories do.
 *  @param dsn     data sequence number of a direction (RFC 8684 section 3.3), 64 bit
 *  @param number  set to its number in the histories
 *  @return false if it is so far from the first one that it is no data of this connection */
bool mps_critical_number_data(const mps_critical_input *input, mps_direction direction,
                              uint64_t dsn, uint64_t *number);

/* Thresholds. */
typedef struct {
    int64_t reaction; /* the longest that a host takes to react to an arrival */
    int64_t busy;     /* the least queueing that proves a busy line */
} mps_critical_limits;

/* 95 to 99 % of the segments that an acknowledgement lets go follow within 50 us, others do not;
 * scheduling of a busy host needs some more. Timers of queues and of hosts are exact to less than
 * 1 ms. */
#define MPS_CRITICAL_LIMITS ((mps_critical_limits){200 * INT64_C(1000), INT64_C(1000000)})

/* Sums and multiples of times within this span fit 64 bits: 9 years. */
#define MPS_CRITICAL_SPAN_MAX (INT64_C(1) << 58)

/* Both hosts, as bits. */
#define MPS_CRITICAL_BOTH (1u << MPS_CLIENT | 1u << MPS_SERVER)

/** @return how far the first and the last segment of some hosts' histories are apart, ns; 0: they
 *          have none. @param hosts  bits 1 << host */
int64_t mps_critical_span_of(const mps_critical_input *input, unsigned hosts);

typedef struct mps_critical_walker mps_critical_walker;

/** Take in a connection.
 *  @param input  must outlive the walker  @param limits  copied
 *  @return freed by the caller with mps_critical_walker_free(); NULL: the times of the segments are
 *          more than MPS_CRITICAL_SPAN_MAX apart */
mps_critical_walker *mps_critical_walker_new(const mps_critical_input *input,
                                             const mps_critical_limits *limits);
void mps_critical_walker_free(mps_critical_walker *walker);

/** Find the critical path of a direction.
 *  @param walker   NULL: its reason is MPS_CRITICAL_FAR_APART
 *  @param subflow  index: end with the last data of this subflow; MPS_NONE: with the last data
 *  @param until    index in the receiver's history: only data that came before it; MPS_NONE: all
 *  @return freed by the caller with mps_critical_path_free(); it may be one without a path */
mps_critical_path *mps_critical_walk(const mps_critical_walker *walker, mps_direction direction,
                                     uint32_t subflow, uint32_t until);

#endif
