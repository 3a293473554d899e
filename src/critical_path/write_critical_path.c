/* write_critical_path.c: writes mptcpscope critical-path A B as text, csv and json.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare/document.h"
#include "critical_path_internal.h"
#include "table/table_write.h"

/* Write a table as text, unless it is empty; free it. */
static void write_below(FILE *out, mps_table *table, const char *title)
{
    if (table->row_count > 0)
        mps_write_text_below(out, table, title);
    mps_table_free(table);
}

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
    const mps_critical_extent none = {false, 0};
    mps_document_names(out, comparison->a, comparison->b);
    if (comparison->corrected)
        fprintf(out, "Clocks: B's times as A's clock shows them, by the estimated offset%s.\n",
                comparison->mode == MPS_CLOCK_SKEW ? " and skew" : "");
    else
        fputs("Clocks: not corrected: the time elapsed has their difference in it.\n", out);
    mps_clock_write_part(comparison, MPS_FORMAT_TEXT, out);
    write_notes(out, comparison, rows, MPS_FORMAT_TEXT);
    mps_critical_write_verdicts(out, rows);
    mps_table *paths = mps_critical_row_table(rows, &none);
    mps_write_text(out, paths, "Critical paths: from the first SYN to the last data delivered",
                   NULL);
    mps_table_free(paths);
    write_below(out, mps_critical_class_table(rows), "What the time was spent on");
    write_below(out, mps_critical_cause_table(rows), "By cause, and what the sender waited for");
    if (choice->interval > 0)
        write_below(out, mps_critical_interval_table(rows, choice->interval),
                    "Over time, in seconds");
    if (choice->pieces)
        write_below(out, mps_critical_piece_table(rows), "Pieces");
}

static void write_csv(FILE *out, const GArray *rows, const mps_critical_choice *choice)
{
    const mps_critical_extent none = {false, 0};
    mps_table *table = choice->pieces         ? mps_critical_piece_table(rows)
                       : choice->interval > 0 ? mps_critical_interval_table(rows, choice->interval)
                                              : mps_critical_row_table(rows, &none);
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
