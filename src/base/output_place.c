/* output_place.c: finds where the bytes of an output go; output_place.h describes it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_PATH */
#endif

#include "output_place.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <limits.h>
#include <mptcpscope/output.h>
#include <string.h>
#include <unistd.h>

/* Symbolic links that are followed, as many as Linux follows (path_resolution(7)). */
#define LINKS_MAX 40

/* The open descriptor that a path such as /dev/stdout stands for, or -1. Such a path must not be
 * opened again: that would begin at the start of a redirected file, and renaming a temporary file
 * to it would replace a file that somebody else holds open. */
static int descriptor_of(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    if (path == NULL || strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        guint64 number;
        if (g_str_has_prefix(path, folders[i]) &&
            g_ascii_string_to_unsigned(path + strlen(folders[i]), 10, 0, INT_MAX, &number, NULL))
            return (int)number;
    }
    return -1;
}

/* @return the path that a symbolic link leads to, freed by the caller; NULL: `path` is no link */
static char *link_target(const char *path)
{
    char *link = g_file_read_link(path, NULL);
    if (link == NULL || g_path_is_absolute(link))
        return link;
    char *folder = g_path_get_dirname(path);
    char *target = g_build_filename(folder, link, NULL);
    g_free(folder);
    g_free(link);
    return target;
}

/* Set the descriptor of a place. */
static int find_descriptor(mps_output_place *place, int fd)
{
    place->fd = fd;
    place->exists = fstat(fd, &place->old) == 0;
    return place->exists ? 0 : errno;
}

/* Set the place of a path that is no link. */
static int find_here(mps_output_place *place, const char *path)
{
    place->exists = stat(path, &place->old) == 0;
    if (!place->exists && (errno != ENOENT || *path == '\0'))
        return errno;
    if (place->exists && S_ISDIR(place->old.st_mode))
        return EISDIR;
    if (place->exists && !S_ISREG(place->old.st_mode))
        return 0;
    char *folder = g_path_get_dirname(path);
    place->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int problem = place->folder < 0 ? errno : 0;
    g_free(folder);
    place->name = g_path_get_basename(path);
    return problem == 0 && g_str_has_suffix(path, "/") ? EISDIR : problem;
}

/* Links are followed by hand, because realpath() fails where the file does not exist yet. */
int mps_output_place_find(mps_output_place *place, const char *path)
{
    *place = (mps_output_place){.fd = -1, .folder = -1};
    char *at = NULL;
    int problem = ELOOP;
    for (unsigned links = 0; links < LINKS_MAX; links++) {
        const char *here = links == 0 ? path : at;
        int fd = descriptor_of(here);
        char *target = fd < 0 ? link_target(here) : NULL;
        if (target == NULL) {
            problem = fd >= 0 ? find_descriptor(place, fd) : find_here(place, here);
            break;
        }
        g_free(at);
        at = target;
    }
    g_free(at);
    return problem;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool is_device(const mps_output_place *place)
{
    return place->exists && (S_ISCHR(place->old.st_mode) || S_ISBLK(place->old.st_mode));
}

bool mps_output_place_same(const mps_output_place *a, const mps_output_place *b)
{
    struct stat in_a, in_b;
    if ((a->fd >= 0 && a->fd == b->fd) || is_device(a) || is_device(b))
        return false;
    if (a->exists || b->exists)
        return a->exists && b->exists && same_file(&a->old, &b->old);
    return a->folder >= 0 && b->folder >= 0 && fstat(a->folder, &in_a) == 0 &&
           fstat(b->folder, &in_b) == 0 && same_file(&in_a, &in_b) && strcmp(a->name, b->name) == 0;
}

void mps_output_place_clear(mps_output_place *place)
{
    if (place->folder >= 0)
        close(place->folder);
    g_free(place->name);
    *place = (mps_output_place){.fd = -1, .folder = -1};
}

bool mps_output_same(const char *a, const char *b)
{
    mps_output_place in_a, in_b;
    int problem_a = mps_output_place_find(&in_a, a);
    int problem_b = mps_output_place_find(&in_b, b);
    bool same = problem_a == 0 && problem_b == 0 && mps_output_place_same(&in_a, &in_b);
    mps_output_place_clear(&in_a);
    mps_output_place_clear(&in_b);
    return same;
}

bool mps_output_is_standard(const char *path)
{
    mps_output_place place;
    mps_output_place_find(&place, path);
    bool standard = place.fd == STDOUT_FILENO;
    mps_output_place_clear(&place);
    return standard;
}
