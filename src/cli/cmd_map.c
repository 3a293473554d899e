/* cmd_map.c: mptcpscope map A B, which connection and subflow of A is which of B.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two_captures.h"

typedef struct {
    const mps_cli *cli;
    const mps_trace *a, *b;
} mps_map_job;

static void write_map(FILE *out, const void *data)
{
    const mps_map_job *job = data;
    mps_map_write(job->a, job->b, job->cli->connection, job->cli->format, out);
}

static int map(const mps_cli *cli, const mps_trace *a, const mps_trace *b, const void *unused)
{
    (void)unused;
    const mps_map_job job = {cli, a, b};
    return mps_cli_output(cli->output, write_map, &job);
}

static int run(const mps_cli *cli)
{
    return mps_cli_two(cli, 0, map, NULL);
}

const mps_command mps_command_map = {
    .name = "map",
    .arguments = "A B",
    .summary = "which connection and subflow of A is which of B, and why",
    .argument_count = 2,
    .run = run,
};
