/* answers.c: which transmission an acknowledgement answers, and the sample that gives; for rtt.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "answers.h"
#include "base/times.h"

void mps_answers_clear(mps_answers *direction)
{
    mps_flight_clear(&direction->flight);
    if (direction->samples)
        g_array_free(direction->samples, TRUE);
}

void mps_answers_move(mps_answers *direction)
{
    mps_flight_clear(&direction->flight);
    direction->moved = true;
}

/* A step of the clock by more than this gives no sample: 73 years. A quarter of the range, so that
 * sums and differences of samples do not overflow. */
#define MPS_RTT_MAX (INT64_MAX / 4)

/* Note that an acknowledgement answers `sending`; NULL: it is unknown what it answers. */
static void add_sample(mps_answers *direction, const mps_rtt_step *ack, const mps_leaps *leaps,
                       const mps_flight_sending *sending)
{
    mps_rtt_sample sample = {.frame = ack->frame};
    if (sending && !mps_leaps_between(leaps, sending->frame, ack->frame)) {
        sample.time = mps_minus(ack->time, sending->time);
        if (mps_apart(sample.time, 0) >= MPS_RTT_MAX)
            return;
        sample.data_frame = sending->frame;
    }
    if (!direction->samples)
        direction->samples = g_array_new(FALSE, FALSE, sizeof(mps_rtt_sample));
    g_array_append_val(direction->samples, sample);
}

void mps_answers_send(mps_answers *direction, const mps_rtt_step *step, uint32_t order,
                      uint64_t start, uint64_t stop, bool again)
{
    const mps_flight_sending sending = {step->time, step->frame, order, step->tsval,
                                        step->has_timestamps};
    mps_flight_send(&direction->flight, MAX(start, direction->acked), stop, again, &sending);
    direction->top = MAX(direction->top, stop);
}

/* Among the ranges that an ACK is the first to acknowledge: the last transmission that it answers
 * if it answers any of that range, and the last one of which that is doubtful. */
typedef struct {
    const mps_rtt_step *ack;
    mps_flight_sending certain, doubtful;
    bool has_certain, has_doubtful, any;
} mps_rtt_search;

static bool echoes(const mps_rtt_step *ack, const mps_flight_sending *sending)
{
    return ack->has_timestamps && sending->has_tsval && ack->tsecr == sending->tsval;
}

/* Is the echo of something that was sent between the two transmissions? Then the ACK does not
 * answer `last`. An echo that is older than `before` shows nothing: middleboxes may rewrite
 * timestamps. */
static bool echoes_between(const mps_rtt_step *ack, const mps_flight_sending *before,
                           const mps_flight_sending *last)
{
    return ack->has_timestamps && before->has_tsval && last->has_tsval &&
           (int32_t)(ack->tsecr - before->tsval) >= 0 && (int32_t)(last->tsval - ack->tsecr) > 0;
}

static void keep_last(mps_flight_sending *kept, bool *has, const mps_flight_sending *sending)
{
    if (!*has || sending->order > kept->order)
        *kept = *sending;
    *has = true;
}

/* Called for each range that an ACK covers. */
static void consider(const mps_outstanding *range, bool whole, void *data)
{
    mps_rtt_search *search = data;
    const mps_rtt_step *ack = search->ack;
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

const mps_rtt_sample *mps_answers_ack(mps_answers *direction, const mps_rtt_step *step,
                                      const mps_leaps *leaps)
{
    if (step->ack <= direction->acked)
        return NULL;
    if (step->ack > direction->top + 1) { /* 1: a FIN. What the ACK answers was not captured. */
        mps_flight_acknowledge(&direction->flight, step->ack, NULL, NULL);
        return NULL;
    }
    mps_rtt_search search = {.ack = step};
    mps_flight_acknowledge(&direction->flight, step->ack, consider, &search);
    direction->acked = step->ack;
    if (!search.any)
        return NULL;
    bool certain = search.has_certain &&
                   (!search.has_doubtful || search.certain.order > search.doubtful.order);
    guint before = direction->samples ? direction->samples->len : 0;
    add_sample(direction, step, leaps, certain ? &search.certain : NULL);
    if (!certain || !direction->samples || direction->samples->len == before)
        return NULL;
    const mps_rtt_sample *sample = &g_array_index(direction->samples, mps_rtt_sample, before);
    return sample->data_frame != 0 ? sample : NULL;
}

typedef struct {
    mps_answers *direction;
    const mps_rtt_step *ack;
    const mps_leaps *leaps;
} mps_data_answer;

/* Called for each range of data that a DATA_ACK covers. */
static void add_data_sample(const mps_outstanding *range, bool whole, void *data)
{
    const mps_data_answer *answer = data;
    if (whole)
        add_sample(answer->direction, answer->ack, answer->leaps,
                   range->times == 1 ? &range->last : NULL);
}

void mps_answers_data_ack(mps_answers *direction, const mps_rtt_step *step, const mps_leaps *leaps)
{
    if (step->data_ack <= direction->acked)
        return;
    if (step->data_ack > direction->top + 1) { /* 1: the DATA_FIN */
        mps_flight_acknowledge(&direction->flight, step->data_ack, NULL, NULL);
        return;
    }
    mps_data_answer answer = {direction, step, leaps};
    mps_flight_acknowledge(&direction->flight, step->data_ack, add_data_sample, &answer);
    direction->acked = step->data_ack;
}

void mps_answers_send_unknown(mps_answers *direction, const mps_rtt_step *step, uint32_t order)
{
    uint64_t start, end;
    if (mps_flight_bounds(&direction->flight, &start, &end))
        mps_answers_send(direction, step, order, start, end, true);
}
