/* cli.h: what the commands share: options, errors, loading.
 *
 * Every command returns the program's exit status: MPS_EXIT_OK; MPS_EXIT_INPUT when a file could
 * not be used, told by `mptcpscope: FILE: reason` on standard error, with no output file left;
 * MPS_EXIT_USAGE when the call is wrong.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CLI_H
#define MPS_CLI_H

#include <mptcpscope/owd.h>
#include <mptcpscope/report.h>

enum { MPS_EXIT_OK = 0, MPS_EXIT_INPUT = 1, MPS_EXIT_USAGE = 2 };

/* The options that commands know, and the arguments behind them. */
typedef struct {
    mps_format format;
    const char *output;  /* NULL: standard output */
    const char *packets; /* NULL: not wanted */
    const char *table;   /* the only one to write; NULL: not given */
    uint32_t connection; /* MPS_NONE: all */
    int64_t interval;    /* ns; 0: not given */
    mps_owd_by by;
    mps_clock_mode clock;
    char **arguments;
    int argument_count;
} mps_cli;

/* What a command takes: its arguments, and which of the options. */
typedef struct {
    const char *name, *arguments, *summary;
    int argument_count;
    int argument_max; /* 0: just so many */
    bool takes_packets, takes_clock, takes_interval, takes_by;
    bool list_names;                    /* its first argument is a report's name */
    bool of_hosts;                      /* it tells of the hosts, not of a connection */
    const char *const *(*tables)(void); /* names of those it writes; NULL: it has but one */
    int (*run)(const mps_cli *cli);
} mps_command;

extern const mps_command mps_command_report, mps_command_map, mps_command_owd, mps_command_clock,
    mps_command_reinjections, mps_command_diff;

/** Read a command's options. @return MPS_EXIT_OK to go on, -1 when all is done (help was asked
 *  for), else the exit status */
int mps_cli_parse(mps_cli *cli, const mps_command *command, int argc, char **argv);

/** @return whether the connection that was asked for is in the file; else says that it is not.
 *  @param path  of the file @param count  how many connections it has */
bool mps_cli_has_connection(const mps_cli *cli, const char *path, uint32_t count);

/** Say that a file cannot be used; frees the error. @return MPS_EXIT_INPUT */
int mps_cli_fail(const char *path, GError *error);

/* Something to write, and where to: NULL or "-": standard output. */
typedef struct {
    const char *path;
    void (*write)(FILE *out, const void *data);
    const void *data;
} mps_cli_file;

/** Write files, in this order; none is left when one of them fails. @return the exit status */
int mps_cli_write(const mps_cli_file *files, unsigned count);

/** Write what `write` writes to the output that was asked for. @return the exit status */
int mps_cli_output(const char *path, void (*write)(FILE *out, const void *data), const void *data);

#endif
