/* tracker_state.h: read access to the tracker's state, and the hook that is called for each
 * segment.
 *
 * Only the files of tracker/ write the state. It is const for all others.
 *
 * Sequence numbers are *extended* here: the tracker keeps 64 bits of each, so that they never wrap
 * and can be compared and subtracted. They differ from those on the wire by a constant for each
 * subflow direction (mps_half.anchor) and each data sequence space (mps_space.offset).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TRACKER_STATE_H
#define MPS_TRACKER_STATE_H

#include "base/runs.h"
#include "leaps.h"
#include <glib.h>
#include <mptcpscope/tracker.h>

#ifndef MPS_TRACKER_STATE
#define MPS_TRACKER_STATE const /* tracker_internal.h defines it as nothing */
#endif

/* The two sides of a connection: indices of what the tracker keeps for each, such as its key, and
 * values of mps_flow.initiator. */
enum { MPS_CLIENT = 0, MPS_SERVER = 1 };

/* The first byte after the SYN has this extended subflow sequence number: bytes that were captured
 * although they come before it fit below. */
#define MPS_ANCHOR (UINT64_C(1) << 32)

/* The length of an infinite mapping (RFC 8684 section 3.7): more bytes than any connection
 * sends. */
#define MPS_INFINITE (UINT64_C(1) << 56)

/* The largest shift of the window scale option (RFC 7323 section 2.3). */
#define MPS_WINDOW_SCALE_MAX 14u

/* Bytes of the largest receive window: more than 16 bits with that shift (RFC 7323 section 2.3). */
#define MPS_WINDOW_MAX (UINT32_C(1) << 30)

/* Consecutive payload bytes of a segment that have consecutive data sequence numbers. The pieces of
 * a segment are in ascending order of subflow sequence numbers. Payload without a known mapping is
 * in no piece. */
typedef struct {
    uint64_t dsn;    /* extended */
    uint32_t length; /* bytes */
    enum {
        MPS_PIECE_NEW,           /* data not sent before */
        MPS_PIECE_REINJECTED,    /* sent before, under another SSN */
        MPS_PIECE_RETRANSMITTED, /* sent before, under the same SSN */
    } kind;
    bool late; /* payload of an earlier segment; its mapping came with this one */
} mps_piece;

/* Retransmitted pieces of a segment. As a rule it has one, because what is sent again together was
 * mapped together. A sender that mapped each byte alone could make a segment of which 60 bytes were
 * captured cost as much as 60 000: payload beyond these pieces is in no piece. */
#define MPS_RETRANSMITTED_PIECES_MAX 16u

/* The pieces of the segment that is being taken in. */
typedef struct {
    mps_piece *list;
    unsigned count, room;   /* of pieces in the list, and for how many there is room */
    unsigned retransmitted; /* how many of them are retransmitted */
    bool cut;               /* retransmitted payload is in no piece: there would be too many */
} mps_pieces;

/* The data sequence space of one direction. `offset` is known once a DSN or DATA_ACK of 64 bits, or
 * the key, was seen. */
typedef struct {
    bool has_reference, absolute_known, initial_known, has_ack, has_fin;
    uint64_t reference; /* highest number seen; 32-bit numbers are extended to the value nearest
                         * to it */
    uint64_t offset;    /* wire number = extended number + offset; valid if absolute_known */
    uint64_t initial;   /* IDSN */
    uint64_t ack;       /* highest DATA_ACK */
    uint64_t fin;       /* number of the DATA_FIN */
    mps_runs sent;      /* data bytes seen */
} mps_space;

typedef struct mps_flow mps_flow;

/* The flows of a connection: as a rule it is one, and takes no memory but this. */
typedef struct {
    MPS_TRACKER_STATE mps_flow **pdata; /* `first`, or an array of its own */
    MPS_TRACKER_STATE mps_flow *first;
    guint len, size;
} mps_flow_list;

/* An MPTCP connection. */
typedef struct {
    GList link;            /* in the tracker\'s list of connections that are left */
    uint32_t order;        /* among all connections that were ever created */
    uint32_t number;       /* among those that still exist; valid if mps_numbering.valid */
    int version, checksum; /* as in mps_connection_info */
    mps_roles roles;
    bool has_key[2], has_token[2]; /* of client and server */
    uint64_t key[2];
    uint32_t token[2];
    bool fastclosed;
    mps_fallback fallback;
    uint32_t fallback_frame; /* that showed the fallback; valid if there is one */
    int64_t start, end;      /* ns */
    bool has_syn_time;
    int64_t syn_time; /* of its first MP_CAPABLE SYN, if that was captured */
    /* By mps_direction. A space of which nothing is known is one that all connections share. */
    MPS_TRACKER_STATE mps_space *space[2];
    uint32_t space_id[2]; /* of these: unique, and it stays with its space */
    mps_pieces *pieces;   /* the tracker's; NULL: there is no hook */
    mps_flow_list flows;  /* in the order of their ids */
    GArray *priorities;   /* MP_PRIO with address IDs, see priority.c; NULL: none */
} mps_connection;

/* Times (ns) and timestamps of a SYN or SYN/ACK and its repetitions. They show which of them was
 * answered. */
typedef struct {
    int64_t first, last;
    uint32_t first_tsval, last_tsval;
    unsigned count;
    bool has_timestamps;
} mps_opening;

/* One direction of a TCP connection: what it sent. */
typedef struct {
    bool isn_known, anchored, fin, has_nonce, has_ack, dss_seen;
    bool first_without_mptcp;  /* its first segment after the SYN had no MPTCP option */
    bool sent_after_syn;       /* it sent a segment after its SYN */
    bool fallback_pending;     /* the connection fell back; mapped on with its next segment */
    bool sent_mptcp_after_syn; /* it sent an MPTCP option other than MP_CAPABLE after its SYN */
    uint32_t isn;
    uint32_t syn_length; /* payload of its SYN (RFC 7413), bytes */
    uint32_t fast_open;  /* how much of it the SYN/ACK acknowledges. No mapping covers that, and
                          * relative SSNs count from its end (RFC 8684 appendix B.3) */
    uint32_t first_seq;  /* of its first segment after the SYN, if sent_after_syn */
    uint32_t anchor;     /* wire number whose extended number is MPS_ANCHOR */
    uint64_t top;        /* highest number seen */
    uint32_t isn_low, isn_high; /* bounds of an ISN that was not captured, if isn_bounded */
    bool isn_bounded;
    GArray *waiting;        /* mps_option: mappings seen while the ISN is unknown; NULL: none */
    uint64_t settled_below; /* everything below was seen, mapped and acknowledged */
    uint64_t ack;           /* highest acknowledgement by the other end; 0: none */
    bool captured;          /* the capture has a segment of it */
    bool cut;               /* the snaplen cut the options of a segment */
    bool claimed_one;   /* the last step of `claimed` was one number: that of a FIN, as a rule */
    uint32_t first_ack; /* first acknowledgement on the wire, while nothing of it was captured */
    uint64_t claimed;   /* bytes acknowledged from there on, or from the SYN, until something was
                         * captured */
    uint32_t nonce;
    uint32_t window_scale; /* MPS_NONE: unknown */
    mps_opening opening;
    mps_latest latest; /* segment of a connection; for the leaps of the clock */
    mps_runs seen;     /* payload bytes, by subflow sequence number */
    mps_runs maps;     /* from subflow to data sequence numbers */
} mps_half;

/* Whether the segments of a half that come twice at one place are copies. */
typedef enum {
    MPS_REPEATS_UNDECIDED,
    MPS_REPEATS_ARE_COPIES,     /* nearly all come twice */
    MPS_REPEATS_ARE_DUPLICATES, /* the network's, or the sender sent them again */
} mps_repeats;

/* What is counted of each segment of a flow, for tracker/copies.h. Arrays are by half. */
typedef struct {
    uint32_t originals[2];   /* segments that are no copies */
    uint32_t singles[2];     /* segments since the last that came again at one place */
    int64_t singles_from[2]; /* time of the first of these, ns */
} mps_flow_sights;

/* What is known of the copies of a flow's segments; tracker/copies.h. Arrays are by half. */
typedef struct {
    uint32_t repeats[2];       /* originals that came again at one place */
    uint32_t last_repeated[2]; /* number of the latest of these, among the originals */
    mps_repeats decided[2];
    int64_t lag[2];         /* the longest time until a segment came again, ns */
    uint8_t credit[2];      /* above 0: its segments are expected at several places */
    uint8_t shown;          /* how often a segment is captured at most */
    bool forward[2];        /* its sights were captured in the order of the path */
    bool side_chosen;       /* `near_side` is this flow's own choice */
    bool side_by_way;       /* both sights of what the client sent came in: the host that received
                             * them may be the server */
    bool side_by_ttl;       /* they passed routers before: the server may be near */
    uint8_t near_side;      /* MPS_CLIENT or MPS_SERVER: the sights nearest to it count */
    bool place_chosen;      /* it is known by some order which sights count */
    bool moved;             /* its first segments counted at another place */
    bool near_known;        /* it is known which sights count: */
    uint64_t near_location; /* their location */
    uint64_t far_location;  /* another location */
    GQueue far[2];          /* mps_held that wait for a nearer sight, in the order of the capture */
    GQueue undecided[2];    /* mps_held that may be duplicates of the network */
} mps_flow_copies;

/* An ICMP error about a flow; icmp.c. */
typedef struct mps_flow_icmp mps_flow_icmp;

/* An end of a TCP connection. */
typedef struct {
    mps_address address;
    uint16_t port;
    int16_t address_id; /* -1: unknown */
} mps_flow_host;

/* A TCP connection. */
struct mps_flow {
    uint32_t id, number; /* number: within the connection */
    uint32_t frame;      /* of its first segment */
    int32_t tcp_stream;
    MPS_TRACKER_STATE mps_connection *connection; /* NULL: plain TCP */
    uint8_t initiator;                            /* MPS_CLIENT or MPS_SERVER */
    bool handshake_seen, join_refused, reset;
    bool answered;    /* its SYN was answered */
    bool accepted;    /* its handshake was completed */
    bool capable_ack; /* the initiator sent MP_CAPABLE after its SYN */
    bool ack_lost;    /* the SYN/ACK was repeated after the third ACK */
    bool confirmed;   /* the responder sent a segment after its SYN/ACK */
    bool refused;     /* the responder answered with RST, before it confirmed or any payload came */
    bool capable_syn; /* its SYN carried MP_CAPABLE */
    bool capable_synack;     /* so did the SYN/ACK that answered it */
    bool plain_syn;          /* that SYN was repeated without MP_CAPABLE */
    bool other_version;      /* the versions in the SYN's and the SYN/ACK's MP_CAPABLE differ */
    bool failed;             /* MP_FAIL was seen */
    uint8_t version;         /* in its SYN's MP_CAPABLE, if capable_syn */
    int16_t initial, backup; /* as in mps_subflow_info, like the next */
    int16_t reset_reason;    /* backup: mps_flow_backup() knows of MP_PRIO with an address, too */
    uint32_t backup_change;  /* when `backup` was set, see mps_tracker.changes */
    int64_t start, end;      /* ns */
    int64_t syn_to_synack, synack_to_ack; /* ns; -1: unknown */
    mps_flow_host host[2];                /* 0: the initiator, like its half */
    /* What they sent. A half of which nothing is known is one that all flows share: a flood has
     * very many. */
    MPS_TRACKER_STATE mps_half *half[2];
    uint32_t ends_count; /* ends by which it was captured: NAT makes several */
    mps_flow_sights sights;
    MPS_TRACKER_STATE mps_flow_copies *copies; /* nothing is known: one that all flows share */
    unsigned dss_compared;         /* DSS options compared to find the connection it belongs to */
    const mps_flow_icmp *icmp;     /* the latest ICMP error about it; NULL: none */
    const mps_icmp_error *refusal; /* the latest one about its SYN that may refuse it; NULL: none */
};

/** @return the ICMP error that refused a flow: nothing else answered its SYN; NULL: none did. */
const mps_icmp_error *mps_flow_refusal(const mps_flow *flow);

/** @return a TCP connection that is followed. @param id  less than mps_tracker_subflows() */
const mps_flow *mps_tracker_flow(const mps_tracker *tracker, uint32_t id);

/** @return the leaps of the capture's clock until now, owned by the tracker. */
const mps_leaps *mps_tracker_leaps(const mps_tracker *tracker);

/** @return the first leap of the clock while a connection was captured, owned by the tracker; NULL:
 *  there was none. @param number  of the connection */
const mps_leap *mps_tracker_leap_of(const mps_tracker *tracker, uint32_t number);

/** @return a connection. @param number  its present number, less than mps_tracker_connections() */
const mps_connection *mps_tracker_connection_at(const mps_tracker *tracker, uint32_t number);

/** @return the number nearest to `reference` that has these low 32 bits (RFC 8684 section
 *  3.3.1). */
static inline uint64_t mps_nearest(uint64_t reference, uint32_t low)
{
    return reference + (uint64_t)(int64_t)(int32_t)(low - (uint32_t)reference);
}

/** Extend a sequence number of a half to the value nearest to the highest one seen.
 *  @param seq  as on the wire @return the extended number */
uint64_t mps_half_near(const mps_half *half, uint32_t seq);

/** @return the sequence number on the wire from which relative SSNs of a half count, if its ISN is
 *  known: relative SSN 1 is the next number. */
static inline uint32_t mps_half_ssn_base(const mps_half *half)
{
    return half->isn + half->fast_open;
}

/** Extend a relative subflow sequence number, as a DSS has it, to the value nearest to the segment
 *  that carries it. The ISN must be known.
 *  @param at, seq  the segment's sequence number, extended and as on the wire
 *  @param ssn      relative to the ISN @return the extended number */
static inline uint64_t mps_half_extend_ssn(const mps_half *half, uint64_t at, uint32_t seq,
                                           uint32_t ssn)
{
    return at + (uint64_t)(int64_t)(int32_t)(mps_half_ssn_base(half) + ssn - seq);
}

/** @return the direction of the connection in which a half of the flow sends. */
static inline mps_direction mps_flow_direction(const mps_flow *flow, unsigned half)
{
    return (flow->initiator == MPS_CLIENT) == (half == 0) ? MPS_C2S : MPS_S2C;
}

/** @return the side (MPS_CLIENT or MPS_SERVER) that sends a half of the flow. */
static inline unsigned mps_flow_side(const mps_flow *flow, unsigned half)
{
    return flow->initiator ^ half;
}

/* A segment and what the tracker found out about it. Sequence numbers are extended: compare and
 * subtract them, but do not show them to users. */
typedef struct {
    const mps_tracker *tracker;
    const mps_segment *segment;
    const mps_verdict *verdict;
    const mps_flow *flow;    /* of plain TCP if it has no connection */
    unsigned half;           /* of the flow: 0 if its initiator sent the segment */
    mps_direction direction; /* of the connection, as known now */

    uint32_t half_id, other_half_id;   /* the subflow's direction: the sender's, and the other */
    uint32_t space_id, other_space_id; /* the connection's direction: likewise; MPS_NONE: plain
                                        * TCP */

    bool has_ssn; /* it has payload, at [ssn, ssn_end), and is no SYN or RST */
    uint64_t ssn, ssn_end;
    bool has_ack; /* it acknowledges the other half's bytes below `ack` */
    uint64_t ack;
    bool has_data_ack; /* it acknowledges the other direction's data below `data_ack` */
    uint64_t data_ack;
    const mps_piece *pieces; /* its payload by data sequence numbers; see mps_piece */
    unsigned piece_count;
    bool pieces_cut; /* as in mps_pieces */
    bool late;       /* it was held, because another sight of it may count instead: it comes after
                      * later segments */
} mps_view;

/* A function that is called for each segment of an MPTCP connection, and of plain TCP if
 * mps_tracker_show_plain() asks for it. */
typedef struct {
    /* Called after the tracker took the segment in. `view` is valid during the call only. */
    void (*segment)(void *data, const mps_view *view);
    /* Called once, when the tracker is freed. NULL: nothing is to be freed. */
    void (*free)(void *data);
    void *data; /* for both functions */
} mps_tracker_hook;

/** @return a number that changes whenever mps_tracker_numbers() or mps_tracker_direction() may
 *  return something else than before for a subflow that existed before. */
uint32_t mps_tracker_generation(const mps_tracker *tracker);

/** Set the hook. A tracker has at most one. It must be set before the first segment; it makes the
 *  tracker collect the pieces of each segment, too.
 *  @param hook  copied; its data is freed with the tracker */
void mps_tracker_set_hook(mps_tracker *tracker, const mps_tracker_hook *hook);

/** Call the hook for segments of plain TCP, too. Their views have no connection and no space. */
void mps_tracker_show_plain(mps_tracker *tracker);

/** @return the data of the hook, or NULL if there is no hook. */
void *mps_tracker_hook_data(const mps_tracker *tracker);

#endif
