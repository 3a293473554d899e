/* rtt.c: see rtt.h for what a sample is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rtt.h"
#include "flight.h"

/* What was sent in one direction, of a subflow or at data level. */
typedef struct {
    mps_flight flight;
    uint64_t top, acked; /* the highest number sent, and acknowledged */
    GArray *samples;     /* mps_rtt_sample; NULL: none */
} mps_rtt_direction;

typedef struct {
    GArray *halves, *spaces; /* mps_rtt_direction, by half_id and space_id */
    bool sampled;
    mps_rtt_sample sample; /* of the segment at hand, if sampled */
} mps_rtt;

static void *begin(void)
{
    mps_rtt *rtt = g_new0(mps_rtt, 1);
    rtt->halves = g_array_new(FALSE, TRUE, sizeof(mps_rtt_direction));
    rtt->spaces = g_array_new(FALSE, TRUE, sizeof(mps_rtt_direction));
    return rtt;
}

static void free_courses(GArray *courses)
{
    for (guint i = 0; i < courses->len; i++) {
        mps_rtt_direction *course = &g_array_index(courses, mps_rtt_direction, i);
        mps_flight_clear(&course->flight);
        if (course->samples)
            g_array_free(course->samples, TRUE);
    }
    g_array_free(courses, TRUE);
}

static void end(void *state)
{
    mps_rtt *rtt = state;
    free_courses(rtt->halves);
    free_courses(rtt->spaces);
    g_free(rtt);
}

/* Clocks that jump by centuries give no sample. */
static bool elapsed(int64_t from, int64_t to, int64_t *time)
{
    return !__builtin_sub_overflow(to, from, time) && *time < INT64_MAX / 4 &&
           *time > INT64_MIN / 4;
}

/* Note that an acknowledgement answers `sending`; NULL: it cannot be told what it answers. */
static void add_sample(mps_rtt_direction *course, const mps_segment *ack,
                       const mps_flight_sending *sending)
{
    mps_rtt_sample sample = {.frame = ack->frame};
    if (sending) {
        if (!elapsed(sending->time, ack->time, &sample.time))
            return;
        sample.data_frame = sending->frame;
    }
    if (!course->samples)
        course->samples = g_array_new(FALSE, FALSE, sizeof(mps_rtt_sample));
    g_array_append_val(course->samples, sample);
}

static void send(mps_rtt_direction *course, const mps_view *view, uint64_t start, uint64_t stop,
                 bool again)
{
    const mps_segment *segment = view->segment;
    const mps_flight_sending sending = {segment->time, segment->frame, segment->tsval,
                                        segment->has_timestamps};
    mps_flight_send(&course->flight, MAX(start, course->acked), stop, again, &sending);
    course->top = MAX(course->top, stop);
}

/* Among what one ACK newly acknowledges: the last transmission that it may answer, and the last one
 * of which that is not certain. */
typedef struct {
    const mps_segment *ack;
    mps_flight_sending certain, doubtful;
    bool has_certain, has_doubtful, any;
} mps_rtt_search;

static bool echoes(const mps_segment *ack, const mps_flight_sending *sending)
{
    return ack->has_timestamps && sending->has_tsval && ack->tsecr == sending->tsval;
}

/* The echo is of something sent before `last`, which then was not what the ACK answers. Echoes that
 * are older still tell nothing: boxes on the path may rewrite timestamps. */
static bool echoes_between(const mps_segment *ack, const mps_flight_sending *before,
                           const mps_flight_sending *last)
{
    return ack->has_timestamps && before->has_tsval && last->has_tsval &&
           (int32_t)(ack->tsecr - before->tsval) >= 0 && (int32_t)(last->tsval - ack->tsecr) > 0;
}

static void keep_last(mps_flight_sending *kept, bool *has, const mps_flight_sending *sending)
{
    if (!*has || sending->frame > kept->frame)
        *kept = *sending;
    *has = true;
}

/* Called for each range that an ACK covers. */
static void consider(const mps_outstanding *range, bool whole, void *data)
{
    mps_rtt_search *search = data;
    const mps_segment *ack = search->ack;
    const mps_flight_sending *last = &range->last, *before = &range->before;
    (void)whole;
    search->any = true;
    if (range->times == 1 || (echoes(ack, last) && !echoes(ack, before)))
        keep_last(&search->certain, &search->has_certain, last);
    else if (range->times == 2 && echoes(ack, before) && !echoes(ack, last))
        keep_last(&search->certain, &search->has_certain, before);
    else if (!echoes_between(ack, before, last))
        keep_last(&search->doubtful, &search->has_doubtful, last);
}

static void take_ack(mps_rtt *rtt, mps_rtt_direction *course, const mps_view *view)
{
    if (view->ack <= course->acked || view->segment->flags & MPS_TCP_RST)
        return;
    if (view->ack > course->top + 1) { /* 1: a FIN. What it answers was not captured */
        mps_flight_acknowledge(&course->flight, view->ack, NULL, NULL);
        return;
    }
    mps_rtt_search search = {.ack = view->segment};
    mps_flight_acknowledge(&course->flight, view->ack, consider, &search);
    course->acked = view->ack;
    if (!search.any)
        return;
    bool certain = search.has_certain &&
                   (!search.has_doubtful || search.certain.frame > search.doubtful.frame);
    guint before = course->samples ? course->samples->len : 0;
    add_sample(course, view->segment, certain ? &search.certain : NULL);
    rtt->sampled = certain && course->samples && course->samples->len > before;
    if (rtt->sampled)
        rtt->sample = g_array_index(course->samples, mps_rtt_sample, before);
}

/* Called for each stretch of data that a DATA_ACK covers. */
typedef struct {
    mps_rtt_direction *course;
    const mps_segment *ack;
} mps_answer;

static void answer(const mps_outstanding *range, bool whole, void *data)
{
    const mps_answer *given = data;
    if (whole)
        add_sample(given->course, given->ack, range->times == 1 ? &range->last : NULL);
}

static void take_data_ack(mps_rtt_direction *course, const mps_view *view)
{
    if (view->data_ack <= course->acked)
        return;
    if (view->data_ack > course->top + 1) { /* 1: the DATA_FIN */
        mps_flight_acknowledge(&course->flight, view->data_ack, NULL, NULL);
        return;
    }
    mps_answer given = {course, view->segment};
    mps_flight_acknowledge(&course->flight, view->data_ack, answer, &given);
    course->acked = view->data_ack;
}

/* The data of a segment: pieces that follow one another and are new are one stretch. */
static void send_data(mps_rtt_direction *course, const mps_view *view)
{
    unsigned i = 0;
    while (i < view->piece_count) {
        const mps_piece *first = &view->pieces[i];
        bool fresh = first->kind == MPS_PIECE_NEW && !first->late;
        uint64_t stop = first->dsn + first->length;
        for (i++; i < view->piece_count; i++) {
            const mps_piece *next = &view->pieces[i];
            if (next->dsn != stop || fresh != (next->kind == MPS_PIECE_NEW && !next->late))
                break;
            stop += next->length;
        }
        send(course, view, first->dsn, stop, !fresh);
    }
}

static void take(void *state, const mps_view *view)
{
    mps_rtt *rtt = state;
    rtt->sampled = false;
    if (view->has_ack)
        take_ack(rtt, mps_analysis_slot(rtt->halves, view->other_half_id), view);
    if (view->has_data_ack)
        take_data_ack(mps_analysis_slot(rtt->spaces, view->other_space_id), view);
    if (view->has_ssn)
        send(mps_analysis_slot(rtt->halves, view->half_id), view, view->ssn, view->ssn_end, false);
    if (view->piece_count > 0)
        send_data(mps_analysis_slot(rtt->spaces, view->space_id), view);
}

const mps_analysis_kind mps_rtt_analysis = {
    .need = MPS_NEED_RTT,
    .begin = begin,
    .segment = take,
    .end = end,
};

static const GArray *samples_of(const GArray *courses, uint32_t id)
{
    return id < courses->len ? g_array_index(courses, mps_rtt_direction, id).samples : NULL;
}

const GArray *mps_rtt_of_half(const mps_tracker *tracker, uint32_t half_id)
{
    const mps_rtt *rtt = mps_analysis_state(tracker, &mps_rtt_analysis);
    return rtt ? samples_of(rtt->halves, half_id) : NULL;
}

const GArray *mps_rtt_of_space(const mps_tracker *tracker, uint32_t space_id)
{
    const mps_rtt *rtt = mps_analysis_state(tracker, &mps_rtt_analysis);
    return rtt ? samples_of(rtt->spaces, space_id) : NULL;
}

const mps_rtt_sample *mps_rtt_of_segment(const mps_tracker *tracker)
{
    const mps_rtt *rtt = mps_analysis_state(tracker, &mps_rtt_analysis);
    return rtt && rtt->sampled ? &rtt->sample : NULL;
}
