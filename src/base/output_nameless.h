/* output_nameless.h: files without a name, which vanish with the program, and get one when they are
 * complete.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_OUTPUT_NAMELESS_H
#define MPS_OUTPUT_NAMELESS_H

#include <sys/types.h>

/** Create an empty file without a name.
 *  @param folder  descriptor of the folder on whose file system it is
 *  @param mode    as of open(): the umask applies
 *  @return its descriptor, closed by the caller; -1, with errno, on errors */
int mps_nameless_open(int folder, mode_t mode);

/** Create one in the folder for temporary files, for this user alone. @return as above */
int mps_nameless_temporary(void);

/** Give a file without a name one, in place of a file that has it now. No signal leaves this half
 *  done. @return 0, or the errno that says why it failed; then the old file is unchanged */
int mps_nameless_name(int fd, int folder, const char *name);

#endif
