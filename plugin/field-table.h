/* field-table.h: our fields and expert info as Wireshark knows them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_FIELD_TABLE_H
#define MPTCPSCOPE_PLUGIN_FIELD_TABLE_H

#include <epan/expert.h>
#include <epan/packet.h>
#include <stdbool.h>

/* docs/fields.md defines each field. Those from FIELD_DATA_ACK on need analyses besides verdicts.
 */
typedef enum {
    FIELD_CONNECTION,
    FIELD_SUBFLOW,
    FIELD_DIRECTION,
    FIELD_CONNECTION_FRAME,
    FIELD_DSN,
    FIELD_DATA_BYTES,
    FIELD_RETRANSMITTED,
    FIELD_REINJECTED,
    FIELD_COPY_OF,
    FIELD_DATA_FIN,
    FIELD_ICMP_ERROR,
    FIELD_DATA_ACK,
    FIELD_MAPPING_FRAME,
    FIELD_REINJECTION_OF,
    FIELD_REINJECTED_IN,
    FIELD_OUT_OF_ORDER,
    FIELD_HOLD,
    FIELD_RTT,
    FIELD_DATA_RTT,
    FIELD_IN_FLIGHT,
    FIELD_DATA_IN_FLIGHT,
    FIELD_EVENT,
    FIELD_HMAC,
    FIELD_CHECKSUM,
    FIELD_FALLBACK,
    FIELD_COUNT,
} mptcpscope_field;

typedef enum {
    EXPERT_JOIN,
    EXPERT_REINJECTION,
    EXPERT_UNSEEN,
    EXPERT_RESET,
    EXPERT_FASTCLOSE,
    EXPERT_FAIL,
    EXPERT_FALLBACK,
    EXPERT_ICMP_ERROR,
    EXPERT_BAD_HMAC,
    EXPERT_BAD_CHECKSUM,
    EXPERT_COUNT,
} mptcpscope_expert;

/** Register all; called once. @param protocol  their protocol's number */
void mptcpscope_field_table_register(int protocol);

/** @return Wireshark's number of a field */
int mptcpscope_field_id(mptcpscope_field field);

/** @return Wireshark's handle of an expert info, static */
expert_field *mptcpscope_expert_info(mptcpscope_expert expert);

/** @return whether the frame is dissected for a field, or for expert info of ours, that needs
 *  analyses besides verdicts. @param tree  of the frame; NULL: none is built */
bool mptcpscope_field_table_needs_analyses(proto_tree *tree);

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
