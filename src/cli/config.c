/* config.c: reads the user's configuration file. Options count over it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config.h"
#include "options.h"
#include <string.h>

#define GROUP "mptcpscope"

/* The values that a key may have are those of the option of the same name. */
static const struct {
    const char *name;
    const char *const *(*words)(void); /* NULL: any */
    bool (*set)(mps_cli *cli, const char *value, GError **error);
} keys[] = {
    {"clock", mps_cli_words_clock, mps_cli_set_clock},
    {"color", mps_cli_words_color, mps_cli_set_color},
    {"dsn", mps_cli_words_dsn, mps_cli_set_dsn},
    {"format", mps_cli_words_format, mps_cli_set_format},
    {"pager", NULL, NULL},
    {"time", mps_cli_words_time, mps_cli_set_time},
};

/* @return the names of all keys, as a list in words, freed by the caller */
static char *key_names(void)
{
    const char *names[G_N_ELEMENTS(keys) + 1];
    for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++)
        names[i] = keys[i].name;
    names[G_N_ELEMENTS(keys)] = NULL;
    return mps_names_text(names);
}

/* @return the place of a key in the table, or -1 */
static int place_of(const char *name)
{
    for (int i = 0; i < (int)G_N_ELEMENTS(keys); i++)
        if (strcmp(keys[i].name, name) == 0)
            return i;
    return -1;
}

/* Take a key. @param from_file  what the file says is set here
 *  @return what is wrong with it, freed by the caller; NULL: nothing */
static char *take(mps_cli *from_file, const char *name, const char *value)
{
    const int place = place_of(name);
    if (place < 0) {
        char *names = key_names();
        char *fault = g_strdup_printf("unknown key \"%s\"; known keys: %s", name, names);
        g_free(names);
        return fault;
    }
    if (!keys[place].words) {
        g_free(from_file->pager_command);
        from_file->pager_command = g_strdup(value);
        return NULL;
    }
    if (g_strv_contains(keys[place].words(), value)) {
        keys[place].set(from_file, value, NULL);
        return NULL;
    }
    char *words = mps_names_text(keys[place].words());
    char *fault = g_strdup_printf("%s is \"%s\"; known values: %s", name, value, words);
    g_free(words);
    return fault;
}

/* Take all keys. @return as take() */
static char *take_all(GKeyFile *file, mps_cli *from_file)
{
    char *fault = NULL;
    char **groups = g_key_file_get_groups(file, NULL);
    for (unsigned i = 0; groups[i] && !fault; i++)
        if (strcmp(groups[i], GROUP) != 0)
            fault = g_strdup_printf("unknown group [%s]; all keys are in [" GROUP "]", groups[i]);
    g_strfreev(groups);
    char **names = fault ? NULL : g_key_file_get_keys(file, GROUP, NULL, NULL);
    for (unsigned i = 0; names && names[i] && !fault; i++) {
        GError *error = NULL;
        char *value = g_key_file_get_string(file, GROUP, names[i], &error);
        fault = value ? take(from_file, names[i], g_strchomp(value)) : g_strdup(error->message);
        g_clear_error(&error);
        g_free(value);
    }
    g_strfreev(names);
    return fault;
}

/* Set what the file says and no option says. */
static void merge(mps_cli *cli, const mps_command *command, const mps_cli *from_file)
{
    if (from_file->clock_given && !cli->clock_given && mps_cli_option_of(command, "clock"))
        cli->clock = from_file->clock; /* clock_given: only the option, which may not fit a call */
    /* A table of several is chosen for text and csv: json has all. */
    const bool fits = !cli->table || from_file->style.format != MPS_FORMAT_JSON;
    if (from_file->format_given && !cli->format_given && fits)
        cli->style.format = from_file->style.format;
    if (from_file->dsn_given && !cli->dsn_given)
        cli->style.relative_dsn = from_file->style.relative_dsn;
    if (cli->style.times == MPS_TIMES_UNSAID)
        cli->style.times = from_file->style.times;
    if (cli->color == MPS_COLOR_UNSAID)
        cli->color = from_file->color;
    cli->pager_command = from_file->pager_command;
}

int mps_config_read(mps_cli *cli, const mps_command *command)
{
    mps_cli from_file = {0};
    GError *error = NULL;
    GKeyFile *file = g_key_file_new();
    char *path = g_build_filename(g_get_user_config_dir(), "mptcpscope", "config", NULL);
    char *fault = NULL;
    if (g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &error))
        fault = take_all(file, &from_file);
    else if (!g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        fault = g_strdup(error->message);
    if (fault) {
        mps_cli_message("%s: %s", path, fault);
        g_free(from_file.pager_command);
    } else {
        merge(cli, command, &from_file);
    }
    g_clear_error(&error);
    g_key_file_free(file);
    g_free(path);
    const int status = fault ? MPS_EXIT_INPUT : MPS_EXIT_OK;
    g_free(fault);
    return status;
}
