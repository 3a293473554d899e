/* delay_columns.c: makes the tables of subflows and connections.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "delay_columns.h"
#include "base/parallel.h"
#include "base/times.h"
#include "data_delay.h"

static const mps_column subflow_columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "peer_connection", MPS_VALUE_UINT, "B's", NULL, 0},
    {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},
    {NULL, "peer_subflow", MPS_VALUE_UINT, "B's", NULL, 0},
    {NULL, "tcp_stream", MPS_VALUE_UINT, "Stream", NULL, 0},
    {NULL, "peer_tcp_stream", MPS_VALUE_UINT, "B's", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "client", MPS_VALUE_STRING, "Client", NULL, 0},
    {NULL, "client_port", MPS_VALUE_UINT, "Port", NULL, 0},
    {NULL, "server", MPS_VALUE_STRING, "Server", NULL, 0},
    {NULL, "server_port", MPS_VALUE_UINT, "Port", NULL, 0},
    MPS_OWD_OUTCOME_COLUMNS,
    MPS_OWD_DELAY_COLUMNS,
    MPS_OWD_LOSS_COLUMNS,
    {"loss_runs", "count", MPS_VALUE_UINT, "Runs", NULL, 0},
    {"loss_runs", "longest", MPS_VALUE_UINT, "longest", NULL, 0},
    {"loss_runs", "mean", MPS_VALUE_REAL, "mean", NULL, 1},
    MPS_OWD_PDV_COLUMNS,
    MPS_COLUMN_MS("ipdv", "min", "IPDV min"),
    MPS_COLUMN_MS("ipdv", "max", "max"),
    MPS_COLUMN_MS("ipdv", "mean_abs", "|mean|"),
    MPS_COLUMN_MS("ipdv", "p95_abs", NULL),
    MPS_COLUMN_MS("ipdv", "error", "+/-"),
    MPS_OWD_RELATIVE_COLUMNS,
    MPS_COLUMN_MS("rtt", "min", "RTT min"),
    MPS_COLUMN_MS("rtt", "median", "median"),
    MPS_COLUMN_MS("rtt", "mean", NULL),
    MPS_COLUMN_MS("rtt", "p95", "P95"),
    MPS_COLUMN_MS("rtt", "p99", NULL),
    MPS_COLUMN_MS("rtt", "max", NULL),
    MPS_COLUMN_MS("rtt", "error", "+/-"),
};

/* Delays of data at the level of the connection. */
#define DATA_COLUMNS(group, title)                                                                 \
    MPS_COLUMN_MS(group, "min", title " min"), MPS_COLUMN_MS(group, "median", "median"),           \
        MPS_COLUMN_MS(group, "mean", NULL), MPS_COLUMN_MS(group, "p95", "P95"),                    \
        MPS_COLUMN_MS(group, "p99", NULL), MPS_COLUMN_MS(group, "max", "max"),                     \
        MPS_COLUMN_MS(group, "error_low", "Err. from"), MPS_COLUMN_MS(group, "error_high", "to")

static const mps_column connection_columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "peer_connection", MPS_VALUE_UINT, "B's", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "subflows", MPS_VALUE_UINT, "Subflows", NULL, 0},
    MPS_OWD_OUTCOME_COLUMNS,
    MPS_OWD_DELAY_COLUMNS,
    MPS_OWD_LOSS_COLUMNS,
    MPS_OWD_PDV_COLUMNS,
    DATA_COLUMNS("data_arrival", "Arrival"),
    DATA_COLUMNS("data_delivery", "Delivery"),
};

static void add_counts(mps_table *table, const mps_alignment *alignment)
{
    mps_table_add(table, MPS_UINT(alignment->sent));
    mps_table_add(table, MPS_UINT(alignment->received));
    mps_table_add(table, MPS_UINT(alignment->matched));
    mps_table_add(table, MPS_UINT(alignment->lost));
    mps_table_add(table, MPS_UINT(alignment->unseen));
    mps_table_add(table, MPS_UINT(alignment->duplicated));
    mps_table_add(table, MPS_UINT(alignment->reordered));
    mps_table_add(table, MPS_UINT(alignment->ambiguous));
    mps_table_add(table, MPS_UINT(alignment->outside));
    mps_table_add(table, MPS_UINT(alignment->uncaptured));
    mps_table_add(table, MPS_UINT(alignment->undetermined));
    mps_table_add(table, MPS_UINT(alignment->split));
    mps_table_add(table, MPS_UINT(alignment->merged));
    mps_table_add(table, MPS_UINT(alignment->sent_bytes));
    mps_table_add(table, MPS_UINT(alignment->matched_bytes));
}

void mps_owd_add_delay(mps_table *table, const mps_figures *figures)
{
    const mps_statistics *delay = &figures->delay;
    const int64_t values[] = {
        delay->min, delay->nearest_median, delay->nearest_mean, delay->p95, delay->p99, delay->max};
    for (unsigned i = 0; i < G_N_ELEMENTS(values); i++)
        mps_table_add_ns(table, delay->count > 0, values[i]);
    mps_table_add_ns(table, figures->has_error, figures->error_low);
    mps_table_add_ns(table, figures->has_error, figures->error_high);
}

void mps_owd_add_loss(mps_table *table, uint32_t matched, uint32_t lost, uint32_t undetermined)
{
    double all = (double)matched + lost + undetermined;
    mps_table_add(table, all > 0 && undetermined == 0 ? MPS_REAL(lost / all) : MPS_NULL);
    mps_table_add(table, all > 0 ? MPS_REAL(lost / all) : MPS_NULL);
    mps_table_add(table, all > 0 ? MPS_REAL(((double)lost + undetermined) / all) : MPS_NULL);
}

static void add_loss(mps_table *table, const mps_alignment *alignment)
{
    mps_owd_add_loss(table, alignment->matched, alignment->lost, alignment->undetermined);
}

void mps_owd_add_pdv(mps_table *table, const mps_figures *figures)
{
    const mps_statistics *delay = &figures->delay;
    const int64_t values[] = {delay->nearest_median, delay->p95, delay->p99, delay->p999,
                              delay->max};
    for (unsigned i = 0; i < G_N_ELEMENTS(values); i++) {
        int64_t above = mps_minus(values[i], delay->min);
        mps_table_add_ns(table, delay->count > 0, above);
    }
    mps_table_add_ns(table, figures->has_error, figures->pdv_error);
}

void mps_owd_add_relative(mps_table *table, const mps_comparison *comparison,
                          const mps_aggregate *aggregate, const mps_figures *figures,
                          const mps_figures *fastest)
{
    const mps_statistics *own = &figures->delay;
    bool known = fastest && own->count > 0 && aggregate->row->connection != MPS_NONE;
    int64_t min = 0, median = 0, drift = 0;
    if (known) {
        min = mps_minus(own->min, fastest->delay.min);
        median = mps_minus(own->nearest_median, fastest->delay.nearest_median);
    }
    bool bounded = known && mps_figures_drift(comparison, figures, fastest, &drift);
    mps_table_add_ns(table, known, min);
    mps_table_add_ns(table, known, median);
    mps_table_add_ns(table, bounded, figures == fastest ? 0 : drift);
}

/* Null where segments are ambiguous or undetermined: those that are lost would make more runs, or
 * longer ones. */
static void add_runs(mps_table *table, const mps_figures *figures)
{
    bool determined = figures->sent > 0 && figures->ambiguous + figures->undetermined == 0;
    mps_table_add(table, determined ? MPS_UINT(figures->runs) : MPS_NULL);
    mps_table_add(table, determined ? MPS_UINT(figures->longest) : MPS_NULL);
    mps_table_add(table, determined && figures->runs > 0
                             ? MPS_REAL((double)figures->lost / figures->runs)
                             : MPS_NULL);
}

static void add_ipdv(mps_table *table, const mps_figures *figures)
{
    bool known = figures->ipdv_size.count > 0;
    mps_table_add_ns(table, known, figures->ipdv_min);
    mps_table_add_ns(table, known, figures->ipdv_max);
    mps_table_add_ns(table, known, figures->ipdv_size.nearest_mean);
    mps_table_add_ns(table, known, figures->ipdv_size.p95);
    mps_table_add_ns(table, known && figures->has_error, figures->ipdv_error);
}

static void add_rtt(mps_table *table, const mps_figures *figures)
{
    const mps_statistics *rtt = &figures->rtt;
    const int64_t values[] = {rtt->min, rtt->nearest_median, rtt->nearest_mean, rtt->p95, rtt->p99,
                              rtt->max};
    for (unsigned i = 0; i < G_N_ELEMENTS(values); i++)
        mps_table_add_ns(table, rtt->count > 0, values[i]);
    mps_table_add_ns(table, rtt->count > 0 && figures->has_error, figures->rtt_error);
}

/* Append the addresses and ports as A has them; as B has them where A does not have the subflow. */
static void add_ends(mps_table *table, const mps_comparison *comparison, const mps_pair *pair)
{
    bool in_a = pair->a != MPS_NONE;
    mps_subflow_info info;
    mps_tracker_subflow(mps_trace_tracker(in_a ? comparison->a : comparison->b),
                        in_a ? pair->a : pair->b, &info);
    for (unsigned side = 0; side < 2; side++) {
        mps_table_add_address(table, &info.address[side]);
        mps_table_add(table, MPS_UINT(info.port[side]));
    }
}

static void add_subflow_row(mps_table *table, const mps_comparison *comparison,
                            const mps_aggregate *aggregate, const mps_aggregate *fastest)
{
    const mps_comparison_row *row = aggregate->row;
    const mps_figures *figures = &aggregate->figures;
    mps_table_add_number(table, row->connection);
    mps_table_add_number(table, row->peer_connection);
    mps_table_add_number(table, row->subflow);
    mps_table_add_number(table, row->peer_subflow);
    mps_comparison_add_stream(table, comparison->a, row->pair.a);
    mps_comparison_add_stream(table, comparison->b, row->pair.b);
    mps_table_add_direction(table, row->direction);
    add_ends(table, comparison, &row->pair);
    add_counts(table, &aggregate->alignment);
    mps_owd_add_delay(table, figures);
    add_loss(table, &aggregate->alignment);
    add_runs(table, figures);
    mps_owd_add_pdv(table, figures);
    add_ipdv(table, figures);
    mps_owd_add_relative(table, comparison, aggregate, figures, &fastest->figures);
    add_rtt(table, figures);
}

mps_table *mps_owd_subflow_table(const mps_comparison *comparison, const GArray *subflows)
{
    mps_table *table = mps_table_new(subflow_columns, G_N_ELEMENTS(subflow_columns));
    guint count = subflows->len;
    const mps_aggregate **aggregates = g_new(const mps_aggregate *, count + 1);
    const mps_figures **figures = g_new(const mps_figures *, count + 1);
    guint *fastest = g_new(guint, count + 1);
    for (guint i = 0; i < count; i++) {
        aggregates[i] = &g_array_index(subflows, mps_aggregate, i);
        figures[i] = &aggregates[i]->figures;
    }
    mps_aggregates_fastest(aggregates, figures, count, fastest);
    for (guint i = 0; i < count; i++)
        add_subflow_row(table, comparison, aggregates[i], aggregates[fastest[i]]);
    mps_table_complete(table);
    g_free(aggregates);
    g_free(figures);
    g_free(fastest);
    return table;
}

/* The delays of the data of connections. */
typedef struct {
    const mps_comparison *comparison;
    const GArray *connections;
    mps_data_delay *delays;
} data_delay_job;

static void find_data_delay(unsigned i, void *data)
{
    const data_delay_job *job = data;
    mps_data_delay_of(job->comparison, &g_array_index(job->connections, mps_aggregate, i),
                      &job->delays[i]);
}

/* @return one for each connection, freed by the caller */
static mps_data_delay *data_delays_of(const mps_comparison *comparison, const GArray *connections)
{
    data_delay_job job = {comparison, connections, g_new(mps_data_delay, connections->len + 1)};
    size_t size = 0;
    for (guint i = 0; i < connections->len; i++)
        size += g_array_index(connections, mps_aggregate, i).outcomes->len;
    mps_parallel(connections->len, size, find_data_delay, &job);
    return job.delays;
}

mps_table *mps_owd_connection_table(const mps_comparison *comparison, const GArray *connections)
{
    mps_table *table = mps_table_new(connection_columns, G_N_ELEMENTS(connection_columns));
    mps_data_delay *data = data_delays_of(comparison, connections);
    for (guint i = 0; i < connections->len; i++) {
        const mps_aggregate *aggregate = &g_array_index(connections, mps_aggregate, i);
        mps_table_add_number(table, aggregate->row->connection);
        mps_table_add_number(table, aggregate->row->peer_connection);
        mps_table_add_direction(table, aggregate->row->direction);
        mps_table_add(table, MPS_UINT(aggregate->subflows));
        add_counts(table, &aggregate->alignment);
        mps_owd_add_delay(table, &aggregate->figures);
        add_loss(table, &aggregate->alignment);
        mps_owd_add_pdv(table, &aggregate->figures);
        mps_owd_add_delay(table, &data[i].arrival);
        mps_owd_add_delay(table, &data[i].delivery);
    }
    g_free(data);
    mps_table_complete(table);
    return table;
}
