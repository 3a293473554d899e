/* statistics.c: extremes, median, mean and percentiles of a sample.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics.h"
#include <glib.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Bits that one pass of the radix sort handles: 2048 counters fit into the level 1 cache. */
#define RADIX_BITS 11

/* Smallest sample for which the radix sort is faster than qsort(). */
#define RADIX_MIN 4096u

/* One pass of sort(): by the digit at bit `shift` of the difference from `least`. */
static void sort_by_digit(const int64_t *from, int64_t *to, size_t count, int64_t least,
                          unsigned shift)
{
    size_t places[(1 << RADIX_BITS) + 1] = {0};
    const uint64_t mask = (1 << RADIX_BITS) - 1;
    for (size_t i = 0; i < count; i++)
        places[(((uint64_t)from[i] - (uint64_t)least) >> shift & mask) + 1]++;
    for (size_t digit = 1; digit <= mask; digit++)
        places[digit] += places[digit - 1];
    for (size_t i = 0; i < count; i++)
        to[places[((uint64_t)from[i] - (uint64_t)least) >> shift & mask]++] = from[i];
}

/* Sort a sample. With qsort(), millions of delays took a third of the run time. They lie close
 * together, so that a radix sort needs only two or three passes. */
static void sort(int64_t *values, size_t count)
{
    if (count < RADIX_MIN) {
        qsort(values, count, sizeof *values, compare);
        return;
    }
    int64_t least = values[0], most = values[0];
    for (size_t i = 1; i < count; i++) {
        least = MIN(least, values[i]);
        most = MAX(most, values[i]);
    }
    int64_t *other = g_new(int64_t, count), *from = values, *to = other;
    uint64_t range = (uint64_t)most - (uint64_t)least;
    for (unsigned shift = 0; shift < 64 && range >> shift > 0; shift += RADIX_BITS) {
        sort_by_digit(from, to, count, least, shift);
        int64_t *sorted = to;
        to = from;
        from = sorted;
    }
    if (from != values)
        memcpy(values, from, count * sizeof *values);
    g_free(other);
}

/* The smallest value of a sorted sample that `permille` thousandths of it do not exceed (RFC 2330
 * section 11.3). */
static int64_t percentile(const int64_t *values, size_t count, unsigned permille)
{
    return values[(count * permille + 999) / 1000 - 1];
}

/* How far a value of a sorted sample is above the first one, which may exceed an int64_t. */
static uint64_t above(const int64_t *values, size_t i)
{
    return (uint64_t)values[i] - (uint64_t)values[0];
}

static int64_t add(int64_t value, uint64_t distance)
{
    return (int64_t)((uint64_t)value + distance);
}

/* The mean distance from the first value, rounded to the nearest. Quotients and remainders are
 * summed separately, so that neither sum overflows for a count below 2^32. */
static uint64_t mean_above(const int64_t *values, size_t count)
{
    uint64_t whole = 0, rest = 0;
    for (size_t i = 0; i < count; i++) {
        whole += above(values, i) / count;
        rest += above(values, i) % count;
    }
    return whole + (rest + count / 2) / count;
}

void mps_statistics_of(int64_t *values, size_t count, mps_statistics *statistics)
{
    g_assert(count > 0);
    sort(values, count);
    double sum = 0; /* of distances from the first value, for clocks may be years apart */
    for (size_t i = 0; i < count; i++)
        sum += (double)above(values, i);
    size_t lower = (count - 1) / 2, upper = count / 2; /* the middle two, or twice the middle */
    uint64_t between = (uint64_t)values[upper] - (uint64_t)values[lower];
    *statistics = (mps_statistics){
        .count = count,
        .min = values[0],
        .max = values[count - 1],
        .median = (double)values[lower] + (double)between / 2,
        .mean = (double)values[0] + sum / (double)count,
        .nearest_median = add(values[lower], between / 2 + between % 2),
        .nearest_mean = add(values[0], mean_above(values, count)),
        .p95 = percentile(values, count, 950),
        .p99 = percentile(values, count, 990),
        .p999 = percentile(values, count, 999),
    };
}
