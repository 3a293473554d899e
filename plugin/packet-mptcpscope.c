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
#include "delivery.h"
#include "fields.h"
#include "filters.h"
#include "frame-notes.h"
#include "headers.h"
#include "info-column.h"
#include "preferences.h"
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
static int probe_tap_id;

/* In the order of the file; allocated by init_capture(), freed by cleanup_capture(). */
static mptcpscope_reading as_read;
static mps_frame_notes *frame_notes;
static unsigned analyses_run; /* by the tracker */
static mps_replay *replay;    /* all segments */

/* In the order of time; empty: that does not differ, as far as is known. */
static mptcpscope_reading ordered;
static uint32_t ordered_count; /* segments that it knows */
static uint32_t ordered_until; /* last frame that it knows */

static bool begun;         /* the first frame was dissected */
static int64_t first_time; /* its time, ns since the epoch */
static unsigned reading_number;

static bool asked_for; /* by a statistic, whatever the preference says */
static bool segments_wanted, plain_tcp_wanted;
static unsigned analyses_wanted, analyses_wanted_in_window;

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

/* Record verdicts in the order of frames.
 * @param verdicts  of all kept segments; frame 0: it is no segment of an MPTCP connection
 * @param marks     of all kept segments */
static void record_verdicts(const mps_verdict *verdicts, const mptcpscope_marks *marks)
{
    for (uint32_t i = 0; i < ordered_count; i++) {
        uint32_t frame = mps_replay_frame(replay, i), header = mps_replay_mark(replay, i);

        if (header == 0) {
            mptcpscope_records_begin(ordered.records, frame);
        }
        if (verdicts[i].frame != 0) {
            mptcpscope_records_add(ordered.records, frame, header, marks[i], &verdicts[i]);
        }
    }
}

/* Take all segments in again, in the order of time. */
static void put_in_order(void)
{
    mps_verdict *verdicts = g_new0(mps_verdict, mps_replay_count(replay));
    mptcpscope_marks *marks = g_new0(mptcpscope_marks, mps_replay_count(replay));
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
        } else if (mps_tracker_segment(ordered.tracker, &segment, &verdicts[index])) {
            marks[index] = mptcpscope_marks_of(&segment);
        } else {
            verdicts[index].frame = 0;
        }
    }
    mps_tracker_finish(ordered.tracker);
    mps_fields_settle(ordered.tracker);
    ordered_count = mps_replay_count(replay);
    ordered_until = mptcpscope_last_frame();
    record_verdicts(verdicts, marks);
    g_free(marks);
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

void mptcpscope_count_all(mps_report *report)
{
    const mptcpscope_reading *by = ordered.tracker != NULL ? &ordered : &as_read;
    const mptcpscope_record *record;

    for (uint32_t i = 0; (record = mptcpscope_records_get(by->records, i)) != NULL; i++) {
        mps_report_count(report, &record->verdict);
    }
    for (uint32_t i = 0; i < mps_tracker_icmp_count(by->tracker); i++) {
        mps_report_count_icmp(report, mps_tracker_icmp_at(by->tracker, i));
    }
}

int64_t mptcpscope_first_time(void)
{
    return first_time;
}

unsigned mptcpscope_reading_number(void)
{
    return reading_number;
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
    asked_for |= !mptcpscope_in_window();
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
    asked_for = true;
    segments_wanted = true;
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
 * first frame is dissected for such a field, or for notes in the column Info. They also are in a
 * pass without taps: the next pass may show fields that are not known yet. */
static void begin_pass(packet_info *pinfo, proto_tree *tree)
{
    const bool any = mptcpscope_info_is_wanted(pinfo) || !taps_are_active(pinfo);

    begun = true;
    first_time = mps_time_of(pinfo->abs_ts.secs, pinfo->abs_ts.nsecs);
    want_analyses(mptcpscope_fields_needs(any ? NULL : tree));
}

/* The first pass: give each segment and ICMP error to the tracker. */
static void analyse(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    const mptcpscope_delivery to = {as_read.tracker, tvb, pinfo, tree};
    const mps_icmp_record *icmp_record;
    mps_icmp_error icmp;
    mps_segment *segment;
    bool has_icmp;
    unsigned i;

    if (!begun) {
        begin_pass(pinfo, tree);
    }
    mptcpscope_reading_begin_frame(&as_read, pinfo->num);
    has_icmp = mptcpscope_frame_notes_take(frame_notes, tvb, pinfo,
                                           mptcpscope_headers_begin(tvb, pinfo), &icmp);
    for (i = 0; segment = mptcpscope_delivery_segment(i), mptcpscope_headers_next(pinfo, segment);
         i++) {
        const mptcpscope_record *record = NULL;
        mps_verdict verdict;

        mps_replay_add(replay, segment, i);
        if (mps_tracker_segment(as_read.tracker, segment, &verdict)) {
            record = mptcpscope_records_add(as_read.records, pinfo->num, i,
                                            mptcpscope_marks_of(segment), &verdict);
        }
        if (record != NULL || plain_tcp_wanted) {
            mptcpscope_deliver(&to, i, true, record);
        }
    }
    if (has_icmp) {
        mps_replay_add_icmp(replay, &icmp);
    }
    if (has_icmp && (icmp_record = mptcpscope_reading_take_icmp(&as_read, &icmp)) != NULL) {
        mptcpscope_deliver_icmp(&to, i, icmp_record);
    }
}

/* A later pass: show the ICMP error of the frame, if it has one.
 * @param index  how many segments were queued */
static void recall_icmp(const mptcpscope_reading *by, const mptcpscope_delivery *to, unsigned index)
{
    const mps_icmp_record *record = mptcpscope_reading_icmp(by, to->pinfo->num);

    if (record != NULL) {
        mptcpscope_deliver_icmp(to, index, record);
    }
}

/* A later pass with a listener that needs the segments: decode them again. */
static void recall_segments(const mptcpscope_reading *by, const mptcpscope_delivery *to)
{
    packet_info *pinfo = to->pinfo;
    uint32_t index = mptcpscope_records_find(by->records, pinfo->num);
    unsigned i;

    mptcpscope_headers_begin(to->frame, pinfo);
    for (i = 0; mptcpscope_headers_next(pinfo, mptcpscope_delivery_segment(i)); i++) {
        const mptcpscope_record *record = mptcpscope_records_at(by->records, index, pinfo->num);

        if (record != NULL && record->header == i) {
            mptcpscope_deliver(to, i, true, record);
            index++;
        } else if (plain_tcp_wanted) {
            mptcpscope_deliver(to, i, true, NULL);
        }
    }
    recall_icmp(by, to, i);
}

/* Any other later pass: the kept verdicts are enough. */
static void recall(const mptcpscope_reading *by, const mptcpscope_delivery *to)
{
    const uint32_t frame = to->pinfo->num;
    uint32_t index = mptcpscope_records_find(by->records, frame);
    const mptcpscope_record *record;
    unsigned i;

    for (i = 0; (record = mptcpscope_records_at(by->records, index + i, frame)) != NULL; i++) {
        mptcpscope_deliver(to, i, false, record);
    }
    recall_icmp(by, to, i);
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

/* @return what is said of a frame that was read */
static const mptcpscope_reading *reading_of(uint32_t frame)
{
    return ordered.tracker != NULL && frame <= ordered_until ? &ordered : &as_read;
}

bool mptcpscope_numbers_in_frame(uint32_t frame, uint32_t *connection, uint32_t *subflow)
{
    const mptcpscope_reading *by = reading_of(frame);
    const mptcpscope_record *record;
    const mps_icmp_record *icmp;

    if (by->tracker == NULL) {
        return false;
    }
    record = mptcpscope_records_at(by->records, mptcpscope_records_find(by->records, frame), frame);
    icmp = mptcpscope_reading_icmp(by, frame);
    if (record == NULL && icmp == NULL) {
        return false;
    }
    mps_tracker_numbers(by->tracker, record != NULL ? record->verdict.subflow : icmp->subflow,
                        connection, subflow);
    return *connection != MPS_NONE;
}

/* Called by Wireshark for every frame in every pass, after all other dissectors. Wireshark owns all
 * arguments. @return 0: the post-dissector consumes no bytes */
static int dissect_mptcpscope(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    const mptcpscope_reading *by;

    if (!asked_for && !mptcpscope_prefers_analysis()) {
        return 0;
    }
    if (!PINFO_FD_VISITED(pinfo)) {
        analyse(tvb, pinfo, tree);
        return 0;
    }
    prepare_recall();
    by = reading_of(pinfo->num);
    const mptcpscope_delivery to = {by->tracker, tvb, pinfo, tree};
    if (segments_wanted) {
        recall_segments(by, &to);
    } else {
        recall(by, &to);
    }
    return 0;
}

/* Called by Wireshark when a capture is opened, and when it is analysed again. */
static void init_capture(void)
{
    reading_number++;
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
    reading_number++;
    forget_order();
    mps_replay_free(replay);
    replay = NULL;
    mptcpscope_reading_clear(&as_read);
    mps_frame_notes_free(frame_notes);
    frame_notes = NULL;
}

void proto_register_mptcpscope(void)
{
    proto_mptcpscope = proto_register_protocol("Multipath TCP scope", "MPTCPSCOPE", "mptcpscope");
    mptcpscope_fields_register(proto_mptcpscope);
    mptcpscope_preferences_register(proto_mptcpscope);
    mptcpscope_filters_register();
    mptcpscope_handle = register_dissector("mptcpscope", dissect_mptcpscope, proto_mptcpscope);
    mptcpscope_delivery_register();
    probe_tap_id = register_tap(MPTCPSCOPE_TAP ".probe");
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
