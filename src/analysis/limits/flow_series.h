/* flow_series.h: the flow series of a connection: what was sent and acknowledged in each direction,
 * at data level and on each subflow.
 *
 * The files of this folder compute the report "limits" (docs/report-limits.md):
 *
 *   limit_records.c   keeps a record of each segment while the capture is read
 *   limit_path.c      a first look at the records of a subflow: sizes of packets, the least RTT
 *   limit_event.c     what a record means to a subflow, or at data level
 *   event_source.c    the events of a series, from the records of its subflows
 *   path_samples.c    RTTs, queues and capacity, by the ACKs of a series
 *   outlook.c         what follows each event
 *   state_machine.c   what the sender waited for, event by event
 *   flow_series.c     the report's rows
 *   window_watch.c    for how long the window was closed at most: whether to look closer
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_FLOW_SERIES_H
#define MPS_FLOW_SERIES_H

#include "analysis/vantage.h"
#include "limit_records.h"
#include "state_machine.h"

/* One direction of a connection or of a subflow, and what limited it. */
typedef struct {
    uint32_t subflow; /* id; MPS_NONE: data level, all subflows together */
    mps_direction direction;
    mps_vantage vantage; /* `limits` holds only for MPS_VANTAGE_SENDER */
    bool window_unknown; /* no ACK has a window whose scale is known */
    uint32_t frame;      /* of the first data; 0: none */
    double queued;       /* share of RTT samples that show a queue on the path */
    double used;         /* share of the paths' capacity that was used; 0: not known */
    mps_limits limits;   /* valid if `limits.bytes` > 0 */
} mps_limit_row;

/** @return the rows of a connection (mps_limit_row): for each direction the data level, then its
 *  subflows. The caller frees them with mps_limit_rows_free().
 *  @param tracker  with MPS_NEED_LIMITS  @param number  of the connection
 *  @param near     which end the capture was made near */
GArray *mps_limit_rows(const mps_tracker *tracker, uint32_t number, mps_near near);

/** The same for one direction only. */
GArray *mps_limit_rows_of(const mps_tracker *tracker, uint32_t number, mps_near near,
                          mps_direction direction);

/** Free rows and what they own. */
void mps_limit_rows_free(GArray *rows);

#endif
