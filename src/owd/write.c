/* write.c: what two captures tell, as text, csv and json.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../report/write.h"
#include "../report/report-internal.h"
#include <mptcpscope/owd.h>
#include <stdlib.h>

#define DELAY_COLUMN(name, title)                                                                  \
    {                                                                                              \
        "owd", name, MPS_VALUE_SECONDS, title, "ms", 3                                             \
    }

static const mps_column owd_columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "peer_connection", MPS_VALUE_UINT, "B's", NULL, 0},
    {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},
    {NULL, "peer_subflow", MPS_VALUE_UINT, "B's", NULL, 0},
    {NULL, "tcp_stream", MPS_VALUE_UINT, "Stream", NULL, 0},
    {NULL, "peer_tcp_stream", MPS_VALUE_UINT, "B's", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "sent", MPS_VALUE_UINT, "Sent", NULL, 0},
    {NULL, "received", MPS_VALUE_UINT, "Received", NULL, 0},
    {NULL, "matched", MPS_VALUE_UINT, "Matched", NULL, 0},
    {NULL, "lost", MPS_VALUE_UINT, "Lost", NULL, 0},
    {NULL, "unseen", MPS_VALUE_UINT, "Unseen", NULL, 0},
    {NULL, "duplicated", MPS_VALUE_UINT, "Dup.", NULL, 0},
    {NULL, "reordered", MPS_VALUE_UINT, "Reord.", NULL, 0},
    {NULL, "ambiguous", MPS_VALUE_UINT, "Ambig.", NULL, 0},
    {NULL, "outside", MPS_VALUE_UINT, "Outside", NULL, 0},
    {NULL, "uncaptured", MPS_VALUE_UINT, "Uncapt.", NULL, 0},
    {NULL, "split", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "merged", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "sent_bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "matched_bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    DELAY_COLUMN("min", "Min"),
    DELAY_COLUMN("median", "Median"),
    DELAY_COLUMN("mean", "Mean"),
    DELAY_COLUMN("p95", "P95"),
    DELAY_COLUMN("p99", "P99"),
    DELAY_COLUMN("max", "Max"),
};

static void add_number(mps_table *table, uint32_t number)
{
    mps_table_add(table, number == MPS_NONE ? MPS_NULL : MPS_UINT(number));
}

static void add_stream(mps_table *table, const mps_trace *trace, uint32_t id)
{
    mps_subflow_info info = {.tcp_stream = -1};
    if (id != MPS_NONE)
        mps_tracker_subflow(mps_trace_tracker(trace), id, &info);
    mps_table_add_known(table, info.tcp_stream);
}

static void add_delay(mps_table *table, const mps_owd_row *row, int64_t ns)
{
    mps_table_add(table, row->delay.count > 0 ? MPS_SECONDS(ns) : MPS_NULL);
}

static int64_t nearest(double ns)
{
    return (int64_t)(ns < 0 ? ns - 0.5 : ns + 0.5);
}

static void add_owd_row(const mps_owd *owd, mps_table *table, const mps_owd_row *row)
{
    const mps_alignment *alignment = &row->alignment;
    add_number(table, row->connection);
    add_number(table, row->peer_connection);
    add_number(table, row->subflow);
    add_number(table, row->peer_subflow);
    add_stream(table, owd->a, row->pair.a);
    add_stream(table, owd->b, row->pair.b);
    mps_table_add_string(table, row->direction == MPS_C2S ? "c2s" : "s2c");
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
    mps_table_add(table, MPS_UINT(alignment->split));
    mps_table_add(table, MPS_UINT(alignment->merged));
    mps_table_add(table, MPS_UINT(alignment->sent_bytes));
    mps_table_add(table, MPS_UINT(alignment->matched_bytes));
    add_delay(table, row, row->delay.min);
    add_delay(table, row, nearest(row->delay.median));
    add_delay(table, row, nearest(row->delay.mean));
    add_delay(table, row, row->delay.p95);
    add_delay(table, row, row->delay.p99);
    add_delay(table, row, row->delay.max);
}

static bool is_wanted(const mps_owd_row *row, uint32_t connection)
{
    return connection == MPS_NONE || row->connection == connection;
}

mps_table *mps_owd_table(const mps_owd *owd, uint32_t connection)
{
    mps_table *table = mps_table_new(owd_columns, G_N_ELEMENTS(owd_columns));
    for (guint i = 0; i < owd->rows->len; i++) {
        const mps_owd_row *row = &g_array_index(owd->rows, mps_owd_row, i);
        if (is_wanted(row, connection))
            add_owd_row(owd, table, row);
    }
    mps_table_complete(table);
    return table;
}

static void write_captures(FILE *out, const mps_trace *a, const mps_trace *b)
{
    fputs("\"captures\": [", out);
    mps_write_json_string(out, mps_trace_name(a));
    fputs(", ", out);
    mps_write_json_string(out, mps_trace_name(b));
    fputs("], ", out);
}

static void write_notes(FILE *out, const GPtrArray *notes)
{
    fputs("\"notes\": [", out);
    for (guint i = 0; i < notes->len; i++) {
        if (i > 0)
            fputs(", ", out);
        mps_write_json_string(out, notes->pdata[i]);
    }
    fputs("], ", out);
}

void mps_owd_write(const mps_owd *owd, uint32_t connection, mps_format format, FILE *out)
{
    mps_table *table = mps_owd_table(owd, connection);
    switch (format) {
    case MPS_FORMAT_TEXT:
        fprintf(out, "A: %s\nB: %s\n", mps_trace_name(owd->a), mps_trace_name(owd->b));
        mps_owd_write_clock(owd, format, out);
        for (guint i = 0; i < owd->notes->len; i++)
            fprintf(out, "Note: %s\n", (const char *)owd->notes->pdata[i]);
        mps_write_text(out, table, "One-way delay", NULL);
        break;
    case MPS_FORMAT_CSV:
        mps_write_csv(out, table);
        break;
    case MPS_FORMAT_JSON:
        fputs("{\"schema\": 1, \"report\": \"owd\", ", out);
        write_captures(out, owd->a, owd->b);
        mps_owd_write_clock(owd, format, out);
        fputs(",\n", out);
        write_notes(out, owd->notes);
        mps_write_json_rows(out, table);
        fputs("}\n", out);
        break;
    }
    mps_table_free(table);
}

/* A matched segment, as the list of packets shows it. */
typedef struct {
    const mps_owd_row *row;
    const mps_packet *in_a, *in_b;
    const mps_match *match;
} mps_packet_pair;

static int compare_frames(const void *x, const void *y)
{
    const mps_packet *a = ((const mps_packet_pair *)x)->in_a;
    const mps_packet *b = ((const mps_packet_pair *)y)->in_a;
    if (a->frame != b->frame)
        return a->frame < b->frame ? -1 : 1;
    a = ((const mps_packet_pair *)x)->in_b; /* one segment of A, several of B */
    b = ((const mps_packet_pair *)y)->in_b;
    return (a->frame > b->frame) - (a->frame < b->frame);
}

static void collect_packets(const mps_owd *owd, const mps_owd_row *row, GArray *all)
{
    mps_lists lists;
    if (row->alignment.matched == 0)
        return;
    mps_pair_lists(owd->a, owd->b, &row->pair, row->direction, row->a_sends, &lists);
    for (guint i = 0; i < row->alignment.matches->len; i++) {
        const mps_match *match = &g_array_index(row->alignment.matches, mps_match, i);
        const mps_packet *sent = &lists.sent[match->sent];
        const mps_packet *received = &lists.received[match->received];
        mps_packet_pair pair = {row, row->a_sends ? sent : received, row->a_sends ? received : sent,
                                match};
        g_array_append_val(all, pair);
    }
}

static void write_ns(FILE *out, int64_t ns)
{
    mps_value value = MPS_TIME(ns);
    mps_write_bare(out, &value);
}

static void write_packet(FILE *out, const mps_owd *owd, const mps_packet_pair *pair)
{
    static const char *const kinds[] = {"exact", "split", "merged"};
    const mps_owd_row *row = pair->row;
    if (row->connection != MPS_NONE)
        fprintf(out, "%u", row->connection);
    putc(',', out);
    if (row->subflow != MPS_NONE)
        fprintf(out, "%u", row->subflow);
    fprintf(out, ",%s,%u,%u,", row->direction == MPS_C2S ? "c2s" : "s2c", pair->in_a->frame,
            pair->in_b->frame);
    write_ns(out, pair->in_a->time);
    putc(',', out);
    write_ns(out, pair->in_b->time);
    fprintf(out, ",%u,", pair->match->length);
    write_ns(out, mps_owd_delay(owd, row->a_sends, pair->in_a->time, pair->in_b->time));
    fprintf(out, ",%s\n", kinds[pair->match->kind]);
}

void mps_owd_write_packets(const mps_owd *owd, uint32_t connection, FILE *out)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(mps_packet_pair));
    for (guint i = 0; i < owd->rows->len; i++) {
        const mps_owd_row *row = &g_array_index(owd->rows, mps_owd_row, i);
        if (is_wanted(row, connection))
            collect_packets(owd, row, all);
    }
    if (all->len > 0)
        qsort(all->data, all->len, sizeof(mps_packet_pair), compare_frames);
    fputs("connection,subflow,direction,frame,peer_frame,time,peer_time,length,owd,match\n", out);
    for (guint i = 0; i < all->len; i++)
        write_packet(out, owd, &g_array_index(all, mps_packet_pair, i));
    g_array_free(all, TRUE);
}

static const mps_column map_columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "peer_connection", MPS_VALUE_UINT, "B's", NULL, 0},
    {NULL, "connection_evidence", MPS_VALUE_STRING, "because of", NULL, 0},
    {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},
    {NULL, "peer_subflow", MPS_VALUE_UINT, "B's", NULL, 0},
    {NULL, "tcp_stream", MPS_VALUE_UINT, "Stream", NULL, 0},
    {NULL, "peer_tcp_stream", MPS_VALUE_UINT, "B's", NULL, 0},
    {NULL, "evidence", MPS_VALUE_STRING, "because of", NULL, 0},
    {NULL, "translated", MPS_VALUE_BOOL, "Translated", NULL, 0},
    {NULL, "client", MPS_VALUE_STRING, "Client", NULL, 0},
    {NULL, "client_port", MPS_VALUE_UINT, "Port", NULL, 0},
    {NULL, "server", MPS_VALUE_STRING, "Server", NULL, 0},
    {NULL, "server_port", MPS_VALUE_UINT, "Port", NULL, 0},
    {NULL, "peer_client", MPS_VALUE_STRING, "Client in B", NULL, 0},
    {NULL, "peer_client_port", MPS_VALUE_UINT, "Port", NULL, 0},
    {NULL, "peer_server", MPS_VALUE_STRING, "Server in B", NULL, 0},
    {NULL, "peer_server_port", MPS_VALUE_UINT, "Port", NULL, 0},
};

static void add_ends(mps_table *table, const mps_subflow_info *info, bool flipped)
{
    for (unsigned i = 0; i < 2; i++) {
        unsigned side = flipped ? !i : i;
        mps_table_add_address(table, &info->address[side]);
        mps_table_add(table, info->address[side].length ? MPS_UINT(info->port[side]) : MPS_NULL);
    }
}

static void add_map_row(mps_table *table, const mps_trace *a, const mps_trace *b,
                        const mps_pairs *pairs, const mps_pair *pair)
{
    mps_subflow_info in_a = {.connection = MPS_NONE, .number = MPS_NONE, .tcp_stream = -1};
    mps_subflow_info in_b = in_a;
    if (pair->a != MPS_NONE)
        mps_tracker_subflow(mps_trace_tracker(a), pair->a, &in_a);
    if (pair->b != MPS_NONE)
        mps_tracker_subflow(mps_trace_tracker(b), pair->b, &in_b);
    const char *why = NULL;
    for (guint i = 0; i < pairs->connections->len; i++) {
        const mps_connection_pair *both =
            &g_array_index(pairs->connections, mps_connection_pair, i);
        if (in_a.connection != MPS_NONE && both->a == in_a.connection)
            why = both->why;
    }
    add_number(table, in_a.connection);
    add_number(table, in_b.connection);
    mps_table_add_string(table, why);
    add_number(table, in_a.number);
    add_number(table, in_b.number);
    mps_table_add_known(table, in_a.tcp_stream);
    mps_table_add_known(table, in_b.tcp_stream);
    mps_table_add_string(table, pair->why);
    mps_table_add(table, pair->why ? MPS_BOOL(pair->translated) : MPS_NULL);
    add_ends(table, &in_a, false);
    add_ends(table, &in_b, pair->flipped);
}

void mps_map_write(const mps_trace *a, const mps_trace *b, const mps_pairs *pairs,
                   uint32_t connection, mps_format format, FILE *out)
{
    mps_table *table = mps_table_new(map_columns, G_N_ELEMENTS(map_columns));
    for (guint i = 0; i < pairs->subflows->len; i++) {
        const mps_pair *pair = &g_array_index(pairs->subflows, mps_pair, i);
        uint32_t number = MPS_NONE, subflow;
        if (pair->a != MPS_NONE)
            mps_tracker_numbers(mps_trace_tracker(a), pair->a, &number, &subflow);
        if (connection == MPS_NONE || number == connection)
            add_map_row(table, a, b, pairs, pair);
    }
    mps_table_complete(table);
    if (format == MPS_FORMAT_TEXT) {
        fprintf(out, "A: %s\nB: %s\n", mps_trace_name(a), mps_trace_name(b));
        mps_write_text(out, table, "Connections and subflows in both captures", NULL);
    } else if (format == MPS_FORMAT_CSV) {
        mps_write_csv(out, table);
    } else {
        fputs("{\"schema\": 1, \"report\": \"map\", ", out);
        write_captures(out, a, b);
        mps_write_json_rows(out, table);
        fputs("}\n", out);
    }
    mps_table_free(table);
}
