/* flow_internal.h: a connection as arrows; for the files of this folder.
 *
 *   arrow_log.c       keeps what arrows need of each segment while a capture is read
 *   one_capture.c     collects the arrows of a connection from one capture
 *   two_captures.c    collects them from two: both times, and where segments were lost
 *   choice.c          finds the connection, and says what a capture does not have
 *   arrow_facts.c     says what the segment of an arrow says
 *   arrow_info.c      says in words what is special about it
 *   arrow_columns.c   makes the rows of csv and json
 *   arrow_line.c      the shape of an arrow, and the line that it stands in
 *   draw.c            draws the arrows as text
 *   write_flow.c      writes mptcpscope flow
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_FLOW_INTERNAL_H
#define MPS_FLOW_INTERNAL_H

#include "compare/comparison.h"
#include "table/table_write.h"
#include "tracker/tracker_state.h"
#include <mptcpscope/flow.h>

/* A segment. Sequence numbers are extended by the log: those of a half differ from those on the
 * wire by a multiple of 2^32. */
typedef struct {
    mps_verdict verdict; /* as it was when the segment was taken in: see mps_tracker_final() */
    int64_t time;        /* ns since the epoch */
    uint64_t seq, ack;   /* ack: if it has the ACK flag */
    uint64_t options;    /* subtypes of its MPTCP options, 4 bits each, the first one lowest */
    uint32_t order;      /* as in mps_segment */
    uint32_t length;
    uint16_t flags, window;
    uint8_t option_count;
} mps_arrow_record;

/* The sequence numbers of one half of a subflow. */
typedef struct {
    bool known;             /* what follows is */
    uint64_t first, latest; /* extended */
} mps_arrow_numbers;

struct mps_arrow_log {
    GArray *records; /* mps_arrow_record, by `order` */
    GArray *numbers; /* mps_arrow_numbers by half, as mps_analysis_half() counts them */
};

/* What became of a segment between two captures. */
typedef enum {
    MPS_FATE_NONE, /* there is one capture only */
    MPS_FATE_MATCHED,
    MPS_FATE_LOST,
    MPS_FATE_UNDETERMINED,
    MPS_FATE_AMBIGUOUS,
    MPS_FATE_OUTSIDE,
    MPS_FATE_UNCAPTURED,
    MPS_FATE_UNSEEN,
    MPS_FATE_DUPLICATED,
} mps_arrow_fate;

/** @return the word of owd for a fate, static; NULL for MPS_FATE_NONE */
const char *mps_arrow_fate_name(mps_arrow_fate fate);

/* An arrow. Of the captures A and B, one may not have the segment. With one capture, that is A. */
typedef struct {
    const mps_arrow_record *at[2]; /* in A and in B; NULL: not there */
    int64_t place;                 /* ns since the connection's first frame, by A's clock: arrows
                                    * are in this order, and chosen by it */
    int64_t delay;                 /* ns, if matched */
    uint32_t number;               /* of the subflow, as A has it; MPS_NONE: A does not have it */
    uint32_t peer_number;          /* as B has it; likewise */
    uint32_t peer_connection;      /* number, as B has it; MPS_NONE: for B it is plain TCP */
    uint32_t length;               /* payload bytes that both captures have of it, if matched */
    uint8_t direction;             /* mps_direction */
    uint8_t fate;                  /* mps_arrow_fate */
    uint8_t match;                 /* mps_match_kind, if matched */
    bool a_sends;                  /* A is the capture at the sender's end */
    bool again;                    /* another arrow is of an earlier piece of the same segment */
} mps_arrow;

struct mps_arrows {
    const mps_comparison *comparison; /* NULL: one capture */
    const mps_trace *trace[2];        /* of A and B; [1] NULL: one capture */
    const mps_arrow_log *log[2];
    uint32_t connection;      /* number, as A has it */
    uint32_t subflow;         /* the only one; MPS_NONE: all */
    int64_t start;            /* A's time of the connection's first frame, ns */
    int64_t earliest, latest; /* places of all arrows of these subflows, whatever the time chosen */
    bool any;                 /* there is one */
    GArray *list;             /* mps_arrow */
    GPtrArray *notes;         /* char * */
};

/** @return the record of a segment, owned by the log; NULL: there is none.
 *  @param order  of the segment */
const mps_arrow_record *mps_arrow_record_of(const mps_arrow_log *log, uint32_t order);

/** @return arrows without any, of the connection and subflow that are chosen; NULL, with `error`.
 *  @param comparison  NULL: one capture */
mps_arrows *mps_arrows_begin(const mps_comparison *comparison, const mps_trace *trace,
                             const mps_arrow_log *log, const mps_arrow_choice *choice,
                             GError **error);

/** Add an arrow, if the time chosen has its place. */
void mps_arrows_add(mps_arrows *arrows, const mps_arrow_choice *choice, const mps_arrow *arrow);

/** Say what all arrows have in common, once there are all.
 *  @return the same arrows; NULL, with `error`, if there are none: they are freed */
mps_arrows *mps_arrows_end(mps_arrows *arrows, const mps_arrow_choice *choice, GError **error);

/* What the segment of an arrow says. Numbers of a segment that a path split are those of the piece
 * that arrived; the verdict is that of the segment as it was sent, where the capture there has it.
 */
typedef struct {
    const mps_arrow_record *record;   /* of the piece */
    const mps_tracker *tracker;       /* of that record's capture */
    const mps_tracker *other_tracker; /* of the other capture; NULL: there is one only */
    const mps_arrow_record *sent;     /* of the segment as it was sent */
    const mps_tracker *sent_tracker;
    mps_verdict verdict; /* of `sent`, final */
    uint32_t copy_of;    /* 0: it is no copy */
    int64_t seq, ack;    /* relative: a SYN has 0 */
    bool has_ack;
    int64_t window; /* bytes; -1: unknown */
    mps_dsn dsn, data_ack;
} mps_arrow_facts;

/** Say what the segment of an arrow says. */
void mps_arrow_facts_of(const mps_arrows *arrows, const mps_arrow *arrow, mps_arrow_facts *facts);

/** @return the frame numbers that carried the reinjected bytes of a segment before, as text with
 *  `separator`, freed by the caller; NULL: none is known.
 *  @param most  number of frames at most; more are shown as "..." */
char *mps_arrow_reinjection_of(const mps_arrow_facts *facts, const char *separator, unsigned most);

/** @return the flags in words ("SYN ACK"), freed by the caller. */
char *mps_arrow_flags(const mps_arrow_record *record);

/** @return what is special about the segment of an arrow, in words; freed by the caller. */
char *mps_arrow_info(const mps_arrow *arrow, const mps_arrow_facts *facts);

/** Give the time at which A or B captured the segment, ns since the connection's first frame; B's
 *  by A's clock as far as delays are corrected.
 *  @return false: that capture does not have it */
bool mps_arrow_time(const mps_arrows *arrows, const mps_arrow *arrow, unsigned end, int64_t *time);

/** @return a table of the columns of csv and json, without rows; freed by the caller. */
mps_table *mps_arrow_table(const mps_arrows *arrows);

/** Append the rows of all arrows. */
void mps_arrow_add_rows(mps_table *table, const mps_arrows *arrows);

/** Draw all arrows as text. */
void mps_arrows_draw(const mps_arrows *arrows, mps_text *out);

#endif
