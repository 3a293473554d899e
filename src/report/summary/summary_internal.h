/* summary_internal.h: what the report "summary" says of a connection: figures, how it ended, what
 * looks wrong.
 *
 *   summary.c           columns and rows
 *   summary-text.c      sentences and small tables
 *   summary-figures.c   puts it together
 *   summary-endings.c   how connections ended
 *   summary-problems.c  what looks wrong, found in the list of events, and the list of problems
 *   summary-subflow.c   what looks wrong with a subflow
 *   summary-silence.c   whether a subflow fell silent while the connection went on
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_SUMMARY_INTERNAL_H
#define MPS_SUMMARY_INTERNAL_H

#include "analysis/milestones.h"
#include "report/report_internal.h"

/* Thresholds, as docs/report-summary.md states them. */
#define MPS_HIGH_RATIO 0.05   /* of retransmitted or reinjected bytes: a warning */
#define MPS_RAISED_RATIO 0.01 /* a note */
#define MPS_RATIO_SEGMENTS 3u /* fewer segments say nothing */
#define MPS_SILENCE 200000000 /* ns; Linux's least retransmission timeout */
#define MPS_AT_ONCE 200000000 /* ns; MP_FASTCLOSE and the RSTs that go with it */
#define MPS_ANSWER_TIME                                                                            \
    G_GINT64_CONSTANT(1000000000) /* ns; the first one (RFC 6298 section 2.1)                      \
                                   */

/* How a connection ended, as far as events tell. Frames are 0 where there is none. */
typedef struct {
    uint32_t fallback;
    uint32_t fastclose;
    int64_t fastclose_time;
    mps_direction fastclose_by; /* who sent it */
    uint32_t fin[2];            /* first DATA_FIN of a direction */
    int64_t fin_time[2];
    uint32_t fin_acked[2]; /* its first DATA_ACK */
} mps_ending;

/** @return mps_ending by number of the connection; to be freed by the caller. */
GArray *mps_endings(const mps_tracker *tracker);

/** @return how it ended, in words; to be freed with g_free() */
char *mps_ending_text(const mps_tracker *tracker, const mps_connection_info *info,
                      const mps_ending *ending);

typedef enum {
    MPS_PROBLEM_FALLBACK,
    MPS_PROBLEM_UNANSWERED,
    MPS_PROBLEM_REJECTED,
    MPS_PROBLEM_REFUSED,
    MPS_PROBLEM_SYN_REPEATED,
    MPS_PROBLEM_RESET,
    MPS_PROBLEM_HMAC,
    MPS_PROBLEM_CHECKSUM,
    MPS_PROBLEM_FAIL,
    MPS_PROBLEM_FASTCLOSE,
    MPS_PROBLEM_RETRANSMISSIONS,
    MPS_PROBLEM_REINJECTIONS,
    MPS_PROBLEM_UNUSED,
    MPS_PROBLEM_SILENT,
    MPS_PROBLEM_LEFT,
    MPS_PROBLEM_UNMAPPED,
    MPS_PROBLEM_MIDDLE,
    MPS_PROBLEM_ONE_WAY,
    MPS_PROBLEM_UNSEEN,
    MPS_PROBLEM_OPEN,
} mps_problem_kind;

typedef enum { MPS_NOTE, MPS_WARNING } mps_severity;

typedef struct {
    mps_problem_kind kind;
    mps_severity severity;
    uint32_t connection, subflow; /* subflow: MPS_NONE: it is about the connection */
    uint32_t frame;               /* the one to look at */
    uint32_t count; /* how often the same was found on the subflow; this is the first */
    char *text;
} mps_problem;

/* New data of a connection's directions, and when it was not acknowledged, in order of time; begins
 * all zero. */
typedef struct {
    GArray *data[2], *standstills[2]; /* NULL: not asked for yet */
} mps_timeline;

/* The search for problems. */
typedef struct {
    const mps_report *report;
    const mps_tracker *tracker;
    const GArray *endings;
    GArray *found; /* mps_problem */
    /* Of the connection at hand: */
    bool carried; /* payload */
    mps_timeline timeline;
} mps_problem_search;

/** @return the name of a kind as json has it, static */
const char *mps_problem_name(mps_problem_kind kind);

/** Add a problem, unless its frame did not pass the filter. `connection` and `subflow` are
 *  numbers; the text is formatted. */
void mps_problem_add(mps_problem_search *search, mps_problem_kind kind, mps_severity severity,
                     uint32_t connection, uint32_t subflow, uint32_t frame, const char *format, ...)
    G_GNUC_PRINTF(7, 8);

/** @return all problems, by connection and frame; to be freed by the caller. */
GArray *mps_problems(const mps_report *report, const mps_tracker *tracker, const GArray *endings);

/* A subflow in a search. */
typedef struct {
    mps_connection_info connection;
    mps_subflow_info info;
    mps_half_milestones course[2]; /* by direction of the connection */
    mps_counts counts[2];
    bool accepted; /* SYN answered, with MP_JOIN where it joins */
    bool carried;  /* payload, in one direction at least */
} mps_summary_subflow;

/** Describe a subflow. @param connection, number  its numbers */
mps_summary_subflow mps_summary_subflow_of(const mps_report *report, const mps_tracker *tracker,
                                           const mps_connection_info *connection, uint32_t number);

/** Search a subflow for problems. */
void mps_search_subflow(mps_problem_search *search, const mps_summary_subflow *subflow);

/** Free what it holds; it is all zero then. */
void mps_timeline_clear(mps_timeline *timeline);

/** Look whether a subflow fell silent, or was closed, while the connection went on. */
void mps_search_silence(mps_problem_search *search, const mps_summary_subflow *subflow);

/** @return for how long the connection went on after a time without the subflow, and stood still
 *  then, in words; "" if it did not. To be freed with g_free() */
char *mps_went_on_text(mps_problem_search *search, const mps_summary_subflow *subflow,
                       int64_t since);

/* What is said of a connection. */
typedef struct {
    mps_connection_info info;
    mps_counts counts[2];
    mps_data_milestones data[2];
    GArray *subflows; /* mps_summary_subflow: those of which a segment was counted */
    uint32_t unused;  /* accepted ones that carried nothing, of all */
    char *ended;
    const mps_problem *problems; /* the summaries' own */
    guint problem_count, warnings;
} mps_summary;

typedef struct {
    GArray *connections; /* mps_summary: those of which a segment was counted */
    GArray *problems;
} mps_summaries;

/** Summarise the connections that the report wants; mps_summaries_clear() frees what it holds. */
mps_summaries mps_summaries_of(const mps_report *report, const mps_tracker *tracker);
void mps_summaries_clear(mps_summaries *summaries);

/** @return part / whole, or a negative number where that is not defined */
double mps_ratio(int64_t part, int64_t whole);

#define MPS_DECIMAL_MAX G_ASCII_DTOSTR_BUF_SIZE

/** Write a number with a point, whatever the locale. @param text  at least MPS_DECIMAL_MAX bytes
 *  @return text */
const char *mps_decimal(char *text, double value, int decimals);

/** @return "client" for MPS_C2S, "server" for MPS_S2C: who sends in a direction */
const char *mps_sender_name(mps_direction direction);

/** Write all summaries as text, up to 100 characters wide. @param filter NULL: none */
void mps_summary_text(const mps_report *report, const mps_tracker *tracker, const char *filter,
                      FILE *out);

/** @return a subflow in a sentence ("10.0.1.1:1000 > …, opened by client after 76.280 ms, reset");
 * to be freed with g_free() */
char *mps_subflow_text(const mps_summary_subflow *subflow);

/** @return "10.0.1.1:5001", "[fd00::1]:5001"; to be freed with g_free() */
char *mps_end_text(const mps_address *address, uint16_t port);

#endif
