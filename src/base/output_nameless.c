/* output_nameless.c: files without a name; output_nameless.h describes them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_TMPFILE */
#endif

#include "output_nameless.h"
#include "write_all.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Random names that are tried before giving up; one is nearly always enough. */
#define NAMES_MAX 100

/* Bytes that are copied at once. */
#define COPY_SIZE (128u * 1024u)

/* A name in use for a moment: hidden, random, and no longer than the file system allows.
 * @return to be freed with g_free() */
static char *passing_name(const char *name)
{
    return g_strdup_printf(".%.*s.%08x", NAME_MAX - (int)strlen("..12345678"), name,
                           g_random_int());
}

/* Do something under a random name until there is no file of that name yet.
 * @param make  returns -1, with errno, on errors
 * @param used  set to the name, freed by the caller
 * @return what `make` returns */
static int with_passing_name(int (*make)(int folder, const char *name, int argument), int folder,
                             const char *name, int argument, char **used)
{
    int result = -1;
    *used = NULL;
    for (unsigned i = 0; i < NAMES_MAX && (i == 0 || (result < 0 && errno == EEXIST)); i++) {
        g_free(*used);
        *used = passing_name(name);
        result = make(folder, *used, argument);
    }
    return result;
}

static int create(int folder, const char *name, int mode)
{
    return openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
}

static int link_file(int folder, const char *name, int fd)
{
    char path[32];
    g_snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, path, folder, name, AT_SYMLINK_FOLLOW);
}

/* Where O_TMPFILE is not supported (NFS, for example), the file loses its name at once. */
int mps_nameless_open(int folder, mode_t mode)
{
    int fd = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL))
        return fd;
    char *name;
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    fd = with_passing_name(create, folder, "mptcpscope", (int)mode, &name);
    int problem = errno;
    if (fd >= 0)
        unlinkat(folder, name, 0);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    g_free(name);
    errno = problem;
    return fd;
}

int mps_nameless_temporary(void)
{
    int folder = open(g_get_tmp_dir(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return -1;
    int fd = mps_nameless_open(folder, 0600);
    int problem = errno;
    close(folder);
    errno = problem;
    return fd;
}

/* Copy a file from its beginning. @return 0 or errno */
static int copy(int from, int to)
{
    char *block = g_malloc(COPY_SIZE);
    struct stat status;
    off_t at = 0;
    ssize_t got = -1;
    bool good = fstat(from, &status) == 0 && fchmod(to, status.st_mode & 07777) == 0;
    while (good && (got = pread(from, block, COPY_SIZE, at)) > 0) {
        good = mps_write_all(to, block, (size_t)got);
        at += got;
    }
    int problem = good && got == 0 ? 0 : errno;
    g_free(block);
    return problem;
}

/* Give the file a random name; where a link to it is not possible, copy it. @return 0 or errno */
static int name_for_a_moment(int fd, int folder, const char *name, char **passing)
{
    if (with_passing_name(link_file, folder, name, fd, passing) == 0)
        return 0;
    g_free(*passing);
    int copied = with_passing_name(create, folder, name, 0600, passing);
    if (copied < 0)
        return errno;
    int problem = copy(fd, copied);
    if (close(copied) != 0 && problem == 0)
        problem = errno;
    if (problem != 0)
        unlinkat(folder, *passing, 0);
    return problem;
}

int mps_nameless_name(int fd, int folder, const char *name)
{
    char *passing;
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int problem = name_for_a_moment(fd, folder, name, &passing);
    if (problem == 0 && renameat(folder, passing, folder, name) != 0) {
        problem = errno;
        unlinkat(folder, passing, 0);
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    g_free(passing);
    return problem;
}
