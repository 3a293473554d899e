/* compat.h: what differs between the plugin interfaces of Wireshark 4.0, 4.4 and 4.6.
 *
 * The build tells the version that it found in WIRESHARK_VERSION_NUMBER: 400, 404, 406.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_COMPAT_H
#define MPTCPSCOPE_PLUGIN_COMPAT_H

#include <epan/packet.h>
#include <stdbool.h>
#include <stdlib.h>

/* What plugin_describe() answers. 4.0 neither asks nor ships the header that names the flags. */
#if WIRESHARK_VERSION_NUMBER >= 404
#include <wsutil/plugins.h>
#else
#define WS_PLUGIN_DESC_DISSECTOR (1UL << 0)
#define WS_PLUGIN_DESC_TAP_LISTENER (1UL << 4)
#endif

/* Find the TCP connection of pinfo's addresses and ports. */
#if WIRESHARK_VERSION_NUMBER >= 406
#define FIND_TCP_CONVERSATION(pinfo) find_conversation_strat(pinfo, CONVERSATION_TCP, 0, false)
#elif WIRESHARK_VERSION_NUMBER >= 404
#define FIND_TCP_CONVERSATION(pinfo) find_conversation_strat(pinfo, CONVERSATION_TCP, 0)
#else
#define FIND_TCP_CONVERSATION(pinfo)                                                               \
    find_conversation((pinfo)->num, &(pinfo)->src, &(pinfo)->dst, CONVERSATION_TCP,                \
                      (pinfo)->srcport, (pinfo)->destport, 0)
#endif

/* Define NAME, a callback that starts a statistic asked for with -z: it calls START, which says
 * whether it could. From 4.6 on tshark asks for that answer; before, tshark's own statistics end
 * the program themselves. Wireshark's window stays (4.6 does so by itself). */
#if WIRESHARK_VERSION_NUMBER >= 406
#define DEFINE_STAT_TAP_INIT(NAME, START)                                                          \
    static bool NAME(const char *argument, void *userdata)                                         \
    {                                                                                              \
        return START(argument, userdata);                                                          \
    }
#else
#define DEFINE_STAT_TAP_INIT(NAME, START)                                                          \
    static void NAME(const char *argument, void *userdata)                                         \
    {                                                                                              \
        if (!START(argument, userdata) && !mptcpscope_in_window()) {                               \
            exit(1);                                                                               \
        }                                                                                          \
    }
#endif

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
