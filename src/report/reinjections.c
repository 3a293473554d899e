/* reinjections.c: the report "reinjections": a row per segment with data bytes that were sent
 * before under another subflow sequence number. Its second table is in reinjection_totals.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/transmissions.h"
#include "base/times.h"
#include "report_internal.h"
#include "table/reinjection_columns.h"

static const mps_column columns[] = {MPS_REINJECTION_COLUMNS(
    "Delay", "First", "Acked", "Same subflow", "Earlier: frame/subflow:length")};

/* What text has of them. */
static const mps_text_choice text_choices[] = {
    MPS_TEXT_WHEN_WIDE("time"),
    MPS_TEXT_WHEN_WIDE("delay_first"),
    MPS_TEXT_END,
};

static const mps_transmission *transmission(const mps_transmissions *all, uint32_t index)
{
    return &g_array_index(all->sent, mps_transmission, index);
}

static gint compare_others(gconstpointer a, gconstpointer b, gpointer leaps)
{
    const mps_other_transmission *x = a, *y = b;
    return mps_leaps_compare(leaps, x->time, x->frame, y->time, y->frame);
}

/* Append those of `others` that were sent before `sent` was, and free `others`. */
static void take_earlier(GArray *originals, GArray *others, const mps_transmission *sent,
                         const mps_leaps *leaps)
{
    const mps_other_transmission self = {.time = sent->time, .frame = sent->frame};
    for (guint i = 0; i < others->len; i++)
        if (compare_others(&g_array_index(others, mps_other_transmission, i), &self,
                           (gpointer)leaps) < 0)
            g_array_append_val(originals, g_array_index(others, mps_other_transmission, i));
    g_array_free(others, TRUE);
}

/* @return the earlier transmissions (mps_other_transmission), by time; the caller frees the array.
 * In a capture of several interfaces, frames are not in the order of time: a later frame may be
 * earlier.
 * @param complete  set to whether all were found */
static GArray *find_originals(const mps_transmissions *all, const mps_leaps *leaps,
                              const mps_reinjection *reinjection, const mps_transmission *sent,
                              bool *complete)
{
    const unsigned kinds = 1u << MPS_PIECE_REINJECTED;
    uint32_t first = reinjection->first, count = reinjection->count;
    GArray *originals = g_array_new(FALSE, FALSE, sizeof(mps_other_transmission));
    bool unused;
    GArray *earlier_frames = mps_transmissions_other(all, first, count, kinds, false, complete);
    GArray *later_frames = mps_transmissions_other(all, first, count, kinds, true, &unused);
    take_earlier(originals, earlier_frames, sent, leaps);
    take_earlier(originals, later_frames, sent, leaps);
    g_array_sort_with_data(originals, compare_others, (gpointer)leaps);
    return originals;
}

/* @return the first transmission of the segment that reinjects. */
static const mps_transmission *first_reinjected(const mps_transmissions *all,
                                                const mps_reinjection *reinjection)
{
    uint32_t i = reinjection->first;
    while (transmission(all, i)->kind != MPS_PIECE_REINJECTED)
        i++;
    return transmission(all, i);
}

/* Find the time since another transmission, ns.
 * @return false if the mapping of either came late, so that its time is not that of its bytes, or
 * if the clock leapt in between */
static bool delay_since(const mps_transmission *sent, const mps_other_transmission *since,
                        const mps_leaps *leaps, int64_t *delay)
{
    if (!since || sent->late || since->late || mps_leaps_between(leaps, since->frame, sent->frame))
        return false;
    *delay = mps_minus(sent->time, since->time);
    return true;
}

/* @return other transmissions as mps_original, with numbers of subflows; the caller frees the
 * array. */
static GArray *number_originals(const mps_tracker *tracker, const GArray *others)
{
    GArray *originals = g_array_new(FALSE, FALSE, sizeof(mps_original));
    for (guint i = 0; i < others->len; i++) {
        const mps_other_transmission *other = &g_array_index(others, mps_other_transmission, i);
        mps_original one = {
            .frame = other->frame,
            .subflow = mps_report_subflow_number(tracker, other->half_id / 2),
            .length = other->length,
            .time = other->time,
        };
        g_array_append_val(originals, one);
    }
    return originals;
}

static void add_row(mps_table *table, const mps_tracker *tracker, const mps_transmissions *all,
                    const mps_reinjection *reinjection, int64_t acked)
{
    const mps_transmission *sent = first_reinjected(all, reinjection);
    const mps_verdict place = {
        .subflow = sent->half_id / 2, .half = sent->half_id % 2, .has_dsn = true, .dsn = sent->dsn};
    bool complete, whole = mps_transmissions_whole(tracker, sent->half_id);
    GArray *others = find_originals(all, mps_tracker_leaps(tracker), reinjection, sent, &complete);
    complete &= whole;
    GArray *originals = number_originals(tracker, others);
    const mps_other_transmission *first =
        others->len > 0 ? (const mps_other_transmission *)others->data : NULL;
    const mps_other_transmission *last = first ? &first[others->len - 1] : NULL;
    mps_reinjection_values values = {
        .frame = sent->frame,
        .direction = mps_tracker_direction(tracker, place.subflow, place.half),
        .time = sent->time,
        .dsn = mps_tracker_dsn(tracker, &place),
        .length = reinjection->bytes,
        .acked = acked,
        .same_subflow = last && whole ? last->half_id == sent->half_id : -1,
        .complete = complete,
        .originals = originals,
    };
    mps_tracker_numbers(tracker, place.subflow, &values.connection, &values.subflow);
    values.has_delay =
        delay_since(sent, whole ? last : NULL, mps_tracker_leaps(tracker), &values.delay);
    values.has_delay_first =
        delay_since(sent, complete ? first : NULL, mps_tracker_leaps(tracker), &values.delay_first);
    mps_table_add_reinjection(table, &values);
    g_array_free(originals, TRUE);
    g_array_free(others, TRUE);
}

static void rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    const mps_transmissions *all = mps_transmissions_of(tracker);
    if (!all)
        return;
    GArray *acked = mps_reinjections_acked(tracker);
    for (guint i = 0; i < all->reinjections->len; i++) {
        const mps_reinjection *reinjection = &g_array_index(all->reinjections, mps_reinjection, i);
        const mps_transmission *sent = transmission(all, reinjection->first);
        if (mps_report_shows(report, tracker, sent->frame, sent->half_id / 2))
            add_row(table, tracker, all, reinjection, g_array_index(acked, int64_t, i));
    }
    g_array_free(acked, TRUE);
}

static const mps_report_kind *const lists[] = {&mps_report_reinjection_moves,
                                               &mps_report_reinjection_histogram, NULL};

const mps_report_kind mps_report_reinjections = {
    .name = "reinjections",
    .title = "MPTCP Reinjections",
    .about = "which data was sent again, on which subflow, after how long",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .text_choices = text_choices,
    .needs = MPS_NEED_TRANSMISSIONS,
    .rows = rows,
    .totals = &mps_report_reinjection_totals,
    .lists = lists,
    .empty = "No data was sent again under another subflow sequence number.",
};
