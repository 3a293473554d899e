/* texts.c: writes the parts of a page that are sentences.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare/document.h"
#include "critical_path/critical_rows.h"
#include "diff/diff_rows.h"
#include "html_internal.h"
#include <inttypes.h>
#include <mptcpscope/both_ends.h>
#include <string.h>

/* Bytes of a text: those of captures with thousands of connections go on for megabytes. */
#define TEXT_MAX ((size_t)200000)

/* Notes, and sentences about changes, that a reader looks at. Of more changes some of each kind. */
#define NOTES_MAX 100u
#define CHANGES_MAX 64u
#define CHANGES_PER_KIND 5u

/* Take the spaces off the beginning of all lines that each of them has. */
static void remove_indent(char *text)
{
    size_t indent = SIZE_MAX;
    char **lines = g_strsplit(text, "\n", -1), *to = text;
    for (guint i = 0; lines[i]; i++)
        if (*lines[i])
            indent = MIN(indent, strspn(lines[i], " "));
    for (guint i = 0; lines[i]; i++)
        to += sprintf(to, "%s%s", i > 0 ? "\n" : "", *lines[i] ? lines[i] + indent : "");
    g_strfreev(lines);
}

/* Write a text that has lines of its own. @param command  writes all of it */
static void write_lines(FILE *out, mps_html_buffer *text, const char *command)
{
    mps_html_buffer_end(text);
    const bool cut = text->size > TEXT_MAX;
    if (cut) { /* at the end of a line */
        size_t end = TEXT_MAX;
        while (end > 0 && text->data[end] != '\n')
            end--;
        text->data[end] = '\0';
    }
    remove_indent(text->data);
    fputs("<pre>", out);
    mps_html_text(out, text->data);
    fputs("</pre>\n", out);
    if (cut)
        fprintf(out, "<p class=\"bound\">The text goes on: %s has all of it.</p>\n", command);
    mps_html_buffer_clear(text);
}

void mps_html_summary(FILE *out, const mps_html_subject *subject)
{
    const mps_html *html = subject->html;
    mps_html_buffer text;
    mps_html_buffer_begin(&text);
    if (subject->comparison) {
        const mps_report *const reports[2] = {html->summaries[0], html->summaries[1]};
        mps_both_ends_write(subject->comparison, reports, html->connection,
                            mps_plain_style(MPS_FORMAT_TEXT), text.stream);
    } else {
        const mps_report_document document = {mps_plain_style(MPS_FORMAT_TEXT),
                                              mps_trace_name(subject->traces[0]), NULL,
                                              mps_trace_notes(subject->traces[0])};
        mps_report_write(html->summaries[0], mps_trace_tracker(subject->traces[0]), &document,
                         text.stream);
    }
    write_lines(out, &text, "mptcpscope summary");
}

void mps_html_clock(FILE *out, const mps_html_subject *subject)
{
    mps_html_buffer text;
    if (!subject->comparison) {
        fputs("<p>One capture has one clock. With a second capture of the same traffic this part "
              "says how far the two clocks are apart.</p>\n",
              out);
        return;
    }
    fprintf(out, "<p>%s</p>\n",
            subject->comparison->corrected
                ? "Delays on this page are corrected by the estimate below."
            : subject->comparison->mode == MPS_CLOCK_NONE
                ? "Delays on this page are not corrected: they are as captured."
                : "Delays on this page are NOT corrected: the estimate is not good enough.");
    mps_html_buffer_begin(&text);
    mps_clock_write_text_part(subject->comparison,
                              &(mps_text){text.stream, mps_plain_style(MPS_FORMAT_TEXT)});
    write_lines(out, &text, "mptcpscope clock");
}

/* Write sentences as a list. @param none  what is said if there are none */
static void write_list(FILE *out, const GPtrArray *sentences, const char *none)
{
    if (sentences->len == 0)
        fprintf(out, "<p>%s</p>\n", none);
    else
        fputs("<ul>\n", out);
    for (guint i = 0; i < sentences->len; i++) {
        fputs("<li>", out);
        mps_html_text(out, sentences->pdata[i]);
        fputs("</li>\n", out);
    }
    if (sentences->len > 0)
        fputs("</ul>\n", out);
}

void mps_html_changes(FILE *out, const mps_html_subject *subject)
{
    const mps_diff *diff = subject->changes;
    GPtrArray *shown = mps_diff_shown_sentences(diff, CHANGES_MAX, CHANGES_PER_KIND);
    write_list(out, shown, "The path changed nothing that was compared.");
    if (diff->notes->len > 0)
        fputs("<p>Not compared:</p>\n", out);
    if (diff->notes->len > 0)
        write_list(out, diff->notes, "");
    g_ptr_array_free(shown, TRUE);
}

/* Add the notes that are not there yet. @param more  freed */
static void add_notes(GPtrArray *notes, GHashTable *known, GPtrArray *more)
{
    for (guint i = 0; i < more->len; i++) {
        if (g_hash_table_contains(known, more->pdata[i]))
            continue;
        char *note = g_strdup(more->pdata[i]);
        g_hash_table_add(known, note); /* it owns the note */
        g_ptr_array_add(notes, note);
    }
    g_ptr_array_free(more, TRUE);
}

/* @return the notes of all tables, each once: char *, owned by `known` */
static GPtrArray *notes_of(const mps_html_subject *subject, GHashTable *known)
{
    GPtrArray *notes = g_ptr_array_new();
    if (subject->comparison) {
        add_notes(notes, known, mps_critical_notes(subject->comparison, subject->paths));
        return notes;
    }
    const mps_trace *trace = subject->traces[0];
    for (guint i = 0; i < subject->html->reports->len; i++) {
        const mps_html_report *report = subject->html->reports->pdata[i];
        add_notes(
            notes, known,
            mps_report_notes(report->report, mps_trace_tracker(trace), mps_trace_notes(trace)));
    }
    return notes;
}

void mps_html_notes(FILE *out, const mps_html_subject *subject)
{
    GHashTable *known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GPtrArray *notes = notes_of(subject, known);
    const guint all = notes->len;
    g_ptr_array_set_size(notes, (gint)MIN(all, NOTES_MAX));
    write_list(out, notes, "There is nothing else that a reader should know of the captures.");
    if (all > NOTES_MAX)
        fprintf(out, "<p class=\"bound\">And %u more; the commands have all of them.</p>\n",
                all - NOTES_MAX);
    g_ptr_array_free(notes, TRUE);
    g_hash_table_destroy(known);
}
