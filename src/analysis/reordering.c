/* reordering.c: in which order bytes arrive, at subflow and at data level.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reordering.h"

/* The greatest shift (RFC 7323 section 2.3); MPS_NONE, which is unknown, lies above. */
#define MPS_WINDOW_SCALE_MAX 14

/* Payload of a segment. */
typedef struct {
    int64_t time;
    uint64_t ssn;
    uint32_t length, frame;
} mps_noted_payload;

/* An acknowledgement that tells more than those before on its subflow. */
typedef struct {
    int64_t time;
    uint64_t ack, data_ack; /* 0: none, for numbers inside are not that low */
    uint32_t space_id;      /* that of data_ack */
    uint32_t frame;
    uint16_t window;
} mps_noted_ack;

/* One direction of a subflow. */
typedef struct {
    GArray *sent; /* mps_noted_payload; NULL: nothing */
    GArray *told; /* mps_noted_ack, what was acknowledged of it; NULL: nothing */
    mps_echo echo;
} mps_half_notes;

static void *begin(void)
{
    return g_array_new(FALSE, TRUE, sizeof(mps_half_notes));
}

static void end(void *state)
{
    GArray *halves = state;
    for (guint i = 0; i < halves->len; i++) {
        mps_half_notes *half = &g_array_index(halves, mps_half_notes, i);
        if (half->sent)
            g_array_free(half->sent, TRUE);
        if (half->told)
            g_array_free(half->told, TRUE);
    }
    g_array_free(halves, TRUE);
}

static void note_payload(mps_half_notes *half, const mps_view *view)
{
    mps_noted_payload sent = {view->segment->time, view->ssn, view->segment->length,
                              view->segment->frame};
    if (!half->sent)
        half->sent = g_array_new(FALSE, FALSE, sizeof(mps_noted_payload));
    g_array_append_val(half->sent, sent);
}

static void note_ack(mps_half_notes *acked, const mps_view *view)
{
    mps_noted_ack told = {
        .time = view->segment->time,
        .ack = view->has_ack ? view->ack : 0,
        .data_ack = view->has_data_ack ? view->data_ack : 0,
        .space_id = view->other_space_id,
        .frame = view->segment->frame,
        .window = view->segment->flags & MPS_TCP_SYN ? 0 : view->segment->window,
    };
    if (!acked->told)
        acked->told = g_array_new(FALSE, FALSE, sizeof(mps_noted_ack));
    if (acked->told->len > 0) {
        const mps_noted_ack *last =
            &g_array_index(acked->told, mps_noted_ack, acked->told->len - 1);
        if (told.ack == last->ack && told.data_ack == last->data_ack &&
            told.window <= last->window && told.space_id == last->space_id)
            return;
    }
    g_array_append_val(acked->told, told);
}

static void take(void *state, const mps_view *view)
{
    mps_analysis_slot(state, MAX(view->half_id, view->other_half_id)); /* so that it stays put */
    mps_half_notes *own = mps_analysis_slot(state, view->half_id);
    mps_half_notes *peer = mps_analysis_slot(state, view->other_half_id);
    mps_echo_segment(&own->echo, &peer->echo, view->segment);
    if (view->has_ssn)
        note_payload(own, view);
    if (view->has_ack || view->has_data_ack)
        note_ack(peer, view);
}

const mps_analysis_kind mps_reordering_analysis = {
    .need = MPS_NEED_REORDERING,
    .begin = begin,
    .segment = take,
    .end = end,
};

/* A direction of a subflow that is played back. */
typedef struct {
    const mps_flow *flow;
    unsigned half;
    const mps_half_notes *notes;
    mps_reassembly *line;
} mps_lane;

typedef struct {
    const mps_space *space;
    mps_reassembly *data;
    uint64_t edge; /* of the receive window: DATA_ACK + window, the highest seen; 0: none */
    /* What subflows have handed over in their own order, and up to where that is complete: the
     * receiver's MPTCP knows no more. */
    bool handed_any;
    mps_runs handed;
    uint64_t handed_point;
    const mps_lane *lane; /* the one at hand */
} mps_playback;

typedef struct {
    int64_t time;
    uint32_t frame, lane, index;
    bool told;
} mps_note;

/* Bytes are expected from the initial number on, or from the first one captured on. */
static uint64_t first_dsn(const mps_space *space, uint64_t dsn)
{
    return space->initial_known && space->initial < dsn ? space->initial + 1 : dsn;
}

static uint64_t first_ssn(const mps_lane *lane, uint64_t ssn)
{
    const mps_half *half = &lane->flow->half[lane->half];
    bool whole = lane->flow->handshake_seen && half->isn_known && half->anchor == half->isn + 1;
    return whole ? MIN(MPS_ANCHOR, ssn) : ssn;
}

/* The next stretch of [*at, end) that is mapped without a break. @return false: there is none */
static bool next_mapped(const mps_lane *lane, uint64_t *at, uint64_t end, uint64_t *dsn,
                        uint64_t *dsn_end)
{
    mps_run map;
    if (*at >= end || !mps_runs_find(&lane->flow->half[lane->half].maps, *at, &map) ||
        map.start >= end)
        return false;
    *dsn = MAX(*at, map.start) + map.offset;
    *at = MIN(end, map.end);
    *dsn_end = *at + map.offset;
    return true;
}

static void advance_handed(mps_playback *play)
{
    mps_run run;
    while (mps_runs_find(&play->handed, play->handed_point, &run) &&
           run.start <= play->handed_point)
        play->handed_point = run.end;
    mps_runs_trim(&play->handed, play->handed_point);
}

/* A subflow hands bytes over to MPTCP, which queues them if they lie above what it has. Like
 * Linux, which looks into its queue only behind the last segment that a subflow hands over at once
 * (move_skbs_to_msk()), this is completed by advance_handed(). */
static void hand_over(mps_arrival *arrival, void *data)
{
    mps_playback *play = data;
    uint64_t at = arrival->start, dsn, dsn_end;
    while (next_mapped(play->lane, &at, arrival->start + arrival->length, &dsn, &dsn_end)) {
        if (!play->handed_any)
            play->handed_point = first_dsn(play->space, dsn);
        play->handed_any = true;
        if (dsn <= play->handed_point) {
            play->handed_point = MAX(play->handed_point, dsn_end);
        } else {
            arrival->queued = true;
            mps_runs_add(&play->handed, dsn, dsn_end, 0, NULL, NULL);
        }
    }
}

static void play_payload(mps_playback *play, const mps_noted_payload *sent)
{
    const mps_lane *lane = play->lane;
    mps_reassembly *data = play->data;
    mps_arrival what = {.time = sent->time, .frame = sent->frame, .subflow = lane->flow->id};
    mps_reassembly_begin(lane->line, first_ssn(lane, sent->ssn));
    guint count = mps_reassembly_arrive(lane->line, sent->ssn, sent->ssn + sent->length, &what,
                                        hand_over, play);
    advance_handed(play);
    for (guint i = lane->line->arrivals->len - count; i < lane->line->arrivals->len; i++) {
        const mps_arrival *arrival = &g_array_index(lane->line->arrivals, mps_arrival, i);
        uint64_t at = arrival->start, dsn, dsn_end;
        while (next_mapped(lane, &at, arrival->start + arrival->length, &dsn, &dsn_end)) {
            mps_reassembly_begin(data, first_dsn(play->space, dsn));
            what.room = play->edge > data->point ? play->edge - data->point : 0;
            mps_reassembly_arrive(data, dsn, dsn_end, &what, NULL, NULL);
        }
    }
}

/* What is acknowledged has arrived, captured or not. */
static void play_ack(mps_playback *play, const mps_noted_ack *told)
{
    const mps_lane *lane = play->lane;
    uint32_t scale = lane->flow->half[!lane->half].window_scale;
    mps_reassembly_skip(lane->line, told->ack, told->time, hand_over, play);
    advance_handed(play);
    if (told->data_ack == 0 || told->space_id != play->space->id)
        return;
    mps_reassembly_skip(play->data, told->data_ack, told->time, NULL, NULL);
    if (told->data_ack <= play->data->point)
        play->handed_point = MAX(play->handed_point, told->data_ack);
    advance_handed(play);
    if (scale <= MPS_WINDOW_SCALE_MAX)
        play->edge = MAX(play->edge, told->data_ack + ((uint64_t)told->window << scale));
}

static gint compare_notes(gconstpointer a, gconstpointer b)
{
    const mps_note *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

/* All that was noted of the lanes, by time. */
static GArray *notes_of(const mps_lane *lanes, uint32_t count)
{
    GArray *notes = g_array_new(FALSE, FALSE, sizeof(mps_note));
    for (uint32_t lane = 0; lane < count; lane++) {
        const mps_half_notes *half = lanes[lane].notes;
        for (guint i = 0; half->sent && i < half->sent->len; i++) {
            const mps_noted_payload *sent = &g_array_index(half->sent, mps_noted_payload, i);
            mps_note note = {sent->time, sent->frame, lane, i, false};
            g_array_append_val(notes, note);
        }
        for (guint i = 0; half->told && i < half->told->len; i++) {
            const mps_noted_ack *told = &g_array_index(half->told, mps_noted_ack, i);
            mps_note note = {told->time, told->frame, lane, i, true};
            g_array_append_val(notes, note);
        }
    }
    g_array_sort(notes, compare_notes);
    return notes;
}

static mps_reordering *order_new(const mps_connection *connection)
{
    mps_reordering *reordering = g_new0(mps_reordering, 1);
    reordering->subflow_count = connection->flows->len;
    reordering->subflows = g_new0(mps_reassembly, reordering->subflow_count);
    reordering->reaches = g_new0(mps_reach, reordering->subflow_count);
    return reordering;
}

void mps_reordering_free(mps_reordering *reordering)
{
    mps_reassembly_end(&reordering->data);
    for (uint32_t i = 0; i < reordering->subflow_count; i++)
        mps_reassembly_end(&reordering->subflows[i]);
    g_free(reordering->subflows);
    g_free(reordering->reaches);
    g_free(reordering);
}

/* Find the subflows' notes, and how far away the ends of each are. */
static mps_lane *lanes_of(const GArray *halves, const mps_connection *connection,
                          mps_direction direction, mps_reordering *reordering)
{
    static const mps_half_notes nothing = {0};
    mps_lane *lanes = g_new0(mps_lane, reordering->subflow_count);
    for (uint32_t i = 0; i < reordering->subflow_count; i++) {
        const mps_flow *flow = connection->flows->pdata[i];
        unsigned half = mps_flow_direction(flow, 0) != direction;
        const mps_half_notes *own = &nothing, *peer = &nothing;
        if (halves && 2 * flow->id + 1 < halves->len) {
            own = &g_array_index(halves, mps_half_notes, 2 * flow->id + half);
            peer = &g_array_index(halves, mps_half_notes, 2 * flow->id + !half);
        }
        lanes[i] = (mps_lane){flow, half, own, &reordering->subflows[i]};
        mps_reach_add(&reordering->reaches[i], flow, half, &own->echo, &peer->echo);
    }
    return lanes;
}

static uint64_t bytes_of(const mps_reassembly *line)
{
    uint64_t bytes = 0;
    for (guint i = 0; line->arrivals && i < line->arrivals->len; i++)
        bytes += g_array_index(line->arrivals, mps_arrival, i).length;
    return bytes;
}

/* The connection is near what the subflow is near that carries most, of those that tell. */
static void choose_reach(mps_reordering *reordering)
{
    uint64_t most = 0;
    for (uint32_t i = 0; i < reordering->subflow_count; i++) {
        uint64_t bytes = bytes_of(&reordering->subflows[i]);
        if (bytes <= most || mps_reach_vantage(&reordering->reaches[i]) == MPS_VANTAGE_UNKNOWN)
            continue;
        most = bytes;
        reordering->reach = reordering->reaches[i];
    }
}

mps_reordering *mps_reordering_of(const mps_tracker *tracker, uint32_t number,
                                  mps_direction direction)
{
    const mps_connection *connection = mps_tracker_connection_at(tracker, number);
    mps_reordering *reordering = order_new(connection);
    const GArray *halves = mps_analysis_state(tracker, &mps_reordering_analysis);
    mps_lane *lanes = lanes_of(halves, connection, direction, reordering);
    GArray *notes = notes_of(lanes, reordering->subflow_count);
    mps_playback play = {
        .space = &connection->space[direction],
        .data = &reordering->data,
    };
    for (guint i = 0; i < notes->len; i++) {
        const mps_note *note = &g_array_index(notes, mps_note, i);
        play.lane = &lanes[note->lane];
        if (note->told)
            play_ack(&play, &g_array_index(play.lane->notes->told, mps_noted_ack, note->index));
        else
            play_payload(&play,
                         &g_array_index(play.lane->notes->sent, mps_noted_payload, note->index));
    }
    choose_reach(reordering);
    mps_runs_clear(&play.handed);
    g_array_free(notes, TRUE);
    g_free(lanes);
    return reordering;
}
