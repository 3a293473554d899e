/* cmd_map.c: mptcpscope map A B: which connections and subflows of A and B are the same.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two_captures.h"

typedef struct {
    const mps_cli *cli;
    const mps_trace *a, *b;
} map_job;

static void write_map(FILE *out, const void *data)
{
    const map_job *job = data;
    mps_map_write(job->a, job->b, job->cli->connection, &job->cli->style, out);
}

static int run(const mps_cli *cli)
{
    mps_trace *traces[2] = {NULL, NULL};
    int status = mps_cli_load(cli, 0, NULL, traces);
    if (status == MPS_EXIT_OK) {
        const map_job job = {cli, traces[0], traces[1]};
        status = mps_cli_output(cli, write_map, &job);
    }
    mps_cli_free_traces(traces, G_N_ELEMENTS(traces));
    return status;
}

const mps_command mps_command_map = {
    .name = "map",
    .bit = MPS_CMD_MAP,
    .arguments = "A B",
    .needs = "two files: A and B",
    .summary = "which connections and subflows of A and B are the same, and why",
    .argument_count = 2,
    .run = run,
};
