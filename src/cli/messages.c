/* messages.c: says on standard error what is wrong.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cli.h"
#include <mptcpscope/output.h>
#include <mptcpscope/printable.h>

void mps_cli_message(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    char *message = g_strdup_vprintf(format, values);
    va_end(values);
    fputs("mptcpscope: ", stderr);
    mps_put_printable(stderr, message);
    putc('\n', stderr);
    g_free(message);
}

int mps_cli_usage(const mps_command *command, const char *message)
{
    mps_cli_message("%s", message);
    fprintf(stderr, "Try 'mptcpscope %s --help'.\n", command->name);
    return MPS_EXIT_USAGE;
}

int mps_cli_check_chosen(const mps_cli *cli, const char *path, const mps_tracker *tracker)
{
    GError *error = NULL;
    if (mps_tracker_has(tracker, cli->connection, cli->end_subflow, &error))
        return MPS_EXIT_OK;
    return mps_cli_fail(path, error);
}

int mps_cli_check_read(const mps_cli *cli, const char *path, const char *cut_off,
                       const mps_tracker *tracker)
{
    const int status = mps_cli_check_end(cli, path, cut_off);
    return status == MPS_EXIT_OK ? mps_cli_check_chosen(cli, path, tracker) : status;
}

int mps_cli_check_end(const mps_cli *cli, const char *path, const char *cut_off)
{
    if (!cut_off)
        return MPS_EXIT_OK;
    mps_cli_message("%s: %s%s%s", path, cli->strict ? "" : "warning: ", cut_off,
                    cli->strict ? "" : "; what came before is used");
    return cli->strict ? MPS_EXIT_INPUT : MPS_EXIT_OK;
}

int mps_cli_fail(const char *path, GError *error)
{
    mps_cli_message("%s: %s", path, error->message);
    g_error_free(error);
    return MPS_EXIT_INPUT;
}

int mps_cli_fail_output(const char *path, GError *error)
{
    return mps_cli_fail(mps_output_is_standard(path) ? "standard output" : path, error);
}
