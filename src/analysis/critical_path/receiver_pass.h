/* receiver_pass.h: what was in order at the receiver of a direction, and when.
 *
 * Data are readable only once they are in order on their subflow and at data level. A lost copy
 * delays what follows it on its subflow, even if its own data came by another one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_RECEIVER_PASS_H
#define MPS_CRITICAL_RECEIVER_PASS_H

#include "critical_path.h"

/* An arrival that advanced what is in order, on its subflow or at data level; or an acknowledgement
 * of what the receiver's capture missed. */
typedef struct {
    uint64_t before, after; /* everything below was in order */
    uint32_t event;         /* index in the receiver's history */
} mps_critical_advance;

/* An arrival that brought data that had not come before, in order or not. */
typedef struct {
    uint64_t bytes;
    uint32_t event, subflow;
} mps_critical_bringing;

/* What the receiver holds out of order, on all subflows and at data level, from an event on. */
typedef struct {
    uint64_t bytes;
    uint32_t event;
} mps_critical_out_of_order;

/* From an event on, the reader keeps up with what arrives, or is behind. */
typedef struct {
    uint32_t event;
    uint32_t
        kept_up; /* if it is behind: the last event that shows that it was not; MPS_NONE: none */
    bool behind;
} mps_critical_reader;

/* All of it, in the order of time. */
typedef struct {
    GPtrArray *subflows;  /* GArray of mps_critical_advance, by subflow */
    GArray *data;         /* mps_critical_advance */
    GArray *brought;      /* mps_critical_bringing */
    GArray *out_of_order; /* mps_critical_out_of_order */
    GArray *reader;       /* mps_critical_reader */
    bool payload;         /* payload arrived, be it data or not */
    bool begun;           /* all windows are known that the receiver ever offered */
} mps_critical_receiver;

/** Follow what arrives at a receiver. @param receiver  set; nothing if it has no history */
void mps_critical_receiver_init(mps_critical_receiver *receiver, const mps_critical_input *input,
                                mps_direction direction);
void mps_critical_receiver_clear(mps_critical_receiver *receiver);

/** @return the first advance to at least a number; NULL: there is none.
 *  @param advances  in order; NULL: none */
const mps_critical_advance *mps_critical_advance_to(const GArray *advances, uint64_t number);

/** @return the last advance before an event; NULL: there is none. */
const mps_critical_advance *mps_critical_advance_before(const GArray *advances, uint32_t event);

/** @return the first advance after an event; NULL: there is none. @param event  MPS_NONE: the first
 * of all */
const mps_critical_advance *mps_critical_advance_after(const GArray *advances, uint32_t event);

/** @return the advances of a subflow. */
static inline const GArray *mps_critical_subflow_advances(const mps_critical_receiver *receiver,
                                                          uint32_t subflow)
{
    return receiver->subflows->pdata[subflow];
}

/** @return when data first waited out of order, of those that do right before an event, ns; the
 * time of the event if none does. */
int64_t mps_critical_waiting_since(const mps_critical_receiver *receiver, const GArray *history,
                                   uint32_t event);

/** @return the event that shows last that the reader kept up, at or before one; MPS_NONE: none
 * does.
 */
uint32_t mps_critical_reader_kept_up(const mps_critical_receiver *receiver, uint32_t event);

#endif
