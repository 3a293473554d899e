/* write_owd.c: writes mptcpscope owd A B as text, csv and json.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "write_owd.h"
#include "delay_intervals.h"
#include "table/table_write.h"

/* json keys of the figures that do not depend on the offset of the clocks. */
#define EXACT                                                                                      \
    "[\"sent\", \"received\", \"matched\", \"lost\", \"unseen\", \"duplicated\", \"reordered\", "  \
    "\"ambiguous\", \"outside\", \"uncaptured\", \"undetermined\", \"split\", \"merged\", "        \
    "\"sent_bytes\", \"matched_bytes\", "                                                          \
    "\"loss_ratio\", \"loss_ratio_low\", \"loss_ratio_high\", "                                    \
    "\"loss_runs\", \"pdv\", \"ipdv\", \"relative\", \"rtt\"]"

static bool any_negative(const GArray *aggregates)
{
    for (guint i = 0; i < aggregates->len; i++) {
        const mps_statistics *delay = &g_array_index(aggregates, mps_aggregate, i).figures.delay;
        if (delay->count > 0 && delay->min < 0)
            return true;
    }
    return false;
}

void mps_owd_make_tables(const mps_comparison *comparison, const mps_owd_choice *choice,
                         mps_owd_tables *tables)
{
    bool by_subflow = choice->by == MPS_OWD_BY_SUBFLOW;
    GArray *subflows = mps_aggregates_of(comparison, choice->connection);
    GArray *connections = mps_aggregates_by_connection(comparison, subflows);
    tables->negative = any_negative(subflows);
    tables->subflows = mps_owd_subflow_table(comparison, subflows);
    tables->connections = mps_owd_connection_table(comparison, connections);
    tables->intervals = NULL;
    if (choice->interval > 0)
        tables->intervals = mps_owd_interval_table(comparison, by_subflow ? subflows : connections,
                                                   by_subflow, choice->interval);
    mps_aggregates_free(connections);
    mps_aggregates_free(subflows);
}

void mps_owd_free_tables(mps_owd_tables *tables)
{
    mps_table_free(tables->subflows);
    mps_table_free(tables->connections);
    mps_table_free(tables->intervals);
}

#define OF_SUBFLOW "connection", "subflow", "tcp_stream", "direction"

/* The tables of text. Each shows some columns of the rows of subflows, or of connections. */
static const struct {
    bool of_connections;
    const char *title;
    const char *columns[20]; /* ends with NULL */
} parts[] = {
    {false,
     "Subflows and their payload",
     {OF_SUBFLOW, "peer_connection", "peer_subflow", "peer_tcp_stream", "client", "client_port",
      "server", "server_port", "sent_bytes", "matched_bytes", "split", "merged"}},
    {false, "One-way delay", {OF_SUBFLOW, "matched", "owd"}},
    {false,
     "Segments",
     {OF_SUBFLOW, "sent", "received", "matched", "lost", "unseen", "duplicated", "reordered",
      "ambiguous", "outside", "uncaptured", "undetermined"}},
    {false,
     "Loss",
     {OF_SUBFLOW, "matched", "lost", "undetermined", "loss_ratio", "loss_ratio_low",
      "loss_ratio_high", "loss_runs"}},
    {false, "Delay variation", {OF_SUBFLOW, "pdv", "ipdv"}},
    {false,
     "Delay relative to the fastest subflow, and round trips",
     {OF_SUBFLOW, "relative", "rtt"}},
    {true,
     "By connection",
     {"connection", "direction", "subflows", "sent", "matched", "lost", "loss_ratio", "owd"}},
    {true,
     "Data arrival: from first transmission to first arrival",
     {"connection", "direction", "data_arrival"}},
    {true,
     "Data delivery: from first transmission to arrival in order",
     {"connection", "direction", "data_delivery"}},
};

static void write_tables_text(mps_text *out, const mps_owd_tables *tables)
{
    static const char *const interval[] = {
        "start_relative", "connection", "subflow", "direction", "sent",
        "matched",        "lost",       "unknown", "owd",       NULL};
    for (unsigned i = 0; i < G_N_ELEMENTS(parts); i++) {
        const mps_table *table = parts[i].of_connections ? tables->connections : tables->subflows;
        if (!parts[i].of_connections || table->row_count > 0)
            mps_write_text_part(out, table, parts[i].title, parts[i].columns, i > 0);
    }
    if (tables->intervals)
        mps_write_text_part(out, tables->intervals, "Over time", interval, true);
}

void mps_owd_write_text(mps_text *out, const mps_comparison *comparison,
                        const mps_owd_tables *tables)
{
    const char *blanks = "        ";
    mps_clock_write_mode(comparison, out);
    mps_clock_write_text_part(comparison, out);
    mps_write_labelled(
        out, blanks,
        "A true delay lies between the figure plus \"Err. from\" and the figure plus "
        "\"to\".",
        MPS_CLOCKS_INDENT);
    mps_write_labelled(
        out, blanks,
        "Counts and losses are exact. Variation, round trips and differences between "
        "subflows are exact within their \"+/-\".",
        MPS_CLOCKS_INDENT);
    if (tables->negative && comparison->mode == MPS_CLOCK_NONE && comparison->clock.has_offset)
        mps_write_labelled(out, blanks,
                           "Delays are negative because the clocks differ: --clock offset "
                           "corrects them.",
                           MPS_CLOCKS_INDENT);
    mps_write_text_notes(out, comparison->notes);
    write_tables_text(out, tables);
}

void mps_owd_write_json(FILE *out, const mps_comparison *comparison, const mps_owd_tables *tables)
{
    mps_clock_write_json_part(comparison, out);
    fputs(",\n", out);
    mps_write_json_notes(out, comparison->notes);
    fputs(", \"exact\": " EXACT ",\n", out);
    mps_write_json_table(out, tables->connections, "connections");
    fputs(",\n", out);
    if (tables->intervals) {
        mps_write_json_table(out, tables->intervals, "intervals");
        fputs(",\n", out);
    }
    mps_write_json_rows(out, tables->subflows);
}

const mps_table *mps_owd_chosen_table(const mps_owd_tables *tables, const mps_owd_choice *choice)
{
    if (tables->intervals)
        return tables->intervals;
    return choice->by == MPS_OWD_BY_SUBFLOW ? tables->subflows : tables->connections;
}

void mps_owd_write(const mps_comparison *comparison, const mps_owd_choice *choice,
                   const mps_style *style, FILE *out)
{
    mps_text text = {out, style};
    mps_owd_tables tables;
    mps_owd_make_tables(comparison, choice, &tables);
    if (style->format == MPS_FORMAT_TEXT) {
        mps_document_names(&text, comparison->a, comparison->b);
        mps_owd_write_text(&text, comparison, &tables);
    } else if (style->format == MPS_FORMAT_CSV) {
        mps_write_csv(out, mps_owd_chosen_table(&tables, choice));
    } else {
        mps_document_json_opening(out, "owd", comparison->a, comparison->b);
        fputs(", ", out);
        mps_owd_write_json(out, comparison, &tables);
        fputs("}\n", out);
    }
    mps_owd_free_tables(&tables);
}
