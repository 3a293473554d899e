/* leaps.c: where the clock of a capture leapt.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "leaps.h"
#include "base/likely.h"
#include "base/sorted.h"
#include "base/times.h"

/* Smaller steps of the time are no leaps, ns: a path or a busy capture may cause them. */
#define LEAP_MIN INT64_C(1000000000)
/* The same of steps back that both directions of a subflow show. NTP corrects less by another rate
 * (128 ms, RFC 5905 section 11.2). */
#define LEAP_BACK_MIN INT64_C(100000000)
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

/* Whether a segment was sent after all earlier ones, by its numbers. */
typedef enum { NOT_NEWER, SAID_NEWER, NEWER } newness;

/* Sequence numbers alone can be those of a retransmission; then TSval tells. If that is older, the
 * earlier segments may have been retransmissions. */
static newness how_new(const mps_latest *own, const mps_segment *segment)
{
    int32_t seq = (int32_t)(segment->seq - own->seq), ack = (int32_t)(segment->ack - own->ack);
    int32_t tsval = have_timestamps(own, segment) ? (int32_t)(segment->tsval - own->high_tsval) : 0;
    if (tsval > 0)
        return NEWER;
    if (seq < 0 || ack < 0 || (seq == 0 && ack == 0))
        return NOT_NEWER;
    return tsval < 0 ? SAID_NEWER : NEWER;
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

/* Does the latest large step come after a frame, and is it not known as a leap? */
static bool is_open(const mps_leaps *leaps, uint32_t frame)
{
    const guint count = mps_leaps_count(leaps);
    return leaps->step.frame > frame &&
           (count == 0 ||
            g_array_index(leaps->list, mps_leap, count - 1).frame < leaps->step.frame);
}

/* One direction shows that the step is a leap. If the other one does so, too, it is one: one end
 * alone may have slept, or sent something again. */
static void doubt(mps_leaps *leaps, mps_latest *own, const mps_latest *peer)
{
    own->doubted = leaps->step.frame;
    if (peer->doubted == own->doubted)
        add_leap(leaps);
}

/* A segment is later than the one before it in its direction, by `step`. */
static void judge_forward(mps_leaps *leaps, mps_latest *own, const mps_latest *peer,
                          const mps_segment *segment, int64_t step)
{
    if (!is_open(leaps, own->frame) || leaps->step.step < 0)
        return;
    if (step >= LEAP_FORWARD)
        add_leap(leaps);
    else if (is_slower(own, segment, step))
        doubt(leaps, own, peer);
}

/* A segment is earlier than the latest one before it in its direction, by `step`. */
static void judge_back(mps_leaps *leaps, mps_latest *own, const mps_latest *peer,
                       const mps_segment *segment, int64_t step)
{
    if (!is_open(leaps, own->high_frame) || leaps->step.step > 0)
        return;
    const newness newer = how_new(own, segment);
    if (newer == NEWER && step >= LEAP_MIN)
        add_leap(leaps);
    else if (newer != NOT_NEWER)
        doubt(leaps, own, peer);
}

/* Is a step so large that it may be a leap? */
static bool is_large(int64_t step)
{
    return (uint64_t)step + (LEAP_BACK_MIN - 1) > (uint64_t)(LEAP_MIN + LEAP_BACK_MIN - 2);
}

/* Compare a segment with earlier ones of its direction. */
static void judge(mps_leaps *leaps, mps_latest *own, const mps_latest *peer,
                  const mps_segment *segment, int64_t step)
{
    const int64_t behind = mps_minus(own->high, segment->time);
    if (MPS_UNLIKELY(behind >= LEAP_BACK_MIN) && own->leaps == mps_leaps_count(leaps))
        judge_back(leaps, own, peer, segment, behind);
    if (MPS_UNLIKELY(step >= LEAP_MIN))
        judge_forward(leaps, own, peer, segment, step);
}

static void note_high(mps_latest *own, const mps_segment *segment, uint32_t leaps)
{
    own->high = segment->time;
    own->high_frame = segment->frame;
    own->high_tsval = segment->tsval;
    own->leaps = leaps;
}

/* @return the later one of two numbers of 32 bits that wrap around */
static uint32_t later(uint32_t a, uint32_t b)
{
    return (int32_t)(b - a) > 0 ? b : a;
}

void mps_leaps_segment(mps_leaps *leaps, mps_latest *own, const mps_latest *peer,
                       const mps_segment *segment)
{
    if (MPS_UNLIKELY(leaps->known)) {
        own->frame = MAX(own->frame, segment->frame);
        return;
    }
    const int64_t all = mps_minus(segment->time, leaps->time);
    if (leaps->any && MPS_UNLIKELY(is_large(all)))
        leaps->step = (mps_leap){segment->frame, all};
    leaps->time = segment->time;
    leaps->any = true;
    const int64_t step = mps_minus(segment->time, own->time);
    const bool first = MPS_UNLIKELY(own->frame == 0 || segment->flags & MPS_TCP_SYN);
    if (!first)
        judge(leaps, own, peer, segment, step);
    const bool restarts = !own->has_timestamps || (!first && is_large(step));
    if (MPS_UNLIKELY(restarts) && segment->has_timestamps) {
        own->first_tsval = segment->tsval;
        own->first_time = segment->time;
    }
    if (first || segment->time >= own->high || own->leaps != mps_leaps_count(leaps))
        note_high(own, segment, mps_leaps_count(leaps));
    own->time = segment->time;
    own->frame = segment->frame;
    own->seq = first ? segment->seq : later(own->seq, segment->seq);
    own->ack = first ? segment->ack : later(own->ack, segment->ack);
    own->tsval = segment->tsval;
    own->has_timestamps = segment->has_timestamps;
}

void mps_leaps_know(mps_leaps *leaps, const mps_leaps *found)
{
    mps_leaps_clear(leaps);
    leaps->known = true;
    if (found->list)
        leaps->list = g_array_copy(found->list);
}

void mps_leaps_clear(mps_leaps *leaps)
{
    if (leaps->list)
        g_array_free(leaps->list, TRUE);
    *leaps = (mps_leaps){0};
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

gint mps_moment_compare(gconstpointer a, gconstpointer b)
{
    const mps_moment *x = a, *y = b;
    if (x->leaps != y->leaps)
        return x->leaps < y->leaps ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

int mps_leaps_compare(const mps_leaps *leaps, int64_t time, uint32_t frame, int64_t other_time,
                      uint32_t other_frame)
{
    const mps_moment x = {time, mps_leaps_until(leaps, frame), frame},
                     y = {other_time, mps_leaps_until(leaps, other_frame), other_frame};
    return mps_moment_compare(&x, &y);
}
