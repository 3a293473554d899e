/* summary_rich.c: the report "summary" as rich text for a window: paragraphs that are as wide as
 * the window, and tables. Plain HTML 4, which needs no browser.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "shown.h"
#include <mptcpscope/printable.h>

/* @return a text for HTML, to be freed with g_free(). @param text  not printable yet */
static char *escaped(const char *text)
{
    char *printable = mps_printable(text);
    char *result = g_markup_escape_text(printable, -1);
    g_free(printable);
    return result;
}

/* @param tag  of the element  @param sentence  freed */
static void write_element(FILE *out, const char *tag, char *sentence)
{
    char *text = escaped(sentence);
    fprintf(out, "<%s>%s</%s>\n", tag, text, tag);
    g_free(text);
    g_free(sentence);
}

static void write_left_out(FILE *out, const mps_shown *shown)
{
    for (guint i = 0; i < shown->left_out->len; i++)
        write_element(out, "p", g_strdup(shown->left_out->pdata[i]));
}

static const mps_summary_subflow *subflow_at(const mps_summary *summary, const mps_shown *shown,
                                             guint i)
{
    guint index = g_array_index(shown->indexes, guint, i);
    return &g_array_index(summary->subflows, mps_summary_subflow, index);
}

static void write_subflows(FILE *out, const mps_summary *summary, const mps_shown *shown)
{
    write_element(out, "p", mps_summary_subflow_counts(summary));
    fputs("<ul>\n", out);
    for (guint i = 0; i < shown->indexes->len; i++) {
        const mps_summary_subflow *subflow = subflow_at(summary, shown, i);
        char *sentence = mps_subflow_text(subflow);
        write_element(out, "li", g_strdup_printf("%u: %s", subflow->info.number, sentence));
        g_free(sentence);
    }
    fputs("</ul>\n", out);
    write_left_out(out, shown);
}

static void write_cell(FILE *out, const char *text)
{
    fprintf(out, "<td align=\"right\" style=\"white-space: nowrap\">&nbsp;%s</td>", text);
}

/* A ratio in percent; "-" where it is not defined (negative). */
static void write_percent(FILE *out, double ratio)
{
    char text[MPS_DECIMAL_MAX];
    write_cell(out, ratio < 0 ? "-" : mps_decimal(text, 100 * ratio, 1));
}

/* Bytes, their share and their rate. @param bytes, all  -1: unknown */
static void write_bytes(FILE *out, int64_t bytes, int64_t all, int64_t ns)
{
    char text[MPS_DECIMAL_MAX];
    const double rate = ns > 0 ? 8e3 * (double)bytes / (double)ns : 0; /* Mbit/s */
    write_cell(out, bytes < 0 ? "-" : mps_decimal(text, (double)bytes, 0));
    write_percent(out, bytes < 0 ? -1 : mps_ratio(bytes, all));
    write_cell(out, ns > 0 && bytes >= 0 ? mps_decimal(text, rate, 3) : "-");
}

/* A line of figures, as in text. @param own  of the connection or a subflow
 * @param whole  of the connection  @param duration  ns */
static void write_direction(FILE *out, const char *name, mps_direction direction,
                            const mps_counts *own, const mps_counts *whole, int64_t duration)
{
    const int64_t data = mps_counts_data_known(own) ? MAX(own->data, 0) : -1;
    const int64_t bytes = own->uncaptured ? -1 : own->bytes;
    fprintf(out, "<tr><td style=\"white-space: nowrap\">%s&nbsp;</td><td>%s</td>", name,
            mps_direction_name(direction));
    write_bytes(out, bytes, whole->uncaptured ? 0 : whole->bytes, duration);
    write_bytes(out, data, mps_counts_data_known(whole) ? whole->data : 0, duration);
    write_percent(out, mps_ratio(own->retransmitted, bytes));
    write_percent(out, data < 0 ? -1 : mps_ratio(own->reinjected, own->data));
    fputs("</tr>\n", out);
}

static void write_counts(FILE *out, const char *name, const mps_counts own[2],
                         const mps_counts whole[2], int64_t duration)
{
    write_direction(out, name, MPS_C2S, &own[MPS_C2S], &whole[MPS_C2S], duration);
    write_direction(out, "", MPS_S2C, &own[MPS_S2C], &whole[MPS_S2C], duration);
}

static void write_figures(FILE *out, const mps_summary *summary, const mps_shown *shown)
{
    static const char *const titles[] = {"Payload", "Share %", "Mbit/s",    "New data",
                                         "Share %", "Mbit/s",  "Retrans.%", "Reinj.%"};
    fputs("<table cellspacing=\"0\" cellpadding=\"1\">\n<tr><td></td><td></td>", out);
    for (unsigned i = 0; i < G_N_ELEMENTS(titles); i++)
        write_cell(out, titles[i]);
    fputs("</tr>\n", out);
    write_counts(out, "Connection", summary->counts, summary->counts, summary->info.duration);
    for (guint i = 0; i < shown->indexes->len; i++) {
        const mps_summary_subflow *subflow = subflow_at(summary, shown, i);
        const mps_counts *counts = subflow->counts;
        char name[32];
        if (counts[0].bytes + counts[1].bytes == 0 && !counts[0].uncaptured &&
            !counts[1].uncaptured)
            continue; /* it has no figures */
        g_snprintf(name, sizeof name, "Subflow %u", subflow->info.number);
        write_counts(out, name, counts, summary->counts, subflow->info.duration);
    }
    fputs("</table>\n", out);
}

static void write_problem(FILE *out, const mps_problem *problem)
{
    static const char *const tags[] = {[MPS_NOTE] = "span", [MPS_WARNING] = "b"};
    const char *tag = tags[problem->severity];
    GString *sentence = g_string_new(NULL);
    if (problem->subflow != MPS_NONE)
        g_string_append_printf(sentence, "subflow %u: ", problem->subflow);
    g_string_append(sentence, problem->text);
    if (problem->count > 1)
        g_string_append_printf(sentence, " (the first of %u)", problem->count);
    char *text = escaped(sentence->str);
    fprintf(out, "<tr><td><%s>%s</%s>&nbsp;</td><td>frame&nbsp;%u&nbsp;</td><td>%s</td></tr>\n",
            tag, mps_severity_title(problem->severity), tag, problem->frame, text);
    g_free(text);
    g_string_free(sentence, TRUE);
}

static void write_problems(FILE *out, const mps_summary *summary)
{
    write_element(out, "p", g_strdup(summary->problems->len ? "Problems:" : "No problems found."));
    mps_shown shown = mps_shown_problems(summary);
    fputs("<table cellspacing=\"0\" cellpadding=\"1\">\n", out);
    for (guint i = 0; i < shown.indexes->len; i++)
        write_problem(out, &g_array_index(summary->problems, mps_problem,
                                          g_array_index(shown.indexes, guint, i)));
    fputs("</table>\n", out);
    write_left_out(out, &shown);
    mps_shown_clear(&shown);
}

static void write_summary(FILE *out, const mps_summary *summary)
{
    mps_shown subflows = mps_shown_subflows(summary);
    fputs("<hr>\n", out);
    write_element(out, "h4", mps_summary_heading(&summary->info));
    write_element(out, "p", mps_summary_life(summary));
    write_subflows(out, summary, &subflows);
    write_figures(out, summary, &subflows);
    mps_shown_clear(&subflows);
    write_problems(out, summary);
}

void mps_report_summary_rich(const mps_report *report, const mps_tracker *tracker,
                             const char *capture, const GPtrArray *of_file, FILE *out)
{
    mps_shown_connections shown = mps_shown_connections_new();
    mps_report_count_late(report, tracker);
    mps_summaries_visit(report, tracker, mps_shown_connections_add, &shown);
    char *left_out = mps_shown_connections_finish(&shown);
    GPtrArray *notes = mps_report_notes(report, tracker, of_file);
    fputs("<html><body style=\"font-family: sans-serif\">\n", out);
    write_element(out, "h3", g_strconcat("MPTCP Summary of ", capture, NULL));
    for (guint i = 0; i < shown.summaries->len; i++)
        write_summary(out, &g_array_index(shown.summaries, mps_summary, i));
    fputs("<hr>\n", out);
    if (left_out)
        write_element(out, "p", left_out);
    for (guint i = 0; i < notes->len; i++)
        write_element(out, "p", g_strconcat("Note: ", notes->pdata[i], NULL));
    fputs("</body></html>\n", out);
    g_ptr_array_free(notes, TRUE);
    g_array_free(shown.summaries, TRUE);
}
