/* picture_cut.c: leaves a part of a picture: a subflow, a stretch of time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "picture.h"

/* Keep some of the ticks. @param data  for `keeps` */
static void keep_ticks(mps_picture *picture, bool (*keeps)(const mps_tick *tick, const void *data),
                       const void *data)
{
    guint kept = 0;
    for (guint i = 0; i < picture->ticks->len; i++) {
        const mps_tick *tick = &g_array_index(picture->ticks, mps_tick, i);
        if (keeps(tick, data))
            g_array_index(picture->ticks, mps_tick, kept++) = *tick;
    }
    g_array_set_size(picture->ticks, kept);
}

/* @param number  uint32_t * */
static bool is_of_subflow(const mps_tick *tick, const void *number)
{
    return !tick->of_subflow || tick->subflow == *(const uint32_t *)number;
}

bool mps_picture_keep_subflow(mps_picture *picture, uint32_t number)
{
    bool any = false;
    for (guint i = 0; i < picture->panels->len; i++) {
        const mps_panel *panel = picture->panels->pdata[i];
        for (guint k = panel->curves->len; k-- > 0;) {
            const mps_curve *curve = panel->curves->pdata[k];
            if (curve->role == MPS_ROLE_SUBFLOW && curve->index != number)
                g_ptr_array_remove_index(panel->curves, k);
            else
                any |= curve->role == MPS_ROLE_SUBFLOW && curve->dots->len > 0;
        }
    }
    keep_ticks(picture, is_of_subflow, &number);
    return any;
}

static bool holds_on(const mps_curve *curve)
{
    return curve->style == MPS_CURVE_STEPS || curve->style == MPS_CURVE_STACK;
}

/* Cut the dots of a curve, which are in the order of x. What holds at the beginning begins there.
 */
static void cut(mps_curve *curve, double from, double to)
{
    GArray *kept = g_array_new(FALSE, FALSE, sizeof(mps_dot));
    const mps_dot *before = NULL;
    for (guint i = 0; i < curve->dots->len; i++) {
        const mps_dot *dot = &g_array_index(curve->dots, mps_dot, i);
        const double end = curve->style == MPS_CURVE_SPANS ? dot->y2 : dot->x;
        if (end < from)
            before = dot;
        else if (dot->x <= to)
            g_array_append_val(kept, *dot);
    }
    if (before && from <= to && holds_on(curve) &&
        (kept->len == 0 || g_array_index(kept, mps_dot, 0).x > from)) {
        mps_dot first = *before;
        first.x = from;
        g_array_prepend_val(kept, first);
    }
    g_array_free(curve->dots, TRUE);
    curve->dots = kept;
}

/* @param picture  with its range */
static bool is_within(const mps_tick *tick, const void *picture)
{
    const mps_picture *within = picture;
    return tick->x >= within->begin && tick->x <= within->end;
}

void mps_picture_keep_range(mps_picture *picture, double from, double to)
{
    for (guint i = 0; i < picture->panels->len; i++) {
        const mps_panel *panel = picture->panels->pdata[i];
        for (guint k = 0; k < panel->curves->len; k++)
            cut(panel->curves->pdata[k], from, to);
    }
    picture->begin = from;
    picture->end = to;
    keep_ticks(picture, is_within, picture);
}
