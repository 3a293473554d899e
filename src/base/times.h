/* times.h: sums and differences of times. Files can hold times that are more than 2^63 ns apart.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TIMES_H
#define MPS_TIMES_H

#include <math.h>
#include <stdint.h>

/** @return a - b, ns; the nearest number of 64 bits where it does not fit. */
static inline int64_t mps_minus(int64_t a, int64_t b)
{
    int64_t difference;
    if (__builtin_sub_overflow(a, b, &difference))
        return a < b ? INT64_MIN : INT64_MAX;
    return difference;
}

/** @return how far two times are apart, ns. */
static inline int64_t mps_apart(int64_t a, int64_t b)
{
    return a > b ? mps_minus(a, b) : mps_minus(b, a);
}

/** @return a + b, ns; the nearest number of 64 bits where it does not fit. */
static inline int64_t mps_plus(int64_t a, int64_t b)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return a < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

/** @return a time without its fraction, ns; the nearest number of 64 bits where it does not fit. */
static inline int64_t mps_whole(double ns)
{
    const double limit = 0x1p63;
    if (ns >= limit)
        return INT64_MAX;
    return ns >= -limit ? (int64_t)ns : INT64_MIN;
}

/** @return a time rounded to whole ns; the nearest number of 64 bits where it does not fit. */
static inline int64_t mps_nearest_ns(double ns)
{
    return mps_whole(floor(ns + 0.5));
}

#endif
