/* arrivals.h: finds arrivals and handshake segments in a host's history.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_ARRIVALS_H
#define MPS_CRITICAL_ARRIVALS_H

#include "critical_path.h"

/* Indices (uint32_t) in a host's history, ascending. */
typedef struct {
    GPtrArray *subflows;   /* GArray by subflow: what arrived on it */
    GPtrArray *syns;       /* GArray by subflow: SYN and SYN/ACK that the host sent */
    GArray *announcements; /* arrivals with ADD_ADDR */
} mps_critical_arrivals;

/** Index the history of a host. @param arrivals  set; nothing is in it if there is no history */
void mps_critical_arrivals_init(mps_critical_arrivals *arrivals, const mps_critical_input *input,
                                unsigned host);
void mps_critical_arrivals_clear(mps_critical_arrivals *arrivals);

/** @return the last of some events before another one; MPS_NONE: none was.
 *  @param events  uint32_t, ascending */
uint32_t mps_critical_event_before(const GArray *events, uint32_t event);

/** @return the last arrival of payload before an event, on a subflow; MPS_NONE: there was none. */
uint32_t mps_critical_payload_before(const mps_critical_arrivals *arrivals, const GArray *history,
                                     uint32_t subflow, uint32_t event);

/** @return whether the history has a subflow from its handshake on: a SYN or SYN/ACK that the host
 *  sent, or one as the first arrival. Else the capture began later. */
bool mps_critical_begins_with_syn(const mps_critical_arrivals *arrivals, const GArray *history,
                                  uint32_t subflow);

/** @return the last arrival before an event, on any subflow; MPS_NONE: there was none. */
uint32_t mps_critical_arrival_before(const GArray *history, unsigned host, uint32_t event);

/** @return the last arrival on a subflow before an event; MPS_NONE: there was none. */
static inline uint32_t mps_critical_arrival_on(const mps_critical_arrivals *arrivals,
                                               uint32_t subflow, uint32_t event)
{
    return mps_critical_event_before(arrivals->subflows->pdata[subflow], event);
}

#endif
