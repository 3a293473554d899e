/* account.h: gathers the sums of a critical path into what one could change.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_ACCOUNT_H
#define MPS_CRITICAL_ACCOUNT_H

#include "critical_path.h"

/* What one could change. A class is one factor or several, but for loss: that is the
 * retransmissions together with the congestion window after them. */
typedef enum {
    MPS_FACTOR_RATE,
    MPS_FACTOR_PACING,
    MPS_FACTOR_WINDOW,
    MPS_FACTOR_READER,       /* it had not read, and the window was full */
    MPS_FACTOR_ACKNOWLEDGER, /* the receiver, where it could have acknowledged earlier */
    MPS_FACTOR_RECEIVER,     /* the receiver, and it is not known what the sender waited for */
    MPS_FACTOR_HOST,         /* the sender's reaction, likewise */
    MPS_FACTOR_APPLICATION,
    MPS_FACTOR_STALLED, /* a subflow without acknowledgements, or the application */
    MPS_FACTOR_SEND_BUFFER,
    MPS_FACTOR_NAGLE,
    MPS_FACTOR_CONGESTION_WINDOW,
    MPS_FACTOR_LOSS,
    MPS_FACTOR_HELD,
    MPS_FACTOR_HANDSHAKE,
    MPS_FACTOR_DELIVERY,
    MPS_FACTOR_UNEXPLAINED,
} mps_critical_factor;
#define MPS_CRITICAL_FACTORS (MPS_FACTOR_UNEXPLAINED + 1)

/* The time that a factor has of the path. */
typedef struct {
    int64_t time;
    mps_critical_factor factor;
} mps_critical_amount;

/* What one subflow has of a factor. */
typedef struct {
    int64_t time;
    int64_t silent;   /* the part of `time` in which a queue stood still: nothing left it for much
                       * longer than between other segments */
    int64_t busy;     /* the part in which segments left a queue one after another, without that */
    uint64_t bytes;   /* payload that left it then */
    uint32_t subflow; /* index */
} mps_critical_part;

/* Of so many subflows, those with most of a factor, `silent`, `busy` and `bytes` are known. */
#define MPS_CRITICAL_MEASURED 4u

/** @return the factor that a sum belongs to */
mps_critical_factor mps_critical_factor_of(const mps_critical_sum *sum);

/** Gather a path. @param amounts  set: one of each factor, the largest first; they add up to the
 *  time elapsed */
void mps_critical_account(const mps_critical_path *path,
                          mps_critical_amount amounts[MPS_CRITICAL_FACTORS]);

/** @return mps_critical_part of those subflows that have some of a factor, the largest first; the
 *          caller frees it */
GArray *mps_critical_parts_of_factor(const mps_critical_path *path, mps_critical_factor factor,
                                     guint subflow_count);

#endif
