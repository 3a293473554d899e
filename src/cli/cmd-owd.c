/* cmd-owd.c: mptcpscope owd A B, one-way delay, loss, duplication, reordering.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two.h"
#include <mptcpscope/owd.h>

typedef struct {
    const mps_cli *cli;
    const mps_owd *owd;
} mps_job;

static void write_owd(FILE *out, const void *data)
{
    const mps_job *job = data;
    mps_owd_write(job->owd, job->cli->connection, job->cli->format, out);
}

static void write_packets(FILE *out, const void *data)
{
    const mps_job *job = data;
    mps_owd_write_packets(job->owd, job->cli->connection, out);
}

static int owd(const mps_cli *cli, const mps_trace *a, const mps_trace *b)
{
    GError *error = NULL;
    mps_owd *result = mps_owd_new(a, b, cli->clock, &error);
    if (!result)
        return mps_cli_fail_two(cli, error);
    const mps_job job = {cli, result};
    int status = MPS_EXIT_OK;
    if (cli->packets)
        status = mps_cli_output(cli->packets, write_packets, &job);
    if (status == MPS_EXIT_OK)
        status = mps_cli_output(cli->output, write_owd, &job);
    mps_owd_free(result);
    return status;
}

static int run(const mps_cli *cli)
{
    return mps_cli_two(cli, 0, owd);
}

const mps_command mps_command_owd = {
    .name = "owd",
    .arguments = "A B",
    .summary = "one-way delay, loss, duplication and reordering from A to B and back",
    .argument_count = 2,
    .takes_packets = true,
    .takes_clock = true,
    .run = run,
};
