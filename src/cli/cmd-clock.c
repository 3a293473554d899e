/* cmd-clock.c: mptcpscope clock A B, offset and skew of B's clock against A's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two.h"
#include <mptcpscope/owd.h>

typedef struct {
    const mps_cli *cli;
    const mps_owd *owd;
} mps_job;

static void write_clock(FILE *out, const void *data)
{
    const mps_job *job = data;
    mps_clock_write(job->owd, job->cli->format, out);
}

static void write_packets(FILE *out, const void *data)
{
    const mps_job *job = data;
    mps_owd_write_packets(job->owd, job->cli->connection, out);
}

static int clock_of(const mps_cli *cli, const mps_trace *a, const mps_trace *b)
{
    GError *error = NULL;
    mps_owd *owd = mps_owd_new(a, b, MPS_CLOCK_NONE, &error);
    if (!owd)
        return mps_cli_fail_two(cli, error);
    const mps_job job = {cli, owd};
    int status = MPS_EXIT_OK;
    if (cli->packets)
        status = mps_cli_output(cli->packets, write_packets, &job);
    if (status == MPS_EXIT_OK)
        status = mps_cli_output(cli->output, write_clock, &job);
    mps_owd_free(owd);
    return status;
}

static int run(const mps_cli *cli)
{
    return mps_cli_two(cli, 0, clock_of);
}

const mps_command mps_command_clock = {
    .name = "clock",
    .arguments = "A B",
    .summary = "offset and skew of B's clock against A's: estimate, bounds, evidence",
    .argument_count = 2,
    .takes_packets = true,
    .of_hosts = true,
    .run = run,
};
