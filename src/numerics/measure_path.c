/* measure_path.c: the rate, time-outs and MSS of a path, by the segments of its ends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "measure_path.h"
#include "base/statistics.h"

static const mps_packet *packets_of(const mps_path_end *end, size_t *count)
{
    *count = 0;
    if (!end->trace)
        return NULL;
    return mps_trace_packets(end->trace, end->id, end->direction, count);
}

uint64_t mps_path_payload(const mps_path_end *end)
{
    uint64_t payload = 0;
    size_t count;
    const mps_packet *packets = packets_of(end, &count);
    for (size_t i = 0; i < count; i++)
        payload += packets[i].length;
    return payload;
}

mps_quantity mps_path_rate_of_data(const mps_path_end *end)
{
    GArray *progress = g_array_new(FALSE, FALSE, sizeof(mps_progress));
    size_t count;
    uint64_t bytes = 0;
    const mps_packet *packets = packets_of(end, &count);
    for (size_t i = 0; i < count; i++) {
        if (packets[i].length == 0)
            continue;
        bytes += packets[i].length;
        const mps_progress now = {packets[i].time, bytes};
        g_array_append_val(progress, now);
    }
    const double rate =
        mps_highest_rate((const mps_progress *)(const void *)progress->data, progress->len);
    g_array_free(progress, TRUE);
    return rate > 0 ? MPS_KNOWN(rate) : MPS_NOT_KNOWN("too few segments with data for a rate");
}

mps_quantity mps_path_mss(const mps_path_end *end)
{
    const unsigned own = end->trace ? mps_mss_announced(end->trace, end->id, end->direction) : 0;
    const unsigned peer =
        end->trace ? mps_mss_announced(end->trace, end->id, (mps_direction)(1 - end->direction))
                   : 0;
    return own > 0 && peer > 0
               ? MPS_KNOWN(MIN(own, peer))
               : MPS_NOT_KNOWN("the MSS options of the handshake were not captured");
}

mps_path_rtts mps_path_rtts_new(void)
{
    return (mps_path_rtts){.times = g_array_new(FALSE, FALSE, sizeof(int64_t))};
}

void mps_path_rtts_clear(mps_path_rtts *rtts)
{
    g_array_free(rtts->times, TRUE);
    rtts->times = NULL;
}

void mps_path_rtts_take(mps_path_rtts *rtts, int64_t rtt)
{
    if (rtt <= 0)
        return;
    g_array_append_val(rtts->times, rtt);
    mps_rtt_filter_take(&rtts->filter, (double)rtt / 1e9);
    rtts->rto = MAX(rtts->rto, mps_rto(rtts->filter.srtt, rtts->filter.rttvar));
    rtts->rto_linux = MAX(rtts->rto_linux, mps_rto_linux(rtts->filter.srtt, rtts->filter.rttvar));
}

void mps_path_rtts_set(mps_path_rtts *rtts, mps_numerics_path *path, const char *reason)
{
    if (rtts->times->len == 0) {
        path->rtt = path->rtt_p95 = path->rto = path->rto_linux = MPS_NOT_KNOWN(reason);
        return;
    }
    mps_statistics statistics;
    mps_statistics_of((int64_t *)(void *)rtts->times->data, rtts->times->len, &statistics);
    path->rtt = MPS_KNOWN((double)statistics.min / 1e9);
    path->rtt_p95 = MPS_KNOWN((double)statistics.p95 / 1e9);
    path->rto = MPS_KNOWN(rtts->rto);
    path->rto_linux = MPS_KNOWN(rtts->rto_linux);
}
