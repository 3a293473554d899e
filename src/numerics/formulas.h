/* formulas.h: the formulas of numerics: buffers, time-outs, throughput that loss allows.
 *
 * Rates are in bit/s, times in seconds, sizes in bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_NUMERICS_FORMULAS_H
#define MPS_NUMERICS_FORMULAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A number, or why it is not known. */
typedef struct {
    double value;       /* valid if `reason` is NULL */
    const char *reason; /* a sentence without its end, static; NULL: it is known */
} mps_quantity;

#define MPS_KNOWN(number) ((mps_quantity){.value = (number)})
#define MPS_NOT_KNOWN(why) ((mps_quantity){.reason = (why)})

static inline bool mps_is_known(const mps_quantity *quantity)
{
    return !quantity->reason;
}

/* The least time-out, s: RFC 6298 section 2.4, and what Linux has (TCP_RTO_MIN). */
#define MPS_RTO_LEAST 1.0
#define MPS_RTO_LEAST_LINUX 0.2

/* A smoothed round-trip time, s (RFC 6298 section 2). */
typedef struct {
    bool any;
    double srtt, rttvar;
} mps_rtt_filter;

/** Take in the next sample, in the order of time. @param rtt  s */
void mps_rtt_filter_take(mps_rtt_filter *filter, double rtt);

/** @return the time-out of RFC 6298 section 2: max(1 s, SRTT + 4 RTTVAR); the granularity of the
 *  clock counts as 0. */
double mps_rto(double srtt, double rttvar);

/** @return the time-out of Linux: SRTT + max(0.2 s, 4 RTTVAR). */
double mps_rto_linux(double srtt, double rttvar);

/** @return the throughput that a loss ratio allows without time-outs, bit/s: 8 MSS sqrt(3/2) / (RTT
 *  sqrt(p)) (Mathis et al. 1997). @param loss  above 0 */
double mps_mathis(double mss, double rtt, double loss);

/** @return the same with time-outs, bit/s (RFC 5348 section 3.1 with b = 1, after Padhye et al.
 *  1998). @param loss  above 0 */
double mps_pftk(double mss, double rtt, double rto, double loss);

/* A moment, and how many bytes had passed by then. */
typedef struct {
    int64_t time;   /* ns */
    uint64_t bytes; /* ascending */
} mps_progress;

/* What a rate is measured over: at least so long, or as long as there was anything, and so many
 * arrivals. Fewer may come in one burst. */
#define MPS_RATE_WINDOW 50000000 /* ns */
#define MPS_RATE_ARRIVALS 10u

/**
 * Find the highest rate: the greatest of bytes / time between each arrival and the latest one that
 * is at least MPS_RATE_WINDOW before it and MPS_RATE_ARRIVALS arrivals away.
 * @param arrivals, count  in the order of time. If all of them take less than the window, the rate
 *                         is that of all
 * @return bit/s; 0: there are too few, or no time passed
 */
double mps_highest_rate(const mps_progress *arrivals, size_t count);

/* The parts of a DSS option (RFC 8684 section 3.3). */
typedef struct {
    bool ack_is_64, dsn_is_64, checksum;
} mps_dss_form;

/** @return the length of a DSS option with a DATA_ACK and a mapping, bytes, without padding. */
unsigned mps_dss_length(mps_dss_form form);

/** @return a length of options, rounded up to a multiple of 32 bits (RFC 9293 section 3.1). */
static inline unsigned mps_padded(unsigned length)
{
    return (length + 3u) & ~3u;
}

#endif
