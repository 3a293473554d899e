/* transmissions.c: every transmission of data bytes, and which of them carry the same bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "transmissions.h"
#include "base/spans.h"
#include "data_ack.h"

/* A search follows at most so many links, to earlier transmissions and to later ones. A segment of
 * 64 kB that was sent before in small ones, and more than once, takes a few hundred. */
#define MPS_EARLIER_STEPS 512u
#define MPS_LATER_STEPS 128u

static void *begin(void)
{
    mps_transmissions *all = g_new(mps_transmissions, 1);
    all->sent = g_array_new(FALSE, FALSE, sizeof(mps_transmission));
    all->links = g_array_new(FALSE, FALSE, sizeof(mps_link));
    all->reinjections = g_array_new(FALSE, FALSE, sizeof(mps_reinjection));
    all->spaces = g_array_new(FALSE, TRUE, sizeof(mps_spans));
    all->cut = g_array_new(FALSE, TRUE, sizeof(bool));
    return all;
}

static void end(void *state)
{
    mps_transmissions *all = state;
    for (guint i = 0; i < all->spaces->len; i++)
        mps_spans_clear(&g_array_index(all->spaces, mps_spans, i));
    g_array_free(all->spaces, TRUE);
    g_array_free(all->cut, TRUE);
    g_array_free(all->reinjections, TRUE);
    g_array_free(all->links, TRUE);
    g_array_free(all->sent, TRUE);
    g_free(all);
}

static mps_transmission *transmission(const mps_transmissions *all, uint32_t index)
{
    return &g_array_index(all->sent, mps_transmission, index);
}

/* Link the newest transmission to the one that was the latest of these bytes until now. */
static void link_to(const mps_span *replaced, void *data)
{
    mps_transmissions *all = data;
    mps_transmission *earlier = transmission(all, replaced->item);
    mps_link link = {
        .dsn = replaced->start,
        .length = replaced->length,
        .earlier = replaced->item,
        .later = all->sent->len - 1,
        .next = earlier->latest_link,
    };
    earlier->latest_link = all->links->len;
    g_array_append_val(all->links, link);
}

static void record(mps_transmissions *all, const mps_view *view, const mps_piece *piece)
{
    mps_transmission sent = {
        .dsn = piece->dsn,
        .time = view->segment->time,
        .length = piece->length,
        .frame = view->segment->frame,
        .half_id = view->half_id,
        .first_link = all->links->len,
        .latest_link = MPS_NONE,
        .kind = (uint8_t)piece->kind,
        .late = piece->late,
    };
    mps_span span = {piece->dsn, piece->length, all->sent->len};
    g_array_append_val(all->sent, sent);
    mps_spans_cover(mps_analysis_slot(all->spaces, view->space_id), &span, link_to, all);
}

static void take(void *state, const mps_view *view)
{
    mps_transmissions *all = state;
    mps_reinjection reinjection = {.first = all->sent->len, .count = view->piece_count};
    for (unsigned i = 0; i < view->piece_count; i++) {
        const mps_piece *piece = &view->pieces[i];
        record(all, view, piece);
        if (piece->kind == MPS_PIECE_REINJECTED)
            reinjection.bytes += piece->length;
    }
    if (reinjection.bytes > 0)
        g_array_append_val(all->reinjections, reinjection);
    if (view->pieces_cut)
        *(bool *)mps_analysis_slot(all->cut, view->space_id) = true;
}

const mps_analysis_kind mps_transmission_analysis = {
    .need = MPS_NEED_TRANSMISSIONS,
    .begin = begin,
    .segment = take,
    .end = end,
};

const mps_transmissions *mps_transmissions_of(const mps_tracker *tracker)
{
    return mps_analysis_state(tracker, &mps_transmission_analysis);
}

/* The space_id of what a half sends. */
static uint32_t space_of(const mps_tracker *tracker, uint32_t half_id)
{
    const mps_flow *flow = mps_tracker_flow(tracker, half_id / 2);
    return flow->connection->space_id[mps_flow_direction(flow, half_id % 2)];
}

bool mps_transmissions_whole(const mps_tracker *tracker, uint32_t half_id)
{
    const GArray *cut = mps_transmissions_of(tracker)->cut;
    uint32_t space_id = space_of(tracker, half_id);
    return space_id >= cut->len || !g_array_index(cut, bool, space_id);
}

/* The DATA_ACKs of a transmission's direction. */
static const GArray *acks_of(GPtrArray *store, const mps_tracker *tracker,
                             const mps_transmission *sent)
{
    return mps_data_acks_kept(store, tracker, space_of(tracker, sent->half_id));
}

static int64_t acked_bytes(const mps_transmissions *all, const mps_reinjection *reinjection,
                           const GArray *acks, const mps_leaps *leaps)
{
    int64_t bytes = 0;
    for (uint32_t i = reinjection->first; i < reinjection->first + reinjection->count; i++) {
        const mps_transmission *sent = transmission(all, i);
        uint64_t ack;
        if (sent->kind != MPS_PIECE_REINJECTED)
            continue;
        if (!mps_data_acked(acks, mps_leaps_until(leaps, sent->frame), sent->time, sent->frame,
                            &ack))
            return -1;
        if (ack > sent->dsn)
            bytes += (int64_t)MIN(ack - sent->dsn, sent->length);
    }
    return bytes;
}

GArray *mps_reinjections_acked(const mps_tracker *tracker)
{
    const mps_transmissions *all = mps_transmissions_of(tracker);
    GArray *acked = g_array_new(FALSE, FALSE, sizeof(int64_t));
    GPtrArray *store = mps_data_acks_store();
    for (guint i = 0; i < all->reinjections->len; i++) {
        const mps_reinjection *one = &g_array_index(all->reinjections, mps_reinjection, i);
        const GArray *acks = acks_of(store, tracker, transmission(all, one->first));
        int64_t bytes = acked_bytes(all, one, acks, mps_tracker_leaps(tracker));
        g_array_append_val(acked, bytes);
    }
    g_ptr_array_free(store, TRUE);
    return acked;
}

/* A search for other transmissions of some bytes. */
typedef struct {
    const mps_transmissions *all;
    bool later;
    GArray *open;  /* mps_span: parts of transmissions whose links are to be followed */
    GArray *found; /* the same: all that were ever open, except those the search began with */
} mps_transmission_search;

/* Follow a link from a part of a transmission, for those bytes that both are about. */
static void follow(mps_transmission_search *search, const mps_span *from, const mps_link *link)
{
    uint64_t start = MAX(from->start, link->dsn);
    uint64_t stop = MIN(from->start + from->length, link->dsn + link->length);
    if (start >= stop)
        return;
    mps_span to = {start, (uint32_t)(stop - start), search->later ? link->later : link->earlier};
    g_array_append_val(search->open, to);
    g_array_append_val(search->found, to);
}

/* Follow the links of everything that is open, the nearest first. @return false: the search was
 * given up */
static bool search_others(mps_transmission_search *search)
{
    const GArray *links = search->all->links;
    unsigned steps = search->later ? MPS_LATER_STEPS : MPS_EARLIER_STEPS;
    for (guint i = 0; i < search->open->len; i++) {
        const mps_span from = g_array_index(search->open, mps_span, i);
        const mps_transmission *sent = transmission(search->all, from.item);
        uint32_t at = search->later ? sent->latest_link : sent->first_link;
        while (at < links->len) { /* MPS_NONE is above */
            const mps_link *link = &g_array_index(links, mps_link, at);
            if (!search->later && link->later != from.item)
                break;
            if (steps-- == 0)
                return false;
            follow(search, &from, link);
            at = search->later ? link->next : at + 1;
        }
    }
    return true;
}

static gint compare_items(gconstpointer a, gconstpointer b)
{
    const mps_span *x = a, *y = b;
    return (x->item > y->item) - (x->item < y->item);
}

/* Add up the parts that were found, by frame and direction of a subflow. */
static GArray *sum_up(const mps_transmissions *all, GArray *found)
{
    GArray *others = g_array_new(FALSE, FALSE, sizeof(mps_other_transmission));
    g_array_sort(found, compare_items);
    for (guint i = 0; i < found->len; i++) {
        const mps_span *span = &g_array_index(found, mps_span, i);
        const mps_transmission *sent = transmission(all, span->item);
        mps_other_transmission *last =
            others->len ? &g_array_index(others, mps_other_transmission, others->len - 1) : NULL;
        uint8_t kind = (uint8_t)(1u << sent->kind);
        if (last && last->frame == sent->frame && last->half_id == sent->half_id) {
            last->length += span->length;
            last->kinds |= kind;
            last->late |= sent->late;
            continue;
        }
        mps_other_transmission other = {
            .frame = sent->frame,
            .half_id = sent->half_id,
            .length = span->length,
            .kinds = kind,
            .late = sent->late,
            .time = sent->time,
        };
        g_array_append_val(others, other);
    }
    return others;
}

GArray *mps_transmissions_other(const mps_transmissions *all, uint32_t first, uint32_t count,
                                unsigned kinds, bool later, bool *complete)
{
    mps_transmission_search search = {
        .all = all,
        .later = later,
        .open = g_array_new(FALSE, FALSE, sizeof(mps_span)),
        .found = g_array_new(FALSE, FALSE, sizeof(mps_span)),
    };
    for (uint32_t i = first; i < first + count; i++) {
        const mps_transmission *sent = transmission(all, i);
        mps_span span = {sent->dsn, sent->length, i};
        if (kinds & 1u << sent->kind)
            g_array_append_val(search.open, span);
    }
    *complete = search_others(&search);
    GArray *others = sum_up(all, search.found);
    g_array_free(search.open, TRUE);
    g_array_free(search.found, TRUE);
    return others;
}
