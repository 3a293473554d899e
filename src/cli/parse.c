/* parse.c: reads the options and arguments of a command. What is allowed comes from options.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "file_list.h"
#include "options.h"
#include "suggest.h"
#include <getopt.h>
#include <mptcpscope/error.h>
#include <string.h>

enum {
    OPTIONS_MAX = 128, /* rows of the table that are the first of their option */
    LONG = 0x100,      /* what getopt_long() returns for a long option: its row and this */
};

/* What getopt_long() is told: all options, of whatever command. So a wrong option is told from one
 * that the command does not take, and abbreviations mean the same everywhere. */
typedef struct {
    struct option longs[OPTIONS_MAX + 1];
    char letters[2 * OPTIONS_MAX + 2];
} known_options;

static void list_options(known_options *known)
{
    unsigned count = 0;
    char *letter = known->letters;
    const mps_cli_option *option;
    *letter++ = ':'; /* an option that lacks its value is told from an unknown one */
    for (unsigned row = 0; (option = mps_cli_option_at(row)) && count < OPTIONS_MAX; row++) {
        if (!mps_cli_option_is_first(row))
            continue;
        const int has_value = option->placeholder ? required_argument : no_argument;
        known->longs[count++] = (struct option){option->name, has_value, NULL, LONG + (int)row};
        if (option->letter) {
            *letter++ = option->letter;
            if (has_value)
                *letter++ = ':';
        }
    }
    *letter = '\0';
    known->longs[count] = (struct option){NULL, 0, NULL, 0};
}

/* @return the name of the option that getopt_long() returned, without "--" */
static const char *name_of(int got)
{
    if (got >= LONG)
        return mps_cli_option_at((unsigned)(got - LONG))->name;
    unsigned row = 0;
    while (mps_cli_option_at(row)->letter != got)
        row++;
    return mps_cli_option_at(row)->name;
}

/* Say what is wrong with a call. @param message  freed  @return MPS_EXIT_USAGE */
static int wrong_call(const mps_command *command, char *message)
{
    int status = mps_cli_usage(command, message);
    g_free(message);
    return status;
}

/* @return what is wrong with a long option that has its value; NULL: it is none of the options */
static const char *fault_of(const known_options *known, const char *given)
{
    const size_t length = strcspn(given + 2, "=");
    unsigned meanings = 0;
    for (const struct option *option = known->longs; option->name; option++) {
        if (strncmp(given + 2, option->name, length) != 0)
            continue;
        if (option->val == optopt && option->has_arg == no_argument && strchr(given, '='))
            return "takes no argument";
        meanings++; /* it may be short for this one */
    }
    return meanings > 1 ? "is ambiguous" : NULL;
}

/* @return the option of a command that is nearest to a long one, without "--"; NULL: none is near
 */
static const char *nearest_option(const mps_command *command, const char *given)
{
    const char *names[OPTIONS_MAX + 1];
    unsigned count = 0;
    const mps_cli_option *option;
    for (unsigned row = 0; (option = mps_cli_option_at(row)) && count < OPTIONS_MAX; row++)
        if (mps_cli_option_of(command, option->name) == option)
            names[count++] = option->name;
    names[count] = NULL;
    char *word = g_strndup(given + 2, strcspn(given + 2, "="));
    const char *nearest = mps_cli_nearest(word, names);
    g_free(word);
    return nearest;
}

/* Report an option that getopt_long() refused. Its own messages would not be escaped.
 * @param given  the argument that was read last */
static int wrong_option(const known_options *known, const mps_command *command, bool lacks_value,
                        const char *given)
{
    const bool is_long = g_str_has_prefix(given, "--") && (optopt == 0 || optopt >= LONG);
    const char letter[] = {'-', (char)optopt, '\0'};
    const char *option = is_long ? given : letter;
    const char *fault = lacks_value ? "requires an argument"
                        : is_long   ? fault_of(known, given)
                                    : NULL;
    const char *nearest = is_long && !fault ? nearest_option(command, given) : NULL;
    if (fault)
        return wrong_call(command, g_strdup_printf("option '%s' %s", option, fault));
    if (nearest)
        return wrong_call(command, g_strdup_printf("unrecognized option '%s'; did you mean --%s?",
                                                   option, nearest));
    return wrong_call(command, g_strdup_printf("unrecognized option '%s'", option));
}

/* Set what an option has no function for. @return false, with `error` */
static bool set_member(mps_cli *cli, const mps_cli_option *option, const char *value,
                       GError **error)
{
    char *member = (char *)cli + option->member;
    if (option->kind == MPS_VALUE_NONE)
        *(bool *)member = true;
    else
        *(const char **)member = value;
    if (option->kind == MPS_VALUE_NONE || *value)
        return true;
    g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE, "--%s needs a file", option->name);
    return false;
}

/* @param name  of the option  @param value  NULL: it has none  @return the exit status */
static int set_option(mps_cli *cli, const mps_command *command, const char *name, const char *value)
{
    const mps_cli_option *option = mps_cli_option_of(command, name);
    GError *error = NULL;
    if (!option)
        return wrong_call(command, g_strdup_printf("%s does not take --%s", command->name, name));
    if (option->set ? option->set(cli, value, &error) : set_member(cli, option, value, &error))
        return MPS_EXIT_OK;
    char *message = g_strdup(error->message);
    g_error_free(error);
    return wrong_call(command, message);
}

/* Read the options. @return as of mps_cli_parse() */
static int read_options(mps_cli *cli, const mps_command *command, int argc, char **argv)
{
    known_options known = {.letters = ""};
    int got, status;
    list_options(&known);
    while ((got = getopt_long(argc, argv, known.letters, known.longs, NULL)) != -1) {
        if (got == '?' || got == ':')
            return wrong_option(&known, command, got == ':', argv[optind - 1]);
        if ((status = set_option(cli, command, name_of(got), optarg)) != MPS_EXIT_OK)
            return status;
        if (cli->help) {
            mps_cli_write_help(command, stdout);
            return -1;
        }
    }
    return cli->from > cli->to ? mps_cli_usage(command, "--from is after --to") : MPS_EXIT_OK;
}

/* Report a wrong number of arguments. Who gives none to a command that wants a name sees the names.
 */
static int wrong_count(const mps_cli *cli, const mps_command *command, int most)
{
    const bool draws = command->first == MPS_FIRST_PLOT;
    const bool many = cli->argument_count > most && command->argument_max;
    if (many)
        mps_cli_message("%s takes %sat most %d files", command->name, draws ? "a KIND and " : "",
                        draws ? most - 1 : most);
    else if (cli->argument_count > most)
        mps_cli_message("%s needs %s, and no more", command->name, command->needs);
    else
        mps_cli_message("%s needs %s", command->name, command->needs);
    if (cli->argument_count == 0 && command->first != MPS_FIRST_FILE)
        mps_cli_write_help(command, stderr);
    else
        fprintf(stderr,
                "Usage: mptcpscope %s [OPTION]... %s\n"
                "Try 'mptcpscope %s --help'.\n",
                command->name, command->arguments, command->name);
    return MPS_EXIT_USAGE;
}

/* Check the NAME of a report or the KIND of a picture. @return the exit status */
static int check_name(const mps_cli *cli, const mps_command *command)
{
    const char *const *names = mps_cli_first_names(command);
    const char *name = cli->arguments[0],
               *what = command->first == MPS_FIRST_PLOT ? "plot" : "report";
    if (!names || g_strv_contains(names, name))
        return MPS_EXIT_OK;
    const char *nearest = mps_cli_nearest(name, names);
    if (nearest)
        return wrong_call(command, g_strdup_printf("unknown %s \"%s\"; did you mean \"%s\"?", what,
                                                   name, nearest));
    if (command->first == MPS_FIRST_REPORT && mps_cli_command_named(name))
        return wrong_call(
            command, g_strdup_printf("unknown report \"%s\"; it is a command: mptcpscope %s %s",
                                     name, name, mps_cli_command_named(name)->arguments));
    char *known = mps_names_text(names);
    const int status = wrong_call(
        command, g_strdup_printf("unknown %s \"%s\"; known %ss: %s", what, name, what, known));
    g_free(known);
    return status;
}

/* Append the names in the list of --files-from to the arguments. @return the exit status */
static int add_listed(mps_cli *cli)
{
    GError *error = NULL;
    GPtrArray *listed = g_ptr_array_new_with_free_func(g_free);
    cli->listed = listed;
    if (!mps_file_list_read(cli->files_from, listed, &error))
        return mps_cli_fail(cli->files_from, error);
    const guint given = (guint)cli->argument_count;
    char **all = g_new(char *, given + listed->len);
    for (guint i = 0; i < given + listed->len; i++)
        all[i] = i < given ? cli->arguments[i] : listed->pdata[i - given];
    cli->arguments = cli->all_arguments = all;
    cli->argument_count = (int)(given + listed->len);
    return MPS_EXIT_OK;
}

int mps_cli_parse(mps_cli *cli, const mps_command *command, int argc, char **argv)
{
    *cli = (mps_cli){.connection = MPS_NONE,
                     .end_subflow = MPS_NONE,
                     .subflow = MPS_NONE,
                     .from = INT64_MIN,
                     .to = INT64_MAX,
                     .clock = command->clock};
    int status = read_options(cli, command, argc, argv);
    if (status != MPS_EXIT_OK)
        return status;
    cli->arguments = argv + optind;
    cli->argument_count = argc - optind;
    if (cli->files_from && cli->argument_count > 0 && (status = add_listed(cli)) != MPS_EXIT_OK)
        return status;
    const int most = MAX(command->argument_count, command->argument_max);
    if (cli->argument_count < command->argument_count || cli->argument_count > most)
        return wrong_count(cli, command, most);
    status = check_name(cli, command);
    return status == MPS_EXIT_OK ? mps_cli_check_files(cli, command) : status;
}

void mps_cli_clear(mps_cli *cli)
{
    g_free(cli->all_arguments);
    if (cli->listed)
        g_ptr_array_free(cli->listed, TRUE);
}
