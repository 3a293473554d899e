/* compat.h: differences between the plugin interfaces of Wireshark 4.0, 4.4 and 4.6.
 *
 * The build defines WIRESHARK_VERSION_NUMBER: 400, 404 or 406.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_COMPAT_H
#define MPTCPSCOPE_PLUGIN_COMPAT_H

#include <epan/packet.h>
#include <stdbool.h>
#include <stdlib.h>

/* Flags that plugin_describe() returns. 4.0 does not call it and has no header for them. */
#if WIRESHARK_VERSION_NUMBER >= 404
#include <wsutil/plugins.h>
#else
#define WS_PLUGIN_DESC_DISSECTOR (1UL << 0)
#define WS_PLUGIN_DESC_TAP_LISTENER (1UL << 4)
#endif

/* What is true or false in Wireshark's interfaces. */
#if WIRESHARK_VERSION_NUMBER >= 404
typedef bool ws_bool;
#else
typedef gboolean ws_bool;
#endif

/* What callbacks of Analyze → Conversation Filter take, and what registers them. */
#if WIRESHARK_VERSION_NUMBER >= 404
#define CONVERSATION_FILTER_PARAMETERS packet_info *pinfo, void *data _U_
#define REGISTER_CONVERSATION_FILTER(TITLE, IS_VALID, BUILD)                                       \
    register_conversation_filter("mptcpscope", TITLE, IS_VALID, BUILD, NULL)
#else
#define CONVERSATION_FILTER_PARAMETERS packet_info *pinfo
#define REGISTER_CONVERSATION_FILTER(TITLE, IS_VALID, BUILD)                                       \
    register_conversation_filter("mptcpscope", TITLE, IS_VALID, BUILD)
#endif

/* @return the conversation_t of the TCP connection with pinfo's addresses and ports, or NULL */
#if WIRESHARK_VERSION_NUMBER >= 406
#define FIND_TCP_CONVERSATION(pinfo) find_conversation_strat(pinfo, CONVERSATION_TCP, 0, false)
#elif WIRESHARK_VERSION_NUMBER >= 404
#define FIND_TCP_CONVERSATION(pinfo) find_conversation_strat(pinfo, CONVERSATION_TCP, 0)
#else
#define FIND_TCP_CONVERSATION(pinfo)                                                               \
    find_conversation((pinfo)->num, &(pinfo)->src, &(pinfo)->dst, CONVERSATION_TCP,                \
                      (pinfo)->srcport, (pinfo)->destport, 0)
#endif

/* Define NAME, a callback that Wireshark calls to start a statistic of -z. It calls START, which
 * returns whether it could. Since 4.6 the callback returns that. Before, it ends the program, as
 * the statistics of tshark do, except in Wireshark's window (4.6 does the same by itself). The file
 * that uses it includes window.h. */
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
