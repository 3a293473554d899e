/* analysis.c: the list of analyses; passes each segment to those that were asked for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis.h"
#include "analysis/critical_path/records.h"
#include "analysis/limits/limit_records.h"
#include "analysis/mib/mib.h"
#include "checksum.h"
#include "data_ack.h"
#include "events.h"
#include "field_records.h"
#include "first_seen.h"
#include "milestones.h"
#include "new_data.h"
#include "reordering.h"
#include "rtt.h"
#include "series.h"
#include "transmissions.h"
#include "vantage.h"

/* In the order in which they see a segment. The series use the RTT sample of the segment, and the
 * field records use what other analyses kept of it: both must come after those. */
static const mps_analysis_kind *const kinds[] = {
    &mps_event_analysis,      &mps_limit_analysis,        &mps_mib_analysis,
    &mps_checksum_analysis,   &mps_transmission_analysis, &mps_new_data_analysis,
    &mps_data_ack_analysis,   &mps_rtt_analysis,          &mps_series_analysis,
    &mps_reordering_analysis, &mps_milestone_analysis,    &mps_field_analysis,
    &mps_first_seen_analysis, &mps_vantage_analysis,      &mps_critical_analysis,
};

/* An analysis that was asked for. */
typedef struct {
    void (*segment)(void *state, const mps_view *view); /* that of the kind */
    void *state;
    const mps_analysis_kind *kind;
} mps_wanted;

/* The data of the tracker's hook: the analyses that were asked for, in the order of `kinds`. */
typedef struct {
    mps_wanted wanted[G_N_ELEMENTS(kinds)];
    unsigned count;
} mps_analyses;

static void show_segment(void *data, const mps_view *view)
{
    const mps_analyses *analyses = data;
    const mps_wanted *end = analyses->wanted + analyses->count;
    const bool plain = !view->flow->connection;
    for (const mps_wanted *wanted = analyses->wanted; wanted < end; wanted++)
        if (!plain || wanted->kind->plain)
            wanted->segment(wanted->state, view);
}

static void free_analyses(void *data)
{
    mps_analyses *analyses = data;
    for (unsigned i = 0; i < analyses->count; i++)
        analyses->wanted[i].kind->end(analyses->wanted[i].state);
    g_free(analyses);
}

static void *state_of(const mps_analyses *analyses, const mps_analysis_kind *kind)
{
    for (unsigned i = 0; i < analyses->count; i++)
        if (analyses->wanted[i].kind == kind)
            return analyses->wanted[i].state;
    return NULL;
}

void mps_analyses_want(mps_tracker *tracker, unsigned needs)
{
    if (needs == 0)
        return;
    mps_analyses *analyses = mps_tracker_hook_data(tracker);
    if (!analyses) {
        analyses = g_new0(mps_analyses, 1);
        mps_tracker_set_hook(tracker, &(mps_tracker_hook){show_segment, free_analyses, analyses});
    }
    const mps_analyses earlier = *analyses;
    analyses->count = 0;
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        void *state = state_of(&earlier, kinds[i]);
        if (!state && kinds[i]->need & needs) {
            state = kinds[i]->begin();
            if (kinds[i]->plain)
                mps_tracker_show_plain(tracker);
        }
        if (state)
            analyses->wanted[analyses->count++] = (mps_wanted){kinds[i]->segment, state, kinds[i]};
    }
}

void *mps_analysis_state(const mps_tracker *tracker, const mps_analysis_kind *kind)
{
    const mps_analyses *analyses = mps_tracker_hook_data(tracker);
    return analyses ? state_of(analyses, kind) : NULL;
}

uint32_t mps_analysis_space(const mps_tracker *tracker, uint32_t number, mps_direction direction)
{
    return mps_tracker_connection_at(tracker, number)->space_id[direction];
}

uint32_t mps_analysis_half(const mps_tracker *tracker, uint32_t id, mps_direction direction)
{
    return 2 * id + (mps_tracker_direction(tracker, id, 0) != direction);
}

mps_dsn mps_analysis_dsn(const mps_tracker *tracker, uint32_t id, unsigned half, uint64_t dsn)
{
    const mps_flow *flow = mps_tracker_flow(tracker, id);
    const mps_space *space = flow->connection->space[mps_flow_direction(flow, half)];
    return (mps_dsn){
        .has_absolute = true,
        .absolute = dsn,
        .has_relative = space->initial_known && space->absolute_known,
        .relative = dsn - space->offset - space->initial,
    };
}

void *mps_analysis_slot(GArray *array, uint32_t index)
{
    if (index >= array->len)
        g_array_set_size(array, index + 1);
    return array->data + (gsize)index * g_array_get_element_size(array);
}

void *mps_analysis_begin_arrays(void)
{
    return g_array_new(FALSE, TRUE, sizeof(GArray *));
}

void mps_analysis_end_arrays(void *state)
{
    GArray *spaces = state;
    for (guint i = 0; i < spaces->len; i++)
        if (g_array_index(spaces, GArray *, i))
            g_array_free(g_array_index(spaces, GArray *, i), TRUE);
    g_array_free(spaces, TRUE);
}

GArray *mps_analysis_array_slot(GArray *spaces, uint32_t space_id, guint size)
{
    GArray **items = mps_analysis_slot(spaces, space_id);
    if (!*items)
        *items = g_array_new(FALSE, FALSE, size);
    return *items;
}

const GArray *mps_analysis_array(const mps_tracker *tracker, const mps_analysis_kind *kind,
                                 uint32_t space_id)
{
    const GArray *spaces = mps_analysis_state(tracker, kind);
    return spaces && space_id < spaces->len ? g_array_index(spaces, GArray *, space_id) : NULL;
}

const char *mps_check_name(mps_check check)
{
    static const char *const names[] = {
        [MPS_CHECK_UNKNOWN] = NULL,
        [MPS_CHECK_OK] = "ok",
        [MPS_CHECK_BAD] = "bad",
        [MPS_CHECK_LEFTMOST] = "leftmost",
    };
    return names[check];
}
