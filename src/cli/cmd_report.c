/* cmd_report.c: mptcpscope report NAME FILE: a report on one capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cli.h"
#include <mptcpscope/source.h>

typedef struct {
    const mps_report *report;
    const mps_tracker *tracker;
    mps_report_document document;
} report_job;

static void write_report(FILE *out, const void *data)
{
    const report_job *job = data;
    mps_report_write(job->report, job->tracker, &job->document, out);
}

/* Read the file to its end. @return the exit status */
static int count_all(const mps_cli *cli, mps_report *report, mps_tracker *tracker,
                     mps_source *source)
{
    const char *path = cli->arguments[1];
    GError *error = NULL;
    mps_segment segment;
    mps_verdict verdict;
    int got;
    while ((got = mps_source_next(source, &segment, &error)) > 0)
        if (mps_tracker_segment(tracker, &segment, &verdict))
            mps_report_count(report, &verdict);
    if (got < 0)
        return mps_cli_fail(path, error);
    int status = mps_cli_check_end(cli, path, mps_source_cut_off(source));
    if (status != MPS_EXIT_OK ||
        mps_cli_has_connection(cli, path, mps_tracker_connections(tracker)))
        return status;
    return MPS_EXIT_INPUT;
}

static int run_report(const mps_cli *cli, mps_report *report, mps_source *source)
{
    mps_tracker *tracker = mps_tracker_new(MPS_TRACK_MPTCP);
    mps_analyses_want(tracker, mps_report_needs(report));
    int status = count_all(cli, report, tracker, source);
    if (status == MPS_EXIT_OK) {
        GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
        mps_source_notes(source, notes);
        const report_job job = {
            report, tracker, {cli->format, mps_source_capture(source), NULL, notes}};
        status = mps_cli_output(cli->output, write_report, &job);
        g_ptr_array_free(notes, TRUE);
    }
    mps_tracker_free(tracker);
    return status;
}

static int run(const mps_cli *cli)
{
    GError *error = NULL;
    mps_report *report = mps_report_new(cli->arguments[0], cli->connection, &error);
    if (!report || (cli->interval && !mps_report_set_interval(report, cli->interval, &error))) {
        mps_cli_message("%s", error->message);
        g_error_free(error);
        mps_report_free(report);
        return MPS_EXIT_USAGE;
    }
    int status;
    mps_source *source = mps_source_open(cli->arguments[1], &error);
    status = source ? run_report(cli, report, source) : mps_cli_fail(cli->arguments[1], error);
    mps_source_close(source);
    mps_report_free(report);
    return status;
}

const mps_command mps_command_report = {
    .name = "report",
    .arguments = "NAME FILE",
    .needs = "the NAME of a report and a FILE",
    .summary = "a report on one capture: summary, connections, events and more",
    .argument_count = 2,
    .takes_connection = true,
    .takes_report_name = true,
    .takes_interval = true,
    .run = run,
};
