/* window-menu.c: the submenu Statistics → MPTCP: the summary, the report, then all tables.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "window-menu.h"
#include "browser-report.h"
#include "packet-mptcpscope.h"
#include "preferences.h"
#include "statistics.h"
#include "window-summary.h"
#include <epan/stat_tap_ui.h>
#include <string.h>

/* The submenu has this as its name, so its entries leave it out. */
#define TITLE_PREFIX "MPTCP "

/* Called by Wireshark when the user chooses the entry of a table, `userdata` is its name. */
static void open_table(ext_menubar_gui_type type _U_, void *object _U_, void *userdata)
{
    mptcpscope_open_table((const char *)userdata, NULL);
    start_requested_stats();
}

/* Called by Wireshark when the user chooses the summary of the capture. */
static void open_summary(ext_menubar_gui_type type _U_, void *object _U_, void *userdata _U_)
{
    mptcpscope_open_summary(MPS_NONE);
}

/* Called by Wireshark when the user chooses the summary of one connection. */
static void open_summary_of_packet(ext_menubar_gui_type type _U_, void *object _U_,
                                   void *userdata _U_)
{
    mptcpscope_open_summary_of_packet();
}

const char *mptcpscope_no_analysis(void)
{
    if (mptcpscope_tracker() == NULL) {
        return "No capture is open.";
    }
    if (!proto_is_protocol_enabled(find_protocol_by_id(mptcpscope_protocol()))) {
        return "The protocol MPTCPSCOPE is disabled (Analyze → Enabled Protocols).";
    }
    if (!mptcpscope_prefers_analysis()) {
        return "Preferences leave MPTCP out (Edit → Preferences → Protocols → MPTCPSCOPE).";
    }
    return NULL;
}

ext_menu_t *mptcpscope_menu(void)
{
    static ext_menu_t *menu;

    if (menu == NULL) {
        menu = ext_menubar_register_menu(mptcpscope_protocol(), "MPTCP", TRUE);
        ext_menubar_set_parentmenu(menu, "Statistics");
        ext_menubar_add_entry(menu, "Summary", "Summary of all MPTCP connections, as text",
                              open_summary, NULL);
        ext_menubar_add_entry(menu, "Summary of This Connection",
                              "Summary of the MPTCP connection of the selected packet, as text",
                              open_summary_of_packet, NULL);
        ext_menubar_add_entry(menu, "Report in Browser",
                              "All that the capture shows, as a page for a browser",
                              mptcpscope_report_in_browser, NULL);
        ext_menubar_add_separator(menu);
    }
    return menu;
}

void mptcpscope_menu_add_table(const char *title, char *name)
{
    const bool prefixed = g_str_has_prefix(title, TITLE_PREFIX);

    ext_menubar_add_entry(mptcpscope_menu(), title + (prefixed ? strlen(TITLE_PREFIX) : 0), title,
                          open_table, name);
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
