/* trace.h: a capture loaded for comparison: all TCP segments of one file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_TRACE_H
#define MPTCPSCOPE_TRACE_H

#include <glib.h>
#include <mptcpscope/analysis.h>
#include <mptcpscope/tracker.h>

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

#endif
