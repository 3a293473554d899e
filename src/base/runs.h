/* runs.h: disjoint ranges of 64-bit numbers, each with an offset.
 *
 * With offset 0 the runs are a set of bytes (which sequence numbers were seen). With other offsets
 * they map one number space onto another (subflow to data sequence numbers). Neighbours with the
 * same offset are one run, so that in-order traffic needs a single run.
 *
 * To cover a range takes O(log n), and O(log n) for each gap that it fills, however many runs the
 * range meets: many neighbours with different offsets are skipped at once. As a rule numbers come
 * in order, and only the highest run matters: its functions are inline here, the rest is in runs.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_RUNS_H
#define MPS_RUNS_H

#include "base/likely.h"
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t start, end; /* [start, end) */
    uint64_t offset;     /* added, modulo 2^64, to get the number in the other space */
} mps_run;

typedef struct mps_run_set mps_run_set;

/* All runs but the highest one; runs.c. */
typedef struct mps_lower_runs mps_lower_runs;

/* A set of runs. All zero is an empty set, and takes no memory but this: most of a flood's TCP
 * connections carry nothing. */
typedef struct {
    mps_run_set *all; /* NULL: none */
} mps_runs;

/* At least one run. Most sets never have a second one. Only functions of this file and of runs.c
 * look into it. */
struct mps_run_set {
    mps_run top;           /* the highest run */
    mps_lower_runs *below; /* NULL: there never were any */
    mps_runs cover;        /* the same numbers with offset 0, so that neighbours are one run; empty:
                            * not needed until now */
};

/* Called for each part of a range that was not covered before. @param data  from the caller */
typedef void (*mps_run_visitor)(uint64_t start, uint64_t end, void *data);

/** Remove all runs and free their memory. */
void mps_runs_clear(mps_runs *runs);

/** Cover [start, end) as mps_runs_add() does. Called by that alone. */
uint64_t mps_runs_add_anywhere(mps_runs *runs, uint64_t start, uint64_t end, uint64_t offset,
                               mps_run_visitor visit, void *data);

/**
 * Cover [start, end). Numbers that are covered already keep their offset.
 * @param visit  called for each newly covered part, in ascending order, or NULL
 * @param data   passed to `visit`
 * @return how many numbers were not covered before
 */
static inline uint64_t mps_runs_add(mps_runs *runs, uint64_t start, uint64_t end, uint64_t offset,
                                    mps_run_visitor visit, void *data)
{
    mps_run_set *set = runs->all;
    if (MPS_UNLIKELY(!set || start != set->top.end || offset != set->top.offset || start >= end ||
                     set->cover.all))
        return mps_runs_add_anywhere(runs, start, end, offset, visit, data);
    set->top.end = end;
    if (visit)
        visit(start, end, data);
    return end - start;
}

/** Find a run as mps_runs_find() does. Called by that alone, for a number below the highest run. */
void mps_runs_find_below(const mps_run_set *set, uint64_t at, mps_run *run);

/**
 * Find the first run that ends above `at`: the one that covers it, or the next higher one.
 * @param run  set to it
 * @return false if no run ends above `at`
 */
static inline bool mps_runs_find(const mps_runs *runs, uint64_t at, mps_run *run)
{
    const mps_run_set *set = runs->all;
    if (!set || at >= set->top.end)
        return false;
    if (MPS_LIKELY(at >= set->top.start))
        *run = set->top;
    else
        mps_runs_find_below(set, at, run);
    return true;
}

/** @return whether the highest run covers [start, end). */
static inline bool mps_runs_top_covers(const mps_runs *runs, uint64_t start, uint64_t end)
{
    return runs->all && start >= runs->all->top.start && end <= runs->all->top.end;
}

/** Remove all runs that end at or below `limit`. */
void mps_runs_trim(mps_runs *runs, uint64_t limit);

/** @return how many runs there are. */
unsigned mps_runs_count(const mps_runs *runs);

/** @return whether no number is covered. */
static inline bool mps_runs_empty(const mps_runs *runs)
{
    return !runs->all;
}

/** @return the highest run. @param runs  not empty */
static inline const mps_run *mps_runs_top(const mps_runs *runs)
{
    return &runs->all->top;
}

#endif
