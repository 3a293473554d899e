/* one_end.h: what the report "summary" of one capture says about a connection, sentence by
 * sentence: for a page on the captures of both ends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_ONE_END_H
#define MPS_ONE_END_H

#include <mptcpscope/report.h>

/* A problem, as docs/report-summary.md defines it. */
typedef struct {
    const char *severity, *title; /* "warning", "Warning"; static */
    const char *name;             /* of its kind, static */
    bool warning;
    uint32_t subflow; /* number; MPS_NONE: a problem of the connection */
    uint32_t frame;   /* the one to look at */
    uint32_t count;   /* how often the same was found on the subflow; the frame is the first */
    char *text;
} mps_end_problem;

/* A subflow in words. */
typedef struct {
    uint32_t number;
    char *text;
} mps_end_subflow;

typedef struct {
    mps_connection_info info;
    char *ends;              /* client and server: "10.0.1.1:1000 > 10.0.1.2:2000" */
    char *heading;           /* ends and version */
    char *ended;             /* how it ended */
    char *subflow_counts;    /* a sentence */
    GArray *subflows;        /* mps_end_subflow; of very many only the most important ones */
    GPtrArray *subflows_out; /* char *: which others there are */
    GArray *problems;        /* mps_end_problem, by frame, all of them */
    guint warnings;
} mps_end_summary;

/** @return when a connection started, how long it lasted, how it ended, in a sentence that the
 * caller frees. @param ended  as of mps_end_summary @param style  how it shows the time */
char *mps_life_text(const mps_connection_info *info, const char *ended, const mps_style *style);

/** Collect what the report says.
 *  @param report  a report "summary" that counted the whole capture
 *  @param wanted  which connections: by number; bool
 *  @return mps_end_summary by number of connection, NULL for others; freed by the caller with
 *          g_ptr_array_free() */
GPtrArray *mps_end_summaries_of(const mps_report *report, const mps_tracker *tracker,
                                const GArray *wanted);

#endif
