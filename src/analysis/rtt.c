/* rtt.c: round-trip times; rtt.h defines what a sample is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rtt.h"
#include "base/times.h"
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
    mps_rtt_sample sample; /* of the segment being taken in, if sampled */
} mps_rtt;

static void *begin(void)
{
    mps_rtt *rtt = g_new0(mps_rtt, 1);
    rtt->halves = g_array_new(FALSE, TRUE, sizeof(mps_rtt_direction));
    rtt->spaces = g_array_new(FALSE, TRUE, sizeof(mps_rtt_direction));
    return rtt;
}

static void free_directions(GArray *directions)
{
    for (guint i = 0; i < directions->len; i++) {
        mps_rtt_direction *direction = &g_array_index(directions, mps_rtt_direction, i);
        mps_flight_clear(&direction->flight);
        if (direction->samples)
            g_array_free(direction->samples, TRUE);
    }
    g_array_free(directions, TRUE);
}

static void end(void *state)
{
    mps_rtt *rtt = state;
    free_directions(rtt->halves);
    free_directions(rtt->spaces);
    g_free(rtt);
}

/* A step of the clock by more than this gives no sample: 73 years. A quarter of the range, so that
 * sums and differences of samples do not overflow. */
#define MPS_RTT_MAX (INT64_MAX / 4)

/* The time between two moments, ns. @return false: it is too long to be true */
static bool elapsed(int64_t from, int64_t to, int64_t *time)
{
    *time = mps_minus(to, from);
    return *time<MPS_RTT_MAX && * time> - MPS_RTT_MAX;
}

/* Note that an acknowledgement answers `sending`; NULL: it is unknown what it answers. */
static void add_sample(mps_rtt_direction *direction, const mps_segment *ack,
                       const mps_flight_sending *sending)
{
    mps_rtt_sample sample = {.frame = ack->frame};
    if (sending) {
        if (!elapsed(sending->time, ack->time, &sample.time))
            return;
        sample.data_frame = sending->frame;
    }
    if (!direction->samples)
        direction->samples = g_array_new(FALSE, FALSE, sizeof(mps_rtt_sample));
    g_array_append_val(direction->samples, sample);
}

static void send(mps_rtt_direction *direction, const mps_view *view, uint64_t start, uint64_t stop,
                 bool again)
{
    const mps_segment *segment = view->segment;
    const mps_flight_sending sending = {segment->time, segment->frame, segment->tsval,
                                        segment->has_timestamps};
    mps_flight_send(&direction->flight, MAX(start, direction->acked), stop, again, &sending);
    direction->top = MAX(direction->top, stop);
}

/* Among the ranges that an ACK is the first to acknowledge: the last transmission that it answers
 * if it answers any of that range, and the last one of which that is doubtful. */
typedef struct {
    const mps_segment *ack;
    mps_flight_sending certain, doubtful;
    bool has_certain, has_doubtful, any;
} mps_rtt_search;

static bool echoes(const mps_segment *ack, const mps_flight_sending *sending)
{
    return ack->has_timestamps && sending->has_tsval && ack->tsecr == sending->tsval;
}

/* Is the echo of something that was sent between the two transmissions? Then the ACK does not
 * answer `last`. An echo that is older than `before` shows nothing: middleboxes may rewrite
 * timestamps. */
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

static void take_ack(mps_rtt *rtt, mps_rtt_direction *direction, const mps_view *view)
{
    if (view->ack <= direction->acked || view->segment->flags & MPS_TCP_RST)
        return;
    if (view->ack > direction->top + 1) { /* 1: a FIN. What the ACK answers was not captured. */
        mps_flight_acknowledge(&direction->flight, view->ack, NULL, NULL);
        return;
    }
    mps_rtt_search search = {.ack = view->segment};
    mps_flight_acknowledge(&direction->flight, view->ack, consider, &search);
    direction->acked = view->ack;
    if (!search.any)
        return;
    bool certain = search.has_certain &&
                   (!search.has_doubtful || search.certain.frame > search.doubtful.frame);
    guint before = direction->samples ? direction->samples->len : 0;
    add_sample(direction, view->segment, certain ? &search.certain : NULL);
    rtt->sampled = certain && direction->samples && direction->samples->len > before;
    if (rtt->sampled)
        rtt->sample = g_array_index(direction->samples, mps_rtt_sample, before);
}

typedef struct {
    mps_rtt_direction *direction;
    const mps_segment *ack;
} mps_data_answer;

/* Called for each range of data that a DATA_ACK covers. */
static void add_data_sample(const mps_outstanding *range, bool whole, void *data)
{
    const mps_data_answer *answer = data;
    if (whole)
        add_sample(answer->direction, answer->ack, range->times == 1 ? &range->last : NULL);
}

static void take_data_ack(mps_rtt_direction *direction, const mps_view *view)
{
    if (view->data_ack <= direction->acked)
        return;
    if (view->data_ack > direction->top + 1) { /* 1: the DATA_FIN */
        mps_flight_acknowledge(&direction->flight, view->data_ack, NULL, NULL);
        return;
    }
    mps_data_answer answer = {direction, view->segment};
    mps_flight_acknowledge(&direction->flight, view->data_ack, add_data_sample, &answer);
    direction->acked = view->data_ack;
}

/* Note the data of a segment. Consecutive pieces that are all new, or all not new, are one
 * range. */
static void send_data(mps_rtt_direction *direction, const mps_view *view)
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
        send(direction, view, first->dsn, stop, !fresh);
    }
}

/* A segment repeats data, and it is not known which: whatever is outstanding may have been sent
 * again. */
static void send_unknown_data(mps_rtt_direction *direction, const mps_view *view)
{
    uint64_t start, end;
    if (mps_flight_bounds(&direction->flight, &start, &end))
        send(direction, view, start, end, true);
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
    if (view->pieces_cut)
        send_unknown_data(mps_analysis_slot(rtt->spaces, view->space_id), view);
}

const mps_analysis_kind mps_rtt_analysis = {
    .need = MPS_NEED_RTT,
    .begin = begin,
    .segment = take,
    .end = end,
};

static const GArray *samples_of(const GArray *directions, uint32_t id)
{
    return id < directions->len ? g_array_index(directions, mps_rtt_direction, id).samples : NULL;
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
