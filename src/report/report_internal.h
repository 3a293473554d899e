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

/** @return one of the tables of a report: that of its own kind, or of its totals. */
mps_table *mps_report_kind_table(const mps_report *report, const mps_tracker *tracker,
                                 const mps_report_kind *kind);

/** @return a table without rows; mps_table_complete() it when all values are in. */
mps_table *mps_table_new(const mps_column *columns, unsigned count);
void mps_table_complete(mps_table *table);

/** @return names as the columns "state" and "roles" have them, static */
const char *mps_connection_state_name(mps_connection_state state);
const char *mps_subflow_state_name(mps_subflow_state state);
const char *mps_roles_name(mps_roles roles);

/** @return whether a frame holds a segment that was counted: that it passed the filter. */
bool mps_report_passed(const mps_report *report, uint32_t frame);

/** @return whether a connection is to be reported: all are, or it is the one asked for. */
bool mps_report_wants(const mps_report *report, uint32_t connection);

/** Append the next value of the row that is being filled. Strings are copied, lists become the
 *  table's own. */
void mps_table_add(mps_table *table, mps_value value);
void mps_table_add_string(mps_table *table, const char *string);
void mps_table_add_json(mps_table *table, char *json, char *text);
void mps_table_add_address(mps_table *table, const mps_address *address);

/* Values in short. */
#define MPS_NULL ((mps_value){.type = MPS_VALUE_NULL})
#define MPS_UINT(n) ((mps_value){.type = MPS_VALUE_UINT, .u = (uint64_t)(n)})
#define MPS_INT(n) ((mps_value){.type = MPS_VALUE_INT, .i = (int64_t)(n)})
#define MPS_BOOL(b) ((mps_value){.type = MPS_VALUE_BOOL, .boolean = (b)})
#define MPS_REAL(x) ((mps_value){.type = MPS_VALUE_REAL, .real = (x)})
#define MPS_SECONDS(ns) ((mps_value){.type = MPS_VALUE_SECONDS, .i = (ns)})
#define MPS_TIME(ns) ((mps_value){.type = MPS_VALUE_TIME, .i = (ns)})
#define MPS_KEY(k) ((mps_value){.type = MPS_VALUE_KEY, .u = (k)})

/** Append a number where it is known, null where it is negative. */
void mps_table_add_known(mps_table *table, int64_t number);
/** Append a connection, subflow or the like by its number; null for MPS_NONE. */
void mps_table_add_number(mps_table *table, uint32_t number);

/** Append "c2s" or "s2c". */
void mps_table_add_direction(mps_table *table, mps_direction direction);
void mps_table_add_duration(mps_table *table, int64_t ns);

/** Append bytes per second of `ns` as bit/s; null where no time passed. */
void mps_table_add_rate(mps_table *table, int64_t bytes, int64_t ns);

#endif
