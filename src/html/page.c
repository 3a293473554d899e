/* page.c: writes a page.
 *
 * The page asks for nothing from anywhere. Its Content-Security-Policy holds a browser to that, and
 * to the two scripts that belong to it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "critical_path/critical_rows.h"
#include "html_internal.h"
#include "strings.h"

/* @return the scripts of the page itself; freed by the caller */
static char *own_script(void)
{
    return g_strconcat(mps_html_tables_js, "\n", mps_html_curves_js, "\n", mps_html_pictures_js,
                       "\n", mps_html_paths_js, "\n", mps_html_page_js, NULL);
}

/* @return the names of the captures in words; freed by the caller */
static char *names_of(const mps_html_subject *subject)
{
    const char *a = mps_trace_name(subject->traces[0]);
    return subject->comparison ? g_strdup_printf("%s and %s", a, mps_trace_name(subject->traces[1]))
                               : g_strdup(a);
}

static void write_head(FILE *out, const mps_html_subject *subject, const char *script)
{
    const mps_html_library *library = &subject->html->library;
    char *hashes[] = {mps_html_script_hash(library->script), mps_html_script_hash(script)};
    char *names = names_of(subject);
    fprintf(out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
            "script-src %s %s; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
            hashes[0], hashes[1]);
    mps_html_text(out, names);
    fprintf(out, " - mptcpscope</title>\n<style>%s%s</style>\n</head>\n<body>\n", library->style,
            mps_html_page_css);
    g_free(names);
    g_free(hashes[0]);
    g_free(hashes[1]);
}

static void write_header(FILE *out, const mps_html_subject *subject)
{
    const bool both = subject->comparison != NULL;
    fputs("<header>\n<h1>Multipath TCP: ", out);
    mps_html_text(out, mps_trace_name(subject->traces[0]));
    if (both) {
        fputs(" (A) and ", out);
        mps_html_text(out, mps_trace_name(subject->traces[1]));
        fputs(" (B)", out);
    }
    fprintf(out,
            "</h1>\n</header>\n<nav><div><a href=\"#summary\">Summary</a> "
            "<a href=\"#paths\">Critical path</a> <a href=\"#pictures\">Pictures</a> "
            "<a href=\"#tables\">Tables</a> <a href=\"#clock\">Clock</a> %s"
            "<a href=\"#notes\">Notes</a></div></nav>\n"
            "<noscript><p>Tables and pictures need JavaScript, which is switched off.</p>"
            "</noscript>\n",
            both ? "<a href=\"#changes\">Changes on the path</a> " : "");
}

static void open_section(FILE *out, const char *id, const char *title)
{
    fprintf(out, "<section id=\"%s\">\n<h2>%s</h2>\n", id, title);
}

static void write_texts(FILE *out, const mps_html_subject *subject)
{
    open_section(out, "summary", "Summary");
    mps_html_summary(out, subject);
    fputs("</section>\n", out);
    open_section(out, "paths", "Critical path: what the transfer waited for");
    fputs("</section>\n", out);
    open_section(out, "pictures", "Pictures");
    fputs("</section>\n", out);
    open_section(out, "tables", "Tables");
    fputs("</section>\n", out);
    open_section(out, "clock", "Clock");
    mps_html_clock(out, subject);
    fputs("</section>\n", out);
    if (subject->comparison) {
        open_section(out, "changes", "Changes on the path");
        mps_html_changes(out, subject);
        fputs("</section>\n", out);
    }
    open_section(out, "notes", "Notes");
    mps_html_notes(out, subject);
    fputs("</section>\n", out);
}

/* Write a part that scripts read. */
static void write_data(FILE *out, const mps_html_subject *subject, const char *id,
                       void (*write)(FILE *out, const mps_html_subject *subject))
{
    mps_html_buffer json;
    mps_html_buffer_begin(&json);
    write(json.stream, subject);
    mps_html_buffer_end(&json);
    mps_html_json(out, id, json.data, json.size);
    mps_html_buffer_clear(&json);
}

static void write_footer(FILE *out, const mps_html_subject *subject)
{
    fputs("<footer>\n<details><summary>Made by mptcpscope " MPTCPSCOPE_VERSION
          "; pictures by dygraphs, whose licence is this</summary>\n<pre>",
          out);
    mps_html_text(out, subject->html->library.licence);
    fputs("</pre></details>\n</footer>\n", out);
}

void mps_html_write(const mps_html *html, const mps_trace *const traces[2],
                    const mps_comparison *comparison, FILE *out)
{
    mps_html_subject subject = {.html = html, .traces = traces, .comparison = comparison};
    const mps_critical_choice all = {.connection = html->connection, .end_subflow = MPS_NONE};
    char *script = own_script();
    if (comparison) {
        subject.paths = mps_critical_rows_of(comparison, &all);
        subject.changes = mps_diff_new(comparison, html->connection);
    }
    write_head(out, &subject, script);
    write_header(out, &subject);
    fputs("<main>\n", out);
    write_texts(out, &subject);
    fputs("</main>\n", out);
    write_footer(out, &subject);
    write_data(out, &subject, "data-tables", mps_html_tables);
    write_data(out, &subject, "data-pictures", mps_html_pictures);
    mps_html_script(out, html->library.script);
    mps_html_script(out, script);
    fputs("</body>\n</html>\n", out);
    if (comparison) {
        g_array_free(subject.paths, TRUE);
        mps_diff_free(subject.changes);
    }
    g_free(script);
}
