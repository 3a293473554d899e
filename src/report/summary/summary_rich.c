/* summary_rich.c: the report "summary" as rich text for a window: paragraphs that are as wide as
 * the window, and tables. Plain HTML 4, which needs no browser.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "figures.h"
#include "one_end.h"
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

static void write_subflows(FILE *out, const mps_summary *summary, const mps_shown *shown)
{
    write_element(out, "p", mps_summary_subflow_counts(summary));
    fputs("<ul>\n", out);
    for (guint i = 0; i < shown->indexes->len; i++) {
        const mps_summary_subflow *subflow = mps_shown_subflow(summary, shown, i);
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

static void write_line(const mps_figures_line *line, void *data)
{
    FILE *out = data;
    fprintf(out, "<tr><td style=\"white-space: nowrap\">%s&nbsp;</td><td>%s</td>", line->name,
            line->direction);
    for (unsigned i = 0; i < MPS_FIGURES; i++)
        write_cell(out, line->cells[i]);
    fputs("</tr>\n", out);
}

static void write_figures(FILE *out, const mps_summary *summary, const mps_shown *shown)
{
    fputs("<table cellspacing=\"0\" cellpadding=\"1\">\n<tr><td></td><td></td>", out);
    for (unsigned i = 0; i < MPS_FIGURES; i++)
        write_cell(out, mps_figures_titles[i]);
    fputs("</tr>\n", out);
    mps_figures_write(summary, shown, write_line, out);
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
    write_element(out, "p",
                  mps_life_text(&summary->info, summary->ended, mps_plain_style(MPS_FORMAT_TEXT)));
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
