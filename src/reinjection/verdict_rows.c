/* verdict_rows.c: makes the table of reinjections: a row per segment that reinjects.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "reinjection_tables.h"
#include "table/reinjection_columns.h"

/* The most pasts to follow for the originals of one row. It bounds the time and the length of a row
 * for malicious input; ordinary rows have a few. */
#define MPS_PASTS_FOLLOWED_MAX 512u

static const mps_column columns[] = {
    MPS_REINJECTION_COLUMNS("Delay", NULL, NULL, NULL, NULL),
    {NULL, "capture", MPS_VALUE_STRING, "In", NULL, 0},
    {NULL, "verdict", MPS_VALUE_STRING, "Verdict", NULL, 0},
    {NULL, "spurious", MPS_VALUE_BOOL, "Spurious", NULL, 0},
    {NULL, "useful_bytes", MPS_VALUE_UINT, "Useful", NULL, 0},
    {NULL, "redundant_bytes", MPS_VALUE_UINT, "Redund.", NULL, 0},
    {NULL, "lost_bytes", MPS_VALUE_UINT, "Lost", NULL, 0},
    {NULL, "unknown_bytes", MPS_VALUE_UINT, "Unkn.", NULL, 0},
    {NULL, "spurious_bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "unsure_bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "advanced_bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "gain", MPS_VALUE_SECONDS, "Gain", "ms", 3},
};

/* The bytes of a segment may have different verdicts. */
static const char *verdict_of(const mps_reinjection_row *row)
{
    if (row->bytes.useful == row->length)
        return "useful";
    if (row->bytes.redundant == row->length)
        return "redundant";
    if (row->bytes.lost == row->length)
        return "lost";
    return row->bytes.unknown == row->length ? NULL : "mixed";
}

void mps_reinjection_add_arrival_bytes(mps_table *table, const mps_reinjection_bytes *bytes)
{
    mps_table_add(table, MPS_UINT(bytes->useful));
    mps_table_add(table, MPS_UINT(bytes->redundant));
    mps_table_add(table, MPS_UINT(bytes->lost));
    mps_table_add(table, MPS_UINT(bytes->unknown));
}

void mps_reinjection_add_timing_bytes(mps_table *table, const mps_reinjection_bytes *bytes)
{
    mps_table_add(table, MPS_UINT(bytes->spurious));
    mps_table_add(table, MPS_UINT(bytes->unsure));
    mps_table_add(table, MPS_UINT(bytes->advanced));
}

/* Append whether all bytes are spurious, or none; null otherwise. */
static void add_spurious(mps_table *table, const mps_reinjection_row *row)
{
    const mps_reinjection_bytes *bytes = &row->bytes;
    bool all = bytes->spurious == row->length;
    bool none = bytes->spurious + bytes->unsure + bytes->unknown == 0;
    mps_table_add(table, all || none ? MPS_BOOL(all) : MPS_NULL);
}

static gint compare_originals(gconstpointer a, gconstpointer b)
{
    const mps_original *x = a, *y = b;
    if (x->time != y->time)
        return x->time > y->time ? 1 : -1;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

/* Merge originals of the same segment. */
static void merge_originals(GArray *originals)
{
    guint kept = 0;
    g_array_sort(originals, compare_originals);
    for (guint i = 0; i < originals->len; i++) {
        const mps_original one = g_array_index(originals, mps_original, i);
        mps_original *last = kept ? &g_array_index(originals, mps_original, kept - 1) : NULL;
        if (last && compare_originals(last, &one) == 0)
            last->length += one.length;
        else
            g_array_index(originals, mps_original, kept++) = one;
    }
    g_array_set_size(originals, kept);
}

/* Find the earlier transmissions of all bytes of a row. @return false: some are missing */
static bool find_originals(const mps_reinjection_side *side, const mps_reinjection_row *row,
                           GArray *originals)
{
    unsigned steps = MPS_PASTS_FOLLOWED_MAX;
    bool complete = true;
    for (uint32_t i = row->first; i < row->first + row->count; i++) {
        const mps_reinjected_range *range = &g_array_index(side->ranges, mps_reinjected_range, i);
        for (uint32_t at = range->past; at != MPS_NONE;) {
            const mps_past *past = &g_array_index(side->pasts, mps_past, at);
            if (steps-- == 0)
                return false;
            const mps_packet *packet = mps_sent_packet(&side->sent, past->sending);
            mps_original one = {packet->frame, mps_sender_of(&side->sent, past->sending)->subflow,
                                range->length, packet->time};
            g_array_append_val(originals, one);
            complete &= !past->incomplete;
            at = past->previous;
        }
    }
    return complete;
}

/* Set the times since the bytes were sent last and first, and whether this subflow was the last. */
static void set_delays(const mps_reinjection_side *side, const mps_reinjection_row *row,
                       mps_reinjection_values *values)
{
    int64_t first = INT64_MAX, last = INT64_MIN;
    bool incomplete = false;
    const mps_sender *own = mps_sender_of(&side->sent, row->sending);
    for (uint32_t i = row->first; i < row->first + row->count; i++) {
        uint32_t index = g_array_index(side->ranges, mps_reinjected_range, i).past;
        const mps_past *past = &g_array_index(side->pasts, mps_past, index);
        int64_t time = mps_sent_packet(&side->sent, past->sending)->time;
        if (time >= last)
            values->same_subflow = mps_sender_of(&side->sent, past->sending) == own;
        incomplete |= past->incomplete;
        first = MIN(first, past->first_sent);
        last = MAX(last, time);
    }
    values->has_delay = true;
    values->delay = mps_minus(values->time, last);
    values->has_delay_first = !incomplete;
    values->delay_first = mps_minus(values->time, first);
}

static void add_row(mps_table *table, const mps_reinjection_side *side,
                    const mps_reinjection_row *row)
{
    const mps_sender *sender = mps_sender_of(&side->sent, row->sending);
    const mps_packet *packet = mps_sent_packet(&side->sent, row->sending);
    uint64_t dsn = g_array_index(side->ranges, mps_reinjected_range, row->first).dsn;
    GArray *originals = g_array_new(FALSE, FALSE, sizeof(mps_original));
    mps_reinjection_values values = {
        .frame = packet->frame,
        .connection = sender->connection,
        .subflow = sender->subflow,
        .direction = sender->row->direction,
        .time = packet->time,
        .dsn = mps_reinjection_dsn(side, sender, dsn),
        .length = row->length,
        .acked = row->acked,
        .complete = find_originals(side, row, originals),
        .originals = originals,
    };
    merge_originals(originals);
    set_delays(side, row, &values);
    mps_table_add_reinjection(table, &values);
    mps_table_add_string(table, side->sent.in_a ? "A" : "B");
    mps_table_add_string(table, verdict_of(row));
    add_spurious(table, row);
    mps_reinjection_add_arrival_bytes(table, &row->bytes);
    mps_reinjection_add_timing_bytes(table, &row->bytes);
    mps_table_add_ns(table, row->has_gain, row->gain);
    g_array_free(originals, TRUE);
}

mps_dsn mps_reinjection_dsn(const mps_reinjection_side *side, const mps_sender *sender,
                            uint64_t dsn)
{
    const mps_verdict place = {
        .subflow = sender->id, .half = sender->half, .has_dsn = true, .dsn = dsn};
    return mps_tracker_dsn(mps_trace_tracker(side->sent.trace), &place);
}

void mps_reinjections_find(mps_reinjections_both *both)
{
    both->sides[0] = mps_reinjections_of(both->comparison, true);
    both->sides[1] = mps_reinjections_of(both->comparison, false);
}

void mps_reinjections_clear(mps_reinjections_both *both)
{
    mps_reinjections_free(both->sides[0]);
    mps_reinjections_free(both->sides[1]);
}

mps_table *mps_reinjection_table(const mps_reinjections_both *both)
{
    mps_table *table = mps_table_new(columns, G_N_ELEMENTS(columns));
    for (unsigned s = 0; s < 2; s++) {
        const mps_reinjection_side *side = both->sides[s];
        for (guint i = 0; i < side->reinjections->len; i++) {
            const mps_reinjection_row *row =
                &g_array_index(side->reinjections, mps_reinjection_row, i);
            if (mps_reinjections_include(both,
                                         mps_sender_of(&side->sent, row->sending)->connection))
                add_row(table, side, row);
        }
    }
    mps_table_complete(table);
    return table;
}
