/* two.h: commands on two captures.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CLI_TWO_H
#define MPS_CLI_TWO_H

#include "cli.h"
#include <mptcpscope/match.h>

/** Load the two files of a call and run `run` on them.
 *  @param needs  as of mps_trace_load() @return the exit status */
int mps_cli_two(const mps_cli *cli, unsigned needs,
                int (*run)(const mps_cli *cli, const mps_trace *a, const mps_trace *b));

/** Say that two files cannot be used together; frees the error. @return MPS_EXIT_INPUT */
int mps_cli_fail_two(const mps_cli *cli, GError *error);

#endif
