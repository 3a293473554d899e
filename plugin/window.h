/* window.h: whether the plugin runs in Wireshark's window, and which file is open in it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_WINDOW_H
#define MPTCPSCOPE_PLUGIN_WINDOW_H

#include <cfile.h>
#include <epan/plugin_if.h>
#include <stdbool.h>

/** @return true in tshark; known before statistics are registered */
bool mptcpscope_in_tshark(void);

/** @return true in sharkd; known before statistics are registered */
bool mptcpscope_in_sharkd(void);

/** @return true in Wireshark with its window, false in tshark and sharkd */
bool mptcpscope_in_window(void);

/** @return what is open and selected in Wireshark's window, owned by it; NULL: this is not that */
const ws_info_t *mptcpscope_window_state(void);

/** @return the path of the file that is open in Wireshark's window, owned by it; NULL: there is
 * none, it is not read to its end yet, or this is not Wireshark's window */
const char *mptcpscope_open_file(void);

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
