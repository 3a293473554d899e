/* report_internal.h: what a report is made of. A new report is a kind with its columns and its
 * rows, in a file of its own, and an entry in report.c.
 *
 *   report.c                the list of reports; counting segments; tables
 *   write_report.c          a report as text, csv and json
 *   report_options.c        the options that follow a report's name in a call
 *   parts.c                 all tables of a report, for windows
 *   notes.c                 the sentences that end each report
 *   live.c                  rows that are written while the capture goes on
 *   connection_columns.c    columns and values that several reports share
 *   critical_tables.c       the tables of critical paths, of one capture and of two
 *   intervals.c             segments by interval and subflow, for "series"
 *   progress.c              what is in flight; for intervals.c
 *   by_data.c               connections in the order of their data; for pictures and arrows
 *   segment_fields.c        what is known of one segment (mptcpscope/fields.h)
 *
 *   connections.c  critical_path.c  subflows.c  interarrival.c  limits.c  mib.c  reordering.c
 *   rtt.c  series.c
 *                           one report each
 *   events.c  event_row.c  event_checksums.c
 *                           "events": its rows, the values of a row, the second table
 *   flows.c  flow_counts.c  "flows": both tables; the flows that they show
 *   host_counters.c  mib_against.c  mib_reasons.c
 *                           "mib" against nstat: its reading, the differences, possible reasons
 *   reinjections.c  reinjection_totals.c
 *                           "reinjections": its rows, the second table
 *   summary/                "summary"
 *
 * Rows are appended with ../table/table_build.h; ../table/table_write.h writes tables as text, csv
 * and json. Columns of reinjections are in ../table/reinjection_columns.h, as the comparison of two
 * captures has them, too.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_REPORT_INTERNAL_H
#define MPS_REPORT_INTERNAL_H

#include "analysis/held_data.h"
#include "analysis/vantage.h"
#include "base/frame_set.h"
#include "base/sparse.h"
#include "intervals.h"
#include "table/table_build.h"
#include "table/table_write.h"
#include <mptcpscope/report.h>

/* What was counted in one direction of a subflow, or a sum over several. Signed: corrections of
 * what was counted before are negative, and a filter may pass nothing else. */
typedef struct {
    int64_t segments, bytes, data, retransmitted, reinjected, reinjections, unmapped;
    bool cut;        /* the snaplen cut options: what is unmapped may be data or reinjected */
    bool uncaptured; /* there was more: acknowledged payload in a direction of a subflow that was
                      * not captured. The sums of bytes are not known */
} mps_counts;

/** @return whether it is known how many of the bytes are new data, and how many reinjected. */
static inline bool mps_counts_data_known(const mps_counts *counts)
{
    return !counts->uncaptured && !(counts->cut && counts->unmapped > 0);
}

typedef struct mps_report_kind mps_report_kind;

struct mps_report_kind {
    const char *name, *title;
    const char *about; /* a line on what it shows, for help */
    const mps_column *columns;
    unsigned column_count;
    unsigned needs;      /* MPS_NEED_* */
    bool takes_interval; /* its figures can be in intervals */
    bool takes_path;     /* it shows critical paths */
    bool takes_zeros;    /* its text leaves out rows of zeros, unless they are asked for */
    bool takes_plain;    /* it is about plain TCP, too */

    const mps_text_choice *text_choices; /* headings that differ in text; NULL: none do */

    /* Append the rows, by what was counted until now. */
    void (*rows)(const mps_report *report, const mps_tracker *tracker, mps_table *table);

    /* Make the whole table, of the kinds among `lists` that have no columns and rows here. */
    mps_table *(*table)(const mps_report *report, const mps_tracker *tracker);

    /* A second table of the report; NULL: none. Its `name` is its key in json. Text has it below
     * the first table, csv only if it is asked for. */
    const mps_report_kind *totals;

    /* More tables, for windows: what the rows have as lists, with a row for each item. Ended by
     * NULL; NULL: none. */
    const mps_report_kind *const *lists;

    /* Why a table may have no rows although segments were counted: a sentence. NULL: it always has
     * some. */
    const char *empty;

    /* Change rows that text shows in fewer words. NULL: it shows them as they are. */
    void (*fold)(mps_table *table);

    /* Write the text form. NULL: it is the table of `rows`. */
    void (*text)(const mps_report *report, const mps_tracker *tracker, const char *filter,
                 mps_text *out);

    /* Make the table that csv has in the place of `rows`. NULL, also as the result: it has those.
     */
    mps_table *(*csv_table)(const mps_report *report, const mps_tracker *tracker);

    /* Add what a reader of the rows should know: char *, a sentence each. NULL: nothing. */
    void (*notes)(const mps_report *report, const mps_tracker *tracker, GPtrArray *notes);

    /* Append the rows that are final and were not appended before; at the `end`, all that remain.
     * NULL: the report is about the whole capture. */
    void (*flush)(mps_report *report, const mps_tracker *tracker, bool end, mps_table *table);
};

/* Which tables text and csv have. */
typedef enum {
    MPS_TABLES_ALL,    /* text: all; csv: the rows */
    MPS_TABLES_ROWS,   /* the rows alone */
    MPS_TABLES_TOTALS, /* the second table alone */
} mps_report_tables;

struct mps_report {
    const mps_report_kind *kind;
    mps_report_tables tables;
    uint32_t connection;        /* the one to report; MPS_NONE: all */
    const char *file;           /* that text, csv and json name, beside the capture; NULL: none */
    mps_near_choice near;       /* what the user knows of the vantage point */
    GArray *segments;           /* uint32_t by 2 * subflow id + half: how many were counted */
    mps_sparse *counts;         /* mps_counts by the same number, without `segments` */
    bool passes_all;            /* all segments are counted: there is no filter */
    mps_frame_set passed;       /* frames of which a segment was counted, unless `passes_all` */
    bool recounts;              /* `passed` is needed for mps_report_recount() */
    uint32_t *late_counted;     /* segments of mps_tracker_late() that were counted */
    int64_t interval;           /* ns; for reports in intervals; 0: none asked for */
    mps_path_choice path;       /* for reports of critical paths */
    bool zeros;                 /* text has rows of zeros */
    uint64_t drops;             /* packets that the capture's interfaces dropped */
    mps_host_counters *against; /* what the report "mib" is compared with; NULL: nothing */
    bool against_server;        /* they are the server's; otherwise the client's */
    mps_report *plain;          /* counts segments of plain TCP; NULL: there were none */
    mps_tracker *plain_by;      /* the tracker that follows them */
    mps_intervals *live;        /* the state between two flushes; NULL: there was none yet */
    guint live_taken;           /* segments that went into it */
    unsigned live_rows;         /* rows written by mps_report_write_live() */
    bool live_begun;            /* it wrote the heading */
};

extern const mps_report_kind mps_report_connections, mps_report_subflows;
extern const mps_report_kind mps_report_summary;
extern const mps_report_kind mps_report_summary_subflows, mps_report_summary_problems;
extern const mps_report_kind mps_report_series;
extern const mps_report_kind mps_report_critical_path;
extern const mps_report_kind mps_report_critical_classes, mps_report_critical_causes;
extern const mps_report_kind mps_report_critical_pieces, mps_report_critical_intervals;
extern const mps_report_kind mps_report_events, mps_report_event_checksums;
extern const mps_report_kind mps_report_reinjections, mps_report_reinjection_totals;
extern const mps_report_kind mps_report_reinjection_moves, mps_report_reinjection_histogram;
extern const mps_report_kind mps_report_interarrival;
extern const mps_report_kind mps_report_mib, mps_report_mib_against;
extern const mps_report_kind mps_report_flows, mps_report_flow_list;
extern const mps_report_kind mps_report_limits;
extern const mps_report_kind mps_report_rtt;
extern const mps_report_kind mps_report_reordering, mps_report_reordering_awaited;

/** @return the kind of the reports with a name; NULL: there is none. */
const mps_report_kind *mps_report_kind_of(const char *name);

/** Count the segments that count after all, if the filter passed them: before rows are made. */
void mps_report_count_late(const mps_report *report, const mps_tracker *tracker);

/** Add what was counted of a subflow to sums. @param id  of the subflow
 *  @param counts  by direction of its connection */
void mps_report_add_subflow(const mps_report *report, const mps_tracker *tracker, uint32_t id,
                            mps_counts counts[2]);

/** Add what was counted of all subflows of a connection to sums.
 *  @param number  of the connection  @param counts  by direction */
void mps_report_add_connection(const mps_report *report, const mps_tracker *tracker,
                               uint32_t number, mps_counts counts[2]);

/** @return how much new data was counted. @param number  of the connection */
uint64_t mps_report_data(const mps_report *report, const mps_tracker *tracker, uint32_t number,
                         mps_direction direction);

/** Write the beginning of a report's json document, up to its first table.
 *  @param capture  name of the capture's file; NULL: live */
void mps_report_write_json_opening(FILE *out, const mps_report *report, const char *capture);

/** Write the end of a report: its notes and, of a json document, the closing brace. */
void mps_report_write_closing(const mps_report *report, const mps_tracker *tracker,
                              const mps_report_document *document, FILE *out);

/** @return a table for rows of the report, freed by the caller with mps_table_free().
 *  @param kind  as for mps_report_kind_table() */
mps_table *mps_report_new_table(const mps_report *report, const mps_report_kind *kind);

/** @return a table of the report, which the caller frees with mps_table_free().
 *  @param kind  the report's own kind, or its `totals` */
mps_table *mps_report_kind_table(const mps_report *report, const mps_tracker *tracker,
                                 const mps_report_kind *kind);

/** Append the row of the report "limits", as it would be, on all data of a connection in a
 *  direction, if it has one.
 *  @param info  of the connection  @param near  which end the capture was made near */
void mps_report_limits_of_data(const mps_report *report, const mps_tracker *tracker,
                               const mps_connection_info *info, mps_direction direction,
                               mps_near near, mps_table *table);

/** @return what the report "reordering" shows of data of a connection in a direction that arrived
 *  before data that precedes it. @param number  of the connection */
mps_held_figures mps_report_held(const mps_report *report, const mps_tracker *tracker,
                                 uint32_t number, mps_direction direction);

/** @return the word for a connection's state in the column "state", static. */
const char *mps_connection_state_name(mps_connection_state state);

/** @return the word for a subflow's state in the column "state", static. */
const char *mps_subflow_state_name(mps_subflow_state state);

/** @return whether a segment of a frame was counted, which is whether it passed the filter. Valid
 *  for reports whose kind has `needs`. */
bool mps_report_passed(const mps_report *report, uint32_t frame);

/** @return whether the report is about a connection. @param connection  its number */
bool mps_report_wants(const mps_report *report, uint32_t connection);

/** @return whether the report shows a segment: it passed, and the report is about its connection.
 *  @param subflow  id of its subflow */
bool mps_report_shows(const mps_report *report, const mps_tracker *tracker, uint32_t frame,
                      uint32_t subflow);

/** @return the number of a subflow within its connection. @param id  of the subflow */
uint32_t mps_report_subflow_number(const mps_tracker *tracker, uint32_t id);

/**
 * Make the rows that are final before the capture ends: for a report in intervals, those of the
 * intervals that are over. Each row is returned once. A segment that comes later but is of an
 * earlier time counts in the interval that is not over. Count every segment up to now first.
 * @param end  true: no more segments come, so that all rows are final
 * @return the new rows, possibly none; the caller frees them with mps_table_free(). NULL: the
 * report is about the whole capture
 */
mps_table *mps_report_flush(mps_report *report, const mps_tracker *tracker, bool end);

#endif
