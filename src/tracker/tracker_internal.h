/* tracker_internal.h: the tracker's state, shared by its parts.
 *
 *   tracker.c     takes segments in: finds their flow, runs them through the parts below
 *   flow.c        TCP: the table of flows, ends, handshake, closing
 *   connection.c  connections: tokens and keys, joining, merging, numbers
 *   option.c      what each MPTCP option says to the flow and its connection
 *   data.c        sequence spaces: mappings, new / retransmitted / reinjected
 *   info.c        describes connections and subflows to the outside
 *
 * What reports need beyond verdicts is not kept here but in ../analysis.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TRACKER_INTERNAL_H
#define MPS_TRACKER_INTERNAL_H

#include "base/runs.h"
#include <glib.h>
#include <mptcpscope/tracker.h>

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

typedef struct mps_analyses mps_analyses;

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
    const char *fallback;    /* the reason; NULL: none */
    uint32_t fallback_frame; /* where it was found, if so */
    int64_t start, end;
    int64_t syn_time;   /* of its first MP_CAPABLE SYN; -1: not seen */
    mps_space space[2]; /* by mps_direction */
    GArray *pieces;     /* the tracker's; NULL: nobody wants them */
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
    mps_connection *connection; /* NULL: none (plain TCP) */
    uint8_t initiator;          /* CLIENT or SERVER */
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

/* The two ends of a TCP connection in canonical order. */
typedef struct {
    uint8_t address[2][16];
    uint16_t port[2];
    uint8_t length;
    uint8_t padding[3];
} mps_flow_key;

struct mps_tracker {
    mps_track what;
    GHashTable *table;      /* mps_flow_key → mps_flow, the latest one */
    GPtrArray *flows;       /* by id */
    GPtrArray *connections; /* by order; NULL where one was merged into another */
    GPtrArray *alive;       /* those that are left, by number; valid when numbers_valid */
    GHashTable *tokens;     /* token → GPtrArray of mps_connection */
    mps_analyses *analyses; /* NULL: none is wanted */
    GArray *pieces;         /* mps_piece of the segment at hand; NULL: nobody wants them */
    uint32_t orders;        /* connections ever begun */
    uint32_t generation;
    bool numbers_valid;
    mps_flow_key last_key; /* the flow of the segment before, for bursts */
    mps_flow *last_flow;
};

/* flow.c */
mps_flow *mps_flow_of(mps_tracker *tracker, const mps_segment *segment, unsigned *half);
void mps_flow_free(mps_flow *flow);
void mps_flow_segment(mps_flow *flow, unsigned half, const mps_segment *segment);
void mps_flow_close(mps_flow *flow, unsigned half, const mps_segment *segment);
mps_subflow_state mps_flow_state(const mps_flow *flow);
uint64_t mps_half_extend(mps_half *half, uint32_t seq);
uint64_t mps_half_near(const mps_half *half, uint32_t seq);
void mps_half_set_isn(mps_half *half, uint32_t isn);

static inline mps_direction mps_flow_direction(const mps_flow *flow, unsigned half)
{
    return (flow->initiator == CLIENT) == (half == 0) ? MPS_C2S : MPS_S2C;
}

/* The side (CLIENT, SERVER) that sends a half. */
static inline unsigned mps_flow_side(const mps_flow *flow, unsigned half)
{
    return flow->initiator ^ half;
}

/* connection.c */
mps_connection *mps_connection_new(mps_tracker *tracker, mps_flow *flow, mps_roles roles);
void mps_connection_free(mps_connection *connection);
void mps_connection_set_key(mps_tracker *tracker, mps_flow *flow, unsigned side, uint64_t key);
void mps_connection_set_token(mps_tracker *tracker, mps_connection *connection, unsigned side,
                              uint32_t token);
mps_connection *mps_connection_by_token(const mps_tracker *tracker, uint32_t token);
void mps_connection_attach(mps_tracker *tracker, mps_connection *connection, mps_flow *flow);
mps_connection *mps_connection_merge(mps_tracker *tracker, mps_connection *a, mps_connection *b,
                                     bool flip);
void mps_connection_seek(mps_tracker *tracker, mps_flow *flow, unsigned half,
                         const mps_option *dss);
bool mps_connection_ended(const mps_connection *connection);
void mps_tracker_renumber(mps_tracker *tracker);

/* option.c */
void mps_flow_options(mps_tracker *tracker, mps_flow *flow, unsigned half,
                      const mps_segment *segment, mps_verdict *verdict);

/* data.c */
uint64_t mps_space_extend(mps_space *space, uint64_t number, bool is_64);
void mps_space_set_key(mps_space *space, uint64_t idsn);
void mps_flow_map(mps_flow *flow, unsigned half, uint64_t start, uint64_t end, uint64_t dsn,
                  mps_verdict *verdict);
void mps_flow_dss(mps_flow *flow, unsigned half, const mps_segment *segment, const mps_option *dss,
                  mps_verdict *verdict);
void mps_flow_payload(mps_flow *flow, unsigned half, const mps_segment *segment,
                      mps_verdict *verdict);
void mps_flow_fall_back(mps_flow *flow, const char *reason, mps_verdict *verdict);
void mps_flow_continue_unmapped(mps_flow *flow, unsigned half, mps_verdict *verdict);
void mps_flow_acknowledged(mps_flow *flow, unsigned half);

/* ../analysis */
void mps_analyses_segment(mps_tracker *tracker, mps_flow *flow, unsigned half,
                          const mps_segment *segment, const mps_verdict *verdict);
void mps_analyses_free(mps_analyses *analyses);

#endif
