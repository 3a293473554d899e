/* statistics.h: what a sample of delays is like: its extremes, middle and percentiles.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_STATISTICS_H
#define MPS_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

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

#endif
