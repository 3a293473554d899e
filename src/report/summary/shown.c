/* shown.c: which of very many connections, subflows and problems text shows; shown.h describes it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "shown.h"

/* More than a reader looks at, and than honest traffic mostly has. A flood has thousands. */
#define CONNECTIONS_MAX 100u
#define SUBFLOWS_MAX 32u
#define PROBLEMS_MAX 32u

/* Problems of a kind and severity that are shown where there are more than PROBLEMS_MAX in all. */
#define PER_KIND_MAX 5u

/* An item among which is chosen. */
typedef struct {
    guint index;
    unsigned rank;  /* higher: more important */
    int64_t weight; /* among those of a rank */
} candidate;

static gint compare_importance(gconstpointer a, gconstpointer b)
{
    const candidate *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? 1 : -1;
    if (x->weight != y->weight)
        return x->weight < y->weight ? 1 : -1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static gint compare_indexes(gconstpointer a, gconstpointer b)
{
    guint x = *(const guint *)a, y = *(const guint *)b;
    return (x > y) - (x < y);
}

static mps_shown new_shown(void)
{
    return (mps_shown){g_array_new(FALSE, FALSE, sizeof(guint)),
                       g_ptr_array_new_with_free_func(g_free)};
}

/* Choose the `most` most important candidates. Afterwards the array holds the others.
 * @param candidates  candidate */
static mps_shown choose(GArray *candidates, guint most)
{
    mps_shown shown = new_shown();
    guint count = MIN(candidates->len, most);
    if (candidates->len > most)
        g_array_sort(candidates, compare_importance);
    for (guint i = 0; i < count; i++)
        g_array_append_val(shown.indexes, g_array_index(candidates, candidate, i).index);
    g_array_sort(shown.indexes, compare_indexes);
    g_array_remove_range(candidates, 0, count);
    return shown;
}

mps_shown mps_shown_connections(const GArray *summaries)
{
    GArray *candidates = g_array_new(FALSE, FALSE, sizeof(candidate));
    guint never_opened = 0;
    for (guint i = 0; i < summaries->len; i++) {
        const mps_summary *summary = &g_array_index(summaries, mps_summary, i);
        unsigned opened = summary->info.accepted > 0;
        const candidate one = {i, 2 * opened + (summary->warnings > 0),
                               summary->counts[0].bytes + summary->counts[1].bytes};
        g_array_append_val(candidates, one);
    }
    mps_shown shown = choose(candidates, CONNECTIONS_MAX);
    for (guint i = 0; i < candidates->len; i++)
        never_opened += g_array_index(candidates, candidate, i).rank < 2;
    if (candidates->len > 0)
        g_ptr_array_add(shown.left_out,
                        g_strdup_printf("And %u more connection%s, of which %u never opened. The "
                                        "report connections and json have all of them.",
                                        candidates->len, candidates->len == 1 ? "" : "s",
                                        never_opened));
    g_array_free(candidates, TRUE);
    return shown;
}

/* @return "9000 syn, 12 reset"; freed by the caller */
static char *states_text(const mps_summary *summary, const GArray *others)
{
    GString *text = g_string_new(NULL);
    guint counts[MPS_SUBFLOW_RESET + 1] = {0};
    for (guint i = 0; i < others->len; i++) {
        guint index = g_array_index(others, candidate, i).index;
        counts[g_array_index(summary->subflows, mps_summary_subflow, index).info.state]++;
    }
    for (guint i = 0; i < G_N_ELEMENTS(counts); i++)
        if (counts[i] > 0)
            g_string_append_printf(text, "%s%u %s", text->len > 0 ? ", " : "", counts[i],
                                   mps_subflow_state_name(i));
    return g_string_free(text, FALSE);
}

mps_shown mps_shown_subflows(const mps_summary *summary)
{
    GArray *candidates = g_array_new(FALSE, FALSE, sizeof(candidate));
    for (guint i = 0; i < summary->subflows->len; i++) {
        const mps_summary_subflow *subflow =
            &g_array_index(summary->subflows, mps_summary_subflow, i);
        unsigned rank = subflow->has_payload                       ? 3
                        : subflow->accepted                        ? 2
                        : subflow->info.state == MPS_SUBFLOW_RESET ? 1
                                                                   : 0;
        const candidate one = {i, rank, subflow->counts[0].bytes + subflow->counts[1].bytes};
        g_array_append_val(candidates, one);
    }
    mps_shown shown = choose(candidates, SUBFLOWS_MAX);
    char *states = states_text(summary, candidates);
    if (candidates->len > 0)
        g_ptr_array_add(shown.left_out,
                        g_strdup_printf("and %u more (%s); the report subflows and json have all",
                                        candidates->len, states));
    g_free(states);
    g_array_free(candidates, TRUE);
    return shown;
}

/* Problems of one kind and severity that are left out. */
typedef struct {
    const mps_problem *last;
    guint count; /* with those that are shown */
} kind_count;

/* Say how many problems are left out, of each kind. @param kinds  kind_count */
static void add_left_out(mps_shown *shown, const GArray *kinds, mps_severity severity)
{
    for (guint i = 0; i < kinds->len; i++) {
        const kind_count *kind = &g_array_index(kinds, kind_count, i);
        if (kind->count <= PER_KIND_MAX || kind->last->severity != severity)
            continue;
        guint count = kind->count - PER_KIND_MAX;
        g_ptr_array_add(shown->left_out,
                        g_strdup_printf("and %u more %s%s of the kind %s, the last in frame %u",
                                        count, mps_severity_name(severity), count == 1 ? "" : "s",
                                        mps_problem_name(kind->last->kind), kind->last->frame));
    }
}

mps_shown mps_shown_problems(const mps_summary *summary)
{
    mps_shown shown = new_shown();
    GArray *kinds = g_array_new(FALSE, TRUE, sizeof(kind_count));
    bool all = summary->problem_count <= PROBLEMS_MAX;
    for (guint i = 0; i < summary->problem_count; i++) {
        const mps_problem *problem = &summary->problems[i];
        guint key = 2 * (guint)problem->kind + (problem->severity == MPS_WARNING);
        if (key >= kinds->len)
            g_array_set_size(kinds, key + 1);
        kind_count *kind = &g_array_index(kinds, kind_count, key);
        kind->last = problem;
        if (all || ++kind->count <= PER_KIND_MAX)
            g_array_append_val(shown.indexes, i);
    }
    add_left_out(&shown, kinds, MPS_WARNING);
    add_left_out(&shown, kinds, MPS_NOTE);
    g_array_free(kinds, TRUE);
    return shown;
}

void mps_shown_clear(mps_shown *shown)
{
    g_array_free(shown->indexes, TRUE);
    g_ptr_array_free(shown->left_out, TRUE);
}
