/* mib_against.c: the report "mib-against": the counters of a capture that differ from those of a
 * host's kernel, a row each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "mib_against.h"
#include "analysis/mib/mib.h"
#include <mptcpscope/error.h>
#include <string.h>

static const mps_column columns[] = {
    {NULL, "counter", MPS_VALUE_STRING, "Counter", NULL, 0},
    {NULL, "host", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "capture", MPS_VALUE_UINT, "Capture", NULL, 0},
    {NULL, "kernel", MPS_VALUE_UINT, "Kernel", NULL, 0},
    {NULL, "difference", MPS_VALUE_INT, "Difference", NULL, 0},
    {NULL, "reason", MPS_VALUE_STRING, "Possible reasons", NULL, 0},
};

/* The places of columns of the report "mib". */
enum { MIB_COUNTER = 0, MIB_CLIENT = 1, MIB_SERVER = 2, MIB_NEAR = 3 };

/* How many counters were not compared, or are the same. */
typedef struct {
    unsigned same, differ, not_shown, not_there, left_out;
    unsigned other_differ; /* of those that the capture shows of the other host */
} compared_counts;

/* The report "mib" of the same segments; freed by the caller. */
static mps_table *mib_table(const mps_report *report, const mps_tracker *tracker)
{
    mps_table *table = mps_table_new(mps_report_mib.columns, mps_report_mib.column_count);
    mps_report_mib.rows(report, tracker, table);
    mps_table_complete(table);
    return table;
}

/* @return by how much the kernel counted more connections that began, in either role, than the
 * capture shows at a host */
static uint64_t more_connections(const mps_report *report, const mps_table *mib, unsigned column)
{
    static const char *const counters[] = {"MPTcpExtMPCapableSYNRX", "MPTcpExtMPCapableSYNTX"};
    uint64_t more = 0;
    for (unsigned row = 0; row < mib->row_count; row++) {
        const char *name = mps_table_value(mib, row, MIB_COUNTER)->string;
        const mps_value *captured = mps_table_value(mib, row, column);
        guint64 counted;
        if (captured->type == MPS_VALUE_NULL ||
            (strcmp(name, counters[0]) != 0 && strcmp(name, counters[1]) != 0))
            continue;
        mps_host_counter(report->against, name, &counted);
        more += counted > captured->u ? counted - captured->u : 0;
    }
    return more;
}

/* Add what connections and subflows show. */
static void survey(const mps_report *report, const mps_tracker *tracker, mps_mib_evidence *evidence)
{
    GHashTable *hosts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (uint32_t number = 0; number < mps_tracker_connections(tracker); number++) {
        mps_connection_info info;
        if (report->connection != MPS_NONE && report->connection != number)
            continue;
        mps_tracker_connection(tracker, number, &info);
        evidence->late += info.roles != MPS_ROLES_HANDSHAKE;
        evidence->open += info.state == MPS_CONNECTION_OPEN;
        char text[MPS_ADDRESS_TEXT_MAX];
        mps_address_text(evidence->of_server ? &info.server : &info.client, text);
        g_hash_table_add(hosts, g_strdup(text));
    }
    for (uint32_t id = 0; id < mps_tracker_subflows(tracker); id++) {
        mps_subflow_info info;
        mps_tracker_subflow(tracker, id, &info);
        if (info.connection != MPS_NONE &&
            (report->connection == MPS_NONE || report->connection == info.connection))
            evidence->lacking += info.uncaptured[0] > 0 || info.uncaptured[1] > 0;
    }
    evidence->hosts = g_hash_table_size(hosts);
    g_hash_table_destroy(hosts);
}

static mps_mib_evidence evidence_of(const mps_report *report, const mps_tracker *tracker,
                                    const mps_table *mib)
{
    const mps_value *near = mps_table_value(mib, 0, MIB_NEAR);
    mps_mib_evidence evidence = {
        .of_server = report->against_server,
        .near = near->type == MPS_VALUE_STRING ? near->string : NULL,
        .more = more_connections(report, mib, report->against_server ? MIB_SERVER : MIB_CLIENT),
        .only = report->connection,
        .dropped = report->drops,
        .differences = mps_host_counters_are_differences(report->against),
    };
    survey(report, tracker, &evidence);
    return evidence;
}

static void add_difference(mps_table *table, const mps_mib_evidence *evidence, const char *name,
                           uint64_t captured, uint64_t counted)
{
    char *reason = mps_mib_reason(evidence, name, captured, counted);
    const uint64_t apart = counted > captured ? counted - captured : captured - counted;
    mps_table_add_string(table, name);
    mps_table_add_string(table, evidence->of_server ? "server" : "client");
    mps_table_add(table, MPS_UINT(captured));
    mps_table_add(table, MPS_UINT(counted));
    mps_table_add(table, apart > INT64_MAX    ? MPS_NULL /* no host counts so far */
                         : counted > captured ? MPS_INT((int64_t)apart)
                                              : MPS_INT(-(int64_t)apart));
    mps_table_add_string(table, reason);
    g_free(reason);
}

/* Compare all counters. @param table  where to append the differences; NULL: nowhere */
static compared_counts compare(const mps_report *report, const mps_tracker *tracker,
                               mps_table *table)
{
    compared_counts counts = {0, 0, 0, 0, 0, 0};
    mps_table *mib = mib_table(report, tracker);
    const unsigned column = report->against_server ? MIB_SERVER : MIB_CLIENT;
    const mps_mib_evidence evidence =
        table ? evidence_of(report, tracker, mib) : (mps_mib_evidence){0};
    for (unsigned row = 0; row < mib->row_count; row++) {
        const char *name = mps_table_value(mib, row, MIB_COUNTER)->string;
        const mps_value *captured = mps_table_value(mib, row, column);
        guint64 counted;
        const mps_counter_state state = mps_host_counter(report->against, name, &counted);
        const mps_value *other = mps_table_value(mib, row, MIB_CLIENT + MIB_SERVER - column);
        counts.left_out += state == MPS_COUNTER_LEFT_OUT;
        counts.other_differ += other->type != MPS_VALUE_NULL && other->u != counted;
        if (captured->type == MPS_VALUE_NULL)
            counts.not_shown++;
        else if (state == MPS_COUNTER_UNKNOWN)
            counts.not_there++;
        else if (captured->u == counted)
            counts.same++;
        else {
            counts.differ++;
            if (table)
                add_difference(table, &evidence, name, captured->u, counted);
        }
    }
    mps_table_free(mib);
    return counts;
}

static void rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    compare(report, tracker, table);
}

static void notes(const mps_report *report, const mps_tracker *tracker, GPtrArray *sentences)
{
    const compared_counts counts = compare(report, tracker, NULL);
    static const char *const hosts[] = {"client", "server"};
    const unsigned host = report->against_server;
    g_ptr_array_add(sentences,
                    g_strdup_printf("Compared with the kernel's counters of the %s: %u of %u are "
                                    "the same.",
                                    hosts[host], counts.same, MPS_MIB_COUNT));
    if (counts.differ > 0 && counts.other_differ == 0)
        g_ptr_array_add(sentences,
                        g_strdup_printf("They are all the same as what the capture shows "
                                        "of the %s: --host %s may be meant.",
                                        hosts[1 - host], hosts[1 - host]));
    if (counts.not_shown > 0)
        g_ptr_array_add(sentences,
                        g_strdup_printf("Not compared: %u that the capture does not show. The "
                                        "report mib says why.",
                                        counts.not_shown));
    if (counts.not_there > 0)
        g_ptr_array_add(
            sentences,
            g_strdup_printf("Not compared: %u that this kernel does not have.", counts.not_there));
    if (counts.left_out > 0)
        g_ptr_array_add(sentences, g_strdup("nstat left out the counters that are 0 (no -z): those "
                                            "that it does not have count as 0."));
}

const mps_report_kind mps_report_mib_against = {
    .name = "mib-against",
    .title = "MPTCP Counters That Differ From the Kernel's",
    .about = "counters of the capture that differ from nstat's of a host",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .needs = MPS_NEED_MIB | MPS_NEED_CHECKSUMS | MPS_NEED_MILESTONES | MPS_NEED_VANTAGE,
    .rows = rows,
    .notes = notes,
};

bool mps_report_set_against(mps_report *report, mps_host_counters *counters, bool of_server,
                            GError **error)
{
    if (report->kind != &mps_report_mib) {
        g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE,
                    "the report %s has no counters of a kernel to compare: mib has",
                    report->kind->name);
        return false;
    }
    report->kind = &mps_report_mib_against;
    report->against = counters;
    report->against_server = of_server;
    return true;
}
