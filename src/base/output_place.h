/* output_place.h: where the bytes of an output go, whatever links, `..` and mounts its path has.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_OUTPUT_PLACE_H
#define MPS_OUTPUT_PLACE_H

#include <stdbool.h>
#include <sys/stat.h>

/* One of: an open descriptor; a pipe or a device; a file, new or not, in a folder. */
typedef struct {
    int fd;          /* the descriptor that the path stands for, not owned; -1: none */
    int folder;      /* descriptor of the folder of the file, owned; -1: not a file */
    char *name;      /* of the file in the folder; NULL: not a file */
    bool exists;     /* `old` is valid */
    struct stat old; /* of what is there now */
} mps_output_place;

/** Find the place of a path. Nothing is created or opened for writing.
 *  @param path   NULL or "-": standard output
 *  @param place  set; the caller clears it with mps_output_place_clear(), also after a failure
 *  @return 0, or the errno that says why nothing can be written there */
int mps_output_place_find(mps_output_place *place, const char *path);

/** @return whether two places are one file or one pipe, so that one output would destroy the other.
 *  The same descriptor or device twice is not: what goes there is written one after the other. */
bool mps_output_place_same(const mps_output_place *a, const mps_output_place *b);

/** Close and free what a place owns. */
void mps_output_place_clear(mps_output_place *place);

#endif
