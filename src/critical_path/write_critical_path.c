/* write_critical_path.c: writes mptcpscope critical-path A B as text, csv and json.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare/document.h"
#include "critical_path_internal.h"
#include "table/table_write.h"

static void write_text(mps_text *out, const mps_comparison *comparison, const GArray *rows,
                       const mps_critical_choice *choice)
{
    const mps_critical_extent extent = {choice->pieces, choice->interval};
    GPtrArray *notes = mps_critical_notes(comparison, rows);
    mps_document_names(out, comparison->a, comparison->b);
    mps_write_labelled(out, "Clocks: ",
                       !comparison->corrected
                           ? "not corrected: the time elapsed has their difference in it."
                       : comparison->mode == MPS_CLOCK_SKEW
                           ? "B's times as A's clock shows them, by the estimated offset and skew."
                           : "B's times as A's clock shows them, by the estimated offset.",
                       MPS_CLOCKS_INDENT);
    mps_clock_write_text_part(comparison, out);
    mps_write_text_notes(out, notes);
    g_ptr_array_free(notes, TRUE);
    mps_critical_write_verdicts(out, rows);
    const mps_text_form first = {
        .title = "Critical paths: from the first SYN to the last data delivered"};
    mps_critical_write_tables(out, rows, &first, NULL, &extent);
}

static void write_csv(FILE *out, const GArray *rows, const mps_critical_choice *choice)
{
    const mps_critical_extent extent = {choice->pieces, choice->interval};
    mps_table *table = mps_critical_csv_table(rows, &extent);
    mps_write_csv(out, table);
    mps_table_free(table);
}

static void write_json(FILE *out, const mps_comparison *comparison, const GArray *rows,
                       const mps_critical_choice *choice)
{
    const mps_critical_extent extent = {choice->pieces, choice->interval};
    GPtrArray *notes = mps_critical_notes(comparison, rows);
    mps_document_json_opening(out, "critical-path", comparison->a, comparison->b);
    fputs(", ", out);
    mps_clock_write_json_part(comparison, out);
    fputs(",\n", out);
    mps_write_json_notes(out, notes);
    g_ptr_array_free(notes, TRUE);
    fputs(",\n", out);
    mps_table *table = mps_critical_row_table(rows, &extent);
    mps_write_json_rows(out, table);
    mps_table_free(table);
    fputs("}\n", out);
}

void mps_critical_path_write(const mps_comparison *comparison, const mps_critical_choice *choice,
                             const mps_style *style, FILE *out)
{
    mps_text text = {out, style};
    GArray *rows = mps_critical_rows_of(comparison, choice);
    if (style->format == MPS_FORMAT_TEXT)
        write_text(&text, comparison, rows, choice);
    else if (style->format == MPS_FORMAT_CSV)
        write_csv(out, rows, choice);
    else
        write_json(out, comparison, rows, choice);
    g_array_free(rows, TRUE);
}
