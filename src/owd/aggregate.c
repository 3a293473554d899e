/* aggregate.c: collects the segments and figures of each direction of subflows and connections.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "aggregate.h"
#include "base/parallel.h"

static void free_outcomes(gpointer data)
{
    g_array_free(((mps_aggregate *)data)->outcomes, TRUE);
}

static GArray *new_aggregates(void)
{
    GArray *aggregates = g_array_new(FALSE, TRUE, sizeof(mps_aggregate));
    g_array_set_clear_func(aggregates, free_outcomes);
    return aggregates;
}

/* Aggregates whose segments and figures are to be found. */
typedef struct {
    const mps_comparison *comparison;
    mps_aggregate *aggregates;
} aggregate_job;

static void find_figures(const mps_comparison *comparison, mps_aggregate *aggregate)
{
    mps_figures_of(comparison, aggregate->row->a_sends,
                   (const mps_outcome *)aggregate->outcomes->data, aggregate->outcomes->len,
                   &aggregate->figures);
}

/* Find the segments and figures of a direction of a subflow. */
static void find_subflow(unsigned i, void *data)
{
    const aggregate_job *job = data;
    mps_aggregate *aggregate = &job->aggregates[i];
    const mps_comparison_row *rows = (const mps_comparison_row *)job->comparison->rows->data;
    aggregate->outcomes = mps_outcomes_of(job->comparison, (guint)(aggregate->row - rows));
    find_figures(job->comparison, aggregate);
}

/* Find the figures of a direction of a connection; of one subflow it has them. */
static void find_connection(unsigned i, void *data)
{
    const aggregate_job *job = data;
    if (job->aggregates[i].subflows > 1)
        find_figures(job->comparison, &job->aggregates[i]);
}

/* Do `work` for each of several aggregates. */
static void find_all(const mps_comparison *comparison, GArray *aggregates,
                     void (*work)(unsigned i, void *data))
{
    aggregate_job job = {comparison, (mps_aggregate *)aggregates->data};
    size_t size = 0;
    for (guint i = 0; i < aggregates->len; i++)
        size += job.aggregates[i].alignment.sent + job.aggregates[i].alignment.received;
    mps_parallel(aggregates->len, size, work, &job);
}

GArray *mps_aggregates_of(const mps_comparison *comparison, uint32_t connection)
{
    GArray *aggregates = new_aggregates();
    for (guint i = 0; i < comparison->rows->len; i++) {
        const mps_comparison_row *row = &g_array_index(comparison->rows, mps_comparison_row, i);
        if (connection != MPS_NONE && row->connection != connection)
            continue;
        mps_aggregate aggregate = {.row = row, .subflows = 1, .alignment = row->alignment};
        aggregate.alignment.matches = NULL; /* the row owns the lists */
        aggregate.alignment.sent_outcomes = aggregate.alignment.received_outcomes = NULL;
        g_array_append_val(aggregates, aggregate);
    }
    find_all(comparison, aggregates, find_subflow);
    return aggregates;
}

void mps_aggregates_free(GArray *aggregates)
{
    g_array_free(aggregates, TRUE);
}

/* A hash key for the connection and direction of an aggregate. */
static gpointer key_of(const mps_aggregate *aggregate)
{
    uint64_t key = (uint64_t)aggregate->row->connection * 2 + aggregate->row->direction;
    return GSIZE_TO_POINTER((gsize)key + 1);
}

static void add_to_sum(mps_alignment *sum, const mps_alignment *part)
{
    sum->sent += part->sent;
    sum->received += part->received;
    sum->matched += part->matched;
    sum->split += part->split;
    sum->merged += part->merged;
    sum->lost += part->lost;
    sum->unseen += part->unseen;
    sum->duplicated += part->duplicated;
    sum->ambiguous += part->ambiguous;
    sum->outside += part->outside;
    sum->uncaptured += part->uncaptured;
    sum->undetermined += part->undetermined;
    sum->reordered += part->reordered;
    sum->sent_bytes += part->sent_bytes;
    sum->matched_bytes += part->matched_bytes;
}

static void add_subflow(GArray *aggregates, GHashTable *known, const mps_aggregate *subflow)
{
    gpointer key = key_of(subflow);
    guint index = GPOINTER_TO_UINT(g_hash_table_lookup(known, key)); /* plus 1; 0: none */
    if (index == 0) {
        mps_aggregate aggregate = {.row = subflow->row, .figures = subflow->figures};
        aggregate.outcomes = g_array_new(FALSE, FALSE, sizeof(mps_outcome));
        g_array_append_val(aggregates, aggregate);
        index = aggregates->len;
        g_hash_table_insert(known, key, GUINT_TO_POINTER(index));
    }
    mps_aggregate *aggregate = &g_array_index(aggregates, mps_aggregate, index - 1);
    add_to_sum(&aggregate->alignment, &subflow->alignment);
    g_array_append_vals(aggregate->outcomes, subflow->outcomes->data, subflow->outcomes->len);
    aggregate->subflows++;
}

GArray *mps_aggregates_by_connection(const mps_comparison *comparison, const GArray *subflows)
{
    GArray *aggregates = new_aggregates();
    GHashTable *known = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < subflows->len; i++) {
        const mps_aggregate *subflow = &g_array_index(subflows, mps_aggregate, i);
        if (subflow->row->connection != MPS_NONE)
            add_subflow(aggregates, known, subflow);
    }
    g_hash_table_destroy(known);
    find_all(comparison, aggregates, find_connection);
    return aggregates;
}

void mps_aggregates_fastest(const mps_aggregate *const *aggregates,
                            const mps_figures *const *figures, guint count, guint *fastest)
{
    GHashTable *known = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < count; i++) {
        if (aggregates[i]->row->connection == MPS_NONE || figures[i]->delay.count == 0)
            continue;
        gpointer key = key_of(aggregates[i]);
        guint best = GPOINTER_TO_UINT(g_hash_table_lookup(known, key)); /* plus 1; 0: none */
        if (best == 0 || figures[i]->delay.min < figures[best - 1]->delay.min)
            g_hash_table_insert(known, key, GUINT_TO_POINTER(i + 1));
    }
    for (guint i = 0; i < count; i++) {
        guint best = GPOINTER_TO_UINT(g_hash_table_lookup(known, key_of(aggregates[i])));
        fastest[i] = best > 0 ? best - 1 : i;
    }
    g_hash_table_destroy(known);
}
