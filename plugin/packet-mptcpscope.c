/* packet-mptcpscope.c: the post-dissector. In the first pass over a capture it feeds the tracker.
 * In every pass it shows the verdicts as fields and passes them to the tap "mptcpscope".
 *
 * It takes the bytes of headers from the frame (headers.c), so it gets every TCP header, even if
 * the TCP dissector gave up. It keeps the verdict of each segment for later passes (records.c).
 *
 * Wireshark dissects frames in the order of the file. If that turns out not to be the order of
 * time, all segments are taken in again by a second tracker (mptcpscope/replay.h), which then
 * serves later passes and reports.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "packet-mptcpscope.h"
#include "compat.h"
#include "fields.h"
#include "frame-notes.h"
#include "headers.h"
#include "reading.h"
#include "window.h"
#include <epan/packet.h>
#include <epan/tap.h>
#include <mptcpscope/fields.h>
#include <mptcpscope/replay.h>

/* More segments by this part of them are many. */
#define ORDER_AGAIN 8u

static int proto_mptcpscope = -1;
static dissector_handle_t mptcpscope_handle;
static int mptcpscope_tap_id, probe_tap_id;

/* In the order of the file; allocated by init_capture(), freed by cleanup_capture(). */
static mptcpscope_reading as_read;
static mps_frame_notes *frame_notes;
static unsigned analyses_run; /* by the tracker */
static mps_replay *replay;    /* all segments */

/* In the order of time; empty: that does not differ, as far as is known. */
static mptcpscope_reading ordered;
static uint32_t ordered_count; /* segments that it knows */
static uint32_t ordered_until; /* last frame that it knows */

static bool begun; /* the first frame was dissected */

static bool segments_wanted, plain_tcp_wanted;
static unsigned analyses_wanted, analyses_wanted_in_window;

/* What listeners get for one segment. Wireshark calls them at the end of a frame, so there is one
 * for each segment of the frame. They are reused for the next frame. */
typedef struct {
    mptcpscope_tap tap;
    mps_segment segment;
} tapped_segment;

static GPtrArray *tapped_pool;

static tapped_segment *tapped_at(unsigned index)
{
    while (tapped_pool->len <= index) {
        g_ptr_array_add(tapped_pool, g_new(tapped_segment, 1));
    }
    return (tapped_segment *)g_ptr_array_index(tapped_pool, index);
}

const mps_tracker *mptcpscope_tracker(void)
{
    return ordered.tracker != NULL ? ordered.tracker : as_read.tracker;
}

const mps_tracker *mptcpscope_tracker_as_read(void)
{
    return as_read.tracker;
}

const mps_frame_notes *mptcpscope_frame_notes(void)
{
    return frame_notes;
}

static void want_analyses(unsigned needs)
{
    analyses_run |= needs;
    mps_analyses_want(as_read.tracker, needs);
}

static void forget_order(void)
{
    mptcpscope_reading_clear(&ordered);
    ordered_count = ordered_until = 0;
}

/* Record verdicts in the order of frames. @param verdicts  of all kept segments; frame 0: it is no
 * segment of an MPTCP connection */
static void record_verdicts(const mps_verdict *verdicts)
{
    for (uint32_t i = 0; i < ordered_count; i++) {
        uint32_t frame = mps_replay_frame(replay, i), header = mps_replay_mark(replay, i);

        if (header == 0) {
            mptcpscope_records_begin(ordered.records, frame);
        }
        if (verdicts[i].frame != 0) {
            mptcpscope_records_add(ordered.records, frame, header, &verdicts[i]);
        }
    }
}

/* Take all segments in again, in the order of time. */
static void put_in_order(void)
{
    mps_verdict *verdicts = g_new0(mps_verdict, mps_replay_count(replay));
    mps_segment segment;
    uint32_t index;
    mps_next next;

    forget_order();
    mptcpscope_reading_begin(&ordered, mps_replay_tracker(as_read.tracker));
    mps_analyses_want(ordered.tracker, analyses_run);
    mps_replay_begin(replay, as_read.tracker);
    while ((next = mps_replay_next(replay, &segment, &index)) > 0) {
        if (next == MPS_NEXT_ICMP_ERROR) {
            mptcpscope_reading_take_icmp(&ordered, mps_replay_icmp_error(replay));
        } else if (!mps_tracker_segment(ordered.tracker, &segment, &verdicts[index])) {
            verdicts[index].frame = 0;
        }
    }
    mps_tracker_finish(ordered.tracker);
    mps_fields_settle(ordered.tracker);
    ordered_count = mps_replay_count(replay);
    ordered_until = mptcpscope_last_frame();
    record_verdicts(verdicts);
    g_free(verdicts);
}

void mptcpscope_finish(void)
{
    if (as_read.tracker != NULL) {
        mps_tracker_finish(as_read.tracker);
        if (mps_replay_is_needed(as_read.tracker) && ordered_count != mps_replay_count(replay)) {
            put_in_order();
        }
    }
}

void mptcpscope_recount(mps_report *report)
{
    const mptcpscope_record *record;

    if (ordered.tracker != NULL) {
        mps_report_recount_begin(report);
        for (uint32_t i = 0; (record = mptcpscope_records_get(ordered.records, i)) != NULL; i++) {
            mps_report_recount(report, &record->verdict);
        }
    }
}

uint32_t mptcpscope_last_frame(void)
{
    uint32_t segment, count;

    if (as_read.tracker == NULL) {
        return 0;
    }
    segment = mptcpscope_records_last_frame(as_read.records);
    count = mps_tracker_icmp_count(as_read.tracker);
    return count > 0 ? MAX(segment, mps_tracker_icmp_at(as_read.tracker, count - 1)->error.frame)
                     : segment;
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
    if (as_read.tracker != NULL) {
        want_analyses(needs);
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

/* Show a segment in the tree and queue it for the listeners.
 * @param by       the tracker that gave the verdict
 * @param to       what the listeners get
 * @param segment  NULL: they get the verdict only
 * @param verdict  NULL: plain TCP */
static void deliver(const mps_tracker *by, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
                    tapped_segment *to, const mps_segment *segment, const mps_verdict *verdict)
{
    if (verdict != NULL) {
        mptcpscope_fields_show(by, mps_tracker_final(by, verdict), tvb, pinfo, tree);
    }
    to->tap.tracker = by;
    to->tap.segment = segment;
    to->tap.verdict = verdict;
    to->tap.icmp = NULL;
    tap_queue_packet(mptcpscope_tap_id, pinfo, &to->tap);
}

/* Show an ICMP error in the tree and queue it for the listeners. While Wireshark dissects what an
 * error quotes, taps are off for most listeners; where the quotation is cut, they still are. */
static void deliver_icmp(const mps_tracker *by, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
                         tapped_segment *to, const mps_icmp_record *icmp)
{
    bool in_error = pinfo->flags.in_error_pkt;

    mptcpscope_fields_show_icmp(by, icmp, tvb, pinfo, tree);
    to->tap = (mptcpscope_tap){.tracker = by, .icmp = icmp};
    pinfo->flags.in_error_pkt = false;
    tap_queue_packet(mptcpscope_tap_id, pinfo, &to->tap);
    pinfo->flags.in_error_pkt = in_error;
}

/* @return whether taps are active in this pass. In a pass without taps (the first pass of `tshark
 * -2`, loading in sharkd) Wireshark queues nothing, which shows on a tap of our own. */
static bool taps_are_active(packet_info *pinfo)
{
    static const char probe;

    tap_queue_packet(probe_tap_id, pinfo, &probe);
    return fetch_tapped_data(probe_tap_id, 0) != NULL;
}

/* Before the first segment: decide whether the analyses that fields need are run. They are if the
 * first frame is dissected for such a field. They also are in a pass without taps: the next pass
 * may show fields that are not known yet. */
static void begin_pass(packet_info *pinfo, proto_tree *tree)
{
    begun = true;
    if (mptcpscope_fields_need_analyses(tree) || !taps_are_active(pinfo)) {
        want_analyses(MPS_NEED_ALL_FIELDS);
    }
}

/* The first pass: give each segment and ICMP error to the tracker. */
static void analyse(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    const mps_icmp_record *record;
    mps_icmp_error icmp;
    bool has_icmp;
    unsigned i;

    if (!begun) {
        begin_pass(pinfo, tree);
    }
    mptcpscope_reading_begin_frame(&as_read, pinfo->num);
    has_icmp = mptcpscope_frame_notes_take(frame_notes, tvb, pinfo,
                                           mptcpscope_headers_begin(tvb, pinfo), &icmp);
    for (i = 0; mptcpscope_headers_next(pinfo, &tapped_at(i)->segment); i++) {
        tapped_segment *to = tapped_at(i);
        mps_verdict verdict;

        mps_replay_add(replay, &to->segment, i);
        if (mps_tracker_segment(as_read.tracker, &to->segment, &verdict)) {
            deliver(as_read.tracker, tvb, pinfo, tree, to, &to->segment,
                    &mptcpscope_records_add(as_read.records, pinfo->num, i, &verdict)->verdict);
        } else if (plain_tcp_wanted) {
            deliver(as_read.tracker, tvb, pinfo, tree, to, &to->segment, NULL);
        }
    }
    if (has_icmp) {
        mps_replay_add_icmp(replay, &icmp);
    }
    if (has_icmp && (record = mptcpscope_reading_take_icmp(&as_read, &icmp)) != NULL) {
        deliver_icmp(as_read.tracker, tvb, pinfo, tree, tapped_at(i), record);
    }
}

/* A later pass: show the ICMP error of the frame, if it has one.
 * @param index  how many segments were queued */
static void recall_icmp(const mptcpscope_reading *by, tvbuff_t *tvb, packet_info *pinfo,
                        proto_tree *tree, unsigned index)
{
    const mps_icmp_record *record = mptcpscope_reading_icmp(by, pinfo->num);

    if (record != NULL) {
        deliver_icmp(by->tracker, tvb, pinfo, tree, tapped_at(index), record);
    }
}

/* A later pass with a listener that needs the segments: decode them again. */
static void recall_segments(const mptcpscope_reading *by, tvbuff_t *tvb, packet_info *pinfo,
                            proto_tree *tree)
{
    uint32_t index = mptcpscope_records_find(by->records, pinfo->num);
    unsigned i;

    mptcpscope_headers_begin(tvb, pinfo);
    for (i = 0; mptcpscope_headers_next(pinfo, &tapped_at(i)->segment); i++) {
        tapped_segment *to = tapped_at(i);
        const mptcpscope_record *record = mptcpscope_records_at(by->records, index, pinfo->num);

        if (record != NULL && record->header == i) {
            deliver(by->tracker, tvb, pinfo, tree, to, &to->segment, &record->verdict);
            index++;
        } else if (plain_tcp_wanted) {
            deliver(by->tracker, tvb, pinfo, tree, to, &to->segment, NULL);
        }
    }
    recall_icmp(by, tvb, pinfo, tree, i);
}

/* Any other later pass: the kept verdicts are enough. */
static void recall(const mptcpscope_reading *by, tvbuff_t *tvb, packet_info *pinfo,
                   proto_tree *tree)
{
    uint32_t index = mptcpscope_records_find(by->records, pinfo->num);
    const mptcpscope_record *record;
    unsigned i;

    for (i = 0; (record = mptcpscope_records_at(by->records, index + i, pinfo->num)) != NULL; i++) {
        deliver(by->tracker, tvb, pinfo, tree, tapped_at(i), NULL, &record->verdict);
    }
    recall_icmp(by, tvb, pinfo, tree, i);
}

/* Before a frame is shown again. While a capture goes on, users look at frames: all segments are
 * put in order anew only if there are many more of them. */
static void prepare_recall(void)
{
    uint32_t count = mps_replay_count(replay);

    if (ordered_count == 0 || count - ordered_count > ordered_count / ORDER_AGAIN) {
        mptcpscope_finish();
    } else {
        mps_tracker_finish(as_read.tracker);
    }
    if (ordered.tracker == NULL) {
        mps_fields_settle(as_read.tracker);
    }
}

/* Called by Wireshark for every frame in every pass, after all other dissectors. Wireshark owns all
 * arguments. @return 0: the post-dissector consumes no bytes */
static int dissect_mptcpscope(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    const mptcpscope_reading *by;

    if (!PINFO_FD_VISITED(pinfo)) {
        analyse(tvb, pinfo, tree);
        return 0;
    }
    prepare_recall();
    by = ordered.tracker != NULL && pinfo->num <= ordered_until ? &ordered : &as_read;
    if (segments_wanted) {
        recall_segments(by, tvb, pinfo, tree);
    } else {
        recall(by, tvb, pinfo, tree);
    }
    return 0;
}

/* Called by Wireshark when a capture is opened, and when it is analysed again. */
static void init_capture(void)
{
    mptcpscope_reading_begin(&as_read, mps_tracker_new(MPS_TRACK_MPTCP));
    analyses_run = 0;
    want_analyses(analyses_wanted | (mptcpscope_in_window() ? analyses_wanted_in_window : 0));
    replay = mps_replay_new();
    frame_notes = mps_frame_notes_new();
    mptcpscope_fields_begin();
    begun = false;
}

/* Called by Wireshark when the capture is closed, and before it is analysed again. */
static void cleanup_capture(void)
{
    forget_order();
    mps_replay_free(replay);
    replay = NULL;
    mptcpscope_reading_clear(&as_read);
    mps_frame_notes_free(frame_notes);
    frame_notes = NULL;
}

void proto_register_mptcpscope(void)
{
    proto_mptcpscope = proto_register_protocol("Multipath TCP scope", "MPTCP scope", "mptcpscope");
    mptcpscope_fields_register(proto_mptcpscope);
    mptcpscope_handle = register_dissector("mptcpscope", dissect_mptcpscope, proto_mptcpscope);
    mptcpscope_tap_id = register_tap(MPTCPSCOPE_TAP);
    probe_tap_id = register_tap(MPTCPSCOPE_TAP ".probe");
    tapped_pool = g_ptr_array_new_with_free_func(g_free);
    register_init_routine(init_capture);
    register_cleanup_routine(cleanup_capture);
}

void proto_reg_handoff_mptcpscope(void)
{
    mptcpscope_headers_init();
    mptcpscope_frame_notes_init();
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
