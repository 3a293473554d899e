/* cmd_reinjections.c: mptcpscope reinjections A B, what became of every reinjection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two_captures.h"
#include <mptcpscope/reinjection.h>

static void write_reinjections(FILE *out, const mps_cli *cli, const mps_comparison *comparison)
{
    mps_reinjections_write(comparison, cli->connection, cli->table, cli->format, out);
}

static int run(const mps_cli *cli)
{
    return mps_cli_compare(cli, MPS_NEED_TRANSMISSIONS, write_reinjections);
}

const mps_command mps_command_reinjections = {
    .name = "reinjections",
    .arguments = "A B",
    .summary = "what became of bytes sent again: useful, redundant, lost, spurious",
    .argument_count = 2,
    .tables = mps_reinjections_tables,
    .run = run,
};
