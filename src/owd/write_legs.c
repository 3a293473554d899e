/* write_legs.c: writes mptcpscope owd A B C... as text, csv and json.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "legs_path.h"
#include "table/table_write.h"
#include "write_owd.h"

static const mps_column path_columns[] = {
    MPS_COMPARISON_SUBFLOW_COLUMNS,
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "leg", MPS_VALUE_STRING, "Leg", NULL, 0},
    MPS_COLUMN_COUNT("entered", "Entered"),
    MPS_COLUMN_COUNT("passed", "Passed"),
    MPS_COLUMN_COUNT("lost", "Lost"),
    MPS_COLUMN_COUNT("unknown", "Unknown"),
    MPS_OWD_LOSS_COLUMNS,
    {"share", "estimate", MPS_VALUE_REAL, "Share", "%", 1},
    {"share", "low", MPS_VALUE_REAL, "from", "%", 1},
    {"share", "high", MPS_VALUE_REAL, "to", "%", 1},
    MPS_COLUMN_MS("owd", "min", "Min"),
    MPS_COLUMN_MS("owd", "median", "Median"),
    MPS_COLUMN_MS("owd", "mean", NULL),
    MPS_COLUMN_MS("owd", "p95", NULL),
    MPS_COLUMN_MS("owd", "p99", NULL),
    MPS_COLUMN_MS("owd", "max", NULL),
    MPS_COLUMN_MS("owd", "error_low", "Err. from"),
    MPS_COLUMN_MS("owd", "error_high", "to"),
    MPS_COLUMN_MS("pdv", "median", NULL),
    MPS_COLUMN_MS("pdv", "p95", "PDV P95"),
    MPS_COLUMN_MS("pdv", "p99", NULL),
    MPS_COLUMN_MS("pdv", "p999", NULL),
    MPS_COLUMN_MS("pdv", "max", NULL),
    MPS_COLUMN_MS("pdv", "error", "+/-"),
};

/* @return the name of a leg, by the places of its captures on the command line: "1-2"; the caller
 * frees it */
static char *leg_name(const mps_legs *legs, unsigned leg)
{
    bool whole = leg == legs->count;
    return g_strdup_printf("%u-%u", whole ? 1 : leg + 1, whole ? leg + 1 : leg + 2);
}

static void add_hop(mps_table *table, const mps_legs *legs, const mps_leg_hop *hop)
{
    const mps_comparison_row *first = hop->first;
    char *name = leg_name(legs, hop->leg);
    mps_table_add_number(table, first ? first->connection : MPS_NONE);
    mps_table_add_number(table, first ? first->subflow : MPS_NONE);
    mps_comparison_add_stream(table, legs->traces[0], first ? first->pair.a : MPS_NONE);
    mps_table_add_direction(table, first ? first->direction : hop->row->direction);
    mps_table_add_string(table, name);
    mps_table_add(table, MPS_UINT(hop->entered));
    mps_table_add(table, MPS_UINT(hop->passed));
    mps_table_add(table, MPS_UINT(hop->lost));
    mps_table_add(table, MPS_UINT(hop->unknown));
    mps_owd_add_loss(table, hop->passed, hop->lost, hop->undetermined);
    const double shares[] = {hop->share, hop->share_low, hop->share_high};
    for (unsigned i = 0; i < G_N_ELEMENTS(shares); i++)
        mps_table_add(table, shares[i] < 0 ? MPS_NULL : MPS_REAL(shares[i]));
    mps_owd_add_delay(table, &hop->figures);
    mps_owd_add_pdv(table, &hop->figures);
    g_free(name);
}

static mps_table *path_table(const mps_legs *legs, uint32_t connection, unsigned *out_of_order)
{
    mps_table *table = mps_table_new(path_columns, G_N_ELEMENTS(path_columns));
    GArray *hops = mps_legs_path_of(legs, out_of_order);
    for (guint i = 0; i < hops->len; i++) {
        const mps_leg_hop *hop = &g_array_index(hops, mps_leg_hop, i);
        if (connection == MPS_NONE || (hop->first && hop->first->connection == connection))
            add_hop(table, legs, hop);
    }
    mps_table_complete(table);
    g_array_free(hops, TRUE);
    return table;
}

/* A number that no connection has. MPS_NONE would mean all connections. */
#define NO_CONNECTION (MPS_NONE - 1)

/* @return the number of A's connection in B; NO_CONNECTION if B does not have it; MPS_NONE for
 * MPS_NONE
 */
static uint32_t next_number(const mps_comparison *leg, uint32_t connection)
{
    const GArray *pairs = leg->pairs->connections;
    if (connection == MPS_NONE)
        return connection;
    for (guint i = 0; i < pairs->len; i++) {
        const mps_connection_pair *pair = &g_array_index(pairs, mps_connection_pair, i);
        if (pair->a == connection && pair->b != MPS_NONE)
            return pair->b;
    }
    return NO_CONNECTION;
}

/* Make the tables of all legs and of the whole path. Each leg numbers connections as its A does. */
static mps_owd_tables *make_all(const mps_legs *legs, const mps_owd_choice *choice)
{
    mps_owd_tables *all = g_new0(mps_owd_tables, legs->count + 1);
    mps_owd_choice own = *choice;
    for (unsigned i = 0; i < legs->count; i++) {
        mps_owd_make_tables(legs->legs[i], &own, &all[i]);
        own.connection = next_number(legs->legs[i], own.connection);
    }
    mps_owd_make_tables(legs->legs[legs->count], choice, &all[legs->count]);
    return all;
}

static const char *const out_of_order_note =
    "The captures are not in the order of the path, or not for all subflows.";

/* @param index  of the capture, from 0 */
static void write_name(mps_text *out, unsigned index, const char *name)
{
    char *number = g_strdup_printf("%u", index + 1);
    mps_write_text_line(out, number, name);
    g_free(number);
}

/* Say which captures are A and B of a leg. */
static void write_leg_names(mps_text *out, const mps_legs *legs, unsigned index)
{
    char *name = leg_name(legs, index);
    char *leg = g_strconcat(index < legs->count ? "\nLeg " : "\nWhole path ", name, NULL);
    char *captures = g_strdup_printf("A is %s, B is %s", mps_trace_name(legs->legs[index]->a),
                                     mps_trace_name(legs->legs[index]->b));
    mps_write_text_line(out, leg, captures);
    g_free(captures);
    g_free(leg);
    g_free(name);
}

static void write_text(mps_text *out, const mps_legs *legs, const mps_owd_tables *all,
                       const mps_table *path, bool out_of_order)
{
    static const char *const losses[] = {
        "connection",     "subflow",         "tcp_stream", "direction", "leg",
        "entered",        "passed",          "lost",       "unknown",   "loss_ratio",
        "loss_ratio_low", "loss_ratio_high", NULL};
    static const char *const delays[] = {"connection", "subflow", "tcp_stream", "direction", "leg",
                                         "share",      "owd",     "pdv",        NULL};
    for (unsigned i = 0; i <= legs->count; i++)
        write_name(out, i, mps_trace_name(legs->traces[i]));
    for (unsigned i = 0; i <= legs->count; i++) {
        write_leg_names(out, legs, i);
        mps_owd_write_text(out, legs->legs[i], &all[i]);
    }
    putc('\n', out->file);
    if (out_of_order)
        mps_write_labelled(out, "Note: ", out_of_order_note, (unsigned)strlen("Note: "));
    mps_write_text_part(out, path, "Where segments were lost", losses, false);
    mps_write_text_part(out, path, "Where segments were delayed", delays, true);
}

static void write_csv(FILE *out, const mps_legs *legs, const mps_owd_tables *all,
                      const mps_owd_choice *choice)
{
    for (unsigned i = 0; i <= legs->count; i++) {
        const mps_table *table = mps_owd_chosen_table(&all[i], choice);
        char *name = leg_name(legs, i);
        if (i == 0) {
            fputs("leg,", out);
            mps_write_csv_heading(out, table);
        }
        for (unsigned row = 0; row < table->row_count; row++) {
            fprintf(out, "%s,", name);
            mps_write_csv_row(out, table, row);
        }
        g_free(name);
    }
}

static void write_json(FILE *out, const mps_legs *legs, const mps_owd_tables *all,
                       const mps_table *path, bool out_of_order)
{
    fputs("{\"schema\": 1, \"report\": \"owd\", ", out);
    mps_document_json_captures(out, legs->traces, legs->count + 1);
    fputs(", \"notes\": [", out);
    if (out_of_order)
        mps_write_json_string(out, out_of_order_note);
    fputs("],\n\"legs\": [", out);
    for (unsigned i = 0; i <= legs->count; i++) {
        char *name = leg_name(legs, i);
        const mps_trace *const both[] = {legs->legs[i]->a, legs->legs[i]->b};
        fprintf(out, "%s{\"leg\": \"%s\", ", i > 0 ? ",\n" : "\n", name);
        mps_document_json_captures(out, both, 2);
        fputs(", ", out);
        mps_owd_write_json(out, legs->legs[i], &all[i]);
        putc('}', out);
        g_free(name);
    }
    fputs("\n],\n", out);
    mps_write_json_table(out, path, "path");
    fputs("}\n", out);
}

void mps_legs_write(const mps_legs *legs, const mps_owd_choice *choice, const mps_style *style,
                    FILE *out)
{
    unsigned out_of_order;
    mps_text text = {out, style};
    mps_owd_tables *all = make_all(legs, choice);
    mps_table *path = path_table(legs, choice->connection, &out_of_order);
    if (style->format == MPS_FORMAT_TEXT)
        write_text(&text, legs, all, path, out_of_order > 0);
    else if (style->format == MPS_FORMAT_CSV)
        write_csv(out, legs, all, choice);
    else
        write_json(out, legs, all, path, out_of_order > 0);
    for (unsigned i = 0; i <= legs->count; i++)
        mps_owd_free_tables(&all[i]);
    g_free(all);
    mps_table_free(path);
}
