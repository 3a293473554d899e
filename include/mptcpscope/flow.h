/* flow.h: a connection as arrows: one for each segment, in both directions, from one capture or
 * from two.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_FLOW_H
#define MPTCPSCOPE_FLOW_H

#include <mptcpscope/compare.h>

/* What is kept of each segment of a capture while it is read. */
typedef struct mps_arrow_log mps_arrow_log;

/* The arrows of a connection. */
typedef struct mps_arrows mps_arrows;

/* Which arrows to draw. */
typedef struct {
    uint32_t connection; /* number, as A has it; MPS_NONE: the first one of those with most data */
    uint32_t subflow;    /* number, as A has it; MPS_NONE: all */
    int64_t from, to;    /* ns since the connection's first frame, both included */
} mps_arrow_choice;

/** @return what the traces must have been loaded with, MPS_NEED_* */
unsigned mps_arrow_needs(void);

/** @return an empty log, freed by the caller with mps_arrow_log_free() */
mps_arrow_log *mps_arrow_log_new(void);

/** Free a log; NULL is allowed. */
void mps_arrow_log_free(mps_arrow_log *log);

/** @return a visitor for mps_trace_read() that fills the log, which must outlive the reading. */
mps_trace_visitor mps_arrow_log_visitor(mps_arrow_log *log);

/**
 * Collect the arrows of a connection from one capture.
 * @param log    filled while the trace was read; both must outlive the arrows
 * @return the arrows, to be freed with mps_arrows_free(); NULL, with `error` MPS_ERROR_INPUT that
 *         says what the capture does not have: a connection, the subflow, a segment in that time
 */
mps_arrows *mps_arrows_of(const mps_trace *trace, const mps_arrow_log *log,
                          const mps_arrow_choice *choice, GError **error);

/**
 * Collect the arrows of a connection from two captures: when each segment was sent, when it
 * arrived, and what became of those that did not.
 * @param logs  of A and of B; they and the comparison must outlive the arrows
 * @return as mps_arrows_of(); another reason is that B does not have the connection
 */
mps_arrows *mps_arrows_between(const mps_comparison *comparison, const mps_arrow_log *const logs[2],
                               const mps_arrow_choice *choice, GError **error);

/** Free arrows; NULL is allowed. */
void mps_arrows_free(mps_arrows *arrows);

/** Write the arrows: text draws them, csv and json have a row for each, as docs/flow.md defines. */
void mps_arrows_write(const mps_arrows *arrows, const mps_style *style, FILE *out);

#endif
