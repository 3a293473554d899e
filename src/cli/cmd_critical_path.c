/* cmd_critical_path.c: mptcpscope critical-path A B: what each moment of a transfer waited for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two_captures.h"
#include <mptcpscope/critical_path.h>

static void write_critical_path(FILE *out, const mps_cli *cli, const mps_comparison *comparison,
                                const void *data)
{
    (void)data;
    const mps_critical_choice choice = {.connection = cli->connection,
                                        .end_subflow = cli->end_subflow,
                                        .directions = cli->directions,
                                        .pieces = cli->pieces,
                                        .interval = cli->interval};
    mps_critical_path_write(comparison, &choice, &cli->style, out);
}

static int run(const mps_cli *cli)
{
    return mps_cli_compare(cli, MPS_NEED_CRITICAL_PATH, write_critical_path);
}

const mps_command mps_command_critical_path = {
    .name = "critical-path",
    .bit = MPS_CMD_CRITICAL_PATH,
    .arguments = "A B",
    .needs = "two files: A and B",
    .summary = "why a transfer was not faster: what each moment of it waited for",
    .argument_count = 2,
    .clock = MPS_CLOCK_OFFSET,
    .run = run,
};
