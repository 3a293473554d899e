/* window_watch.c: for how long the receive window of a direction was closed at most.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "window_watch.h"
#include "base/times.h"

/* Attribute the time since the segment before. As long as the window is not known, it may be
 * closed. So it may be in the time by which a segment comes late in the file. */
static void pass_time(mps_window_watch *watch, int64_t now)
{
    const int64_t room = (int64_t)(watch->edge - watch->sent_end);
    const int64_t time = mps_minus(now, watch->now);
    watch->late |= time < 0;
    if (time < 0 || !watch->has_edge || room < (int64_t)watch->packet)
        watch->closed = mps_plus(watch->closed, mps_apart(now, watch->now));
    watch->now = MAX(now, watch->now);
}

void mps_window_watch_send(mps_window_watch *watch, const mps_limit_record *record, uint32_t packet)
{
    if (!watch->sent) {
        *watch = (mps_window_watch){
            .start = record->time,
            .now = record->time,
            .sent_end = record->data_end,
            .packet = packet,
            .sent = true,
        };
    }
    pass_time(watch, record->time);
    watch->last_send = watch->now;
    watch->acked = false;
    watch->doubted |= packet > watch->packet;
    if ((int64_t)(record->data_end - watch->sent_end) > 0)
        watch->sent_end = record->data_end;
}

void mps_window_watch_resend(mps_window_watch *watch, const mps_limit_record *record)
{
    if (watch->sent)
        pass_time(watch, record->time);
}

void mps_window_watch_ack(mps_window_watch *watch, const mps_limit_record *record)
{
    if (!watch->sent)
        return;
    pass_time(watch, record->time);
    if (!watch->acked && (int64_t)(record->data_ack - watch->sent_end) >= 0) {
        watch->acked = true;
        watch->end = watch->now;
        watch->closed_until_end = watch->closed;
    }
    if (record->window == MPS_NONE)
        return;
    const uint64_t edge = record->data_ack + record->window;
    if (!watch->has_edge || (int64_t)(edge - watch->edge) > 0)
        watch->edge = edge;
    watch->has_edge = true;
}

bool mps_window_watch_suspects(const mps_window_watch *watch)
{
    const bool ended = watch->acked && !watch->late; /* as the state machine ends */
    const int64_t time = mps_minus(ended ? watch->end : watch->last_send, watch->start);
    const int64_t closed = ended ? watch->closed_until_end : watch->closed;
    return watch->sent && (watch->doubted || mps_plus(closed, closed) >= time);
}
