/* analysis.c: the list of analyses, and showing each segment to those that are wanted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis.h"
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

/* Series look at the RTTs of the segment, and facts at what all others kept of it: they come behind
 * them. */
static const mps_analysis_kind *const kinds[] = {
    &mps_event_analysis,      &mps_limit_analysis,        &mps_mib_analysis,
    &mps_checksum_analysis,   &mps_transmission_analysis, &mps_new_data_analysis,
    &mps_data_ack_analysis,   &mps_rtt_analysis,          &mps_series_analysis,
    &mps_reordering_analysis, &mps_milestone_analysis,    &mps_field_analysis,
    &mps_first_seen_analysis,
};

struct mps_analyses {
    void *states[G_N_ELEMENTS(kinds)]; /* NULL: not wanted */
};

void mps_tracker_want(mps_tracker *tracker, unsigned needs)
{
    if (needs == 0)
        return;
    if (!tracker->analyses) {
        tracker->analyses = g_new0(mps_analyses, 1);
        tracker->pieces = g_array_new(FALSE, FALSE, sizeof(mps_piece));
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (kinds[i]->need & needs && !tracker->analyses->states[i])
            tracker->analyses->states[i] = kinds[i]->begin();
}

void mps_analyses_free(mps_analyses *analyses)
{
    if (!analyses)
        return;
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (analyses->states[i])
            kinds[i]->end(analyses->states[i]);
    g_free(analyses);
}

static void view_subflow(mps_view *view, mps_flow *flow)
{
    const mps_segment *segment = view->segment;
    mps_half *own = &flow->half[view->half], *peer = &flow->half[!view->half];
    view->half_id = 2 * flow->id + view->half;
    view->other_half_id = 2 * flow->id + !view->half;
    view->has_ssn = segment->length > 0 && !(segment->flags & (MPS_TCP_SYN | MPS_TCP_RST));
    if (view->has_ssn) {
        view->ssn = mps_half_extend(own, segment->seq);
        view->ssn_end = view->ssn + segment->length;
    }
    view->has_ack = segment->flags & MPS_TCP_ACK && peer->anchored;
    if (view->has_ack)
        view->ack = mps_half_near(peer, segment->ack);
}

static void view_connection(mps_view *view, mps_connection *connection)
{
    view->direction = mps_flow_direction(view->flow, view->half);
    mps_space *other = &connection->space[!view->direction];
    const mps_option *dss = mps_segment_option(view->segment, MPS_DSS);
    view->space_id = connection->space[view->direction].id;
    view->other_space_id = other->id;
    view->has_data_ack = dss && dss->dss.has_ack;
    if (view->has_data_ack)
        view->data_ack = mps_space_extend(other, dss->dss.ack, dss->dss.ack_is_64);
}

void mps_analyses_segment(mps_tracker *tracker, mps_flow *flow, unsigned half,
                          const mps_segment *segment, const mps_verdict *verdict)
{
    mps_view view = {
        .tracker = tracker,
        .segment = segment,
        .verdict = verdict,
        .flow = flow,
        .half = half,
        .pieces = (const mps_piece *)tracker->pieces->data,
        .piece_count = tracker->pieces->len,
    };
    view_subflow(&view, flow);
    view_connection(&view, flow->connection);
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (tracker->analyses->states[i])
            kinds[i]->segment(tracker->analyses->states[i], &view);
}

void *mps_analysis_state(const mps_tracker *tracker, const mps_analysis_kind *kind)
{
    for (unsigned i = 0; tracker->analyses && i < G_N_ELEMENTS(kinds); i++)
        if (kinds[i] == kind)
            return tracker->analyses->states[i];
    return NULL;
}

uint32_t mps_analysis_space(const mps_tracker *tracker, uint32_t number, mps_direction direction)
{
    mps_tracker_renumber((mps_tracker *)tracker);
    const mps_connection *connection = tracker->alive->pdata[number];
    return connection->space[direction].id;
}

uint32_t mps_analysis_half(const mps_tracker *tracker, uint32_t id, mps_direction direction)
{
    return 2 * id + (mps_tracker_direction(tracker, id, 0) != direction);
}

mps_dsn mps_analysis_dsn(const mps_tracker *tracker, uint32_t id, unsigned half, uint64_t dsn)
{
    const mps_flow *flow = tracker->flows->pdata[id];
    const mps_space *space = &flow->connection->space[mps_flow_direction(flow, half)];
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

const GArray *mps_analysis_array(const mps_tracker *tracker, const mps_analysis_kind *kind,
                                 uint32_t space_id)
{
    const GArray *spaces = mps_analysis_state(tracker, kind);
    return spaces && space_id < spaces->len ? g_array_index(spaces, GArray *, space_id) : NULL;
}
