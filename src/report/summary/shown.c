/* shown.c: which of very many connections, subflows and problems text shows; shown.h describes it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "shown.h"
#include "base/list_text.h"

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

static unsigned rank_of(const mps_summary *summary)
{
    return 2u * (summary->info.accepted > 0) + (summary->warnings > 0);
}

static gint compare_connections(gconstpointer a, gconstpointer b)
{
    const mps_summary *x = a, *y = b;
    const candidate first = {x->info.number, rank_of(x), x->counts[0].bytes + x->counts[1].bytes};
    const candidate second = {y->info.number, rank_of(y), y->counts[0].bytes + y->counts[1].bytes};
    return compare_importance(&first, &second);
}

static gint compare_connection_numbers(gconstpointer a, gconstpointer b)
{
    return compare_indexes(&((const mps_summary *)a)->info.number,
                           &((const mps_summary *)b)->info.number);
}

static void clear_summary(gpointer summary)
{
    mps_summary_clear(summary);
}

mps_shown_connections mps_shown_connections_new(void)
{
    mps_shown_connections shown = {.summaries = g_array_new(FALSE, FALSE, sizeof(mps_summary))};
    g_array_set_clear_func(shown.summaries, clear_summary);
    return shown;
}

/* Keep the most important ones. */
static void keep_best(mps_shown_connections *shown)
{
    GArray *all = shown->summaries;
    if (all->len <= CONNECTIONS_MAX)
        return;
    g_array_sort(all, compare_connections);
    for (guint i = CONNECTIONS_MAX; i < all->len; i++) {
        shown->left_out++;
        shown->never_opened += rank_of(&g_array_index(all, mps_summary, i)) < 2;
    }
    g_array_remove_range(all, CONNECTIONS_MAX, all->len - CONNECTIONS_MAX);
}

bool mps_shown_connections_add(const mps_summary *summary, void *shown)
{
    mps_shown_connections *all = shown;
    g_array_append_vals(all->summaries, summary, 1);
    if (all->summaries->len == 2 * CONNECTIONS_MAX)
        keep_best(all);
    return true;
}

char *mps_shown_connections_finish(mps_shown_connections *shown)
{
    keep_best(shown);
    g_array_sort(shown->summaries, compare_connection_numbers);
    if (shown->left_out == 0)
        return NULL;
    return g_strdup_printf("And %u more connection%s, of which %u never opened. The report "
                           "connections and json have all of them.",
                           shown->left_out, shown->left_out == 1 ? "" : "s", shown->never_opened);
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
            mps_add_item(text, "%u %s", counts[i], mps_subflow_state_name(i));
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
    bool all = summary->problems->len <= PROBLEMS_MAX;
    for (guint i = 0; i < summary->problems->len; i++) {
        const mps_problem *problem = &g_array_index(summary->problems, mps_problem, i);
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

const mps_summary_subflow *mps_shown_subflow(const mps_summary *summary, const mps_shown *shown,
                                             guint i)
{
    const guint index = g_array_index(shown->indexes, guint, i);
    return &g_array_index(summary->subflows, mps_summary_subflow, index);
}

void mps_shown_clear(mps_shown *shown)
{
    g_array_free(shown->indexes, TRUE);
    g_ptr_array_free(shown->left_out, TRUE);
}
