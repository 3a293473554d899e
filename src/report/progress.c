/* progress.c: what was sent and acknowledged in one direction.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "progress.h"

static bool is_above(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) > 0;
}

void mps_progress_acked(mps_progress *progress, uint32_t acked)
{
    if (progress->has_sent && is_above(acked, progress->sent + 1))
        return; /* invalid: above all that was sent and the FIN or DATA_FIN */
    if (!progress->has_acked || is_above(acked, progress->acked))
        progress->acked = acked;
    progress->has_acked = true;
}

void mps_progress_sent(mps_progress *progress, const mps_series_progress *step)
{
    if (step->has_start && !progress->has_acked) {
        progress->acked = step->start; /* nothing below needs an acknowledgement */
        progress->has_acked = true;
    }
    if (!step->has_sent)
        return;
    if (!progress->has_sent || is_above(step->sent, progress->sent))
        progress->sent = step->sent;
    progress->has_sent = true;
}

uint32_t mps_progress_flight(const mps_progress *progress)
{
    if (!progress->has_acked)
        return MPS_NONE;
    const bool flies = progress->has_sent && is_above(progress->sent, progress->acked);
    return flies ? progress->sent - progress->acked : 0;
}
