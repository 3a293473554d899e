/* report_file.h: makes the report of one file, as the options of the call ask for it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_REPORT_FILE_H
#define MPS_REPORT_FILE_H

#include "cli.h"
#include <mptcpscope/source.h>

/** Begin the report that a call asks for.
 *  @return freed by the caller with mps_report_free(); NULL: the call is wrong, which was said */
mps_report *mps_report_file_begin(const mps_cli *cli);

/** Read a file and write its report.
 *  @param report   of mps_report_file_begin(), nothing counted yet
 *  @param source   the file, nothing read yet
 *  @param path     the file as the user named it, for messages
 *  @param out      the caller checks it for errors. Unless the file is a stream, nothing is written
 *                  where the file cannot be used
 *  @param may_end  SIGINT may end a stream, as if that was its end
 *  @return the exit status; what is wrong was said */
int mps_report_file(const mps_cli *cli, mps_report *report, mps_source *source, const char *path,
                    FILE *out, bool may_end);

#endif
