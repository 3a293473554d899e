/* external.c: finds and runs the programs of others.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "external.h"
#include "cli.h"
#include <errno.h>
#include <mptcpscope/plot.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "mptcpscope-"
#define PLOT_PREFIX "plot-"
#define SUMMARY_MARK "mptcpscope-summary:"
enum { SUMMARY_BYTES = 4096 }; /* of a file that are searched for its summary */

/* @return the path of this program, freed by the caller; NULL: it is not known */
static char *own_path(void)
{
    return g_file_read_link("/proc/self/exe", NULL);
}

/* @return the folders that are searched, in this order, freed with g_strfreev() */
static char **folders(void)
{
    char *self = own_path();
    char *folder = self ? g_path_get_dirname(self) : g_strdup(".");
    const char *path = g_getenv("PATH");
    char *all = g_strconcat(path ? path : "", ":", folder, NULL);
    char **parts = g_strsplit(all, ":", -1);
    g_free(all);
    g_free(folder);
    g_free(self);
    return parts;
}

/* @return what a file says of itself, freed by the caller; NULL: nothing */
static char *summary_of(const char *path)
{
    char text[SUMMARY_BYTES + 1];
    FILE *file = fopen(path, "re");
    const size_t length = file ? fread(text, 1, SUMMARY_BYTES, file) : 0;
    if (file)
        fclose(file);
    text[length] = '\0';
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\0')
            return NULL; /* it is no script */
    char *summary = strstr(text, SUMMARY_MARK);
    if (!summary)
        return NULL;
    summary += strlen(SUMMARY_MARK);
    summary[strcspn(summary, "\r\n")] = '\0';
    return g_strdup(g_strstrip(summary));
}

/* @return whether a file can be run. A FIFO is not opened. */
static bool is_program(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, X_OK) == 0;
}

static void free_external(void *data)
{
    mps_external *external = data;
    g_free(external->name);
    g_free(external->summary);
    g_free(external);
}

static int compare_externals(const void *a, const void *b)
{
    const mps_external *const *one = a, *const *other = b;
    return strcmp((*one)->name, (*other)->name);
}

/* @return the name that a file gives a command or a plot, a part of `file`; NULL: none */
static const char *name_of(const char *file, bool plots)
{
    if (!g_str_has_prefix(file, PREFIX))
        return NULL;
    const char *name = file + strlen(PREFIX);
    if (g_str_has_prefix(name, PLOT_PREFIX) != plots)
        return NULL;
    if (plots)
        name += strlen(PLOT_PREFIX);
    return *name ? name : NULL;
}

/* @return whether a program never runs, as the command itself has that name */
static bool is_built_in(const char *name, bool plots)
{
    return plots ? g_strv_contains(mps_plot_names(), name)
                 : strcmp(name, "help") == 0 || mps_cli_command_named(name);
}

/* Add the programs of a folder, but for names that are known from a folder before it. */
static void add_folder(GPtrArray *externals, GHashTable *known, const char *folder, bool plots)
{
    GDir *dir = g_dir_open(*folder ? folder : ".", 0, NULL);
    const char *file;
    while (dir && (file = g_dir_read_name(dir))) {
        const char *name = name_of(file, plots);
        if (!name || g_hash_table_contains(known, name) || is_built_in(name, plots))
            continue;
        char *path = g_build_filename(*folder ? folder : ".", file, NULL);
        if (is_program(path)) {
            mps_external *external = g_new(mps_external, 1);
            *external = (mps_external){g_strdup(name), summary_of(path)};
            g_hash_table_add(known, external->name);
            g_ptr_array_add(externals, external);
        }
        g_free(path);
    }
    if (dir)
        g_dir_close(dir);
}

GPtrArray *mps_externals(bool plots)
{
    GPtrArray *externals = g_ptr_array_new_with_free_func(free_external);
    GHashTable *known = g_hash_table_new(g_str_hash, g_str_equal);
    char **all = folders();
    for (unsigned i = 0; all[i]; i++)
        add_folder(externals, known, all[i], plots);
    g_strfreev(all);
    g_hash_table_destroy(known);
    g_ptr_array_sort(externals, compare_externals);
    return externals;
}

bool mps_external_exists(const char *name)
{
    char **all = folders();
    bool found = false;
    for (unsigned i = 0; all[i] && !found && !strchr(name, '/'); i++) {
        char *path = g_build_filename(*all[i] ? all[i] : ".", name, NULL);
        found = g_file_test(path, G_FILE_TEST_EXISTS);
        g_free(path);
    }
    g_strfreev(all);
    return found;
}

int mps_external_run(char **argv, const char *name)
{
    if (strchr(name, '/')) /* it would be a path */
        return ENOENT;
    char *self = own_path(), *program = g_strdup(name);
    argv[0] = program;
    if (self)
        g_setenv("MPTCPSCOPE", self, TRUE);
    execvp(program, argv);
    int problem = errno;
    char *folder = self ? g_path_get_dirname(self) : NULL;
    char *beside = folder ? g_build_filename(folder, program, NULL) : NULL;
    if (beside && is_program(beside)) {
        execv(beside, argv);
        problem = errno;
    }
    g_free(beside);
    g_free(folder);
    g_free(program);
    g_free(self);
    return problem;
}
