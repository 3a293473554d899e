/* events.c: what happened to connections and subflows, by the options that say so.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "events.h"

static void *begin(void)
{
    return g_array_new(FALSE, FALSE, sizeof(mps_event));
}

static bool is_news(const mps_option *option)
{
    if (!option->valid || !mps_subtype_name(option->subtype))
        return false;
    return option->subtype != MPS_DSS || option->dss.data_fin ||
           (option->dss.has_map && option->dss.data_length == 0);
}

static void take(void *state, const mps_view *view)
{
    for (unsigned i = 0; i < view->segment->mptcp_count; i++) {
        const mps_option *option = &view->segment->mptcp[i];
        if (!is_news(option))
            continue;
        mps_event event = {
            .frame = view->segment->frame,
            .subflow = view->flow->id,
            .time = view->segment->time,
            .flags = view->segment->flags,
            .half = (uint8_t)view->half,
            .option = *option,
        };
        event.option.raw = NULL;
        g_array_append_val((GArray *)state, event);
    }
}

static void end(void *state)
{
    g_array_free(state, TRUE);
}

const mps_analysis_kind mps_event_analysis = {
    .need = MPS_NEED_EVENTS,
    .begin = begin,
    .segment = take,
    .end = end,
};

const GArray *mps_events(const mps_tracker *tracker)
{
    return mps_analysis_state(tracker, &mps_event_analysis);
}
