/* picture_data.c: writes the numbers of a picture as csv.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "picture.h"
#include "table/table_build.h"
#include "table/table_write.h"
#include <math.h>

/* The type of a column with a quantity. */
static const mps_value_type types[MPS_QUANTITIES] = {
    [MPS_QUANTITY_TIME] = MPS_VALUE_SECONDS, [MPS_QUANTITY_BYTES] = MPS_VALUE_INT,
    [MPS_QUANTITY_RATE] = MPS_VALUE_REAL,    [MPS_QUANTITY_SHARE] = MPS_VALUE_REAL,
    [MPS_QUANTITY_LANE] = MPS_VALUE_STRING,
};

static void add_number(mps_table *table, mps_quantity quantity, double number)
{
    mps_value value = {.type = types[quantity]};
    if (isnan(number))
        value.type = MPS_VALUE_NULL;
    else if (value.type == MPS_VALUE_REAL)
        value.real = number;
    else
        value.i = mps_whole(number);
    mps_table_add(table, value);
}

/* Append the columns that say what a number is about. */
static void add_subject(mps_table *table, const mps_picture *picture, mps_direction direction,
                        uint32_t subflow, const char *name, uint32_t frame)
{
    mps_table_add(table, MPS_UINT(picture->connection));
    mps_table_add_direction(table, direction);
    mps_table_add_number(table, subflow);
    mps_table_add_string(table, name);
    mps_table_add(table, frame ? MPS_UINT(frame) : MPS_NULL);
}

/* @return what the second number of a dot measures */
static mps_quantity until_quantity(const mps_picture *picture)
{
    return picture->y.quantity == MPS_QUANTITY_LANE ? picture->x.quantity : picture->y.quantity;
}

static void add_dot(mps_table *table, const mps_picture *picture, const mps_panel *panel,
                    const mps_curve *curve, const mps_dot *dot)
{
    const uint32_t subflow = curve->role == MPS_ROLE_SUBFLOW ? curve->index : MPS_NONE;
    add_subject(table, picture, panel->direction, subflow, curve->name, dot->frame);
    add_number(table, picture->x.quantity, dot->x);
    if (picture->y.quantity == MPS_QUANTITY_LANE)
        mps_table_add_string(table, picture->lanes->pdata[(guint)dot->y]);
    else
        add_number(table, picture->y.quantity, dot->y);
    if (picture->y.until)
        add_number(table, until_quantity(picture), dot->y2);
}

static void add_tick(mps_table *table, const mps_picture *picture, const mps_tick *tick)
{
    add_subject(table, picture, tick->direction, tick->subflow, tick->name, tick->frame);
    add_number(table, picture->x.quantity, tick->x);
    mps_table_add(table, MPS_NULL);
    if (picture->y.until)
        mps_table_add(table, MPS_NULL);
}

static void write_row(const mps_table *table, void *out)
{
    mps_write_csv_row(out, table, 0);
}

void mps_picture_write_data(const mps_picture *picture, FILE *out)
{
    const mps_column columns[] = {
        {NULL, "connection", MPS_VALUE_UINT, NULL, NULL, 0},
        {NULL, "direction", MPS_VALUE_STRING, NULL, NULL, 0},
        {NULL, "subflow", MPS_VALUE_UINT, NULL, NULL, 0},
        {NULL, "series", MPS_VALUE_STRING, NULL, NULL, 0},
        {NULL, "frame", MPS_VALUE_UINT, NULL, NULL, 0},
        {NULL, picture->x.column, types[picture->x.quantity], NULL, NULL, 0},
        {NULL, picture->y.column, types[picture->y.quantity], NULL, NULL, 0},
        {NULL, picture->y.until, types[until_quantity(picture)], NULL, NULL, 0},
    };
    mps_table *table = mps_table_new(columns, G_N_ELEMENTS(columns) - !picture->y.until);
    mps_table_pass_rows(table, write_row, out);
    mps_write_csv_heading(out, table);
    for (guint i = 0; i < picture->panels->len; i++) {
        const mps_panel *panel = picture->panels->pdata[i];
        for (guint k = 0; k < panel->curves->len; k++) {
            const mps_curve *curve = panel->curves->pdata[k];
            for (guint n = 0; n < curve->dots->len; n++)
                add_dot(table, picture, panel, curve, &g_array_index(curve->dots, mps_dot, n));
        }
    }
    for (guint i = 0; i < picture->ticks->len; i++)
        add_tick(table, picture, &g_array_index(picture->ticks, mps_tick, i));
    mps_table_free(table);
}
