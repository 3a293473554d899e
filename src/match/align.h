/* align.h: which segments of a subflow are the same in two captures.
 *
 * Nothing here looks at the clocks: two captures match however far their clocks are apart.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_ALIGN_H
#define MPS_ALIGN_H

#include "pair.h"

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
    mps_path_model path_model;
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
