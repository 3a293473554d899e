/* help_pages.c: the help of mptcpscope as a whole, of a report, of a kind of plots, of a command of
 * others; what is said of a word that is no command.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "external.h"
#include "options.h"
#include "suggest.h"
#include "table/table_write.h"
#include <mptcpscope/plot.h>
#include <mptcpscope/printable.h>
#include <stdlib.h>
#include <string.h>

void mps_cli_write_externals(bool plots, FILE *out)
{
    GPtrArray *externals = mps_externals(plots);
    for (guint i = 0; i < externals->len; i++) {
        const mps_external *external = externals->pdata[i];
        char *name = mps_printable(external->name);
        char *summary = external->summary ? mps_printable(external->summary) : NULL;
        fprintf(out, "  %-*s  %s\n", plots ? 14 : 13, name,
                summary ? summary : "(a program of others)");
        g_free(summary);
        g_free(name);
    }
    g_ptr_array_free(externals, TRUE);
}

/* Write the commands of others that PATH has, if any. */
static void write_others(FILE *out)
{
    GPtrArray *externals = mps_externals(false);
    if (externals->len > 0) {
        fputs("\nCommands of others, programs mptcpscope-COMMAND in PATH:\n", out);
        mps_cli_write_externals(false, out);
    }
    g_ptr_array_free(externals, TRUE);
}

void mps_cli_write_overview(FILE *out)
{
    const mps_command *command;
    fputs(
        "Usage: mptcpscope COMMAND [OPTION]... FILE...\n"
        "Explain Multipath TCP captures. A FILE is a capture (pcap, pcapng) or a dump written by\n"
        "tshark -z mptcp,dump; both may be compressed. \"-\" is standard input.\n\n",
        out);
    for (unsigned i = 0; (command = mps_cli_command_at(i)); i++)
        fprintf(out, "  %-13s  %-10s  %s\n", command->name, command->arguments, command->summary);
    write_others(out);
    fputs(
        "\n  help           [COMMAND]   show this help, or that of a COMMAND with its options;\n"
        "                             \"help report NAME\" is about a report, \"help plot KIND\" "
        "about a picture\n\n"
        "  -h, --help     show this help; after a COMMAND, its options\n"
        "  -V, --version  show the version\n\n"
        "To begin with: mptcpscope summary FILE\n\n"
        "Exit status: 0 on success, 1 if a file cannot be used, 2 if the command line is wrong.\n",
        out);
}

bool mps_cli_report_has_option(const char *report, const mps_cli_option *option)
{
    char *prefix = g_strdup_printf("report %s:", report);
    const bool names_this = strstr(option->help, prefix);
    bool names_one = false;
    g_free(prefix);
    for (const char *const *name = mps_report_names(); *name; name++) {
        prefix = g_strdup_printf("report %s:", *name);
        names_one = names_one || strstr(option->help, prefix);
        g_free(prefix);
    }
    return names_this || !names_one;
}

/* Print the columns of a report: those of its csv when nothing was captured. */
static void print_columns(const char *name)
{
    char *csv = NULL;
    size_t length;
    FILE *out = open_memstream(&csv, &length);
    mps_report *report = mps_report_new(name, MPS_NONE, NULL);
    mps_tracker *tracker = mps_tracker_new(MPS_TRACK_MPTCP);
    const mps_report_document document = {.style = &(const mps_style){.format = MPS_FORMAT_CSV}};
    mps_analyses_want(tracker, mps_report_needs(report));
    mps_report_write(report, tracker, &document, out);
    mps_tracker_free(tracker);
    mps_report_free(report);
    fclose(out);
    csv[strcspn(csv, "\r\n")] = '\0';
    char **columns = g_strsplit(csv, ",", -1);
    char *list = g_strjoinv(", ", columns);
    fputs("\nColumns of csv: ", stdout);
    mps_text text = {stdout, &(const mps_style){.width = 80}};
    mps_write_wrapped(&text, list, strlen("Columns of csv: "), 2);
    g_free(list);
    g_strfreev(columns);
    free(csv);
}

static void print_report(const char *name)
{
    const mps_cli_option *option;
    printf("Usage: mptcpscope report %s [OPTION]... FILE...\n%s\n\n", name, mps_report_about(name));
    for (unsigned row = 0; (option = mps_cli_option_at(row)); row++)
        if (mps_cli_option_of(&mps_command_report, option->name) == option &&
            mps_cli_report_has_option(name, option))
            mps_cli_write_option(option, stdout);
    print_columns(name);
}

/* Report a name that a command does not know. @return MPS_EXIT_USAGE */
static int unknown_name(const mps_command *command, const char *what, const char *name)
{
    const char *nearest = mps_cli_nearest(name, mps_cli_first_names(command));
    if (nearest)
        mps_cli_message("unknown %s \"%s\"; did you mean \"%s\"?", what, name, nearest);
    else
        mps_cli_message("unknown %s \"%s\"", what, name);
    fprintf(stderr, "Try 'mptcpscope help %s'.\n", command->name);
    return MPS_EXIT_USAGE;
}

/* Run a program of others with --help. @param prefix  of the program's name  @param name  the rest
 * @return the exit status if it cannot be run; -1: there is none */
static int help_external(const char *prefix, char *name)
{
    char help[] = "--help", *argv[] = {name, help, NULL};
    char *program = g_strconcat(prefix, name, NULL);
    const int problem = mps_external_run(argv, program);
    const bool exists = mps_external_exists(program);
    if (exists)
        mps_cli_message("cannot run %s: %s", program, g_strerror(problem));
    g_free(program);
    return exists ? MPS_EXIT_INPUT : -1;
}

/* Print the help of a command, or of a name that it takes. @param name  NULL: of the command */
static int help_command(const mps_command *command, char *name)
{
    const char *const *names = mps_cli_first_names(command);
    if (!name || !names) {
        mps_cli_write_help(command, stdout);
    } else if (!g_strv_contains(names, name)) {
        const bool draws = command->first == MPS_FIRST_PLOT;
        const int status = draws ? help_external("mptcpscope-plot-", name) : -1;
        return status >= 0 ? status : unknown_name(command, draws ? "plot" : "report", name);
    } else if (command->first == MPS_FIRST_REPORT) {
        print_report(name);
    } else {
        mps_cli_write_plot_help(name, stdout);
    }
    return MPS_EXIT_OK;
}

/* @return the first word after those that help can explain: a command, and the name that some take;
 *         NULL: there is none */
static const char *word_too_many(char **words, const mps_command *command)
{
    if (!words[0] || !words[1])
        return NULL;
    return command && mps_cli_first_names(command) ? words[2] : words[1];
}

int mps_cli_help(char **words)
{
    const mps_command *command = words[0] ? mps_cli_command_named(words[0]) : NULL;
    const char *unwanted = word_too_many(words, command);
    if (unwanted) {
        const bool first = unwanted == words[1];
        mps_cli_message("help takes no \"%s\" after \"%s%s%s\"", unwanted, words[0],
                        first ? "" : " ", first ? "" : words[1]);
        fputs("Try 'mptcpscope help'.\n", stderr);
        return MPS_EXIT_USAGE;
    }
    if (!words[0] || strcmp(words[0], "help") == 0 || words[0][0] == '-') {
        mps_cli_write_overview(stdout);
        return MPS_EXIT_OK;
    }
    if (command)
        return help_command(command, words[1]);
    const int status = help_external("mptcpscope-", words[0]);
    if (status >= 0)
        return status;
    if (g_strv_contains(mps_report_names(), words[0]))
        return help_command(&mps_command_report, words[0]);
    if (g_strv_contains(mps_plot_names(), words[0]))
        return help_command(&mps_command_plot, words[0]);
    return mps_cli_unknown_command(words[0]);
}

/* @return the name of a command, or of a report, that is nearest to a word, freed by the caller;
 *         NULL: none is */
static char *nearest_name(const char *word)
{
    GPtrArray *names = g_ptr_array_new(), *externals = mps_externals(false);
    const mps_command *command;
    for (unsigned i = 0; (command = mps_cli_command_at(i)); i++)
        g_ptr_array_add(names, (char *)command->name);
    for (guint i = 0; i < externals->len; i++)
        g_ptr_array_add(names, ((const mps_external *)externals->pdata[i])->name);
    g_ptr_array_add(names, (char *)"help");
    for (const char *const *report = mps_report_names(); *report; report++)
        if (!mps_cli_command_named(*report))
            g_ptr_array_add(names, (char *)*report);
    g_ptr_array_add(names, NULL);
    char *nearest = g_strdup(mps_cli_nearest(word, (const char *const *)names->pdata));
    g_ptr_array_free(names, TRUE);
    g_ptr_array_free(externals, TRUE);
    return nearest;
}

int mps_cli_unknown_command(const char *word)
{
    char *nearest = nearest_name(word);
    char *hint =
        g_strv_contains(mps_report_names(), word)
            ? g_strdup_printf("; it is a report: mptcpscope report %s FILE", word)
        : g_strv_contains(mps_plot_names(), word)
            ? g_strdup_printf("; it is a plot: mptcpscope plot %s FILE -o %s.svg", word, word)
        : nearest ? g_strdup_printf("; did you mean \"%s%s\"?",
                                    g_strv_contains(mps_report_names(), nearest) &&
                                            !mps_cli_command_named(nearest)
                                        ? "report "
                                        : "",
                                    nearest)
        : g_file_test(word, G_FILE_TEST_EXISTS)
            ? g_strdup_printf("; a COMMAND comes before a FILE: mptcpscope summary %s", word)
            : g_strdup("");
    mps_cli_message("unknown command \"%s\"%s", word, hint);
    fputs("Try 'mptcpscope help'.\n", stderr);
    g_free(hint);
    g_free(nearest);
    return MPS_EXIT_USAGE;
}
