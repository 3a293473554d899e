/* holes.c: whether the capture at a host missed segments.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "holes.h"

/* What was captured of a direction of a subflow. */
typedef struct {
    mps_runs seen;     /* above `frontier` */
    uint64_t frontier; /* everything below was captured */
} coverage;

static void cover(coverage *of, uint64_t start, uint64_t end)
{
    mps_run run;
    start = MAX(start, of->frontier);
    if (start >= end)
        return;
    if (start == of->frontier && mps_runs_empty(&of->seen)) { /* as a rule */
        of->frontier = end;
        return;
    }
    mps_runs_add(&of->seen, start, end, 0, NULL, NULL);
    if (!mps_runs_find(&of->seen, of->frontier, &run) || run.start > of->frontier)
        return;
    of->frontier = run.end;
    mps_runs_trim(&of->seen, of->frontier);
}

/* @return the number up to which a segment says that its sender has, or has some, of its peer's
 * bytes. @param gaps  SACK blocks count: they are above bytes that were sent before */
static uint64_t acknowledged(const mps_critical_segment *segment, const GArray *sacks, bool gaps)
{
    uint64_t top = segment->ack;
    for (unsigned i = 0; gaps && i < segment->sack_count; i++)
        top = MAX(top, g_array_index(sacks, mps_critical_sack, segment->sacks + i).right);
    return top;
}

bool mps_critical_has_holes(const mps_critical_input *input, unsigned host, uint32_t until)
{
    const GArray *history = input->hosts[host];
    const guint count = 2 * input->subflows->len;
    coverage *all = g_new0(coverage, count + 1);
    bool found = false;
    for (guint i = 0; i < count; i++)
        all[i].frontier = g_array_index(input->subflows, mps_critical_subflow, i / 2)
                              .map[host][i % 2]
                              .base; /* above what a SYN carried */
    for (guint i = 0; !found && i < history->len && i <= until; i++) {
        const mps_critical_segment *segment = &g_array_index(history, mps_critical_segment, i);
        const uint64_t start = segment->seq + segment->syn;
        const coverage *of_peer = &all[2 * segment->subflow + !segment->direction];
        /* An acknowledgement of a FIN is one above all payload. */
        found = segment->has_ack &&
                acknowledged(segment, input->sacks[host], segment->direction != host) >
                    of_peer->frontier + 1;
        cover(&all[2 * segment->subflow + segment->direction], start, start + segment->length);
    }
    for (guint i = 0; i < count; i++)
        mps_runs_clear(&all[i].seen);
    g_free(all);
    return found;
}
