/* null-tap.c: a tap that does nothing, to measure the cost of Wireshark's dissection alone.
 *
 *   tshark -q -z mptcpscope-null
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <epan/packet.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <stdlib.h>
#include <ws_symbol_export.h>

WS_DLL_PUBLIC_DEF const char plugin_version[] = "1";
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_NUMBER / 100;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_NUMBER % 100;
WS_DLL_PUBLIC void plugin_register(void);

static int listener; /* its address identifies the listener */

/* Called by the tap system for each TCP segment. */
static tap_packet_status ignore_packet(void *tapdata _U_, packet_info *pinfo _U_,
                                       epan_dissect_t *edt _U_, const void *data _U_,
                                       tap_flags_t flags _U_)
{
    return TAP_PACKET_DONT_REDRAW;
}

static bool listen(void)
{
    return register_tap_listener("tcp", &listener, NULL, 0, NULL, ignore_packet, NULL, NULL) ==
           NULL;
}

/* Called by tshark for -z mptcpscope-null. */
#if WIRESHARK_VERSION_NUMBER >= 406
static bool start(const char *argument _U_, void *userdata _U_)
{
    return listen();
}
#else
static void start(const char *argument _U_, void *userdata _U_)
{
    if (!listen()) {
        exit(1);
    }
}
#endif

static void register_null(void)
{
    static stat_tap_ui ui = {
        REGISTER_PACKET_STAT_GROUP_UNSORTED, NULL, "mptcpscope-null", start, 0, NULL};
    register_stat_tap_ui(&ui, NULL);
}

void plugin_register(void)
{
    static tap_plugin plugin = {register_null};
    tap_register_plugin(&plugin);
}
