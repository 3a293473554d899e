/* vantage_evidence.c: what each segment tells of the vantage point.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/sparse.h"
#include "base/times.h"
#include "base/ttl.h"
#include "vantage.h"

/* Checksums are looked at until so many segments of a half were seen: at most UINT8_MAX. */
#define CHECKSUMS_MAX 64u

static void begin_timing(mps_half_evidence *own, mps_answer_kind kind, uint32_t mark, int64_t now)
{
    if (!own->timers)
        own->timers = g_new0(mps_answer_timer, MPS_ANSWER_KINDS);
    mps_answer_timer *timer = &own->timers[kind];
    if (timer->timing)
        return;
    timer->timing = true;
    timer->mark = mark;
    timer->since = now;
}

/* A half sends a mark. Only the first segment with a mark is timed: an answer after later ones may
 * be one to the first. Where the capture begins, or lacks segments, that is not the first one seen.
 * @param may_time  an answer to this segment tells how near the other end is */
static void start(mps_half_evidence *own, mps_answer_kind kind, uint32_t mark, bool may_time,
                  int64_t now)
{
    if (own->begun[kind] && (int32_t)(mark - own->top[kind]) <= 0)
        return;
    if (may_time && own->begun[kind])
        begin_timing(own, kind, mark, now);
    own->top[kind] = mark;
    own->begun[kind] = true;
}

/* The other half answers a mark and all that came before it.
 * @param own      sent the mark
 * @param exactly  only the mark that is timed is a sample */
static void stop(const mps_half_evidence *own, mps_answer_kind kind, uint32_t mark, bool exactly,
                 int64_t now)
{
    mps_answer_timer *timer = own->timers ? &own->timers[kind] : NULL;
    const int32_t newer = timer ? (int32_t)(mark - timer->mark) : -1;
    if (!timer || !timer->timing || newer < 0)
        return;
    timer->timing = false;
    const int64_t took = mps_minus(now, timer->since);
    if (took < 0 || (exactly && newer > 0)) /* a clock leapt, or the capture lacks the answer */
        return;
    timer->least = timer->answers == 0 ? took : MIN(took, timer->least);
    timer->answers++;
}

/* Time the answers to what the halves send after the handshake, which the tracker times. */
static void take_answers(mps_half_evidence *own, mps_half_evidence *peer,
                         const mps_segment *segment)
{
    const int64_t now = segment->time;
    const bool syn = segment->flags & MPS_TCP_SYN;
    if (segment->flags & MPS_TCP_RST)
        return;
    if (segment->has_timestamps) {
        if (!syn && peer)
            stop(peer, MPS_ANSWER_ECHO, segment->tsecr, true, now);
        start(own, MPS_ANSWER_ECHO, segment->tsval, !syn, now);
    }
    if (segment->flags & MPS_TCP_ACK && !syn && peer)
        stop(peer, MPS_ANSWER_ACK, segment->ack, false, now);
    if (segment->length > 0 || syn)
        start(own, MPS_ANSWER_ACK, segment->seq + syn + segment->length, !syn, now);
}

static void take_way(mps_half_evidence *own, mps_way way)
{
    own->in += way == MPS_WAY_IN;
    own->out += way == MPS_WAY_OUT;
    own->other += way == MPS_WAY_OTHER;
}

static void take_ttl(mps_half_evidence *own, uint8_t ttl)
{
    own->fresh += mps_ttl_fresh(ttl);
    own->forwarded += mps_ttl_decremented(ttl);
}

/* Where the sender is on the machine that captured, its network interface has not filled in the
 * checksum yet. Merged segments with payload (GRO) look the same at the receiver; RSTs are sent by
 * a path of their own. */
static void take_checksum(mps_half_evidence *own, const mps_segment *segment)
{
    if (segment->length > 0 || segment->flags & MPS_TCP_RST ||
        own->filled + own->unfilled >= CHECKSUMS_MAX)
        return;
    const bool unfilled = mps_segment_checksum_unfilled(segment);
    if (unfilled)
        own->unfilled++;
    else
        own->filled++;
}

void mps_vantage_take(mps_half_evidence *own, mps_half_evidence *peer, const mps_segment *segment)
{
    take_answers(own, peer, segment);
    take_way(own, segment->link.way);
    take_ttl(own, segment->ttl);
    take_checksum(own, segment);
}

void mps_vantage_clear(mps_half_evidence *half)
{
    g_clear_pointer(&half->timers, g_free);
}

/* ---- the analysis: a mps_sparse of mps_half_evidence by half_id ---- */

static void *begin(void)
{
    return mps_sparse_new(sizeof(mps_half_evidence));
}

static void end(void *state)
{
    mps_sparse *halves = state;
    for (guint i = 0; i < halves->count; i++)
        mps_vantage_clear(mps_sparse_item(halves, i));
    mps_sparse_free(halves);
}

static void take(void *state, const mps_view *view)
{
    mps_half_evidence *own = mps_sparse_at(state, view->half_id);
    mps_half_evidence *peer = mps_sparse_find(state, view->other_half_id);
    mps_vantage_take(own, peer, view->segment);
}

const mps_analysis_kind mps_vantage_analysis = {
    .need = MPS_NEED_VANTAGE,
    .begin = begin,
    .segment = take,
    .end = end,
};

mps_half_evidence mps_vantage_evidence(const mps_tracker *tracker, uint32_t half_id)
{
    const mps_sparse *halves = mps_analysis_state(tracker, &mps_vantage_analysis);
    const mps_half_evidence *kept = halves ? mps_sparse_find(halves, half_id) : NULL;
    return kept ? *kept : (mps_half_evidence){0};
}
