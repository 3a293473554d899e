/* field-table.c: our fields and expert info as Wireshark knows them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "field-table.h"

static int ids[FIELD_COUNT];
static expert_field infos[EXPERT_COUNT];

/* docs/fields.md defines each field. */
static hf_register_info field_table[] = {
    {&ids[FIELD_CONNECTION],
     {"Connection", "mptcpscope.connection", FT_UINT32, BASE_DEC, NULL, 0x0,
      "Number of the MPTCP connection, from 0 in the order of their first segments", HFILL}},
    {&ids[FIELD_SUBFLOW],
     {"Subflow", "mptcpscope.subflow", FT_UINT32, BASE_DEC, NULL, 0x0,
      "Number of the subflow within its connection", HFILL}},
    {&ids[FIELD_DIRECTION],
     {"Direction", "mptcpscope.direction", FT_STRING, BASE_NONE, NULL, 0x0,
      "Direction of the connection: c2s (client to server) or s2c", HFILL}},
    {&ids[FIELD_CONNECTION_FRAME],
     {"First frame of the connection", "mptcpscope.connection_frame", FT_FRAMENUM, BASE_NONE, NULL,
      0x0, "Frame with the first segment of the connection, on any subflow", HFILL}},
    {&ids[FIELD_DSN],
     {"Data sequence number (relative)", "mptcpscope.dsn", FT_UINT64, BASE_DEC, NULL, 0x0,
      "Number of the first data byte in the segment; the first data byte of the direction is 1",
      HFILL}},
    {&ids[FIELD_DATA_BYTES],
     {"Data bytes", "mptcpscope.data_bytes", FT_UINT32, BASE_DEC, NULL, 0x0,
      "Data-sequence bytes that were not sent before on any subflow", HFILL}},
    {&ids[FIELD_RETRANSMITTED],
     {"Retransmitted bytes", "mptcpscope.retransmitted", FT_UINT32, BASE_DEC, NULL, 0x0,
      "Payload bytes whose sequence numbers were sent before on this subflow", HFILL}},
    {&ids[FIELD_REINJECTED],
     {"Reinjected bytes", "mptcpscope.reinjected", FT_UINT32, BASE_DEC, NULL, 0x0,
      "Data-sequence bytes that were sent before, now with new subflow sequence numbers", HFILL}},
    {&ids[FIELD_COPY_OF],
     {"Copy of", "mptcpscope.copy_of", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
      "The capture shows this segment more than once; the segment in this frame counts", HFILL}},
    {&ids[FIELD_DATA_FIN],
     {"DATA_FIN", "mptcpscope.data_fin", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
      "The segment carries the end of the data of its direction", HFILL}},
    {&ids[FIELD_DATA_ACK],
     {"DATA_ACK (relative)", "mptcpscope.data_ack", FT_UINT64, BASE_DEC, NULL, 0x0,
      "Next data sequence number expected from the other end, whose first data byte is 1", HFILL}},
    {&ids[FIELD_MAPPING_FRAME],
     {"Mapping in frame", "mptcpscope.mapping_frame", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
      "First frame that has the mapping of the payload", HFILL}},
    {&ids[FIELD_REINJECTION_OF],
     {"Reinjection of data in frame", "mptcpscope.reinjection_of", FT_FRAMENUM, BASE_NONE,
      FRAMENUM_TYPE(FT_FRAMENUM_RETRANS_PREV), 0x0,
      "Frame that carried the reinjected bytes before", HFILL}},
    {&ids[FIELD_REINJECTED_IN],
     {"Data reinjected in frame", "mptcpscope.reinjected_in", FT_FRAMENUM, BASE_NONE,
      FRAMENUM_TYPE(FT_FRAMENUM_RETRANS_NEXT), 0x0,
      "Later frame that reinjects bytes of this frame", HFILL}},
    {&ids[FIELD_OUT_OF_ORDER],
     {"Data out of order", "mptcpscope.out_of_order", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
      "Data with lower sequence numbers was missing when the segment arrived", HFILL}},
    {&ids[FIELD_HOLD],
     {"Hold time", "mptcpscope.hold", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
      "Time until all data with lower sequence numbers had arrived", HFILL}},
    {&ids[FIELD_RTT],
     {"RTT", "mptcpscope.rtt", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
      "Round-trip time of the subflow: time since the payload that this segment acknowledges "
      "was sent",
      HFILL}},
    {&ids[FIELD_DATA_RTT],
     {"Data RTT", "mptcpscope.data_rtt", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
      "Round-trip time at data level: time since the data that the DATA_ACK acknowledges was "
      "sent",
      HFILL}},
    {&ids[FIELD_IN_FLIGHT],
     {"Bytes in flight", "mptcpscope.in_flight", FT_UINT32, BASE_DEC, NULL, 0x0,
      "Payload bytes of the subflow that are not acknowledged, including this segment", HFILL}},
    {&ids[FIELD_DATA_IN_FLIGHT],
     {"Data bytes in flight", "mptcpscope.data_in_flight", FT_UINT32, BASE_DEC, NULL, 0x0,
      "Data bytes of all subflows that no DATA_ACK acknowledges yet", HFILL}},
    {&ids[FIELD_EVENT],
     {"Event", "mptcpscope.event", FT_STRING, BASE_NONE, NULL, 0x0,
      "Event of the connection or the subflow, as in the report events", HFILL}},
    {&ids[FIELD_HMAC],
     {"HMAC", "mptcpscope.hmac", FT_STRING, BASE_NONE, NULL, 0x0,
      "Whether the HMAC of MP_JOIN or ADD_ADDR is the one computed from the keys: ok or bad",
      HFILL}},
    {&ids[FIELD_CHECKSUM],
     {"DSS checksum", "mptcpscope.checksum", FT_STRING, BASE_NONE, NULL, 0x0,
      "Checksum of the mapping that this segment completes: ok or bad", HFILL}},
    {&ids[FIELD_FALLBACK],
     {"Fallback", "mptcpscope.fallback", FT_STRING, BASE_NONE, NULL, 0x0,
      "Why the connection falls back to TCP in this frame", HFILL}},
    {&ids[FIELD_ICMP_ERROR],
     {"ICMP error", "mptcpscope.icmp_error", FT_STRING, BASE_NONE, NULL, 0x0,
      "What an ICMP error says about a segment of the subflow", HFILL}},
};

int mptcpscope_field_id(mptcpscope_field field)
{
    return ids[field];
}

expert_field *mptcpscope_expert_info(mptcpscope_expert expert)
{
    return &infos[expert];
}

bool mptcpscope_field_table_needs_analyses(proto_tree *tree)
{
    for (unsigned i = FIELD_DATA_ACK; i < FIELD_COUNT; i++) {
        if (proto_field_is_referenced(tree, ids[i])) {
            return true;
        }
    }
    for (unsigned i = 0; i < EXPERT_COUNT; i++) {
        if (proto_field_is_referenced(tree, infos[i].hf)) {
            return true;
        }
    }
    return false;
}

/* Severities are those that Wireshark gives to the like of plain TCP. */
static ei_register_info expert_table[] = {
    {&infos[EXPERT_JOIN],
     {"mptcpscope.expert.join", PI_SEQUENCE, PI_CHAT, "A subflow joins the connection", EXPFILL}},
    {&infos[EXPERT_REINJECTION],
     {"mptcpscope.expert.reinjection", PI_SEQUENCE, PI_NOTE,
      "Data is sent again, under a new subflow sequence number", EXPFILL}},
    {&infos[EXPERT_UNSEEN],
     {"mptcpscope.expert.unseen", PI_SEQUENCE, PI_WARN,
      "DATA_ACK of data that is not in the capture", EXPFILL}},
    {&infos[EXPERT_RESET],
     {"mptcpscope.expert.reset", PI_SEQUENCE, PI_WARN, "Subflow reset", EXPFILL}},
    {&infos[EXPERT_FASTCLOSE],
     {"mptcpscope.expert.fastclose", PI_SEQUENCE, PI_WARN, "Connection closed by MP_FASTCLOSE",
      EXPFILL}},
    {&infos[EXPERT_FAIL],
     {"mptcpscope.expert.fail", PI_CHECKSUM, PI_WARN,
      "MP_FAIL: the other end found a wrong DSS checksum", EXPFILL}},
    {&infos[EXPERT_FALLBACK],
     {"mptcpscope.expert.fallback", PI_PROTOCOL, PI_WARN, "Fallback to TCP", EXPFILL}},
    {&infos[EXPERT_ICMP_ERROR],
     {"mptcpscope.expert.icmp_error", PI_SEQUENCE, PI_NOTE, "ICMP error about a subflow", EXPFILL}},
    {&infos[EXPERT_BAD_HMAC],
     {"mptcpscope.expert.bad_hmac", PI_SECURITY, PI_ERROR,
      "HMAC differs from the one computed from the keys", EXPFILL}},
    {&infos[EXPERT_BAD_CHECKSUM],
     {"mptcpscope.expert.bad_checksum", PI_CHECKSUM, PI_ERROR, "DSS checksum is wrong", EXPFILL}},
};

void mptcpscope_field_table_register(int protocol)
{
    proto_register_field_array(protocol, field_table, array_length(field_table));
    expert_register_field_array(expert_register_protocol(protocol), expert_table,
                                array_length(expert_table));
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
