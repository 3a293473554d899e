/* write_critical_path.c: writes mptcpscope critical-path A B as text, csv and json.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare/document.h"
#include "critical_path_internal.h"
#include "table/table_write.h"

static void write_notes(FILE *out, const mps_comparison *comparison, const GArray *rows,
                        mps_format format)
{
    GPtrArray *notes = mps_critical_notes(comparison, rows);
    mps_write_notes(out, notes, format);
    g_ptr_array_free(notes, TRUE);
}

static void write_text(FILE *out, const mps_comparison *comparison, const GArray *rows,
                       const mps_critical_choice *choice)
{
    const mps_critical_extent extent = {choice->pieces, choice->interval};
    mps_document_names(out, comparison->a, comparison->b);
    if (comparison->corrected)
        fprintf(out, "Clocks: B's times as A's clock shows them, by the estimated offset%s.\n",
                comparison->mode == MPS_CLOCK_SKEW ? " and skew" : "");
    else
        fputs("Clocks: not corrected: the time elapsed has their difference in it.\n", out);
    mps_clock_write_part(comparison, MPS_FORMAT_TEXT, out);
    write_notes(out, comparison, rows, MPS_FORMAT_TEXT);
    mps_critical_write_verdicts(out, rows);
    mps_critical_write_tables(
        out, rows, "Critical paths: from the first SYN to the last data delivered", NULL, &extent);
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
    mps_document_json_opening(out, "critical-path", comparison->a, comparison->b);
    fputs(", ", out);
    mps_clock_write_part(comparison, MPS_FORMAT_JSON, out);
    fputs(",\n", out);
    write_notes(out, comparison, rows, MPS_FORMAT_JSON);
    fputs(",\n", out);
    mps_table *table = mps_critical_row_table(rows, &extent);
    mps_write_json_rows(out, table);
    mps_table_free(table);
    fputs("}\n", out);
}

void mps_critical_path_write(const mps_comparison *comparison, const mps_critical_choice *choice,
                             mps_format format, FILE *out)
{
    GArray *rows = mps_critical_rows_of(comparison, choice);
    if (format == MPS_FORMAT_TEXT)
        write_text(out, comparison, rows, choice);
    else if (format == MPS_FORMAT_CSV)
        write_csv(out, rows, choice);
    else
        write_json(out, comparison, rows, choice);
    g_array_free(rows, TRUE);
}
