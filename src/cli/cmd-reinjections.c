/* cmd-reinjections.c: mptcpscope reinjections A B, what became of every reinjection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two.h"
#include <mptcpscope/owd.h>

typedef struct {
    const mps_cli *cli;
    const mps_owd *owd;
} mps_job;

static void write_fates(FILE *out, const void *data)
{
    const mps_job *job = data;
    mps_fates_write(job->owd, job->cli->connection, job->cli->format, out);
}

static int reinjections(const mps_cli *cli, const mps_trace *a, const mps_trace *b)
{
    GError *error = NULL;
    mps_owd *owd = mps_owd_new(a, b, MPS_CLOCK_NONE, &error);
    if (!owd)
        return mps_cli_fail_two(cli, error);
    const mps_job job = {cli, owd};
    int status = mps_cli_output(cli->output, write_fates, &job);
    mps_owd_free(owd);
    return status;
}

static int run(const mps_cli *cli)
{
    return mps_cli_two(cli, MPS_NEED_TRANSMISSIONS, reinjections);
}

const mps_command mps_command_reinjections = {
    .name = "reinjections",
    .arguments = "A B",
    .summary = "what became of every reinjection: useful, redundant, lost, spurious",
    .argument_count = 2,
    .run = run,
};
