/* copies.c: decides which sight of a segment counts (copies.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "copies.h"
#include "base/likely.h"
#include "base/times.h"

/* Nearly all: in percent of the sights of segments that came twice or should have. The capture may
 * lack some. Less than half of the segments is far from that, but for the first few. */
#define NEARLY_ALL_PERCENT 90u
#define MISSING_AT_FIRST 2u

/* Repeats are duplicates of the network once so many segments came only once for so long: copies
 * come together, or after the same time. Of several interfaces dumpcap writes what each captured in
 * some 100 ms. */
#define SINGLES_MIN 8u
#define SINGLES_MIN_NS INT64_C(1000000000)
#define SINGLES_LAGS 4

/* A segment that comes again to a place so soon can be a copy, ns. Without timestamp and IP ID: it
 * is sooner than any retransmission. With a timestamp alone: clocks for timestamps are that coarse.
 * Once segments came twice, and for SYNs (sent again after 1 s): as far as both ends can be apart.
 */
#define REPEAT_SOON_NS 500000
#define REPEAT_FAR_NS 150000000
#define REPEAT_STAMPED_NS 10000000

/* Segments that must come twice in one direction before that is a rule. */
#define REPEATS_CERTAIN 8u

mps_copies *mps_copies_new(void)
{
    mps_copies *copies = g_new0(mps_copies, 1);
    copies->next = MPS_SIGHTS + 1; /* so that number 0, in all heads, is forgotten */
    copies->records = g_array_new(FALSE, TRUE, sizeof(mps_copy));
    g_array_set_size(copies->records, 1);
    copies->late = g_array_new(FALSE, FALSE, sizeof(mps_verdict));
    copies->fed = g_ptr_array_new_with_free_func(g_free);
    return copies;
}

void mps_copies_free(mps_copies *copies)
{
    g_array_free(copies->records, TRUE);
    g_array_free(copies->late, TRUE);
    g_ptr_array_free(copies->fed, TRUE);
    g_free(copies);
}

/* Of nearly all flows, segments come once at one place. */
static const mps_flow_copies no_copies = {0};

mps_flow_copies *mps_flow_no_copies(void)
{
    return (mps_flow_copies *)&no_copies;
}

mps_flow_copies *mps_flow_copies_of(mps_flow *flow)
{
    if (flow->copies == &no_copies)
        flow->copies = g_memdup2(&no_copies, sizeof no_copies);
    return flow->copies;
}

void mps_flow_copies_free(mps_flow_copies *state)
{
    if (state == &no_copies)
        return;
    for (unsigned i = 0; i < 2; i++) {
        g_queue_clear_full(&state->far[i], g_free);
        g_queue_clear_full(&state->undecided[i], g_free);
    }
    g_free(state);
}

bool mps_copies_nearly_all(const mps_flow_copies *state, unsigned half)
{
    const uint64_t repeats = state->repeats[half], sights = repeats + state->last_repeated[half];
    if (state->decided[half] != MPS_REPEATS_UNDECIDED)
        return state->decided[half] == MPS_REPEATS_ARE_COPIES;
    return repeats > 0 && 2 * repeats * 100 >= sights * NEARLY_ALL_PERCENT;
}

bool mps_copies_came_once(const mps_flow *flow, unsigned half, int64_t time)
{
    const mps_flow_copies *state = flow->copies;
    const mps_flow_sights *sights = &flow->sights;
    const int64_t lag = MAX(state->lag[0], state->lag[1]);
    return state->decided[half] != MPS_REPEATS_ARE_COPIES && sights->singles[half] >= SINGLES_MIN &&
           mps_minus(time, sights->singles_from[half]) > SINGLES_MIN_NS + SINGLES_LAGS * lag;
}

/* @return the number of a new record of a copy. @param original  of its group */
static uint32_t record_copy(mps_copies *copies, uint32_t frame, const mps_sight *original)
{
    const mps_copy copy = {
        .frame = frame,
        .of = original->record ? 0 : original->frame,
        .via = original->record,
    };
    g_array_append_val(copies->records, copy);
    return copies->records->len - 1;
}

/* Was all payload of a segment captured before? */
static bool payload_seen(const mps_flow *flow, unsigned half, const mps_sight *sight)
{
    const mps_half *own = flow->half[half];
    if (sight->length == 0 || !own->anchored)
        return false;
    const uint64_t ssn = mps_half_near(own, sight->seq);
    mps_run run;
    return mps_runs_find(&own->seen, ssn, &run) && run.start <= ssn &&
           run.end >= ssn + sight->length;
}

/* A segment that comes to its place with payload that another place has shown: is it a copy in
 * other boundaries? @return a sight of the payload; NULL: it is no copy */
static const mps_sight *find_cover(mps_copies *copies, const mps_flow *flow, unsigned half,
                                   const mps_sight *sight)
{
    if (!flow->copies->near_known || !payload_seen(flow, half, sight))
        return NULL;
    return mps_sights_cover(copies, sight);
}

/* A segment that no other sight is known of, of a half whose segments are expected at several
 * places. @return as mps_copies_take() */
static uint32_t take_expected(mps_tracker *tracker, mps_flow *flow, unsigned half,
                              const mps_segment *segment, mps_sight *sight)
{
    mps_copies *copies = tracker->copies;
    if ((flow->copies->side_by_way || flow->copies->side_by_ttl) &&
        mps_flow_side(flow, half) == MPS_SERVER)
        mps_place_settle(copies, flow, sight);
    const mps_sight *cover = find_cover(copies, flow, half, sight);
    if (cover) {
        const mps_sight *original = mps_sight_at(copies, cover->original);
        sight->original = cover->original;
        return record_copy(copies, segment->frame, original ? original : cover);
    }
    if (mps_place_is_far(tracker, flow, half, sight))
        sight->record = mps_hold(copies, &mps_flow_copies_of(flow)->far[half], flow, half, segment,
                                 sight->original);
    return sight->record;
}

/* A segment that no other sight is known of. @return as mps_copies_take() */
static inline uint32_t take_original(mps_tracker *tracker, mps_flow *flow, unsigned half,
                                     const mps_segment *segment, mps_sight *sight)
{
    mps_flow_sights *sights = &flow->sights;
    sight->number = ++sights->originals[half];
    if (MPS_UNLIKELY(sights->singles[half]++ == 0))
        sights->singles_from[half] = sight->time;
    return MPS_UNLIKELY(flow->copies->credit[half] > 0)
               ? take_expected(tracker, flow, half, segment, sight)
               : 0;
}

/* A segment whose other sights are known. @return as mps_copies_take() */
static uint32_t take_copy(mps_tracker *tracker, mps_flow *flow, unsigned half, mps_sight *sight,
                          mps_sight *original, bool certain)
{
    mps_copies *copies = tracker->copies;
    uint32_t record = 0;
    if (original->record && mps_place_is_nearest(flow, original, sight))
        mps_held_replace(copies, flow, half, original, sight->frame, certain);
    else
        record = record_copy(copies, sight->frame, original);
    sight->original = original->original;
    return record;
}

/* A segment that was captured at another place before. */
static uint32_t take_elsewhere(mps_tracker *tracker, mps_flow *flow, unsigned half,
                               const mps_segment *segment, mps_sight *sight, mps_sight *original)
{
    original->size = (uint8_t)MIN(original->size + 1u, UINT8_MAX);
    original->apart = true;
    mps_place_learn(tracker, flow, half, original, sight, segment);
    return take_copy(tracker, flow, half, sight, original, true);
}

/* May a segment that comes again at one place be a copy, by the time since it came first? */
static bool soon_enough(const mps_flow_copies *state, const mps_sight *original,
                        const mps_sight *sight)
{
    const int64_t apart = mps_apart(sight->time, original->time);
    if (sight->ip_id > 0)
        return true;
    if (!sight->has_timestamps)
        return apart <= REPEAT_SOON_NS;
    const bool begun = state->repeats[0] + state->repeats[1] > 0 || sight->flags & MPS_TCP_SYN;
    return apart <= (begun ? REPEAT_FAR_NS : REPEAT_STAMPED_NS);
}

/* Decide what a segment is that comes again to the same place. */
static mps_repeats judge(mps_tracker *tracker, mps_flow *flow, unsigned half, mps_sight *original,
                         const mps_sight *sight, bool one_interface)
{
    if ((original->apart && mps_sight_interface_known(sight)) ||
        !soon_enough(flow->copies, original, sight))
        return MPS_REPEATS_ARE_DUPLICATES;
    mps_flow_copies *state = mps_flow_copies_of(flow);
    state->lag[half] = MAX(state->lag[half], mps_apart(sight->time, original->time));
    if (state->decided[half] != MPS_REPEATS_UNDECIDED)
        return state->decided[half];
    if (original->repeated) /* the third sight says nothing new */
        return MPS_REPEATS_UNDECIDED;
    original->repeated = true;
    flow->sights.singles[half] = 0;
    const uint32_t repeats = ++state->repeats[half];
    const bool few =
        2 * repeats < original->number && original->number > repeats + MISSING_AT_FIRST;
    state->last_repeated[half] = original->number;
    /* A network may duplicate all of one direction, if all came by one interface. */
    const bool other_single = one_interface && mps_copies_came_once(flow, !half, sight->time);
    if (few || other_single) {
        mps_held_decide(tracker, flow, half, MPS_REPEATS_ARE_DUPLICATES);
    } else if (repeats >= REPEATS_CERTAIN && mps_copies_nearly_all(state, half) &&
               (!one_interface || mps_copies_nearly_all(state, !half))) {
        tracker->copies->repeats = true;
        mps_held_decide(tracker, flow, half, MPS_REPEATS_ARE_COPIES);
    }
    return state->decided[half];
}

/* Hold a segment until it is known what repeats are. @return as mps_copies_take() */
static uint32_t hold_repeat(mps_copies *copies, mps_flow *flow, unsigned half,
                            const mps_segment *segment, mps_sight *sight, const mps_sight *original)
{
    const uint32_t of = original->frame, via = original->record;
    sight->original = original->original;
    const uint32_t record = mps_hold(copies, &mps_flow_copies_of(flow)->undecided[half], flow, half,
                                     segment, mps_sight_number(copies, sight));
    if (record) {
        mps_copy *copy = &g_array_index(copies->records, mps_copy, record);
        copy->of = via ? 0 : of;
        copy->via = via;
    }
    return record;
}

/* A segment that was captured at this place before. */
static uint32_t take_here(mps_tracker *tracker, mps_flow *flow, unsigned half,
                          const mps_segment *segment, mps_sight *sight, mps_sight *original)
{
    const mps_repeats decided =
        judge(tracker, flow, half, original, sight, mps_sight_interface_known(sight));
    /* ACKs that were sent one after the other can look the same. What comes more often than a
     * segment is captured, the network duplicated. */
    const bool like_others =
        sight->ip_id <= 0 && sight->length == 0 && !(sight->flags & MPS_TCP_SYN);
    const bool too_often = decided == MPS_REPEATS_ARE_COPIES && original->length == sight->length;
    if (decided == MPS_REPEATS_ARE_DUPLICATES ||
        ((like_others || too_often) && original->size >= MAX(flow->copies->shown, 2u)))
        return take_original(tracker, flow, half, segment, sight);
    mps_flow_copies *state = mps_flow_copies_of(flow);
    original->size = (uint8_t)MIN(original->size + 1u, UINT8_MAX);
    state->shown = MAX(state->shown, original->size);
    if (mps_apart(sight->time, original->time) >= MPS_SPREAD_NS)
        mps_place_learn(tracker, flow, half, original, sight, segment);
    if (decided == MPS_REPEATS_ARE_COPIES ||
        (original->record && mps_place_is_nearest(flow, original, sight)))
        return take_copy(tracker, flow, half, sight, original, decided == MPS_REPEATS_ARE_COPIES);
    return hold_repeat(tracker->copies, flow, half, segment, sight, original);
}

/* A segment that no other sight looks like, of payload that was captured before. It can be a copy,
 * or a repeat, in other boundaries. */
static uint32_t take_parts(mps_tracker *tracker, mps_flow *flow, unsigned half,
                           const mps_segment *segment, mps_sight *sight)
{
    mps_copies *copies = tracker->copies;
    mps_repeats decided = MPS_REPEATS_ARE_DUPLICATES;
    mps_sight *original = NULL, *next = sight;
    while ((next = mps_sights_part(copies, sight, next))) {
        original = next;
        if (!mps_sights_at_same_place(original, sight))
            decided = MPS_REPEATS_ARE_COPIES;
        else
            decided = judge(tracker, flow, half, original, sight, false);
    }
    if (decided == MPS_REPEATS_ARE_DUPLICATES || original->record)
        return take_original(tracker, flow, half, segment, sight);
    if (decided == MPS_REPEATS_ARE_COPIES)
        return take_copy(tracker, flow, half, sight, original, true);
    return hold_repeat(copies, flow, half, segment, sight, original);
}

/* A segment that no other sight looks like. @return as mps_copies_take() */
static inline uint32_t take_new(mps_tracker *tracker, mps_flow *flow, unsigned half,
                                const mps_segment *segment, mps_sight *sight)
{
    const mps_flow_copies *state = flow->copies;
    const bool expected = state->repeats[half] > 0 || state->credit[half] > 0;
    if (MPS_UNLIKELY(expected) && !mps_sight_interface_known(sight) &&
        payload_seen(flow, half, sight))
        return take_parts(tracker, flow, half, segment, sight);
    return take_original(tracker, flow, half, segment, sight);
}

uint32_t mps_copies_take(mps_tracker *tracker, const mps_ends *ends, unsigned half,
                         const mps_segment *segment)
{
    mps_flow *flow = ends->flow;
    mps_copies *copies = tracker->copies;
    mps_sight *sight = mps_sights_add(copies, segment, 2 * flow->id + half, ends->number);
    uint32_t record;
    if (MPS_LIKELY(!mps_sight_kept(copies, mps_sight_older(copies, sight)))) {
        record = take_new(tracker, flow, half, segment, sight);
        if (record == 0 && MPS_UNLIKELY(copies->held > 0))
            mps_held_release(tracker, flow, half, segment);
        return record;
    }
    const mps_sights_found found = mps_sights_find(copies, sight, flow->copies->credit[half] > 0);
    if (found.elsewhere)
        record = take_elsewhere(tracker, flow, half, segment, sight, found.elsewhere);
    else if (found.here)
        record = take_here(tracker, flow, half, segment, sight, found.here);
    else
        record = take_new(tracker, flow, half, segment, sight);
    if (record == 0 && copies->held > 0)
        mps_held_release(tracker, flow, half, segment);
    return record;
}
