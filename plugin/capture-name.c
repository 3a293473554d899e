/* capture-name.c: which capture file is read.
 *
 * No version of Wireshark tells a plugin in tshark which file is read. So this looks for a word
 * among the program's arguments that names a file which the program has open. When statistics
 * start, tshark has opened the capture that it reads and nothing else that its arguments name; a
 * live capture has no such word. Where there is no /proc the name stays unknown.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "taps.h"
#include <string.h>
#include <sys/stat.h>

#define FIRST_OWN_DESCRIPTOR 3 /* those before are given by whoever started the program */

/* Whether the program has a file open. */
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

static bool names_open_file(const char *word)
{
    struct stat file;

    return stat(word, &file) == 0 && S_ISREG(file.st_mode) && is_open(&file);
}

/* @return the part of an argument that names a file which is open: all of it, what follows "="
 * (--read-file=FILE) or, in a group of short options, what follows "r" (-nrFILE); or NULL */
static const char *file_in(const char *argument)
{
    const char *behind;

    if (names_open_file(argument)) {
        return argument;
    }
    if (argument[0] != '-') {
        return NULL;
    }
    behind = strchr(argument, argument[1] == '-' ? '=' : 'r');
    return behind != NULL && names_open_file(behind + 1) ? behind + 1 : NULL;
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
