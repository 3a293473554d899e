/* two_captures.c: loads captures and compares two of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two_captures.h"
#include "interrupt.h"

/* @return the trace; NULL, with `error` */
static mps_trace *load(const char *path, unsigned needs, const mps_trace_visitor *visitor,
                       GError **error)
{
    mps_interrupt interrupt;
    mps_source *source = mps_source_open(path, error);
    if (!source)
        return NULL;
    mps_interrupt_begin(&interrupt, source);
    mps_trace *trace = mps_trace_read(source, needs, visitor, error);
    mps_interrupt_end(&interrupt);
    mps_source_close(source);
    return trace;
}

int mps_cli_load(const mps_cli *cli, unsigned needs, const mps_trace_visitor *visitors,
                 mps_trace **traces)
{
    GError *error = NULL;
    for (int i = 0; i < cli->argument_count; i++) {
        traces[i] = load(cli->arguments[i], needs,
                         visitors && visitors[i].segment ? &visitors[i] : NULL, &error);
        if (!traces[i])
            return mps_cli_fail(cli->arguments[i], error);
        int status = mps_cli_check_end(cli, cli->arguments[i], mps_trace_cut_off(traces[i]));
        if (status != MPS_EXIT_OK)
            return status;
    }
    mps_trace_set_near(traces[0], &cli->near);
    uint32_t count = mps_tracker_connections(mps_trace_tracker(traces[0]));
    return mps_cli_has_connection(cli, cli->arguments[0], count) ? MPS_EXIT_OK : MPS_EXIT_INPUT;
}

void mps_cli_free_traces(mps_trace **traces, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        mps_trace_free(traces[i]);
}

int mps_cli_fail_two(const char *a, const char *b, GError *error)
{
    char *both = g_strdup_printf("%s and %s", a, b);
    int status = mps_cli_fail(both, error);
    g_free(both);
    return status;
}

int mps_cli_fail_files(const mps_cli *cli, GError *error)
{
    return cli->argument_count == 1 ? mps_cli_fail(cli->arguments[0], error)
                                    : mps_cli_fail_two(cli->arguments[0], cli->arguments[1], error);
}

int mps_cli_load_compared(const mps_cli *cli, unsigned needs, const mps_trace_visitor *visitors,
                          mps_trace **traces, mps_comparison **comparison)
{
    GError *error = NULL;
    const int status = mps_cli_load(cli, needs, visitors, traces);
    if (status != MPS_EXIT_OK || !traces[1])
        return status;
    *comparison = mps_comparison_new(traces[0], traces[1], cli->clock, &error);
    return *comparison ? MPS_EXIT_OK : mps_cli_fail_files(cli, error);
}

typedef struct {
    const mps_cli *cli;
    const mps_comparison *comparison;
    mps_comparison_writer write;
    const void *data; /* for `write` */
} comparison_job;

static void write_packets(FILE *out, const void *data)
{
    const comparison_job *job = data;
    mps_pairs_write(job->comparison, job->cli->connection, out);
}

static void write_result(FILE *out, const void *data)
{
    const comparison_job *job = data;
    job->write(out, job->cli, job->comparison, job->data);
}

int mps_cli_compare_with(const mps_cli *cli, unsigned needs, const mps_trace_visitor *visitors,
                         mps_comparison_writer write, const void *data)
{
    mps_trace *traces[2] = {NULL, NULL};
    mps_comparison *comparison = NULL;
    int status = mps_cli_load_compared(cli, needs, visitors, traces, &comparison);
    if (status == MPS_EXIT_OK) {
        comparison_job job = {cli, comparison, write, data};
        const mps_cli_file files[] = {{cli->packets, write_packets, &job},
                                      {cli->output, write_result, &job}};
        status = cli->packets ? mps_cli_write(files, 2) : mps_cli_write(&files[1], 1);
    }
    mps_comparison_free(comparison);
    mps_cli_free_traces(traces, G_N_ELEMENTS(traces));
    return status;
}

int mps_cli_compare(const mps_cli *cli, unsigned needs, mps_comparison_writer write)
{
    return mps_cli_compare_with(cli, needs, NULL, write, NULL);
}
