/* help.c: prints how a command is called: usage, options, names.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "options.h"
#include "table/table_write.h"
#include <mptcpscope/plot.h>
#include <string.h>

enum {
    HELP_COLUMN = 25, /* where the help of an option begins */
    HELP_WIDTH = 80,  /* characters of a line: that of the narrowest usual terminal */
};

/* @return the help of an option with its words in place of "%s", freed by the caller */
static char *help_of(const mps_cli_option *option)
{
    const char *place = strstr(option->help, "%s");
    if (!place)
        return g_strdup(option->help);
    char *words = mps_names_text(option->words());
    char *help = g_strdup_printf("%.*s%s%s", (int)(place - option->help), option->help, words,
                                 place + strlen("%s"));
    g_free(words);
    return help;
}

static void print_option(const mps_cli_option *option)
{
    char *name = g_strconcat("--", option->name, option->placeholder ? " " : NULL,
                             option->placeholder, NULL);
    char *help = help_of(option);
    mps_text text = {stdout, &(const mps_style){.width = HELP_WIDTH}};
    if (option->letter)
        printf("  -%c, %-*s", option->letter, HELP_COLUMN - 6, name);
    else
        printf("      %-*s", HELP_COLUMN - 6, name);
    mps_write_wrapped(&text, help, HELP_COLUMN, HELP_COLUMN);
    g_free(help);
    g_free(name);
}

/* Print which names the first argument may be. */
static void print_names(const mps_command *command)
{
    if (command->first == MPS_FIRST_REPORT) {
        puts("NAME is one of:");
        mps_report_list(2, stdout);
        putchar('\n');
    } else if (command->first == MPS_FIRST_PLOT) {
        char *names = mps_names_text(mps_plot_names());
        printf("KIND is one of: %s\n\n", names);
        g_free(names);
    }
}

void mps_cli_print_help(const mps_command *command)
{
    const mps_cli_option *option;
    printf("Usage: mptcpscope %s [OPTION]... %s\n%s\n\n", command->name, command->arguments,
           command->summary);
    print_names(command);
    for (unsigned row = 0; (option = mps_cli_option_at(row)); row++)
        if (mps_cli_option_of(command, option->name) == option)
            print_option(option);
}
