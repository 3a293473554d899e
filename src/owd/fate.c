/* fate.c: what became of reinjected bytes, by both ends' captures.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fate.h"
#include "../analysis/transmissions.h"

/* What is known of a segment at the receiver's end. */
typedef struct {
    int64_t time;     /* when all of it had arrived */
    uint32_t arrived; /* payload bytes */
    uint32_t length;
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
            known->length = lists.sent[match->sent].length;
            g_hash_table_insert(own->arrivals, frame, known);
        }
        int64_t time = lists.received[match->received].time;
        known->time = known->arrived > 0 ? MAX(known->time, time) : time;
        known->arrived += match->length;
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
    int64_t from, to;
    if (!clock->has_offset)
        return false;
    int64_t by_a = own->in_a ? time : time - clock->offset; /* nearly: it is only for the skew */
    mps_clock_bounds(clock, by_a, &from, &to);
    *low = own->in_a ? from : -to;
    *high = own->in_a ? to : -from;
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

typedef enum { NOT_ARRIVED, ARRIVED, NOT_TOLD } fate;

static fate fate_of(const side *own, const mps_owd_row *row, uint32_t frame, int64_t *time)
{
    const arrival *known = g_hash_table_lookup(own->arrivals, GUINT_TO_POINTER(frame));
    if (!known)
        return row->alignment.outside + row->alignment.ambiguous > 0 ? NOT_TOLD : NOT_ARRIVED;
    *time = known->time;
    return known->arrived == known->length ? ARRIVED : NOT_TOLD;
}

/* The first arrival of any of the earlier transmissions. */
static fate first_arrival(const side *own, const mps_tracker *tracker, const GArray *earlier,
                          int64_t *first)
{
    fate result = NOT_ARRIVED;
    for (guint i = 0; i < earlier->len && result != NOT_TOLD; i++) {
        const mps_copy *copy = &g_array_index(earlier, mps_copy, i);
        uint32_t id = copy->half_id / 2;
        mps_direction direction = mps_tracker_direction(tracker, id, copy->half_id % 2);
        const mps_owd_row *row = g_hash_table_lookup(own->rows, row_key(id, direction));
        int64_t time = 0;
        fate one = row ? fate_of(own, row, copy->frame, &time) : NOT_TOLD;
        if (one == ARRIVED)
            *first = result == ARRIVED ? MIN(*first, time) : time;
        if (one != NOT_ARRIVED)
            result = one;
    }
    return result;
}

static void judge_piece(const side *own, const mps_transmissions *all, uint32_t index,
                        const mps_owd_row *known, mps_fate_row *row)
{
    const mps_transmission *sent = &g_array_index(all->sent, mps_transmission, index);
    bool complete;
    int64_t first = 0, arrived = 0;
    GArray *earlier =
        mps_transmission_copies(all, index, 1, 1u << MPS_PIECE_REINJECTED, false, &complete);
    fate before = first_arrival(own, mps_trace_tracker(own->sender), earlier, &first);
    fate itself = fate_of(own, known, sent->frame, &arrived);
    g_array_free(earlier, TRUE);
    if (before == NOT_TOLD || itself == NOT_TOLD || !complete) {
        row->fates.unknown += sent->length;
        return;
    }
    bool useful = itself == ARRIVED && (before == NOT_ARRIVED || arrived < first);
    if (itself == NOT_ARRIVED)
        row->fates.lost += sent->length;
    else if (useful)
        row->fates.useful += sent->length;
    else
        row->fates.redundant += sent->length;
    if (itself == ARRIVED && before == ARRIVED) {
        row->gain = row->has_gain ? MAX(row->gain, first - arrived) : first - arrived;
        row->has_gain = true;
    }
    if (before == ARRIVED && !useful)
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
            judge_piece(own, all, i, known, &row);
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
