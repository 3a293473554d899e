/* window.h: whether the plugin runs in Wireshark's window.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_WINDOW_H
#define MPTCPSCOPE_PLUGIN_WINDOW_H

#include <stdbool.h>

/** @return true in tshark; known before statistics are registered */
bool mptcpscope_in_tshark(void);

/** @return true in Wireshark with its window, false in tshark and sharkd */
bool mptcpscope_in_window(void);

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
