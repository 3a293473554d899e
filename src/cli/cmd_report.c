/* cmd_report.c: mptcpscope report NAME FILE...: a report on each of some captures.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "many_files.h"
#include "report_file.h"
#include <mptcpscope/output.h>
#include <string.h>

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

/* @return what is wrong with the options on a host's counters, static; NULL: nothing */
static const char *fault_of(const mps_cli *cli)
{
    if (!cli->against)
        return cli->host     ? "--host needs --against"
               : cli->before ? "--before needs --against"
                             : NULL;
    if (!cli->host)
        return "--against needs --host client or --host server: where nstat ran";
    if (cli->zeros)
        return "--zeros is not for --against, which shows differences alone";
    return cli->argument_count > 2 || cli->files_from || cli->with_filename
               ? "--against takes one FILE"
               : NULL;
}

/* Subtract what nstat printed before. @return the exit status */
static int subtract(const mps_cli *cli, mps_host_counters *counters)
{
    GError *error = NULL;
    mps_host_counters *before = mps_host_counters_read(cli->before, &error);
    if (!before)
        return mps_cli_fail(cli->before, error);
    const bool good = mps_host_counters_subtract(counters, before, &error);
    mps_host_counters_free(before);
    return good ? MPS_EXIT_OK : mps_cli_fail(cli->against, error);
}

/* Have the report compare with a host's counters. @return the exit status */
static int set_against(const mps_cli *cli, mps_report *report)
{
    GError *error = NULL;
    mps_host_counters *counters = mps_host_counters_read(cli->against, &error);
    if (!counters)
        return mps_cli_fail(cli->against, error);
    int status = cli->before ? subtract(cli, counters) : MPS_EXIT_OK;
    if (status == MPS_EXIT_OK &&
        !mps_report_set_against(report, counters, strcmp(cli->host, "server") == 0, &error)) {
        mps_cli_message("%s", error->message);
        g_error_free(error);
        status = MPS_EXIT_USAGE;
    }
    if (status != MPS_EXIT_OK)
        mps_host_counters_free(counters);
    return status;
}

static int run(const mps_cli *cli)
{
    GError *error = NULL;
    const char *fault = fault_of(cli);
    if (fault)
        return mps_cli_usage(&mps_command_report, fault);
    if (cli->argument_count > 2 || cli->files_from || cli->with_filename)
        return mps_report_many(cli);
    mps_report *report = mps_report_file_begin(cli);
    if (!report)
        return MPS_EXIT_USAGE;
    int status = cli->against ? set_against(cli, report) : MPS_EXIT_OK;
    if (status != MPS_EXIT_OK) {
        mps_report_free(report);
        return status;
    }
    mps_source *source = mps_source_open(cli->arguments[1], &error);
    status = source ? report_source(cli, report, source) : mps_cli_fail(cli->arguments[1], error);
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
