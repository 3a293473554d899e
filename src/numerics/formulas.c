/* formulas.c: the formulas of numerics: buffers, time-outs, throughput that loss allows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "formulas.h"
#include "base/times.h"
#include <glib.h>
#include <math.h>

/* RFC 6298 section 2.3. */
#define ALPHA (1.0 / 8)
#define BETA (1.0 / 4)
#define VARIATIONS 4.0

void mps_rtt_filter_take(mps_rtt_filter *filter, double rtt)
{
    if (filter->any) {
        filter->rttvar = (1 - BETA) * filter->rttvar + BETA * fabs(filter->srtt - rtt);
        filter->srtt = (1 - ALPHA) * filter->srtt + ALPHA * rtt;
    } else {
        *filter = (mps_rtt_filter){true, rtt, rtt / 2};
    }
}

double mps_rto(double srtt, double rttvar)
{
    return MAX(MPS_RTO_LEAST, srtt + VARIATIONS * rttvar);
}

double mps_rto_linux(double srtt, double rttvar)
{
    return srtt + MAX(MPS_RTO_LEAST_LINUX, VARIATIONS * rttvar);
}

double mps_mathis(double mss, double rtt, double loss)
{
    return 8 * mss / rtt * sqrt(1.5 / loss);
}

double mps_pftk(double mss, double rtt, double rto, double loss)
{
    const double fast = rtt * sqrt(2 * loss / 3);
    const double timeouts = rto * 3 * sqrt(3 * loss / 8) * loss * (1 + 32 * loss * loss);
    return 8 * mss / (fast + timeouts);
}

static double rate_between(const mps_progress *from, const mps_progress *to)
{
    const int64_t time = mps_minus(to->time, from->time);
    return time > 0 ? (double)(to->bytes - from->bytes) * 8e9 / (double)time : 0;
}

double mps_highest_rate(const mps_progress *arrivals, size_t count)
{
    double highest = 0;
    if (count <= MPS_RATE_ARRIVALS)
        return 0;
    if (mps_minus(arrivals[count - 1].time, arrivals[0].time) <= MPS_RATE_WINDOW)
        return rate_between(&arrivals[0], &arrivals[count - 1]);
    size_t from = 0;
    for (size_t i = MPS_RATE_ARRIVALS; i < count; i++) {
        while (from + 1 + MPS_RATE_ARRIVALS <= i &&
               mps_minus(arrivals[i].time, arrivals[from + 1].time) >= MPS_RATE_WINDOW)
            from++;
        if (mps_minus(arrivals[i].time, arrivals[from].time) >= MPS_RATE_WINDOW)
            highest = MAX(highest, rate_between(&arrivals[from], &arrivals[i]));
    }
    return highest;
}

/* Bytes of the fields of a DSS option (RFC 8684 section 3.3): kind, length, subtype and flags; the
 * subflow sequence number; the length of the data; the checksum. */
#define DSS_HEAD 4u
#define DSS_SSN 4u
#define DSS_DATA_LENGTH 2u
#define DSS_CHECKSUM 2u

unsigned mps_dss_length(mps_dss_form form)
{
    return DSS_HEAD + (form.ack_is_64 ? 8u : 4u) + (form.dsn_is_64 ? 8u : 4u) + DSS_SSN +
           DSS_DATA_LENGTH + (form.checksum ? DSS_CHECKSUM : 0u);
}
