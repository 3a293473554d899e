/* cmd_numerics.c: mptcpscope numerics: what paths allow and need, by captures or as described.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two_captures.h"
#include <mptcpscope/numerics.h>

typedef struct {
    const mps_cli *cli;
    const mps_numerics *numerics;
} numerics_job;

static void write_numerics(FILE *out, const void *data)
{
    const numerics_job *job = data;
    mps_numerics_write(job->numerics, &job->cli->style, out);
}

static int write_out(const mps_cli *cli, const mps_numerics *numerics)
{
    const numerics_job job = {cli, numerics};
    return mps_cli_output(cli, write_numerics, &job);
}

static int run_topology(const mps_cli *cli)
{
    GError *error = NULL;
    mps_numerics *numerics = mps_numerics_read(cli->topology, &error);
    if (!numerics)
        return mps_cli_fail(cli->topology, error);
    const int status = write_out(cli, numerics);
    mps_numerics_free(numerics);
    return status;
}

static int run_captures(const mps_cli *cli)
{
    mps_trace *traces[2] = {NULL, NULL};
    mps_comparison *comparison = NULL;
    int status = mps_cli_load_compared(cli, mps_numerics_needs(), NULL, traces, &comparison);
    if (status == MPS_EXIT_OK) {
        mps_numerics *numerics = mps_numerics_measure(traces[0], comparison, cli->connection);
        status = write_out(cli, numerics);
        mps_numerics_free(numerics);
    }
    mps_comparison_free(comparison);
    mps_cli_free_traces(traces, G_N_ELEMENTS(traces));
    return status;
}

/* @return what is wrong with a call, static; NULL: nothing */
static const char *fault_of(const mps_cli *cli)
{
    if (!cli->topology && cli->argument_count == 0)
        return "numerics needs one file, or two: A and B; or --topology";
    if (cli->topology && cli->argument_count > 0)
        return "--topology takes the place of files";
    if (cli->topology && cli->connection != MPS_NONE)
        return "--connection needs a file";
    if (cli->topology && mps_near_choice_given(&cli->near))
        return "--near needs a file";
    return cli->clock_given && cli->argument_count < 2 ? "--clock needs two files" : NULL;
}

static int run(const mps_cli *cli)
{
    const char *fault = fault_of(cli);
    if (fault)
        return mps_cli_usage(&mps_command_numerics, fault);
    return cli->topology ? run_topology(cli) : run_captures(cli);
}

const mps_command mps_command_numerics = {
    .name = "numerics",
    .bit = MPS_CMD_NUMERICS,
    .arguments = "[A [B]]",
    .needs = "one file, or two: A and B; or --topology",
    .summary = "what paths need and allow: buffers, overhead of options, throughput",
    .argument_max = 2,
    .run = run,
};
