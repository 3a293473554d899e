/* legs_path.c: on which leg of a path segments were lost, and delayed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "legs_path.h"
#include <math.h>

/* One direction of a subflow on one leg. */
typedef struct {
    const mps_comparison_row *row;
    GArray *outcomes; /* mps_outcome; NULL: the leg does not have it */
    GArray *last;     /* guint: of each segment the point that stands for it */
    GArray *seen;     /* mps_outcome, of the segments that were seen in all captures */
} mps_stage;

/* Its way, leg by leg, and over the whole path. */
typedef struct {
    const mps_legs *legs;
    bool forward;      /* from the first capture to the last */
    unsigned length;   /* legs that have it */
    mps_stage *stages; /* in the order of the way */
    mps_stage whole;
    mps_leg_hop *hops; /* likewise */
} mps_way;

/* Where a subflow is in the rows of each leg: by its id in the capture nearer the sender. */
typedef struct {
    GHashTable **rows; /* id → number of the row, and 1 */
    bool forward;
} mps_finder;

static uint32_t near_id(const mps_comparison_row *row, bool forward)
{
    return forward ? row->pair.a : row->pair.b;
}

static void finder_init(mps_finder *finder, const mps_legs *legs, bool forward)
{
    finder->forward = forward;
    finder->rows = g_new(GHashTable *, legs->count + 1);
    for (unsigned leg = 0; leg <= legs->count; leg++) {
        const GArray *rows = legs->legs[leg]->rows;
        finder->rows[leg] = g_hash_table_new(NULL, NULL);
        for (guint i = 0; i < rows->len; i++) {
            const mps_comparison_row *row = &g_array_index(rows, mps_comparison_row, i);
            uint32_t id = near_id(row, forward);
            if (row->a_sends == forward && id != MPS_NONE)
                g_hash_table_insert(finder->rows[leg], GUINT_TO_POINTER(id),
                                    GUINT_TO_POINTER(i + 1));
        }
    }
}

static void finder_clear(mps_finder *finder, const mps_legs *legs)
{
    for (unsigned leg = 0; leg <= legs->count; leg++)
        g_hash_table_destroy(finder->rows[leg]);
    g_free(finder->rows);
}

/* Find a subflow on a leg. @return false: the leg does not have it */
static bool stage_init(mps_stage *stage, const mps_finder *finder, const mps_legs *legs,
                       unsigned leg, uint32_t id)
{
    guint found = GPOINTER_TO_UINT(g_hash_table_lookup(finder->rows[leg], GUINT_TO_POINTER(id)));
    *stage = (mps_stage){0};
    if (found == 0)
        return false;
    stage->row = &g_array_index(legs->legs[leg]->rows, mps_comparison_row, found - 1);
    stage->outcomes = mps_outcomes_of(legs->legs[leg], found - 1);
    stage->last = g_array_new(FALSE, FALSE, sizeof(guint));
    stage->seen = g_array_new(FALSE, FALSE, sizeof(mps_outcome));
    for (guint i = 0; i < stage->outcomes->len; i++)
        if (g_array_index(stage->outcomes, mps_outcome, i).last)
            g_array_append_val(stage->last, i);
    return true;
}

static void stage_clear(mps_stage *stage)
{
    if (!stage->outcomes)
        return;
    g_array_free(stage->outcomes, TRUE);
    g_array_free(stage->last, TRUE);
    g_array_free(stage->seen, TRUE);
}

static const mps_outcome *point_of(const mps_stage *stage, uint32_t sent)
{
    if (!stage->outcomes || sent >= stage->last->len)
        return NULL;
    return &g_array_index(stage->outcomes, mps_outcome, g_array_index(stage->last, guint, sent));
}

static unsigned leg_at(const mps_way *way, unsigned stage)
{
    return way->forward ? stage : way->legs->count - 1 - stage;
}

/* Do the rows of two stages agree on the direction, as the capture between them names it? Where
 * they do not, that capture is not between the others. */
static bool agree(const mps_way *way, const mps_comparison_row *one, const mps_comparison_row *next)
{
    const mps_comparison_row *nearer = way->forward ? one : next,
                             *farther = way->forward ? next : one;
    mps_direction direction = nearer->pair.flipped ? !nearer->direction : nearer->direction;
    return direction == farther->direction;
}

/* Find all stages of a way. @return false: it goes back and forth */
static bool way_init(mps_way *way, const mps_legs *legs, const mps_finder *finder, uint32_t id)
{
    bool straight = true;
    *way = (mps_way){.legs = legs, .forward = finder->forward};
    way->stages = g_new0(mps_stage, legs->count + 1);
    way->hops = g_new0(mps_leg_hop, legs->count + 1);
    stage_init(&way->whole, finder, legs, legs->count, id);
    for (; id != MPS_NONE && way->length < legs->count; way->length++) {
        mps_stage *stage = &way->stages[way->length];
        if (!stage_init(stage, finder, legs, leg_at(way, way->length), id))
            break;
        straight = straight && (way->length == 0 || agree(way, stage[-1].row, stage->row));
        id = near_id(stage->row, !finder->forward);
    }
    return straight;
}

static void way_clear(mps_way *way)
{
    for (unsigned i = 0; i < way->length; i++)
        stage_clear(&way->stages[i]);
    stage_clear(&way->whole);
    g_free(way->stages);
    g_free(way->hops);
}

/* A segment ends on this hop. What the last capture has was not lost: one in between missed it. */
static void end_segment(mps_leg_hop *hop, mps_sent_outcome kind, const mps_outcome *whole)
{
    bool arrived = whole && whole->kind == MPS_SENT_MATCHED;
    if (kind == MPS_SENT_LOST && !arrived)
        hop->lost++;
    else
        hop->unknown++;
}

static void follow(mps_way *way, uint32_t sent, const mps_outcome **trail)
{
    const mps_outcome *whole = point_of(&way->whole, sent);
    uint32_t index = sent;
    for (unsigned i = 0; i < way->length; i++) {
        trail[i] = point_of(&way->stages[i], index);
        if (!trail[i])
            return;
        way->hops[i].entered++;
        if (trail[i]->kind != MPS_SENT_MATCHED) {
            end_segment(&way->hops[i], trail[i]->kind, whole);
            return;
        }
        way->hops[i].passed++;
        index = trail[i]->received;
    }
    for (unsigned i = 0; i < way->length && way->length == way->legs->count; i++)
        g_array_append_val(way->stages[i].seen, *trail[i]);
}

/* Of what this hop takes and the others take, what share is its? */
static double share_of(double own, double others)
{
    return own >= 0 && others >= 0 && own + others > 0 ? own / (own + others) : -1;
}

/* Tell the share of each hop by the means of all. No delay is negative. */
static void share_delay(mps_way *way)
{
    double mean = 0, low = 0, high = 0; /* sums */
    bool known = way->length == way->legs->count, corrected = true;
    for (unsigned i = 0; i < way->length; i++) {
        const mps_figures *figures = &way->hops[i].figures;
        known = known && figures->delay.count > 0 && figures->has_error;
        corrected = corrected && way->legs->legs[leg_at(way, i)]->corrected;
        mean += figures->delay.mean;
        low += fmax(0, figures->delay.mean + (double)figures->error_low);
        high += figures->delay.mean + (double)figures->error_high;
    }
    for (unsigned i = 0; i < way->length; i++) {
        mps_leg_hop *hop = &way->hops[i];
        double own = hop->figures.delay.mean;
        double own_low = fmax(0, own + (double)hop->figures.error_low);
        double own_high = own + (double)hop->figures.error_high;
        hop->share = known && corrected ? share_of(own, mean - own) : -1;
        hop->share_low = known ? share_of(own_low, high - own_high) : -1;
        hop->share_high = known ? share_of(own_high, low - own_low) : -1;
    }
}

static void describe(mps_way *way, GArray *hops)
{
    const mps_stage *end = &way->stages[way->length - 1];
    for (unsigned i = 0; i < way->length; i++) {
        const mps_stage *stage = &way->stages[i];
        mps_leg_hop *hop = &way->hops[i];
        hop->row = stage->row;
        hop->leg = leg_at(way, i);
        if (way->forward)
            hop->first = way->stages[0].row;
        else
            hop->first = way->length == way->legs->count ? end->row : NULL;
        mps_figures_of(way->legs->legs[hop->leg], stage->row->a_sends,
                       (const mps_outcome *)stage->seen->data, stage->seen->len, &hop->figures);
    }
    share_delay(way);
    g_array_append_vals(hops, way->hops, way->length);
}

static void add_way(const mps_legs *legs, const mps_finder *finder, uint32_t id,
                    unsigned *out_of_order, GArray *hops)
{
    mps_way way;
    bool straight = way_init(&way, legs, finder, id);
    const mps_outcome **trail = g_new0(const mps_outcome *, legs->count + 1);
    if (straight && way.length > 0) {
        for (uint32_t sent = 0; sent < way.stages[0].last->len; sent++)
            follow(&way, sent, trail);
        describe(&way, hops);
    }
    *out_of_order += !straight;
    g_free(trail);
    way_clear(&way);
}

GArray *mps_legs_path_of(const mps_legs *legs, unsigned *out_of_order)
{
    GArray *hops = g_array_new(FALSE, FALSE, sizeof(mps_leg_hop));
    *out_of_order = 0;
    for (unsigned backward = 0; backward < 2; backward++) {
        bool forward = !backward;
        mps_finder finder;
        finder_init(&finder, legs, forward);
        const GArray *rows = legs->legs[forward ? 0 : legs->count - 1]->rows;
        for (guint i = 0; i < rows->len; i++) {
            const mps_comparison_row *row = &g_array_index(rows, mps_comparison_row, i);
            uint32_t id = near_id(row, forward);
            if (row->a_sends == forward && id != MPS_NONE)
                add_way(legs, &finder, id, out_of_order, hops);
        }
        finder_clear(&finder, legs);
    }
    return hops;
}
