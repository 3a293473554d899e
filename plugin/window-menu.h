/* window-menu.h: the submenu Statistics → MPTCP.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_WINDOW_MENU_H
#define MPTCPSCOPE_PLUGIN_WINDOW_MENU_H

#include "compat.h"
#include <epan/plugin_if.h>

/** @return the submenu, with its first entries; add others below them */
ext_menu_t *mptcpscope_menu(void);

/** Add an entry that opens the window of a table.
 *  @param title  of the window; lives as long as the program
 *  @param name   as of mptcpscope_open_table(); owned by the entry from now on */
void mptcpscope_menu_add_table(const char *title, char *name);

/** @return why windows can show nothing, static; NULL: a capture is open and analysed */
const char *mptcpscope_no_analysis(void);

#endif

/*
 * Editor modelines
 *
 * Local Variables:
 * c-basic-offset: 4
 * tab-width: 8
 * indent-tabs-mode: nil
 * End:
 *
 * ex: set shiftwidth=4 tabstop=8 expandtab:
 * :indentSize=4:tabSize=8:noTabs=true:
 */
