/* write_reinjections.c: writes mptcpscope reinjections A B as text, csv and json.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare/document.h"
#include "reinjection_tables.h"
#include "table/table_write.h"
#include <mptcpscope/reinjection.h>
#include <string.h>

/* The tables, in the order of text. json has the first one last, as `rows`. */
enum {
    TABLE_REINJECTIONS,
    TABLE_PAIRS,
    TABLE_TOTALS,
    TABLE_RETRANSMISSION_TOTALS,
    TABLE_RETRANSMISSIONS,
    TABLE_COUNT
};

static const char *const names[] = {
    [TABLE_REINJECTIONS] = "reinjections",
    [TABLE_PAIRS] = "pairs",
    [TABLE_TOTALS] = "totals",
    [TABLE_RETRANSMISSION_TOTALS] = "retransmission_totals",
    [TABLE_RETRANSMISSIONS] = "retransmissions",
    [TABLE_COUNT] = NULL,
};

/* What text has of the rows: a frame and a length are enough to find the data. */
static const mps_text_choice row_choices[] = {
    MPS_TEXT_WHEN_WIDE("time"),
    MPS_TEXT_WHEN_WIDE("dsn"),
    MPS_TEXT_END,
};

/* What text has of the sums of reinjections: what became of the bytes, and the gain. */
static const mps_text_choice sum_choices[] = {
    MPS_TEXT_WHEN_WIDE("wasted_bytes"),
    MPS_TEXT_WHEN_WIDE("unsure_bytes"),
    MPS_TEXT_WHEN_WIDE("advanced_bytes"),
    MPS_TEXT_AS("gain_median", "Gain median"),
    MPS_TEXT_WHEN_WIDE("gain_mean"),
    MPS_TEXT_AS("gain_max", "Gain max"),
    MPS_TEXT_END,
};

static const struct {
    const char *title;
    mps_table *(*make)(const mps_reinjections_both *both);
    bool by_default; /* in text */
    const mps_text_choice *choices;
} tables[] = {
    [TABLE_REINJECTIONS] = {"Reinjections and their verdicts", mps_reinjection_table, true,
                            row_choices},
    [TABLE_PAIRS] = {"Reinjections by pair of subflows", mps_reinjection_pairs, true, sum_choices},
    [TABLE_TOTALS] = {"Reinjections by connection and direction", mps_reinjection_totals, true,
                      sum_choices},
    [TABLE_RETRANSMISSION_TOTALS] = {"Retransmissions by subflow and direction",
                                     mps_retransmission_totals, true, NULL},
    [TABLE_RETRANSMISSIONS] = {"Retransmissions and their verdicts", mps_retransmission_table,
                               false, row_choices},
};

const char *const *mps_reinjections_tables(void)
{
    return names;
}

void mps_reinjections_pass(const mps_comparison *comparison, uint32_t connection,
                           mps_reinjections_taker take, void *data)
{
    mps_reinjections_both both = {.comparison = comparison, .connection = connection};
    mps_reinjections_find(&both);
    for (unsigned i = 0; i < TABLE_COUNT; i++) {
        mps_table *table = tables[i].make(&both);
        take(names[i], tables[i].title, table, data);
        mps_table_free(table);
    }
    mps_reinjections_clear(&both);
}

static bool is_in_text(unsigned i, const char *only)
{
    return only ? strcmp(names[i], only) == 0 : tables[i].by_default;
}

static void write_text(mps_text *out, const mps_reinjections_both *both, const char *only)
{
    bool below = false;
    mps_document_names(out, both->comparison->a, both->comparison->b);
    mps_write_labelled(out, "Clocks: ",
                       "only Spurious, Early and Unsure depend on them; they use the bounds of "
                       "the offset.",
                       MPS_CLOCKS_INDENT);
    mps_clock_write_text_part(both->comparison, out);
    mps_write_text_notes(out, both->comparison->notes);
    for (unsigned i = 0; i < TABLE_COUNT; i++) {
        if (!is_in_text(i, only))
            continue;
        mps_table *table = tables[i].make(both);
        mps_write_text_form(out, table,
                            &(mps_text_form){.title = tables[i].title,
                                             .choices = tables[i].choices,
                                             .below = below});
        below = true;
        mps_table_free(table);
    }
}

static void write_csv(FILE *out, const mps_reinjections_both *both, const char *only)
{
    for (unsigned i = 0; i < TABLE_COUNT; i++) {
        if (strcmp(names[i], only ? only : names[TABLE_REINJECTIONS]) != 0)
            continue;
        mps_table *table = tables[i].make(both);
        mps_write_csv(out, table);
        mps_table_free(table);
    }
}

static void write_json(FILE *out, const mps_reinjections_both *both)
{
    mps_document_json_opening(out, "reinjections", both->comparison->a, both->comparison->b);
    fputs(", ", out);
    mps_clock_write_json_part(both->comparison, out);
    fputs(",\n", out);
    mps_write_json_notes(out, both->comparison->notes);
    for (unsigned i = TABLE_REINJECTIONS + 1; i < TABLE_COUNT; i++) {
        mps_table *table = tables[i].make(both);
        fputs(",\n", out);
        mps_write_json_table(out, table, names[i]);
        mps_table_free(table);
    }
    mps_table *rows = tables[TABLE_REINJECTIONS].make(both);
    fputs(",\n", out);
    mps_write_json_rows(out, rows);
    mps_table_free(rows);
    fputs("}\n", out);
}

void mps_reinjections_write(const mps_comparison *comparison, uint32_t connection, const char *only,
                            const mps_style *style, FILE *out)
{
    mps_text text = {out, style};
    mps_reinjections_both both = {.comparison = comparison, .connection = connection};
    mps_reinjections_find(&both);
    if (style->format == MPS_FORMAT_JSON)
        write_json(out, &both);
    else if (style->format == MPS_FORMAT_CSV)
        write_csv(out, &both, only);
    else
        write_text(&text, &both, only);
    mps_reinjections_clear(&both);
}
