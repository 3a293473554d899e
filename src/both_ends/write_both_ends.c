/* write_both_ends.c: writes mptcpscope summary A B as text, csv and json.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "both_ends_internal.h"
#include "compare/document.h"
#include "table/table_write.h"

/* Connections that text has a line for: more would be no page. */
#define CONNECTIONS_MAX 20u

static void write_csv(FILE *out, const mps_both_ends *both)
{
    mps_table *rows = mps_both_rows(both);
    mps_write_csv(out, rows);
    mps_table_free(rows);
}

static void write_json(FILE *out, const mps_both_ends *both)
{
    const mps_comparison *comparison = both->comparison;
    mps_document_json_opening(out, "summary", comparison->a, comparison->b);
    fputs(", ", out);
    mps_clock_write_json_part(comparison, out);
    fputs(",\n", out);
    mps_write_json_notes(out, both->notes);
    fputs(",\n", out);
    mps_write_json_strings(out, "changes", both->diff->sentences, true);
    fputs(",\n", out);
    mps_write_json_strings(out, "not_compared", both->diff->notes, true);
    fputs(",\n", out);
    mps_table *connections = mps_both_connections(both);
    mps_write_json_table(out, connections, "connections");
    mps_table_free(connections);
    fputs(",\n", out);
    mps_table *rows = mps_both_rows(both);
    mps_write_json_rows(out, rows);
    mps_table_free(rows);
    fputs("}\n", out);
}

unsigned mps_both_ends_needs(void)
{
    return MPS_NEED_FIRST_SEEN | MPS_NEED_TRANSMISSIONS | MPS_NEED_HEADERS | MPS_NEED_CRITICAL_PATH;
}

static void count_segment(const mps_segment *segment, const mps_verdict *verdict, void *report)
{
    (void)segment;
    mps_report_count(report, verdict);
}

static void count_icmp(const mps_icmp_record *record, void *report)
{
    mps_report_count_icmp(report, record);
}

static void count_again(void *report)
{
    mps_report_reset(report);
}

mps_trace_visitor mps_both_ends_visitor(mps_report *report)
{
    return (mps_trace_visitor){count_segment, count_icmp, count_again, report};
}

void mps_both_ends_write(const mps_comparison *comparison, const mps_report *const reports[2],
                         uint32_t connection, const mps_style *style, FILE *out)
{
    guint left_out = 0;
    mps_text text = {out, style};
    mps_both_ends *both = mps_both_ends_new(
        comparison, reports, connection,
        style->format == MPS_FORMAT_TEXT ? CONNECTIONS_MAX : G_MAXUINT, &left_out);
    if (style->format == MPS_FORMAT_TEXT)
        mps_both_page(&text, both, left_out);
    else if (style->format == MPS_FORMAT_CSV)
        write_csv(out, both);
    else
        write_json(out, both);
    mps_both_ends_free(both);
}
