/* complete.c: what may stand in place of a word of the command line. It comes from the tables of
 * commands, options, reports and plots, so that it is what the command takes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "complete.h"
#include "external.h"
#include <mptcpscope/plot.h>
#include <string.h>

/* Print a candidate, if it begins as the word does. Names of others that a shell, or a line, would
 * take apart are left out. @param about  NULL: nothing */
static void offer(const char *word, const char *candidate, const char *about)
{
    if (!g_str_has_prefix(candidate, word) || strpbrk(candidate, " \t\n'\"\\$`;&|<>(){}*?[]~#!"))
        return;
    char *line = about ? g_strdup(about) : NULL;
    if (line)
        g_strdelimit(line, "\t\r\n", ' ');
    printf("%s%s%s\n", candidate, line && *line ? "\t" : "", line ? line : "");
    g_free(line);
}

static void offer_files(void)
{
    puts(":files");
}

static void offer_externals(const char *word, bool plots)
{
    GPtrArray *externals = mps_externals(plots);
    for (guint i = 0; i < externals->len; i++) {
        const mps_external *external = externals->pdata[i];
        offer(word, external->name, external->summary);
    }
    g_ptr_array_free(externals, TRUE);
}

/* @param help  also "help" itself */
static void offer_commands(const char *word, bool help)
{
    const mps_command *command;
    for (unsigned i = 0; (command = mps_cli_command_at(i)); i++)
        offer(word, command->name, command->summary);
    offer_externals(word, false);
    if (help)
        offer(word, "help", "all commands, or the options of one");
}

/* Offer the names that the first argument of a command may be. */
static void offer_names(const mps_command *command, const char *word)
{
    const bool plots = command->first == MPS_FIRST_PLOT;
    const char *const *names = mps_cli_first_names(command);
    for (; names && *names; names++)
        offer(word, *names, plots ? mps_plot_about(*names) : mps_report_about(*names));
    if (plots)
        offer_externals(word, true);
}

/* @return whether an option makes a difference to the report or plot of a line */
static bool is_of_name(const mps_cli_line *line, const mps_cli_option *option)
{
    const char *const *names = mps_cli_first_names(line->command);
    if (!line->name || !names || !g_strv_contains(names, line->name))
        return true;
    return line->command->first == MPS_FIRST_PLOT ? mps_plot_has_option(line->name, option->name)
                                                  : mps_cli_report_has_option(line->name, option);
}

static void offer_options(const mps_cli_line *line, const char *word)
{
    const mps_cli_option *option;
    for (unsigned row = 0; (option = mps_cli_option_at(row)); row++) {
        if (mps_cli_option_of(line->command, option->name) != option || !is_of_name(line, option))
            continue;
        char *name = g_strconcat("--", option->name, NULL);
        char *help = mps_cli_option_help(option);
        offer(word, name, help);
        g_free(help);
        g_free(name);
    }
}

/* Offer values of an option. @param before  what stands before the value in the same word */
static void offer_values(const mps_cli_line *line, const mps_cli_option *option, const char *before,
                         const char *value)
{
    const char *const *words = option->words ? option->words() : NULL;
    const bool of_tables = words == mps_report_tables_of_all() && line->name;
    for (; words && *words; words++) {
        char *whole = g_strconcat(before, *words, NULL);
        if (g_str_has_prefix(*words, value) &&
            (!of_tables || mps_report_has_table(line->name, *words)))
            offer("", whole, NULL);
        g_free(whole);
    }
    if (option->kind == MPS_VALUE_OUTPUT || option->kind == MPS_VALUE_INPUT)
        offer_files();
    if (option->kind == MPS_VALUE_CONNECTION || option->kind == MPS_VALUE_SUBFLOW)
        mps_cli_complete_numbers(line, option->kind == MPS_VALUE_SUBFLOW, before, value);
}

/* @return the option of a word that begins with "-", which may be short for it; NULL: it is none,
 * or several */
static const mps_cli_option *option_of_word(const mps_command *command, const char *word)
{
    const bool is_long = g_str_has_prefix(word, "--");
    const size_t length = is_long ? strcspn(word + 2, "=") : 0;
    const mps_cli_option *option, *found = NULL;
    for (unsigned row = 0; (option = mps_cli_option_at(row)); row++) {
        if (mps_cli_option_of(command, option->name) != option)
            continue;
        if (!is_long && option->letter == word[1])
            return option;
        if (!is_long || strncmp(option->name, word + 2, length) != 0)
            continue;
        if (strlen(option->name) == length)
            return option;
        if (found)
            return NULL;
        found = option;
    }
    return found;
}

/* Take in the value of an option. */
static void take_value(mps_cli_line *line, const mps_cli_option *option, const char *value)
{
    guint64 number;
    if (option->kind == MPS_VALUE_CONNECTION &&
        g_ascii_string_to_unsigned(value, 10, 0, MPS_NONE - 1, &number, NULL))
        line->connection = (uint32_t)number;
}

/* Take in a word that is complete. */
static void take_word(mps_cli_line *line, const char *word)
{
    if (line->option) {
        take_value(line, line->option, word);
        line->option = NULL;
    } else if (!line->options_ended && strcmp(word, "--") == 0) {
        line->options_ended = true;
    } else if (!line->options_ended && word[0] == '-' && word[1]) {
        const mps_cli_option *option = option_of_word(line->command, word);
        const bool is_long = word[1] == '-';
        const char *value = !is_long && word[2] ? word + 2 : is_long ? strchr(word, '=') : NULL;
        if (option && option->placeholder && value)
            take_value(line, option, value + is_long);
        else if (option && option->placeholder)
            line->option = option;
    } else {
        const bool is_name = line->command->first != MPS_FIRST_FILE && line->arguments == 0;
        if (is_name)
            line->name = word;
        else if (!line->file)
            line->file = word;
        line->arguments++;
    }
}

/* Offer what may stand in place of the last word, after the others. */
static void offer_word(const mps_cli_line *line, const char *word)
{
    const mps_command *command = line->command;
    const char *value = strchr(word, '=');
    if (line->option) {
        offer_values(line, line->option, "", word);
    } else if (!line->options_ended && g_str_has_prefix(word, "--") && value) {
        const mps_cli_option *option = option_of_word(command, word);
        char *before = g_strndup(word, (size_t)(value + 1 - word));
        if (option && option->placeholder)
            offer_values(line, option, before, value + 1);
        g_free(before);
    } else if (!line->options_ended && word[0] == '-') {
        offer_options(line, word);
    } else if (command->first != MPS_FIRST_FILE && line->arguments == 0) {
        offer_names(command, word);
    } else if (line->arguments < MAX(command->argument_count, command->argument_max)) {
        offer_files();
    }
}

/* @return a word without the quotes of the shell and with the home directory for "~", freed by the
 *         caller */
static char *unquote(const char *word)
{
    char *plain = g_shell_unquote(word, NULL);
    if (!plain)
        return g_strdup(word);
    if (!g_str_has_prefix(word, "~/"))
        return plain;
    char *path = g_build_filename(g_get_home_dir(), plain + 2, NULL);
    g_free(plain);
    return path;
}

/* Offer what may follow "help". @param words  after it, ended by the one to complete */
static void offer_help(int count, char **words)
{
    const mps_command *command = count == 2 ? mps_cli_command_named(words[0]) : NULL;
    if (count == 1)
        offer_commands(words[0], false);
    else if (command)
        offer_names(command, words[1]);
}

/* Offer what may stand in place of a word of a command that is built in.
 * @param words  of the line, from the command on  @param place  of the word */
static void offer_argument(const mps_command *command, int count, char **words, int place)
{
    mps_cli_line line = {.command = command, .connection = MPS_NONE}, rest = line;
    GPtrArray *plain = g_ptr_array_new_with_free_func(g_free); /* what a line refers to */
    for (int i = 1; i < count; i++) {
        char *word = unquote(words[i]);
        g_ptr_array_add(plain, word);
        if (i < place)
            take_word(&line, word);
        if (i == place) {
            rest = line;
            rest.option = NULL; /* the word is its value */
        } else if (i > place) {
            take_word(&rest, word);
        }
    }
    line.file = rest.file;
    line.connection = rest.connection;
    offer_word(&line, words[place]);
    g_ptr_array_free(plain, TRUE);
}

int mps_cli_complete(int count, char **words)
{
    guint64 place;
    if (count < 2 || !g_ascii_string_to_unsigned(words[0], 10, 0, (guint64)count - 2, &place, NULL))
        return MPS_EXIT_USAGE;
    count--;
    words++;
    const char *word = words[place];
    const mps_command *command = mps_cli_command_named(words[0]);
    if (place == 0 && word[0] == '-') {
        offer(word, "--help", "all commands");
        offer(word, "--version", NULL);
    } else if (place == 0) {
        offer_commands(word, true);
    } else if (strcmp(words[0], "help") == 0) {
        offer_help((int)place, words + 1);
    } else if (command) {
        offer_argument(command, count, words, (int)place);
    } else {
        offer_files(); /* what others take is not known */
    }
    return MPS_EXIT_OK;
}
