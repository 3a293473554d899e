/* statistics.h: extremes, median, mean and percentiles of a sample of delays.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_STATISTICS_H
#define MPS_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

/* Statistics of a sample of delays, in ns. */
typedef struct {
    size_t count;
    int64_t min, max;
    double median; /* of an even count: the mean of the middle two */
    double mean;
    int64_t nearest_median, nearest_mean; /* rounded to ns, halves up: a double is too coarse for
                                           * that where clocks are years apart */
    int64_t p95, p99, p999; /* the smallest value that 95, 99, 99.9 % of the sample do not exceed
                             * (RFC 2330 section 11.3) */
} mps_statistics;

/**
 * Compute the statistics of a sample.
 * @param values      in ns; the call sorts them
 * @param count       at least 1, below 2^32
 * @param statistics  filled in
 */
void mps_statistics_of(int64_t *values, size_t count, mps_statistics *statistics);

#endif
