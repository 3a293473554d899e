/* main.c: the command mptcpscope: finds the command that is called, one of those below or the
 * program mptcpscope-NAME in PATH. cli.h has a map of the files.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cli.h"
#include <errno.h>
#include <mptcpscope/plot.h>
#include <string.h>
#include <unistd.h>

static const mps_command *const commands[] = {
    &mps_command_report,       &mps_command_map,  &mps_command_owd,           &mps_command_clock,
    &mps_command_reinjections, &mps_command_diff, &mps_command_critical_path, &mps_command_summary,
    &mps_command_plot,         &mps_command_flow, &mps_command_html};

static int print_help(void)
{
    puts("Usage: mptcpscope COMMAND [OPTION]... FILE...\n"
         "Explain Multipath TCP captures. A FILE is a capture (pcap, pcapng) or a dump written by\n"
         "tshark -z mptcp,dump; both may be compressed. \"-\" is standard input.\n");
    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++)
        printf("  %-13s  %-10s  %s\n", commands[i]->name, commands[i]->arguments,
               commands[i]->summary);
    puts("\n  -h, --help     show this help; after a COMMAND, its options\n"
         "  -V, --version  show the version\n\n"
         "Exit status: 0 on success, 1 if a file cannot be used, 2 if the command line is wrong.");
    return MPS_EXIT_OK;
}

/* Run a command that is not built in: the program mptcpscope-NAME, as git does.
 * @param argv  from the command's name on  @return if it could not be run */
static int run_external(char **argv)
{
    const char *name = argv[0];
    char *program = g_strconcat("mptcpscope-", name, NULL);
    int problem = ENOENT; /* also of a name with a slash, which would be a path */
    if (!strchr(name, '/')) {
        argv[0] = program;
        execvp(program, argv);
        problem = errno;
    }
    if (problem == ENOENT || problem == EACCES)
        mps_cli_message("unknown command \"%s\". Try 'mptcpscope --help'.", name);
    else
        mps_cli_message("%s: %s", program, g_strerror(problem));
    g_free(program);
    return MPS_EXIT_USAGE;
}

/* @return whether a folder of PATH has a file of that name, whatever it is */
static bool is_in_path(const char *program)
{
    char **folders = g_strsplit(g_getenv("PATH") ? g_getenv("PATH") : "", ":", -1);
    bool found = false;
    for (unsigned i = 0; folders[i] && !found; i++) {
        char *path = g_build_filename(folders[i], program, NULL);
        found = g_file_test(path, G_FILE_TEST_EXISTS);
        g_free(path);
    }
    g_strfreev(folders);
    return found;
}

/* Run a plot that is not built in: the program mptcpscope-plot-KIND, with the arguments after KIND.
 * @return false: there is no such program, and the command says which kinds there are; true: it
 *         cannot be run, which is told */
static bool try_external_plot(char **argv)
{
    const char *kind = argv[2];
    if (!kind || kind[0] == '-' || strchr(kind, '/') || g_strv_contains(mps_plot_names(), kind))
        return false;
    char *program = g_strconcat("mptcpscope-plot-", kind, NULL);
    char *self = g_file_read_link("/proc/self/exe", NULL);
    if (self)
        g_setenv("MPTCPSCOPE", self, TRUE);
    argv[2] = program;
    execvp(program, argv + 2);
    const int problem = errno;
    argv[2] = program + strlen("mptcpscope-plot-");
    g_free(self);
    if (!is_in_path(program))
        return false;
    mps_cli_message("cannot run %s: %s", program, g_strerror(problem));
    return true;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        mps_cli_message("no command given. Try 'mptcpscope --help'.");
        return MPS_EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "-h") == 0 || strcmp(name, "--help") == 0)
        return print_help();
    if (strcmp(name, "-V") == 0 || strcmp(name, "--version") == 0) {
        puts("mptcpscope " MPTCPSCOPE_VERSION);
        return MPS_EXIT_OK;
    }
    if (name[0] == '-') {
        mps_cli_message("unknown option \"%s\". Try 'mptcpscope --help'.", name);
        return MPS_EXIT_USAGE;
    }
    if (strcmp(name, "plot") == 0 && try_external_plot(argv))
        return MPS_EXIT_INPUT;
    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++) {
        mps_cli cli;
        if (strcmp(commands[i]->name, name) != 0)
            continue;
        int status = mps_cli_parse(&cli, commands[i], argc - 1, argv + 1);
        if (status == MPS_EXIT_OK)
            return commands[i]->run(&cli);
        return status < 0 ? MPS_EXIT_OK : status;
    }
    return run_external(argv + 1);
}
