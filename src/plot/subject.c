/* subject.c: what all kinds of plots ask for: subflows, directions, times, rows of reports.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "palette.h"
#include "plot_internal.h"
#include <math.h>
#include <string.h>

double mps_plot_time(const mps_plot_subject *subject, int64_t time)
{
    return (double)mps_minus(time, subject->connection.start);
}

mps_panel *mps_plot_panel(const mps_plot_subject *subject, mps_picture *picture,
                          mps_direction direction)
{
    if (subject->choice.directions && !(subject->choice.directions & 1u << direction))
        return NULL;
    return mps_picture_add(
        picture, direction,
        g_strdup(direction == MPS_C2S ? "data of the client (c2s)" : "data of the server (s2c)"));
}

void mps_plot_each_direction(const mps_plot_subject *subject, mps_picture *picture,
                             mps_plot_direction draw, const void *data)
{
    for (unsigned i = 0; i < 2; i++) {
        mps_panel *panel = mps_plot_panel(subject, picture, i);
        if (panel)
            draw(subject, panel, data);
    }
}

bool mps_plot_half_is_of(const mps_plot_subject *subject, const mps_panel *panel, uint32_t half_id)
{
    return mps_tracker_direction(subject->tracker, half_id / 2, (uint8_t)(half_id % 2)) ==
           panel->direction;
}

uint32_t mps_plot_subflow(const mps_plot_subject *subject, uint32_t id)
{
    uint32_t connection, number;
    mps_tracker_numbers(subject->tracker, id, &connection, &number);
    return connection == subject->connection.number ? number : MPS_NONE;
}

/* @return what the legend says of a subflow; the caller frees it */
static char *legend_of(const mps_plot_subject *subject, uint32_t number)
{
    char client[MPS_ADDRESS_TEXT_MAX], server[MPS_ADDRESS_TEXT_MAX];
    mps_subflow_info info;
    mps_tracker_subflow(
        subject->tracker,
        mps_tracker_subflow_id(subject->tracker, subject->connection.number, number), &info);
    return g_strdup_printf("subflow %u: %s - %s", number,
                           mps_address_text(&info.address[0], client),
                           mps_address_text(&info.address[1], server));
}

GPtrArray *mps_plot_subflow_curves(const mps_plot_subject *subject, mps_panel *panel,
                                   const mps_curve *style, const char *name)
{
    GPtrArray *curves = g_ptr_array_new();
    for (uint32_t number = 0; number < subject->connection.subflow_count; number++) {
        mps_curve curve = *style;
        curve.role = MPS_ROLE_SUBFLOW;
        curve.index = number;
        g_ptr_array_add(curves, mps_panel_add(panel, &curve, name, NULL));
    }
    return curves;
}

void mps_plot_without_legend(const GPtrArray *curves)
{
    for (guint i = 0; i < curves->len; i++)
        ((mps_curve *)curves->pdata[i])->is_unnamed = true;
}

/* @return how many numbers of a curve are not 0 */
static guint64 count_numbers(const mps_curve *curve)
{
    guint64 count = 0;
    for (guint i = 0; i < curve->dots->len; i++) {
        const double y = g_array_index(curve->dots, mps_dot, i).y;
        count += !isnan(y) && y != 0;
    }
    return count;
}

/* @return how much each subflow has to show, by its number; the caller frees it */
static guint64 *weights_of(const mps_plot_subject *subject, const mps_picture *picture)
{
    guint64 *weights = g_new0(guint64, subject->connection.subflow_count);
    for (guint i = 0; i < picture->panels->len; i++) {
        const mps_panel *panel = picture->panels->pdata[i];
        for (guint k = 0; k < panel->curves->len; k++) {
            const mps_curve *curve = panel->curves->pdata[k];
            if (curve->role == MPS_ROLE_SUBFLOW)
                weights[curve->index] += 1 + count_numbers(curve);
        }
    }
    return weights;
}

void mps_plot_name_subflows(const mps_plot_subject *subject, mps_picture *picture)
{
    guint64 *weights = weights_of(subject, picture);
    uint32_t apart[MPS_PALETTE_LOOKS] = {0};
    for (uint32_t number = 0; number < subject->connection.subflow_count; number++) {
        uint32_t *chosen = &apart[number % MPS_PALETTE_LOOKS];
        if (number < MPS_PALETTE_LOOKS || weights[number] > weights[*chosen])
            *chosen = number;
    }
    for (guint i = 0; i < picture->panels->len; i++) {
        const mps_panel *panel = picture->panels->pdata[i];
        for (guint k = 0; k < panel->curves->len; k++) {
            mps_curve *curve = panel->curves->pdata[k];
            if (curve->role != MPS_ROLE_SUBFLOW)
                continue;
            curve->is_other = apart[curve->index % MPS_PALETTE_LOOKS] != curve->index;
            if (!curve->is_other && !curve->is_unnamed)
                curve->legend = legend_of(subject, curve->index);
        }
    }
    g_free(weights);
}

mps_curve *mps_plot_line(mps_panel *panel, mps_curve_style style, mps_curve_role role,
                         const char *name, const char *legend)
{
    const mps_curve curve = {.style = style, .role = role, .index = MPS_NONE};
    return mps_panel_add(panel, &curve, name, g_strdup(legend));
}

unsigned mps_plot_column(const mps_table *table, const char *group, const char *name)
{
    for (unsigned i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0 &&
            g_strcmp0(table->columns[i].group, group) == 0)
            return i;
    g_assert_not_reached();
}

double mps_plot_value(const mps_table *table, unsigned row, unsigned column)
{
    const mps_value *value = mps_table_value(table, row, column);
    switch (value->type) {
    case MPS_VALUE_UINT:
        return (double)value->u;
    case MPS_VALUE_INT:
    case MPS_VALUE_SECONDS:
        return (double)value->i;
    case MPS_VALUE_REAL:
        return value->real;
    default:
        return NAN;
    }
}

bool mps_plot_row_is_of(const mps_plot_subject *subject, const mps_panel *panel,
                        const mps_table *table, unsigned row)
{
    const mps_value *connection =
        mps_table_value(table, row, mps_plot_column(table, NULL, "connection"));
    const mps_value *direction =
        mps_table_value(table, row, mps_plot_column(table, NULL, "direction"));
    return connection->u == subject->connection.number &&
           strcmp(direction->string, mps_direction_name(panel->direction)) == 0;
}
