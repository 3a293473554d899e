/* main.c: the command mptcpscope: finds the command that is called, one of those below or the
 * program mptcpscope-NAME in PATH. cli.h has a map of the files.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "complete.h"
#include "external.h"
#include <errno.h>
#include <mptcpscope/plot.h>
#include <string.h>

/* Help or the version was written. @return the exit status, which is that of writing if it was 0 */
static int end_help(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    mps_cli_message("standard output: %s", g_strerror(errno));
    return status == MPS_EXIT_OK ? MPS_EXIT_INPUT : status;
}

/* Run a command that is not built in: the program mptcpscope-NAME, as git does.
 * @param argv  from the command's name on  @return the exit status if it could not be run */
static int run_external(char **argv)
{
    char *name = argv[0], *program = g_strconcat("mptcpscope-", name, NULL);
    const int problem = mps_external_run(argv, program);
    int status = MPS_EXIT_INPUT;
    if (mps_external_exists(program))
        mps_cli_message("cannot run %s: %s", program, g_strerror(problem));
    else
        status = mps_cli_unknown_command(name);
    g_free(program);
    return status;
}

/* Run a plot that is not built in: the program mptcpscope-plot-KIND, with the arguments after KIND.
 * @return false: there is no such program, and the command says which kinds there are; true: it
 *         cannot be run, which is told */
static bool try_external_plot(char **argv)
{
    char *kind = argv[2];
    if (!kind || kind[0] == '-' || g_strv_contains(mps_plot_names(), kind))
        return false;
    char *program = g_strconcat("mptcpscope-plot-", kind, NULL);
    const int problem = mps_external_run(argv + 2, program);
    const bool exists = mps_external_exists(program);
    argv[2] = kind;
    if (exists)
        mps_cli_message("cannot run %s: %s", program, g_strerror(problem));
    g_free(program);
    return exists;
}

/* @return whether a call asks a command for help by a word: "report help". A file of that name is
 *         meant where a command takes one. */
static bool asks_for_help(const mps_command *command, int argc, char **argv)
{
    return argc >= 2 && strcmp(argv[1], "help") == 0 &&
           (command->first != MPS_FIRST_FILE ||
            (argc == 2 && !g_file_test("help", G_FILE_TEST_EXISTS)));
}

/* @param argv  from the command's name on  @return the exit status */
static int run_command(const mps_command *command, int argc, char **argv)
{
    mps_cli cli;
    if (asks_for_help(command, argc, argv)) {
        argv[1] = argv[0];
        return end_help(mps_cli_help(argv + 1));
    }
    int status = mps_cli_parse(&cli, command, argc, argv);
    if (status == MPS_EXIT_OK)
        status = mps_cli_dress(&cli, command);
    if (status == MPS_EXIT_OK)
        status = command->run(&cli);
    mps_cli_undress(&cli);
    mps_cli_clear(&cli);
    return status < 0 ? end_help(MPS_EXIT_OK) : status;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        mps_cli_message("no command given");
        mps_cli_write_overview(stderr);
        return MPS_EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "-h") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "help") == 0)
        return end_help(mps_cli_help(argv + 2));
    if (strcmp(name, "-V") == 0 || strcmp(name, "--version") == 0) {
        puts("mptcpscope " MPTCPSCOPE_VERSION);
        return end_help(MPS_EXIT_OK);
    }
    if (strcmp(name, "__complete") == 0) /* for completion/ */
        return mps_cli_complete(argc - 2, argv + 2);
    if (name[0] == '-') {
        mps_cli_message("unknown option \"%s\"; a COMMAND comes first. Try 'mptcpscope --help'.",
                        name);
        return MPS_EXIT_USAGE;
    }
    if (strcmp(name, "plot") == 0 && try_external_plot(argv))
        return MPS_EXIT_INPUT;
    const mps_command *command = mps_cli_command_named(name);
    return command ? run_command(command, argc - 1, argv + 1) : run_external(argv + 1);
}
