/* flows.c: the report "flows": how many packets flows have, with those of plain TCP, and each flow.
 * A row per power of two.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "connection_columns.h"
#include "flow_counts.h"
#include "report_internal.h"

/* How many flows text shows. */
#define LARGEST 10u

/* A flow has 2^bin to 2^(bin + 1) - 1 packets. */
#define BINS 64u

static const mps_column columns[] = {
    {NULL, "packets_from", MPS_VALUE_UINT, "Packets from", NULL, 0},
    {NULL, "packets_to", MPS_VALUE_UINT, "to", NULL, 0},
    {"flows", "count", MPS_VALUE_UINT, "Flows", NULL, 0},
    {"flows", "mptcp", MPS_VALUE_UINT, "MPTCP", NULL, 0},
    {"flows", "plain", MPS_VALUE_UINT, "Plain TCP", NULL, 0},
    {"flows", "share", MPS_VALUE_REAL, "Share", "%", 1},
    {"flows", "cumulative", MPS_VALUE_REAL, "Cumulative", "%", 1},
    {"packets", "sum", MPS_VALUE_UINT, "Packets", NULL, 0},
    {"packets", "share", MPS_VALUE_REAL, "Share", "%", 1},
    {"packets", "cumulative", MPS_VALUE_REAL, NULL, NULL, 0},
    {"bytes", "sum", MPS_VALUE_UINT, "Bytes", NULL, 0},
    {"bytes", "share", MPS_VALUE_REAL, "Share", "%", 1},
    {"bytes", "cumulative", MPS_VALUE_REAL, NULL, NULL, 0},
};

/* The place of a column above. */
enum { COLUMN_FLOWS_CUMULATIVE = 6 };

static const mps_column flow_columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "frame", MPS_VALUE_UINT, "Frame", NULL, 0},
    {NULL, "tcp_stream", MPS_VALUE_UINT, "Stream", NULL, 0},
    {NULL, "source", MPS_VALUE_STRING, "Source", NULL, 0},
    {NULL, "source_port", MPS_VALUE_UINT, "Port", NULL, 0},
    {NULL, "destination", MPS_VALUE_STRING, "Destination", NULL, 0},
    {NULL, "destination_port", MPS_VALUE_UINT, "Port", NULL, 0},
    {NULL, "start", MPS_VALUE_TIME, NULL, NULL, 0},
    {NULL, "duration", MPS_VALUE_SECONDS, "Duration", "s", 6},
    {NULL, "packets", MPS_VALUE_UINT, "Packets", NULL, 0},
    {NULL, "bytes", MPS_VALUE_UINT, "Bytes", NULL, 0},
};

/* What text has of them: the ends as one column. */
static const mps_text_choice flow_text_choices[] = {
    MPS_TEXT_AS("source", "Source > destination"),
    MPS_TEXT_END,
};

/* What the flows of a bin, or of all, have together. */
typedef struct {
    uint64_t mptcp, plain; /* flows */
    uint64_t packets, bytes;
} flow_sum;

/* ---- the histogram ---- */

static void add_flow(flow_sum *sum, const mps_flow_count *flow, unsigned direction)
{
    sum->mptcp += flow->connection != MPS_NONE;
    sum->plain += flow->connection == MPS_NONE;
    sum->packets += flow->packets[direction];
    sum->bytes += flow->bytes[direction];
}

/* @param bins  set  @return how many there are, from the first to the last that has a flow */
static unsigned count_bins(const GArray *flows, flow_sum bins[BINS], flow_sum *all)
{
    unsigned count = 0;
    for (guint i = 0; i < 2 * flows->len; i++) {
        const mps_flow_count *flow = &g_array_index(flows, mps_flow_count, i / 2);
        const unsigned direction = i % 2;
        if (flow->packets[direction] == 0)
            continue;
        const unsigned bin = BINS - 1 - (unsigned)__builtin_clzll(flow->packets[direction]);
        add_flow(&bins[bin], flow, direction);
        add_flow(all, flow, direction);
        count = MAX(count, bin + 1);
    }
    return count;
}

/* Append a sum, its share and that of all until now. @param until  increased by the sum */
static void add_shares(mps_table *table, uint64_t sum, uint64_t *until, uint64_t all)
{
    *until += sum;
    mps_table_add_ratio(table, (double)sum, (double)all);
    mps_table_add_ratio(table, (double)*until, (double)all);
}

static void rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    flow_sum bins[BINS] = {{0}}, all = {0};
    uint64_t flows_until = 0, packets_until = 0, bytes_until = 0;
    GArray *flows = mps_flow_counts(report, tracker);
    const unsigned count = count_bins(flows, bins, &all);
    g_array_free(flows, TRUE);
    for (unsigned i = 0; i < count; i++) {
        const flow_sum *bin = &bins[i];
        const uint64_t own = bin->mptcp + bin->plain;
        mps_table_add(table, MPS_UINT(UINT64_C(1) << i));
        mps_table_add(table, MPS_UINT((UINT64_C(2) << i) - 1));
        mps_table_add(table, MPS_UINT(own));
        mps_table_add(table, MPS_UINT(bin->mptcp));
        mps_table_add(table, MPS_UINT(bin->plain));
        add_shares(table, own, &flows_until, all.mptcp + all.plain);
        mps_table_add(table, MPS_UINT(bin->packets));
        add_shares(table, bin->packets, &packets_until, all.packets);
        mps_table_add(table, MPS_UINT(bin->bytes));
        add_shares(table, bin->bytes, &bytes_until, all.bytes);
    }
}

/* ---- the flows ---- */

static void add_flow_row(mps_table *table, const mps_flow_count *flow, unsigned direction)
{
    mps_table_add_number(table, flow->connection);
    mps_table_add_number(table, flow->subflow);
    mps_table_add_direction(table, direction);
    mps_table_add(table, MPS_UINT(flow->frame));
    mps_table_add_known(table, flow->tcp_stream);
    mps_table_add_address(table, &flow->address[direction]);
    mps_table_add(table, MPS_UINT(flow->port[direction]));
    mps_table_add_address(table, &flow->address[!direction]);
    mps_table_add(table, MPS_UINT(flow->port[!direction]));
    mps_table_add(table, MPS_TIME(flow->start));
    mps_table_add_ns(table, !flow->leapt, mps_minus(flow->end, flow->start));
    mps_table_add(table, MPS_UINT(flow->packets[direction]));
    mps_table_add(table, MPS_UINT(flow->bytes[direction]));
}

static void flow_rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    GArray *flows = mps_flow_counts(report, tracker);
    for (guint i = 0; i < 2 * flows->len; i++) {
        const mps_flow_count *flow = &g_array_index(flows, mps_flow_count, i / 2);
        if (flow->packets[i % 2] > 0)
            add_flow_row(table, flow, i % 2);
    }
    g_array_free(flows, TRUE);
}

/* ---- text ---- */

/* A flow: 2 * index of the TCP connection + direction. */
static uint64_t packets_of(const GArray *flows, guint number)
{
    return g_array_index(flows, mps_flow_count, number / 2).packets[number % 2];
}

/* @return how many flows there are
 * @param largest  set to the numbers of those with most packets, at most LARGEST, the first of
 * equals first @param count  set to how many these are */
static guint find_largest(const GArray *flows, guint largest[LARGEST], guint *count)
{
    guint all = 0;
    *count = 0;
    for (guint number = 0; number < 2 * flows->len; number++) {
        const uint64_t packets = packets_of(flows, number);
        if (packets == 0)
            continue;
        all++;
        guint at = *count;
        while (at > 0 && packets_of(flows, largest[at - 1]) < packets)
            at--;
        if (at == LARGEST)
            continue;
        *count = MIN(*count + 1, LARGEST);
        for (guint i = *count - 1; i > at; i--)
            largest[i] = largest[i - 1];
        largest[at] = number;
    }
    return all;
}

/* Text has the largest flows only: a capture may have thousands. */
static void write_largest(const mps_report *report, const mps_tracker *tracker, mps_text *out)
{
    guint largest[LARGEST], count;
    GArray *flows = mps_flow_counts(report, tracker);
    const guint all = find_largest(flows, largest, &count);
    mps_table *table = mps_table_new(flow_columns, G_N_ELEMENTS(flow_columns));
    table->capture = report->file;
    char *title = all > count ? g_strdup_printf("The %u largest of %u flows", count, all)
                              : g_strdup("Flows, the largest first");
    for (guint i = 0; i < count; i++)
        add_flow_row(table, &g_array_index(flows, mps_flow_count, largest[i] / 2), largest[i] % 2);
    mps_table_complete(table);
    if (count > 0)
        mps_write_text_form(
            out, table,
            &(mps_text_form){.title = title, .choices = flow_text_choices, .below = true});
    if (all > count)
        mps_write_wrapped(out, "All flows: --table flows (tshark: table=flows), or json.", 0, 0);
    g_free(title);
    mps_table_free(table);
    g_array_free(flows, TRUE);
}

/* @return whether a row comes before the first that has a flow */
static bool is_before_first(const mps_table *table, unsigned row, const void *unused G_GNUC_UNUSED)
{
    return mps_table_value(table, row, COLUMN_FLOWS_CUMULATIVE)->real <= 0;
}

/* Text begins with the smallest flows that there are. */
static void text(const mps_report *report, const mps_tracker *tracker, const char *filter,
                 mps_text *out)
{
    mps_table *table = mps_report_table(report, tracker);
    mps_table_remove_rows(table, is_before_first, NULL);
    mps_write_text(out, table, mps_report_flows.title, filter);
    mps_table_free(table);
    if (report->tables == MPS_TABLES_ALL)
        write_largest(report, tracker, out);
}

const mps_report_kind mps_report_flow_list = {
    .name = "flows",
    .title = "Each flow",
    .columns = flow_columns,
    .column_count = G_N_ELEMENTS(flow_columns),
    .text_choices = flow_text_choices,
    .rows = flow_rows,
    .empty = "There is no flow.",
};

const mps_report_kind mps_report_flows = {
    .name = "flows",
    .title = "MPTCP Flows: packets per flow, plain TCP included",
    .about = "packets of each TCP flow, plain TCP too: how many flows have how many",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .takes_plain = true,
    .totals = &mps_report_flow_list,
    .rows = rows,
    .text = text,
    .empty = "There is no flow.",
};
