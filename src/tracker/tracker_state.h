/* tracker_state.h: the tracker's state for those who read it, and the hook that shows them each
 * segment.
 *
 * Only the files of tracker/ write the state; to all others it is const.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TRACKER_STATE_H
#define MPS_TRACKER_STATE_H

#include "base/runs.h"
#include <glib.h>
#include <mptcpscope/tracker.h>

#ifndef MPS_TRACKER_STATE
#define MPS_TRACKER_STATE const /* tracker_internal.h leaves it out */
#endif

enum { CLIENT = 0, SERVER = 1 };

/* A stretch of a segment's payload by its data sequence numbers, which are those inside. Told in
 * ascending order of subflow sequence numbers; stretches without a known mapping are missing. */
typedef struct {
    uint64_t dsn;
    uint32_t length;
    enum {
        MPS_PIECE_NEW,           /* data not sent before */
        MPS_PIECE_REINJECTED,    /* sent before, under another SSN */
        MPS_PIECE_RETRANSMITTED, /* sent before, under the same SSN */
    } kind;
    bool late; /* payload of an earlier segment, whose mapping came with this one */
} mps_piece;

/* The data sequence space of one direction. Numbers inside are 64 bits wide; `offset` leads to
 * those of the wire once 64 bits of one were seen or the key was. */
typedef struct {
    bool has_reference, absolute_known, initial_known, has_ack, has_fin;
    uint32_t id;        /* tells it from all others, for good */
    uint64_t reference; /* the highest number seen; 32-bit ones extend to its neighbourhood */
    uint64_t offset;    /* wire = inside + offset */
    uint64_t initial;   /* the IDSN, inside */
    uint64_t ack;       /* highest DATA_ACK, inside */
    uint64_t fin;       /* the DATA_FIN's number, inside */
    mps_runs sent;      /* data bytes seen */
} mps_space;

typedef struct mps_flow mps_flow;

typedef struct {
    uint32_t order;  /* among all connections ever begun */
    uint32_t number; /* among those that are left; valid when the tracker's numbers are */
    int version, checksum;
    mps_roles roles;
    bool has_key[2], has_token[2]; /* of client and server */
    uint64_t key[2];
    uint32_t token[2];
    bool fastclosed;
    mps_fallback fallback;
    uint32_t fallback_frame; /* where it was found, if so */
    int64_t start, end;
    int64_t syn_time;   /* of its first MP_CAPABLE SYN; -1: not seen */
    mps_space space[2]; /* by mps_direction */
    GArray *pieces;     /* the tracker's mps_piece; NULL: nobody wants them */
    GPtrArray *flows;   /* mps_flow, in the order of their ids once numbers are valid */
} mps_connection;

/* Times and timestamps of a SYN or SYN/ACK and its repetitions, to tell which one was answered. */
typedef struct {
    unsigned count;
    int64_t first, last;
    uint32_t first_tsval, last_tsval;
    bool has_timestamps;
} mps_opening;

/* One direction of a TCP connection: what `from` sent. Sequence numbers are 64 bits inside, with
 * room below the first one seen. */
typedef struct {
    mps_address address; /* of the sender */
    uint16_t port;
    bool isn_known, anchored, fin, has_nonce, has_ack, dss_seen;
    bool first_without_mptcp; /* its first segment behind the SYN had no MPTCP option */
    bool sent_after_syn;      /* sent a segment behind its SYN */
    bool fallback_pending; /* the connection fell back: with its next segment it goes on unmapped */
    bool sent_mptcp_after_syn; /* with an MPTCP option other than MP_CAPABLE */
    uint32_t isn;
    uint32_t first_seq;         /* of its first segment behind the SYN, if it spoke */
    uint32_t anchor;            /* wire number that is MPS_ANCHOR inside */
    uint64_t top;               /* highest number seen */
    uint32_t isn_low, isn_high; /* bounds of an ISN that was not captured */
    bool isn_bounded;
    GArray *waiting; /* mps_option: mappings seen while the ISN is unknown; NULL: none */
    uint64_t floor;  /* everything below was seen, mapped and acknowledged */
    uint64_t ack;    /* highest acknowledgement by the other end */
    uint32_t nonce;
    int address_id;
    uint32_t window_scale; /* MPS_NONE: unknown */
    mps_opening opening;
    mps_runs seen; /* payload, by subflow sequence number */
    mps_runs maps; /* to data sequence numbers, inside */
} mps_half;

#define MPS_ANCHOR (UINT64_C(1) << 32)

struct mps_flow {
    uint32_t id, number; /* number: within the connection */
    uint32_t frame;      /* of its first segment */
    int32_t tcp_stream;
    MPS_TRACKER_STATE mps_connection *connection; /* NULL: none (plain TCP) */
    uint8_t initiator;                            /* CLIENT or SERVER */
    bool handshake_seen, join_refused, reset;
    bool answered;      /* its SYN was */
    bool accepted;      /* its handshake was completed */
    bool capable_syn;   /* its SYN carried MP_CAPABLE */
    bool plain_syn;     /* and was repeated without */
    bool other_version; /* the SYN/ACK's MP_CAPABLE is of another version than the SYN's */
    bool failed;        /* MP_FAIL was seen */
    uint8_t version;    /* its SYN asked for, if capable_syn */
    int initial;        /* as in mps_subflow_info */
    int backup, reset_reason;
    int64_t start, end;
    int64_t syn_to_synack, synack_to_ack; /* -1: unknown */
    mps_half half[2];                     /* 0: what the initiator sent */
    bool low_is_initiator;                /* of the table's canonical key */
    unsigned evidence; /* DSS options looked at to find the connection it belongs to */
};

/** @return a TCP connection that is followed, by its id. */
const mps_flow *mps_tracker_flow(const mps_tracker *tracker, uint32_t id);

/** @return a connection by its number, as of now. */
const mps_connection *mps_tracker_connection_at(const mps_tracker *tracker, uint32_t number);

/** @return the sequence number of 64 bits nearest to the highest one seen of a half, of which
 *  `seq` is the low half. */
uint64_t mps_half_near(const mps_half *half, uint32_t seq);

/** @return the direction of the connection in which a half of the flow goes. */
static inline mps_direction mps_flow_direction(const mps_flow *flow, unsigned half)
{
    return (flow->initiator == CLIENT) == (half == 0) ? MPS_C2S : MPS_S2C;
}

/** @return the side (CLIENT, SERVER) that sends a half of the flow. */
static inline unsigned mps_flow_side(const mps_flow *flow, unsigned half)
{
    return flow->initiator ^ half;
}

/* A segment with what the tracker made of it. Sequence numbers are those of the tracker's inside,
 * 64 bits wide and without wrap: compare and subtract them, but do not show them. */
typedef struct {
    const mps_tracker *tracker;
    const mps_segment *segment;
    const mps_verdict *verdict;
    const mps_flow *flow;
    unsigned half;           /* of the flow: 0 if its initiator sent the segment */
    mps_direction direction; /* of the connection, as known now */

    uint32_t half_id, other_half_id;   /* of the sender's direction of the subflow, and the other */
    uint32_t space_id, other_space_id; /* of the sender's direction of the connection, … */

    bool has_ssn; /* there is payload (no SYN, no RST), which lies at [ssn, ssn_end) */
    uint64_t ssn, ssn_end;
    bool has_ack; /* acknowledges the other half up to (and without) `ack` */
    uint64_t ack;
    bool has_data_ack; /* acknowledges the other direction up to (and without) `data_ack` */
    uint64_t data_ack;
    const mps_piece *pieces; /* the payload as data sequence numbers; see mps_piece */
    unsigned piece_count;
} mps_view;

/* Shown each segment of an MPTCP connection after the tracker took it in. */
typedef struct {
    void (*segment)(void *data, const mps_view *view);
    void (*free)(void *data);
    void *data;
} mps_tracker_hook;

/** Set the hook, of which a tracker has one at most, before the first segment. From then on the
 *  tracker tells the pieces of each segment, too.
 *  @param hook  copied; its data is freed with the tracker */
void mps_tracker_set_hook(mps_tracker *tracker, const mps_tracker_hook *hook);

/** @return the data of the hook; NULL: there is no hook. */
void *mps_tracker_hook_data(const mps_tracker *tracker);

#endif
