/* scoreboard.h: what a subflow's sender has in flight, and how much it is known to be allowed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_SCOREBOARD_H
#define MPS_CRITICAL_SCOREBOARD_H

#include "critical_path.h"

/* A direction of a subflow at its sender. */
typedef struct {
    uint64_t top;          /* everything sent lies below */
    uint64_t acked;        /* everything below is acknowledged */
    mps_runs sacked;       /* above that */
    uint64_t sacked_bytes; /* in `sacked` */
    bool resent;           /* it has sent bytes again */
    bool recovering;       /* and not everything sent before that is acknowledged: */
    uint64_t recover;      /* below here */
    GArray *ends;          /* uint64_t: end of each segment, in the order of sending */
    guint oldest;  /* the first of them that holds the last acknowledged byte, or follows it */
    GArray *peaks; /* what was in flight with each new segment since then, descending; see
                    * scoreboard.c */
    guint first_peak;
} mps_critical_scoreboard;

/** @param base  number of the first byte */
void mps_critical_scoreboard_init(mps_critical_scoreboard *board, uint64_t base);
void mps_critical_scoreboard_clear(mps_critical_scoreboard *board);

/** Take in an acknowledgement. @param sacks  its `segment->sack_count` blocks
 *  @return bytes that it newly acknowledged */
uint64_t mps_critical_scoreboard_ack(mps_critical_scoreboard *board,
                                     const mps_critical_segment *segment,
                                     const mps_critical_sack *sacks);

/** Take in a segment with payload. @return whether it begins with bytes that were sent before */
bool mps_critical_scoreboard_send(mps_critical_scoreboard *board,
                                  const mps_critical_segment *segment);

/** @return bytes in flight. */
uint64_t mps_critical_scoreboard_flight(const mps_critical_scoreboard *board);

/** @return the most that was in flight in the last round trip: at least as much is allowed. 0
 * during recovery. */
uint64_t mps_critical_scoreboard_proved(const mps_critical_scoreboard *board);

#endif
