/* cmd_report.c: mptcpscope report NAME FILE...: a report on each of some captures.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "many_files.h"
#include "report_file.h"
#include <mptcpscope/output.h>

/* @return the exit status */
static int report_source(const mps_cli *cli, mps_report *report, mps_source *source)
{
    GError *error = NULL;
    mps_output *output = mps_output_open(cli->output, &error);
    if (!output)
        return mps_cli_fail_output(cli->output, error);
    int status =
        mps_report_file(cli, report, source, cli->arguments[1], mps_output_stream(output), true);
    if (status != MPS_EXIT_OK)
        mps_output_discard(output);
    else if (!mps_output_commit(output, &error))
        status = mps_cli_fail_output(cli->output, error);
    return status;
}

static int run(const mps_cli *cli)
{
    GError *error = NULL;
    if (cli->argument_count > 2 || cli->files_from || cli->with_filename)
        return mps_report_many(cli);
    mps_report *report = mps_report_file_begin(cli);
    if (!report)
        return MPS_EXIT_USAGE;
    mps_source *source = mps_source_open(cli->arguments[1], &error);
    int status =
        source ? report_source(cli, report, source) : mps_cli_fail(cli->arguments[1], error);
    mps_source_close(source);
    mps_report_free(report);
    return status;
}

const mps_command mps_command_report = {
    .name = "report",
    .bit = MPS_CMD_REPORT,
    .arguments = "NAME FILE...",
    .needs = "the NAME of a report and a FILE",
    .summary = "a report on each capture: summary, connections, events and more",
    .first = MPS_FIRST_REPORT,
    .argument_count = 2,
    .argument_max = G_MAXINT,
    .run = run,
};
