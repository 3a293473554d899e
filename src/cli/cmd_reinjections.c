/* cmd_reinjections.c: mptcpscope reinjections A B: which bytes sent again were useful.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two_captures.h"
#include <mptcpscope/reinjection.h>

static void write_reinjections(FILE *out, const mps_cli *cli, const mps_comparison *comparison,
                               const void *data)
{
    (void)data;
    mps_reinjections_write(comparison, cli->connection, cli->table, &cli->style, out);
}

static int run(const mps_cli *cli)
{
    return mps_cli_compare(cli, MPS_NEED_TRANSMISSIONS, write_reinjections);
}

const mps_command mps_command_reinjections = {
    .name = "reinjections",
    .bit = MPS_CMD_REINJECTIONS,
    .arguments = "A B",
    .needs = "two files: A and B",
    .summary = "which bytes sent again were useful, redundant, lost or spurious",
    .argument_count = 2,
    .run = run,
};
