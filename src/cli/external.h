/* external.h: commands and plots of others: the programs mptcpscope-NAME and mptcpscope-plot-KIND
 * in PATH or in the folder of mptcpscope itself.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_EXTERNAL_H
#define MPS_EXTERNAL_H

#include <glib.h>
#include <stdbool.h>

/* A program of others. */
typedef struct {
    char *name;    /* without mptcpscope- */
    char *summary; /* what the file says of itself, in a line; NULL: nothing */
} mps_external;

/** @return mps_external *: the programs that can be run, by name; freed by the caller with
 *          g_ptr_array_free(). None is run for that: a script says what it does in a line that has
 *          "mptcpscope-summary: TEXT" in its first 4096 bytes.
 *  @param plots  true: those that draw, named by their kinds; false: the commands */
GPtrArray *mps_externals(bool plots);

/** Run a program in place of this one, with the path of this one in the variable MPTCPSCOPE.
 * Returns only if that fails.
 *  @param argv  ended by NULL; the first is replaced by the program's name for the call
 *  @param name  of the program, with mptcpscope-
 *  @return what is wrong, as in errno */
int mps_external_run(char **argv, const char *name);

/** @return whether there is such a file, be it a program or not. @param name  with mptcpscope- */
bool mps_external_exists(const char *name);

#endif
