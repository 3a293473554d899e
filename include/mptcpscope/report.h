/* report.h: the reports on one capture, as text, csv, json and tables.
 *
 * A report counts verdicts while segments are analysed, and makes rows of them. Each report
 * declares its columns once, for every format and for the tables of Wireshark's Statistics menu.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_REPORT_H
#define MPTCPSCOPE_REPORT_H

#include <mptcpscope/analysis.h>
#include <mptcpscope/style.h>
#include <mptcpscope/table.h>
#include <mptcpscope/tracker.h>
#include <stdio.h>

typedef struct mps_report mps_report;

/** @return the names of all reports, static; the array ends with NULL. */
const char *const *mps_report_names(void);

/**
 * Begin a report.
 * @param name        as in mps_report_names()
 * @param connection  number of the connection to report; MPS_NONE: all
 * @return the report, which the caller frees with mps_report_free(); NULL, with `error`
 *         MPS_ERROR_USAGE that names the reports, if the name is unknown
 */
mps_report *mps_report_new(const char *name, uint32_t connection, GError **error);

/** Free a report. @param report  may be NULL */
void mps_report_free(mps_report *report);

/** @return what the report needs besides verdicts, MPS_NEED_*: for mps_analyses_want(). */
unsigned mps_report_needs(const mps_report *report);

/** The default length of an interval, ns. */
#define MPS_INTERVAL_DEFAULT INT64_C(1000000000)

/**
 * Read the length of an interval.
 * @param text      seconds, with fractions of up to nine digits
 * @param interval  set, ns
 * @return false, with `error` MPS_ERROR_USAGE, if the text is not a length in the allowed range
 */
bool mps_interval_from_text(const char *text, int64_t *interval, GError **error);

/** @return whether mps_report_write_live() writes rows of the report before the capture ends */
bool mps_report_is_live(const mps_report *report);

/** Set the length of a report's intervals. @param interval  ns, above 0
 *  @return false, with `error` MPS_ERROR_USAGE, if the report has no intervals */
bool mps_report_set_interval(mps_report *report, int64_t interval, GError **error);

/* Which critical paths a report shows, and how much of each. */
typedef struct {
    uint32_t end_subflow; /* number of the subflow with whose last data the paths end; MPS_NONE:
                           * with the last data of all */
    unsigned directions;  /* bits 1 << mps_direction; 0: both */
    bool pieces;          /* every piece of the paths */
} mps_path_choice;

/* The choice of one who says nothing. */
#define MPS_PATH_CHOICE_NONE ((mps_path_choice){.end_subflow = MPS_NONE})

/** @return whether a choice says anything. */
static inline bool mps_path_choice_given(const mps_path_choice *choice)
{
    return choice->end_subflow != MPS_NONE || choice->directions != 0 || choice->pieces;
}

/** Say that text has the rows of zeros, too.
 *  @return false, with `error` MPS_ERROR_USAGE, if the report has them always */
bool mps_report_set_zeros(mps_report *report, GError **error);

/* The counters of a host, as nstat printed them. */
typedef struct mps_host_counters mps_host_counters;

/** Read what nstat printed, as text or JSON. @param path  as of mps_input_new()
 *  @return freed by the caller with mps_host_counters_free(); NULL, with `error` */
mps_host_counters *mps_host_counters_read(const char *path, GError **error);

/** Subtract what nstat printed before. @return false, with `error`, if a counter was greater then
 */
bool mps_host_counters_subtract(mps_host_counters *counters, const mps_host_counters *before,
                                GError **error);

/** Free counters; NULL is allowed. */
void mps_host_counters_free(mps_host_counters *counters);

/** Say that the report "mib" shows only what differs from the counters of a host.
 *  @param counters   the report owns them from now on
 *  @param of_server  the host is the server; otherwise it is the client
 *  @return false, with `error` MPS_ERROR_USAGE, if the report has no such counters; then the caller
 *          keeps them */
bool mps_report_set_against(mps_report *report, mps_host_counters *counters, bool of_server,
                            GError **error);

/** @return the names of all tables that mps_report_set_table() takes, of one report or another; a
 *  static array ended by NULL. */
const char *const *mps_report_tables_of_all(void);

/** @return whether a report has the table, as of mps_report_set_table(). @param report  its name */
bool mps_report_has_table(const char *report, const char *table);

/** Say which table of a report with two tables text and csv have, instead of all and of the first.
 *  json has both. @param name  "rows", or the key of the second one in json
 *  @return false, with `error` MPS_ERROR_USAGE, if the report has no such table */
bool mps_report_set_table(mps_report *report, const char *name, GError **error);

/** Say how many packets the capture's interfaces dropped; reports that do not depend on it ignore
 * that. */
void mps_report_set_drops(mps_report *report, uint64_t packets);

/** Say which critical paths a report shows. @param choice  copied
 *  @return false, with `error` MPS_ERROR_USAGE, if the report shows no paths */
bool mps_report_set_path(mps_report *report, const mps_path_choice *choice, GError **error);

/** Say which connection a report is about, once all was counted. @param connection  its number */
void mps_report_set_connection(mps_report *report, uint32_t connection);

/** Say which end the capture was made near; reports that do not depend on it ignore that.
 *  @param near  copied */
void mps_report_set_near(mps_report *report, const mps_near_choice *near);

/** Say which of several files a report is about: csv and text have it in a first column `capture`,
 *  json as a member `file`. @param file  outlives the report; NULL: they have not (default) */
void mps_report_set_file(mps_report *report, const char *file);

/** There is no filter: all segments that the tracker follows will be counted. Then the report need
 * not remember which were. */
void mps_report_pass_all(mps_report *report);

/** Forget what was counted. */
void mps_report_reset(mps_report *report);

/** Count one segment. @param verdict  of a segment that the tracker follows */
void mps_report_count(mps_report *report, const mps_verdict *verdict);

/** Count an ICMP error: what it shows is reported. @param record  of mps_tracker_icmp() */
void mps_report_count_icmp(mps_report *report, const mps_icmp_record *record);

/** @return whether the report is about plain TCP, too: whether mps_report_count_plain() counts. */
bool mps_report_wants_plain(const mps_report *report);

/** Count one segment that the tracker does not follow, for a report that wants plain TCP. */
void mps_report_count_plain(mps_report *report, const mps_segment *segment);

/** Allow mps_report_recount_begin(). Call it before segments are counted. */
void mps_report_will_recount(mps_report *report);

/** Count all segments anew, by the verdicts that they have in the order of time (replay.h). Those
 *  that were counted until now are known by their frames. */
void mps_report_recount_begin(mps_report *report);

/** Count a segment again, if one of its frame was counted before. @param verdict  the new one */
void mps_report_recount(mps_report *report, const mps_verdict *verdict);

/** Count a segment of plain TCP again, if one of its frame was counted before. */
void mps_report_recount_plain(mps_report *report, const mps_segment *segment);

/** @return the report's title, static ("MPTCP Connections"). */
const char *mps_report_title(const mps_report *report);

/** @return the report's rows as they are now; the caller frees them with mps_table_free(). */
mps_table *mps_report_table(const mps_report *report, const mps_tracker *tracker);

/* One of the tables of a report. */
typedef struct {
    const char *name;  /* short, unique within the report */
    const char *title; /* of the table alone, without the report's */
    const char *empty; /* a sentence for a table without rows, although segments were counted */
} mps_report_part;

/** @return how many tables a report has. The first is its rows; others add what the rows or json
 *  have as lists, with a row for each item. */
unsigned mps_report_part_count(const mps_report *report);

/** @return what a table of the report is; its strings are static. @param part  from 0 */
mps_report_part mps_report_part_at(const mps_report *report, unsigned part);

/** @return a table of the report as it is now, freed by the caller with mps_table_free().
 *  @param part  from 0 */
mps_table *mps_report_part_table(const mps_report *report, const mps_tracker *tracker,
                                 unsigned part);

/** Pass the report's rows on as they are now, one after the other; none is kept.
 *  @param take_row, data  as of mps_table */
void mps_report_pass_rows(const mps_report *report, const mps_tracker *tracker,
                          void (*take_row)(const mps_table *table, void *data), void *data);

/** @return what a reader of the report should know: char *, a sentence each; freed by the caller
 *          with g_ptr_array_free(). @param of_file  the sentences about the file; NULL: none */
GPtrArray *mps_report_notes(const mps_report *report, const mps_tracker *tracker,
                            const GPtrArray *of_file);

/* How a report is written, and what it says beside its rows. */
typedef struct {
    const mps_style *style;
    const char *capture;    /* name of the capture's file, without its folder; NULL: live */
    const char *filter;     /* the display filter that chose the segments; NULL: none */
    const GPtrArray *notes; /* char *: sentences about the file; NULL: none. The report adds those
                             * about the segments. */
} mps_report_document;

/** Write the report "summary" as rich text: simple HTML for a window of any width.
 *  @param report   a report "summary"
 *  @param capture  what was captured, in words or as the name of a file
 *  @param of_file  char *: sentences about the file; NULL: none */
void mps_report_summary_rich(const mps_report *report, const mps_tracker *tracker,
                             const char *capture, const GPtrArray *of_file, FILE *out);

/** Write the report. @param out  the caller checks it for errors */
void mps_report_write(const mps_report *report, const mps_tracker *tracker,
                      const mps_report_document *document, FILE *out);

/**
 * Write the rows that have become final since the last call, before the capture has ended: of a
 * report in intervals, those that are over. The first call writes the heading, too, the last one
 * the end of the text or document. Columns of text have fixed widths.
 * @param document  the same in all calls, but for the notes, which count in the last one
 * @param end       true: this is the last call
 * @return whether anything was written; false for a report about the whole capture
 */
bool mps_report_write_live(mps_report *report, const mps_tracker *tracker,
                           const mps_report_document *document, bool end, FILE *out);

/* Which TCP connections a dump has. */
typedef enum {
    MPS_DUMP_TCP_UNSAID, /* those with MPTCP, unless the user prefers all */
    MPS_DUMP_TCP_MPTCP,
    MPS_DUMP_TCP_ALL, /* also those without */
} mps_dump_tcp;

/* What a call has after a report's name: "format=csv,connection=2,FILTER". */
typedef struct {
    mps_format format;
    char *file;           /* path; NULL: standard output */
    uint32_t connection;  /* number; MPS_NONE: all */
    mps_dump_tcp tcp;     /* "dump" only */
    bool zeros;           /* for mps_report_set_zeros() */
    const char *table;    /* for mps_report_set_table(), static; NULL: not given */
    int64_t interval;     /* ns, for mps_report_set_interval(); 0: not given */
    mps_path_choice path; /* for mps_report_set_path() */
    mps_near_choice near; /* for mps_report_set_near(); all unset: not given */
    char *filter;         /* display filter; NULL: none */
} mps_report_options;

/**
 * Parse options.
 * @param options  set; on true the caller clears them with mps_report_options_clear()
 * @param report   name of the report, or "dump": it decides which options are allowed
 * @param text     after the report's name, with or without the leading comma; "" or NULL: no
 * options
 * @return false, with `error` MPS_ERROR_USAGE that says what is allowed, if they are wrong
 */
bool mps_report_options_parse(mps_report_options *options, const char *report, const char *text,
                              GError **error);

/** Write which options a report takes, and all reports with a line each.
 *  @param call  how a report is called, up to its name: "tshark -z mptcp," */
void mps_report_options_help(const char *call, FILE *out);

/** @return what the user may have meant by a display filter that looks like an option: one without
 *          its name, or one after the filter. A sentence without its end, freed by the caller;
 * NULL: it does not look like one.
 *  @param report  as of mps_report_options_parse() */
char *mps_report_filter_hint(const char *report, const char *filter);

/** @return what a report shows, in a line, static. @param name  as in mps_report_names() */
const char *mps_report_about(const char *name);

/** Write the names of all reports, with a line on each. @param indent  blanks before each line */
void mps_report_list(int indent, FILE *out);

/** Free the strings of options. */
void mps_report_options_clear(mps_report_options *options);

#endif
