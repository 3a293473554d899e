/* match.h: what is the same in two captures of the same traffic: connections, subflows, segments.
 *
 * Nothing here looks at the clocks: two captures match however far their clocks are apart.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_MATCH_H
#define MPTCPSCOPE_MATCH_H

#include <glib.h>
#include <mptcpscope/tracker.h>

/* What matching needs of a segment. */
typedef struct {
    int64_t time; /* ns */
    uint32_t frame;
    uint32_t seq, ack; /* as on the wire */
    uint32_t length;
    uint32_t tsval, tsecr;
    uint32_t options; /* digest of the MPTCP options */
    uint32_t sack;    /* digest of the SACK blocks, taken relative to the ack */
    int32_t ip_id;    /* -1: none */
    uint16_t flags, window;
    bool cut; /* the snaplen cuts its options: what is not there may have been */
} mps_packet;

/* What a header holds besides: kept where MPS_NEED_HEADERS asks for it. */
typedef struct {
    uint32_t ack; /* as on the wire, also without the ACK flag */
    uint16_t checksum, urgent;
    uint16_t payload_sum; /* these as in mps_segment */
    bool has_payload_sum;
    uint8_t ttl, tos, header_length, options_captured;
    uint8_t options[MPS_TCP_OPTIONS_MAX];
} mps_header;

/* For mps_trace_load(), beside what the tracker offers: keep headers. */
#define MPS_NEED_HEADERS (1u << 31)

/* All TCP segments of one file. */
typedef struct mps_trace mps_trace;

/** Read a dump or capture.
 *  @param needs  MPS_NEED_*: what is to be kept besides
 *  @return to be freed with mps_trace_free(); NULL, with `error` */
mps_trace *mps_trace_load(const char *path, unsigned needs, GError **error);
void mps_trace_free(mps_trace *trace);

/** @return the name of the capture. */
const char *mps_trace_name(const mps_trace *trace);

/** @return the tracker with all segments in it; every TCP connection is followed. */
const mps_tracker *mps_trace_tracker(const mps_trace *trace);

/** @return ns by which its times may be off: what they are multiples of, 1 to 1000000. */
int64_t mps_trace_resolution(const mps_trace *trace);

/** @return how many subflows the capture shows each packet of twice, as one of all interfaces may:
 * only the first of the two is kept. */
uint32_t mps_trace_deduplicated(const mps_trace *trace);

/** @return what was sent in one direction of a TCP connection, in capture order.
 *  @param id  of the subflow @param count  set to how many there are */
const mps_packet *mps_trace_packets(const mps_trace *trace, uint32_t id, mps_direction direction,
                                    size_t *count);

/** @return the headers of what mps_trace_packets() tells, in the same order; NULL where there are
 *  none, or MPS_NEED_HEADERS was not asked for. */
const mps_header *mps_trace_headers(const mps_trace *trace, uint32_t id, mps_direction direction);

/* A TCP connection of A and the same one of B. */
typedef struct {
    uint32_t a, b;       /* subflow ids; MPS_NONE: the other capture does not have it */
    const char *why;     /* static: what it was recognised by; NULL where one is missing */
    bool translated;     /* addresses or ports differ */
    bool flipped;        /* B takes A's client for the server: without handshake both only guess */
    uint32_t shift[2];   /* B's sequence numbers minus A's, of A's client and of its server */
    bool shift_known[2]; /* else it is taken to be 0 */
} mps_pair;

/** @return whether both captures have it. */
static inline bool mps_pair_in_both(const mps_pair *pair)
{
    return pair->a != MPS_NONE && pair->b != MPS_NONE;
}

/* An MPTCP connection of A and the same one of B. */
typedef struct {
    uint32_t a, b;   /* connection numbers; MPS_NONE: the other capture does not have it */
    const char *why; /* as above */
} mps_connection_pair;

typedef struct {
    GArray *connections; /* mps_connection_pair, in A's order, then those only B has */
    GArray *subflows;    /* mps_pair, likewise; those of plain TCP last */
} mps_pairs;

/**
 * Find the connections and subflows that both captures have.
 *
 * Connections are told by their tokens, subflows by the nonces of MP_JOIN, and where the handshake
 * was not captured by addresses and ports, plain TCP by these or by the initial sequence numbers;
 * the rest by segments that no other subflow has.
 * What could be one of several is left out.
 */
mps_pairs *mps_pairs_find(const mps_trace *a, const mps_trace *b);
void mps_pairs_free(mps_pairs *pairs);

typedef enum {
    MPS_MATCH_EXACT,  /* the same segment */
    MPS_MATCH_SPLIT,  /* the received one is a piece of the sent one */
    MPS_MATCH_MERGED, /* the received one holds the sent one, or a part of it, and more */
} mps_match_kind;

/* A sent segment and a received one that carry the same bytes of one transmission. Indices are into
 * what mps_trace_packets() gives. */
typedef struct {
    uint32_t sent, received;
    uint32_t length; /* payload bytes that both have */
    mps_match_kind kind;
} mps_match;

/* What became of a sent segment. */
typedef enum {
    MPS_SENT_MATCHED,
    MPS_SENT_LOST,
    MPS_SENT_AMBIGUOUS,
    MPS_SENT_OUTSIDE_CAPTURE,
    MPS_SENT_MISSING_AT_RECEIVER,
} mps_sent_outcome;

/* Where a received segment is from. */
typedef enum {
    MPS_RECEIVED_MATCHED,
    MPS_RECEIVED_MISSING_AT_SENDER,
    MPS_RECEIVED_DUPLICATED,
    MPS_RECEIVED_AMBIGUOUS,
} mps_received_outcome;

/* How the segments of one direction of a pair of TCP connections match.
 *   sent = matched + lost + ambiguous + outside + uncaptured
 *   received = matched ones + unseen + duplicated + refused ones */
typedef struct {
    uint32_t sent, received; /* captured at the sender's end, at the receiver's */
    uint32_t matched;        /* sent ones, of which at least a part was received */
    uint32_t split, merged;  /* of these, those that did not match as they are */
    uint32_t lost;           /* sent, nothing of it received, and no sign that it was */
    uint32_t unseen;         /* received, and nothing of it captured when sent */
    uint32_t duplicated;     /* received more often than sent */
    uint32_t ambiguous;      /* sent ones: which received one it is cannot be told */
    uint32_t
        outside; /* sent ones that the other capture was too late, or too early over, to have */
    uint32_t uncaptured; /* sent ones of which no byte was captured when received, though all were
                          * acknowledged */
    uint32_t reordered;  /* matched and out of the sender's order when received (RFC 4737) */
    uint64_t sent_bytes, matched_bytes; /* payload */
    GArray *matches; /* mps_match, by `sent`, and by the place of the bytes in it */
    uint8_t *sent_outcomes, *received_outcomes; /* of each segment. Of copies that cannot be told
                                                 * apart all are ambiguous here; `lost` counts as
                                                 * many of them as arrived less */
} mps_alignment;

/* A sent and a received list that are to be aligned, and by how much the path shifted the
 * sequence numbers of the sender and of its peer. */
typedef struct {
    const mps_packet *sent, *received;
    size_t sent_count, received_count;
    const mps_packet *answers; /* what the receiver's end captured of the other direction */
    size_t answers_count;
    uint32_t seq_shift, ack_shift; /* received minus sent, modulo 2^32 */
    bool shift_unknown; /* an initial sequence number is not known at one end: taken to be 0 */
} mps_align_lists;

/**
 * Tell what one direction of a pair was at both ends.
 * @param pair       of a subflow that both captures have
 * @param direction  as A names it
 * @param a_sends    A is the capture at the sender's end
 */
void mps_pair_lists(const mps_trace *a, const mps_trace *b, const mps_pair *pair,
                    mps_direction direction, bool a_sends, mps_align_lists *lists);

/* What of a segment besides sequence numbers, length and flags may tell it from others. */
enum {
    MPS_BY_IP_ID,
    MPS_BY_TIMESTAMPS,
    MPS_BY_WINDOW,
    MPS_BY_PUSH,
    MPS_BY_OPTIONS,
    MPS_BY_SACK,
    MPS_BY_COUNT
};

/* Segments of one kind. */
typedef struct {
    uint32_t sent, received;
    uint32_t certain;   /* matched for what they say */
    uint32_t copied;    /* kinds of them of which there are several that say the same */
    uint32_t lost;      /* sent more often than received */
    uint32_t unmatched; /* received, and none like it captured when sent, between two that match */
} mps_path_statistics;

/* How path and captures were seen to behave. */
typedef struct {
    mps_path_statistics tallies[2]; /* of segments without payload, and with */
    uint32_t repeated;              /* received more often than sent */
    uint32_t displaced; /* by how many places, among those that are certain, one was moved most */
} mps_path_model;

/* How often the path left each of these as it was, among segments that only one other can be, and
 * of which one says anything of it at all. */
typedef struct {
    uint32_t tried[MPS_BY_COUNT], kept[MPS_BY_COUNT];
    uint32_t others; /* pairs, not tried, that look like two transmissions of the same: neither
                      * their timestamps nor their IP IDs agree */
    uint32_t of;     /* segments at the end that has fewer */
    mps_path_model conduct;
} mps_preserved_fields;

/** Add what these lists tell of the path to `invariants` (a look at the beginning is enough). */
void mps_path_model_survey(const mps_align_lists *lists, mps_preserved_fields *invariants);

/**
 * Align two lists.
 *
 * Segments match by relative sequence and acknowledgement number, length and flags. IP ID and
 * timestamps must agree, and window, PSH, MPTCP options and SACK blocks decide among several that
 * are alike, as far as the path was seen to leave each of them alone; then their place among those
 * that are certain decides, as far as that is proven by how path and captures were seen to behave.
 * What remains is refused and counted as ambiguous. docs/matching.md has the rules.
 *
 * Payload that one end has in one segment and the other in several (segmentation offload) matches
 * by its bytes: those of unmatched segments that were sent only once with these timestamps and this
 * acknowledgement number.
 *
 * @param prior      what all lists between these captures in this direction tell, for those that
 *                   tell too little; the captures miss segments, each in its own way, so that the
 *                   other direction does not count
 * @param alignment  filled in; to be cleared with mps_alignment_clear()
 */
void mps_align(const mps_align_lists *lists, const mps_preserved_fields *prior,
               mps_alignment *alignment);
void mps_alignment_clear(mps_alignment *alignment);

#endif
