/* options.h: the options of all commands, as a table. Parsing, help, completion and the check of
 * the man pages are made from it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_OPTIONS_H
#define MPS_OPTIONS_H

#include "cli.h"

/* What the value of an option is. */
typedef enum {
    MPS_VALUE_NONE,       /* it has none: it is given or not */
    MPS_VALUE_WORD,       /* one of `words` */
    MPS_VALUE_HOST,       /* one of `words`, or the address of a host */
    MPS_VALUE_OUTPUT,     /* the path of a file that is written */
    MPS_VALUE_INPUT,      /* the path of a file that is read */
    MPS_VALUE_CONNECTION, /* the number of a connection of FILE */
    MPS_VALUE_SUBFLOW,    /* the number of a subflow */
    MPS_VALUE_NUMBER,     /* any other number */
} mps_cli_value_kind;

/* An option as some commands take it. Where commands differ in the words of the help, or in what
 * the value may be, an option has several rows in the table, one after the other. */
typedef struct {
    const char *name;        /* without "--" */
    const char *placeholder; /* stands for the value in the help; NULL: there is none */
    unsigned commands;       /* MPS_CMD_*: which take it so */
    char letter;             /* of the short form; 0: there is none */
    mps_cli_value_kind kind;
    const char *const *(*words)(void); /* of MPS_VALUE_WORD and MPS_VALUE_HOST, ended by NULL */
    const char *help;                  /* a sentence without its capital and full stop */
    size_t member; /* of mps_cli, for which there is no `set`: a bool of MPS_VALUE_NONE, a path of
                    * MPS_VALUE_OUTPUT and MPS_VALUE_INPUT */
    /* Set the value. @return false, with `error` that says what is allowed */
    bool (*set)(mps_cli *cli, const char *text, GError **error);
} mps_cli_option;

/** @return a row of the table, in the order of the help; NULL after the last. @param row  from 0 */
const mps_cli_option *mps_cli_option_at(unsigned row);

/** @return an option as a command takes it; NULL: the command does not take it. @param name without
 *  "--" */
const mps_cli_option *mps_cli_option_of(const mps_command *command, const char *name);

/** @return whether the row is the first of its option. */
bool mps_cli_option_is_first(unsigned row);

/** @return the help of an option, with its words in place of "%s", freed by the caller. */
char *mps_cli_option_help(const mps_cli_option *option);

/** @return whether an option of the command `report` makes a difference to a report: its help names
 *  the report, or none. @param report  its name */
bool mps_cli_report_has_option(const char *report, const mps_cli_option *option);

/** Write an option with its help, in lines of 80 characters. */
void mps_cli_write_option(const mps_cli_option *option, FILE *out);

/* Functions that set a value, as of mps_cli_option. */

bool mps_cli_set_format(mps_cli *cli, const char *text, GError **error);
bool mps_cli_set_jobs(mps_cli *cli, const char *text, GError **error);
bool mps_cli_set_connection(mps_cli *cli, const char *text, GError **error);
bool mps_cli_set_interval(mps_cli *cli, const char *text, GError **error);
bool mps_cli_set_by(mps_cli *cli, const char *text, GError **error);
bool mps_cli_set_clock(mps_cli *cli, const char *text, GError **error);
bool mps_cli_set_direction(mps_cli *cli, const char *text, GError **error);
bool mps_cli_set_end(mps_cli *cli, const char *text, GError **error);
bool mps_cli_set_subflow(mps_cli *cli, const char *text, GError **error);
bool mps_cli_set_from(mps_cli *cli, const char *text, GError **error);
bool mps_cli_set_to(mps_cli *cli, const char *text, GError **error);
bool mps_cli_set_near(mps_cli *cli, const char *text, GError **error);
bool mps_cli_set_near_of_a(mps_cli *cli, const char *text, GError **error);
bool mps_cli_set_host(mps_cli *cli, const char *text, GError **error);
bool mps_cli_set_tcp(mps_cli *cli, const char *text, GError **error);
bool mps_cli_set_color(mps_cli *cli, const char *text, GError **error);
bool mps_cli_set_time(mps_cli *cli, const char *text, GError **error);
bool mps_cli_set_dsn(mps_cli *cli, const char *text, GError **error);
bool mps_cli_set_table(mps_cli *cli, const char *text, GError **error);
bool mps_cli_set_report_table(mps_cli *cli, const char *text, GError **error);

/* Words that values may be, as of mps_cli_option. */

const char *const *mps_cli_words_format(void);
const char *const *mps_cli_words_clock(void);
const char *const *mps_cli_words_color(void);
const char *const *mps_cli_words_time(void);
const char *const *mps_cli_words_dsn(void);
const char *const *mps_cli_words_by(void);
const char *const *mps_cli_words_direction(void);
const char *const *mps_cli_words_host(void);
const char *const *mps_cli_words_tcp(void);
const char *const *mps_cli_words_near(void);
const char *const *mps_cli_words_near_of_a(void);

#endif
