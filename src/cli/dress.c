/* dress.c: finds out how what a command writes is shown: width, colours, pager, progress.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config.h"
#include "terminal.h"
#include <mptcpscope/output.h>
#include <unistd.h>

/* @return whether text has colours. @param terminal  it goes to one */
static bool has_colours(const mps_cli *cli, bool terminal)
{
    const char *unwanted = g_getenv("NO_COLOR");
    if (cli->style.format != MPS_FORMAT_TEXT)
        return false;
    if (cli->color == MPS_COLOR_ALWAYS || cli->color == MPS_COLOR_NEVER)
        return cli->color == MPS_COLOR_ALWAYS;
    return terminal && !(unwanted && *unwanted) && !mps_terminal_is_dumb();
}

int mps_cli_dress(mps_cli *cli, const mps_command *command)
{
    /* Images, pages and HDF5 are for files. */
    const bool readable = !(command->bit & (MPS_CMD_PLOT | MPS_CMD_HTML | MPS_CMD_EXPORT));
    const bool terminal = readable && mps_output_is_standard(cli->output) && isatty(STDOUT_FILENO);
    const int status = terminal && !cli->no_config ? mps_config_read(cli, command) : MPS_EXIT_OK;
    if (status != MPS_EXIT_OK)
        return status;
    cli->to_terminal = terminal;
    if (terminal)
        cli->style.width = mps_terminal_width(STDOUT_FILENO);
    cli->style.colours = readable && has_colours(cli, terminal);
    if (terminal && !cli->no_pager)
        cli->pager = mps_pager_new(cli->pager_command);
    cli->progress = mps_progress_new();
    return MPS_EXIT_OK;
}

void mps_cli_undress(mps_cli *cli)
{
    mps_progress_free(cli->progress);
    mps_pager_end(cli->pager);
    g_free(cli->pager_command);
}
