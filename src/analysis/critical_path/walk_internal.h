/* walk_internal.h: the state of a walk back along the critical path; for walk.c and the files with
 * its steps.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_WALK_INTERNAL_H
#define MPS_CRITICAL_WALK_INTERNAL_H

#include "network.h"
#include "receiver_pass.h"
#include "tracker/tracker_state.h"

/* A connection, and what the passes over its histories found. */
struct mps_critical_walker {
    const mps_critical_input *input;
    mps_critical_limits limits;
    GArray *delays;                     /* of mps_critical_delays_of(); NULL: one capture */
    mps_critical_receiver receivers[2]; /* by direction of data */
    unsigned start_host;                /* where the connection's first SYN was captured first */
    uint32_t start;                     /* its index there; MPS_NONE: it was not captured */
};

/* What the walk has to explain next. */
typedef enum {
    MPS_EXPLAIN_ARRIVAL,   /* why the segment did not arrive earlier */
    MPS_EXPLAIN_DEPARTURE, /* why it was not sent earlier */
    MPS_EXPLAIN_NOTHING,   /* the walk is over */
} mps_critical_task;

/* A walk. It is at an event of a host. */
typedef struct {
    const mps_critical_walker *walker;
    mps_critical_path *path; /* the result */
    mps_critical_task task;
    unsigned host;
    uint32_t event;   /* index in the host's history */
    bool has_byte;    /* the walk is there for one byte: */
    uint64_t byte;    /* its subflow sequence number */
    bool needs_data;  /* it waited for the data of that byte. Otherwise it waited for the byte as
                       * one of its subflow's */
    uint32_t arrival; /* the event at the receiver that the walk went through last */
    mps_critical_why why;       /* what the sender waited for at the later end of this round trip */
    uint32_t bound[2];          /* by host: events before these may still be visited. Matches that
                                 * contradict each other must not lead the walk in circles */
    int64_t now;                /* everything after this is explained */
    mps_critical_moment moment; /* the same, with its frame */
} mps_critical_walking;

/** @return the segment that a walk is at. */
static inline const mps_critical_segment *mps_critical_here(const mps_critical_walking *walk)
{
    return mps_critical_at(walk->walker->input, walk->host, walk->event);
}

/** Go back to an event of the same host, and explain the time since then.
 *  @param task  what to explain next
 *  @return false: the walk was there before, and has ended */
bool mps_critical_go(mps_critical_walking *walk, uint32_t event, mps_critical_task task,
                     mps_critical_cause cause, mps_critical_detail detail);

/** Go back from an arrival to its departure at the other host, and explain the delay.
 *  @return false: there is no match, or it leads in a circle; the walk has ended */
bool mps_critical_cross(mps_critical_walking *walk);

/** End the walk: nothing explains what was before. */
void mps_critical_give_up(mps_critical_walking *walk);

/** Sum up the pieces of a path. sums.c has it. */
void mps_critical_sum_up(mps_critical_path *path);

#endif
