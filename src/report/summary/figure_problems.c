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

/* @return a value of the first row of a table */
static const mps_value *value_of(const mps_table *table, const char *name)
{
    for (unsigned i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return mps_table_value(table, 0, i);
    g_assert_not_reached();
    return NULL;
}

/* The first row of the report "limits" says what limited a sender.
 * @param info  of the connection  @param direction  of its data */
static void check_row(mps_problem_search *search, const mps_connection_info *info,
                      mps_direction direction, const mps_table *limits)
{
    char share[MPS_DECIMAL_MAX];
    const mps_value *cause = value_of(limits, "limited_by"), *window = value_of(limits, "window");
    if (cause->type != MPS_VALUE_STRING || strcmp(cause->string, "window") != 0 ||
        window->type != MPS_VALUE_REAL || window->real < 0)
        return;
    mps_problem_add(search, MPS_PROBLEM_WINDOW_LIMITED, MPS_WARNING, info->number, MPS_NONE,
                    (uint32_t)value_of(limits, "frame")->u,
                    "the %s waited for the receive window of the %s for %s %% of the time in which "
                    "it sent data",
                    mps_direction_sender(direction), mps_direction_sender(!direction),
                    mps_decimal(share, 100 * window->real, 1));
}

static void check_limit(mps_problem_search *search, const mps_connection_info *info,
                        mps_direction direction, mps_near near)
{
    const mps_report_kind *kind = &mps_report_limits;
    mps_table *table = mps_table_new(kind->columns, kind->column_count);
    mps_report_limits_of_data(search->report, search->tracker, info, direction, near, table);
    mps_table_complete(table);
    if (table->row_count > 0)
        check_row(search, info, direction, table);
    mps_table_free(table);
}

static void check_held(mps_problem_search *search, const mps_connection_info *info,
                       mps_direction direction, mps_near near)
{
    char share[MPS_DECIMAL_MAX], longest[MPS_DECIMAL_MAX];
    const mps_held_figures held =
        mps_report_held(search->report, search->tracker, info->number, direction);
    (void)near;
    if (held.held_share < MPS_HELD_SHARE || held.longest < 0)
        return;
    mps_problem_add(search, MPS_PROBLEM_HELD,
                    held.window_share < MPS_BUFFER_FULL ? MPS_NOTE : MPS_WARNING, info->number,
                    MPS_NONE, info->frame,
                    "%s %% of the data from the %s arrived before data that precedes it, and was "
                    "held for up to %s s",
                    mps_decimal(share, 100 * held.held_share, 1), mps_direction_sender(direction),
                    mps_seconds(longest, held.longest));
}

static bool may_be_limited(const mps_problem_search *search, uint32_t number,
                           mps_direction direction)
{
    return mps_limits_suspect_window(search->tracker, number, direction);
}

static bool may_be_held(const mps_problem_search *search, uint32_t number, mps_direction direction)
{
    const uint64_t data = mps_report_data(search->report, search->tracker, number, direction);
    mps_held_figures figures;
    return !mps_reordering_held(search->tracker, number, direction, data, &figures) ||
           figures.held_share >= MPS_HELD_SHARE;
}

/* What one of the reports knows. */
typedef struct {
    /* Is it worth asking? Most directions of a flood carry nothing, and reports are not cheap. */
    bool (*worth)(const mps_problem_search *search, uint32_t number, mps_direction direction);
    mps_vantage vantage; /* it judges data only near this */
    void (*check)(mps_problem_search *search, const mps_connection_info *info,
                  mps_direction direction, mps_near near);
} figure_source;

static const figure_source sources[] = {
    {may_be_limited, MPS_VANTAGE_SENDER, check_limit},
    {may_be_held, MPS_VANTAGE_RECEIVER, check_held}, /* the sender's end does not show the order */
};

/* The vantage points are found when one is first asked for. */
static mps_near near_of(const mps_problem_search *search, mps_vantages **vantages, uint32_t number)
{
    if (!*vantages)
        *vantages = mps_vantages_new(search->tracker, &search->report->near);
    return mps_vantages_near(*vantages, number);
}

static void search_connection(mps_problem_search *search, const figure_source *source,
                              uint32_t number, mps_vantages **vantages)
{
    for (mps_direction direction = MPS_C2S; direction <= MPS_S2C; direction++) {
        if (!source->worth(search, number, direction))
            continue;
        mps_connection_info info;
        const mps_near near = near_of(search, vantages, number);
        mps_tracker_connection(search->tracker, number, &info);
        if (mps_vantage_of(near, direction) == source->vantage)
            source->check(search, &info, direction, near);
    }
}

void mps_search_figures(mps_problem_search *search)
{
    mps_vantages *vantages = NULL;
    for (unsigned i = 0; i < G_N_ELEMENTS(sources); i++)
        for (uint32_t number = 0; number < mps_tracker_connections(search->tracker); number++)
            if (mps_report_wants(search->report, number))
                search_connection(search, &sources[i], number, &vantages);
    if (vantages)
        mps_vantages_free(vantages);
}
