/* one_end.c: collects the sentences of the report "summary" for a page on two captures.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "one_end.h"
#include "shown.h"

static void clear_problem(gpointer problem)
{
    g_free(((mps_end_problem *)problem)->text);
}

static void clear_subflow(gpointer subflow)
{
    g_free(((mps_end_subflow *)subflow)->text);
}

static void free_summary(gpointer data)
{
    mps_end_summary *end = data;
    if (!end)
        return;
    g_free(end->ends);
    g_free(end->heading);
    g_free(end->ended);
    g_free(end->subflow_counts);
    g_array_free(end->subflows, TRUE);
    g_ptr_array_free(end->subflows_out, TRUE);
    g_array_free(end->problems, TRUE);
    g_free(end);
}

static GArray *problems_of(const mps_summary *summary)
{
    GArray *problems = g_array_new(FALSE, FALSE, sizeof(mps_end_problem));
    g_array_set_clear_func(problems, clear_problem);
    for (guint i = 0; i < summary->problems->len; i++) {
        const mps_problem *problem = &g_array_index(summary->problems, mps_problem, i);
        const mps_end_problem one = {
            .severity = mps_severity_name(problem->severity),
            .title = mps_severity_title(problem->severity),
            .name = mps_problem_name(problem->kind),
            .warning = problem->severity == MPS_WARNING,
            .subflow = problem->subflow,
            .frame = problem->frame,
            .count = problem->count,
            .text = g_strdup(problem->text),
        };
        g_array_append_val(problems, one);
    }
    return problems;
}

static void add_subflows(mps_end_summary *end, const mps_summary *summary)
{
    mps_shown shown = mps_shown_subflows(summary);
    end->subflows = g_array_new(FALSE, FALSE, sizeof(mps_end_subflow));
    g_array_set_clear_func(end->subflows, clear_subflow);
    for (guint i = 0; i < shown.indexes->len; i++) {
        const guint index = g_array_index(shown.indexes, guint, i);
        const mps_summary_subflow *subflow =
            &g_array_index(summary->subflows, mps_summary_subflow, index);
        const mps_end_subflow one = {subflow->info.number, mps_subflow_text(subflow)};
        g_array_append_val(end->subflows, one);
    }
    end->subflows_out = g_ptr_array_ref(shown.left_out);
    mps_shown_clear(&shown);
}

typedef struct {
    GPtrArray *ends;
    const GArray *wanted;
} collection;

static bool collect(const mps_summary *summary, void *data)
{
    const collection *all = data;
    const uint32_t number = summary->info.number;
    if (number >= all->wanted->len || !g_array_index(all->wanted, bool, number))
        return false;
    mps_end_summary *end = g_new0(mps_end_summary, 1);
    end->info = summary->info;
    end->ends = mps_summary_ends(&summary->info);
    end->heading = mps_summary_heading(&summary->info);
    end->ended = g_strdup(summary->ended);
    end->subflow_counts = mps_summary_subflow_counts(summary);
    end->problems = problems_of(summary);
    end->warnings = summary->warnings;
    add_subflows(end, summary);
    all->ends->pdata[number] = end;
    return false; /* the summary keeps what it holds */
}

GPtrArray *mps_end_summaries_of(const mps_report *report, const mps_tracker *tracker,
                                const GArray *wanted)
{
    collection all = {g_ptr_array_new_with_free_func(free_summary), wanted};
    g_ptr_array_set_size(all.ends, (gint)wanted->len);
    mps_report_count_late(report, tracker);
    mps_summaries_visit(report, tracker, collect, &all);
    return all.ends;
}
