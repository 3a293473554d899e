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

char *mps_cli_option_help(const mps_cli_option *option)
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

void mps_cli_write_option(const mps_cli_option *option, FILE *out)
{
    char *name = g_strconcat("--", option->name, option->placeholder ? " " : NULL,
                             option->placeholder, NULL);
    char *help = mps_cli_option_help(option);
    mps_text text = {out, &(const mps_style){.width = HELP_WIDTH}};
    if (option->letter)
        fprintf(out, "  -%c, %-*s", option->letter, HELP_COLUMN - 6, name);
    else
        fprintf(out, "      %-*s", HELP_COLUMN - 6, name);
    mps_write_wrapped(&text, help, HELP_COLUMN, HELP_COLUMN);
    g_free(help);
    g_free(name);
}

const char *const *mps_cli_first_names(const mps_command *command)
{
    return command->first == MPS_FIRST_REPORT ? mps_report_names()
           : command->first == MPS_FIRST_PLOT ? mps_plot_names()
                                              : NULL;
}

/* Write which names the first argument may be. */
static void write_names(const mps_command *command, FILE *out)
{
    if (command->first == MPS_FIRST_REPORT) {
        fputs("NAME is one of:\n", out);
        mps_report_list(2, out);
        putc('\n', out);
    } else if (command->first == MPS_FIRST_PLOT) {
        fputs("KIND is one of:\n", out);
        mps_plot_list(2, out);
        mps_cli_write_externals(true, out);
        putc('\n', out);
    }
}

void mps_cli_write_help(const mps_command *command, FILE *out)
{
    const mps_cli_option *option;
    fprintf(out, "Usage: mptcpscope %s [OPTION]... %s\n%s\n\n", command->name, command->arguments,
            command->summary);
    write_names(command, out);
    for (unsigned row = 0; (option = mps_cli_option_at(row)); row++)
        if (mps_cli_option_of(command, option->name) == option)
            mps_cli_write_option(option, out);
    if (mps_cli_first_names(command))
        fprintf(out, "\nmptcpscope help %s %s: what that one takes%s\n", command->name,
                command->first == MPS_FIRST_REPORT ? "NAME" : "KIND",
                command->first == MPS_FIRST_REPORT ? ", and its columns" : "");
}

void mps_cli_write_plot_help(const char *kind, FILE *out)
{
    const mps_cli_option *option;
    fprintf(out, "Usage: mptcpscope plot %s [OPTION]... %s -o IMAGE\n%s\n\n", kind,
            mps_plot_arguments(kind), mps_plot_about(kind));
    for (unsigned row = 0; (option = mps_cli_option_at(row)); row++)
        if (mps_cli_option_of(&mps_command_plot, option->name) == option &&
            mps_plot_has_option(kind, option->name))
            mps_cli_write_option(option, out);
}
