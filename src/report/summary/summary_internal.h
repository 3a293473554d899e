/* summary_internal.h: the report "summary": figures of a connection, how it ended and what looks
 * wrong.
 *
 *   summary.c           columns and rows
 *   summary_text.c      the text form: sentences and small tables
 *   summary_rich.c      the same as rich text, for a window
 *   one_end.c           the same sentences for a page on two captures (one_end.h)
 *   collect.c           collects what the report says about each connection
 *   shown.c             which of very many connections, subflows and problems text shows (shown.h)
 *   figures.c           the lines of figures that text and rich text share (figures.h)
 *   endings.c           how connections ended
 *   problems.c          the list of problems; those of connections and of single events
 *   subflow_problems.c  problems of a subflow
 *   option_problems.c   what options announce, and what came of it: addresses, priorities, keys
 *   icmp_problems.c     ICMP errors, but for those that refused a subflow
 *   figure_problems.c   what the reports limits and reordering know
 *   stalls.c            whether a subflow fell silent while the connection continued, and for how
 *                       long data stalled then
 *   words.c             names and numbers in sentences
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_SUMMARY_INTERNAL_H
#define MPS_SUMMARY_INTERNAL_H

#include "analysis/milestones.h"
#include "base/decimal.h"
#include "report/report_internal.h"
#include "table/table_write.h"

/* Thresholds; docs/report-summary.md states them too. */

/* Ratios of retransmitted or reinjected bytes, for a warning and for a note. At a loss of 5 % Reno
 * sustains a window of 5 segments on average, at 1 % one of 12 (1.22 / sqrt(loss), Mathis et al.
 * 1997). */
#define MPS_HIGH_RATIO 0.05
#define MPS_RAISED_RATIO 0.01

/* Least number of segments that a ratio is reported for: one or two do not characterise a path. */
#define MPS_RATIO_SEGMENTS 3u

/* Shortest silence of a subflow, ns: TCP_RTO_MIN of Linux. Shorter pauses are normal. */
#define MPS_SILENCE_MIN 200000000

/* Time before an MP_FASTCLOSE in which RSTs of other subflows belong to it, ns. The sender resets
 * them at the same time (RFC 8684 section 3.5), but the delays of the paths differ. */
#define MPS_FASTCLOSE_RESETS 200000000

/* Time that a SYN is given to be answered, ns: the first retransmission timeout (RFC 6298
 * section 2.1). */
#define MPS_ANSWER_TIME G_GINT64_CONSTANT(1000000000)

/* Share of a direction's data that is held in the receiver's buffer, from which on it is worth a
 * note: more waits for other data than does not. It is a warning where the buffer filled most of
 * the window: then the sender has little left to send. */
#define MPS_HELD_SHARE 0.5
#define MPS_BUFFER_FULL 0.75

/* How a connection ended, as far as its events show. Frames are 0 where there was no such event. */
typedef struct {
    uint32_t fallback;
    uint32_t fastclose;
    int64_t fastclose_time;
    mps_direction fastclose_by; /* who sent it */
    uint32_t mp_fail[2];        /* first MP_FAIL of a direction */
    uint32_t fin[2];            /* first DATA_FIN of a direction */
    int64_t fin_time[2];
    uint32_t fin_acked[2]; /* first DATA_ACK of it */
} mps_ending;

/** @return how connections ended, as far as events tell, for mps_ending_of(); the caller frees it.
 */
mps_sparse *mps_endings(const mps_tracker *tracker);

/** @return how a connection ended, owned by `endings`. @param connection  its number */
const mps_ending *mps_ending_of(const mps_sparse *endings, uint32_t connection);

/** @return how the connection ended, in words; the caller frees it with g_free(). */
char *mps_ending_text(const mps_tracker *tracker, const mps_connection_info *info,
                      const mps_ending *ending);

/* docs/report-summary.md defines each of them, by the name that mps_problem_name() returns. */
typedef enum {
    MPS_PROBLEM_FALLBACK,
    MPS_PROBLEM_JOIN_UNANSWERED,
    MPS_PROBLEM_SYN_RESET,
    MPS_PROBLEM_JOIN_REFUSED,
    MPS_PROBLEM_SYN_REPEATED,
    MPS_PROBLEM_RESET,
    MPS_PROBLEM_BAD_HMAC,
    MPS_PROBLEM_BAD_CHECKSUM,
    MPS_PROBLEM_MP_FAIL,
    MPS_PROBLEM_FASTCLOSE,
    MPS_PROBLEM_RETRANSMISSIONS,
    MPS_PROBLEM_REINJECTIONS,
    MPS_PROBLEM_UNUSED,
    MPS_PROBLEM_SILENT,
    MPS_PROBLEM_LEFT,
    MPS_PROBLEM_UNMAPPED,
    MPS_PROBLEM_HANDSHAKE_MISSING,
    MPS_PROBLEM_ONE_WAY,
    MPS_PROBLEM_DATA_MISSING,
    MPS_PROBLEM_OPEN,
    MPS_PROBLEM_HANDSHAKE_INCOMPLETE,
    MPS_PROBLEM_LEFTMOST_HMAC,
    MPS_PROBLEM_ADDRESS_ID,
    MPS_PROBLEM_ADDRESS_UNUSED,
    MPS_PROBLEM_REMOVED,
    MPS_PROBLEM_PRIO,
    MPS_PROBLEM_NO_JOIN_HERE,
    MPS_PROBLEM_KEY_CHANGED,
    MPS_PROBLEM_MALFORMED,
    MPS_PROBLEM_TIME_LEAP,
    MPS_PROBLEM_NO_DATA_FIN,
    MPS_PROBLEM_WINDOW_LIMITED,
    MPS_PROBLEM_HELD,
    MPS_PROBLEM_ICMP_REFUSED,
    MPS_PROBLEM_ICMP_ERROR,
} mps_problem_kind;

typedef enum { MPS_NOTE, MPS_WARNING } mps_severity;

typedef struct {
    mps_problem_kind kind;
    mps_severity severity;
    uint32_t connection, subflow; /* numbers; subflow MPS_NONE: a problem of the connection */
    uint32_t frame;               /* the one to look at */
    uint32_t count; /* how often the same was found on the subflow; the frame is the first */
    char *text;
} mps_problem;

/* When the directions of a connection carried new data and when that was not acknowledged, in order
 * of time. Starts all zero; stalls.c fills it when it first needs it. */
typedef struct {
    GArray *data[2], *stalls[2]; /* NULL: not filled yet */
} mps_timeline;

/* The search for problems. */
typedef struct {
    const mps_report *report;
    const mps_tracker *tracker;
    mps_sparse *endings; /* for mps_ending_of() */
    GArray *found;       /* mps_problem, until now */
    GArray *of_all; /* mps_problem, by connection: what events, checksums and other reports tell */
    guint taken;    /* how many of those mps_problems_of() has taken */
    GHashTable *removed; /* ids of subflows that a REMOVE_ADDR closed */
    mps_sparse *data;    /* for mps_search_data() */
    /* Of the connection that is searched: */
    bool has_payload; /* on any subflow */
    mps_timeline timeline;
} mps_problem_search;

/** @return how the data of a connection's direction was acknowledged. It is found once for each
 *  connection of which a problem depends on it. */
mps_data_milestones mps_search_data(mps_problem_search *search, uint32_t connection,
                                    mps_direction direction);

/** Add a problem, unless its frame did not pass the filter.
 *  @param connection, subflow  numbers; subflow MPS_NONE: a problem of the connection
 *  @param format  of the sentence, as of printf() */
void mps_problem_add(mps_problem_search *search, mps_problem_kind kind, mps_severity severity,
                     uint32_t connection, uint32_t subflow, uint32_t frame, const char *format, ...)
    G_GNUC_PRINTF(7, 8);

/** Begin to search the connections that the report covers: what comes of events. What each
 *  connection has besides is found when it is asked for, and not kept: a flood has very many.
 *  @return to be ended with mps_problems_end() */
mps_problem_search mps_problems_begin(const mps_report *report, const mps_tracker *tracker);

/** @return the problems of a connection, mps_problem by frame; the caller frees them.
 *  @param number  higher than at the call before */
GArray *mps_problems_of(mps_problem_search *search, uint32_t number);

void mps_problems_end(mps_problem_search *search);

/* A subflow, with what the search needs of it. */
typedef struct {
    mps_connection_info connection;
    mps_subflow_info info;
    mps_half_milestones milestones[2]; /* by direction of the connection */
    mps_counts counts[2];              /* the same */
    bool accepted;                     /* as in mps_subflow_info */
    bool has_payload;                  /* in at least one direction */
} mps_summary_subflow;

/** @return a subflow. @param number  of the subflow within the connection */
mps_summary_subflow mps_summary_subflow_of(const mps_report *report, const mps_tracker *tracker,
                                           const mps_connection_info *connection, uint32_t number);

/** Search a subflow for problems, except for silence. */
void mps_search_subflow(mps_problem_search *search, const mps_summary_subflow *subflow);

/** Search for a subflow that fell silent, or was closed, while the connection continued. */
void mps_search_silence(mps_problem_search *search, const mps_summary_subflow *subflow);

/** Search the options that announce something, of all connections that the report covers. Sets
 *  `removed`, which the caller frees with g_hash_table_destroy(). */
void mps_search_options(mps_problem_search *search);

/** Search the ICMP errors about all connections that the report covers, except for those that
 *  refused a subflow: mps_search_subflow() finds these. */
void mps_search_icmp(mps_problem_search *search);

/** Search what the reports limits and reordering show of all connections that the report covers. */
void mps_search_figures(mps_problem_search *search);

/** Free what a timeline holds and set it to zero. */
void mps_timeline_clear(mps_timeline *timeline);

/** @return whether new data of the connection was captured in a time. @param from, until  ns */
bool mps_data_sent_between(mps_problem_search *search, uint32_t connection, int64_t from,
                           int64_t until);

/** @return a clause that says for how long the connection continued on other subflows after a time
 *  and how long its data stalled then; "" if it did not continue for MPS_SILENCE_MIN. The caller
 *  frees it with g_free(). @param since  ns */
char *mps_continuation_text(mps_problem_search *search, const mps_summary_subflow *subflow,
                            int64_t since);

/* What the report says about a connection. */
typedef struct {
    mps_connection_info info;
    mps_counts counts[2];        /* by direction; sums over the subflows */
    mps_data_milestones data[2]; /* by direction */
    GArray *subflows;            /* mps_summary_subflow: those with a counted segment */
    uint32_t unused;             /* accepted ones without payload, counted or not */
    char *ended;                 /* as of mps_ending_text() */
    GArray *problems;            /* mps_problem, by frame */
    guint warnings;
} mps_summary;

/* Called for a summary. @return whether it keeps what the summary holds, for
 * mps_summary_clear() */
typedef bool (*mps_summary_visitor)(const mps_summary *summary, void *data);

/** Make the summaries of the connections that the report covers and of which a segment was counted,
 *  one after another, in the order of their numbers. */
void mps_summaries_visit(const mps_report *report, const mps_tracker *tracker,
                         mps_summary_visitor visit, void *data);

/** Free what a summary holds. */
void mps_summary_clear(mps_summary *summary);

/** Write all summaries as text, at most 100 characters wide. @param filter  NULL: no filter */
void mps_summary_text(const mps_report *report, const mps_tracker *tracker, const char *filter,
                      mps_text *out);

/** @return a subflow in words ("10.0.1.1:1000 > ..., opened by client after 76.280 ms, reset"); the
 *  caller frees it with g_free(). */
char *mps_subflow_text(const mps_summary_subflow *subflow);

/* Sentences of the text form. The caller frees each with g_free(). */

/** @return the ends of the connection: "10.0.1.1:1000 > 10.0.1.2:2000". */
char *mps_summary_ends(const mps_connection_info *info);

/** @return the ends of the connection and the version of MPTCP. */
char *mps_summary_heading(const mps_connection_info *info);

/** @return how many subflows were tried, accepted, unused. */
char *mps_summary_subflow_counts(const mps_summary *summary);

/** @return the name of a kind of problem as json has it, static */
const char *mps_problem_name(mps_problem_kind kind);

/** @return the name of a severity as json has it, static */
const char *mps_severity_name(mps_severity severity);

/** @return "Note" or "Warning", static */
const char *mps_severity_title(mps_severity severity);

/** @return what usually causes a fallback, static; NULL for MPS_FALLBACK_NONE */
const char *mps_fallback_cause(mps_fallback fallback);

/** @return the reason in the subflow's MP_TCPRST (RFC 8684 section 3.6), or that it has none;
 *  static */
const char *mps_reset_reason_text(const mps_subflow_info *info);

/** @return an ICMP error in words ("host unreachable, from 10.0.2.99"); the caller frees it with
 *  g_free() */
char *mps_icmp_error_text(const mps_icmp_error *error);

/** @return part / whole, with negative parts taken as 0; -1 where `whole` is not positive */
double mps_ratio(int64_t part, int64_t whole);

/** Write a time in seconds, to the millisecond. @param text  as of mps_decimal()  @return text */
const char *mps_seconds(char *text, int64_t ns);

#endif
