/* config.h: the user's configuration file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CONFIG_H
#define MPS_CONFIG_H

#include "cli.h"

/** Read the configuration file, mptcpscope/config in the folder XDG_CONFIG_HOME (~/.config where
 *  that is not set), and set what it says and no option says. Without a file nothing is set.
 *  @param cli  with all options  @return the exit status; what is wrong was reported */
int mps_config_read(mps_cli *cli, const mps_command *command);

#endif
