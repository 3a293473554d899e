/* running.c: tells by the times whether a capture ran when a segment passed its host.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "running.h"
#include "base/times.h"

/* Matches from which the differences of the times are taken: those nearest to the end, so that
 * clocks that run apart matter little. */
#define NEAR_MATCHES 1000u

/* Widen the differences to those of the last matches of a row. */
static void note_differences(mps_running *running, const mps_comparison *comparison,
                             const mps_comparison_row *row)
{
    const GArray *matches = row->alignment.matches;
    mps_align_lists lists;
    mps_comparison_lists(comparison, row, &lists);
    if (!lists.sent || !lists.received)
        return;
    for (guint i = matches->len - MIN(matches->len, NEAR_MATCHES); i < matches->len; i++) {
        const mps_match *match = &g_array_index(matches, mps_match, i);
        int64_t difference =
            mps_minus(lists.received[match->received].time, lists.sent[match->sent].time);
        running->least = running->known ? MIN(running->least, difference) : difference;
        running->most = running->known ? MAX(running->most, difference) : difference;
        running->known = true;
    }
}

void mps_running_init(mps_running *running, const mps_comparison *comparison,
                      const mps_comparison_row *row, bool sender)
{
    mps_running back = {.sender = sender};
    *running = back;
    mps_trace_times(row->a_sends == sender ? comparison->a : comparison->b, &running->first,
                    &running->last);
    note_differences(running, comparison, row);
    bool own = running->known;
    for (guint i = 0; !own && i < comparison->rows->len; i++) {
        const mps_comparison_row *other = &g_array_index(comparison->rows, mps_comparison_row, i);
        note_differences(other->a_sends == row->a_sends ? running : &back, comparison, other);
    }
    if (running->known || !back.known)
        return;
    /* Delays there and back add up to more than 0. */
    running->least = mps_minus(0, back.least);
    running->most = sender ? INT64_MAX : running->least;
    running->known = true;
}

/* @return when a segment passed the capture's host, if it took `delay` */
static int64_t passed(const mps_running *running, int64_t time, int64_t delay)
{
    return running->sender ? mps_minus(time, delay) : mps_plus(time, delay);
}

static bool ran(const mps_running *running, int64_t time)
{
    return time >= running->first && time <= running->last;
}

bool mps_running_at(const mps_running *running, int64_t time)
{
    return !running->known || ran(running, passed(running, time, running->least));
}

bool mps_running_surely(const mps_running *running, int64_t time)
{
    return mps_running_at(running, time) &&
           (!running->known || ran(running, passed(running, time, running->most)));
}
