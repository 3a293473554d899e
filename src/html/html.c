/* html.c: counts what a page shows while captures are read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "html_internal.h"
#include <mptcpscope/both_ends.h>
#include <string.h>

/* The reports of which the page has tables, in its order. Two captures tell more of `alone` ones,
 * in other tables. */
static const struct {
    const char *name;
    unsigned captures; /* bits 1 << capture */
    bool alone;
} shown[] = {
    {"critical-path", 1, true}, {"connections", 1, false},  {"subflows", 1, false},
    {"events", 3, false},       {"reinjections", 1, true},  {"rtt", 1, false},
    {"reordering", 1, false},   {"interarrival", 1, false}, {"limits", 1, false},
    {"mib", 1, false},
};

static void free_report(gpointer data)
{
    mps_html_report *report = data;
    mps_report_free(report->report);
    g_free(report->name);
    g_free(report);
}

static void add_reports(mps_html *html, const mps_near_choice *near)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(shown); i++) {
        for (unsigned capture = 0; capture < html->captures; capture++) {
            if (!(shown[i].captures & 1u << capture) || (shown[i].alone && html->captures > 1))
                continue;
            mps_html_report *report = g_new0(mps_html_report, 1);
            report->capture = capture;
            report->name = g_strdup(shown[i].name);
            report->report = mps_report_new(shown[i].name, MPS_NONE, NULL);
            if (capture == 0)
                mps_report_set_near(report->report, near);
            if (strcmp(report->name, "connections") == 0)
                html->connections = report->report;
            g_ptr_array_add(html->reports, report);
        }
    }
}

static void add_plots(mps_html *html)
{
    const mps_plot_choice choice = {.connection = 0, /* each picture sets its own */
                                    .subflow = MPS_NONE,
                                    .from = INT64_MIN,
                                    .to = INT64_MAX};
    for (const char *const *name = mps_plot_names(); *name; name++) {
        mps_plot *plot = mps_plot_new(*name, &choice, NULL);
        if (mps_plot_takes(plot, 1, NULL) || mps_plot_takes(plot, html->captures, NULL))
            g_ptr_array_add(html->plots, plot);
        else
            mps_plot_free(plot);
    }
}

static void free_plot(gpointer plot)
{
    mps_plot_free(plot);
}

mps_html *mps_html_new(unsigned captures, uint32_t connection, const mps_near_choice *near,
                       GError **error)
{
    mps_html *html = g_new0(mps_html, 1);
    html->captures = captures;
    html->connection = connection;
    html->reports = g_ptr_array_new_with_free_func(free_report);
    html->plots = g_ptr_array_new_with_free_func(free_plot);
    for (unsigned i = 0; i < captures; i++) {
        html->seen[i] = (mps_html_seen){html, i};
        html->summaries[i] = mps_report_new("summary", captures == 1 ? connection : MPS_NONE, NULL);
    }
    mps_report_set_near(html->summaries[0], near);
    add_reports(html, near);
    add_plots(html);
    if (mps_html_library_read(&html->library, error))
        return html;
    mps_html_free(html);
    return NULL;
}

void mps_html_free(mps_html *html)
{
    if (!html)
        return;
    mps_html_library_clear(&html->library);
    mps_report_free(html->summaries[0]);
    mps_report_free(html->summaries[1]);
    g_ptr_array_free(html->reports, TRUE);
    g_ptr_array_free(html->plots, TRUE);
    g_free(html);
}

unsigned mps_html_needs(const mps_html *html)
{
    unsigned needs = mps_report_needs(html->summaries[0]);
    if (html->captures > 1)
        needs |= mps_both_ends_needs();
    for (guint i = 0; i < html->reports->len; i++)
        needs |= mps_report_needs(((const mps_html_report *)html->reports->pdata[i])->report);
    for (guint i = 0; i < html->plots->len; i++)
        needs |= mps_plot_needs(html->plots->pdata[i]);
    return needs;
}

/* Have all that count a capture see something. */
static void each(const void *data, void (*take)(const mps_trace_visitor *visitor, const void *what),
                 const void *what)
{
    const mps_html_seen *seen = data;
    const mps_html *html = seen->html;
    mps_trace_visitor visitor = mps_both_ends_visitor(html->summaries[seen->capture]);
    take(&visitor, what);
    for (guint i = 0; i < html->reports->len; i++) {
        const mps_html_report *report = html->reports->pdata[i];
        visitor = mps_both_ends_visitor(report->report);
        if (report->capture == seen->capture)
            take(&visitor, what);
    }
    for (guint i = 0; i < html->plots->len && seen->capture == 0; i++) {
        visitor = mps_plot_visitor(html->plots->pdata[i]);
        take(&visitor, what);
    }
}

/* A segment and its verdict. */
typedef struct {
    const mps_segment *segment;
    const mps_verdict *verdict;
} seen_segment;

static void take_segment(const mps_trace_visitor *visitor, const void *what)
{
    const seen_segment *seen = what;
    visitor->segment(seen->segment, seen->verdict, visitor->data);
}

static void take_icmp(const mps_trace_visitor *visitor, const void *record)
{
    visitor->icmp(record, visitor->data);
}

static void take_again(const mps_trace_visitor *visitor, const void *nothing)
{
    (void)nothing;
    visitor->again(visitor->data);
}

static void count_segment(const mps_segment *segment, const mps_verdict *verdict, void *data)
{
    const seen_segment seen = {segment, verdict};
    each(data, take_segment, &seen);
}

static void count_icmp(const mps_icmp_record *record, void *data)
{
    each(data, take_icmp, record);
}

static void count_again(void *data)
{
    each(data, take_again, NULL);
}

mps_trace_visitor mps_html_visitor(mps_html *html, unsigned capture)
{
    return (mps_trace_visitor){count_segment, count_icmp, count_again, &html->seen[capture]};
}
