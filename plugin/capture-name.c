/* capture-name.c: which capture file is read.
 *
 * In tshark a plugin cannot ask Wireshark which file is read, in any version. So this file searches
 * the program's arguments for the name of a file that the program has open. When statistics start,
 * tshark has opened the capture file and no other file that its arguments name. With a live capture
 * there is no such argument. Without /proc the name is not known.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture-name.h"
#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#define FIRST_OWN_DESCRIPTOR 3 /* after standard input, output and error */

/* @return whether the program has a file open */
static bool is_open(const struct stat *file)
{
    GDir *descriptors = g_dir_open("/proc/self/fd", 0, NULL);
    const char *name;
    struct stat other;
    bool found = false;

    while (descriptors != NULL && !found && (name = g_dir_read_name(descriptors)) != NULL) {
        int descriptor = (int)g_ascii_strtoll(name, NULL, 10);

        found = descriptor >= FIRST_OWN_DESCRIPTOR && fstat(descriptor, &other) == 0 &&
                other.st_dev == file->st_dev && other.st_ino == file->st_ino;
    }
    if (descriptors != NULL) {
        g_dir_close(descriptors);
    }
    return found;
}

/* @return whether a word is the path of a regular file that the program has open */
static bool names_open_file(const char *word)
{
    struct stat file;

    return stat(word, &file) == 0 && S_ISREG(file.st_mode) && is_open(&file);
}

/* @return the part of an argument that is the path of an open file, or NULL. It is the whole
 * argument, the text after "=" (--read-file=FILE) or, in a group of short options, the text after
 * "r" (-nrFILE). */
static const char *file_in(const char *argument)
{
    const char *after;

    if (names_open_file(argument)) {
        return argument;
    }
    if (argument[0] != '-') {
        return NULL;
    }
    after = strchr(argument, argument[1] == '-' ? '=' : 'r');
    return after != NULL && names_open_file(after + 1) ? after + 1 : NULL;
}

char *mptcpscope_capture_path(void)
{
    char *arguments = NULL, *path = NULL;
    gsize length = 0;

    if (!g_file_get_contents("/proc/self/cmdline", &arguments, &length, NULL)) {
        return NULL;
    }
    for (gsize at = 0; path == NULL && at < length; at += strlen(arguments + at) + 1) {
        path = at > 0 ? g_strdup(file_in(arguments + at)) : NULL;
    }
    g_free(arguments);
    return path;
}

/*
 * Editor modelines
 *
 * Local Variables:
 * c-basic-offset: 4
 * tab-width: 8
 * indent-tabs-mode: nil
 * End:
 *
 * ex: set shiftwidth=4 tabstop=8 expandtab:
 * :indentSize=4:tabSize=8:noTabs=true:
 */
