/* fields.c: fields in the protocol tree and expert info that show what is known about a segment.
 *
 * The library computes all figures; docs/fields.md defines them. field-table.c declares them to
 * Wireshark, item-text.c writes the line that sums them up.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fields.h"
#include "field-table.h"
#include "item-text.h"
#include "preferences.h"
#include "window.h"
#include <epan/tap.h>
#include <mptcpscope/fields.h>

static int proto_mptcpscope = -1;
static int expert_tap;

static int ett_mptcpscope = -1;

/* A segment that is shown and where. Valid during one call of mptcpscope_fields_show(). */
typedef struct {
    const mps_tracker *tracker;
    const mps_verdict *verdict;
    mptcpscope_marks marks;
    tvbuff_t *frame;
    packet_info *pinfo;
    proto_item *item;
    proto_tree *tree; /* of the item */
} segment_view;

static proto_item *generated(proto_item *item)
{
    proto_item_set_generated(item);
    return item;
}

static proto_item *add_uint(const segment_view *to, mptcpscope_field field, uint32_t value)
{
    return generated(
        proto_tree_add_uint(to->tree, mptcpscope_field_id(field), to->frame, 0, 0, value));
}

static proto_item *add_string(const segment_view *to, mptcpscope_field field, const char *value)
{
    return generated(
        proto_tree_add_string(to->tree, mptcpscope_field_id(field), to->frame, 0, 0, value));
}

static proto_item *add_true(const segment_view *to, mptcpscope_field field)
{
    return generated(
        proto_tree_add_boolean(to->tree, mptcpscope_field_id(field), to->frame, 0, 0, TRUE));
}

static void add_time(const segment_view *to, mptcpscope_field field, int64_t ns)
{
    const int64_t second = 1000000000;
    nstime_t value = {.secs = (time_t)(ns / second), .nsecs = (int)(ns % second)};

    generated(proto_tree_add_time(to->tree, mptcpscope_field_id(field), to->frame, 0, 0, &value));
}

/* Show a number of bytes if it is positive, so that the name of the field alone is a filter.
 * Negative numbers correct what an earlier segment counted and are not shown. */
static void add_bytes(const segment_view *to, mptcpscope_field field, int64_t value)
{
    if (value > 0) {
        add_uint(to, field, (uint32_t)value);
    }
}

static void add_known(const segment_view *to, mptcpscope_field field, uint32_t value)
{
    if (value != MPS_NONE) {
        add_uint(to, field, value);
    }
}

static void add_frames(const segment_view *to, mptcpscope_field field, const mps_frames *frames)
{
    for (unsigned i = 0; i < frames->count; i++) {
        add_uint(to, field, frames->frames[i]);
    }
}

static proto_item *add_dsn(const segment_view *to, mptcpscope_field field, const mps_dsn *dsn)
{
    if (!dsn->has_relative) {
        return NULL;
    }
    return generated(proto_tree_add_uint64(to->tree, mptcpscope_field_id(field), to->frame, 0, 0,
                                           dsn->relative));
}

/* Add expert info. @param reason  why; NULL: there is nothing to add to the text of the expert info
 */
static void add_expert(const segment_view *to, proto_item *item, mptcpscope_expert expert,
                       const char *text, const char *reason)
{
    if (reason == NULL) {
        expert_add_info(to->pinfo, item, mptcpscope_expert_info(expert));
    } else {
        expert_add_info_format(to->pinfo, item, mptcpscope_expert_info(expert), "%s: %s", text,
                               reason);
    }
}

/* Add the tree of a frame, with the numbers of its subflow.
 * @param tree  of Wireshark; to->item and to->tree are set to ours
 * @return false: the subflow belongs to no connection */
static bool begin_tree(segment_view *to, proto_tree *tree, uint32_t id, uint8_t half)
{
    uint32_t connection, subflow, first;
    mps_direction direction;

    mps_tracker_numbers(to->tracker, id, &connection, &subflow);
    if (connection == MPS_NONE) {
        return false;
    }
    direction = mps_tracker_direction(to->tracker, id, half);
    first = mps_tracker_first_frame(to->tracker, id);
    to->item = generated(proto_tree_add_protocol_format(
        tree, proto_mptcpscope, to->frame, 0, 0, "MPTCP connection %u, subflow %u, %s to %s",
        connection, subflow, mps_direction_sender(direction), mps_direction_sender(!direction)));
    to->tree = proto_item_add_subtree(to->item, ett_mptcpscope);
    add_uint(to, FIELD_CONNECTION, connection);
    add_uint(to, FIELD_SUBFLOW, subflow);
    add_string(to, FIELD_DIRECTION, mps_direction_name(direction));
    if (first != to->pinfo->num) {
        add_uint(to, FIELD_CONNECTION_FRAME, first);
    }
    return true;
}

/* Show the verdict, which every segment has. */
static void show_verdict(const segment_view *to)
{
    const mps_verdict *verdict = to->verdict;
    mps_dsn dsn = mps_tracker_dsn(to->tracker, verdict);

    add_dsn(to, FIELD_DSN, &dsn);
    if (verdict->data_fin) {
        add_true(to, FIELD_DATA_FIN);
    }
    add_bytes(to, FIELD_DATA_BYTES, verdict->data);
    add_bytes(to, FIELD_RETRANSMITTED, verdict->retransmitted);
    if (verdict->reinjected > 0) {
        add_expert(to, add_uint(to, FIELD_REINJECTED, (uint32_t)verdict->reinjected),
                   EXPERT_REINJECTION, NULL, NULL);
    }
}

/* Show sequence numbers, order, round-trip times and bytes in flight. */
static void show_data(const segment_view *to, const mps_fields *fields)
{
    proto_item *item;

    if (fields->has_data_ack) {
        item = add_dsn(to, FIELD_DATA_ACK, &fields->data_ack);
        if (fields->unseen > 0 &&
            PINFO_FD_VISITED(to->pinfo)) { /* all frames were read: it will not come */
            add_expert(to, item, EXPERT_UNSEEN, NULL, NULL);
        }
    }
    add_frames(to, FIELD_MAPPING_FRAME, &fields->mappings);
    add_frames(to, FIELD_REINJECTION_OF, &fields->reinjection_of);
    add_frames(to, FIELD_REINJECTED_IN, &fields->reinjected_in);
    if (fields->out_of_order) {
        add_true(to, FIELD_OUT_OF_ORDER);
    }
    if (fields->has_hold) {
        add_time(to, FIELD_HOLD, fields->hold);
    }
    add_known(to, FIELD_IN_FLIGHT, fields->in_flight);
    add_known(to, FIELD_DATA_IN_FLIGHT, fields->data_in_flight);
    if (fields->has_rtt) {
        add_time(to, FIELD_RTT, fields->rtt);
    }
    for (unsigned i = 0; i < fields->data_rtts; i++) {
        add_time(to, FIELD_DATA_RTT, fields->data_rtt[i]);
    }
}

static void show_event(const segment_view *to, const mps_field_event *event)
{
    const char *step = mps_handshake_step_name(event->step);
    char *text = wmem_strdup_printf(to->pinfo->pool, "%s%s%s", mps_event_name(event->kind),
                                    step != NULL ? " " : "", step != NULL ? step : "");
    proto_item *item = add_string(to, FIELD_EVENT, text);

    if (event->kind == MPS_EVENT_MP_JOIN && event->step == MPS_STEP_SYN) {
        add_expert(to, item, EXPERT_JOIN, NULL, NULL);
    } else if (event->kind == MPS_EVENT_MP_FASTCLOSE) {
        add_expert(to, item, EXPERT_FASTCLOSE, NULL, NULL);
    } else if (event->kind == MPS_EVENT_MP_FAIL) {
        add_expert(to, item, EXPERT_FAIL, NULL, NULL);
    }
}

/* Show "ok" or "bad", if that is known. */
static void show_check(const segment_view *to, mptcpscope_field field, mps_check result,
                       mptcpscope_expert when_bad)
{
    proto_item *item;

    if (result != MPS_CHECK_UNKNOWN) {
        item = add_string(to, field, mps_check_name(result));
        if (result == MPS_CHECK_BAD) {
            add_expert(to, item, when_bad, NULL, NULL);
        }
    }
}

static void show_events(const segment_view *to, const mps_fields *fields)
{
    for (unsigned i = 0; i < fields->events; i++) {
        show_event(to, &fields->event[i]);
    }
    if (mptcpscope_prefers_hmacs()) {
        show_check(to, FIELD_HMAC, fields->hmac, EXPERT_BAD_HMAC);
    }
    if (mptcpscope_prefers_checksums()) {
        show_check(to, FIELD_CHECKSUM, fields->checksum, EXPERT_BAD_CHECKSUM);
    }
}

/* Show what ends a subflow, or MPTCP on it. */
static void show_ends(const segment_view *to)
{
    const mps_fallback fallback =
        mps_tracker_fallback_in(to->tracker, to->verdict->subflow, to->pinfo->num);
    const char *reason = mps_fallback_reason(fallback);

    if (to->marks.bits & MARK_RESET) {
        add_expert(to, to->item, EXPERT_RESET, "Subflow reset",
                   to->marks.bits & MARK_REASON ? mps_tcprst_reason_name(to->marks.reason) : NULL);
    }
    if (fallback != MPS_FALLBACK_NONE) {
        add_expert(to, add_string(to, FIELD_FALLBACK, reason), EXPERT_FALLBACK, "Fallback to TCP",
                   reason);
    }
}

/* @return whether a list or a filter of expert info asks for it */
static bool expert_info_is_used(proto_tree *tree)
{
    return have_tap_listener(expert_tap) || proto_field_is_referenced(tree, proto_expert);
}

bool mptcpscope_fields_are_asked(proto_tree *tree)
{
    return proto_field_is_referenced(tree, proto_mptcpscope) || expert_info_is_used(tree);
}

unsigned mptcpscope_fields_needs(void)
{
    return MPS_NEED_ALL_FIELDS & ~(mptcpscope_prefers_checksums() ? 0u : MPS_NEED_CHECKSUMS);
}

unsigned mptcpscope_fields_needs_of(proto_tree *tree)
{
    return mptcpscope_field_table_needs_analyses(tree) || expert_info_is_used(tree)
               ? mptcpscope_fields_needs()
               : 0;
}

/* Wireshark's window shows the highest severity of all packets while none of them is shown. Only a
 * few segments can have one. */
static bool may_be_severe(const mps_tracker *tracker, const mps_verdict *verdict,
                          mptcpscope_marks marks)
{
    return mptcpscope_in_window() && (marks.bits != 0 || verdict->reinjected > 0 ||
                                      mps_tracker_fallback_in(tracker, verdict->subflow,
                                                              verdict->frame) != MPS_FALLBACK_NONE);
}

/* Numbers of connections and subflows may change during the first pass; then they are final. */
void mptcpscope_fields_show(const mps_tracker *tracker, const mps_verdict *verdict,
                            mptcpscope_marks marks, tvbuff_t *frame, packet_info *pinfo,
                            proto_tree *tree)
{
    segment_view to = {
        .tracker = tracker, .verdict = verdict, .marks = marks, .frame = frame, .pinfo = pinfo};
    uint32_t copy_of;
    mps_fields fields;
    bool known;

    if ((!mptcpscope_fields_are_asked(tree) && !may_be_severe(tracker, verdict, marks)) ||
        !begin_tree(&to, tree, verdict->subflow, verdict->half)) {
        return;
    }
    copy_of = mps_tracker_copy_of(tracker, verdict);
    if (copy_of > 0) {
        add_uint(&to, FIELD_COPY_OF, copy_of);
        mptcpscope_item_text_copy(to.item, copy_of);
        return;
    }
    known = mps_fields_of(tracker, verdict, &fields);
    mptcpscope_item_text(to.item, tracker, verdict, known ? &fields : NULL);
    show_verdict(&to);
    if (known) {
        show_data(&to, &fields);
        show_events(&to, &fields);
    }
    show_ends(&to);
}

void mptcpscope_fields_show_icmp(const mps_tracker *tracker, const mps_icmp_record *icmp,
                                 tvbuff_t *frame, packet_info *pinfo, proto_tree *tree)
{
    segment_view to = {.tracker = tracker, .frame = frame, .pinfo = pinfo};
    const char *what = mps_icmp_error_name(&icmp->error);

    if ((!mptcpscope_fields_are_asked(tree) && !mptcpscope_in_window()) ||
        !begin_tree(&to, tree, icmp->subflow, icmp->half) ||
        !mps_tracker_icmp_counts(tracker, icmp)) {
        return;
    }
    mptcpscope_item_text_icmp(to.item, what);
    add_string(&to, FIELD_EVENT, mps_event_name(MPS_EVENT_ICMP_ERROR));
    add_expert(&to, add_string(&to, FIELD_ICMP_ERROR, what), EXPERT_ICMP_ERROR,
               "ICMP error about a subflow", what);
}

void mptcpscope_fields_register(int protocol)
{
    static int *ett[] = {&ett_mptcpscope};

    proto_mptcpscope = protocol;
    mptcpscope_field_table_register(protocol);
    proto_register_subtree_array(ett, array_length(ett));
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
