/* rtt.c: round-trip times; rtt.h defines what a sample is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rtt.h"
#include "answers.h"
#include "base/pool.h"
#include "base/sort.h"

/* Data that a segment carries, all new or all not new. */
typedef struct {
    uint64_t start, stop;
    bool fresh; /* new in the order of the file */
} mps_rtt_range;

typedef struct mps_rtt {
    GArray *halves, *spaces; /* mps_answers, by half_id and space_id */
    uint32_t order;          /* of the segment being taken in, from 1 */
    bool sampled;
    mps_rtt_sample sample;    /* of the segment being taken in, if sampled */
    const mps_leaps *leaps;   /* no sample lies across one of them; NULL: not known yet */
    mps_pool *steps, *ranges; /* mps_rtt_step, mps_rtt_range: of all segments, as captured */
    bool stepped_back;        /* a step was earlier than the one before */
    guint taken;              /* how many of the steps are taken in, in the order of the file */
    bool disordered;          /* of the steps below `checked`, two are not in the order of time */
    guint checked;
    struct mps_rtt *settled; /* the same segments in the order of time; NULL: not needed yet */
    guint settled_steps;     /* how many of the steps it has */
} mps_rtt;

static const mps_rtt_step *step_at(const mps_rtt *rtt, guint number)
{
    return mps_pool_at(rtt->steps, number);
}

static mps_rtt *rtt_new(void)
{
    mps_rtt *rtt = g_new0(mps_rtt, 1);
    rtt->halves = g_array_new(FALSE, TRUE, sizeof(mps_answers));
    rtt->spaces = g_array_new(FALSE, TRUE, sizeof(mps_answers));
    return rtt;
}

static void *begin(void)
{
    mps_rtt *rtt = rtt_new();
    rtt->steps = mps_pool_new(sizeof(mps_rtt_step));
    rtt->ranges = mps_pool_new(sizeof(mps_rtt_range));
    return rtt;
}

static void free_directions(GArray *directions)
{
    for (guint i = 0; i < directions->len; i++)
        mps_answers_clear(&g_array_index(directions, mps_answers, i));
    g_array_free(directions, TRUE);
}

static void rtt_free(mps_rtt *rtt)
{
    if (!rtt)
        return;
    rtt_free(rtt->settled);
    free_directions(rtt->halves);
    free_directions(rtt->spaces);
    if (rtt->steps)
        mps_pool_free(rtt->steps);
    if (rtt->ranges)
        mps_pool_free(rtt->ranges);
    g_free(rtt);
}

static void end(void *state)
{
    rtt_free(state);
}

/* Segments count at another place from here on, in both directions. */
static void move_all(mps_rtt *rtt, const mps_rtt_step *step)
{
    mps_answers_move(mps_analysis_slot(rtt->halves, step->half_id));
    mps_answers_move(mps_analysis_slot(rtt->halves, step->other_half_id));
    mps_answers_move(mps_analysis_slot(rtt->spaces, step->space_id));
    mps_answers_move(mps_analysis_slot(rtt->spaces, step->other_space_id));
}

static void take_ack(mps_rtt *rtt, const mps_rtt_step *step)
{
    mps_answers *direction = mps_analysis_slot(rtt->halves, step->other_half_id);
    const mps_rtt_sample *sample = mps_answers_ack(direction, step, rtt->leaps);
    rtt->sampled = sample != NULL;
    if (sample)
        rtt->sample = *sample;
}

/* Take in a segment. What is new in the order of time is not what is new in the file: a number
 * above all earlier ones is new.
 * @param noted   has the notes of all segments
 * @param number  of the step */
static void take_step(mps_rtt *rtt, const mps_rtt *noted, guint number)
{
    const mps_rtt_step *step = step_at(noted, number);
    const guint ranges = number > 0 ? step_at(noted, number - 1)->ranges_end : 0;
    rtt->sampled = false;
    rtt->order++;
    if (step->moved && !((mps_answers *)mps_analysis_slot(rtt->halves, step->half_id))->moved)
        move_all(rtt, step);
    if (step->ack)
        take_ack(rtt, step);
    if (step->data_ack)
        mps_answers_data_ack(mps_analysis_slot(rtt->spaces, step->other_space_id), step,
                             rtt->leaps);
    if (step->ssn)
        mps_answers_send(mps_analysis_slot(rtt->halves, step->half_id), step, rtt->order, step->ssn,
                         step->ssn + step->length, false);
    if (ranges == step->ranges_end && !step->pieces_cut)
        return;
    mps_answers *data = mps_analysis_slot(rtt->spaces, step->space_id);
    const uint64_t top = rtt == noted ? UINT64_MAX : data->top;
    for (guint i = ranges; i < step->ranges_end; i++) {
        const mps_rtt_range *range = mps_pool_at(noted->ranges, i);
        mps_answers_send(data, step, rtt->order, range->start, range->stop,
                         !range->fresh && range->start < top);
    }
    if (step->pieces_cut)
        mps_answers_send_unknown(data, step, rtt->order);
}

/* Keep the data of a segment. Consecutive pieces that are all new, or all not new, are one range.
 */
static void keep_ranges(mps_pool *ranges, const mps_view *view)
{
    unsigned i = 0;
    while (i < view->piece_count) {
        const mps_piece *first = &view->pieces[i];
        mps_rtt_range range = {first->dsn, first->dsn + first->length,
                               first->kind == MPS_PIECE_NEW && !first->late};
        for (i++; i < view->piece_count; i++) {
            const mps_piece *next = &view->pieces[i];
            if (next->dsn != range.stop ||
                range.fresh != (next->kind == MPS_PIECE_NEW && !next->late))
                break;
            range.stop += next->length;
        }
        *(mps_rtt_range *)mps_pool_room(ranges) = range;
    }
}

/* Only a note is taken here: most captures need samples only at the end, and then it is known
 * whether the file is in the order of time. */
static void take(void *state, const mps_view *view)
{
    mps_rtt *rtt = state;
    const mps_segment *segment = view->segment;
    const guint number = rtt->steps->count;
    if (view->piece_count > 0)
        keep_ranges(rtt->ranges, view);
    rtt->stepped_back |= number > 0 && segment->time < step_at(rtt, number - 1)->time;
    *(mps_rtt_step *)mps_pool_room(rtt->steps) = (mps_rtt_step){
        .time = segment->time,
        .ssn = view->has_ssn ? view->ssn : 0,
        .ack = view->has_ack && !(segment->flags & MPS_TCP_RST) ? view->ack : 0,
        .data_ack = view->has_data_ack ? view->data_ack : 0,
        .length = segment->length,
        .frame = segment->frame,
        .tsval = segment->tsval,
        .tsecr = segment->tsecr,
        .half_id = view->half_id,
        .other_half_id = view->other_half_id,
        .space_id = view->space_id,
        .other_space_id = view->other_space_id,
        .ranges_end = rtt->ranges->count,
        .has_timestamps = segment->has_timestamps,
        .pieces_cut = view->pieces_cut,
        .moved = view->flow->copies->moved,
    };
}

/* Take in all segments noted until now, in the order in which they came: that of the file, or of
 * time if the leaps of the clock were known from the start. */
static const mps_rtt *in_order_of_file(const mps_tracker *tracker)
{
    mps_rtt *rtt = mps_analysis_state(tracker, &mps_rtt_analysis);
    if (rtt && mps_tracker_leaps(tracker)->known)
        rtt->leaps = mps_tracker_leaps(tracker);
    for (; rtt && rtt->taken < rtt->steps->count; rtt->taken++)
        take_step(rtt, rtt, rtt->taken);
    return rtt;
}

const mps_analysis_kind mps_rtt_analysis = {
    .need = MPS_NEED_RTT,
    .begin = begin,
    .segment = take,
    .end = end,
};

/* @return all steps in the order of time (mps_moment, `place` is the index of the step), but never
 * across a leap of the clock. The caller frees the array. */
static GArray *in_order_of_time(const mps_rtt *rtt, const mps_leaps *leaps)
{
    GArray *places = g_array_sized_new(FALSE, FALSE, sizeof(mps_moment), rtt->steps->count);
    g_array_set_size(places, rtt->steps->count);
    for (guint i = 0; i < rtt->steps->count; i++) {
        const mps_rtt_step *step = step_at(rtt, i);
        g_array_index(places, mps_moment, i) =
            (mps_moment){step->time, mps_leaps_until(leaps, step->frame), i};
    }
    mps_sort_nearly(places, mps_moment_compare);
    return places;
}

static gint compare_samples(gconstpointer a, gconstpointer b)
{
    const mps_rtt_sample *x = a, *y = b;
    if (x->frame != y->frame)
        return x->frame < y->frame ? -1 : 1;
    return (x->data_frame > y->data_frame) - (x->data_frame < y->data_frame);
}

static void sort_samples(GArray *directions)
{
    for (guint i = 0; i < directions->len; i++) {
        GArray *samples = g_array_index(directions, mps_answers, i).samples;
        if (samples)
            mps_sort_nearly(samples, compare_samples);
    }
}

/* @return whether the steps are not in the order of time, or leaps were found after the samples. If
 * the leaps were known from the start, segments came in that order, but for those that were held.
 */
static bool is_disordered(mps_rtt *rtt, const mps_leaps *leaps)
{
    if (!leaps->known)
        return rtt->stepped_back || mps_leaps_count(leaps) > 0;
    if (!rtt->stepped_back)
        return false;
    for (rtt->checked = MAX(rtt->checked, 1); !rtt->disordered && rtt->checked < rtt->steps->count;
         rtt->checked++) {
        const mps_rtt_step *step = step_at(rtt, rtt->checked);
        const mps_rtt_step *before = step_at(rtt, rtt->checked - 1);
        rtt->disordered =
            mps_leaps_until(leaps, step->frame) <= mps_leaps_until(leaps, before->frame) &&
            step->time < before->time;
    }
    return rtt->disordered;
}

/* @return the samples as they are in the order of time: a capture of several interfaces is not in
 * that order. */
static const mps_rtt *settled(const mps_tracker *tracker)
{
    mps_rtt *rtt = mps_analysis_state(tracker, &mps_rtt_analysis);
    const mps_leaps *leaps = mps_tracker_leaps(tracker);
    if (!rtt || !is_disordered(rtt, leaps))
        return in_order_of_file(tracker);
    if (rtt->settled && rtt->settled_steps == rtt->steps->count)
        return rtt->settled;
    rtt_free(rtt->settled);
    rtt->settled = rtt_new();
    rtt->settled->leaps = leaps;
    rtt->settled_steps = rtt->steps->count;
    GArray *places = in_order_of_time(rtt, leaps);
    for (guint i = 0; i < places->len; i++)
        take_step(rtt->settled, rtt, g_array_index(places, mps_moment, i).place);
    g_array_free(places, TRUE);
    sort_samples(rtt->settled->halves);
    sort_samples(rtt->settled->spaces);
    return rtt->settled;
}

static const GArray *samples_of(const GArray *directions, uint32_t id)
{
    return id < directions->len ? g_array_index(directions, mps_answers, id).samples : NULL;
}

bool mps_rtt_is_settled_anew(const mps_tracker *tracker)
{
    mps_rtt *rtt = mps_analysis_state(tracker, &mps_rtt_analysis);
    return rtt && is_disordered(rtt, mps_tracker_leaps(tracker));
}

const GArray *mps_rtt_of_half(const mps_tracker *tracker, uint32_t half_id)
{
    const mps_rtt *rtt = settled(tracker);
    return rtt ? samples_of(rtt->halves, half_id) : NULL;
}

const GArray *mps_rtt_of_space(const mps_tracker *tracker, uint32_t space_id)
{
    const mps_rtt *rtt = settled(tracker);
    return rtt ? samples_of(rtt->spaces, space_id) : NULL;
}

const GArray *mps_rtt_of_space_yet(const mps_tracker *tracker, uint32_t space_id)
{
    const mps_rtt *rtt = in_order_of_file(tracker);
    return rtt ? samples_of(rtt->spaces, space_id) : NULL;
}

const mps_rtt_sample *mps_rtt_of_segment(const mps_tracker *tracker)
{
    const mps_rtt *rtt = in_order_of_file(tracker);
    return rtt && rtt->sampled ? &rtt->sample : NULL;
}
