/* two_captures.c: loads and compares the two captures of a call.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two_captures.h"

int mps_cli_two(const mps_cli *cli, unsigned needs,
                int (*run)(const mps_cli *cli, const mps_trace *a, const mps_trace *b,
                           const void *data),
                const void *data)
{
    GError *error = NULL;
    mps_trace *a = mps_trace_load(cli->arguments[0], needs, &error);
    if (!a)
        return mps_cli_fail(cli->arguments[0], error);
    mps_trace *b = mps_trace_load(cli->arguments[1], needs, &error);
    uint32_t count = mps_tracker_connections(mps_trace_tracker(a));
    int status = MPS_EXIT_INPUT;
    if (!b)
        mps_cli_fail(cli->arguments[1], error);
    else if (mps_cli_has_connection(cli, cli->arguments[0], count))
        status = run(cli, a, b, data);
    mps_trace_free(b);
    mps_trace_free(a);
    return status;
}

int mps_cli_fail_two(const char *a, const char *b, GError *error)
{
    char *both = g_strdup_printf("%s and %s", a, b);
    int status = mps_cli_fail(both, error);
    g_free(both);
    return status;
}

typedef struct {
    const mps_cli *cli;
    const mps_comparison *comparison;
    mps_comparison_writer write;
} mps_comparison_job;

static void write_packets(FILE *out, const void *data)
{
    const mps_comparison_job *job = data;
    mps_pairs_write(job->comparison, job->cli->connection, out);
}

static void write_job(FILE *out, const void *data)
{
    const mps_comparison_job *job = data;
    job->write(out, job->cli, job->comparison);
}

static int compare(const mps_cli *cli, const mps_trace *a, const mps_trace *b, const void *data)
{
    GError *error = NULL;
    mps_comparison *comparison = mps_comparison_new(a, b, cli->clock, &error);
    if (!comparison)
        return mps_cli_fail_two(cli->arguments[0], cli->arguments[1], error);
    const mps_comparison_job job = {cli, comparison, ((const mps_comparison_job *)data)->write};
    const mps_cli_file files[] = {{cli->packets, write_packets, &job},
                                  {cli->output, write_job, &job}};
    int status = cli->packets ? mps_cli_write(files, 2) : mps_cli_write(&files[1], 1);
    mps_comparison_free(comparison);
    return status;
}

int mps_cli_compare(const mps_cli *cli, unsigned needs, mps_comparison_writer write)
{
    const mps_comparison_job job = {.write = write};
    return mps_cli_two(cli, needs, compare, &job);
}
