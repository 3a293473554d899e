/* write_map.c: writes mptcpscope map A B as text, csv and json.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "document.h"
#include "table/table_build.h"
#include "table/table_write.h"

static const mps_column map_columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "peer_connection", MPS_VALUE_UINT, "B's", NULL, 0},
    {NULL, "connection_evidence", MPS_VALUE_STRING, "Evidence", NULL, 0},
    {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},
    {NULL, "peer_subflow", MPS_VALUE_UINT, "B's", NULL, 0},
    {NULL, "tcp_stream", MPS_VALUE_UINT, "Stream", NULL, 0},
    {NULL, "peer_tcp_stream", MPS_VALUE_UINT, "B's", NULL, 0},
    {NULL, "evidence", MPS_VALUE_STRING, "Evidence", NULL, 0},
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

/* What text has of them: ends differ where they were translated. */
static const mps_text_choice text_choices[] = {
    MPS_TEXT_WHEN_WIDE("connection_evidence"),
    MPS_TEXT_WHEN_WIDE("translated"),
    MPS_TEXT_AS("peer_client", "Client > server in B"),
    MPS_TEXT_END,
};

static void add_ends(mps_table *table, const mps_subflow_info *info, bool flipped)
{
    for (unsigned i = 0; i < 2; i++) {
        unsigned side = flipped ? !i : i;
        mps_table_add_address(table, &info->address[side]);
        mps_table_add(table, info->address[side].length ? MPS_UINT(info->port[side]) : MPS_NULL);
    }
}

/* Index the connection pairs by their numbers in one capture. @return an array of pointers into
 * `pairs`, NULL where the number has no pair; the caller frees the array */
static const mps_connection_pair **by_number(const mps_trace *trace, const mps_pairs *pairs,
                                             bool in_a)
{
    guint count = mps_tracker_connections(mps_trace_tracker(trace));
    const mps_connection_pair **both = g_new0(const mps_connection_pair *, count + 1);
    for (guint i = 0; i < pairs->connections->len; i++) {
        const mps_connection_pair *pair =
            &g_array_index(pairs->connections, mps_connection_pair, i);
        uint32_t number = in_a ? pair->a : pair->b;
        if (number != MPS_NONE)
            both[number] = pair;
    }
    return both;
}

typedef struct {
    const mps_trace *a, *b;
    const mps_connection_pair **of_a, **of_b; /* by A's number, by B's */
} mps_map;

/* Describe a subflow as a capture has it; numbers are MPS_NONE where it does not. */
static mps_subflow_info describe(const mps_trace *trace, uint32_t id)
{
    mps_subflow_info info = {.connection = MPS_NONE, .number = MPS_NONE, .tcp_stream = -1};
    if (id != MPS_NONE)
        mps_tracker_subflow(mps_trace_tracker(trace), id, &info);
    return info;
}

static void add_map_row(mps_table *table, const mps_map *map, const mps_pair *pair,
                        uint32_t connection)
{
    mps_subflow_info in_a = describe(map->a, pair->a), in_b = describe(map->b, pair->b);
    /* A capture may have the connection without this subflow. */
    if (pair->b == MPS_NONE && in_a.connection != MPS_NONE)
        in_b.connection = map->of_a[in_a.connection]->b;
    if (pair->a == MPS_NONE && in_b.connection != MPS_NONE)
        in_a.connection = map->of_b[in_b.connection]->a;
    if (connection != MPS_NONE && in_a.connection != connection)
        return;
    mps_table_add_number(table, in_a.connection);
    mps_table_add_number(table, in_b.connection);
    mps_pair_evidence connection_evidence =
        in_a.connection == MPS_NONE ? MPS_EVIDENCE_NONE : map->of_a[in_a.connection]->evidence;
    mps_table_add_string(table, mps_pair_evidence_text(connection_evidence));
    mps_table_add_number(table, in_a.number);
    mps_table_add_number(table, in_b.number);
    mps_table_add_known(table, in_a.tcp_stream);
    mps_table_add_known(table, in_b.tcp_stream);
    mps_table_add_string(table, mps_pair_evidence_text(pair->evidence));
    mps_table_add(table, mps_pair_in_both(pair) ? MPS_BOOL(pair->translated) : MPS_NULL);
    add_ends(table, &in_a, false);
    add_ends(table, &in_b, pair->flipped);
}

static void write_map(const mps_table *table, const mps_trace *a, const mps_trace *b,
                      const mps_style *style, FILE *out)
{
    mps_text text = {out, style};
    GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
    mps_document_add_notes(notes, a, b);
    if (style->format == MPS_FORMAT_TEXT) {
        mps_document_names(&text, a, b);
        mps_write_text_form(&text, table,
                            &(mps_text_form){.title = "Connections and subflows in both captures",
                                             .choices = text_choices});
        mps_write_text_notes(&text, notes);
    } else if (style->format == MPS_FORMAT_CSV) {
        mps_write_csv(out, table);
    } else {
        mps_document_json_opening(out, "map", a, b);
        fputs(", ", out);
        mps_write_json_notes(out, notes);
        fputs(", ", out);
        mps_write_json_rows(out, table);
        fputs("}\n", out);
    }
    g_ptr_array_free(notes, TRUE);
}

void mps_map_write(const mps_trace *a, const mps_trace *b, uint32_t connection,
                   const mps_style *style, FILE *out)
{
    mps_pairs *pairs = mps_pairs_find(a, b);
    mps_table *table = mps_table_new(map_columns, G_N_ELEMENTS(map_columns));
    const mps_map map = {a, b, by_number(a, pairs, true), by_number(b, pairs, false)};
    for (guint i = 0; i < pairs->subflows->len; i++)
        add_map_row(table, &map, &g_array_index(pairs->subflows, mps_pair, i), connection);
    g_free(map.of_a);
    g_free(map.of_b);
    mps_pairs_free(pairs);
    mps_table_complete(table);
    write_map(table, a, b, style, out);
    mps_table_free(table);
}
