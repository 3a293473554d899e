/* browser-report.h: Statistics → MPTCP → Report in Browser.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_BROWSER_REPORT_H
#define MPTCPSCOPE_PLUGIN_BROWSER_REPORT_H

#include <epan/plugin_if.h>

/** Let the command mptcpscope write the report of the open capture file as a page, and open that in
 *  the browser. Returns at once; a progress window can stop it, and errors are shown.
 *  The type is that of a menu's callback, whose arguments are not used. */
void mptcpscope_report_in_browser(ext_menubar_gui_type type, void *object, void *userdata);

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
