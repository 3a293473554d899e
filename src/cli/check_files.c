/* check_files.c: checks that the files of a call do not overwrite or mix with each other.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "options.h"
#include <mptcpscope/output.h>
#include <string.h>

/* The path of a FILE: "-" is standard input, which may be a redirected file. */
static const char *input_path(const char *argument)
{
    return strcmp(argument, "-") == 0 ? "/dev/stdin" : argument;
}

/* @return the place of the first FILE among the arguments */
static int first_file(const mps_command *command)
{
    return command->first == MPS_FIRST_FILE ? 0 : 1;
}

/* @return the path that an option was given; NULL: none, or it is no option of that kind */
static const char *path_of(const mps_cli *cli, const mps_cli_option *option,
                           mps_cli_value_kind kind)
{
    return option->kind == kind && !option->set
               ? *(const char *const *)((const char *)cli + option->member)
               : NULL;
}

/* @return 1 if a path of what is read is standard input, otherwise 0. @param path  NULL: none */
static unsigned is_standard(const char *path)
{
    return path && strcmp(input_path(path), "/dev/stdin") == 0;
}

/* Check that no two of what is read are standard input. */
static int check_inputs(const mps_cli *cli, const mps_command *command)
{
    const mps_cli_option *option;
    unsigned files = 0, options = 0;
    for (int k = first_file(command); k < cli->argument_count; k++)
        files += is_standard(cli->arguments[k]);
    for (unsigned row = 0; (option = mps_cli_option_at(row)); row++)
        if (mps_cli_option_is_first(row))
            options += is_standard(path_of(cli, option, MPS_VALUE_INPUT));
    if (files + options <= 1)
        return MPS_EXIT_OK;
    return mps_cli_usage(command, options > 1 ? "only one option can read standard input"
                                              : "only one FILE can be standard input");
}

/* Check that an output would overwrite no input. @return the exit status */
static int check_over_inputs(const mps_cli *cli, const mps_command *command, const char *output)
{
    const mps_cli_option *option;
    bool is_input = false;
    for (int k = first_file(command); k < cli->argument_count; k++)
        is_input = is_input || mps_output_same(output, input_path(cli->arguments[k]));
    for (unsigned row = 0; (option = mps_cli_option_at(row)); row++) {
        const char *input = path_of(cli, option, MPS_VALUE_INPUT);
        is_input = is_input || (input && mps_output_same(output, input_path(input)));
    }
    return is_input ? mps_cli_usage(command, "the output would overwrite the input") : MPS_EXIT_OK;
}

/* Check that an output is not the same as that of --output, or of another option before it in the
 * table. @param last  row of the option, which is given */
static int check_over_outputs(const mps_cli *cli, const mps_command *command, unsigned last)
{
    const mps_cli_option *option = mps_cli_option_at(last);
    const char *path = path_of(cli, option, MPS_VALUE_OUTPUT);
    for (unsigned row = 0; row < last; row++) {
        const mps_cli_option *other = mps_cli_option_at(row);
        const char *other_path = path_of(cli, other, MPS_VALUE_OUTPUT);
        if (other->kind != MPS_VALUE_OUTPUT || other->member == option->member ||
            (!other_path && strcmp(other->name, "output") != 0))
            continue;
        const bool standard = mps_output_is_standard(path) && mps_output_is_standard(other_path);
        if (!standard && !mps_output_same(other_path, path))
            continue;
        char *message = g_strdup_printf("--%s and --%s are %s", other->name, option->name,
                                        standard ? "both standard output" : "the same file");
        int status = mps_cli_usage(command, message);
        g_free(message);
        return status;
    }
    return MPS_EXIT_OK;
}

int mps_cli_check_files(const mps_cli *cli, const mps_command *command)
{
    int status = check_inputs(cli, command);
    for (unsigned row = 0; mps_cli_option_at(row) && status == MPS_EXIT_OK; row++) {
        const char *output = path_of(cli, mps_cli_option_at(row), MPS_VALUE_OUTPUT);
        if (!output || !mps_cli_option_is_first(row))
            continue;
        status = check_over_inputs(cli, command, output);
        if (status == MPS_EXIT_OK)
            status = check_over_outputs(cli, command, row);
    }
    return status;
}
