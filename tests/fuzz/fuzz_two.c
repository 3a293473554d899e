/* fuzz_two.c: compares two files. The first two bytes of an input are the length of the first file;
 * what remains is the second.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "oracles.h"

#include <glib/gstdio.h>
#include <mptcpscope/both_ends.h>
#include <mptcpscope/critical_path.h>
#include <mptcpscope/diff.h>
#include <mptcpscope/owd.h>
#include <mptcpscope/reinjection.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INTERVAL 100000000

/* Two captures, and the reports that counted them. */
typedef struct {
    const mps_comparison *comparison;
    const mps_report *reports[2];
} subject;

typedef void (*writer)(const subject *both, const mps_style *style, FILE *out);

static void write_clock(const subject *both, const mps_style *style, FILE *out)
{
    mps_clock_write(both->comparison, style, out);
}

static void write_owd(const subject *both, const mps_style *style, FILE *out)
{
    const mps_owd_choice choice = {MPS_NONE, MPS_OWD_BY_SUBFLOW, INTERVAL};
    mps_owd_write(both->comparison, &choice, style, out);
}

static void write_reinjections(const subject *both, const mps_style *style, FILE *out)
{
    mps_reinjections_write(both->comparison, MPS_NONE, NULL, style, out);
}

static void write_diff(const subject *both, const mps_style *style, FILE *out)
{
    mps_diff_write(both->comparison, MPS_NONE, style, out);
}

static void write_critical_path(const subject *both, const mps_style *style, FILE *out)
{
    const mps_critical_choice choice = {
        .connection = MPS_NONE, .end_subflow = MPS_NONE, .pieces = true};
    mps_critical_path_write(both->comparison, &choice, style, out);
}

static void write_summary(const subject *both, const mps_style *style, FILE *out)
{
    mps_both_ends_write(both->comparison, both->reports, MPS_NONE, style, out);
}

static void check_writer(const subject *both, writer write, const char *what)
{
    for (mps_format format = MPS_FORMAT_TEXT; format <= MPS_FORMAT_JSON; format++) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        if (!out)
            abort();
        write(both, mps_plain_style(format), out);
        fclose(out);
        if (format == MPS_FORMAT_JSON)
            check_json(text, what);
        free(text);
    }
}

static void compare(const mps_trace *a, const mps_trace *b, mps_report *const reports[2],
                    mps_clock_mode mode)
{
    GError *error = NULL;
    mps_comparison *comparison = mps_comparison_new(a, b, mode, &error);
    if (!comparison != (error != NULL))
        abort();
    if (comparison) {
        const subject both = {comparison, {reports[0], reports[1]}};
        check_writer(&both, write_clock, "clock");
        check_writer(&both, write_owd, "owd");
        check_writer(&both, write_reinjections, "reinjections");
        check_writer(&both, write_diff, "diff");
        check_writer(&both, write_critical_path, "critical-path");
        check_writer(&both, write_summary, "summary");
    }
    g_clear_error(&error);
    mps_comparison_free(comparison);
}

static mps_trace *load(const char *name, const uint8_t *data, size_t size, mps_report *report)
{
    GError *error = NULL;
    char *path = input_file(name, data, size);
    const mps_trace_visitor visitor = mps_both_ends_visitor(report);
    mps_source *source = mps_source_open(path, &error);
    mps_trace *trace =
        source ? mps_trace_read(source, mps_both_ends_needs() | mps_report_needs(report), &visitor,
                                &error)
               : NULL;
    if (!trace != (error != NULL))
        abort();
    g_clear_error(&error);
    mps_source_close(source);
    g_unlink(path);
    g_free(path);
    return trace;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const size_t first = MIN((size_t)(data[0] << 8 | data[1]), size - 2);
    mps_report *reports[2];
    for (unsigned i = 0; i < 2; i++)
        reports[i] = mps_report_new("summary", MPS_NONE, NULL);
    mps_trace *a = load("a", data + 2, first, reports[0]);
    mps_trace *b = a ? load("b", data + 2 + first, size - 2 - first, reports[1]) : NULL;
    for (mps_clock_mode mode = MPS_CLOCK_NONE; b && mode <= MPS_CLOCK_SKEW; mode++)
        compare(a, b, reports, mode);
    mps_trace_free(a);
    mps_trace_free(b);
    mps_report_free(reports[0]);
    mps_report_free(reports[1]);
    return 0;
}
