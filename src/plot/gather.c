/* gather.c: puts together the subflows that an image does not show apart.
 *
 * An image with a curve for each of 10 000 subflows takes gnuplot minutes, and nobody could tell
 * them apart.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gather.h"
#include <math.h>

static const mps_curve *curve_at(const mps_panel *panel, guint i)
{
    return panel->curves->pdata[i];
}

/* @return how many subflows a panel does not show apart */
static guint count_others(const mps_panel *panel)
{
    GHashTable *numbers = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < panel->curves->len; i++)
        if (curve_at(panel, i)->is_other)
            g_hash_table_add(numbers, GUINT_TO_POINTER(curve_at(panel, i)->index));
    const guint count = g_hash_table_size(numbers);
    g_hash_table_destroy(numbers);
    return count;
}

/* @return the style of the common curve of others: of steps only where they change is shown, as
 * lines would cross each other */
static mps_curve_style common_style(const mps_curve *curve)
{
    return curve->style == MPS_CURVE_STEPS ? MPS_CURVE_POINTS : curve->style;
}

/* @return the curve that has the dots of `curve` and its like; it is made if it is not among those
 * from `first` on. @param number  of subflows */
static mps_curve *common_curve(mps_panel *drawn, const mps_curve *curve, guint first, guint number)
{
    const mps_curve_style style = common_style(curve);
    for (guint i = first; i < drawn->curves->len; i++) {
        mps_curve *common = drawn->curves->pdata[i];
        if (common->style == style && common->mark == curve->mark && common->pale == curve->pale)
            return common;
    }
    const mps_curve like = {.style = style,
                            .role = MPS_ROLE_OTHERS,
                            .mark = curve->mark,
                            .pale = curve->pale,
                            .index = MPS_NONE};
    return mps_panel_add(drawn, &like, curve->name,
                         curve->is_unnamed ? NULL : g_strdup_printf("other subflows: %u", number));
}

/* Add the dots of all others to common curves. */
static void join(const mps_panel *panel, mps_panel *drawn, guint number)
{
    const guint first = drawn->curves->len;
    for (guint i = 0; i < panel->curves->len; i++) {
        const mps_curve *curve = curve_at(panel, i);
        if (!curve->is_other || curve->style == MPS_CURVE_STACK)
            continue;
        mps_curve *common = common_curve(drawn, curve, first, number);
        for (guint n = 0; n < curve->dots->len; n++) {
            const mps_dot *dot = &g_array_index(curve->dots, mps_dot, n);
            if (!isnan(dot->y))
                g_array_append_val(common->dots, *dot);
        }
    }
    for (guint i = first; i < drawn->curves->len; i++)
        mps_curve_sort(drawn->curves->pdata[i]);
}

/* Add one curve of the sums of all others that are stacked. */
static void add_up(const mps_panel *panel, mps_panel *drawn, guint number)
{
    mps_panel others = {.curves = g_ptr_array_new()};
    for (guint i = 0; i < panel->curves->len; i++)
        if (curve_at(panel, i)->is_other && curve_at(panel, i)->style == MPS_CURVE_STACK)
            g_ptr_array_add(others.curves, panel->curves->pdata[i]);
    mps_stack stack = mps_stack_of(&others);
    if (stack.count > 0) {
        mps_curve *sum = common_curve(drawn, curve_at(&others, 0), drawn->curves->len, number);
        for (guint i = 0; i < mps_stack_places(&stack); i++) {
            const double *heights = &g_array_index(stack.heights, double, i *(stack.count + 1));
            double height = 0;
            for (guint k = 1; k <= stack.count; k++)
                height += heights[k];
            mps_curve_add(sum, heights[0], height, NAN, 0);
        }
    }
    mps_stack_clear(&stack);
    g_ptr_array_free(others.curves, TRUE);
}

/* Others are drawn first, below those that are shown apart, but on top of their stack. */
static void gather_panel(const mps_panel *panel, mps_panel *drawn)
{
    const guint number = count_others(panel);
    join(panel, drawn, number);
    for (guint i = 0; i < panel->curves->len; i++)
        if (!curve_at(panel, i)->is_other)
            g_ptr_array_add(drawn->curves, panel->curves->pdata[i]);
    add_up(panel, drawn, number);
}

mps_picture *mps_gather(const mps_picture *picture)
{
    mps_picture *drawn = g_memdup2(picture, sizeof *picture);
    drawn->panels = g_ptr_array_new();
    for (guint i = 0; i < picture->panels->len; i++) {
        mps_panel *panel = g_memdup2(picture->panels->pdata[i], sizeof *panel);
        panel->curves = g_ptr_array_new();
        gather_panel(picture->panels->pdata[i], panel);
        g_ptr_array_add(drawn->panels, panel);
    }
    return drawn;
}

void mps_gathered_free(mps_picture *drawn)
{
    for (guint i = 0; i < drawn->panels->len; i++) {
        mps_panel *panel = drawn->panels->pdata[i];
        for (guint k = 0; k < panel->curves->len; k++)
            if (curve_at(panel, k)->role == MPS_ROLE_OTHERS)
                mps_curve_free(panel->curves->pdata[k]);
        g_ptr_array_free(panel->curves, TRUE);
        g_free(panel);
    }
    g_ptr_array_free(drawn->panels, TRUE);
    g_free(drawn);
}
