/* cmd_clock.c: mptcpscope clock A B: offset and skew of B's clock relative to A's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two_captures.h"

static void write_clock(FILE *out, const mps_cli *cli, const mps_comparison *comparison,
                        const void *data)
{
    (void)data;
    mps_clock_write(comparison, &cli->style, out);
}

static int run(const mps_cli *cli)
{
    return mps_cli_compare(cli, 0, write_clock);
}

const mps_command mps_command_clock = {
    .name = "clock",
    .bit = MPS_CMD_CLOCK,
    .arguments = "A B",
    .needs = "two files: A and B",
    .summary = "offset and skew of B's clock relative to A's: estimate, bounds, evidence",
    .argument_count = 2,
    .run = run,
};
