/* walk_internal.h: the state of a walk back along the critical path; for walk.c and the files with
 * its steps.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_WALK_INTERNAL_H
#define MPS_CRITICAL_WALK_INTERNAL_H

#include "arrivals.h"
#include "network.h"
#include "receiver_pass.h"
#include "sender_pass.h"
#include "tracker/tracker_state.h"

/* A connection, and what the passes over its histories found. */
struct mps_critical_walker {
    const mps_critical_input *input;
    mps_critical_limits limits;
    bool both;                          /* there is a history of each host */
    GArray *delays;                     /* of mps_critical_delays_of(); NULL: one history */
    int64_t *trips;                     /* the shortest round trip, by subflow, ns; 0: unknown */
    int64_t least_trip;                 /* the least of them that is known, ns; 0: none is */
    mps_critical_arrivals arrivals[2];  /* by host */
    mps_critical_receiver receivers[2]; /* by direction of data */
    mps_critical_sender senders[2];     /* likewise */
    uint8_t *arrived[2]; /* by direction, by index in the sender's history: whether any part of the
                          * segment arrived; NULL: one history */
    unsigned start_host; /* where the connection's first SYN was captured first */
    uint32_t start;      /* its index there; MPS_NONE: it was not captured */
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
    uint32_t event;  /* index in the host's history */
    bool has_byte;   /* the walk is there for one byte: */
    uint64_t byte;   /* its subflow sequence number */
    bool needs_data; /* it waited for the data of that byte, which no other segment had brought.
                      * Otherwise it waited for the byte as one of its subflow's */
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

/** @return the history of the host that a walk is at. */
static inline const GArray *mps_critical_history_here(const mps_critical_walking *walk)
{
    return walk->walker->input->hosts[walk->host];
}

/** @return whether it tells that a segment follows an arrival closely: where round trips are hardly
 *  longer than reactions, all segments do. */
static inline bool mps_critical_reactions_tell(const mps_critical_walker *walker, uint32_t subflow)
{
    return walker->trips[subflow] >= 4 * walker->limits.reaction;
}

/** Go back to an event of the same host, and explain the time since then. The walk is there for no
 *  byte in particular.
 *  @param task  what to explain next
 *  @return false: the walk has ended. It was at its start, or there is no such event, or it was
 * there before */
bool mps_critical_go(mps_critical_walking *walk, uint32_t event, mps_critical_task task,
                     mps_critical_cause cause, mps_critical_detail detail);

/** Ascribe some time before the present moment to a cause.
 *  @param length  ns  @param event  of the host, whose frame the piece begins with */
void mps_critical_spend(mps_critical_walking *walk, int64_t length, uint32_t event,
                        mps_critical_cause cause);

/** Go back from an arrival to its departure at the other host, and explain the delay.
 *  @return false: the walk has ended. It was at its start, or there is no match, or it leads in a
 *          circle */
bool mps_critical_cross(mps_critical_walking *walk);

/** Let a walk that is at an arrival be there for the byte that was missing on the subflow, if the
 *  arrival brought that.
 *  @param needs_data  it waited for the data of that byte */
void mps_critical_want_gap(mps_critical_walking *walk, bool needs_data);

/** End the walk: nothing explains what was before. */
void mps_critical_give_up(mps_critical_walking *walk);

/** Count half a round trip. */
static inline void mps_critical_count_half(mps_critical_walking *walk, unsigned halves)
{
    walk->path->half_rounds += halves;
    walk->path->rounds_of[walk->why] += halves;
}

/** Explain why a segment was not sent earlier (release.c). */
void mps_critical_explain_departure(mps_critical_walking *walk);

/** Explain why a segment without payload, or one that waited for a handshake, was not sent earlier
 *  (control.c). */
void mps_critical_explain_control(mps_critical_walking *walk);
void mps_critical_explain_handshake(mps_critical_walking *walk);

/* What an acknowledgement brought that let a segment go. */
typedef enum {
    MPS_LET_GO_BY_ACK,      /* bytes of the subflow */
    MPS_LET_GO_BY_DATA_ACK, /* bytes of data */
    MPS_LET_GO_BY_WINDOW,
} mps_critical_let_go;

/** Go back a round trip: from a departure to the arrival that let it go, to the departure of that,
 *  and to what let that go (round_trip.c).
 *  @param event  the arrival  @param why  what the sender waited for */
void mps_critical_round_trip(mps_critical_walking *walk, uint32_t event, mps_critical_let_go by,
                             mps_critical_why why);

/** Where there is one history only: go back from an arrival to the segment that it answers
 *  (one_capture.c). */
void mps_critical_round_unsplit(mps_critical_walking *walk, mps_critical_let_go by);

/** @return the end of a path, where there is one history only: the index of the arrival that
 *  acknowledged the last data first; MPS_NONE: there is none.
 *  @param subflow  the path's end; MPS_NONE: all */
uint32_t mps_critical_last_acked(const mps_critical_walker *walker, mps_direction direction,
                                 uint32_t subflow);

/** Count the data that were acknowledged up to an event, where there is one history only, and how
 *  much of them each subflow sent first. */
void mps_critical_count_acknowledged(mps_critical_path *path, const mps_critical_walker *walker,
                                     mps_direction direction, uint32_t event);

/** Find the shortest round trips by the history of one host.
 *  @param trips  all 0; set, by subflow, ns */
void mps_critical_trips_by_one(const mps_critical_input *input, unsigned host, int64_t *trips);

/** Count the data that had come in order up to an event, and how much each subflow was the first to
 *  bring (delivered.c). */
void mps_critical_count_delivered(mps_critical_path *path, const mps_critical_walker *walker,
                                  mps_direction direction, uint32_t event);

/** Note whether the arrival with which a path ends let more data go than it carried (delivered.c).
 */
void mps_critical_note_head_of_line(mps_critical_path *path, const mps_critical_walker *walker,
                                    mps_direction direction, uint32_t event);

/** Sum up the pieces of a path (sums.c). */
void mps_critical_sum_up(mps_critical_path *path);

#endif
