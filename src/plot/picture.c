/* picture.c: builds pictures.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "picture.h"
#include <math.h>

void mps_curve_free(mps_curve *curve)
{
    g_free(curve->name);
    g_free(curve->legend);
    g_array_free(curve->dots, TRUE);
    g_free(curve);
}

static void free_curve(gpointer data)
{
    mps_curve_free(data);
}

static void free_panel(gpointer data)
{
    mps_panel *panel = data;
    g_free(panel->title);
    g_ptr_array_free(panel->curves, TRUE);
    g_free(panel);
}

mps_picture *mps_picture_new(uint32_t connection, char *title, char *subtitle)
{
    mps_picture *picture = g_new0(mps_picture, 1);
    picture->connection = connection;
    picture->title = title;
    picture->subtitle = subtitle;
    picture->end = NAN;
    picture->panels = g_ptr_array_new_with_free_func(free_panel);
    picture->lanes = g_ptr_array_new();
    picture->reasons = g_ptr_array_new_with_free_func(g_free);
    picture->remarks = g_ptr_array_new_with_free_func(g_free);
    picture->ticks = g_array_new(FALSE, FALSE, sizeof(mps_tick));
    return picture;
}

void mps_picture_free(mps_picture *picture)
{
    if (!picture)
        return;
    g_free(picture->title);
    g_free(picture->subtitle);
    g_ptr_array_free(picture->panels, TRUE);
    g_array_free(picture->ticks, TRUE);
    g_ptr_array_free(picture->lanes, TRUE);
    g_ptr_array_free(picture->reasons, TRUE);
    g_ptr_array_free(picture->remarks, TRUE);
    g_free(picture);
}

uint32_t mps_picture_connection(const mps_picture *picture)
{
    return picture->connection;
}

mps_panel *mps_picture_add(mps_picture *picture, mps_direction direction, char *title)
{
    mps_panel *panel = g_new0(mps_panel, 1);
    panel->direction = direction;
    panel->title = title;
    panel->curves = g_ptr_array_new_with_free_func(free_curve);
    g_ptr_array_add(picture->panels, panel);
    return panel;
}

mps_curve *mps_panel_add(mps_panel *panel, const mps_curve *curve, const char *name, char *legend)
{
    mps_curve *added = g_memdup2(curve, sizeof *curve);
    added->name = g_strdup(name);
    added->legend = legend;
    added->dots = g_array_new(FALSE, FALSE, sizeof(mps_dot));
    g_ptr_array_add(panel->curves, added);
    return added;
}

/* A dot and its place before sorting. */
typedef struct {
    mps_dot dot;
    guint place;
} placed_dot;

static gint compare_placed(gconstpointer a, gconstpointer b)
{
    const placed_dot *one = a, *other = b;
    if (one->dot.x != other->dot.x)
        return one->dot.x < other->dot.x ? -1 : 1;
    return (one->place > other->place) - (one->place < other->place);
}

static bool is_sorted(const GArray *dots)
{
    const mps_dot *dot = (const mps_dot *)(const void *)dots->data;
    for (guint i = 1; i < dots->len; i++)
        if (dot[i].x < dot[i - 1].x)
            return false;
    return true;
}

void mps_curve_sort(mps_curve *curve)
{
    if (is_sorted(curve->dots))
        return;
    GArray *placed = g_array_sized_new(FALSE, FALSE, sizeof(placed_dot), curve->dots->len);
    for (guint i = 0; i < curve->dots->len; i++) {
        const placed_dot one = {g_array_index(curve->dots, mps_dot, i), i};
        g_array_append_val(placed, one);
    }
    g_array_sort(placed, compare_placed);
    for (guint i = 0; i < placed->len; i++)
        g_array_index(curve->dots, mps_dot, i) = g_array_index(placed, placed_dot, i).dot;
    g_array_free(placed, TRUE);
}

static void accumulate(mps_curve *curve)
{
    mps_curve_sort(curve);
    for (guint i = 0; i < curve->dots->len; i++)
        g_array_index(curve->dots, mps_dot, i).y = (double)(i + 1) / (double)curve->dots->len;
}

void mps_panel_accumulate(mps_panel *panel)
{
    for (guint i = 0; i < panel->curves->len; i++)
        accumulate(panel->curves->pdata[i]);
}

void mps_panel_clear(mps_panel *panel)
{
    g_ptr_array_set_size(panel->curves, 0);
}

void mps_picture_lane(mps_picture *picture, const char *name)
{
    g_ptr_array_add(picture->lanes, (gpointer)name);
}

void mps_picture_lacks(mps_picture *picture, mps_direction direction, const char *reason)
{
    g_ptr_array_add(picture->reasons,
                    g_strdup_printf("%s: %s", mps_direction_name(direction), reason));
}

void mps_picture_remark(mps_picture *picture, const char *remark)
{
    g_ptr_array_add(picture->remarks, g_strdup(remark));
}

void mps_picture_tick(mps_picture *picture, const mps_tick *tick)
{
    g_array_append_val(picture->ticks, *tick);
}

bool mps_picture_prune(mps_picture *picture)
{
    for (guint i = picture->panels->len; i-- > 0;) {
        mps_panel *panel = picture->panels->pdata[i];
        for (guint k = panel->curves->len; k-- > 0;)
            if (((mps_curve *)panel->curves->pdata[k])->dots->len == 0)
                g_ptr_array_remove_index(panel->curves, k);
        if (panel->curves->len == 0)
            g_ptr_array_remove_index(picture->panels, i);
    }
    return picture->panels->len > 0;
}
