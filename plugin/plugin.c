/* plugin.c: what Wireshark looks up in mptcpscope.so when it loads it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compat.h"
#include "packet-mptcpscope.h"
#include "taps.h"
#include <epan/proto.h>
#include <epan/tap.h>
#include <ws_symbol_export.h>

/* Wireshark loads the plugin only if these two are its own version. */
WS_DLL_PUBLIC_DEF const char plugin_version[] = MPTCPSCOPE_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_NUMBER / 100;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_NUMBER % 100;

WS_DLL_PUBLIC void plugin_register(void);
WS_DLL_PUBLIC uint32_t plugin_describe(void);

/* Called by Wireshark once, when it loaded the plugin, before any protocol is registered. */
void plugin_register(void)
{
    static proto_plugin protocol = {proto_register_mptcpscope, proto_reg_handoff_mptcpscope};
    static tap_plugin taps = {mptcpscope_register_taps};

    proto_register_plugin(&protocol);
    tap_register_plugin(&taps);
}

/* Called by Wireshark 4.4 and later, for its list of plugins. */
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
