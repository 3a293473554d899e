/* measure_path.h: what the segments of the ends of a subflow show of one direction of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_MEASURE_PATH_H
#define MPS_MEASURE_PATH_H

#include "numerics_internal.h"
#include "trace/trace.h"

/* A direction of a subflow in one of the traces. */
typedef struct {
    const mps_trace *trace; /* NULL: it does not have the subflow */
    uint32_t id;
    mps_direction direction; /* as that trace names it */
} mps_path_end;

/** @return payload bytes of all segments of a direction. */
uint64_t mps_path_payload(const mps_path_end *end);

/** @return the highest rate of payload as it passed, bit/s. */
mps_quantity mps_path_rate_of_data(const mps_path_end *end);

/** @return the highest rate at which payload of a direction was acknowledged, bit/s. */
mps_quantity mps_path_rate_of_acks(const mps_path_end *end);

/** @return the lesser of the MSS options of both ends, bytes. */
mps_quantity mps_path_mss(const mps_path_end *end);

/* Round-trip times, and the time-outs that follow. */
typedef struct {
    GArray *times; /* int64_t, ns, above 0 */
    mps_rtt_filter filter;
    double rto, rto_linux; /* the greatest, s */
} mps_path_rtts;

/** @return without samples; freed by mps_path_rtts_clear() */
mps_path_rtts mps_path_rtts_new(void);
void mps_path_rtts_clear(mps_path_rtts *rtts);

/** Take in a sample, in the order of time. @param rtt  ns; ignored if it is not above 0 */
void mps_path_rtts_take(mps_path_rtts *rtts, int64_t rtt);

/** Set the RTTs and the time-outs of a path; the samples are sorted.
 *  @param reason  why there are none, if there are none */
void mps_path_rtts_set(mps_path_rtts *rtts, mps_numerics_path *path, const char *reason);

#endif
