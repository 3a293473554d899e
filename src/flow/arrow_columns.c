/* arrow_columns.c: makes the rows of csv and json.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "flow_internal.h"
#include "table/table_build.h"

#define ALL_FRAMES UINT32_MAX

/* Columns that one capture has, too. */
#define OWN_COLUMNS 25u

static const mps_column columns[] = {
    {NULL, "frame", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "time", MPS_VALUE_TIME, NULL, NULL, 0},
    {NULL, "since_start", MPS_VALUE_SECONDS, NULL, NULL, 6},
    {NULL, "connection", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "subflow", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "tcp_stream", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "flags", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "seq", MPS_VALUE_INT, NULL, NULL, 0},
    {NULL, "ack", MPS_VALUE_INT, NULL, NULL, 0},
    {NULL, "window", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "length", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "dsn", MPS_VALUE_BIG, NULL, NULL, 0},
    {NULL, "dsn_relative", MPS_VALUE_BIG, NULL, NULL, 0},
    {NULL, "data_ack", MPS_VALUE_BIG, NULL, NULL, 0},
    {NULL, "data_ack_relative", MPS_VALUE_BIG, NULL, NULL, 0},
    {NULL, "data_bytes", MPS_VALUE_INT, NULL, NULL, 0},
    {NULL, "retransmitted_bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "reinjected_bytes", MPS_VALUE_INT, NULL, NULL, 0},
    {NULL, "unmapped_bytes", MPS_VALUE_INT, NULL, NULL, 0},
    {NULL, "data_fin", MPS_VALUE_BOOL, NULL, NULL, 0},
    {NULL, "options", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "reinjection_of", MPS_VALUE_JSON, NULL, NULL, 0},
    {NULL, "copy_of", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "info", MPS_VALUE_STRING, NULL, NULL, 0},
    /* Of two captures. */
    {NULL, "peer_frame", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "peer_time", MPS_VALUE_TIME, NULL, NULL, 0},
    {NULL, "peer_since_start", MPS_VALUE_SECONDS, NULL, NULL, 6},
    {NULL, "peer_connection", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "peer_subflow", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "owd", MPS_VALUE_SECONDS, NULL, NULL, 6},
    {NULL, "outcome", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "match", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "matched_bytes", MPS_VALUE_UINT, NULL, NULL, 0},
};

mps_table *mps_arrow_table(const mps_arrows *arrows)
{
    return mps_table_new(columns, arrows->comparison ? G_N_ELEMENTS(columns) : OWN_COLUMNS);
}

static void add_if(mps_table *table, bool known, mps_value value)
{
    mps_table_add(table, known ? value : MPS_NULL);
}

static void add_dsn(mps_table *table, const mps_dsn *dsn)
{
    add_if(table, dsn->has_absolute, (mps_value){.type = MPS_VALUE_BIG, .u = dsn->absolute});
    add_if(table, dsn->has_relative, (mps_value){.type = MPS_VALUE_BIG, .u = dsn->relative});
}

/* Frame and times of one end. */
static void add_end(mps_table *table, const mps_arrows *arrows, const mps_arrow *arrow,
                    unsigned end)
{
    const mps_arrow_record *record = arrow->at[end];
    int64_t since = 0;
    const bool known = mps_arrow_time(arrows, arrow, end, &since);
    mps_table_add_number(table, record ? record->verdict.frame : MPS_NONE);
    add_if(table, record, MPS_TIME(record ? record->time : 0));
    add_if(table, known, MPS_SECONDS(since));
}

static void add_stream(mps_table *table, const mps_arrows *arrows, const mps_arrow *arrow)
{
    const mps_arrow_record *record = arrow->at[0];
    const mps_tracker *tracker = mps_trace_tracker(arrows->trace[0]);
    uint32_t id = MPS_NONE;
    if (record)
        id = record->verdict.subflow;
    else if (arrow->number != MPS_NONE)
        id = mps_tracker_subflow_id(tracker, arrows->connection, arrow->number);
    mps_table_add_known(table, id == MPS_NONE ? -1 : mps_tracker_flow(tracker, id)->tcp_stream);
}

static void add_options(mps_table *table, const mps_arrow_record *record)
{
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < record->option_count; i++) {
        const uint8_t subtype = record->options >> (4 * i) & 15;
        const char *name = mps_subtype_name(subtype);
        g_string_append(text, i > 0 ? " " : "");
        if (name)
            g_string_append(text, name);
        else
            g_string_append_printf(text, "0x%x", subtype);
    }
    mps_table_add_string(table, text->len > 0 ? text->str : NULL);
    g_string_free(text, TRUE);
}

/* What the verdict counts, once for each segment that was sent. */
static void add_counts(mps_table *table, const mps_arrow *arrow, const mps_verdict *verdict)
{
    add_if(table, !arrow->again, MPS_INT(verdict->data));
    add_if(table, !arrow->again, MPS_UINT(verdict->retransmitted));
    add_if(table, !arrow->again, MPS_INT(verdict->reinjected));
    add_if(table, !arrow->again, MPS_INT(verdict->unmapped));
    mps_table_add(table, MPS_BOOL(verdict->data_fin));
}

static void add_reinjection(mps_table *table, const mps_arrow_facts *facts)
{
    char *frames = mps_arrow_reinjection_of(facts, ",", ALL_FRAMES);
    char *json = g_strdup_printf("[%s]", frames ? frames : "");
    char *text = frames ? frames : g_strdup("");
    mps_table_add_json(table, json, g_strdelimit(text, ",", ' '));
}

static void add_peer(mps_table *table, const mps_arrows *arrows, const mps_arrow *arrow)
{
    static const char *const matches[] = {
        [MPS_MATCH_EXACT] = "exact",
        [MPS_MATCH_SPLIT] = "split",
        [MPS_MATCH_MERGED] = "merged",
    };
    const bool matched = arrow->fate == MPS_FATE_MATCHED;
    add_end(table, arrows, arrow, 1);
    mps_table_add_number(table, arrow->peer_connection);
    mps_table_add_number(table, arrow->peer_number);
    add_if(table, matched, MPS_SECONDS(arrow->delay));
    mps_table_add_string(table, mps_arrow_fate_name(arrow->fate));
    mps_table_add_string(table, matched ? matches[arrow->match] : NULL);
    add_if(table, matched, MPS_UINT(arrow->length));
}

static void add_row(mps_table *table, const mps_arrows *arrows, const mps_arrow *arrow)
{
    mps_arrow_facts facts;
    mps_arrow_facts_of(arrows, arrow, &facts);
    char *flags = mps_arrow_flags(facts.record), *info = mps_arrow_info(arrow, &facts);
    add_end(table, arrows, arrow, 0);
    mps_table_add_number(table, arrows->connection);
    mps_table_add_number(table, arrow->number);
    add_stream(table, arrows, arrow);
    mps_table_add_direction(table, (mps_direction)arrow->direction);
    mps_table_add_string(table, flags);
    mps_table_add(table, MPS_INT(facts.seq));
    add_if(table, facts.has_ack, MPS_INT(facts.ack));
    mps_table_add_known(table, facts.window);
    mps_table_add(table, MPS_UINT(facts.record->length));
    add_dsn(table, &facts.dsn);
    add_dsn(table, &facts.data_ack);
    add_counts(table, arrow, &facts.verdict);
    add_options(table, facts.record);
    add_reinjection(table, &facts);
    mps_table_add_number(table, facts.copy_of > 0 ? facts.copy_of : MPS_NONE);
    mps_table_add_string(table, *info ? info : NULL);
    if (arrows->comparison)
        add_peer(table, arrows, arrow);
    g_free(flags);
    g_free(info);
}

void mps_arrow_add_rows(mps_table *table, const mps_arrows *arrows)
{
    for (guint i = 0; i < arrows->list->len; i++)
        add_row(table, arrows, &g_array_index(arrows->list, mps_arrow, i));
}
