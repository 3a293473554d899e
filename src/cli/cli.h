/* cli.h: what the commands share: options, errors, outputs.
 *
 *   main.c               finds the command and runs it
 *   commands.c           the list of the commands that are built in
 *   external.c           finds and runs commands and plots of others
 *   suggest.c            what the user may have meant
 *   options.c            the table of all options
 *   option_values.c      reads the values of options
 *   parse.c              reads the options and arguments of a command
 *   check_files.c        checks that the files of a call do not overwrite each other
 *   help.c               prints how a command is called
 *   help_pages.c         prints the help of all, of a report, a plot, a command of others
 *   complete.c           completes a word of the command line, for shells
 *   complete_numbers.c   finds the numbers of connections in a file for that
 *   messages.c           says what is wrong
 *   dress.c              finds out how text is shown: width, colours, pager
 *   config.c             reads the user's configuration file
 *   terminal.c           asks the terminal what it can show
 *   pager.c              runs the pager
 *   progress.c           shows how much of the files was read, and what comes after
 *   outputs.c            writes outputs
 *   interrupt.c          lets SIGINT end what is read from a pipe
 *   two_captures.c       loads captures and compares two of them
 *   file_list.c          reads a list of FILEs
 *   report_file.c        reads a capture or dump (mptcpscope/source.h) into a report
 *   many_files.c         reports many files at once, in their order
 *   workers.c  worker.c  processes that do pieces of work, for that
 *   one_line.c           writes a json document on one line
 *   cmd_report.c         report: a report on each of some captures
 *   cmd_map.c            map: pairs the connections of two captures
 *   cmd_owd.c            owd: one-way delays between two captures, or along a path of several
 *   cmd_clock.c          clock: compares the clocks of two captures
 *   cmd_reinjections.c   reinjections: which bytes sent again were useful
 *   cmd_diff.c           diff: what the path changed
 *   cmd_critical_path.c  critical-path: what each moment of a transfer waited for
 *   cmd_summary.c        summary: whether it is the network, by both ends
 *   cmd_plot.c           plot: a picture of what captures show
 *   cmd_flow.c           flow: a connection as arrows, segment by segment
 *   cmd_html.c           html: all of it as one page for a browser
 *   cmd_numerics.c       numerics: what paths need and allow, by captures or as described
 *   cmd_export.c         export: segments and flows as tables of an HDF5 file
 *
 * Every command returns the exit status of the program: MPS_EXIT_OK; MPS_EXIT_INPUT if a file
 * cannot be used, after the message "mptcpscope: FILE: reason" on standard error and without
 * leaving an output file; MPS_EXIT_USAGE if the command line is wrong.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CLI_H
#define MPS_CLI_H

#include "pager.h"
#include "progress.h"
#include <mptcpscope/owd.h>
#include <mptcpscope/report.h>

enum { MPS_EXIT_OK = 0, MPS_EXIT_INPUT = 1, MPS_EXIT_USAGE = 2 };

/* When text has colours. */
typedef enum {
    MPS_COLOR_UNSAID, /* as MPS_COLOR_AUTO, unless the configuration file says more */
    MPS_COLOR_AUTO,   /* on a terminal that shows them, unless NO_COLOR is set */
    MPS_COLOR_ALWAYS,
    MPS_COLOR_NEVER,
} mps_color_choice;

/* The options of all commands, and the arguments after them. */
typedef struct {
    mps_style style;
    bool format_given; /* --format was */
    bool dsn_given;    /* --dsn was */
    mps_color_choice color;
    bool no_pager, no_config;
    bool to_terminal;       /* standard output is a terminal, and it is written to */
    char *pager_command;    /* of the configuration file; NULL: it has none; lives to the end */
    mps_pager *pager;       /* for standard output; NULL: none is wanted */
    mps_progress *progress; /* NULL: nobody sees it */
    const char *output;     /* NULL: standard output */
    const char *packets;    /* NULL: do not write the matched pairs */
    const char *data;       /* NULL: do not write the numbers of the picture */
    const char *xplot;      /* NULL: do not write it for xplot */
    const char *topology;   /* NULL: not given */
    const char *table;      /* the only one to write; NULL: not given */
    uint32_t connection;    /* MPS_NONE: all */
    int64_t interval;       /* ns; 0: not given */
    /* With what the report "mib" is compared. */
    const char *against; /* output of nstat; NULL: not given */
    const char *before;  /* likewise, of earlier; NULL: not given */
    const char *host;    /* whose they are, "client" or "server"; NULL: not given */
    mps_owd_by by;
    mps_clock_mode clock;
    bool clock_given;     /* --clock was */
    mps_near_choice near; /* where the capture was made, or A; all unset: not given */
    unsigned directions;  /* bits 1 << mps_direction; 0: both */
    uint32_t end_subflow; /* MPS_NONE: not given */
    bool pieces;
    bool zeros;
    bool plain_tcp;         /* segments of plain TCP, too */
    uint32_t subflow;       /* number of the only one; MPS_NONE: all */
    int64_t from, to;       /* the part of the connection, both included, ns since its first frame;
                             * INT64_MIN, INT64_MAX: not given */
    const char *files_from; /* a list of more FILEs; NULL: not given */
    bool with_filename;     /* the report names its FILE, also where there is one */
    unsigned jobs;          /* FILEs read at once; 0: not given */
    bool strict;            /* a file that is cut off is an error */
    bool help;              /* nothing but the help is asked for */
    char **arguments;
    int argument_count;
    GPtrArray *listed;    /* those of them that a list names; NULL: there is none */
    char **all_arguments; /* `arguments`, where it is not a part of argv; NULL */
} mps_cli;

/* The commands, as the table of options names those that take an option. */
enum {
    MPS_CMD_REPORT = 1u << 0,
    MPS_CMD_MAP = 1u << 1,
    MPS_CMD_OWD = 1u << 2,
    MPS_CMD_CLOCK = 1u << 3,
    MPS_CMD_REINJECTIONS = 1u << 4,
    MPS_CMD_DIFF = 1u << 5,
    MPS_CMD_CRITICAL_PATH = 1u << 6,
    MPS_CMD_SUMMARY = 1u << 7,
    MPS_CMD_PLOT = 1u << 8,
    MPS_CMD_FLOW = 1u << 9,
    MPS_CMD_HTML = 1u << 10,
    MPS_CMD_NUMERICS = 1u << 11,
    MPS_CMD_EXPORT = 1u << 12,
    MPS_CMD_ALL = 0x7fffffff,
};

/* What the first argument of a command is. */
typedef enum {
    MPS_FIRST_FILE,
    MPS_FIRST_REPORT, /* the NAME of a report; files follow */
    MPS_FIRST_PLOT,   /* the KIND of a picture; files follow */
} mps_first_argument;

/* A command. Which options it takes is in options.c. */
typedef struct {
    const char *name;
    unsigned bit;          /* MPS_CMD_* */
    const char *arguments; /* as the usage line shows them */
    const char *needs;     /* the same in words: "NAME needs ..." */
    const char *summary;
    mps_first_argument first;
    int argument_count;             /* least number */
    int argument_max;               /* 0: exactly argument_count */
    mps_clock_mode clock;           /* without --clock */
    int (*run)(const mps_cli *cli); /* @return the exit status */
} mps_command;

extern const mps_command mps_command_report, mps_command_map, mps_command_owd, mps_command_clock,
    mps_command_reinjections, mps_command_diff, mps_command_critical_path, mps_command_summary,
    mps_command_plot, mps_command_flow, mps_command_html, mps_command_numerics, mps_command_export;

/** Read the options and arguments of a command.
 *  @param argv  from the command's name on
 *  @return MPS_EXIT_OK to go on; -1 if the help was printed and nothing is left to do; otherwise
 * the exit status */
int mps_cli_parse(mps_cli *cli, const mps_command *command, int argc, char **argv);

/** Free what mps_cli_parse() made, whatever it returned. */
void mps_cli_clear(mps_cli *cli);

/** @return a command that is built in; NULL after the last. @param place  from 0 */
const mps_command *mps_cli_command_at(unsigned place);

/** @return a command that is built in; NULL: there is none of that name */
const mps_command *mps_cli_command_named(const char *name);

/** Write the help of a command. */
void mps_cli_write_help(const mps_command *command, FILE *out);

/** Write the help of a kind of plots: what it shows, and which options it takes. */
void mps_cli_write_plot_help(const char *kind, FILE *out);

/** Write the commands of others, or their plots, a line each; nothing if there are none. */
void mps_cli_write_externals(bool plots, FILE *out);

/** Write the help of mptcpscope as a whole: all commands. */
void mps_cli_write_overview(FILE *out);

/** Print help: of all, of a command, of a report or a kind of plots.
 *  @param words  what it is asked of, ended by NULL: {NULL}, {"map", NULL}, {"report", "rtt", NULL}
 *  @return the exit status; a command of others runs with --help, and does not return */
int mps_cli_help(char **words);

/** Report a word that is no command. @return MPS_EXIT_USAGE */
int mps_cli_unknown_command(const char *word);

/** Find out how what the command writes is shown: width, colours, pager, progress. Read the
 *  configuration file, if the output goes to a terminal.
 *  @param cli  with all options @return the exit status; what is wrong was reported */
int mps_cli_dress(mps_cli *cli, const mps_command *command);

/** End the pager, after the user has left it, and the progress. */
void mps_cli_undress(mps_cli *cli);

/** Check that no output would overwrite an input or another output, and that standard input is one
 *  FILE at most. @return the exit status */
int mps_cli_check_files(const mps_cli *cli, const mps_command *command);

/** Write a line "mptcpscope: MESSAGE" to standard error. What cannot be printed is escaped, for the
 *  message may hold names from files and of files. @param format  as of printf() */
void mps_cli_message(const char *format, ...) G_GNUC_PRINTF(1, 2);

/** Say what is wrong with a file that was read, if anything: it is cut off, as mps_cli_check_end(),
 * or lacks the connection of --connection or the subflow of --end.
 *  @param cut_off  as of mps_source_cut_off()  @return the exit status */
int mps_cli_check_read(const mps_cli *cli, const char *path, const char *cut_off,
                       const mps_tracker *tracker);

/** Say that a file lacks the connection of --connection or the subflow of --end, if it does.
 *  @return the exit status */
int mps_cli_check_chosen(const mps_cli *cli, const char *path, const mps_tracker *tracker);

/** @return the names that the first argument of a command may be, ended by NULL; NULL: it is a
 * file.
 */
const char *const *mps_cli_first_names(const mps_command *command);

/** Say what is wrong with a call, and where to read more. @return MPS_EXIT_USAGE */
int mps_cli_usage(const mps_command *command, const char *message);

/** Say that a file is cut off: a warning, as what was whole is used, or with --strict an error.
 *  @param cut_off  as of mps_source_cut_off(); NULL: it is not  @return the exit status */
int mps_cli_check_end(const mps_cli *cli, const char *path, const char *cut_off);

/** Report that a file cannot be used. @param error  freed  @return MPS_EXIT_INPUT */
int mps_cli_fail(const char *path, GError *error);

/** Report that an output cannot be written. @param path  NULL: standard output  @param error  freed
 *  @return MPS_EXIT_INPUT */
int mps_cli_fail_output(const char *path, GError *error);

/* An output: its path (NULL or "-": standard output) and the function that writes it. */
typedef struct {
    const char *path;
    void (*write)(FILE *out, const void *data);
    const void *data;
} mps_cli_file;

/** Write files, in this order, standard output through the pager. If one fails none is left.
 *  @return the exit status */
int mps_cli_write(const mps_cli *cli, const mps_cli_file *files, unsigned count);

/** Write the file of --output. @return the exit status */
int mps_cli_output(const mps_cli *cli, void (*write)(FILE *out, const void *data),
                   const void *data);

#endif
