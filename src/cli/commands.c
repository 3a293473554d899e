/* commands.c: the list of all commands that are built in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cli.h"
#include <string.h>

static const mps_command *const commands[] = {
    &mps_command_report,       &mps_command_map,  &mps_command_owd,           &mps_command_clock,
    &mps_command_reinjections, &mps_command_diff, &mps_command_critical_path, &mps_command_summary,
    &mps_command_plot,         &mps_command_flow, &mps_command_html,          &mps_command_numerics,
    &mps_command_export};

const mps_command *mps_cli_command_at(unsigned place)
{
    return place < G_N_ELEMENTS(commands) ? commands[place] : NULL;
}

const mps_command *mps_cli_command_named(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}
