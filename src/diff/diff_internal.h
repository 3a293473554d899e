/* diff_internal.h: what was found in one direction of one subflow, while its segments are compared.
 *
 *   diff.c       walks the matched segments and makes rows of what is found
 *   tally.c      counts and the first place of each thing found
 *   fields.c     fields of the IP and TCP headers
 *   options.c    TCP options
 *   mptcp.c      the fields of MPTCP options
 *   payload.c    checksums, and by them the payload
 *   ends.c       segments that one end does not have
 *   gaps.c       what was not compared
 *   names.c      what things are called
 *   text.c       what was found, in a sentence
 *   sentences.c  what that means for the connection
 *   write.c      text, csv, json
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DIFF_INTERNAL_H
#define MPS_DIFF_INTERNAL_H

#include "diff.h"
#include <mptcpscope/diff.h>

/* What may change: fields and segments, TCP options by their kind, MPTCP options by their subtype.
 * An option of kind 0, which has no length, stands for options that cannot be told apart because
 * a length is impossible. */
enum {
    MPS_WHAT_SUBFLOW, /* all of it */
    MPS_WHAT_SOURCE_ADDRESS,
    MPS_WHAT_SOURCE_PORT,
    MPS_WHAT_DESTINATION_ADDRESS,
    MPS_WHAT_DESTINATION_PORT,
    MPS_WHAT_SEQUENCE,
    MPS_WHAT_ACKNOWLEDGEMENT,
    MPS_WHAT_TTL,
    MPS_WHAT_DSCP,
    MPS_WHAT_ECN,
    MPS_WHAT_CONGESTION, /* ECN: marked by the path, as it is meant to */
    MPS_WHAT_IP_ID,
    MPS_WHAT_FLAGS,
    MPS_WHAT_WINDOW,
    MPS_WHAT_URGENT,
    MPS_WHAT_CHECKSUM,
    MPS_WHAT_PAYLOAD_CHECKSUM, /* of another payload, of which one end has not all */
    MPS_WHAT_CUT_CHECKSUM, /* of other options, or another payload, of which one end has not all */
    MPS_WHAT_PAYLOAD,
    MPS_WHAT_SEGMENTATION,
    MPS_WHAT_SEGMENT, /* whole segments, but for those with RST */
    MPS_WHAT_RESET,
    MPS_WHAT_OPTION,                        /* plus the kind */
    MPS_WHAT_MPTCP = MPS_WHAT_OPTION + 256, /* plus the subtype */
    MPS_WHAT_COUNT = MPS_WHAT_MPTCP + 16
};

/* TCP option kinds. */
enum {
    MPS_OPTION_END = 0,
    MPS_OPTION_NOP = 1,
    MPS_OPTION_MSS = 2,
    MPS_OPTION_WINDOW_SCALE = 3,
    MPS_OPTION_SACK_PERMITTED = 4,
    MPS_OPTION_SACK = 5,
    MPS_OPTION_TIMESTAMPS = 8,
};

/* The ends of a subflow, as one capture shows them to the sender. */
typedef struct {
    mps_address source, destination;
    uint16_t source_port, destination_port;
} mps_flow_ends;

/* A segment at both ends. */
typedef struct {
    const mps_packet *sent, *received;
    const mps_header *sent_header, *received_header;
    const mps_flow_ends *sent_flow, *received_flow;
    uint32_t ack_shift; /* as in mps_align_lists */
} mps_both;

typedef struct {
    unsigned what;
    mps_change change;
    uint32_t count;
    uint32_t sent_frame, received_frame; /* of the first one; 0: none, or not known */
    uint16_t flags;                      /* its TCP flags */
    char *sent, *received;               /* its values; NULL: none */
    int constant;                        /* as in mps_diff_row */
    int64_t difference;
    char *remark; /* what else is to be said, a clause; NULL: nothing */
} mps_finding;

typedef struct {
    GArray *findings;                              /* mps_finding */
    guint index[MPS_WHAT_COUNT][MPS_CHANGE_COUNT]; /* of each in `findings`, plus 1 */
    uint32_t sent[MPS_WHAT_COUNT];     /* options in compared segments when they were sent */
    uint32_t received[MPS_WHAT_COUNT]; /* and when they were received */
    uint32_t compared;                 /* segments */
    uint32_t options_cut;              /* those of which not all options are captured */
    uint32_t payloads_captured;        /* segments with payload captured whole at both ends */
    uint32_t payloads_unknown;         /* those of which nothing is known at one end */
    uint32_t unfilled;                 /* sent with a checksum that offload had not filled in yet */
    uint32_t wrong;                    /* sent with one that is wrong in another way */
    uint32_t outside;                  /* received, and sent before or after the sender's capture */
    uint32_t uncaptured; /* sent on a subflow that the other capture has nothing of, though the
                          * other end answered */
    int hops;            /* TTL when received minus when sent, of the first segment */
    int received_ttl;    /* of the segments compared; -1: not known, -2: it varies */
} mps_tally;

mps_tally *mps_tally_new(void);
void mps_tally_free(mps_tally *tally);

/** Forget what was found. */
void mps_tally_reset(mps_tally *tally);

/** Count a change.
 *  @param both  where it is; NULL: nowhere
 *  @return what is known of it, valid until the next call; its count is 1 for the first one, of
 *          which the caller may tell the values */
mps_finding *mps_tally_note(mps_tally *tally, const mps_both *both, unsigned what,
                            mps_change change);

/** Count a change of a number. @param difference  received minus sent */
mps_finding *mps_tally_number(mps_tally *tally, const mps_both *both, unsigned what,
                              mps_change change, int64_t difference);

/** @return of how many those were that are counted in a finding.
 *  @param alignment  of the direction */
uint32_t mps_tally_of(const mps_tally *tally, const mps_finding *finding,
                      const mps_alignment *alignment);

/** Compare the fields of two headers. */
void mps_compare_fields(mps_tally *tally, const mps_both *both);

/** Compare the options of two headers: those that were captured. */
void mps_compare_options(mps_tally *tally, const mps_both *both);

/** Look for MPTCP options of a sent segment that no part of it has that was received. */
void mps_compare_presence(mps_tally *tally, const mps_both *both);

/** Compare what the checksums, and the payload as far as it was captured, tell. */
void mps_compare_payload(mps_tally *tally, const mps_both *both);

/* An option in a header. */
typedef struct {
    unsigned what;
    const uint8_t *raw;
    uint8_t length; /* bytes that are there: all of them, but for MPS_OPTION_END */
} mps_item;

/** Tell the fields in which two MPTCP options of one subtype differ.
 *  @param a, b  set to lists of their names and values, to be freed by the caller */
void mps_mptcp_difference(const mps_item *sent, uint16_t sent_flags, const mps_item *received,
                          uint16_t received_flags, char **a, char **b);

/** @return what an MPTCP option says, as text, to be freed by the caller. @param flags  of its
 *  segment */
char *mps_mptcp_text(const mps_item *item, uint16_t flags);

/** @return bytes in hex, to be freed by the caller. */
char *mps_bytes_text(const uint8_t *bytes, unsigned length);

/** Find segments that were lost, unseen or duplicated. @param lists  of the direction
 *  @param back  the alignment of the other direction
 *  @param received_headers  of what was received; may be NULL */
void mps_find_alone(mps_tally *tally, const mps_align_lists *lists, const mps_alignment *alignment,
                    const mps_alignment *back, const mps_header *received_headers);

/** Find what one capture has of a direction of a subflow, of which the other one has nothing. */
void mps_find_one_sided(mps_tally *tally, const mps_comparison *comparison,
                        const mps_comparison_row *row);

/** @return TCP flags by their names, to be freed by the caller: "SYN ACK". */
char *mps_flags_text(unsigned flags);

/** @return what is called so in a sentence, to be freed by the caller: "the MSS". */
char *mps_what_phrase(unsigned what);

/** @return a row in a sentence, to be freed by the caller. @param remark  as in mps_finding */
char *mps_diff_sentence(const mps_diff_row *row, const char *remark);

/* What sentences are made with. */
typedef struct {
    mps_diff *diff;
    mps_connection_info in_a, in_b; /* the connections described last */
    uint32_t told_a, told_b;        /* the connection whose fallback was told last */
} mps_teller;

void mps_teller_init(mps_teller *teller, mps_diff *diff);

/** Add the sentences of a subflow.
 *  @param subflow  its two rows  @param first  of its rows in diff->rows, which are the last ones
 *  @return whether anything was changed */
bool mps_diff_tell(mps_teller *teller, const mps_comparison_row *subflow, guint first);

/* What could not be compared, over all directions: segments. */
typedef struct {
    uint64_t compared, cut, unknown, unfilled, wrong, ambiguous, outside, uncaptured;
} mps_gaps;

/** Add the sentence about all others.
 *  @param unchanged, all  subflows @param gaps  of all directions */
void mps_diff_conclude(mps_diff *diff, unsigned unchanged, unsigned all, const mps_gaps *gaps);

/** Add what a direction left open. */
void mps_gaps_add(mps_gaps *gaps, const mps_tally *tally, const mps_alignment *alignment);

/** Append a sentence for each kind of gap. */
void mps_gaps_note(const mps_gaps *gaps, GPtrArray *notes);

#endif
