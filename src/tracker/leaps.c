/* leaps.c: where the clock of a capture leapt.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "leaps.h"
#include "base/sorted.h"
#include "base/times.h"

/* Smaller steps of the time are no leaps, ns: a path or a busy capture may cause them. */
#define LEAP_MIN INT64_C(1000000000)
/* Hosts do not keep a connection for a month in silence. */
#define LEAP_FORWARD (INT64_C(30) * 86400 * 1000000000)

/* A clock of timestamps ticks once a second or faster (RFC 7323 section 5.4). Its rate is known
 * after so many ticks. */
#define TICK_MAX INT64_C(1000000000)
#define TICKS_MIN 10u

/* Have both segments timestamps? */
static bool have_timestamps(const mps_latest *own, const mps_segment *segment)
{
    return own->has_timestamps && segment->has_timestamps;
}

/* Was the segment sent after all earlier ones, by its numbers? Sequence numbers alone can be those
 * of a retransmission; then TSval tells. */
static bool is_newer(const mps_latest *own, const mps_segment *segment)
{
    int32_t seq = (int32_t)(segment->seq - own->seq), ack = (int32_t)(segment->ack - own->ack);
    if (seq >= 0 && ack >= 0 && (seq > 0 || ack > 0))
        return true;
    return have_timestamps(own, segment) && (int32_t)(segment->tsval - own->tsval) > 0;
}

/* Did the sender's timestamps advance by far less than the time? */
static bool is_slower(const mps_latest *own, const mps_segment *segment, int64_t step)
{
    uint32_t ticks = own->tsval - own->first_tsval, advance = segment->tsval - own->tsval;
    int64_t elapsed = mps_minus(own->time, own->first_time);
    if (!have_timestamps(own, segment) || ticks == 0 || (int32_t)ticks < 0 || (int32_t)advance < 0)
        return false;
    if (ticks >= TICKS_MIN && elapsed > 0)
        return advance < (double)ticks / (double)elapsed * (double)step / 2;
    return advance + 1 < step / TICK_MAX;
}

static void add_leap(mps_leaps *leaps)
{
    if (!leaps->list)
        leaps->list = g_array_new(FALSE, FALSE, sizeof(mps_leap));
    g_array_append_val(leaps->list, leaps->step);
}

/* The time stepped by `step` between two segments of a direction. */
static void judge(mps_leaps *leaps, mps_latest *own, const mps_latest *peer,
                  const mps_segment *segment, int64_t step)
{
    const guint count = mps_leaps_count(leaps);
    bool known =
        count > 0 && g_array_index(leaps->list, mps_leap, count - 1).frame >= leaps->step.frame;
    if (known || leaps->step.frame <= own->frame || (leaps->step.step < 0) != (step < 0))
        return;
    if (step >= LEAP_FORWARD || (step < 0 && is_newer(own, segment))) {
        add_leap(leaps);
    } else if (step > 0 && is_slower(own, segment, step)) {
        own->doubted = leaps->step.frame;
        if (peer->doubted == own->doubted) /* one end alone may have slept */
            add_leap(leaps);
    }
}

/* Is a step so large that it may be a leap? */
static bool is_large(int64_t step)
{
    return (uint64_t)step + (LEAP_MIN - 1) > 2 * (uint64_t)(LEAP_MIN - 1);
}

void mps_leaps_segment(mps_leaps *leaps, mps_latest *own, const mps_latest *peer,
                       const mps_segment *segment)
{
    const int64_t all = mps_minus(segment->time, leaps->time);
    if (leaps->any && is_large(all))
        leaps->step = (mps_leap){segment->frame, all};
    leaps->time = segment->time;
    leaps->any = true;
    const int64_t step = mps_minus(segment->time, own->time);
    const bool first = own->frame == 0 || segment->flags & MPS_TCP_SYN;
    const bool large = !first && is_large(step);
    if (large)
        judge(leaps, own, peer, segment, step);
    if (segment->has_timestamps && (!own->has_timestamps || large)) {
        own->first_tsval = segment->tsval;
        own->first_time = segment->time;
    }
    own->time = segment->time;
    own->frame = segment->frame;
    if (first || (int32_t)(segment->seq - own->seq) > 0)
        own->seq = segment->seq;
    if (first || (int32_t)(segment->ack - own->ack) > 0)
        own->ack = segment->ack;
    own->tsval = segment->tsval;
    own->has_timestamps = segment->has_timestamps;
}

void mps_leaps_clear(mps_leaps *leaps)
{
    if (leaps->list)
        g_array_free(leaps->list, TRUE);
    *leaps = (mps_leaps){0};
}

guint mps_leaps_count(const mps_leaps *leaps)
{
    return leaps && leaps->list ? leaps->list->len : 0;
}

static bool is_not_after(const void *element, const void *key)
{
    return ((const mps_leap *)element)->frame <= *(const uint32_t *)key;
}

guint mps_leaps_until(const mps_leaps *leaps, uint32_t frame)
{
    return mps_leaps_count(leaps) == 0 ? 0 : mps_sorted_place(leaps->list, is_not_after, &frame);
}

bool mps_leaps_between(const mps_leaps *leaps, uint32_t frame, uint32_t other)
{
    return mps_leaps_until(leaps, frame) != mps_leaps_until(leaps, other);
}
