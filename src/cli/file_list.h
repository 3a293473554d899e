/* file_list.h: reads a list of FILEs, as find prints one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_FILE_LIST_H
#define MPS_FILE_LIST_H

#include <glib.h>
#include <stdbool.h>

/** Read the names of files from a list: one a line or, where the list has a NUL, one up to each
 * NUL. Empty names are left out.
 *  @param path   of the list; "-": standard input
 *  @param files  char *: the names are appended, each to be freed with g_free()
 *  @return false, with `error`, if the list cannot be read or has no name */
bool mps_file_list_read(const char *path, GPtrArray *files, GError **error);

#endif
