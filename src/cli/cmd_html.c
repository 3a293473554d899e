/* cmd_html.c: mptcpscope html A [B]: all that captures show, as one page for a browser.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two_captures.h"
#include <mptcpscope/error.h>
#include <mptcpscope/html.h>

/* A page whose captures are loaded. */
typedef struct {
    mps_html *html;
    mps_trace *traces[2];
    mps_comparison *comparison; /* NULL: there is one capture */
} page_job;

static void write_page(FILE *out, const void *data)
{
    const page_job *job = data;
    const mps_trace *const traces[2] = {job->traces[0], job->traces[1]};
    mps_html_write(job->html, traces, job->comparison, out);
}

/* Load the captures and write the page. @return the exit status */
static int make_page(const mps_cli *cli, page_job *job)
{
    const mps_trace_visitor visitors[2] = {mps_html_visitor(job->html, 0),
                                           mps_html_visitor(job->html, 1)};
    int status = mps_cli_load_compared(cli, mps_html_needs(job->html), visitors, job->traces,
                                       &job->comparison);
    if (status == MPS_EXIT_OK)
        status = mps_cli_output(cli, write_page, job);
    mps_comparison_free(job->comparison);
    mps_cli_free_traces(job->traces, G_N_ELEMENTS(job->traces));
    return status;
}

static int run(const mps_cli *cli)
{
    const char *fault = !cli->output ? "html needs --output with the path of the page"
                        : cli->clock_given && cli->argument_count == 1 ? "--clock needs two files"
                                                                       : NULL;
    GError *error = NULL;
    page_job job = {.html = NULL};
    if (fault)
        return mps_cli_usage(&mps_command_html, fault);
    job.html = mps_html_new((unsigned)cli->argument_count, cli->connection, &cli->near, &error);
    if (!job.html) {
        mps_cli_message("%s", error->message);
        g_error_free(error);
        return MPS_EXIT_INPUT;
    }
    const int status = make_page(cli, &job);
    mps_html_free(job.html);
    return status;
}

const mps_command mps_command_html = {
    .name = "html",
    .bit = MPS_CMD_HTML,
    .arguments = "A [B]",
    .needs = "two files, A and B, or one",
    .summary = "all of it as one page for a browser, with pictures that zoom",
    .argument_count = 1,
    .argument_max = 2,
    .clock = MPS_CLOCK_OFFSET,
    .run = run,
};
