/* trace.h: loads a capture, all of its TCP segments, for a comparison of two captures.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_TRACE_H
#define MPTCPSCOPE_TRACE_H

#include <glib.h>
#include <mptcpscope/analysis.h>
#include <mptcpscope/source.h>
#include <mptcpscope/tracker.h>

/* All TCP segments of one file. */
typedef struct mps_trace mps_trace;

/* Whoever wants to see what a capture holds while it is read, for example to count it for a report
 * (mptcpscope/report.h). */
typedef struct {
    /* A segment that the tracker follows. */
    void (*segment)(const mps_segment *segment, const mps_verdict *verdict, void *data);
    void (*icmp)(const mps_icmp_record *record, void *data); /* of an error about such a one */
    void (*again)(void *data); /* all comes again, in the order of time (replay.h) */
    void *data;
} mps_trace_visitor;

/** Read a dump or a capture. Of one that is cut off this is what was whole.
 *  @param needs  MPS_NEED_*: what else to keep of each segment
 *  @return the trace, freed by the caller with mps_trace_free(); NULL, with `error` */
mps_trace *mps_trace_load(const char *path, unsigned needs, GError **error);

/** The same for a source that is open and of which nothing was read.
 *  @param source   stays open
 *  @param visitor  called for everything that is read; NULL: nobody */
mps_trace *mps_trace_read(mps_source *source, unsigned needs, const mps_trace_visitor *visitor,
                          GError **error);

/* What is read by mps_traces_read(), and what came of it. */
typedef struct {
    mps_source *source; /* these are the arguments of mps_trace_read(); closed, and set to NULL */
    unsigned needs;
    const mps_trace_visitor *visitor;
    mps_trace *trace; /* set; freed by the caller */
    GError *error;    /* set where `trace` is NULL; likewise */
} mps_trace_reading;

/** Read several sources at once, on all processors: a thread calls the visitor of one while others
 *  call those of others. So they must not share what they change, nor be standard input twice.
 *  @param readings  `count` of them */
void mps_traces_read(mps_trace_reading *readings, unsigned count);

/** Free a trace; NULL is allowed. */
void mps_trace_free(mps_trace *trace);

/** @return the name of the capture, as mps_source_capture() gives it; owned by `trace`. */
const char *mps_trace_name(const mps_trace *trace);

/** @return the time at which the capture begins, as mps_source_start() gives it. */
int64_t mps_trace_start(const mps_trace *trace);

/** @return where the file is cut off, as mps_source_cut_off() gives it; owned by `trace`. */
const char *mps_trace_cut_off(const mps_trace *trace);

/** @return what a reader of any report should know of the capture: char *, one sentence each; owned
 *  by `trace`. */
const GPtrArray *mps_trace_notes(const mps_trace *trace);

/** Say which end the capture was made near. @param near  copied */
void mps_trace_set_near(mps_trace *trace, const mps_near_choice *near);

/** @return what was said of that, all unset: nothing; owned by `trace`. */
const mps_near_choice *mps_trace_near(const mps_trace *trace);

/** @return the tracker after the last segment, owned by `trace`. It follows all TCP connections. */
const mps_tracker *mps_trace_tracker(const mps_trace *trace);

#endif
