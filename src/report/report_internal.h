/* report_internal.h: what a report is made of. A new one is a kind with its columns and its rows,
 * in a file of its own, and an entry in report.c.
 *
 *   report.c       the list of reports; counting
 *   table.c        values and rows
 *   text.c         text
 *   write.c        csv, json
 *   live.c         rows written while the capture goes on
 *   options.c      what follows a report's name in a call
 *   connections.c, subflows.c   one file per report
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_REPORT_INTERNAL_H
#define MPS_REPORT_INTERNAL_H

#include "intervals.h"
#include "table/table_build.h"
#include <mptcpscope/report.h>

/* What was counted of one direction of a subflow, or of a sum of such. Signed, for a filter may
 * leave just the corrections. */
typedef struct {
    int64_t segments, bytes, data, retransmitted, reinjected, reinjections;
} mps_counts;

typedef struct mps_report_kind mps_report_kind;

struct mps_report_kind {
    const char *name, *title;
    const mps_column *columns;
    unsigned column_count;
    unsigned needs; /* MPS_NEED_* */
    void (*rows)(const mps_report *report, const mps_tracker *tracker, mps_table *table);
    const mps_report_kind *totals; /* a second table of the report, whose `name` is its key in
                                    * json; text has it below the first; NULL: none */
    /* Write the text form; NULL: it is the table of `rows`. */
    void (*text)(const mps_report *report, const mps_tracker *tracker, const char *filter,
                 FILE *out);
    /* Add the rows that are final by now and were not told before; all of them at the `end`. NULL:
     * the report is about the whole capture. */
    void (*flush)(mps_report *report, const mps_tracker *tracker, bool end, mps_table *table);
};

struct mps_report {
    const mps_report_kind *kind;
    uint32_t connection; /* MPS_NONE: all */
    GArray *counts;      /* mps_counts, two (by half) for each subflow id */
    GArray *passed;      /* a bit for each frame: a segment of it was counted */
    int64_t interval;    /* ns; of a report in intervals */
    mps_intervals *live; /* what a flush goes on from; NULL: none was made */
    guint live_taken;    /* segments in it */
    unsigned live_rows;  /* written by mps_report_write_live() */
    bool live_begun;
};

extern const mps_report_kind mps_report_connections, mps_report_subflows;
extern const mps_report_kind mps_report_summary;
extern const mps_report_kind mps_report_series;
extern const mps_report_kind mps_report_events, mps_report_event_checksums;
extern const mps_report_kind mps_report_reinjections, mps_report_reinjection_totals;
extern const mps_report_kind mps_report_interarrival;
extern const mps_report_kind mps_report_mib;
extern const mps_report_kind mps_report_limits;
extern const mps_report_kind mps_report_rtt;
extern const mps_report_kind mps_report_reordering;

/** Add up what was counted of a subflow, by direction of its connection. */
void mps_report_add_subflow(const mps_report *report, const mps_tracker *tracker, uint32_t id,
                            mps_counts counts[2]);

/** Write what a json document of a report begins with. @param capture NULL: live */
void mps_report_write_json_opening(FILE *out, const char *report, const char *capture);

/** @return one of the tables of a report: that of its own kind, or of its totals. */
mps_table *mps_report_kind_table(const mps_report *report, const mps_tracker *tracker,
                                 const mps_report_kind *kind);

/** @return names as the columns "state" and "roles" have them, static */
const char *mps_connection_state_name(mps_connection_state state);
const char *mps_subflow_state_name(mps_subflow_state state);
const char *mps_roles_name(mps_roles roles);

/** @return whether a frame holds a segment that was counted: that it passed the filter. */
bool mps_report_passed(const mps_report *report, uint32_t frame);

/** @return whether a connection is to be reported: all are, or it is the one asked for. */
bool mps_report_wants(const mps_report *report, uint32_t connection);

#endif
