/* cmd_summary.c: mptcpscope summary A B: what both ends show, on a page; of one file, the report.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two_captures.h"
#include <mptcpscope/both_ends.h>

static void write_summary(FILE *out, const mps_cli *cli, const mps_comparison *comparison,
                          const void *data)
{
    mps_report *const *reports = data;
    const mps_report *const counted[2] = {reports[0], reports[1]};
    mps_both_ends_write(comparison, counted, cli->connection, &cli->style, out);
}

static int run_both(const mps_cli *cli)
{
    mps_report *reports[2];
    mps_trace_visitor visitors[2];
    unsigned needs = mps_both_ends_needs();
    for (unsigned i = 0; i < 2; i++) {
        reports[i] = mps_report_new("summary", MPS_NONE, NULL); /* B's number is not known yet */
        mps_report_pass_all(reports[i]);
        visitors[i] = mps_both_ends_visitor(reports[i]);
        needs |= mps_report_needs(reports[i]);
    }
    mps_report_set_near(reports[0], &cli->near);
    int status = mps_cli_compare_with(cli, needs, visitors, write_summary, reports);
    mps_report_free(reports[0]);
    mps_report_free(reports[1]);
    return status;
}

/* What one capture shows is the report summary. */
static int run_one(const mps_cli *cli)
{
    char name[] = "summary";
    char *arguments[] = {name, cli->arguments[0], NULL};
    mps_cli one = *cli;
    if (cli->packets || cli->clock_given)
        return mps_cli_usage(&mps_command_summary, cli->packets ? "--packets needs two files"
                                                                : "--clock needs two files");
    one.arguments = arguments;
    one.argument_count = 2;
    return mps_command_report.run(&one);
}

static int run(const mps_cli *cli)
{
    return cli->argument_count == 1 ? run_one(cli) : run_both(cli);
}

const mps_command mps_command_summary = {
    .name = "summary",
    .bit = MPS_CMD_SUMMARY,
    .arguments = "A [B]",
    .needs = "two files, A and B, or one, as report summary",
    .summary = "whether it is the network: a page on what both ends show; of one file, the report",
    .argument_count = 1,
    .argument_max = 2,
    .clock = MPS_CLOCK_OFFSET,
    .run = run,
};
