/* write_reinjections.c: mptcpscope reinjections A B, as text, csv and json.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare/document.h"
#include "reinjection_tables.h"
#include "table/table_write.h"
#include <string.h>

/* In the order of text; json names the first `rows`, and has it last. */
static const struct {
    const char *name, *title;
    mps_table *(*table)(const mps_reinjections_both *both);
    bool by_default; /* in text */
} kinds[] = {
    {"reinjections", "Reinjections and their fate", mps_reinjection_table, true},
    {"pairs", "By pair of subflows", mps_reinjection_pairs, true},
    {"totals", "By connection and direction", mps_reinjection_totals, true},
    {"retransmission_totals", "Retransmissions on a subflow", mps_retransmission_totals, true},
    {"retransmissions", "Retransmissions and their fate", mps_retransmission_table, false},
};

static const char *const names[] = {"reinjections",          "pairs",           "totals",
                                    "retransmission_totals", "retransmissions", NULL};

const char *const *mps_reinjections_tables(void)
{
    return names;
}

static bool is_wanted(unsigned kind, const char *only)
{
    return only ? strcmp(kinds[kind].name, only) == 0 : kinds[kind].by_default;
}

static void write_text(FILE *out, const mps_reinjections_both *both, const char *only)
{
    bool below = false;
    mps_document_names(out, both->comparison->a, both->comparison->b);
    fputs("Clocks: only Spurious, Early and Unsure depend on them, by the bounds of the offset.\n",
          out);
    mps_clock_write_part(both->comparison, MPS_FORMAT_TEXT, out);
    mps_document_notes(out, both->comparison->notes, MPS_FORMAT_TEXT);
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (!is_wanted(i, only))
            continue;
        mps_table *table = kinds[i].table(both);
        if (below)
            mps_write_text_below(out, table, kinds[i].title);
        else
            mps_write_text(out, table, kinds[i].title, NULL);
        below = true;
        mps_table_free(table);
    }
}

static void write_csv(FILE *out, const mps_reinjections_both *both, const char *only)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (!is_wanted(i, only ? only : names[0]))
            continue;
        mps_table *table = kinds[i].table(both);
        mps_write_csv(out, table);
        mps_table_free(table);
    }
}

static void write_json(FILE *out, const mps_reinjections_both *both)
{
    mps_document_json_opening(out, "reinjections", both->comparison->a, both->comparison->b);
    fputs(", ", out);
    mps_clock_write_part(both->comparison, MPS_FORMAT_JSON, out);
    fputs(",\n", out);
    mps_document_notes(out, both->comparison->notes, MPS_FORMAT_JSON);
    for (unsigned i = 1; i < G_N_ELEMENTS(kinds); i++) {
        mps_table *table = kinds[i].table(both);
        fputs(",\n", out);
        mps_write_json_table(out, table, kinds[i].name);
        mps_table_free(table);
    }
    mps_table *rows = kinds[0].table(both);
    fputs(",\n", out);
    mps_write_json_rows(out, rows);
    mps_table_free(rows);
    fputs("}\n", out);
}

void mps_reinjections_write(const mps_comparison *comparison, uint32_t connection, const char *only,
                            mps_format format, FILE *out)
{
    mps_reinjections_both both = {.comparison = comparison, .connection = connection};
    both.sides[0] = mps_reinjections_of(comparison, true);
    both.sides[1] = mps_reinjections_of(comparison, false);
    if (format == MPS_FORMAT_JSON)
        write_json(out, &both);
    else if (format == MPS_FORMAT_CSV)
        write_csv(out, &both, only);
    else
        write_text(out, &both, only);
    mps_reinjections_free(both.sides[0]);
    mps_reinjections_free(both.sides[1]);
}
