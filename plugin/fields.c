/* fields.c: fields in the protocol tree and expert info that show what is known about a segment.
 *
 * The library computes all figures; docs/fields.md defines them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fields.h"
#include "compat.h"
#include "window.h"
#include <epan/expert.h>
#include <epan/tap.h>
#include <mptcpscope/fields.h>
#include <string.h>

static int proto_mptcpscope = -1;
static int expert_tap;

static int hf_mptcpscope_connection = -1;
static int hf_mptcpscope_subflow = -1;
static int hf_mptcpscope_direction = -1;
static int hf_mptcpscope_dsn = -1;
static int hf_mptcpscope_data_bytes = -1;
static int hf_mptcpscope_retransmitted = -1;
static int hf_mptcpscope_reinjected = -1;
static int hf_mptcpscope_data_fin = -1;
static int hf_mptcpscope_copy_of = -1;
static int hf_mptcpscope_data_ack = -1;
static int hf_mptcpscope_mapping_frame = -1;
static int hf_mptcpscope_reinjection_of = -1;
static int hf_mptcpscope_reinjected_in = -1;
static int hf_mptcpscope_out_of_order = -1;
static int hf_mptcpscope_hold = -1;
static int hf_mptcpscope_rtt = -1;
static int hf_mptcpscope_data_rtt = -1;
static int hf_mptcpscope_in_flight = -1;
static int hf_mptcpscope_data_in_flight = -1;
static int hf_mptcpscope_event = -1;
static int hf_mptcpscope_hmac = -1;
static int hf_mptcpscope_checksum = -1;
static int hf_mptcpscope_fallback = -1;
static int hf_mptcpscope_icmp_error = -1;

static int ett_mptcpscope = -1;

static expert_field ei_mptcpscope_reinjection = EI_INIT;
static expert_field ei_mptcpscope_unseen = EI_INIT;
static expert_field ei_mptcpscope_reset = EI_INIT;
static expert_field ei_mptcpscope_fallback = EI_INIT;
static expert_field ei_mptcpscope_bad_hmac = EI_INIT;
static expert_field ei_mptcpscope_bad_checksum = EI_INIT;

/* docs/fields.md defines each field. */
static hf_register_info field_table[] = {
    {&hf_mptcpscope_connection,
     {"Connection", "mptcpscope.connection", FT_UINT32, BASE_DEC, NULL, 0x0,
      "Number of the MPTCP connection, from 0 in the order of their first segments", HFILL}},
    {&hf_mptcpscope_subflow,
     {"Subflow", "mptcpscope.subflow", FT_UINT32, BASE_DEC, NULL, 0x0,
      "Number of the subflow within its connection", HFILL}},
    {&hf_mptcpscope_direction,
     {"Direction", "mptcpscope.direction", FT_STRING, BASE_NONE, NULL, 0x0,
      "Direction of the connection: c2s (client to server) or s2c", HFILL}},
    {&hf_mptcpscope_dsn,
     {"Data sequence number (relative)", "mptcpscope.dsn", FT_UINT64, BASE_DEC, NULL, 0x0,
      "Number of the first data byte in the segment; the first data byte of the direction is 1",
      HFILL}},
    {&hf_mptcpscope_data_bytes,
     {"Data bytes", "mptcpscope.data_bytes", FT_UINT32, BASE_DEC, NULL, 0x0,
      "Data-sequence bytes that were not sent before on any subflow", HFILL}},
    {&hf_mptcpscope_retransmitted,
     {"Retransmitted bytes", "mptcpscope.retransmitted", FT_UINT32, BASE_DEC, NULL, 0x0,
      "Payload bytes whose sequence numbers were sent before on this subflow", HFILL}},
    {&hf_mptcpscope_reinjected,
     {"Reinjected bytes", "mptcpscope.reinjected", FT_UINT32, BASE_DEC, NULL, 0x0,
      "Data-sequence bytes that were sent before, now with new subflow sequence numbers", HFILL}},
    {&hf_mptcpscope_copy_of,
     {"Copy of", "mptcpscope.copy_of", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
      "The capture shows this segment more than once; the segment in this frame counts", HFILL}},
    {&hf_mptcpscope_data_fin,
     {"DATA_FIN", "mptcpscope.data_fin", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
      "The segment carries the end of the data of its direction", HFILL}},
    {&hf_mptcpscope_data_ack,
     {"DATA_ACK (relative)", "mptcpscope.data_ack", FT_UINT64, BASE_DEC, NULL, 0x0,
      "Next data sequence number expected from the other end, whose first data byte is 1", HFILL}},
    {&hf_mptcpscope_mapping_frame,
     {"Mapping in frame", "mptcpscope.mapping_frame", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
      "First frame that has the mapping of the payload", HFILL}},
    {&hf_mptcpscope_reinjection_of,
     {"Reinjection of data in frame", "mptcpscope.reinjection_of", FT_FRAMENUM, BASE_NONE,
      FRAMENUM_TYPE(FT_FRAMENUM_RETRANS_PREV), 0x0,
      "Frame that carried the reinjected bytes before", HFILL}},
    {&hf_mptcpscope_reinjected_in,
     {"Data reinjected in frame", "mptcpscope.reinjected_in", FT_FRAMENUM, BASE_NONE,
      FRAMENUM_TYPE(FT_FRAMENUM_RETRANS_NEXT), 0x0,
      "Later frame that reinjects bytes of this frame", HFILL}},
    {&hf_mptcpscope_out_of_order,
     {"Data out of order", "mptcpscope.out_of_order", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
      "Data with lower sequence numbers was missing when the segment arrived", HFILL}},
    {&hf_mptcpscope_hold,
     {"Hold time", "mptcpscope.hold", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
      "Time until all data with lower sequence numbers had arrived", HFILL}},
    {&hf_mptcpscope_rtt,
     {"RTT", "mptcpscope.rtt", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
      "Round-trip time of the subflow: time since the payload that this segment acknowledges "
      "was sent",
      HFILL}},
    {&hf_mptcpscope_data_rtt,
     {"Data RTT", "mptcpscope.data_rtt", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
      "Round-trip time at data level: time since the data that the DATA_ACK acknowledges was "
      "sent",
      HFILL}},
    {&hf_mptcpscope_in_flight,
     {"Bytes in flight", "mptcpscope.in_flight", FT_UINT32, BASE_DEC, NULL, 0x0,
      "Payload bytes of the subflow that are not acknowledged, including this segment", HFILL}},
    {&hf_mptcpscope_data_in_flight,
     {"Data bytes in flight", "mptcpscope.data_in_flight", FT_UINT32, BASE_DEC, NULL, 0x0,
      "Data bytes of all subflows that no DATA_ACK acknowledges yet", HFILL}},
    {&hf_mptcpscope_event,
     {"Event", "mptcpscope.event", FT_STRING, BASE_NONE, NULL, 0x0,
      "Event of the connection or the subflow, as in the report events", HFILL}},
    {&hf_mptcpscope_hmac,
     {"HMAC", "mptcpscope.hmac", FT_STRING, BASE_NONE, NULL, 0x0,
      "Whether the HMAC of MP_JOIN or ADD_ADDR is the one computed from the keys: ok or bad",
      HFILL}},
    {&hf_mptcpscope_checksum,
     {"DSS checksum", "mptcpscope.checksum", FT_STRING, BASE_NONE, NULL, 0x0,
      "Checksum of the mapping that this segment completes: ok or bad", HFILL}},
    {&hf_mptcpscope_fallback,
     {"Fallback", "mptcpscope.fallback", FT_STRING, BASE_NONE, NULL, 0x0,
      "Why the connection falls back to TCP in this frame", HFILL}},
    {&hf_mptcpscope_icmp_error,
     {"ICMP error", "mptcpscope.icmp_error", FT_STRING, BASE_NONE, NULL, 0x0,
      "What an ICMP error says about a segment of the subflow", HFILL}},
};

/* Fields that need analyses besides verdicts. */
static const int *const analysis_fields[] = {&hf_mptcpscope_data_ack,
                                             &hf_mptcpscope_mapping_frame,
                                             &hf_mptcpscope_reinjection_of,
                                             &hf_mptcpscope_reinjected_in,
                                             &hf_mptcpscope_out_of_order,
                                             &hf_mptcpscope_hold,
                                             &hf_mptcpscope_rtt,
                                             &hf_mptcpscope_data_rtt,
                                             &hf_mptcpscope_in_flight,
                                             &hf_mptcpscope_data_in_flight,
                                             &hf_mptcpscope_event,
                                             &hf_mptcpscope_hmac,
                                             &hf_mptcpscope_checksum,
                                             &hf_mptcpscope_fallback};
static const expert_field *const expert_fields[] = {
    &ei_mptcpscope_reinjection, &ei_mptcpscope_unseen,   &ei_mptcpscope_reset,
    &ei_mptcpscope_fallback,    &ei_mptcpscope_bad_hmac, &ei_mptcpscope_bad_checksum};

/* A segment that is shown and where. Valid during one call of mptcpscope_fields_show(). */
typedef struct {
    const mps_tracker *tracker;
    const mps_verdict *verdict;
    tvbuff_t *frame;
    packet_info *pinfo;
    proto_tree *tree;
} segment_view;

static proto_item *generated(proto_item *item)
{
    proto_item_set_generated(item);
    return item;
}

static proto_item *add_uint(const segment_view *to, int hf, uint32_t value)
{
    return generated(proto_tree_add_uint(to->tree, hf, to->frame, 0, 0, value));
}

static proto_item *add_string(const segment_view *to, int hf, const char *value)
{
    return generated(proto_tree_add_string(to->tree, hf, to->frame, 0, 0, value));
}

static proto_item *add_true(const segment_view *to, int hf)
{
    return generated(proto_tree_add_boolean(to->tree, hf, to->frame, 0, 0, TRUE));
}

static void add_time(const segment_view *to, int hf, int64_t ns)
{
    const int64_t second = 1000000000;
    nstime_t value = {.secs = (time_t)(ns / second), .nsecs = (int)(ns % second)};

    generated(proto_tree_add_time(to->tree, hf, to->frame, 0, 0, &value));
}

/* Show a number of bytes if it is positive, so that the name of the field alone is a filter.
 * Negative numbers correct what an earlier segment counted and are not shown. */
static void add_bytes(const segment_view *to, int hf, int64_t value)
{
    if (value > 0) {
        add_uint(to, hf, (uint32_t)value);
    }
}

static void add_known(const segment_view *to, int hf, uint32_t value)
{
    if (value != MPS_NONE) {
        add_uint(to, hf, value);
    }
}

static void add_frames(const segment_view *to, int hf, const mps_frames *frames)
{
    for (unsigned i = 0; i < frames->count; i++) {
        add_uint(to, hf, frames->frames[i]);
    }
}

static proto_item *add_dsn(const segment_view *to, int hf, const mps_dsn *dsn)
{
    if (!dsn->has_relative) {
        return NULL;
    }
    return generated(proto_tree_add_uint64(to->tree, hf, to->frame, 0, 0, dsn->relative));
}

/* Add the tree of a frame, with the numbers of its subflow.
 * @param tree  of Wireshark; to->tree is set to ours
 * @return false: the subflow belongs to no connection */
static bool begin_tree(segment_view *to, proto_tree *tree, uint32_t id, uint8_t half)
{
    uint32_t connection, subflow;
    const char *direction;
    proto_item *item;

    mps_tracker_numbers(to->tracker, id, &connection, &subflow);
    if (connection == MPS_NONE) {
        return false;
    }
    direction = mps_direction_name(mps_tracker_direction(to->tracker, id, half));
    item = generated(proto_tree_add_protocol_format(tree, proto_mptcpscope, to->frame, 0, 0,
                                                    "MPTCP scope, Connection: %u, Subflow: %u, %s",
                                                    connection, subflow, direction));
    to->tree = proto_item_add_subtree(item, ett_mptcpscope);
    add_uint(to, hf_mptcpscope_connection, connection);
    add_uint(to, hf_mptcpscope_subflow, subflow);
    add_string(to, hf_mptcpscope_direction, direction);
    return true;
}

/* Show the verdict, which every segment has. */
static void show_verdict(const segment_view *to)
{
    const mps_verdict *verdict = to->verdict;
    mps_dsn dsn = mps_tracker_dsn(to->tracker, verdict);
    uint32_t copy_of = mps_tracker_copy_of(to->tracker, verdict);

    if (copy_of > 0) {
        add_uint(to, hf_mptcpscope_copy_of, copy_of);
    }
    add_dsn(to, hf_mptcpscope_dsn, &dsn);
    if (verdict->data_fin) {
        add_true(to, hf_mptcpscope_data_fin);
    }
    add_bytes(to, hf_mptcpscope_data_bytes, verdict->data);
    add_bytes(to, hf_mptcpscope_retransmitted, verdict->retransmitted);
    if (verdict->reinjected > 0) {
        expert_add_info(to->pinfo,
                        add_uint(to, hf_mptcpscope_reinjected, (uint32_t)verdict->reinjected),
                        &ei_mptcpscope_reinjection);
    }
}

/* Show sequence numbers, order, round-trip times and bytes in flight. */
static void show_data(const segment_view *to, const mps_fields *fields)
{
    proto_item *item;

    if (fields->has_data_ack) {
        item = add_dsn(to, hf_mptcpscope_data_ack, &fields->data_ack);
        if (fields->unseen > 0 &&
            PINFO_FD_VISITED(to->pinfo)) { /* all frames were read: it will not come */
            expert_add_info(to->pinfo, item, &ei_mptcpscope_unseen);
        }
    }
    add_frames(to, hf_mptcpscope_mapping_frame, &fields->mappings);
    add_frames(to, hf_mptcpscope_reinjection_of, &fields->reinjection_of);
    add_frames(to, hf_mptcpscope_reinjected_in, &fields->reinjected_in);
    if (fields->out_of_order) {
        add_true(to, hf_mptcpscope_out_of_order);
    }
    if (fields->has_hold) {
        add_time(to, hf_mptcpscope_hold, fields->hold);
    }
    add_known(to, hf_mptcpscope_in_flight, fields->in_flight);
    add_known(to, hf_mptcpscope_data_in_flight, fields->data_in_flight);
    if (fields->has_rtt) {
        add_time(to, hf_mptcpscope_rtt, fields->rtt);
    }
    for (unsigned i = 0; i < fields->data_rtts; i++) {
        add_time(to, hf_mptcpscope_data_rtt, fields->data_rtt[i]);
    }
}

static void show_event(const segment_view *to, const mps_field_event *event)
{
    const char *step = mps_handshake_step_name(event->step);
    char *text = wmem_strdup_printf(to->pinfo->pool, "%s%s%s", mps_event_name(event->kind),
                                    step != NULL ? " " : "", step != NULL ? step : "");
    proto_item *item = add_string(to, hf_mptcpscope_event, text);

    if (event->kind == MPS_EVENT_MP_TCPRST) {
        expert_add_info_format(to->pinfo, item, &ei_mptcpscope_reset, "Subflow reset: %s",
                               event->reason);
    }
}

/* Show "ok" or "bad", if that is known. */
static void show_check(const segment_view *to, int hf, mps_check result, expert_field *when_bad)
{
    proto_item *item;

    if (result != MPS_CHECK_UNKNOWN) {
        item = add_string(to, hf, mps_check_name(result));
        if (result == MPS_CHECK_BAD) {
            expert_add_info(to->pinfo, item, when_bad);
        }
    }
}

static void show_events(const segment_view *to, const mps_fields *fields)
{
    for (unsigned i = 0; i < fields->events; i++) {
        show_event(to, &fields->event[i]);
    }
    show_check(to, hf_mptcpscope_hmac, fields->hmac, &ei_mptcpscope_bad_hmac);
    show_check(to, hf_mptcpscope_checksum, fields->checksum, &ei_mptcpscope_bad_checksum);
    if (fields->fallback != MPS_FALLBACK_NONE) {
        const char *reason = mps_fallback_reason(fields->fallback);

        expert_add_info_format(to->pinfo, add_string(to, hf_mptcpscope_fallback, reason),
                               &ei_mptcpscope_fallback, "Fallback to TCP: %s", reason);
    }
}

/* @return whether expert info is used: by a list or a filter of it, or by Wireshark's window, which
 * shows the highest severity. */
static bool expert_info_is_used(proto_tree *tree)
{
    return mptcpscope_in_window() || have_tap_listener(expert_tap) ||
           proto_field_is_referenced(tree, proto_expert);
}

bool mptcpscope_fields_need_analyses(proto_tree *tree)
{
    for (size_t i = 0; i < array_length(analysis_fields); i++) {
        if (proto_field_is_referenced(tree, *analysis_fields[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < array_length(expert_fields); i++) {
        if (proto_field_is_referenced(tree, expert_fields[i]->hf)) {
            return true;
        }
    }
    return expert_info_is_used(tree);
}

/* Numbers of connections and subflows may change during the first pass; then they are final. */
void mptcpscope_fields_show(const mps_tracker *tracker, const mps_verdict *verdict, tvbuff_t *frame,
                            packet_info *pinfo, proto_tree *tree)
{
    segment_view to = {tracker, verdict, frame, pinfo, NULL};
    mps_fields fields;

    if ((!proto_field_is_referenced(tree, proto_mptcpscope) && !expert_info_is_used(tree)) ||
        !begin_tree(&to, tree, verdict->subflow, verdict->half)) {
        return;
    }
    show_verdict(&to);
    if (mps_fields_of(tracker, verdict, &fields)) {
        show_data(&to, &fields);
        show_events(&to, &fields);
    }
}

void mptcpscope_fields_show_icmp(const mps_tracker *tracker, const mps_icmp_record *icmp,
                                 tvbuff_t *frame, packet_info *pinfo, proto_tree *tree)
{
    segment_view to = {tracker, NULL, frame, pinfo, NULL};

    if (proto_field_is_referenced(tree, proto_mptcpscope) &&
        begin_tree(&to, tree, icmp->subflow, icmp->half) &&
        mps_tracker_icmp_counts(tracker, icmp)) {
        add_string(&to, hf_mptcpscope_event, mps_event_name(MPS_EVENT_ICMP_ERROR));
        add_string(&to, hf_mptcpscope_icmp_error, mps_icmp_error_name(&icmp->error));
    }
}

static void register_expert_info(void)
{
    static ei_register_info ei[] = {
        {&ei_mptcpscope_reinjection,
         {"mptcpscope.expert.reinjection", PI_SEQUENCE, PI_NOTE,
          "Data is sent again, under a new subflow sequence number", EXPFILL}},
        {&ei_mptcpscope_unseen,
         {"mptcpscope.expert.unseen", PI_SEQUENCE, PI_NOTE,
          "DATA_ACK of data that is not in the capture", EXPFILL}},
        {&ei_mptcpscope_reset,
         {"mptcpscope.expert.reset", PI_PROTOCOL, PI_NOTE, "Subflow reset with a reason", EXPFILL}},
        {&ei_mptcpscope_fallback,
         {"mptcpscope.expert.fallback", PI_PROTOCOL, PI_WARN, "Fallback to TCP", EXPFILL}},
        {&ei_mptcpscope_bad_hmac,
         {"mptcpscope.expert.bad_hmac", PI_SECURITY, PI_ERROR,
          "HMAC differs from the one computed from the keys", EXPFILL}},
        {&ei_mptcpscope_bad_checksum,
         {"mptcpscope.expert.bad_checksum", PI_CHECKSUM, PI_ERROR, "DSS checksum is wrong",
          EXPFILL}},
    };

    expert_register_field_array(expert_register_protocol(proto_mptcpscope), ei, array_length(ei));
}

void mptcpscope_fields_register(int protocol)
{
    static int *ett[] = {&ett_mptcpscope};

    proto_mptcpscope = protocol;
    proto_register_field_array(protocol, field_table, array_length(field_table));
    proto_register_subtree_array(ett, array_length(ett));
    register_expert_info();
}

void mptcpscope_fields_begin(void)
{
    /* Wireshark registers this tap after all protocols. */
    expert_tap = find_tap_id("expert");
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
