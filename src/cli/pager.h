/* pager.h: shows what a command prints on a terminal through a pager, as git does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_PAGER_H
#define MPS_PAGER_H

#include <stdbool.h>

/* A pager that may run. */
typedef struct mps_pager mps_pager;

/** @param configured  the pager of the configuration file; NULL: it has none
 *  @return a pager that does not run yet, ended with mps_pager_end() */
mps_pager *mps_pager_new(const char *configured);

/** Start the pager, unless it runs, and let standard output go to it: MPTCPSCOPE_PAGER, otherwise
 *  that of the configuration file, otherwise PAGER, otherwise less. Does nothing where standard
 *  output is no terminal, the terminal is dumb, or the pager is "" or "cat". Whoever quits the
 * pager early makes no error.
 *  @param pager  NULL: none is wanted
 *  @param alone  nothing but standard output is written: then the program ends with the pager.
 *                Otherwise it goes on, and what the pager did not read is thrown away */
void mps_pager_begin(mps_pager *pager, bool alone);

/** If the pager runs, end standard output and wait until the user has left the pager. Free it; NULL
 *  is allowed. */
void mps_pager_end(mps_pager *pager);

#endif
