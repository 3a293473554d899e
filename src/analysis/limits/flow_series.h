/* flow_series.h: the lines of a connection, which limits-walk.h walks along: what was sent and
 * acknowledged in each direction, of all subflows together and of each one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_FLOW_SERIES_H
#define MPS_FLOW_SERIES_H

#include "limit_records.h"
#include "state_machine.h"

/* One direction of a connection or of a subflow, and what limited it. */
typedef struct {
    uint32_t subflow; /* id; MPS_NONE: data level, all subflows together */
    mps_direction direction;
    mps_vantage near;    /* where the capture was made; MPS_VANTAGE_SENDER is what is needed */
    bool window_unknown; /* the receiver's window scale is not known, or it told no window */
    uint32_t frame;      /* of the first data */
    double queued;       /* share of RTTs that show a queue on the path */
    double used;         /* share of the paths' capacity that was used; 0: not known */
    mps_limits limits;   /* valid if `limits.bytes` > 0 */
} mps_limit_row;

/** @return the rows of a connection (mps_limit_row): for each direction the data level, then its
 *  subflows; to be freed with mps_limit_rows_free(). @param number of the connection */
GArray *mps_limit_rows(const mps_tracker *tracker, uint32_t number);
void mps_limit_rows_free(GArray *rows);

#endif
