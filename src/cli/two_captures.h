/* two_captures.h: commands on two captures.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TWO_CAPTURES_H
#define MPS_TWO_CAPTURES_H

#include "cli.h"

/** Load all files of a call and check that the connection of --connection is in the first one.
 *  @param needs     as of mps_trace_load()
 *  @param visitors  one for each file, as of mps_trace_read(); an empty one, or NULL: nobody
 *  @param traces    all NULL, room for cli->argument_count; set. The caller frees them with
 *                   mps_cli_free_traces(), also after an error.
 *  @return the exit status */
int mps_cli_load(const mps_cli *cli, unsigned needs, const mps_trace_visitor *visitors,
                 mps_trace **traces);

/** Free the traces that are not NULL. */
void mps_cli_free_traces(mps_trace **traces, unsigned count);

/** Report that two files cannot be compared. @param error  freed  @return MPS_EXIT_INPUT */
int mps_cli_fail_two(const char *a, const char *b, GError *error);

/** Report that the files of a call, one or two, cannot be used. @param error  freed
 *  @return MPS_EXIT_INPUT */
int mps_cli_fail_files(const mps_cli *cli, GError *error);

/** Load the files of a call, one or two, and compare two.
 *  @param traces      room for two; otherwise as of mps_cli_load()
 *  @param comparison  NULL; set if there are two, freed by the caller
 *  @return the exit status */
int mps_cli_load_compared(const mps_cli *cli, unsigned needs, const mps_trace_visitor *visitors,
                          mps_trace **traces, mps_comparison **comparison);

/* Writes a result of the comparison of two captures. @param data  of mps_cli_compare_with() */
typedef void (*mps_comparison_writer)(FILE *out, const mps_cli *cli,
                                      const mps_comparison *comparison, const void *data);

/** Compare the two files of a call; write the result and, if asked for, the matched pairs.
 *  @param needs  as of mps_trace_load()  @return the exit status */
int mps_cli_compare(const mps_cli *cli, unsigned needs, mps_comparison_writer write);

/** The same for a command that wants to see what the captures hold while they are read.
 *  @param visitors  as of mps_cli_load()  @param data  for `write` */
int mps_cli_compare_with(const mps_cli *cli, unsigned needs, const mps_trace_visitor *visitors,
                         mps_comparison_writer write, const void *data);

#endif
