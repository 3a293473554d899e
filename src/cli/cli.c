/* cli.c: reads options and reports errors, for all commands.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cli.h"
#include <getopt.h>
#include <mptcpscope/output.h>
#include <mptcpscope/printable.h>
#include <string.h>

void mps_cli_message(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    char *message = g_strdup_vprintf(format, values);
    va_end(values);
    fputs("mptcpscope: ", stderr);
    mps_put_printable(stderr, message);
    putc('\n', stderr);
    g_free(message);
}

int mps_cli_usage(const mps_command *command, const char *message)
{
    mps_cli_message("%s", message);
    fprintf(stderr, "Try 'mptcpscope %s --help'.\n", command->name);
    return MPS_EXIT_USAGE;
}

/* @param error  freed */
static int usage_failure(const mps_command *command, GError *error)
{
    int status = mps_cli_usage(command, error->message);
    g_error_free(error);
    return status;
}

static int not_taken(const mps_command *command, const char *option)
{
    char *message = g_strdup_printf("%s does not take %s", command->name, option);
    int status = mps_cli_usage(command, message);
    g_free(message);
    return status;
}

static int set_format(mps_cli *cli, const mps_command *command, const char *name)
{
    GError *error = NULL;
    if (command->draws || command->is_page)
        return not_taken(command, "--format");
    return mps_format_from_name(name, &cli->format, &error) ? MPS_EXIT_OK
                                                            : usage_failure(command, error);
}

static int set_connection(mps_cli *cli, const mps_command *command, const char *text)
{
    guint64 number;
    if (!command->takes_connection)
        return not_taken(command, "--connection");
    if (!g_ascii_string_to_unsigned(text, 10, 0, MPS_NONE - 1, &number, NULL))
        return mps_cli_usage(command, "--connection must be the number of a connection");
    cli->connection = (uint32_t)number;
    return MPS_EXIT_OK;
}

/* @return the index of a name in a table of names, or -1 */
static int index_of_name(const char *const *names, unsigned count, const char *name)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    return -1;
}

static int set_clock(mps_cli *cli, const mps_command *command, const char *name)
{
    const char *names[MPS_CLOCK_MODES];
    for (unsigned i = 0; i < MPS_CLOCK_MODES; i++)
        names[i] = mps_clock_mode_name(i);
    int mode = index_of_name(names, G_N_ELEMENTS(names), name);
    if (!command->takes_clock)
        return not_taken(command, "--clock");
    if (mode < 0)
        return mps_cli_usage(command, "--clock must be none, offset or skew");
    cli->clock = (mps_clock_mode)mode;
    cli->clock_given = true;
    return MPS_EXIT_OK;
}

static int set_direction(mps_cli *cli, const mps_command *command, const char *name)
{
    const char *const names[] = {mps_direction_name(MPS_C2S), mps_direction_name(MPS_S2C)};
    int direction = index_of_name(names, G_N_ELEMENTS(names), name);
    if (!command->takes_path && !command->draws)
        return not_taken(command, "--direction");
    if (direction < 0)
        return mps_cli_usage(command, "--direction must be c2s or s2c");
    cli->directions = 1u << direction;
    return MPS_EXIT_OK;
}

static int set_end(mps_cli *cli, const mps_command *command, const char *text)
{
    guint64 number;
    if (!command->takes_path)
        return not_taken(command, "--end");
    if (!g_ascii_string_to_unsigned(text, 10, 0, MPS_NONE - 1, &number, NULL))
        return mps_cli_usage(command, "--end must be the number of a subflow");
    cli->end_subflow = (uint32_t)number;
    return MPS_EXIT_OK;
}

static int set_pieces(mps_cli *cli, const mps_command *command)
{
    cli->pieces = true;
    return command->takes_path ? MPS_EXIT_OK : not_taken(command, "--pieces");
}

static int set_zeros(mps_cli *cli, const mps_command *command)
{
    cli->zeros = true;
    return command->takes_report_name ? MPS_EXIT_OK : not_taken(command, "--zeros");
}

static int set_range(mps_cli *cli, const mps_command *command, int letter, const char *text)
{
    if (!command->takes_range)
        return not_taken(command, letter == 'S' ? "--subflow" : letter == 'F' ? "--from" : "--to");
    const char *fault = mps_cli_set_range(cli, letter, text);
    return fault ? mps_cli_usage(command, fault) : MPS_EXIT_OK;
}

static int set_by(mps_cli *cli, const mps_command *command, const char *name)
{
    static const char *const names[] = {
        [MPS_OWD_BY_SUBFLOW] = "subflow",
        [MPS_OWD_BY_CONNECTION] = "connection",
    };
    int by = index_of_name(names, G_N_ELEMENTS(names), name);
    if (!command->takes_by)
        return not_taken(command, "--by");
    if (by < 0)
        return mps_cli_usage(command, "--by must be subflow or connection");
    cli->by = (mps_owd_by)by;
    return MPS_EXIT_OK;
}

static int set_interval(mps_cli *cli, const mps_command *command, const char *text)
{
    GError *error = NULL;
    if (!command->takes_interval)
        return not_taken(command, "--interval");
    return mps_interval_from_text(text, &cli->interval, &error) ? MPS_EXIT_OK
                                                                : usage_failure(command, error);
}

static int set_near(mps_cli *cli, const mps_command *command, const char *text)
{
    GError *error = NULL;
    if (!command->takes_near)
        return not_taken(command, "--near");
    if (!mps_near_choice_from_text(text, &cli->near, &error))
        return usage_failure(command, error);
    if (cli->near.near == MPS_NEAR_MIDDLE &&
        !command->takes_report_name) /* of two: not their order */
        return mps_cli_usage(command,
                             "--near of A must be client, server or the address of a host");
    return MPS_EXIT_OK;
}

static int set_table(mps_cli *cli, const mps_command *command, const char *name)
{
    if (!command->tables)
        return not_taken(command, "--table");
    cli->table = name;
    if (g_strv_contains(command->tables(), name))
        return MPS_EXIT_OK;
    char *names = mps_names_text(command->tables());
    char *message = g_strdup_printf("unknown table \"%s\"; known tables: %s", name, names);
    int status = mps_cli_usage(command, message);
    g_free(message);
    g_free(names);
    return status;
}

static int set_output(mps_cli *cli, const mps_command *command, const char *path)
{
    cli->output = path;
    return *path ? MPS_EXIT_OK : mps_cli_usage(command, "--output needs a file");
}

static int set_packets(mps_cli *cli, const mps_command *command, const char *path)
{
    if (!command->takes_packets)
        return not_taken(command, "--packets");
    cli->packets = path;
    return *path ? MPS_EXIT_OK : mps_cli_usage(command, "--packets needs a file");
}

static int set_data(mps_cli *cli, const mps_command *command, const char *path)
{
    if (!command->draws)
        return not_taken(command, "--data");
    cli->data = path;
    return *path ? MPS_EXIT_OK : mps_cli_usage(command, "--data needs a file");
}

static int set_xplot(mps_cli *cli, const mps_command *command, const char *path)
{
    if (!command->draws)
        return not_taken(command, "--xplot");
    cli->xplot = path;
    return *path ? MPS_EXIT_OK : mps_cli_usage(command, "--xplot needs a file");
}

/* All options, of whatever command. */
static const struct option options[] = {
    {"format", required_argument, NULL, 'f'},
    {"output", required_argument, NULL, 'o'},
    {"connection", required_argument, NULL, 'c'},
    {"packets", required_argument, NULL, 'p'},
    {"interval", required_argument, NULL, 'i'},
    {"clock", required_argument, NULL, 'k'},
    {"table", required_argument, NULL, 't'},
    {"near", required_argument, NULL, 'n'},
    {"by", required_argument, NULL, 'b'},
    {"direction", required_argument, NULL, 'd'},
    {"end", required_argument, NULL, 'e'},
    {"pieces", no_argument, NULL, 'P'},
    {"zeros", no_argument, NULL, 'z'},
    {"data", required_argument, NULL, 'D'},
    {"xplot", required_argument, NULL, 'X'},
    {"subflow", required_argument, NULL, 'S'},
    {"from", required_argument, NULL, 'F'},
    {"to", required_argument, NULL, 'T'},
    {"strict", no_argument, NULL, 's'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static bool is_option(int letter)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(options); i++)
        if (letter != 0 && options[i].val == letter)
            return true;
    return false;
}

/* @return what is wrong with a long option that has its value; NULL: it is none of the options */
static const char *fault_of(const char *given)
{
    const size_t length = strcspn(given + 2, "=");
    unsigned meanings = 0;
    for (const struct option *option = options; option->name; option++) {
        if (strncmp(given + 2, option->name, length) != 0)
            continue;
        if (option->val == optopt && option->has_arg == no_argument && strchr(given, '='))
            return "takes no argument";
        meanings++; /* it may be short for this one */
    }
    return meanings > 1 ? "is ambiguous" : NULL;
}

/* Report an option that getopt refused. Its own messages would not be escaped.
 * @param given  the argument that was read last */
static int wrong_option(const mps_command *command, bool lacks_value, const char *given)
{
    bool is_long = g_str_has_prefix(given, "--") && (optopt == 0 || is_option(optopt));
    char letter[] = {'-', (char)optopt, '\0'};
    const char *option = is_long ? given : letter;
    const char *fault = lacks_value ? "requires an argument" : is_long ? fault_of(given) : NULL;
    char *message = fault ? g_strdup_printf("option '%s' %s", option, fault)
                          : g_strdup_printf("unrecognized option '%s'", option);
    int status = mps_cli_usage(command, message);
    g_free(message);
    return status;
}

/* @param given  the argument that was read last
 * @return MPS_EXIT_OK to go on, -1 after the help, otherwise the exit status */
static int set_option(mps_cli *cli, const mps_command *command, int option, const char *given)
{
    switch (option) {
    case 'f':
        return set_format(cli, command, optarg);
    case 'o':
        return set_output(cli, command, optarg);
    case 'c':
        return set_connection(cli, command, optarg);
    case 'p':
        return set_packets(cli, command, optarg);
    case 'i':
        return set_interval(cli, command, optarg);
    case 'b':
        return set_by(cli, command, optarg);
    case 'd':
        return set_direction(cli, command, optarg);
    case 'e':
        return set_end(cli, command, optarg);
    case 'P':
        return set_pieces(cli, command);
    case 'z':
        return set_zeros(cli, command);
    case 'D':
        return set_data(cli, command, optarg);
    case 'X':
        return set_xplot(cli, command, optarg);
    case 'S':
    case 'F':
    case 'T':
        return set_range(cli, command, option, optarg);
    case 'k':
        return set_clock(cli, command, optarg);
    case 't':
        return set_table(cli, command, optarg);
    case 'n':
        return set_near(cli, command, optarg);
    case 's':
        cli->strict = true;
        return MPS_EXIT_OK;
    case 'h':
        mps_cli_print_help(command);
        return -1;
    default:
        return wrong_option(command, option == ':', given);
    }
}

/* The path of a FILE: "-" is standard input, which may be a redirected file. */
static const char *input_path(const char *argument)
{
    return strcmp(argument, "-") == 0 ? "/dev/stdin" : argument;
}

/* @return the place of the first FILE among the arguments */
static int first_file(const mps_command *command)
{
    return command->takes_report_name || command->draws ? 1 : 0;
}

/* Check that no two FILEs are standard input. */
static int check_inputs(const mps_cli *cli, const mps_command *command)
{
    unsigned standard = 0;
    for (int k = first_file(command); k < cli->argument_count; k++)
        standard += strcmp(input_path(cli->arguments[k]), "/dev/stdin") == 0;
    return standard > 1 ? mps_cli_usage(command, "only one FILE can be standard input")
                        : MPS_EXIT_OK;
}

/* Check that two outputs, if both are given, are not the same. @param one, other  their options */
static int check_two(const mps_command *command, const char *one, const char *path,
                     const char *other, const char *other_path)
{
    const bool standard = mps_output_is_standard(path) && mps_output_is_standard(other_path);
    if (!other_path || (!standard && !mps_output_same(path, other_path)))
        return MPS_EXIT_OK;
    char *message = g_strdup_printf("%s and %s are %s", one, other,
                                    standard ? "both standard output" : "the same file");
    int status = mps_cli_usage(command, message);
    g_free(message);
    return status;
}

/* Check that no output would overwrite an input or the other output. */
static int check_outputs(const mps_cli *cli, const mps_command *command)
{
    const char *const outputs[] = {cli->output, cli->packets, cli->data, cli->xplot};
    for (unsigned i = 0; i < G_N_ELEMENTS(outputs); i++)
        for (int k = first_file(command); outputs[i] && k < cli->argument_count; k++)
            if (mps_output_same(outputs[i], input_path(cli->arguments[k])))
                return mps_cli_usage(command, "the output would overwrite the input");
    int status = check_two(command, "--output", cli->output, "--packets", cli->packets);
    if (status == MPS_EXIT_OK)
        status = check_two(command, "--output", cli->output, "--data", cli->data);
    if (status == MPS_EXIT_OK)
        status = check_two(command, "--output", cli->output, "--xplot", cli->xplot);
    if (status == MPS_EXIT_OK && cli->data)
        status = check_two(command, "--data", cli->data, "--xplot", cli->xplot);
    return status;
}

/* Report a wrong number of arguments. */
static int wrong_count(const mps_cli *cli, const mps_command *command, int most)
{
    char *message =
        cli->argument_count > most && command->argument_max
            ? g_strdup_printf("%s takes %sat most %d files", command->name,
                              command->draws ? "a KIND and " : "", command->draws ? most - 1 : most)
            : g_strdup_printf("%s needs %s", command->name, command->needs);
    int status = mps_cli_usage(command, message);
    g_free(message);
    return status;
}

int mps_cli_parse(mps_cli *cli, const mps_command *command, int argc, char **argv)
{
    *cli = (mps_cli){.connection = MPS_NONE,
                     .end_subflow = MPS_NONE,
                     .subflow = MPS_NONE,
                     .from = INT64_MIN,
                     .to = INT64_MAX,
                     .clock = command->clock};
    int option, status;
    while ((option = getopt_long(argc, argv, ":f:o:c:h", options, NULL)) != -1)
        if ((status = set_option(cli, command, option, argv[optind - 1])) != MPS_EXIT_OK)
            return status;
    if (cli->from > cli->to)
        return mps_cli_usage(command, "--from is after --to");
    cli->arguments = argv + optind;
    cli->argument_count = argc - optind;
    int most = MAX(command->argument_count, command->argument_max);
    if (cli->argument_count >= command->argument_count && cli->argument_count <= most)
        status = check_inputs(cli, command);
    else
        return wrong_count(cli, command, most);
    return status == MPS_EXIT_OK ? check_outputs(cli, command) : status;
}

bool mps_cli_has_connection(const mps_cli *cli, const char *path, uint32_t count)
{
    if (cli->connection == MPS_NONE || cli->connection < count)
        return true;
    mps_cli_message("%s: no connection %u; the file has %u, numbered from 0", path, cli->connection,
                    count);
    return false;
}

int mps_cli_check_end(const mps_cli *cli, const char *path, const char *cut_off)
{
    if (!cut_off)
        return MPS_EXIT_OK;
    mps_cli_message("%s: %s%s%s", path, cli->strict ? "" : "warning: ", cut_off,
                    cli->strict ? "" : "; what came before is used");
    return cli->strict ? MPS_EXIT_INPUT : MPS_EXIT_OK;
}

int mps_cli_fail(const char *path, GError *error)
{
    mps_cli_message("%s: %s", path, error->message);
    g_error_free(error);
    return MPS_EXIT_INPUT;
}

int mps_cli_fail_output(const char *path, GError *error)
{
    return mps_cli_fail(path ? path : "standard output", error);
}
