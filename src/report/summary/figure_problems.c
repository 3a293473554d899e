/* figure_problems.c: what the reports limits and reordering know that a summary should say.
 *
 * Both judge; this repeats their judgement, so that no report contradicts another.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/limits/limit_records.h"
#include "analysis/reordering.h"
#include "summary_internal.h"
#include <string.h>

/* A row of one of the reports. */
typedef struct {
    const mps_table *table;
    unsigned row;
} figure_row;

/* @return a value of the row. @param group  of the column, or NULL */
static const mps_value *value_of(const figure_row *at, const char *group, const char *name)
{
    const mps_table *table = at->table;
    for (unsigned i = 0; i < table->column_count; i++) {
        const mps_column *column = &table->columns[i];
        if (g_strcmp0(column->group, group) == 0 && strcmp(column->name, name) == 0)
            return mps_table_value(table, at->row, i);
    }
    g_assert_not_reached();
    return NULL;
}

/* @return a number of the row; -1: null */
static double number_of(const figure_row *at, const char *group, const char *name)
{
    const mps_value *value = value_of(at, group, name);
    if (value->type == MPS_VALUE_UINT)
        return (double)value->u;
    return value->type == MPS_VALUE_REAL ? value->real : -1;
}

static bool is_text(const figure_row *at, const char *name, const char *text)
{
    const mps_value *value = value_of(at, NULL, name);
    return value->type == MPS_VALUE_STRING && strcmp(value->string, text) == 0;
}

/* Who sent what the row is about. */
static mps_direction direction_of(const figure_row *at)
{
    return is_text(at, "direction", mps_direction_name(MPS_C2S)) ? MPS_C2S : MPS_S2C;
}

static void check_limit(mps_problem_search *search, const figure_row *at)
{
    char share[MPS_DECIMAL_MAX];
    mps_direction direction = direction_of(at);
    double window = number_of(at, NULL, "window");
    if (!is_text(at, "limited_by", "window") || window < 0)
        return;
    mps_problem_add(search, MPS_PROBLEM_WINDOW_LIMITED, MPS_WARNING,
                    (uint32_t)number_of(at, NULL, "connection"), MPS_NONE,
                    (uint32_t)number_of(at, NULL, "frame"),
                    "the %s waited for the receive window of the %s for %s %% of the time in which "
                    "it sent data",
                    mps_direction_sender(direction), mps_direction_sender(!direction),
                    mps_decimal(share, 100 * window, 1));
}

/* Near the sender the capture does not show the order of arrival. */
static void check_held(mps_problem_search *search, const figure_row *at)
{
    char share[MPS_DECIMAL_MAX], longest[MPS_DECIMAL_MAX];
    mps_direction direction = direction_of(at);
    double held = number_of(at, NULL, "held_share");
    double full = number_of(at, "buffer", "window_share");
    const mps_value *most = value_of(at, "hold", "max");
    uint32_t connection = (uint32_t)number_of(at, NULL, "connection");
    if (held < MPS_HELD_SHARE || !is_text(at, "near", "receiver") ||
        most->type != MPS_VALUE_SECONDS)
        return;
    mps_connection_info info;
    mps_tracker_connection(search->tracker, connection, &info);
    mps_problem_add(search, MPS_PROBLEM_HELD, full < MPS_BUFFER_FULL ? MPS_NOTE : MPS_WARNING,
                    connection, MPS_NONE, info.frame,
                    "%s %% of the data from the %s arrived before data that precedes it, and was "
                    "held for up to %s s",
                    mps_decimal(share, 100 * held, 1), mps_direction_sender(direction),
                    mps_seconds(longest, most->i));
}

static bool may_be_limited(const mps_problem_search *search, uint32_t number,
                           mps_direction direction)
{
    return mps_limits_suspect_window(search->tracker, number, direction);
}

static bool may_be_held(const mps_problem_search *search, uint32_t number, mps_direction direction)
{
    const uint64_t data = mps_report_data(search->report, search->tracker, number, direction);
    return mps_reordering_held_at_most(search->tracker, number, direction, data) >= MPS_HELD_SHARE;
}

/* What one of the reports knows. */
typedef struct {
    const mps_report_kind *kind;
    /* Is it worth asking? Most directions of a flood carry nothing, and reports are not cheap. */
    bool (*worth)(const mps_problem_search *search, uint32_t number, mps_direction direction);
    mps_vantage vantage; /* it judges data only near this */
    void (*add_row)(const mps_report *report, const mps_tracker *tracker,
                    const mps_connection_info *info, mps_direction direction, mps_near near,
                    mps_table *table);
    void (*check)(mps_problem_search *search, const figure_row *at);
} figure_source;

static const figure_source sources[] = {
    {&mps_report_limits, may_be_limited, MPS_VANTAGE_SENDER, mps_report_limits_of_data,
     check_limit},
    {&mps_report_reordering, may_be_held, MPS_VANTAGE_RECEIVER, mps_report_reordering_of_data,
     check_held},
};

/* The vantage points are found when one is first asked for. */
static mps_near near_of(const mps_problem_search *search, mps_vantages **vantages, uint32_t number)
{
    if (!*vantages)
        *vantages = mps_vantages_new(search->tracker, &search->report->near);
    return mps_vantages_near(*vantages, number);
}

/* Append the rows of a connection that may tell something. */
static void add_rows(const mps_problem_search *search, const figure_source *source, uint32_t number,
                     mps_vantages **vantages, mps_table *table)
{
    for (mps_direction direction = MPS_C2S; direction <= MPS_S2C; direction++) {
        if (!source->worth(search, number, direction))
            continue;
        mps_connection_info info;
        const mps_near near = near_of(search, vantages, number);
        mps_tracker_connection(search->tracker, number, &info);
        if (mps_vantage_of(near, direction) == source->vantage)
            source->add_row(search->report, search->tracker, &info, direction, near, table);
    }
}

static void search_source(mps_problem_search *search, const figure_source *source,
                          mps_vantages **vantages)
{
    mps_table *table = mps_table_new(source->kind->columns, source->kind->column_count);
    for (uint32_t i = 0; i < mps_tracker_connections(search->tracker); i++)
        if (mps_report_wants(search->report, i))
            add_rows(search, source, i, vantages, table);
    mps_table_complete(table);
    for (unsigned row = 0; row < table->row_count; row++)
        source->check(search, &(figure_row){table, row});
    mps_table_free(table);
}

void mps_search_figures(mps_problem_search *search)
{
    mps_vantages *vantages = NULL;
    for (unsigned i = 0; i < G_N_ELEMENTS(sources); i++)
        search_source(search, &sources[i], &vantages);
    if (vantages)
        mps_vantages_free(vantages);
}
