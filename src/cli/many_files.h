/* many_files.h: one report of many files, read side by side.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_MANY_FILES_H
#define MPS_MANY_FILES_H

#include "cli.h"

/** Report every FILE of a call, and write the reports in the order of the FILEs. A FILE that cannot
 *  be used is left out. The memory in use does not depend on how many there are.
 *  @return the exit status; what is wrong was said */
int mps_report_many(const mps_cli *cli);

#endif
