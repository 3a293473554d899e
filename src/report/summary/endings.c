/* endings.c: how connections ended.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/events.h"
#include "summary_internal.h"

static void note_fin(const mps_tracker *tracker, mps_ending *ending, const mps_event *event,
                     mps_direction direction)
{
    if (ending->fin[direction] > 0)
        return;
    ending->fin[direction] = event->frame;
    ending->fin_time[direction] = event->time;
    ending->fin_acked[direction] = mps_event_acked(tracker, event);
}

/* Does an event tell how a connection ends? */
static bool is_end(const mps_event *event)
{
    return event->fallback || event->is_fin || event->subtype == MPS_MP_FASTCLOSE ||
           event->subtype == MPS_MP_FAIL;
}

static void note_event(const mps_tracker *tracker, mps_ending *ending, const mps_event *event)
{
    mps_direction direction = mps_tracker_direction(tracker, event->subflow, event->half);
    if (event->fallback) {
        ending->fallback = ending->fallback ? ending->fallback : event->frame;
    } else if (event->is_fin) {
        note_fin(tracker, ending, event, direction);
    } else if (event->subtype == MPS_MP_FASTCLOSE && ending->fastclose == 0) {
        ending->fastclose = event->frame;
        ending->fastclose_time = event->time;
        ending->fastclose_by = direction;
    } else if (event->subtype == MPS_MP_FAIL && ending->mp_fail[direction] == 0) {
        ending->mp_fail[direction] = event->frame;
    }
}

mps_sparse *mps_endings(const mps_tracker *tracker)
{
    const GArray *events = mps_events(tracker);
    mps_sparse *endings = mps_sparse_new(sizeof(mps_ending));
    for (guint i = 0; events && i < events->len; i++) {
        const mps_event *event = &g_array_index(events, mps_event, i);
        uint32_t connection, subflow;
        if (!is_end(event))
            continue;
        mps_tracker_numbers(tracker, event->subflow, &connection, &subflow);
        if (connection != MPS_NONE)
            note_event(tracker, mps_sparse_at(endings, connection), event);
    }
    return endings;
}

const mps_ending *mps_ending_of(const mps_sparse *endings, uint32_t connection)
{
    static const mps_ending nothing = {0};
    const mps_ending *ending = mps_sparse_find(endings, connection);
    return ending ? ending : &nothing;
}

/* @return the latest frame among the first RSTs of all subflows and directions */
static uint32_t last_reset(const mps_tracker *tracker, const mps_connection_info *info)
{
    uint32_t frame = 0;
    for (uint32_t i = 0; i < info->subflow_count; i++) {
        uint32_t id = mps_tracker_subflow_id(tracker, info->number, i);
        for (unsigned half = 0; half < 2; half++)
            frame = MAX(frame, mps_milestones_of_half(tracker, 2 * id + half).rst);
    }
    return frame;
}

/* @return the latest frame with an ICMP error that refused a subflow; 0: there is none */
static uint32_t last_refusal(const mps_tracker *tracker, const mps_connection_info *info)
{
    uint32_t frame = 0;
    for (uint32_t i = 0; i < info->subflow_count; i++) {
        uint32_t id = mps_tracker_subflow_id(tracker, info->number, i);
        const mps_icmp_error *refusal = mps_flow_refusal(mps_tracker_flow(tracker, id));
        frame = MAX(frame, refusal ? refusal->frame : 0);
    }
    return frame;
}

static char *reset_text(const mps_tracker *tracker, const mps_connection_info *info)
{
    uint32_t refusal = info->accepted == 0 ? last_refusal(tracker, info) : 0;
    return refusal > 0 ? g_strdup_printf("never opened: refused by ICMP in frame %u", refusal)
                       : g_strdup_printf("all subflows were reset, the last one in frame %u",
                                         last_reset(tracker, info));
}

/* A connection that fell back ends when its only subflow ends. */
static char *fallback_text(const mps_tracker *tracker, const mps_connection_info *info,
                           const mps_ending *ending)
{
    static const char *const ends[] = {
        [MPS_SUBFLOW_SYN] = "never answered",
        [MPS_SUBFLOW_OPEN] = "still open at the end of the capture",
        [MPS_SUBFLOW_CLOSED] = "closed by both sides",
        [MPS_SUBFLOW_RESET] = "reset",
    };
    mps_subflow_info subflow;
    mps_tracker_subflow(tracker, mps_tracker_subflow_id(tracker, info->number, 0), &subflow);
    return g_strdup_printf("plain TCP from frame %u on, %s", ending->fallback, ends[subflow.state]);
}

/* @return whether the capture has nothing of what a side sent on some subflow */
static bool lacks_side(const mps_tracker *tracker, const mps_connection_info *info, unsigned side)
{
    bool lacks = false;
    for (uint32_t i = 0; i < info->subflow_count && !lacks; i++) {
        mps_subflow_info subflow;
        mps_tracker_subflow(tracker, mps_tracker_subflow_id(tracker, info->number, i), &subflow);
        lacks = subflow.uncaptured[side] > 0;
    }
    return lacks;
}

static char *open_text(const mps_tracker *tracker, const mps_connection_info *info,
                       const mps_ending *ending)
{
    if (info->accepted == 0)
        return g_strdup("never opened");
    for (unsigned i = 0; i < 2; i++)
        if (ending->fin[i] > 0 && ending->fin[!i] == 0 && lacks_side(tracker, info, !i))
            return g_strdup_printf("DATA_FIN from the %s in frame %u; what the %s sent was not "
                                   "captured",
                                   mps_direction_sender(i), ending->fin[i],
                                   mps_direction_sender(!i));
    for (unsigned i = 0; i < 2; i++)
        if (ending->fin[i] > 0 && ending->fin[!i] == 0)
            return g_strdup_printf(
                "half closed: DATA_FIN from the %s in frame %u (%s), none from the %s",
                mps_direction_sender(i), ending->fin[i],
                ending->fin_acked[i] ? "acknowledged" : "not acknowledged",
                mps_direction_sender(!i));
    if (ending->fin[0] > 0)
        return g_strdup_printf("closing: DATA_FINs in frames %u and %u, not both acknowledged",
                               ending->fin[0], ending->fin[1]);
    return g_strdup("still open at the end of the capture");
}

/* Every subflow was closed by FIN both ways. */
static char *closed_text(const mps_ending *ending)
{
    for (unsigned i = 0; i < 2; i++)
        if (ending->fin[i] > 0)
            return g_strdup_printf("every subflow closed by FIN; DATA_FIN from the %s in "
                                   "frame %u",
                                   mps_direction_sender(i), ending->fin[i]);
    return g_strdup("every subflow closed by FIN");
}

char *mps_ending_text(const mps_tracker *tracker, const mps_connection_info *info,
                      const mps_ending *ending)
{
    switch (info->state) {
    case MPS_CONNECTION_FALLBACK:
        return fallback_text(tracker, info, ending);
    case MPS_CONNECTION_FASTCLOSED:
        return g_strdup_printf("aborted by the %s: MP_FASTCLOSE in frame %u",
                               mps_direction_sender(ending->fastclose_by), ending->fastclose);
    case MPS_CONNECTION_RESET:
        return reset_text(tracker, info);
    case MPS_CONNECTION_CLOSED:
        if (ending->fin[MPS_C2S] == 0 || ending->fin[MPS_S2C] == 0)
            return closed_text(ending);
        return g_strdup_printf("closed by both sides with DATA_FINs in frames %u and %u",
                               ending->fin[MPS_C2S], ending->fin[MPS_S2C]);
    case MPS_CONNECTION_OPEN:
        break;
    }
    return open_text(tracker, info, ending);
}
