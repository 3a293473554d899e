/* one_line.h: writes a json document on one line.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_ONE_LINE_H
#define MPS_ONE_LINE_H

#include <stdio.h>

/** Begin a stream on top of another: newlines, and the blanks after them, are left out. In json
 * they are between values only. Closing it writes the newline that ends the line.
 *  @param out  stays open  @return closed by the caller with fclose(); NULL, with errno */
FILE *mps_one_line(FILE *out);

#endif
