/* owd.h: one-way delay, loss, duplication and reordering between two captures.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_OWD_H
#define MPTCPSCOPE_OWD_H

#include <mptcpscope/clock.h>
#include <mptcpscope/match.h>
#include <mptcpscope/report.h>

/* A sample of delays, in ns. */
typedef struct {
    size_t count;
    int64_t min, max;
    double median; /* of an even count: the mean of the two in the middle */
    double mean;
    int64_t nearest_median, nearest_mean; /* the same to the nearest ns, halves up: a double is not
                                           * that fine where clocks are years apart */
    int64_t p95, p99, p999; /* the smallest value that so many percent (p999: 99.9) of the sample
                             * do not exceed (RFC 2330 section 11.3) */
} mps_statistics;

/** Describe a sample. @param values  sorted by the call @param count  at least 1 */
void mps_statistics_of(int64_t *values, size_t count, mps_statistics *statistics);

/* One direction of one subflow. */
typedef struct {
    uint32_t connection, peer_connection; /* numbers; MPS_NONE: plain TCP, or not captured */
    uint32_t subflow;                     /* A's number, B's where A does not have it */
    uint32_t peer_subflow;                /* B's number */
    mps_pair pair;
    mps_direction direction; /* as A names it */
    bool a_sends;            /* A is the capture at the sender's end */
    mps_alignment alignment;
} mps_comparison_row;

typedef struct {
    const mps_trace *a, *b; /* not owned */
    mps_pairs *pairs;
    GArray *rows;        /* mps_comparison_row */
    GPtrArray *notes;    /* strings: what a reader should know, one sentence each */
    mps_clock_mode mode; /* as asked for */
    bool corrected;      /* delays are; else they are as captured, whatever was asked for */
    mps_clock_estimate clock;
} mps_comparison;

/**
 * Compare two captures.
 *
 * Delays are the differences of the two clocks (RFC 7679 with host times), as they are or
 * corrected by what all matched segments together tell of them, if they tell enough. Which
 * capture is nearer to the client is found out for each connection: taken for the wrong one, the
 * shortest delays there and back add up to less than nothing, however far the clocks are apart.
 *
 * @param a, b  must outlive what is returned
 * @return to be freed with mps_comparison_free(); NULL, with `error`, when the captures have no
 *         connection in common or are one and the same
 */
mps_comparison *mps_comparison_new(const mps_trace *a, const mps_trace *b, mps_clock_mode mode,
                                   GError **error);

/** @return the delay of a matched segment, ns, corrected as `owd` says.
 *  @param a_sends  it went from A to B */
int64_t mps_comparison_delay(const mps_comparison *owd, bool a_sends, int64_t time_a,
                             int64_t time_b);

/** Tell what must be added to mps_comparison_delay() of a segment to have the least and the
 * greatest delay that the clocks leave possible, ns. @return false: nothing is known of the clocks
 */
bool mps_comparison_error(const mps_comparison *owd, bool a_sends, int64_t time_a, int64_t time_b,
                          int64_t *low, int64_t *high);

/** Tell how far off the difference of two of these delays may be at most, ns, between two of A's
 *  times: the offset cancels out, the rates and what the clock was set by do not.
 *  @param from, until  in this order @return false: nothing is known of the clocks, `most` is 0 */
bool mps_comparison_drift(const mps_comparison *owd, int64_t from, int64_t until, int64_t *most);

void mps_comparison_free(mps_comparison *owd);

/* What rows are of. */
typedef enum { MPS_OWD_BY_SUBFLOW, MPS_OWD_BY_CONNECTION } mps_owd_by;

/* What is to be told of two captures. */
typedef struct {
    uint32_t connection; /* only this one of A; MPS_NONE: all */
    mps_owd_by by;       /* rows of csv, and of intervals; text and json have both kinds */
    int64_t interval;    /* also over time: length of an interval, ns; 0: not */
} mps_owd_choice;

/** Write the delays, with what is known of the clocks. */
void mps_owd_write(const mps_comparison *owd, const mps_owd_choice *choice, mps_format format,
                   FILE *out);

/** Write what is known of B's clock as a part of another document. */
void mps_clock_write_part(const mps_comparison *owd, mps_format format, FILE *out);

/** Write the same, and on what evidence it is known, as a document of its own. */
void mps_clock_write(const mps_comparison *owd, mps_format format, FILE *out);

/** @return the names of the tables of mps_reinjections_write(), ending with NULL */
const char *const *mps_reinjections_tables(void);

/** Write what became of every reinjection, and of retransmissions on a subflow. The traces must
 *  have been loaded with MPS_NEED_TRANSMISSIONS.
 *  @param only  write this table only, of mps_reinjections_tables(); NULL: those that text has room
 * for, the first in csv. Does not matter to json, which has them all */
void mps_reinjections_write(const mps_comparison *owd, uint32_t connection, const char *only,
                            mps_format format, FILE *out);

/** Write every matched pair as csv, in the order of A's frames. */
void mps_pairs_write(const mps_comparison *owd, uint32_t connection, FILE *out);

/** Write which connection and subflow of A is which of B, and why. */
void mps_map_write(const mps_trace *a, const mps_trace *b, const mps_pairs *pairs,
                   uint32_t connection, mps_format format, FILE *out);

#endif
