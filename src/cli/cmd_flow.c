/* cmd_flow.c: mptcpscope flow A [B]: a connection as arrows, segment by segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two_captures.h"
#include <mptcpscope/flow.h>

typedef struct {
    const mps_cli *cli;
    const mps_arrows *arrows;
} flow_job;

static void write_flow(FILE *out, const void *data)
{
    const flow_job *job = data;
    mps_arrows_write(job->arrows, &job->cli->style, out);
}

/* Write the arrows of what is loaded. @param comparison  NULL: there is one capture
 * @return the exit status */
static int draw(const mps_cli *cli, const mps_trace *trace, const mps_comparison *comparison,
                const mps_arrow_log *const logs[2])
{
    const mps_arrow_choice choice = {cli->connection, cli->subflow, cli->from, cli->to};
    GError *error = NULL;
    mps_arrows *arrows = comparison ? mps_arrows_between(comparison, logs, &choice, &error)
                                    : mps_arrows_of(trace, logs[0], &choice, &error);
    if (!arrows)
        return mps_cli_fail_files(cli, error);
    mps_cli dated = *cli;
    dated.style.start = mps_trace_start(trace);
    const flow_job job = {&dated, arrows};
    const int status = mps_cli_output(cli, write_flow, &job);
    mps_arrows_free(arrows);
    return status;
}

static int run(const mps_cli *cli)
{
    mps_trace *traces[2] = {NULL, NULL};
    mps_arrow_log *logs[2] = {mps_arrow_log_new(), mps_arrow_log_new()};
    const mps_arrow_log *const both[2] = {logs[0], logs[1]};
    mps_comparison *comparison = NULL;
    const mps_trace_visitor visitors[2] = {mps_arrow_log_visitor(logs[0]),
                                           mps_arrow_log_visitor(logs[1])};
    int status = MPS_EXIT_USAGE;
    if (cli->argument_count == 1 && (cli->clock_given || mps_near_choice_given(&cli->near)))
        mps_cli_usage(&mps_command_flow,
                      cli->clock_given ? "--clock needs two files" : "--near needs two files");
    else
        status = mps_cli_load_compared(cli, mps_arrow_needs(), visitors, traces, &comparison);
    if (status == MPS_EXIT_OK)
        status = draw(cli, traces[0], comparison, both);
    mps_comparison_free(comparison);
    mps_cli_free_traces(traces, G_N_ELEMENTS(traces));
    mps_arrow_log_free(logs[0]);
    mps_arrow_log_free(logs[1]);
    return status;
}

const mps_command mps_command_flow = {
    .name = "flow",
    .bit = MPS_CMD_FLOW,
    .arguments = "A [B]",
    .needs = "one file, or two: A and B",
    .summary = "a connection as arrows: a line for each segment, in both directions",
    .argument_count = 1,
    .argument_max = 2,
    .clock = MPS_CLOCK_OFFSET,
    .run = run,
};
