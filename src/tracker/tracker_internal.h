/* tracker_internal.h: the tracker's state and functions that the files of this folder share.
 *
 *   tracker.c     takes segments in: finds their flow, passes them to the files below, fallback
 *   flow.c        TCP: the table of flows, sequence numbers, handshake, closing
 *   connection.c  connections: keys and tokens, merging, numbers
 *   seek.c        which connection a flow without a handshake belongs to
 *   mptcp.c       what each MPTCP option means for its flow and its connection
 *   priority.c    which subflows are backup paths
 *   mapping.c     mappings, and payload by them: new, retransmitted, reinjected; fallback
 *   leaps.c       where the clock of the capture leapt
 *   replay.c      all segments again, in the order of time (mptcpscope/replay.h)
 *   icmp.c        ICMP errors about segments
 *   info.c        describes connections and subflows to callers of the library
 *   view.c        describes a segment to the hook
 *   copies.h      segments that the capture shows more than once; the map of the files for them
 *
 * What reports need beyond verdicts is not kept here but in analysis/.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TRACKER_INTERNAL_H
#define MPS_TRACKER_INTERNAL_H

#define MPS_TRACKER_STATE /* writable here */
#include "base/pool.h"
#include "tracker_state.h"

/* The two ends of a TCP connection, the lower one first. Compared and hashed byte by byte: it has
 * no uninitialised padding. */
typedef struct {
    uint8_t address[2][16];
    uint16_t port[2];
    uint8_t length;
    uint8_t padding[3];
} mps_flow_key;

/* The flow that has a key. A flow that was captured before and after NAT has several keys. */
typedef struct {
    mps_flow_key key;
    mps_flow *flow;
    uint32_t number;       /* among those of the flow, from 0 */
    bool low_is_initiator; /* the initiator is the lower end in the key */
} mps_ends;

/* What keeps track of copies; copies.h. */
typedef struct mps_copies mps_copies;

/* A flow that had a segment lately: most segments belong to such a one, and are spared the lookup.
 * Who chooses ports so that they share a place costs us that lookup and no more. */
#define MPS_RECENT_FLOWS 64u
typedef struct {
    mps_flow_key key;
    mps_ends *ends; /* NULL: the connection is not followed */
} mps_recent_flow;

/* The numbers of connections. Merging makes them invalid; the next question for a number puts them
 * right. That is allowed on a const tracker because nothing else changes. */
typedef struct {
    GPtrArray *alive; /* by number: each mps_connection that was not merged into another */
    uint32_t from;    /* order of the first connection whose number is invalid; MPS_NONE: none is */
    uint32_t kept;    /* how many connections before that one are left; valid if `from` is */
} mps_numbering;

struct mps_tracker {
    mps_track what;
    mps_segment_counts counts;
    GHashTable *table;     /* set of mps_ends, by their keys: of the latest flow with a key */
    mps_pool *ends;        /* mps_ends, those of earlier flows as well */
    mps_pool *flows;       /* mps_flow, by id */
    mps_pool *connections; /* mps_connection, by order; one that was merged has no flows */
    GQueue left;           /* mps_connection that were not merged into another, by order */
    mps_numbering *numbering;
    GHashTable *tokens;    /* token → GPtrArray of mps_connection */
    mps_tracker_hook hook; /* all zero: none is set */
    bool shows_plain;      /* it is called for plain TCP, too */
    mps_pieces *pieces;    /* NULL: there is no hook */
    uint32_t changes;      /* of backup flags until now: tells which of two came later */
    mps_leaps leaps;       /* of the clock */
    int64_t time;          /* of the segment before, ns */
    bool disordered;       /* a segment was earlier than the one before it */
    bool replay_follows;   /* then the hook need not be called any more */
    bool late;             /* the segment that is taken in was held: it counts later than it came */
    uint32_t generation;   /* see mps_tracker_generation() */
    mps_copies *copies;
    GPtrArray *icmp; /* mps_flow_icmp, in the order in which they were taken in */
    mps_recent_flow recent[MPS_RECENT_FLOWS]; /* by ports */
};

/* In all functions below `half` is 0 for what the flow's initiator sends and 1 for what its peer
 * sends, and `verdict` is that of the segment being taken in. */

/* flow.c: TCP connections */

/** Find the flow of a segment, or create it if it is to be followed.
 *  @param half  set to the half that sent the segment
 *  @return owned by the tracker; NULL: the segment's TCP connection is not followed */
const mps_ends *mps_flow_of(mps_tracker *tracker, const mps_segment *segment, unsigned *half);

/** Find the flow of the segment that an ICMP error is about.
 *  @param half  set to the half that sent the segment
 *  @return as mps_flow_of(); no flow is created */
const mps_ends *mps_flow_of_icmp(const mps_tracker *tracker, const mps_icmp_error *error,
                                 unsigned *half);

/* tracker.c */

/** Take in a segment that counts. @param verdict  filled in */
void mps_tracker_take(mps_tracker *tracker, mps_flow *flow, unsigned half,
                      const mps_segment *segment, mps_verdict *verdict);

/** @return a half of a flow, to be written: not the one that flows share. */
mps_half *mps_flow_half(mps_flow *flow, unsigned half);

/** Free what a flow holds. It does not hold its connection. */
void mps_flow_clear(mps_flow *flow);

/** Take in the TCP header of a segment: times, ISN, handshake, acknowledgement. */
void mps_flow_segment(mps_flow *flow, unsigned half, const mps_segment *segment);

/** Take in the FIN or RST of a segment, if it has one. */
void mps_flow_close(mps_flow *flow, unsigned half, const mps_segment *segment);

/** @return the state of a flow, as of now. */
mps_subflow_state mps_flow_state(const mps_flow *flow);

/* flow.c: subflow sequence numbers */

/** Extend a sequence number of payload that was sent, and note it if it is the highest.
 *  @param seq  as on the wire @return the extended number */
uint64_t mps_half_extend(mps_half *half, uint32_t seq);

/** Note the initial sequence number of a half. No effect if it is known. */
void mps_half_set_isn(mps_half *half, uint32_t isn);

/* view.c */

/** Describe a segment to the hook.
 *  @param view  filled in; valid until the next segment */
void mps_view_segment(mps_tracker *tracker, mps_flow *flow, unsigned half,
                      const mps_segment *segment, const mps_verdict *verdict, mps_view *view);

/* connection.c */

/** Create a connection whose first subflow is `flow`. @return owned by the tracker */
mps_connection *mps_connection_new(mps_tracker *tracker, mps_flow *flow, mps_roles roles);

/** @return a data sequence space of a connection, to be written: not the one that they share. */
mps_space *mps_connection_space(mps_connection *connection, mps_direction direction);

/** Free what a connection holds. It does not hold its flows: it has none then. */
void mps_connection_clear(mps_connection *connection);

/** Note the key of a side of the flow's connection: its token and its IDSN follow (RFC 8684
 *  section 3.1, RFC 6824 section 3.1). May merge connections, see mps_connection_set_token().
 *  @param side  MPS_CLIENT or MPS_SERVER */
void mps_connection_set_key(mps_tracker *tracker, mps_flow *flow, unsigned side, uint64_t key);

/** Note the token of a side. A connection that was made from an earlier MP_JOIN with the token is
 *  the same one: both are merged, and the flows of `connection` lead to what is left.
 *  @param side  MPS_CLIENT or MPS_SERVER */
void mps_connection_set_token(mps_tracker *tracker, mps_connection *connection, unsigned side,
                              uint32_t token);

/** Tokens are unique on a host at one time only: several connections may have had this one.
 *  @return the latest connection with the token that has not ended; if all have, the latest;
 *          NULL: the token is unknown */
mps_connection *mps_connection_by_token(const mps_tracker *tracker, uint32_t token);

/** Make a flow the last subflow of a connection. */
void mps_connection_attach(mps_connection *connection, mps_flow *flow);

/** Merge two connections that turn out to be one. The one that was created first stays, the other
 *  one is freed.
 *  @param flipped  the client of one is the server of the other; the sides are swapped in the one
 *                  whose roles are less certain
 *  @return the connection that stays */
mps_connection *mps_connection_merge(mps_tracker *tracker, mps_connection *a, mps_connection *b,
                                     bool flipped);

/** @return whether both DATA_FINs were acknowledged or MP_FASTCLOSE was seen. */
bool mps_connection_ended(const mps_connection *connection);

/** Number the connections that exist now, if merging made their numbers invalid. */
void mps_tracker_renumber(const mps_tracker *tracker);

/* seek.c */

/** Merge the connection of a flow into another one if the numbers of a DSS fit only there: the
 *  flow's handshake, or that of its connection, was not captured. */
void mps_seek_connection(mps_tracker *tracker, mps_flow *flow, unsigned half,
                         const mps_option *dss);

/* mptcp.c */

/** Take in all MPTCP options of a segment, or that a SYN or SYN/ACK has none. */
void mps_flow_options(mps_tracker *tracker, mps_flow *flow, unsigned half,
                      const mps_segment *segment, mps_verdict *verdict);

/* priority.c */

/** Note whether a flow is a backup path. @param backup  1, 0, or -1: unknown */
void mps_flow_set_backup(mps_tracker *tracker, mps_flow *flow, int backup);

/** Note whether all present flows from an address are (RFC 6824 section 3.3.8). O(1) in flows.
 *  @param side  whose address: MPS_CLIENT or MPS_SERVER */
void mps_connection_set_backup(mps_tracker *tracker, mps_connection *connection, unsigned side,
                               uint8_t address_id, bool backup);

/** @return 1 if a flow is a backup path, as either side declared last; 0: not, -1: unknown */
int mps_flow_backup(const mps_flow *flow);

/** Swap the sides, when client and server of the connection are swapped. */
void mps_connection_flip_backup(mps_connection *connection);

/** Take over what is known of a connection that is merged into another. */
void mps_connection_merge_backup(mps_connection *into, const mps_connection *from);

/* mapping.c */

/** Extend a DSN or DATA_ACK, of 32 bits to the nearest value (RFC 8684 section 3.3.1), and note it
 *  if it is the highest. @param number  as on the wire @return the extended number */
uint64_t mps_space_extend(mps_space *space, uint64_t number, bool is_64);

/** Note the IDSN that follows from a key: all 64 bits of the space's numbers are known from here
 *  on. @param idsn  as on the wire */
void mps_space_set_key(mps_space *space, uint64_t idsn);

/** Map subflow sequence numbers [start, end) to data sequence numbers from `dsn` on, all extended.
 *  What is mapped already keeps its mapping. Payload that came before its mapping is counted now.
 */
void mps_flow_map(mps_flow *flow, unsigned half, uint64_t start, uint64_t end, uint64_t dsn,
                  mps_verdict *verdict);

/** Take in a DSS option: DATA_ACK, mapping, DATA_FIN (RFC 8684 section 3.3). */
void mps_flow_dss(mps_flow *flow, unsigned half, const mps_segment *segment, const mps_option *dss,
                  mps_verdict *verdict);

/** Count the payload of a segment as new, retransmitted, reinjected and unmapped bytes. */
void mps_flow_payload(mps_flow *flow, unsigned half, const mps_segment *segment,
                      mps_verdict *verdict);

/** Note that the connection continues as plain TCP on this flow (RFC 8684 section 3.7). No effect
 * if it fell back before. */
void mps_flow_fall_back(mps_flow *flow, mps_fallback reason, mps_verdict *verdict);

/** Map all further payload of a half, after fallback. Called for the half that did not show the
 *  fallback, with its next segment. */
void mps_flow_continue_unmapped(mps_flow *flow, unsigned half, mps_verdict *verdict);

/** Forget mappings that are no longer needed after an acknowledgement of what `half` sent. */
void mps_flow_acknowledged(mps_flow *flow, unsigned half);

#endif
