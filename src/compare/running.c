/* running.c: tells by the times whether a capture ran when a segment passed its host.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "running.h"
#include "base/times.h"

/* Matches from which the differences of the times are taken: those nearest to the end, so that
 * clocks that run apart matter little. */
#define NEAR_MATCHES 1000u

/* Widen differences to include another one. */
static void widen(mps_time_differences *differences, int64_t least, int64_t most)
{
    differences->least = differences->known ? MIN(differences->least, least) : least;
    differences->most = differences->known ? MAX(differences->most, most) : most;
    differences->known = true;
}

/* Widen the differences to those of the last matches of a row. */
static void note_row(mps_time_differences *differences, const mps_comparison *comparison,
                     const mps_comparison_row *row)
{
    const GArray *matches = row->alignment.matches;
    mps_align_lists lists;
    if (matches->len == 0)
        return;
    mps_comparison_lists(comparison, row, &lists);
    for (guint i = matches->len - MIN(matches->len, NEAR_MATCHES); i < matches->len; i++) {
        const mps_match *match = &g_array_index(matches, mps_match, i);
        int64_t difference =
            mps_minus(lists.received[match->received].time, lists.sent[match->sent].time);
        widen(differences, difference, difference);
    }
}

void mps_running_survey(mps_comparison *comparison)
{
    for (guint i = 0; i < comparison->rows->len; i++) {
        const mps_comparison_row *row = &g_array_index(comparison->rows, mps_comparison_row, i);
        note_row(&comparison->differences[row->a_sends], comparison, row);
    }
}

void mps_running_init(mps_running *running, const mps_comparison *comparison,
                      const mps_comparison_row *row, bool sender)
{
    const mps_time_differences *back = &comparison->differences[!row->a_sends];
    *running = (mps_running){.sender = sender};
    mps_trace_times(row->a_sends == sender ? comparison->a : comparison->b, &running->first,
                    &running->last);
    note_row(&running->differences, comparison, row);
    if (!running->differences.known)
        running->differences = comparison->differences[row->a_sends];
    if (running->differences.known || !back->known)
        return;
    /* Delays there and back add up to more than 0. */
    int64_t least = mps_minus(0, back->least);
    widen(&running->differences, least, sender ? INT64_MAX : least);
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
    return !running->differences.known ||
           ran(running, passed(running, time, running->differences.least));
}

bool mps_running_surely(const mps_running *running, int64_t time)
{
    return mps_running_at(running, time) &&
           (!running->differences.known ||
            ran(running, passed(running, time, running->differences.most)));
}
