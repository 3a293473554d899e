/* mib.c: the report "mib", a row per MIB counter of Linux's MPTCP.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/mib/mib.h"
#include "analysis/vantage.h"
#include "report_internal.h"
#include "table/table_write.h"

static const mps_column columns[] = {
    {NULL, "counter", MPS_VALUE_STRING, "Counter", NULL, 0},
    {NULL, "client", MPS_VALUE_UINT, "Client", NULL, 0},
    {NULL, "server", MPS_VALUE_UINT, "Server", NULL, 0},
    {NULL, "near", MPS_VALUE_STRING, "Captured near", NULL, 0},
    {NULL, "reason", MPS_VALUE_STRING, "Not known because", NULL, 0},
};

/* The places of columns above. */
enum { COLUMN_CLIENT = 1, COLUMN_SERVER = 2 };

/* A counter of one host. */
typedef struct {
    uint64_t amount;
    mps_mib_doubt doubt;
} counter_sum;

/* Why a figure is not known, as the column "reason" has it. */
static const char *const reasons[] = {
    [MPS_MIB_KNOWN] = NULL,
    [MPS_MIB_DEPENDS] = "the segments do not show it",
    [MPS_MIB_UNCAPTURED] = "segments were not captured",
    [MPS_MIB_CUT] = "the snaplen cut options",
};

/* The ports of the initial subflow of a connection, by side. */
typedef struct {
    bool known;
    uint16_t port[2];
} initial_ports;

/* @return initial_ports by number of the connection; the caller frees the array. */
static GArray *find_ports(const mps_tracker *tracker)
{
    GArray *ports = g_array_new(FALSE, TRUE, sizeof(initial_ports));
    g_array_set_size(ports, mps_tracker_connections(tracker));
    for (uint32_t id = 0; id < mps_tracker_subflows(tracker); id++) {
        mps_subflow_info info;
        mps_tracker_subflow(tracker, id, &info);
        if (info.connection == MPS_NONE || info.initial != 1)
            continue;
        g_array_index(ports, initial_ports, info.connection) =
            (initial_ports){true, {info.port[0], info.port[1]}};
    }
    return ports;
}

/* Add an event to a counter. An event that needs another port than the initial subflow's counts
 * only if the responder's is another; if the initial one is not known, the sum is not known. */
static void add_event(counter_sum *sum, const mps_mib_event *event, const mps_tracker *tracker,
                      const GArray *ports)
{
    mps_mib_doubt doubt = event->doubt;
    if (event->other_port) {
        mps_subflow_info info;
        mps_tracker_subflow(tracker, event->half_id / 2, &info);
        const initial_ports *initial = &g_array_index(ports, initial_ports, info.connection);
        unsigned responder = info.initiator == MPS_C2S ? 1 : 0;
        if (initial->known && initial->port[responder] == info.port[responder])
            return;
        if (!initial->known)
            doubt = MAX(doubt, MPS_MIB_UNCAPTURED);
    }
    sum->amount += event->amount;
    sum->doubt = MAX(sum->doubt, doubt);
}

static void add_up(const mps_report *report, const mps_tracker *tracker, const GArray *events,
                   const GArray *ports, counter_sum sums[MPS_MIB_COUNT][2])
{
    for (guint i = 0; i < events->len; i++) {
        const mps_mib_event *event = &g_array_index(events, mps_mib_event, i);
        uint32_t id = event->half_id / 2;
        if (!mps_report_shows(report, tracker, event->frame, id))
            continue;
        /* The host that counted is the sender of this half: the client if the direction is c2s. */
        mps_direction direction = mps_tracker_direction(tracker, id, event->half_id % 2);
        add_event(&sums[event->counter][direction], event, tracker, ports);
    }
}

/* @return the host at whose end the capture was made, as the column "near" has it; NULL: not known,
 * in between, or not the same in all connections. */
static const char *find_near(const mps_report *report, const mps_tracker *tracker)
{
    mps_vantages *vantages = mps_vantages_new(tracker, &report->near);
    mps_near common = MPS_NEAR_UNKNOWN;
    bool same = true;
    for (uint32_t number = 0; number < mps_tracker_connections(tracker); number++) {
        const mps_near near = mps_vantages_near(vantages, number);
        if (!mps_report_wants(report, number) || near == MPS_NEAR_UNKNOWN)
            continue;
        same = same && (common == MPS_NEAR_UNKNOWN || near == common);
        common = near;
    }
    mps_vantages_free(vantages);
    return same && common != MPS_NEAR_MIDDLE ? mps_near_name(common) : NULL;
}

static void rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    counter_sum sums[MPS_MIB_COUNT][2] = {{{0}}};
    GArray *ports = find_ports(tracker), *checksums = mps_mib_checksum_events(tracker);
    GArray *final = mps_mib_final_events(tracker);
    add_up(report, tracker, mps_mib_events(tracker), ports, sums);
    add_up(report, tracker, checksums, ports, sums);
    add_up(report, tracker, final, ports, sums);
    g_array_free(final, TRUE);
    g_array_free(checksums, TRUE);
    g_array_free(ports, TRUE);
    const char *near = find_near(report, tracker);
    /* Connections may be among those whose options were cut before MPTCP's. */
    bool blind =
        mps_tracker_connections(tracker) == 0 && mps_tracker_segment_counts(tracker)->tcp_cut > 0;
    for (unsigned counter = 0; blind && counter < 2 * MPS_MIB_COUNT; counter++)
        sums[counter / 2][counter % 2].doubt = MPS_MIB_CUT;
    for (unsigned counter = 0; counter < MPS_MIB_COUNT; counter++) {
        mps_table_add_string(table, mps_mib_name(counter));
        for (unsigned side = 0; side < 2; side++) {
            const counter_sum *sum = &sums[counter][side];
            mps_table_add(table, sum->doubt ? MPS_NULL : MPS_UINT(sum->amount));
        }
        mps_table_add_string(table, near);
        mps_table_add_string(table, reasons[MAX(sums[counter][0].doubt, sums[counter][1].doubt)]);
    }
}

/* @return whether a counter is known to be 0 at both hosts */
static bool is_zero(const mps_table *table, unsigned row, const void *unused G_GNUC_UNUSED)
{
    for (unsigned column = COLUMN_CLIENT; column <= COLUMN_SERVER; column++) {
        const mps_value *value = mps_table_value(table, row, column);
        if (value->type == MPS_VALUE_NULL || value->u != 0)
            return false;
    }
    return true;
}

/* Text leaves out counters that are 0 and says how many, so that those that matter are seen. */
static void text(const mps_report *report, const mps_tracker *tracker, const char *filter,
                 mps_text *out)
{
    mps_table *table = mps_report_table(report, tracker);
    const unsigned all = table->row_count;
    if (!report->zeros)
        mps_table_remove_rows(table, is_zero, NULL);
    mps_write_text(out, table, mps_report_mib.title, filter);
    if (table->row_count < all) {
        char *sentence =
            g_strdup_printf("%u counters that are 0 are not shown: zeros=1 or --zeros shows them.",
                            all - table->row_count);
        mps_write_wrapped(out, sentence, 0, 0);
        g_free(sentence);
    }
    mps_table_free(table);
}

const mps_report_kind mps_report_mib = {
    .name = "mib",
    .title = "MPTCP Counters of the Hosts",
    .about = "the kernel's MPTcpExt* counters, as far as the capture shows them",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .needs = MPS_NEED_MIB | MPS_NEED_CHECKSUMS | MPS_NEED_MILESTONES | MPS_NEED_VANTAGE,
    .takes_zeros = true,
    .rows = rows,
    .text = text,
};
