/* write_diff.c: writes the results of `mptcpscope diff A B` as text, csv and json.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare/comparison_columns.h"
#include "compare/document.h"
#include "diff_rows.h"
#include "table/table_write.h"
#include <mptcpscope/diff.h>

static const mps_column columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "peer_connection", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},
    {NULL, "peer_subflow", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "tcp_stream", MPS_VALUE_UINT, "Stream", NULL, 0},
    {NULL, "peer_tcp_stream", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "what", MPS_VALUE_STRING, "What", NULL, 0},
    {NULL, "kind", MPS_VALUE_STRING, "Change", NULL, 0},
    {NULL, "count", MPS_VALUE_UINT, "Count", NULL, 0},
    {NULL, "of", MPS_VALUE_UINT, "Of", NULL, 0},
    {NULL, "constant", MPS_VALUE_BOOL, NULL, NULL, 0},
    {NULL, "difference", MPS_VALUE_INT, "By", NULL, 0},
    {NULL, "frame", MPS_VALUE_UINT, "Frame", NULL, 0},
    {NULL, "peer_frame", MPS_VALUE_UINT, "B's", NULL, 0},
    {NULL, "a", MPS_VALUE_STRING, "In A", NULL, 0},
    {NULL, "b", MPS_VALUE_STRING, "In B", NULL, 0},
    {NULL, "text", MPS_VALUE_STRING, NULL, NULL, 0},
};

/* What text has of them: "In A" and "In B" show by how much a number was changed. */
static const mps_text_choice text_choices[] = {
    MPS_TEXT_WHEN_WIDE("tcp_stream"),
    MPS_TEXT_WHEN_WIDE("difference"),
    MPS_TEXT_END,
};

/* Sentences that a reader looks at. Of more, PER_KIND_MAX of each kind are shown. */
#define SENTENCES_MAX 64u
#define PER_KIND_MAX 5u

/* Before the lines that continue a sentence. */
#define SENTENCE_INDENT 4u

static void add_frame(mps_table *table, uint32_t frame)
{
    mps_table_add(table, frame == 0 ? MPS_NULL : MPS_UINT(frame));
}

static void add_row(mps_table *table, const mps_comparison *comparison, const mps_diff_row *row)
{
    char *what = mps_diff_what_name(row->what);
    mps_table_add_number(table, row->connection);
    mps_table_add_number(table, row->peer_connection);
    mps_table_add_number(table, row->subflow);
    mps_table_add_number(table, row->peer_subflow);
    mps_comparison_add_stream(table, comparison->a, row->pair.a);
    mps_comparison_add_stream(table, comparison->b, row->pair.b);
    mps_table_add_direction(table, row->direction);
    mps_table_add_string(table, what);
    mps_table_add_string(table, mps_change_name(row->change));
    mps_table_add(table, MPS_UINT(row->count));
    mps_table_add(table, MPS_UINT(row->of));
    bool constant = row->difference_kind == MPS_DIFFERENCE_CONSTANT;
    mps_table_add(table,
                  row->difference_kind == MPS_DIFFERENCE_NONE ? MPS_NULL : MPS_BOOL(constant));
    mps_table_add(table, constant ? MPS_INT(row->difference) : MPS_NULL);
    add_frame(table, row->frame);
    add_frame(table, row->peer_frame);
    mps_table_add_string(table, row->a);
    mps_table_add_string(table, row->b);
    mps_table_add_string(table, row->text);
    g_free(what);
}

mps_table *mps_diff_table(const mps_diff *diff)
{
    mps_table *table = mps_table_new(columns, G_N_ELEMENTS(columns));
    for (guint i = 0; i < diff->rows->len; i++)
        add_row(table, diff->comparison, &g_array_index(diff->rows, mps_diff_row, i));
    mps_table_complete(table);
    return table;
}

static void write_json(FILE *out, const mps_diff *diff, const mps_table *table)
{
    mps_document_json_opening(out, "diff", diff->comparison->a, diff->comparison->b);
    fputs(",\n", out);
    mps_write_json_strings(out, "sentences", diff->sentences, true);
    fputs(",\n", out);
    mps_write_json_strings(out, "notes", diff->notes, true);
    fputs(",\n", out);
    mps_write_json_rows(out, table);
    fputs("}\n", out);
}

/* Count the sentences of a kind. @param seen  guint, by kind  @return with the new one */
static guint count_kind(GArray *seen, guint kind)
{
    if (kind >= seen->len)
        g_array_set_size(seen, kind + 1);
    return ++g_array_index(seen, guint, kind);
}

GPtrArray *mps_diff_shown_sentences(const mps_diff *diff, guint most, guint per_kind)
{
    GPtrArray *shown = g_ptr_array_new_with_free_func(g_free);
    GArray *seen = g_array_new(FALSE, TRUE, sizeof(guint));
    bool all = diff->kinds->len <= most;
    guint left_out = 0;
    for (guint i = 0; i < diff->kinds->len; i++) {
        if (count_kind(seen, g_array_index(diff->kinds, guint, i)) <= per_kind || all)
            g_ptr_array_add(shown, g_strdup(diff->sentences->pdata[i]));
        else
            left_out++;
    }
    if (left_out > 0)
        g_ptr_array_add(shown, g_strdup_printf("And %u more sentence%s, about other subflows with "
                                               "such changes. json has all.",
                                               left_out, left_out == 1 ? "" : "s"));
    for (guint i = diff->kinds->len; i < diff->sentences->len; i++)
        g_ptr_array_add(shown, g_strdup(diff->sentences->pdata[i]));
    g_array_free(seen, TRUE);
    return shown;
}

/* Write the sentences; of very many only the first ones about each kind of change. */
static void write_sentences(mps_text *out, const mps_diff *diff)
{
    GPtrArray *shown = mps_diff_shown_sentences(diff, SENTENCES_MAX, PER_KIND_MAX);
    for (guint i = 0; i < shown->len; i++)
        mps_write_wrapped(out, shown->pdata[i], 0, SENTENCE_INDENT);
    g_ptr_array_free(shown, TRUE);
}

static void write_text(mps_text *out, const mps_diff *diff, const mps_table *table)
{
    mps_document_names(out, diff->comparison->a, diff->comparison->b);
    mps_write_text_form(
        out, table, &(mps_text_form){.title = "What the path changed", .choices = text_choices});
    write_sentences(out, diff);
    mps_write_text_notes(out, diff->notes);
}

static void write_diff(const mps_diff *diff, const mps_style *style, FILE *out)
{
    mps_text text = {out, style};
    mps_table *table = mps_diff_table(diff);
    if (style->format == MPS_FORMAT_JSON)
        write_json(out, diff, table);
    else if (style->format == MPS_FORMAT_CSV)
        mps_write_csv(out, table);
    else
        write_text(&text, diff, table);
    mps_table_free(table);
}

void mps_diff_write(const mps_comparison *comparison, uint32_t connection, const mps_style *style,
                    FILE *out)
{
    mps_diff *diff = mps_diff_new(comparison, connection);
    write_diff(diff, style, out);
    mps_diff_free(diff);
}
