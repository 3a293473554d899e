/* statistics.c: what a sample of delays is like.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <mptcpscope/owd.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The smallest value of a sorted sample that `percent` of it do not exceed. */
static int64_t percentile(const int64_t *values, size_t count, unsigned percent)
{
    return values[(count * percent + 99) / 100 - 1];
}

void mps_statistics_of(int64_t *values, size_t count, mps_statistics *statistics)
{
    qsort(values, count, sizeof *values, compare);
    double sum = 0; /* of distances to the first value: clocks may be years apart */
    for (size_t i = 0; i < count; i++)
        sum += (double)(values[i] - values[0]);
    size_t lower = (count - 1) / 2, upper = count / 2; /* the two in the middle, or one twice */
    double half = (double)(values[upper] - values[lower]) / 2;
    *statistics = (mps_statistics){
        .count = count,
        .min = values[0],
        .max = values[count - 1],
        .median = (double)values[lower] + half,
        .mean = (double)values[0] + sum / (double)count,
        .p95 = percentile(values, count, 95),
        .p99 = percentile(values, count, 99),
    };
}
