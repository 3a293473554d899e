/* cmd-owd.c: mptcpscope owd A B, one-way delay, loss, duplication, reordering.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two.h"

static void write_owd(FILE *out, const mps_cli *cli, const mps_owd *owd)
{
    const mps_owd_choice choice = {cli->connection, cli->by, cli->interval};
    mps_owd_write(owd, &choice, cli->format, out);
}

static int run(const mps_cli *cli)
{
    return mps_cli_compare(cli, 0, write_owd);
}

const mps_command mps_command_owd = {
    .name = "owd",
    .arguments = "A B",
    .summary = "one-way delay, loss, duplication and reordering from A to B and back",
    .argument_count = 2,
    .takes_packets = true,
    .takes_clock = true,
    .takes_interval = true,
    .takes_by = true,
    .run = run,
};
