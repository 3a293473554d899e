/* limit_records.c: keeps what the report "limits" needs of each segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "limit_records.h"
#include "base/sparse.h"
#include "window_watch.h"

/* The numbers of a record in a log. Those that change most come first: their bits fit in a byte. */
enum {
    ACK = MPS_RECORD_FRAME + 1,
    DATA_ACK,
    WINDOW,
    SSN_END,
    DATA_END,
    LENGTH,
    DATA,
    RESENT,
    REST, /* length of the header, and the bits below */
    NUMBERS
};
G_STATIC_ASSERT(NUMBERS <= MPS_RECORD_NUMBERS_MAX);

/* Bits of REST above the length of the header. */
#define HEADER_MASK UINT8_MAX
#define REINJECTED (1u << 8)
#define HAS_ACK (1u << 9)
#define HAS_DATA_ACK (1u << 10)

typedef struct {
    mps_sparse *halves;  /* mps_limit_half, by half_id */
    mps_sparse *watches; /* mps_window_watch, by space_id */
} limit_state;

static void *begin(void)
{
    limit_state *s = g_new(limit_state, 1);
    s->halves = mps_sparse_new(sizeof(mps_limit_half));
    s->watches = mps_sparse_new(sizeof(mps_window_watch));
    return s;
}

/* @return the receive window in bytes, MPS_NONE if its scale is not known. The window in a SYN is
 * never scaled (RFC 7323 section 2.2). */
static uint32_t window_of(const mps_view *view)
{
    const mps_segment *segment = view->segment;
    uint32_t scale = view->flow->half[view->half]->window_scale;
    if (segment->flags & MPS_TCP_SYN || segment->window == 0)
        return segment->window;
    return scale == MPS_NONE ? MPS_NONE
                             : (uint32_t)segment->window << MIN(scale, MPS_WINDOW_SCALE_MAX);
}

/* @return how much new data the segment has. @param end  set to where it ends, if there is any */
static uint32_t new_data_of(const mps_view *view, uint64_t *end)
{
    uint64_t offset = view->flow->connection->space[view->direction]->offset;
    uint32_t data = 0;
    *end = 0;
    for (unsigned i = 0; i < view->piece_count; i++) {
        const mps_piece *piece = &view->pieces[i];
        if (piece->kind != MPS_PIECE_NEW)
            continue;
        uint64_t piece_end = piece->dsn + offset + piece->length;
        if (data == 0 || (int64_t)(piece_end - *end) > 0)
            *end = piece_end;
        data += piece->length;
    }
    return data;
}

/* Append a record to those of a half. A number that is not valid stays as it was before: that takes
 * no memory. */
static void add_record(mps_limit_half *half, const mps_limit_record *record)
{
    uint64_t numbers[MPS_RECORD_NUMBERS_MAX];
    mps_record_log_latest(&half->records, numbers);
    numbers[MPS_RECORD_TIME] = (uint64_t)record->time;
    numbers[MPS_RECORD_FRAME] = record->frame;
    if (record->has_ack)
        numbers[ACK] = record->ack;
    if (record->has_data_ack)
        numbers[DATA_ACK] = record->data_ack;
    if (record->length > 0)
        numbers[SSN_END] = record->ssn_end;
    if (record->data > 0)
        numbers[DATA_END] = record->data_end;
    numbers[WINDOW] = record->window;
    numbers[LENGTH] = record->length;
    numbers[DATA] = record->data;
    numbers[RESENT] = record->resent;
    numbers[REST] = record->header | (record->reinjected ? REINJECTED : 0) |
                    (record->has_ack ? HAS_ACK : 0) | (record->has_data_ack ? HAS_DATA_ACK : 0);
    mps_record_log_add(&half->records, numbers, NUMBERS);
}

mps_limit_record mps_limits_record(const uint64_t *numbers)
{
    return (mps_limit_record){
        .time = (int64_t)numbers[MPS_RECORD_TIME],
        .ssn_end = numbers[SSN_END],
        .data_end = numbers[DATA_END],
        .ack = numbers[ACK],
        .data_ack = numbers[DATA_ACK],
        .frame = (uint32_t)numbers[MPS_RECORD_FRAME],
        .length = (uint32_t)numbers[LENGTH],
        .resent = (uint32_t)numbers[RESENT],
        .data = (uint32_t)numbers[DATA],
        .window = (uint32_t)numbers[WINDOW],
        .header = (uint8_t)(numbers[REST] & HEADER_MASK),
        .reinjected = numbers[REST] & REINJECTED,
        .has_ack = numbers[REST] & HAS_ACK,
        .has_data_ack = numbers[REST] & HAS_DATA_ACK,
    };
}

/* Bytes of a packet of Ethernet: no need to tell smaller ones apart. */
#define ETHERNET_MTU 1500u

/* @return the most payload of a packet: the smaller MSS of both ends, or more; the largest number
 * if one is not known */
static uint32_t largest_packet(const limit_state *s, const mps_limit_half *own,
                               const mps_view *view)
{
    const mps_limit_half *peer = mps_sparse_find(s->halves, view->other_half_id);
    return own->mss && peer && peer->mss ? MAX(MIN(own->mss, peer->mss), ETHERNET_MTU) : UINT32_MAX;
}

static void watch_window(limit_state *s, const mps_limit_half *own, const mps_view *view,
                         const mps_limit_record *record)
{
    if (record->data > 0) {
        mps_window_watch_send(mps_sparse_at(s->watches, view->space_id), record,
                              largest_packet(s, own, view));
    } else if (record->resent > 0 || record->reinjected) {
        mps_window_watch *watch = mps_sparse_find(s->watches, view->space_id);
        if (watch)
            mps_window_watch_resend(watch, record);
    }
    mps_window_watch *other = mps_sparse_find(s->watches, view->other_space_id);
    if (record->has_data_ack && other)
        mps_window_watch_ack(other, record);
}

static void take(void *state, const mps_view *view)
{
    limit_state *s = state;
    const mps_segment *segment = view->segment;
    const bool has_ack = view->has_ack && !(segment->flags & MPS_TCP_RST);
    mps_limit_half *half = mps_sparse_at(s->halves, view->half_id);
    uint64_t data_end;
    const uint32_t data = new_data_of(view, &data_end);
    if (segment->flags & MPS_TCP_SYN && segment->mss)
        half->mss = segment->mss;
    if (!has_ack && !view->has_data_ack && segment->length == 0 && data == 0)
        return; /* such as a SYN: it changes nothing */
    const mps_limit_record record = {
        .time = segment->time,
        .ssn_end = view->ssn_end,
        .data_end = data_end,
        .ack = view->ack,
        .data_ack = view->data_ack + view->flow->connection->space[!view->direction]->offset,
        .frame = segment->frame,
        .length = view->has_ssn ? segment->length : 0,
        .resent = view->verdict->retransmitted,
        .data = data,
        .window = window_of(view),
        .header = segment->header_length,
        .reinjected = view->verdict->reinjected > 0,
        .has_ack = has_ack,
        .has_data_ack = view->has_data_ack,
    };
    add_record(half, &record);
    watch_window(s, half, view, &record);
}

static void end(void *state)
{
    limit_state *s = state;
    for (guint i = 0; i < s->halves->count; i++)
        mps_record_log_clear(&((mps_limit_half *)mps_sparse_item(s->halves, i))->records);
    mps_sparse_free(s->halves);
    mps_sparse_free(s->watches);
    g_free(s);
}

const mps_analysis_kind mps_limit_analysis = {
    .need = MPS_NEED_LIMITS,
    .begin = begin,
    .segment = take,
    .end = end,
};

const mps_limit_half *mps_limits_half(const mps_tracker *tracker, uint32_t half_id)
{
    const limit_state *s = mps_analysis_state(tracker, &mps_limit_analysis);
    return s ? mps_sparse_find(s->halves, half_id) : NULL;
}

bool mps_limits_suspect_window(const mps_tracker *tracker, uint32_t number, mps_direction direction)
{
    const limit_state *s = mps_analysis_state(tracker, &mps_limit_analysis);
    const mps_window_watch *watch =
        s ? mps_sparse_find(s->watches, mps_analysis_space(tracker, number, direction)) : NULL;
    return watch && mps_window_watch_suspects(watch);
}
