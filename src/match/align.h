/* align.h: which segments of a subflow are the same in two captures.
 *
 * Matching never looks at the clocks: two captures match however far their clocks are apart.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_ALIGN_H
#define MPS_ALIGN_H

#include "pair.h"

typedef enum {
    MPS_MATCH_EXACT,  /* the same segment */
    MPS_MATCH_SPLIT,  /* the received segment is a part of the sent one */
    MPS_MATCH_MERGED, /* the received segment holds the sent one, or a part of it, and more */
} mps_match_kind;

/* A sent and a received segment that carry the same bytes of one transmission. The indices refer to
 * the packets of mps_align_lists. */
typedef struct {
    uint32_t sent, received;
    uint32_t length; /* payload bytes that both carry */
    mps_match_kind kind;
} mps_match;

/* What became of a sent segment. */
typedef enum {
    MPS_SENT_MATCHED,
    MPS_SENT_LOST,                /* not received, and no sign that it was */
    MPS_SENT_AMBIGUOUS,           /* one of several received segments, or lost */
    MPS_SENT_OUTSIDE_CAPTURE,     /* the other capture cannot have it: column "outside" */
    MPS_SENT_MISSING_AT_RECEIVER, /* acknowledged, but not captured: column "uncaptured" */
    MPS_SENT_UNDETERMINED,        /* lost, or missed by the receiver's capture, which is known to
                                   * miss segments */
} mps_sent_outcome;

/* Where a received segment comes from. */
typedef enum {
    MPS_RECEIVED_MATCHED,
    MPS_RECEIVED_MISSING_AT_SENDER, /* not captured when it was sent: column "unseen" */
    MPS_RECEIVED_DUPLICATED,        /* received more often than sent */
    MPS_RECEIVED_AMBIGUOUS,         /* one of several sent segments */
} mps_received_outcome;

/* How the segments of one direction of a pair of TCP connections match.
 *   sent = matched + lost + ambiguous + outside + uncaptured + undetermined
 *   received = matched ones + unseen + duplicated + ambiguous ones */
typedef struct {
    uint32_t sent, received; /* segments in the sender's capture, and in the receiver's */
    uint32_t matched;        /* sent segments of which at least a part was received */
    uint32_t split, merged;  /* of these, those that do not match as whole segments */
    uint32_t lost;           /* sent, nothing of it was received, and nothing shows that it was */
    uint32_t unseen;         /* received, but missing at the sender's capture */
    uint32_t duplicated;     /* received more often than sent */
    uint32_t ambiguous;      /* sent segments whose received segment cannot be determined */
    uint32_t outside;        /* sent outside the time of the receiver's capture */
    uint32_t uncaptured;     /* sent and acknowledged in full, but no byte of the segment is in the
                              * receiver's capture */
    uint32_t undetermined;   /* sent and not received, where the receiver's capture misses segments
                              * and nothing proves that these were lost */
    bool incomplete;         /* the receiver's capture is known to miss segments */
    uint32_t reordered;      /* matched, and out of the sender's order on arrival (RFC 4737) */
    uint64_t sent_bytes, matched_bytes; /* payload */
    GArray *matches;            /* mps_match, by `sent`, then by the position of the bytes */
    uint8_t *sent_outcomes;     /* mps_sent_outcome of each sent segment. When some of several
                                 * indistinguishable segments are lost, all are ambiguous here, and
                                 * `lost` counts how many are missing. */
    uint8_t *received_outcomes; /* mps_received_outcome of each received segment */
} mps_alignment;

/* The sent and the received segments of one direction, and how much the path shifted the sequence
 * numbers of the sender and of its peer. The packets belong to the traces. */
typedef struct {
    const mps_packet *sent, *received;
    size_t sent_count, received_count;
    const mps_packet *answers; /* the opposite direction in the receiver's capture */
    size_t answers_count;
    uint32_t seq_shift, ack_shift; /* received minus sent, modulo 2^32 */
    bool shift_unknown; /* an initial sequence number is unknown at one end: its shift is 0 */
} mps_align_lists;

/**
 * Collect what both captures hold of one direction of a pair.
 * @param pair       a subflow that both captures have
 * @param direction  as capture A names it
 * @param a_sends    whether A is the capture at the sender's end
 * @param lists      set; borrows the packets of both traces
 */
void mps_pair_lists(const mps_trace *a, const mps_trace *b, const mps_pair *pair,
                    mps_direction direction, bool a_sends, mps_align_lists *lists);

/* Header fields that may distinguish segments with equal sequence numbers, length and flags. A path
 * may change each of them. */
typedef enum {
    MPS_PATH_FIELD_IP_ID,
    MPS_PATH_FIELD_TIMESTAMPS,
    MPS_PATH_FIELD_WINDOW,
    MPS_PATH_FIELD_PUSH,
    MPS_PATH_FIELD_OPTIONS, /* MPTCP options */
    MPS_PATH_FIELD_SACK,
    MPS_PATH_FIELD_COUNT
} mps_path_field;

/* Counts of segments, either of those with payload or of those without. */
typedef struct {
    uint32_t sent, received;
    uint32_t certain;   /* matched by their header fields alone */
    uint32_t identical; /* sets of two or more sent segments that are equal in all fields */
    uint32_t lost;      /* sent more often than received */
    uint32_t unmatched; /* received between two matches, and missing at the sender's capture */
} mps_path_statistics;

/* How path and captures behaved. */
typedef struct {
    mps_path_statistics statistics[2]; /* [0]: segments without payload, [1]: with payload */
    uint32_t duplicated;               /* received more often than sent */
    uint32_t lost_within;      /* sent between the first and the last certain match, and lost:
                                * neither capture began or ended there */
    uint32_t max_displacement; /* the most places by which a certain match moved among the
                                * certain matches */
} mps_path_model;

/* How often the path preserved each field, counted over segments that are the only ones with their
 * sequence numbers, length and flags at both ends, and that carry the field at one end at least. */
typedef struct {
    uint32_t compared[MPS_PATH_FIELD_COUNT], equal[MPS_PATH_FIELD_COUNT];
    uint32_t retransmissions; /* pairs left out because they look like two transmissions of the same
                               * bytes: neither their timestamps nor their IP IDs agree */
    uint32_t segments;        /* in the shorter of the two lists */
    mps_path_model path_model;
} mps_preserved_fields;

/**
 * Add what these lists show about the path to `preserved`. Of long lists only the beginning is
 * surveyed.
 * @param preserved  all zero before the first survey
 */
void mps_path_model_survey(const mps_align_lists *lists, mps_preserved_fields *preserved);

/**
 * Align two lists.
 *
 * Segments match if relative sequence and acknowledgement number, length and flags are equal. IP ID
 * and timestamps must agree as well, and window, PSH, MPTCP options and SACK blocks decide between
 * several candidates, each as far as the path was seen to preserve it. Among indistinguishable
 * segments the position between certain matches decides, as far as the observed behaviour of path
 * and captures proves that it can. Everything else is refused and counted as ambiguous.
 * docs/matching.md describes the rules.
 *
 * Payload that is one segment at one end and several at the other (segmentation offload) matches by
 * its bytes, if these bytes were sent only once with these timestamps and this acknowledgement
 * number.
 *
 * @param prior      what all lists of these two captures in this direction show; used where the
 *                   lists at hand show too little. The opposite direction must not be included,
 *                   because each capture misses segments in its own way.
 * @param alignment  set; the caller clears it with mps_alignment_clear()
 */
void mps_align(const mps_align_lists *lists, const mps_preserved_fields *prior,
               mps_alignment *alignment);

/** Free what an alignment owns. */
void mps_alignment_clear(mps_alignment *alignment);

#endif
