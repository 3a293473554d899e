/* filters.c: Analyze → Conversation Filter → MPTCP connection and MPTCP subflow, also
 * in the context menu of a packet and as colours of a conversation. Wireshark asks for the selected
 * packet, and disables an entry that has no filter for it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "filters.h"
#include "compat.h"
#include "packet-mptcpscope.h"
#include <epan/conversation_filter.h>

static ws_bool is_mptcp(CONVERSATION_FILTER_PARAMETERS)
{
    uint32_t connection, subflow;

    return mptcpscope_numbers_in_frame(pinfo->num, &connection, &subflow);
}

/* @return a filter, which Wireshark frees; NULL: the packet is not of MPTCP */
static char *connection_filter(CONVERSATION_FILTER_PARAMETERS)
{
    uint32_t connection, subflow;

    if (!mptcpscope_numbers_in_frame(pinfo->num, &connection, &subflow)) {
        return NULL;
    }
    return g_strdup_printf("mptcpscope.connection == %u", connection);
}

/* The same. */
static char *subflow_filter(CONVERSATION_FILTER_PARAMETERS)
{
    uint32_t connection, subflow;

    if (!mptcpscope_numbers_in_frame(pinfo->num, &connection, &subflow)) {
        return NULL;
    }
    return g_strdup_printf("mptcpscope.connection == %u && mptcpscope.subflow == %u", connection,
                           subflow);
}

void mptcpscope_filters_register(void)
{
    REGISTER_CONVERSATION_FILTER("MPTCP connection", is_mptcp, connection_filter);
    REGISTER_CONVERSATION_FILTER("MPTCP subflow", is_mptcp, subflow_filter);
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
