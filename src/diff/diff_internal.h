/* diff_internal.h: what the files of this folder share: the findings in one direction of one
 * subflow, and the functions that fill them and write about them.
 *
 *   diff.c           compares the matched segments, makes rows, counts what was not compared
 *   tally.c          counts findings and keeps the first place of each
 *   header_fields.c  compares fields of the IP and TCP headers
 *   tcp_options.c    compares TCP options
 *   mptcp_fields.c   compares the fields of MPTCP options
 *   payload.c        compares checksums, and with them the payload
 *   one_sided.c      finds segments and subflows that only one capture has
 *   names.c          names and values as text
 *   row_sentence.c   one row as a sentence
 *   sentences.c      what the changes of a subflow mean for it
 *   write_diff.c     writes text, csv and json (the public function)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DIFF_INTERNAL_H
#define MPS_DIFF_INTERNAL_H

#include "diff_rows.h"

/* What may change: fields and segments, TCP options by their kind, MPTCP options by their subtype.
 * Kind 0 (end of options) has no length and is never compared: its place stands for options that
 * cannot be separated because a length is impossible. */
enum {
    MPS_WHAT_SUBFLOW, /* a whole subflow */
    MPS_WHAT_SOURCE_ADDRESS,
    MPS_WHAT_SOURCE_PORT,
    MPS_WHAT_DESTINATION_ADDRESS,
    MPS_WHAT_DESTINATION_PORT,
    MPS_WHAT_SEQUENCE,
    MPS_WHAT_ACKNOWLEDGEMENT,
    MPS_WHAT_TTL,
    MPS_WHAT_DSCP,
    MPS_WHAT_ECN,
    MPS_WHAT_CONGESTION, /* ECN: the path marked congestion (RFC 3168) */
    MPS_WHAT_IP_ID,
    MPS_WHAT_FLAGS,
    MPS_WHAT_WINDOW,
    MPS_WHAT_URGENT,
    MPS_WHAT_CHECKSUM,
    MPS_WHAT_PAYLOAD_CHECKSUM, /* of another payload; an end did not capture the whole payload */
    MPS_WHAT_CUT_CHECKSUM,     /* of another payload or other options; options were truncated */
    MPS_WHAT_PAYLOAD,
    MPS_WHAT_SEGMENTATION,
    MPS_WHAT_SEGMENT,                       /* whole segments without RST */
    MPS_WHAT_RESET,                         /* whole segments with RST */
    MPS_WHAT_OPTION,                        /* plus the kind */
    MPS_WHAT_MPTCP = MPS_WHAT_OPTION + 256, /* plus the subtype */
    MPS_WHAT_COUNT = MPS_WHAT_MPTCP + 16
};

/* TCP option kinds (IANA, TCP Option Kind Numbers). */
enum {
    MPS_OPTION_END = 0,
    MPS_OPTION_NOP = 1,
    MPS_OPTION_MSS = 2,
    MPS_OPTION_WINDOW_SCALE = 3,
    MPS_OPTION_SACK_PERMITTED = 4,
    MPS_OPTION_SACK = 5,
    MPS_OPTION_TIMESTAMPS = 8,
};

/* Bytes of a TCP header without options (RFC 9293 section 3.1). */
enum { MPS_TCP_HEADER_MIN = 20 };

/* Values of mps_tally.received_ttl that are not a TTL. */
enum { MPS_TTL_UNKNOWN = -1, MPS_TTL_VARIES = -2 };

/* Addresses and ports of one direction, as one capture shows them. */
typedef struct {
    mps_address source, destination;
    uint16_t source_port, destination_port;
} mps_flow_ends;

/* A matched segment, as the sender's capture and as the receiver's capture show it. */
typedef struct {
    const mps_packet *sent, *received;
    const mps_header *sent_header, *received_header;
    const mps_flow_ends *sent_flow, *received_flow;
    uint32_t ack_shift; /* as in mps_align_lists */
} mps_matched_segment;

/* One kind of change in one direction. */
typedef struct {
    unsigned what;
    mps_change change;
    uint32_t count;
    uint32_t sent_frame, received_frame; /* of the first; 0: none, or unknown */
    uint16_t flags;                      /* TCP flags of the first */
    char *sent, *received;               /* values of the first, owned; NULL: none */
    mps_difference_kind difference_kind;
    int64_t difference;     /* received minus sent, of the first */
    bool announces_address; /* as in mps_diff_row */
    char *remark;           /* a clause to add to the sentence, owned; NULL: none */
} mps_finding;

/* All findings in one direction of one subflow, and what was compared there. Counts are segments
 * unless something else is said. */
typedef struct {
    GArray *findings;                              /* mps_finding */
    guint index[MPS_WHAT_COUNT][MPS_CHANGE_COUNT]; /* place in `findings` plus 1; 0: none */
    uint32_t sent[MPS_WHAT_COUNT];                 /* options in compared segments as sent */
    uint32_t received[MPS_WHAT_COUNT];             /* options in compared segments as received */
    uint32_t compared;
    uint32_t options_truncated;   /* not all options captured at both ends */
    uint32_t payloads_captured;   /* with payload that both ends captured whole */
    uint32_t payloads_unknown;    /* with payload of which an end gives no sum */
    uint32_t checksums_offloaded; /* captured before the sender's hardware set the checksum */
    uint32_t checksums_wrong;     /* sent with a checksum that is wrong for another reason */
    uint32_t outside_capture;     /* outside the time of the other capture */
    uint32_t missing_at_sender;   /* received, and missed by the sender's capture */
    uint32_t missing_at_receiver; /* sent on a subflow that is not in the receiver's capture,
                                   * although the receiver answered */
    int ttl_difference;           /* received minus sent TTL of the first compared segment */
    int received_ttl;             /* TTL of all compared segments as received, or MPS_TTL_* */
} mps_tally;

/** @return an empty tally; the caller frees it with mps_tally_free(). */
mps_tally *mps_tally_new(void);

/** Free a tally and its findings. */
void mps_tally_free(mps_tally *tally);

/** Make a tally empty for the next direction. */
void mps_tally_reset(mps_tally *tally);

/**
 * Count a change.
 * @param segment  the first place of the finding if this is its first; NULL: no place
 * @return the finding, owned by the tally and valid until the next call. If its count is 1, the
 *         caller may set its values.
 */
mps_finding *mps_tally_note(mps_tally *tally, const mps_matched_segment *segment, unsigned what,
                            mps_change change);

/** Count a change of a number, as mps_tally_note(). @param difference  received minus sent */
mps_finding *mps_tally_number(mps_tally *tally, const mps_matched_segment *segment, unsigned what,
                              mps_change change, int64_t difference);

/** @return how many there are of which a finding counts the changed ones (column `of`).
 *  @param alignment  of the same direction */
uint32_t mps_tally_of(const mps_tally *tally, const mps_finding *finding,
                      const mps_alignment *alignment);

/** Compare the fields of the IP and TCP headers. tally->compared includes this segment already. */
void mps_compare_header_fields(mps_tally *tally, const mps_matched_segment *segment);

/** Compare the TCP options that were captured. */
void mps_compare_tcp_options(mps_tally *tally, const mps_matched_segment *segment);

/** Find MPTCP options of a split or merged segment that its received segment does not have. */
void mps_compare_mptcp_presence(mps_tally *tally, const mps_matched_segment *segment);

/** @return whether the capture has all TCP options of a header. */
bool mps_options_captured_whole(const mps_header *header);

/** Compare checksums, and the payload as far as it was captured. */
void mps_compare_payload(mps_tally *tally, const mps_matched_segment *segment);

/* A TCP option as the header has it. */
typedef struct {
    unsigned what;      /* MPS_WHAT_OPTION or MPS_WHAT_MPTCP, plus kind or subtype */
    const uint8_t *raw; /* not owned */
    uint8_t length; /* bytes at `raw`: its length byte, or for MPS_OPTION_END all that is left */
} mps_raw_option;

/** Give the fields in which two MPTCP options of one subtype differ.
 *  @param sent_flags, received_flags  TCP flags of their segments
 *  @param sent_text, received_text    set to "name value, ...", or to bytes in hex where the fields
 *                                     are not known; the caller frees them */
void mps_mptcp_difference(const mps_raw_option *sent, uint16_t sent_flags,
                          const mps_raw_option *received, uint16_t received_flags, char **sent_text,
                          char **received_text);

/** @return an MPTCP option as text, "name value, ..."; the caller frees it.
 *  @param flags  TCP flags of its segment */
char *mps_mptcp_text(const mps_raw_option *raw, uint16_t flags);

/** @return whether an option is an ADD_ADDR that announces an address: not an echo, which only
 *  confirms one (RFC 8684 section 3.4.1). @param flags  TCP flags of its segment */
bool mps_mptcp_announces_address(const mps_raw_option *raw, uint16_t flags);

/** Find segments that are lost, duplicated, or missing in the sender's capture.
 *  @param row, back         the direction, and the other direction of the same subflow
 *  @param lists             of the direction
 *  @param received_headers  headers of lists->received; may be NULL */
void mps_find_one_sided_segments(mps_tally *tally, const mps_comparison *comparison,
                                 const mps_comparison_row *row, const mps_comparison_row *back,
                                 const mps_align_lists *lists, const mps_header *received_headers);

/** Find the segments of one direction of a subflow that only one capture has. Those that lie
 *  outside the time of the other capture count as such. */
void mps_find_one_sided_subflow(mps_tally *tally, const mps_comparison *comparison,
                                const mps_comparison_row *row);

/** @return "client" or "server", static: who receives in a direction. */
const char *mps_direction_receiver(mps_direction direction);

/** @return TCP flags by their names, "SYN ACK"; the caller frees it. */
char *mps_flags_text(unsigned flags);

/** @return bytes in hex; the caller frees it. */
char *mps_bytes_text(const uint8_t *bytes, unsigned length);

/** @return a field or option as sentences name it, "the MSS"; the caller frees it. */
char *mps_what_phrase(unsigned what);

/** @return a row as a sentence; the caller frees it. @param remark  as in mps_finding */
char *mps_row_sentence(const mps_diff_row *row, const char *remark);

/* What sentences.c remembers from one subflow to the next. */
typedef struct {
    mps_diff *diff;
    mps_connection_info in_a, in_b;  /* the connections that were looked up last */
    uint32_t fallback_a, fallback_b; /* the connection whose fallback was reported last */
} mps_sentences;

/** Begin. @param diff  the sentences are added to it */
void mps_sentences_init(mps_sentences *sentences, mps_diff *diff);

/** Add the sentences of a subflow.
 *  @param subflow  its two rows of the comparison
 *  @param first    index of its first row in diff->rows; its rows are the last ones there
 *  @return whether anything was changed */
bool mps_sentences_add_subflow(mps_sentences *sentences, const mps_comparison_row *subflow,
                               guint first);

/** Add the sentence about the subflows on which nothing was changed.
 *  @param unchanged, all  subflows
 *  @param compared        segments that were compared on all subflows
 *  @param truncated       some of them lack options in a capture */
void mps_sentences_conclude(mps_diff *diff, unsigned unchanged, unsigned all, uint64_t compared,
                            bool truncated);

#endif
