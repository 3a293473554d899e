/* window-accessible.h: makes Qt forget a window with text that is closed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_WINDOW_ACCESSIBLE_H
#define MPTCPSCOPE_PLUGIN_WINDOW_ACCESSIBLE_H

#include <epan/funnel.h>

/** Make Qt forget the description of a window for assistive technology, such as screen readers. To
 *  be called when the window is closed, before it is deleted.
 *
 *  Qt drops the description when the window signals that it is destroyed. Wireshark disconnects all
 *  signals of a window with text before it deletes it (FunnelTextDialog::reject()), so the
 *  description stays. The next window may lie at the same address; then Qt 6.8 takes the old
 *  description when the title is set, and Wireshark crashes, with windows of Lua scripts, too. */
void mptcpscope_forget_accessible(const funnel_text_window_t *window);

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
