/* simulation.h: what the tests of clocks simulate alike.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TEST_SIMULATION_H
#define MPS_TEST_SIMULATION_H

#include "clock/clock.h"
#include <glib.h>
#include <math.h>

static inline double exponential(GRand *rand, double mean)
{
    return -mean * log(1 - g_rand_double(rand));
}

/* Gives the segments of one direction of a path to `clock`, and appends a sample of each. */
typedef void send_direction(GRand *rand, mps_clock *clock, const void *scene, unsigned path,
                            bool forward, GArray *samples);

/* Send on all paths, both ways, and estimate the clock. @return the samples, freed by the caller */
static inline GArray *simulate_paths(GRand *rand, unsigned paths, send_direction *send,
                                     const void *scene, guint sample_size,
                                     mps_clock_estimate *estimate)
{
    mps_clock *clock = mps_clock_new();
    GArray *samples = g_array_new(FALSE, FALSE, sample_size);
    for (unsigned path = 0; path < paths; path++) {
        send(rand, clock, scene, path, true, samples);
        send(rand, clock, scene, path, false, samples);
    }
    mps_clock_estimate_of(clock, estimate);
    mps_clock_free(clock);
    return samples;
}

#endif
