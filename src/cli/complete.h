/* complete.h: completion of a command line, for the shells: what may stand in place of a word.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_COMPLETE_H
#define MPS_COMPLETE_H

#include "options.h"

/* A command line as far as it is typed. */
typedef struct {
    const mps_command *command;
    const mps_cli_option *option; /* whose value comes next; NULL: none */
    const char *name;             /* of the report or the kind of plots; NULL: none, or not yet */
    const char *file;             /* the first FILE; NULL: none yet */
    uint32_t connection;          /* of --connection; MPS_NONE: not given */
    int arguments;                /* that are complete, with `name` */
    bool options_ended;           /* by "--" */
} mps_cli_line;

/** Print what may stand in place of a word: a line each, "WORD", or "WORD<tab>what it is". A
 *  line ":files" stands for the names of files. Nothing is printed for what cannot be guessed.
 *  @param words  first the place of the word to complete, from 0; then those of the line after
 *                "mptcpscope", as the user typed them: with quotes of the shell
 *  @return the exit status */
int mps_cli_complete(int count, char **words);

/** Print the numbers of the connections, or of the subflows of one, in the first FILE of a line, as
 *  far as they are found in a second. Nothing is printed if it is no ordinary file.
 *  @param before  is printed before each of them  @param prefix  that the numbers must have */
void mps_cli_complete_numbers(const mps_cli_line *line, bool subflows, const char *before,
                              const char *prefix);

#endif
