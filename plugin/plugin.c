/* plugin.c: the symbols that Wireshark looks up when it loads mptcpscope.so.
 *
 *   packet-mptcpscope.c   the post-dissector: what each pass over the frames needs
 *   readings.c            what is known of the open capture, and when it is found out
 *   reading.c             what one tracker says of it
 *   headers.c             finds and decodes the TCP headers of a frame
 *   records.c             keeps the verdicts of all MPTCP segments
 *   delivery.c            shows segments, and passes them to the tap
 *   fields.c              fields and expert info in the protocol tree
 *   field-table.c         their declaration to Wireshark
 *   item-text.c           the line that sums a segment up in the packet details
 *   info-column.c         notes in the column Info
 *   marks.c               what is worth a note in a segment
 *   filters.c             filters for the connection and the subflow of a packet
 *   preferences.c         what the user chose
 *   tap-report.c          the reports of tshark
 *   tap-dump.c            the dump of tshark
 *   tap-table.c           the tables of Wireshark's Statistics menu
 *   window-menu.c         the submenu Statistics → MPTCP
 *   browser-report.c      the report that the command writes for the browser
 *   window-cells.c        the headings and cells of the tables
 *   window-rows.c         the rows that Wireshark draws
 *   window-summary.c      the summary as a window with text
 *   window-frames.c       the numbers of frames in that text
 *   window-accessible.c   makes Qt forget that window when it is closed
 *   taps.c                how reports and the dump begin, fail and end
 *   capture-name.c        which capture file is read
 *   file-end.c            what that file lacks
 *   window.c              whether the plugin runs in Wireshark's window, and the file that is open
 *   compat.h              differences between versions of Wireshark
 *
 * Dependencies go one way: plugin.c, tap-*.c, taps.c, packet-mptcpscope.c, the other files.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compat.h"
#include "packet-mptcpscope.h"
#include "statistics.h"
#include "window.h"
#include <dlfcn.h>
#include <epan/proto.h>
#include <epan/tap.h>
#include <ws_symbol_export.h>
#include <wsutil/report_message.h>

/* Read by Wireshark; it loads the plugin only if the last two are its own version. */
WS_DLL_PUBLIC_DEF const char plugin_version[] = MPTCPSCOPE_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_NUMBER / 100;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_NUMBER % 100;

WS_DLL_PUBLIC void plugin_register(void);
WS_DLL_PUBLIC uint32_t plugin_describe(void);

/* Whether another file with this plugin was loaded before. Wireshark itself leaves out a second
 * mptcpscope.so, but not a copy of another name; to register its protocol twice ends the program.
 */
static bool second_copy;

/* Called by Wireshark once. */
static void register_protocol(void)
{
    Dl_info self;

    second_copy = proto_get_id_by_filter_name("mptcpscope") >= 0;
    if (!second_copy)
        proto_register_mptcpscope();
    else if (dladdr(plugin_version, &self) != 0)
        report_warning("%s is a second copy of the plugin mptcpscope and is not used. Remove it.",
                       self.dli_fname);
}

/* Called by Wireshark once, after all protocols are registered. The tables are registered here
 * because sharkd registers no taps of plugins. */
static void hand_off_protocol(void)
{
    if (second_copy)
        return;
    proto_reg_handoff_mptcpscope();
    if (!mptcpscope_in_tshark()) { /* it has the reports, and would list both */
        mptcpscope_register_tables();
    }
}

/* Called by Wireshark and tshark once, after all protocols are registered. */
static void register_taps(void)
{
    if (second_copy)
        return;
    mptcpscope_register_reports();
    mptcpscope_register_dump();
}

/* Called by Wireshark once, after it has loaded the plugin and before it registers protocols. It
 * keeps the pointers to both structures. */
void plugin_register(void)
{
    static proto_plugin protocol = {register_protocol, hand_off_protocol};
    static tap_plugin taps = {register_taps};

    proto_register_plugin(&protocol);
    tap_register_plugin(&taps);
}

/* Called by Wireshark 4.4 and later when it lists its plugins. */
uint32_t plugin_describe(void)
{
    return WS_PLUGIN_DESC_DISSECTOR | WS_PLUGIN_DESC_TAP_LISTENER;
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
