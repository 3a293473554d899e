/* window.c: whether the plugin runs in Wireshark's window, and which file is open in it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "window.h"
#include <epan/funnel.h>

/* Wireshark, tshark and sharkd set the program's name before they register anything. */
bool mptcpscope_in_tshark(void)
{
    return g_strcmp0(g_get_prgname(), "tshark") == 0;
}

bool mptcpscope_in_sharkd(void)
{
    return g_strcmp0(g_get_prgname(), "sharkd") == 0;
}

/* Wireshark's window provides dialogs for scripts; tshark and sharkd do not. */
bool mptcpscope_in_window(void)
{
    const funnel_ops_t *ops = funnel_get_funnel_ops();

    return ops != NULL && ops->new_dialog != NULL;
}

const ws_info_t *mptcpscope_window_state(void)
{
    ws_info_t *state = NULL;

    if (mptcpscope_in_window()) {
        plugin_if_get_ws_info(&state);
    }
    return state;
}

const char *mptcpscope_open_file(void)
{
    const ws_info_t *state = mptcpscope_window_state();

    return state != NULL && state->cf_state == FILE_READ_DONE ? state->cf_filename : NULL;
}

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
