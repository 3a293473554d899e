/* packet-mptcpscope.c: the post-dissector. It feeds the tracker on the first pass over a capture
 * and shows what the tracker says as fields and on the tap "mptcpscope" on every pass.
 *
 * It takes the headers' bytes from the frame (headers.c), and so sees every TCP header even where
 * the TCP dissector gave up. What it must remember of a segment is in records.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "packet-mptcpscope.h"
#include "compat.h"
#include "headers.h"
#include "records.h"
#include "taps.h"
#include <epan/packet.h>
#include <epan/tap.h>

static int proto_mptcpscope = -1;
static dissector_handle_t mptcpscope_handle;
static int mptcpscope_tap_id;

static int hf_mptcpscope_connection = -1;
static int hf_mptcpscope_subflow = -1;
static int hf_mptcpscope_direction = -1;
static int hf_mptcpscope_dsn = -1;
static int hf_mptcpscope_data_bytes = -1;
static int hf_mptcpscope_retransmitted = -1;
static int hf_mptcpscope_reinjected = -1;
static int hf_mptcpscope_data_fin = -1;

static int ett_mptcpscope = -1;

/* Of the capture that is open; made and freed with it. */
static mps_tracker *tracker;
static mptcpscope_records *records;

static bool segments_wanted, plain_tcp_wanted;
static unsigned analyses_wanted, analyses_wanted_in_window;

/* What listeners get for one segment. A frame needs one for each of its segments until Wireshark
 * called the listeners, at the frame's end; they are kept from frame to frame. */
typedef struct {
    mptcpscope_tap tap;
    mps_segment segment;
} tapped;

static GPtrArray *tapped_pool;

static tapped *tapped_at(unsigned index)
{
    while (tapped_pool->len <= index) {
        g_ptr_array_add(tapped_pool, g_new(tapped, 1));
    }
    return (tapped *)g_ptr_array_index(tapped_pool, index);
}

const mps_tracker *mptcpscope_tracker(void)
{
    return tracker;
}

uint32_t mptcpscope_last_frame(void)
{
    return records != NULL ? mptcpscope_records_last_frame(records) : 0;
}

int mptcpscope_protocol(void)
{
    return proto_mptcpscope;
}

void mptcpscope_want_plain_tcp(void)
{
    plain_tcp_wanted = true;
}

void mptcpscope_want_analyses(unsigned needs)
{
    analyses_wanted |= needs;
    if (tracker != NULL) {
        mps_tracker_want(tracker, needs);
    }
}

void mptcpscope_want_in_window(unsigned needs)
{
    analyses_wanted_in_window |= needs;
}

void mptcpscope_want_segments(void)
{
    segments_wanted = true;
}

static void add_uint(proto_tree *tree, tvbuff_t *tvb, int hf, uint32_t value)
{
    proto_item_set_generated(proto_tree_add_uint(tree, hf, tvb, 0, 0, value));
}

/* Counts of bytes appear where there are any, so that the field's name alone is a filter. A count
 * that takes back what an earlier segment counted is not shown. */
static void add_bytes(proto_tree *tree, tvbuff_t *tvb, int hf, int64_t value)
{
    if (value > 0) {
        add_uint(tree, tvb, hf, (uint32_t)value);
    }
}

static void add_data_sequence(proto_tree *tree, tvbuff_t *tvb, const mps_verdict *verdict)
{
    mps_dsn dsn;

    if (verdict->has_dsn) {
        dsn = mps_tracker_dsn(tracker, verdict);
        if (dsn.has_relative) {
            proto_item_set_generated(
                proto_tree_add_uint64(tree, hf_mptcpscope_dsn, tvb, 0, 0, dsn.relative));
        }
    }
    if (verdict->data_fin) {
        proto_item_set_generated(
            proto_tree_add_boolean(tree, hf_mptcpscope_data_fin, tvb, 0, 0, TRUE));
    }
}

/* Show one segment in the packet's details. The numbers are the tracker's of now: in a later pass
 * they are final. */
static void show(proto_tree *tree, tvbuff_t *tvb, const mps_verdict *verdict)
{
    uint32_t connection, subflow;
    const char *direction;
    proto_item *item;
    proto_tree *subtree;

    mps_tracker_numbers(tracker, verdict->subflow, &connection, &subflow);
    if (connection == MPS_NONE) {
        return;
    }
    direction =
        mps_tracker_direction(tracker, verdict->subflow, verdict->half) == MPS_C2S ? "c2s" : "s2c";
    item = proto_tree_add_protocol_format(tree, proto_mptcpscope, tvb, 0, 0,
                                          "MPTCP scope, Connection: %u, Subflow: %u, %s",
                                          connection, subflow, direction);
    proto_item_set_generated(item);
    subtree = proto_item_add_subtree(item, ett_mptcpscope);
    add_uint(subtree, tvb, hf_mptcpscope_connection, connection);
    add_uint(subtree, tvb, hf_mptcpscope_subflow, subflow);
    proto_item_set_generated(
        proto_tree_add_string(subtree, hf_mptcpscope_direction, tvb, 0, 0, direction));
    add_data_sequence(subtree, tvb, verdict);
    add_bytes(subtree, tvb, hf_mptcpscope_data_bytes, verdict->data);
    add_bytes(subtree, tvb, hf_mptcpscope_retransmitted, verdict->retransmitted);
    add_bytes(subtree, tvb, hf_mptcpscope_reinjected, verdict->reinjected);
}

/* Hand a segment to the tree and to the listeners. */
static void deliver(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, tapped *to,
                    const mps_segment *segment, const mps_verdict *verdict)
{
    if (verdict != NULL && proto_field_is_referenced(tree, proto_mptcpscope)) {
        show(tree, tvb, verdict);
    }
    to->tap.tracker = tracker;
    to->tap.segment = segment;
    to->tap.verdict = verdict;
    tap_queue_packet(mptcpscope_tap_id, pinfo, &to->tap);
}

/* The first pass: the tracker takes in each segment. */
static void analyse(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    mptcpscope_records_begin(records, pinfo->num);
    mptcpscope_headers_begin(tvb, pinfo);
    for (unsigned i = 0; mptcpscope_headers_next(pinfo, &tapped_at(i)->segment); i++) {
        tapped *to = tapped_at(i);
        mps_verdict verdict;

        if (mps_tracker_segment(tracker, &to->segment, &verdict)) {
            deliver(tvb, pinfo, tree, to, &to->segment,
                    &mptcpscope_records_add(records, pinfo->num, i, &verdict)->verdict);
        } else if (plain_tcp_wanted) {
            deliver(tvb, pinfo, tree, to, &to->segment, NULL);
        }
    }
}

/* A later pass in which a listener wants to see the segments themselves. */
static void recall_segments(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    uint32_t index = mptcpscope_records_find(records, pinfo->num);

    mptcpscope_headers_begin(tvb, pinfo);
    for (unsigned i = 0; mptcpscope_headers_next(pinfo, &tapped_at(i)->segment); i++) {
        tapped *to = tapped_at(i);
        const mptcpscope_record *record = mptcpscope_records_at(records, index, pinfo->num);

        if (record != NULL && record->header == i) {
            deliver(tvb, pinfo, tree, to, &to->segment, &record->verdict);
            index++;
        } else if (plain_tcp_wanted) {
            deliver(tvb, pinfo, tree, to, &to->segment, NULL);
        }
    }
}

/* Any other later pass: what was kept is enough. */
static void recall(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    uint32_t index = mptcpscope_records_find(records, pinfo->num);
    const mptcpscope_record *record;

    for (unsigned i = 0; (record = mptcpscope_records_at(records, index + i, pinfo->num)) != NULL;
         i++) {
        deliver(tvb, pinfo, tree, tapped_at(i), NULL, &record->verdict);
    }
}

/* Called by Wireshark for every frame in every pass, when all other dissectors are done. */
static int dissect_mptcpscope(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    if (!PINFO_FD_VISITED(pinfo)) {
        analyse(tvb, pinfo, tree);
    } else if (segments_wanted) {
        recall_segments(tvb, pinfo, tree);
    } else {
        recall(tvb, pinfo, tree);
    }
    return 0;
}

/* Called by Wireshark when a capture is opened or analysed anew. */
static void init_capture(void)
{
    tracker = mps_tracker_new(MPS_TRACK_MPTCP);
    mps_tracker_want(tracker,
                     analyses_wanted | (mptcpscope_in_window() ? analyses_wanted_in_window : 0));
    records = mptcpscope_records_new();
}

/* Called by Wireshark when the capture is closed, and before it is analysed anew. */
static void cleanup_capture(void)
{
    mptcpscope_records_free(records);
    records = NULL;
    mps_tracker_free(tracker);
    tracker = NULL;
}

void proto_register_mptcpscope(void)
{
    static hf_register_info hf[] = {
        {&hf_mptcpscope_connection,
         {"Connection", "mptcpscope.connection", FT_UINT32, BASE_DEC, NULL, 0x0,
          "Number of the MPTCP connection, from 0 in the order of the first segments", HFILL}},
        {&hf_mptcpscope_subflow,
         {"Subflow", "mptcpscope.subflow", FT_UINT32, BASE_DEC, NULL, 0x0,
          "Number of the subflow within its connection", HFILL}},
        {&hf_mptcpscope_direction,
         {"Direction", "mptcpscope.direction", FT_STRING, BASE_NONE, NULL, 0x0,
          "Direction of the connection: c2s (client to server) or s2c", HFILL}},
        {&hf_mptcpscope_dsn,
         {"Data sequence number (relative)", "mptcpscope.dsn", FT_UINT64, BASE_DEC, NULL, 0x0,
          "Of the first data byte in the segment; the direction's first data byte is 1", HFILL}},
        {&hf_mptcpscope_data_bytes,
         {"Data bytes", "mptcpscope.data_bytes", FT_UINT32, BASE_DEC, NULL, 0x0,
          "Data-sequence bytes not sent before on any subflow", HFILL}},
        {&hf_mptcpscope_retransmitted,
         {"Retransmitted bytes", "mptcpscope.retransmitted", FT_UINT32, BASE_DEC, NULL, 0x0,
          "Payload bytes whose subflow sequence number was already sent on this subflow", HFILL}},
        {&hf_mptcpscope_reinjected,
         {"Reinjected bytes", "mptcpscope.reinjected", FT_UINT32, BASE_DEC, NULL, 0x0,
          "Data-sequence bytes sent before, now under a new subflow sequence number", HFILL}},
        {&hf_mptcpscope_data_fin,
         {"DATA_FIN", "mptcpscope.data_fin", FT_BOOLEAN, BASE_NONE, NULL, 0x0,
          "Carries the end of the direction's data", HFILL}},
    };
    static int *ett[] = {&ett_mptcpscope};

    proto_mptcpscope = proto_register_protocol("Multipath TCP scope", "MPTCP scope", "mptcpscope");
    proto_register_field_array(proto_mptcpscope, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    mptcpscope_handle = register_dissector("mptcpscope", dissect_mptcpscope, proto_mptcpscope);
    mptcpscope_tap_id = register_tap(MPTCPSCOPE_TAP);
    tapped_pool = g_ptr_array_new_with_free_func(g_free);
    register_init_routine(init_capture);
    register_cleanup_routine(cleanup_capture);
}

void proto_reg_handoff_mptcpscope(void)
{
    mptcpscope_headers_init();
    register_postdissector(mptcpscope_handle);
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
