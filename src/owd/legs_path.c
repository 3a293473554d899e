/* legs_path.c: finds on which leg of a path segments were lost and delayed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "legs_path.h"
#include <math.h>

/* One direction of a subflow on one leg. */
typedef struct {
    const mps_comparison_row *row;
    GArray *outcomes; /* mps_outcome; NULL: the leg does not have it */
    GArray *last;     /* guint: the index of each segment's outcome with `last` */
    GArray *seen;     /* mps_outcome, of the segments that all captures have */
} mps_stage;

/* One direction of a subflow, leg by leg and from end to end. */
typedef struct {
    const mps_legs *legs;
    bool forward;      /* from the first capture to the last */
    unsigned length;   /* number of legs that have it */
    mps_stage *stages; /* from the sender on */
    mps_stage whole;   /* from end to end */
    mps_leg_hop *hops; /* from the sender on */
} mps_subflow_path;

/* Finds a subflow's row in each leg, by its id in the capture nearer to the sender. */
typedef struct {
    GHashTable **rows; /* id → number of the row, plus 1 */
    bool forward;
} mps_finder;

/* The id of a row's subflow in the capture nearer to the sender. */
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

/* Find a subflow on a leg, by its id. @return false: the leg does not have it */
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

static const mps_outcome *outcome_at(const mps_stage *stage, uint32_t sent)
{
    if (!stage->outcomes || sent >= stage->last->len)
        return NULL;
    return &g_array_index(stage->outcomes, mps_outcome, g_array_index(stage->last, guint, sent));
}

static unsigned leg_at(const mps_subflow_path *path, unsigned stage)
{
    return path->forward ? stage : path->legs->count - 1 - stage;
}

/* Do the rows of two consecutive legs have the same direction, as the capture between them names
 * it? If not, that capture does not lie between the other two. */
static bool same_direction(const mps_subflow_path *path, const mps_comparison_row *one,
                           const mps_comparison_row *next)
{
    const mps_comparison_row *nearer = path->forward ? one : next,
                             *farther = path->forward ? next : one;
    mps_direction direction = nearer->pair.flipped ? !nearer->direction : nearer->direction;
    return direction == farther->direction;
}

/* Find the legs of a subflow. @return false: it goes back and forth between the captures */
static bool path_init(mps_subflow_path *path, const mps_legs *legs, const mps_finder *finder,
                      uint32_t id)
{
    bool in_order = true;
    *path = (mps_subflow_path){.legs = legs, .forward = finder->forward};
    path->stages = g_new0(mps_stage, legs->count + 1);
    path->hops = g_new0(mps_leg_hop, legs->count + 1);
    stage_init(&path->whole, finder, legs, legs->count, id);
    for (; id != MPS_NONE && path->length < legs->count; path->length++) {
        mps_stage *stage = &path->stages[path->length];
        if (!stage_init(stage, finder, legs, leg_at(path, path->length), id))
            break;
        in_order =
            in_order && (path->length == 0 || same_direction(path, stage[-1].row, stage->row));
        id = near_id(stage->row, !finder->forward);
    }
    return in_order;
}

static void path_clear(mps_subflow_path *path)
{
    for (unsigned i = 0; i < path->length; i++)
        stage_clear(&path->stages[i]);
    stage_clear(&path->whole);
    g_free(path->stages);
    g_free(path->hops);
}

/* Count a segment that the end of this leg does not have. If the last capture has it, it was not
 * lost: the capture in between missed it. */
static void end_segment(mps_leg_hop *hop, mps_sent_outcome kind, const mps_outcome *whole)
{
    bool arrived = whole && whole->kind == MPS_SENT_MATCHED;
    if (kind == MPS_SENT_LOST && !arrived)
        hop->lost++;
    else
        hop->unknown++;
    hop->undetermined += kind == MPS_SENT_UNDETERMINED && !arrived;
}

/* Follow a segment from leg to leg. @param trail  room for its outcome on each leg */
static void follow(mps_subflow_path *path, uint32_t sent, const mps_outcome **trail)
{
    const mps_outcome *whole = outcome_at(&path->whole, sent);
    uint32_t index = sent;
    for (unsigned i = 0; i < path->length; i++) {
        trail[i] = outcome_at(&path->stages[i], index);
        if (!trail[i])
            return;
        path->hops[i].entered++;
        if (trail[i]->kind != MPS_SENT_MATCHED) {
            end_segment(&path->hops[i], trail[i]->kind, whole);
            return;
        }
        path->hops[i].passed++;
        index = trail[i]->received;
    }
    for (unsigned i = 0; i < path->length && path->length == path->legs->count; i++)
        g_array_append_val(path->stages[i].seen, *trail[i]);
}

/* This leg's share of its own delay and that of the others; -1: unknown. */
static double share_of(double own, double others)
{
    return own >= 0 && others >= 0 && own + others > 0 ? own / (own + others) : -1;
}

/* Set the share of each leg, by the mean delays of all legs. A true delay is never negative. */
static void set_shares(mps_subflow_path *path)
{
    double mean = 0, low = 0, high = 0; /* sums */
    bool known = path->length == path->legs->count, corrected = true;
    for (unsigned i = 0; i < path->length; i++) {
        const mps_figures *figures = &path->hops[i].figures;
        known = known && figures->delay.count > 0 && figures->has_error;
        corrected = corrected && path->legs->legs[leg_at(path, i)]->corrected;
        mean += figures->delay.mean;
        low += fmax(0, figures->delay.mean + (double)figures->error_low);
        high += figures->delay.mean + (double)figures->error_high;
    }
    for (unsigned i = 0; i < path->length; i++) {
        mps_leg_hop *hop = &path->hops[i];
        double own = hop->figures.delay.mean;
        double own_low = fmax(0, own + (double)hop->figures.error_low);
        double own_high = own + (double)hop->figures.error_high;
        hop->share = known && corrected ? share_of(own, mean - own) : -1;
        hop->share_low = known ? share_of(own_low, high - own_high) : -1;
        hop->share_high = known ? share_of(own_high, low - own_low) : -1;
    }
}

static void compute_hops(mps_subflow_path *path, GArray *hops)
{
    const mps_stage *end = &path->stages[path->length - 1];
    for (unsigned i = 0; i < path->length; i++) {
        const mps_stage *stage = &path->stages[i];
        mps_leg_hop *hop = &path->hops[i];
        hop->row = stage->row;
        hop->leg = leg_at(path, i);
        if (path->forward)
            hop->first = path->stages[0].row;
        else
            hop->first = path->length == path->legs->count ? end->row : NULL;
        mps_figures_of(path->legs->legs[hop->leg], stage->row->a_sends,
                       (const mps_outcome *)stage->seen->data, stage->seen->len, &hop->figures);
    }
    set_shares(path);
    g_array_append_vals(hops, path->hops, path->length);
}

static void add_path(const mps_legs *legs, const mps_finder *finder, uint32_t id,
                     unsigned *out_of_order, GArray *hops)
{
    mps_subflow_path path;
    bool in_order = path_init(&path, legs, finder, id);
    const mps_outcome **trail = g_new0(const mps_outcome *, legs->count + 1);
    if (in_order && path.length > 0) {
        for (uint32_t sent = 0; sent < path.stages[0].last->len; sent++)
            follow(&path, sent, trail);
        compute_hops(&path, hops);
    }
    *out_of_order += !in_order;
    g_free(trail);
    path_clear(&path);
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
                add_path(legs, &finder, id, out_of_order, hops);
        }
        finder_clear(&finder, legs);
    }
    return hops;
}
