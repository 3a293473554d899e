/* two_captures.h: commands on two captures.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TWO_CAPTURES_H
#define MPS_TWO_CAPTURES_H

#include "cli.h"

/** Load the two files of a call and run `run` on them.
 *  @param needs  as of mps_trace_load() @return the exit status */
int mps_cli_two(const mps_cli *cli, unsigned needs,
                int (*run)(const mps_cli *cli, const mps_trace *a, const mps_trace *b,
                           const void *data),
                const void *data);

/** Say that two files cannot be compared; frees the error. @return MPS_EXIT_INPUT */
int mps_cli_fail_two(const char *a, const char *b, GError *error);

/* Writes what a comparison of two captures tells. */
typedef void (*mps_comparison_writer)(FILE *out, const mps_cli *cli,
                                      const mps_comparison *comparison);

/** Compare the two files of a call and write what `write` writes of that, and the matched pairs if
 *  they were asked for. @param needs  as of mps_trace_load() @return the exit status */
int mps_cli_compare(const mps_cli *cli, unsigned needs, mps_comparison_writer write);

#endif
