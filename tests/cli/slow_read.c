/* slow_read.c: preloaded into a program, makes it read one file slowly, as from a slow disk.
 *
 * SLOW_READ is the path of the file. Of its first SLOW_READS reads each takes SLOW_READ_MS ms, and
 * gets SHORT_READ bytes at most.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHORT_READ 16384u

/* @return whether a descriptor is of the file that is read slowly */
static int is_slow(int descriptor)
{
    const char *slow = getenv("SLOW_READ");
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t length = slow ? readlink(link, path, sizeof path - 1) : -1;
    if (length < 0)
        return 0;
    path[length] = '\0';
    return strcmp(path, slow) == 0;
}

ssize_t read(int descriptor, void *to, size_t size)
{
    static ssize_t (*really)(int, void *, size_t);
    static int reads;
    const char *most = getenv("SLOW_READS"), *pause = getenv("SLOW_READ_MS");
    if (!really)
        really = (ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
    if (is_slow(descriptor) && reads++ < atoi(most)) {
        usleep(1000u * (unsigned)atoi(pause));
        size = size < SHORT_READ ? size : SHORT_READ;
    }
    return really(descriptor, to, size);
}
