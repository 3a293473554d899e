/* cmd_diff.c: mptcpscope diff A B: what the path changed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two_captures.h"
#include <mptcpscope/diff.h>

static void write_diff(FILE *out, const mps_cli *cli, const mps_comparison *comparison,
                       const void *data)
{
    (void)data;
    mps_diff_write(comparison, cli->connection, &cli->style, out);
}

static int run(const mps_cli *cli)
{
    return mps_cli_compare(cli, MPS_NEED_HEADERS, write_diff);
}

const mps_command mps_command_diff = {
    .name = "diff",
    .bit = MPS_CMD_DIFF,
    .arguments = "A B",
    .needs = "two files: A and B",
    .summary = "what the path changed: addresses, numbers, options, payload, segments",
    .argument_count = 2,
    .run = run,
};
