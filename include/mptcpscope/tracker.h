/* tracker.h: follows MPTCP connections and subflows (RFC 8684, RFC 6824) through captured segments.
 *
 * The tracker takes in segments in the order in which it gets them, and gives a verdict for each.
 * If that was not the order of time, another tracker can take them in again (replay.h). Connections
 * and subflows can be described at any time. The descriptions are final after the last segment:
 * until then connections that turn out to be one are merged, and the numbers of connections change.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_TRACKER_H
#define MPTCPSCOPE_TRACKER_H

#include <mptcpscope/error.h>
#include <mptcpscope/icmp_error.h>

typedef struct mps_tracker mps_tracker;

/* What to follow. */
typedef enum {
    MPS_TRACK_MPTCP = 0, /* TCP connections from their first MPTCP option on */
    MPS_TRACK_TCP = 1,   /* every TCP connection; those without MPTCP belong to no connection */
} mps_track;

/* The result for one segment. It is small, because the plugin keeps one for each segment.
 *
 * length = data + retransmitted + reinjected + unmapped, except for corrections: bytes whose
 * mapping comes late are counted as unmapped in their own segment. The segment that brings the
 * mapping subtracts them from `unmapped` and adds them to `data` or `reinjected`. Sums over all
 * segments are right. */
typedef struct {
    uint32_t subflow;       /* id of the TCP connection, for mps_tracker_subflow() */
    uint32_t length;        /* payload bytes */
    uint32_t retransmitted; /* payload bytes whose SSN was already sent on this subflow */
    int32_t data;           /* data-sequence bytes not sent before on any subflow */
    int32_t reinjected;     /* data-sequence bytes sent before, now under a new SSN */
    int32_t unmapped;       /* payload bytes under a new SSN with no known mapping */
    uint32_t frame;         /* the segment's */
    uint32_t copy;          /* 0: it counts; else it is a copy, or may be one: all figures are 0.
                             * For mps_tracker_copy_of() */
    uint64_t dsn;           /* of the first payload byte (or of a lone DATA_FIN), if has_dsn; for
                             * mps_tracker_dsn() */
    uint8_t half;           /* 0: sent by the subflow's initiator, 1: sent to it */
    bool has_dsn;
    bool data_fin; /* carries the DATA_FIN */
} mps_verdict;

typedef enum {
    MPS_CONNECTION_OPEN,
    MPS_CONNECTION_CLOSED,     /* both DATA_FINs acknowledged, or FIN both ways on every subflow */
    MPS_CONNECTION_FASTCLOSED, /* MP_FASTCLOSE seen */
    MPS_CONNECTION_RESET,      /* every accepted subflow was reset; without one, every subflow */
    MPS_CONNECTION_FALLBACK,
} mps_connection_state;

typedef enum {
    MPS_SUBFLOW_SYN, /* its SYN was not answered */
    MPS_SUBFLOW_OPEN,
    MPS_SUBFLOW_CLOSED, /* FIN seen from both sides */
    MPS_SUBFLOW_RESET,  /* RST seen, also one that refused it; or refused by an ICMP error */
} mps_subflow_state;

/* Why a connection continues as plain TCP (RFC 8684 section 3.7). */
typedef enum {
    MPS_FALLBACK_NONE,             /* it does not */
    MPS_FALLBACK_PLAIN_SYN,        /* the SYN was repeated without MP_CAPABLE */
    MPS_FALLBACK_PLAIN_SYNACK,     /* the SYN/ACK has no MP_CAPABLE */
    MPS_FALLBACK_OTHER_VERSION,    /* the SYN/ACK has another version than the SYN */
    MPS_FALLBACK_PLAIN_ACK,        /* the third ACK has no MP_CAPABLE */
    MPS_FALLBACK_ACK_LOST,         /* the third ACK had MP_CAPABLE, but did not arrive */
    MPS_FALLBACK_OPTIONS_VANISHED, /* an end sends no MPTCP option after the handshake */
    MPS_FALLBACK_UNMAPPED_DATA,    /* payload came without a mapping */
    MPS_FALLBACK_INFINITE_MAPPING, /* an infinite mapping, without MP_FAIL */
    MPS_FALLBACK_CHECKSUM_FAILED,  /* an infinite mapping, after MP_FAIL */
} mps_fallback;

/** @return the reason as text, static; NULL for MPS_FALLBACK_NONE. */
const char *mps_fallback_reason(mps_fallback fallback);

/* How the client is known, from certain to uncertain. */
typedef enum {
    MPS_ROLES_HANDSHAKE, /* an MP_CAPABLE of the handshake was captured */
    MPS_ROLES_JOIN,      /* assumed: the end that opened the first subflow that was captured */
    MPS_ROLES_PORT,      /* assumed, without any handshake: the end with the higher port */
} mps_roles;

/* A connection. */
typedef struct {
    uint32_t number; /* from 0 in the order of the first segment */
    uint32_t frame;  /* of its first segment */
    int version;     /* 0, 1; -1: unknown */
    mps_roles roles;
    mps_address client, server; /* of the initial subflow; if not captured, of the first one */
    uint16_t client_port, server_port;
    bool has_token[2], has_key[2]; /* of client and server */
    uint32_t token[2];
    uint64_t key[2];
    int checksum;           /* 1: DSS checksums are in use, 0: not in use, -1: unknown */
    int64_t start, end;     /* time of the first and last segment, ns */
    int64_t duration;       /* ns; -1: unknown, the clock of the capture leapt meanwhile */
    uint32_t subflow_count; /* subflows that were tried */
    uint32_t accepted;      /* subflows that were accepted */
    mps_connection_state state;
    mps_fallback fallback;
} mps_connection_info;

/* A subflow, or a plain TCP connection. */
typedef struct {
    uint32_t id;
    uint32_t connection;     /* number of its connection; MPS_NONE: plain TCP */
    uint32_t number;         /* within the connection, from 0 in the order of the first segment */
    uint32_t frame;          /* of its first segment */
    int32_t tcp_stream;      /* of its first segment */
    int initial;             /* 1: it began with MP_CAPABLE, 0: with MP_JOIN, -1: unknown */
    mps_direction initiator; /* MPS_C2S: opened by the client; MPS_S2C: by the server */
    bool handshake_seen;     /* its SYN or SYN/ACK was captured: the initiator is known */
    mps_address address[2];  /* of client and server */
    uint16_t port[2];
    int address_id[2]; /* of client and server, -1: unknown */
    int backup;        /* 1: a backup path, as either side declared last, 0: not, -1: unknown */
    bool has_isn[2];   /* of client and server */
    uint32_t isn[2];
    bool has_nonce[2]; /* of MP_JOIN */
    uint32_t nonce[2];
    int64_t start, end;    /* time of the first and last segment, ns */
    int64_t duration;      /* ns; -1: unknown, the clock of the capture leapt meanwhile */
    int64_t join_delay;    /* from the connection's first SYN to this one's, ns; -1: unknown */
    int64_t handshake_rtt; /* SYN to SYN/ACK to ACK (RFC 8912 section 10), ns; -1: unknown */
    mps_subflow_state state;
    bool accepted;    /* its handshake was completed (the third ACK of a join had MP_JOIN, or later
                       * segments show it), and the responder did not refuse it with RST before any
                       * payload */
    int reset_reason; /* of the RST that ended it (RFC 8684 section 3.6); -1: it had none */
    const mps_icmp_error *refusal; /* the ICMP error that refused it, the last one of several, owned
                                    * by the tracker; NULL: none did */
    bool cut[2];                   /* the snaplen cut options of client and server */
    uint64_t uncaptured[2];   /* payload bytes of client and server that the other end acknowledged,
                               * where the capture has none of the segments; 0: it has some, or
                               * nothing was acknowledged */
    uint32_t window_scale[2]; /* shift of client and server; MPS_NONE: unknown */
} mps_subflow_info;

/* An ICMP error about a segment of a TCP connection that is followed. */
typedef struct {
    mps_icmp_error error;
    uint32_t subflow; /* id of the TCP connection */
    uint8_t half;     /* that sent the segment: as in mps_verdict */
    bool copy;        /* the capture shows it once more, elsewhere */
} mps_icmp_record;

/* How many segments were taken in. "Cut" are those whose options the snaplen cuts. */
typedef struct {
    uint64_t tcp, tcp_cut;     /* all */
    uint64_t mptcp, mptcp_cut; /* of MPTCP connections */
} mps_segment_counts;

/** @return a new tracker. The caller frees it with mps_tracker_free(). */
mps_tracker *mps_tracker_new(mps_track what);

/** Free a tracker and everything it returned. @param tracker  may be NULL */
void mps_tracker_free(mps_tracker *tracker);

/**
 * Take in the next segment of the capture.
 *
 * @param segment  with frame, tcp_stream and time; not kept
 * @param verdict  filled in if the function returns true
 * @return whether the segment belongs to a TCP connection that is followed
 */
bool mps_tracker_segment(mps_tracker *tracker, const mps_segment *segment, mps_verdict *verdict);

/** Take in an ICMP error, in its place among the segments.
 *  @param error  with frame, time and link; not kept
 *  @return what is kept of it, owned by the tracker; NULL: it is about no TCP connection that is
 *          followed */
const mps_icmp_record *mps_tracker_icmp(mps_tracker *tracker, const mps_icmp_error *error);

/** @return how many ICMP errors were kept. */
uint32_t mps_tracker_icmp_count(const mps_tracker *tracker);

/** @return one of them, in the order in which they were taken in, owned by the tracker.
 *  @param index  less than mps_tracker_icmp_count() */
const mps_icmp_record *mps_tracker_icmp_at(const mps_tracker *tracker, uint32_t index);

/** @return whether an ICMP error counts: it is no copy, its subflow belongs to a connection, and
 *          the sequence number it quotes is one that was sent there (RFC 5927 section 4.1: others
 *          are old, or forged). Final after the last segment. */
bool mps_tracker_icmp_counts(const mps_tracker *tracker, const mps_icmp_record *record);

/** @return the step of a handshake that the error is about: MPS_TCP_SYN, MPS_TCP_SYN | MPS_TCP_ACK;
 *          0: none, as far as is known. */
uint16_t mps_tracker_icmp_step(const mps_tracker *tracker, const mps_icmp_record *record);

/** @return how many segments were taken in, owned by the tracker. */
const mps_segment_counts *mps_tracker_segment_counts(const mps_tracker *tracker);

/** @return how many connections there are now; their numbers run from 0. */
uint32_t mps_tracker_connections(const mps_tracker *tracker);

/** @return whether there are the connection and the subflow that somebody asks for. Without a
 * number of a connection, one of them must have the subflow; if there is no connection at all, none
 * lacks it.
 *  @param connection, subflow  numbers; MPS_NONE: any
 *  @param error  set to what there is instead, if it returns false */
bool mps_tracker_has(const mps_tracker *tracker, uint32_t connection, uint32_t subflow,
                     GError **error);

/** Describe a connection. @param number  less than mps_tracker_connections() */
void mps_tracker_connection(const mps_tracker *tracker, uint32_t number, mps_connection_info *info);

/** @return how many TCP connections are followed; their ids run from 0 and never change. */
uint32_t mps_tracker_subflows(const mps_tracker *tracker);

/** Describe a subflow. @param id  less than mps_tracker_subflows() */
void mps_tracker_subflow(const mps_tracker *tracker, uint32_t id, mps_subflow_info *info);

/** @return the id of a subflow.
 *  @param connection, subflow  its numbers: of the connection, and within the connection */
uint32_t mps_tracker_subflow_id(const mps_tracker *tracker, uint32_t connection, uint32_t subflow);

/** Get a subflow's numbers. It is cheaper than mps_tracker_subflow().
 *  @param id  of the subflow
 *  @param connection, subflow  set to the numbers; MPS_NONE for plain TCP */
void mps_tracker_numbers(const mps_tracker *tracker, uint32_t id, uint32_t *connection,
                         uint32_t *subflow);

/** @return why a subflow's connection fell back to plain TCP with the segment of a frame (RFC 8684
 *  section 3.7); MPS_FALLBACK_NONE: it did not, as far as is known now. It takes no time.
 *  @param id  of the subflow */
mps_fallback mps_tracker_fallback_in(const mps_tracker *tracker, uint32_t id, uint32_t frame);

/** @return the frame of the first segment of a subflow's connection; 0 for plain TCP. It takes no
 *  time. @param id  of the subflow */
uint32_t mps_tracker_first_frame(const mps_tracker *tracker, uint32_t id);

/** @return the connection's direction in which a half of a subflow sends. In plain TCP the client
 *  is the initiator. @param id  of the subflow @param half  as in mps_verdict */
mps_direction mps_tracker_direction(const mps_tracker *tracker, uint32_t id, uint8_t half);

/* A segment that the capture shows more than once counts once, as a rule at the place nearest to
 * the client. Until that place has shown it, or it is known that it will not, its verdict is that
 * of a copy. So a few segments count after all, later than they came. */

/** Decide about all segments that wait for that. Call it after the last segment, before the figures
 *  are used. */
void mps_tracker_finish(mps_tracker *tracker);

/** @return the frame that counts in place of a copy; 0: the verdict is of no copy, as far as is
 *  known now. */
uint32_t mps_tracker_copy_of(const mps_tracker *tracker, const mps_verdict *verdict);

/** @return how many segments counted after all, so far. */
uint32_t mps_tracker_late(const mps_tracker *tracker);

/** @return the verdict of such a segment, owned by the tracker, valid until the next segment.
 *  @param index  less than mps_tracker_late() */
const mps_verdict *mps_tracker_late_verdict(const mps_tracker *tracker, uint32_t index);

/** @return such a segment, of those that counted with the latest segment or mps_tracker_finish(),
 *  owned by the tracker, valid until the next segment; NULL: there are no more.
 *  @param index    from 0
 *  @param verdict  set to its verdict */
const mps_segment *mps_tracker_late_segment(const mps_tracker *tracker, uint32_t index,
                                            const mps_verdict **verdict);

/** @return the verdict of a segment as it is known now, owned by the tracker, valid until the next
 *  segment, or `verdict` itself. */
const mps_verdict *mps_tracker_final(const mps_tracker *tracker, const mps_verdict *verdict);

/* How often the capture shows segments. */
typedef struct {
    uint64_t segments; /* that count */
    uint64_t repeated; /* those of them that it shows more than once */
    uint64_t copies;   /* frames that show them again */
} mps_copy_counts;

/** Count the copies. Calling it takes time in proportion to them. */
mps_copy_counts mps_tracker_count_copies(const mps_tracker *tracker);

/** @return the data sequence number of a verdict that has_dsn. The absolute number is unknown if
 *  only low 32 bits were seen so far, the relative number if the sender's key was not. */
mps_dsn mps_tracker_dsn(const mps_tracker *tracker, const mps_verdict *verdict);

#endif
