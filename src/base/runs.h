/* runs.h: disjoint ranges of a 64-bit number line, each with an offset.
 *
 * With offset 0 it is a set of bytes (which sequence numbers were seen); with others it maps one
 * number space onto another (subflow to data sequence numbers). Neighbours with the same offset
 * are one run, so that in-order traffic needs a single run and no allocation.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_RUNS_H
#define MPS_RUNS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t start, end; /* [start, end) */
    uint64_t offset;     /* what is added, modulo 2^64, to get to the other number space */
} mps_run;

/* All zero is empty. */
typedef struct {
    mps_run top;  /* the highest run; empty when start == end */
    GTree *below; /* all others, by start; NULL: none */
} mps_runs;

/* Called for a stretch that was not covered before. */
typedef void (*mps_run_visitor)(uint64_t start, uint64_t end, void *data);

void mps_runs_clear(mps_runs *runs);

/**
 * Cover [start, end). What is covered already keeps its offset.
 * @param visit  called for each stretch newly covered, in order; NULL: not wanted
 * @return how many numbers were not covered before
 */
uint64_t mps_runs_add(mps_runs *runs, uint64_t start, uint64_t end, uint64_t offset,
                      mps_run_visitor visit, void *data);

/**
 * Find the first run that ends behind `at`: the one that covers it or the next higher one.
 * @return false if there is none
 */
bool mps_runs_find(const mps_runs *runs, uint64_t at, mps_run *run);

/** Drop all runs that end at or below `floor`. */
void mps_runs_trim(mps_runs *runs, uint64_t floor);

/** @return how many runs there are. */
unsigned mps_runs_count(const mps_runs *runs);

static inline bool mps_runs_empty(const mps_runs *runs)
{
    return runs->top.start == runs->top.end;
}

#endif
