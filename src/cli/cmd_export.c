/* cmd_export.c: mptcpscope export FILE -o PATH: segments and flows as tables of an HDF5 file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cli.h"
#include "interrupt.h"
#include <mptcpscope/export.h>

/* Read the file. @return the exit status */
static int read_all(const mps_cli *cli, mps_export *export, mps_source *source)
{
    const char *path = cli->arguments[0];
    GError *error = NULL;
    mps_interrupt interrupt;
    mps_interrupt_begin(&interrupt, source);
    mps_progress_begin(cli->progress, path, source);
    const bool read = mps_export_read(export, source, &error);
    mps_progress_end(cli->progress, path);
    mps_interrupt_end(&interrupt);
    if (!read)
        return mps_cli_fail(path, error);
    return mps_cli_check_read(cli, path, mps_source_cut_off(source), mps_export_tracker(export));
}

static int export_source(const mps_cli *cli, mps_source *source)
{
    const mps_export_choice choice = {cli->connection, cli->plain_tcp};
    GError *error = NULL;
    mps_export *export = mps_export_new(cli->output, &choice, &error);
    if (!export)
        return mps_cli_fail_output(cli->output, error);
    const int status = read_all(cli, export, source);
    if (status != MPS_EXIT_OK) {
        mps_export_discard(export);
        return status;
    }
    return mps_export_commit(export, source, &error) ? MPS_EXIT_OK
                                                     : mps_cli_fail_output(cli->output, error);
}

static int run(const mps_cli *cli)
{
    GError *error = NULL;
    if (!cli->output)
        return mps_cli_usage(&mps_command_export,
                             "export needs --output with the path of the HDF5 file (flows.h5)");
    mps_source *source = mps_source_open(cli->arguments[0], &error);
    if (!source)
        return mps_cli_fail(cli->arguments[0], error);
    const int status = export_source(cli, source);
    mps_source_close(source);
    return status;
}

const mps_command mps_command_export = {
    .name = "export",
    .bit = MPS_CMD_EXPORT,
    .arguments = "FILE",
    .needs = "a FILE",
    .summary = "segments and flows as tables of an HDF5 file, for pandas and other programs",
    .argument_count = 1,
    .run = run,
};
