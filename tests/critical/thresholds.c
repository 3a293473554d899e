/* thresholds.c: critical paths with other thresholds, as json.
 *
 *     thresholds A B REACTION BUSY
 *
 * REACTION is the longest that a host takes to react to an arrival, BUSY the least queueing that
 * proves a busy line, both in microseconds. The paths have their pieces, and the clocks are as they
 * are. tests/lab/critical_path.py compares these paths with those of the command.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <mptcpscope/critical_path.h>
#include <mptcpscope/trace.h>
#include <stdlib.h>

/* @return the trace; never NULL */
static mps_trace *load(const char *path)
{
    GError *error = NULL;
    mps_source *source = mps_source_open(path, &error);
    if (!source)
        g_error("%s: %s", path, error->message);
    mps_trace *trace = mps_trace_read(source, MPS_NEED_CRITICAL_PATH, NULL, &error);
    if (!trace)
        g_error("%s: %s", path, error->message);
    mps_source_close(source);
    return trace;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: %s A B REACTION BUSY\n", argv[0]);
        return 2;
    }
    GError *error = NULL;
    mps_trace *a = load(argv[1]);
    mps_trace *b = load(argv[2]);
    mps_comparison *comparison = mps_comparison_new(a, b, MPS_CLOCK_NONE, &error);
    if (!comparison)
        g_error("%s", error->message);
    const mps_critical_choice choice = {.connection = MPS_NONE,
                                        .end_subflow = MPS_NONE,
                                        .reaction = atoll(argv[3]) * 1000,
                                        .busy = atoll(argv[4]) * 1000,
                                        .pieces = true};
    mps_critical_path_write(comparison, &choice, mps_plain_style(MPS_FORMAT_JSON), stdout);
    mps_comparison_free(comparison);
    mps_trace_free(a);
    mps_trace_free(b);
    return 0;
}
