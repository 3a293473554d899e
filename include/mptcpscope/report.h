/* report.h: the reports, from the columns that each declares once to text, csv, json and tables.
 *
 * A report counts verdicts while segments are analysed and becomes rows at the end. The same
 * columns serve every format, and the tables of Wireshark's Statistics menu.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_REPORT_H
#define MPTCPSCOPE_REPORT_H

#include <mptcpscope/table.h>
#include <mptcpscope/tracker.h>
#include <stdio.h>

typedef struct mps_report mps_report;

/** @return the names of all reports, ended by NULL. */
const char *const *mps_report_names(void);

/**
 * Begin a report.
 * @param name        as in mps_report_names()
 * @param connection  count only this connection; MPS_NONE: all
 * @return a report to be freed with mps_report_free(), or NULL with `error` naming the reports
 */
mps_report *mps_report_new(const char *name, uint32_t connection, GError **error);
void mps_report_free(mps_report *report);

/** @return what the report needs besides verdicts: to be asked for with mps_tracker_want(). */
unsigned mps_report_needs(const mps_report *report);

/** The length of an interval, in ns, where none was asked for. */
#define MPS_INTERVAL_DEFAULT INT64_C(1000000000)

/** Read the length of an interval: seconds, with fractions of up to nine digits.
 *  @param interval  set, in ns  @return false, with `error`, if it is none */
bool mps_interval_from_text(const char *text, int64_t *interval, GError **error);

/** Set the length of a report's intervals. @param interval  ns, above 0
 *  @return false, with `error`, if the report has none */
bool mps_report_set_interval(mps_report *report, int64_t interval, GError **error);

/** Forget what was counted. */
void mps_report_reset(mps_report *report);

/** Count one segment. @param verdict of a segment that belongs to a followed connection */
void mps_report_count(mps_report *report, const mps_verdict *verdict);

/** @return the report's title, static ("MPTCP Connections"). */
const char *mps_report_title(const mps_report *report);

/** @return the report's rows as they are now; free them with mps_table_free(). */
mps_table *mps_report_table(const mps_report *report, const mps_tracker *tracker);

/**
 * Write the report.
 * @param capture  name of the capture's file, without its folder; NULL: live
 * @param filter   the display filter that chose the segments; NULL: none
 */
void mps_report_write(const mps_report *report, const mps_tracker *tracker, mps_format format,
                      const char *capture, const char *filter, FILE *out);

/**
 * Tell what is final before the capture has ended: for a report in intervals, those that are over,
 * each once. Segments that come later but are of an earlier time count in the interval that is not
 * over. Count every segment up to now first.
 * @param end  nothing more comes: all is final
 * @return the new rows (there may be none), to be freed with mps_table_free(); NULL: the report is
 *         about the whole capture
 */
mps_table *mps_report_flush(mps_report *report, const mps_tracker *tracker, bool end);

/**
 * Write what mps_report_flush() tells, as it comes: the heading with the first call, then rows,
 * and what ends the text or document with the last one. Text has columns of fixed widths.
 * @param end  this is the last call
 * @return whether anything was written; false for a report about the whole capture
 */
bool mps_report_write_live(mps_report *report, const mps_tracker *tracker, mps_format format,
                           const char *capture, const char *filter, bool end, FILE *out);

/* What a call of a report says behind its name: "format=csv,connection=2,FILTER". */
typedef struct {
    mps_format format;
    char *file;          /* NULL: standard output */
    uint32_t connection; /* MPS_NONE: all */
    bool tcp_all;        /* dump only */
    int64_t interval;    /* ns; series only; for mps_report_set_interval(); 0: not given */
    char *filter;        /* NULL: none */
} mps_report_options;

/**
 * Parse them.
 * @param text    behind the report's name, with or without the leading comma; may be ""
 * @param report  its name: an option it does not take is an error
 * @return false, with `error` saying what is allowed, if they are wrong. On true the caller clears
 *         them with mps_report_options_clear().
 */
bool mps_report_options_parse(mps_report_options *options, const char *report, const char *text,
                              GError **error);
void mps_report_options_clear(mps_report_options *options);

#endif
