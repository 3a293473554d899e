/* fate.c: what became of reinjected bytes, by both ends' captures.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fate.h"
#include "../analysis/transmissions.h"

/* What is known of a segment at the receiver's end. */
typedef struct {
    int64_t time; /* when all of it that arrived had */
    bool arrived;
} arrival;

typedef struct {
    const mps_owd *owd;
    const mps_trace *sender;
    bool in_a;            /* the sender's capture is A */
    GHashTable *arrivals; /* frame of the sender's → arrival, of all segments it sent */
    GHashTable *rows; /* subflow id · 2 + direction → mps_owd_row, where it is the sender's */
} side;

static gpointer row_key(uint32_t id, mps_direction direction)
{
    return GUINT_TO_POINTER(2 * id + (unsigned)direction + 1);
}

/* The direction of a row as the sender's capture names it. */
static mps_direction own_direction(const side *own, const mps_owd_row *row)
{
    return !own->in_a && row->pair.flipped ? !row->direction : row->direction;
}

static void note_row(side *own, mps_owd_row *row)
{
    mps_lists lists;
    uint32_t id = own->in_a ? row->pair.a : row->pair.b;
    if (id == MPS_NONE || row->a_sends != own->in_a)
        return;
    g_hash_table_insert(own->rows, row_key(id, own_direction(own, row)), row);
    if (row->alignment.matched == 0)
        return;
    mps_pair_lists(own->owd->a, own->owd->b, &row->pair, row->direction, row->a_sends, &lists);
    for (guint i = 0; i < row->alignment.matches->len; i++) {
        const mps_match *match = &g_array_index(row->alignment.matches, mps_match, i);
        gpointer frame = GUINT_TO_POINTER(lists.sent[match->sent].frame);
        arrival *known = g_hash_table_lookup(own->arrivals, frame);
        if (!known) {
            known = g_new0(arrival, 1);
            g_hash_table_insert(own->arrivals, frame, known);
        }
        int64_t time = lists.received[match->received].time;
        known->time = known->arrived ? MAX(known->time, time) : time;
        known->arrived = true;
    }
}

static void side_init(side *own, const mps_owd *owd, bool in_a)
{
    *own = (side){.owd = owd, .sender = in_a ? owd->a : owd->b, .in_a = in_a};
    own->arrivals = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    own->rows = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < owd->rows->len; i++)
        note_row(own, &g_array_index(owd->rows, mps_owd_row, i));
}

static void side_clear(side *own)
{
    g_hash_table_destroy(own->arrivals);
    g_hash_table_destroy(own->rows);
}

/* How far the receiver's clock is ahead of the sender's at a moment: bounds that hold for every
 * clock that is possible. @return false: not known */
static bool receiver_ahead(const side *own, int64_t time, int64_t *low, int64_t *high)
{
    const mps_clock_estimate *clock = &own->owd->clock;
    if (!clock->has_offset)
        return false;
    int64_t by_a = own->in_a ? time : time - clock->offset; /* nearly: it is only for the skew */
    double elapsed = (double)(by_a - clock->reference);
    int64_t slow = (int64_t)(elapsed * (elapsed < 0 ? clock->skew_high : clock->skew_low));
    int64_t fast = (int64_t)(elapsed * (elapsed < 0 ? clock->skew_low : clock->skew_high));
    *low = own->in_a ? clock->offset_low + slow : -(clock->offset_high + fast);
    *high = own->in_a ? clock->offset_high + fast : -(clock->offset_low + slow);
    return true;
}

/* Had an earlier transmission arrived (receiver's clock) when the bytes were sent (sender's)? */
static void judge_spurious(const side *own, mps_fates *fates, int64_t sent, int64_t earlier,
                           uint32_t length)
{
    int64_t low, high;
    bool known = receiver_ahead(own, sent, &low, &high);
    if (known && earlier - low < sent)
        fates->spurious += length;
    else if (!known || earlier - high < sent)
        fates->unsure += length;
}

/* The first arrival of any of the earlier transmissions. @return false: none arrived */
static bool first_arrival(const side *own, const GArray *earlier, int64_t *time)
{
    bool any = false;
    for (guint i = 0; i < earlier->len; i++) {
        uint32_t frame = g_array_index(earlier, mps_copy, i).frame;
        const arrival *known = g_hash_table_lookup(own->arrivals, GUINT_TO_POINTER(frame));
        if (known && (!any || known->time < *time)) {
            *time = known->time;
            any = true;
        }
    }
    return any;
}

static void judge_piece(const side *own, const mps_transmissions *all, uint32_t index,
                        mps_fate_row *row)
{
    const mps_transmission *sent = &g_array_index(all->sent, mps_transmission, index);
    const arrival *own_arrival = g_hash_table_lookup(own->arrivals, GUINT_TO_POINTER(sent->frame));
    bool complete;
    int64_t first = 0;
    GArray *earlier =
        mps_transmission_copies(all, index, 1, 1u << MPS_PIECE_REINJECTED, false, &complete);
    bool before = first_arrival(own, earlier, &first);
    g_array_free(earlier, TRUE);
    if (!own_arrival) {
        row->fates.lost += sent->length;
    } else if (!before || own_arrival->time < first) {
        row->fates.useful += sent->length;
    } else {
        row->fates.redundant += sent->length;
    }
    if (own_arrival && before) {
        int64_t gain = first - own_arrival->time;
        row->gain = row->has_gain ? MAX(row->gain, gain) : gain;
        row->has_gain = true;
    }
    if (before && !(own_arrival && own_arrival->time < first))
        judge_spurious(own, &row->fates, sent->time, first, sent->length);
}

static void judge(const side *own, const mps_transmissions *all, const mps_reinjection *reinjection,
                  GArray *rows)
{
    const mps_transmission *first = &g_array_index(all->sent, mps_transmission, reinjection->first);
    const mps_tracker *tracker = mps_trace_tracker(own->sender);
    uint32_t id = first->half_id / 2;
    mps_direction direction = mps_tracker_direction(tracker, id, first->half_id % 2);
    const mps_owd_row *known = g_hash_table_lookup(own->rows, row_key(id, direction));
    if (!known || known->pair.a == MPS_NONE || known->pair.b == MPS_NONE)
        return; /* this end received it, or the other end saw nothing of the subflow */
    mps_fate_row row = {
        .subflow = id,
        .half = first->half_id % 2,
        .connection = known->connection,
        .number = known->subflow,
        .direction = known->direction,
        .frame = first->frame,
        .in_a = own->in_a,
        .reinjection = (uint32_t)(reinjection - (const mps_reinjection *)all->reinjections->data),
    };
    for (uint32_t i = reinjection->first; i < reinjection->first + reinjection->count; i++) {
        const mps_transmission *piece = &g_array_index(all->sent, mps_transmission, i);
        if (piece->kind == MPS_PIECE_REINJECTED)
            judge_piece(own, all, i, &row);
    }
    g_array_append_val(rows, row);
}

GArray *mps_fates_of(const mps_owd *owd)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(mps_fate_row));
    for (unsigned in_b = 0; in_b < 2; in_b++) {
        side own;
        side_init(&own, owd, !in_b);
        const mps_transmissions *all =
            mps_transmissions_of(mps_trace_tracker(in_b ? owd->b : owd->a));
        for (guint i = 0; all && i < all->reinjections->len; i++)
            judge(&own, all, &g_array_index(all->reinjections, mps_reinjection, i), rows);
        side_clear(&own);
    }
    return rows;
}
