/* main.c: the mptcpscope command.
 *
 *   main()            finds the command: one of those below, or mptcpscope-NAME from PATH
 *   cli.c             its options, errors, output
 *   cmd-report.c      report: a source (../source.c: capture or dump) through the tracker
 *                     (../tracker) into a report (../report)
 *   cmd-map.c         map: two sources as traces (../match/trace.c), paired (../match/pair.c)
 *   cmd-owd.c         owd: the same, aligned (../match/align.c), into delays (../owd), with what
 *                     they tell of the clocks (../clock)
 *   cmd-clock.c       clock: just that
 *   cmd-reinjections.c  reinjections: the same with what was sent again (../analysis)
 *   cmd-diff.c        diff: the same, header by header (../diff)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cli.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

static const mps_command *const commands[] = {&mps_command_report,       &mps_command_map,
                                              &mps_command_owd,          &mps_command_clock,
                                              &mps_command_reinjections, &mps_command_diff};

static int print_help(void)
{
    puts("Usage: mptcpscope COMMAND [OPTION]... FILE...\n"
         "Explain Multipath TCP captures. A FILE is a capture (pcap, pcapng) or a dump written by\n"
         "tshark -z mptcp,dump; both may be compressed.\n");
    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++)
        printf("  %-12s  %-10s  %s\n", commands[i]->name, commands[i]->arguments,
               commands[i]->summary);
    puts("\n  -h, --help     this text; behind a COMMAND: its options\n"
         "  -V, --version  the version\n\n"
         "Exit status: 0; 1 when a file could not be used; 2 when the call is wrong.");
    return MPS_EXIT_OK;
}

/* A command that is not built in is another program, as with git. */
static int run_external(int argc, char **argv)
{
    char *program = g_strconcat("mptcpscope-", argv[1], NULL);
    if (!strchr(argv[1], '/') && argc > 1) {
        argv[1] = program;
        execvp(program, argv + 1);
    }
    if (errno == ENOENT || errno == EACCES || strchr(argv[1], '/'))
        fprintf(stderr, "mptcpscope: there is no command \"%s\". Try 'mptcpscope --help'.\n",
                program + strlen("mptcpscope-"));
    else
        fprintf(stderr, "mptcpscope: %s: %s\n", program, g_strerror(errno));
    g_free(program);
    return MPS_EXIT_USAGE;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (argc < 2) {
        fputs("mptcpscope: a command is wanted. Try 'mptcpscope --help'.\n", stderr);
        return MPS_EXIT_USAGE;
    }
    if (strcmp(name, "-h") == 0 || strcmp(name, "--help") == 0)
        return print_help();
    if (strcmp(name, "-V") == 0 || strcmp(name, "--version") == 0) {
        puts("mptcpscope " MPTCPSCOPE_VERSION);
        return MPS_EXIT_OK;
    }
    if (name[0] == '-') {
        fprintf(stderr, "mptcpscope: there is no option \"%s\". Try 'mptcpscope --help'.\n", name);
        return MPS_EXIT_USAGE;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++) {
        mps_cli cli;
        if (strcmp(commands[i]->name, name) != 0)
            continue;
        int status = mps_cli_parse(&cli, commands[i], argc - 1, argv + 1);
        if (status == MPS_EXIT_OK)
            return commands[i]->run(&cli);
        return status < 0 ? MPS_EXIT_OK : status;
    }
    return run_external(argc, argv);
}
