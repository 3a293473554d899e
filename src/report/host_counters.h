/* host_counters.h: the counters that a host's kernel printed, by nstat.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_HOST_COUNTERS_H
#define MPS_HOST_COUNTERS_H

#include <mptcpscope/report.h>

/* What nstat says of a counter. */
typedef enum {
    MPS_COUNTER_GIVEN,
    MPS_COUNTER_LEFT_OUT, /* nstat printed no counter that is 0: this one is taken as 0 */
    MPS_COUNTER_UNKNOWN,  /* nstat printed zeros, but not this one: the kernel does not have it */
} mps_counter_state;

/** Give a counter. @param name  as nstat has it  @param value  set to its value; 0 if it is unknown
 */
mps_counter_state mps_host_counter(const mps_host_counters *counters, const char *name,
                                   guint64 *value);

/** @return whether an earlier output was subtracted. */
bool mps_host_counters_are_differences(const mps_host_counters *counters);

#endif
