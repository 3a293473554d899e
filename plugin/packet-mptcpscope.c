/* packet-mptcpscope.c: the post-dissector. In the first pass over a capture it feeds the tracker.
 * In every pass it shows the verdicts as fields and passes them to the tap "mptcpscope".
 *
 * It takes the bytes of headers from the frame (headers.c), so it gets every TCP header, even if
 * the TCP dissector gave up. readings.c keeps what is known of the capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define WS_LOG_DOMAIN "mptcpscope" /* as in readings.c */
#include "packet-mptcpscope.h"
#include "delivery.h"
#include "fields.h"
#include "filters.h"
#include "frame-notes.h"
#include "headers.h"
#include "info-column.h"
#include "preferences.h"
#include "readings.h"
#include "window.h"
#include <epan/packet.h>
#include <epan/tap.h>
#include <wsutil/wslog.h>

static int proto_mptcpscope = -1;
static dissector_handle_t mptcpscope_handle;
static mps_frame_notes *frame_notes;
static bool begun;         /* the first frame was dissected */
static int64_t first_time; /* its time, ns since the epoch */
static unsigned reading_number;

static bool asked_for; /* by a statistic, whatever the preference says */
static bool segments_wanted, plain_tcp_wanted;
static unsigned plain_tcp_readers; /* tables that want plain TCP of the frames that are read */

const mps_frame_notes *mptcpscope_frame_notes(void)
{
    return frame_notes;
}

int64_t mptcpscope_first_time(void)
{
    return first_time;
}

unsigned mptcpscope_reading_number(void)
{
    return reading_number;
}

int mptcpscope_protocol(void)
{
    return proto_mptcpscope;
}

void mptcpscope_want_plain_tcp(void)
{
    plain_tcp_wanted = true;
}

void mptcpscope_want_counted(const mps_report *report)
{
    if (mps_report_wants_plain(report)) {
        segments_wanted = true;
        plain_tcp_wanted = true;
    }
}

void mptcpscope_plain_tcp_reader(bool begins)
{
    if (begins) {
        plain_tcp_readers++;
    } else {
        plain_tcp_readers--;
    }
    ws_info("plain TCP is passed on to %u tables", plain_tcp_readers);
}

static bool plain_tcp_is_wanted(void)
{
    return plain_tcp_wanted || plain_tcp_readers > 0;
}

void mptcpscope_want_analyses(unsigned needs)
{
    asked_for |= !mptcpscope_in_window();
    mptcpscope_readings_want(needs);
}

void mptcpscope_want_analyses_once(unsigned needs)
{
    asked_for |= !mptcpscope_in_window();
    mptcpscope_readings_want_now(needs);
}

void mptcpscope_want_segments(void)
{
    asked_for = true;
    segments_wanted = true;
}

/* @return whether somebody asks what is known of a frame. Wireshark's window asks whenever it
 * shows a frame, but not while it loads a file. */
static bool is_asked(const packet_info *pinfo, proto_tree *tree)
{
    return (mptcpscope_in_window() && PINFO_FD_VISITED(pinfo)) || mptcpscope_has_listener() ||
           mptcpscope_info_is_wanted(pinfo) || mptcpscope_fields_are_asked(tree);
}

/* @return the analyses that a frame is shown with, MPS_NEED_* and MPTCPSCOPE_NEED_EACH. Rows of the
 * packet list only show what is notable. */
static unsigned needs_of(const packet_info *pinfo, proto_tree *tree)
{
    const unsigned notable =
        MPS_NEED_FIELDS | MPS_NEED_EVENTS | MPS_NEED_CHECKSUMS | MPS_NEED_TRANSMISSIONS;
    const unsigned needs = mptcpscope_fields_needs_of(tree);

    if (needs != 0) {
        return needs | MPTCPSCOPE_NEED_EACH;
    }
    return mptcpscope_in_window() || mptcpscope_info_is_wanted(pinfo)
               ? mptcpscope_fields_needs() & notable
               : 0;
}

/* A later pass. @return what is said of the frame */
static const mptcpscope_reading *reading_of(const packet_info *pinfo, unsigned needs)
{
    const mptcpscope_reading *first = NULL;

    if (needs & MPTCPSCOPE_NEED_EACH && mptcpscope_in_window() && !mptcpscope_has_listener()) {
        first = mptcpscope_readings_of_first(pinfo->num, needs);
    }
    if (first != NULL) {
        return first;
    }
    mptcpscope_readings_want_now(needs);
    return mptcpscope_readings_of(pinfo->num);
}

/* The first pass: take each segment and ICMP error in. */
static void analyse(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    const bool asked = is_asked(pinfo, tree);

    if (asked) {
        mptcpscope_readings_want_now(needs_of(pinfo, tree));
    }
    const mptcpscope_delivery to = {mptcpscope_readings_begin_frame(pinfo->num, asked), tvb, pinfo,
                                    tree};
    const mps_icmp_record *icmp_record;
    mps_icmp_error icmp;
    mps_segment *segment;
    bool has_icmp;
    unsigned i;

    if (!begun) {
        begun = true;
        first_time = mps_time_of(pinfo->abs_ts.secs, pinfo->abs_ts.nsecs);
    }
    has_icmp = mptcpscope_frame_notes_take(frame_notes, tvb, pinfo,
                                           mptcpscope_headers_begin(tvb, pinfo), &icmp);
    for (i = 0; segment = mptcpscope_delivery_segment(i), mptcpscope_headers_next(pinfo, segment);
         i++) {
        const mptcpscope_record *record = mptcpscope_readings_take(segment, i);

        if (record != NULL || plain_tcp_is_wanted()) {
            mptcpscope_deliver(&to, i, true, record);
        }
    }
    if (has_icmp && (icmp_record = mptcpscope_readings_take_icmp(&icmp)) != NULL) {
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
        } else if (plain_tcp_is_wanted()) {
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

bool mptcpscope_numbers_in_frame(uint32_t frame, uint32_t *connection, uint32_t *subflow)
{
    const mptcpscope_reading *by;
    const mptcpscope_record *record;
    const mps_icmp_record *icmp;

    if (mptcpscope_tracker() == NULL) {
        return false;
    }
    by = mptcpscope_readings_of(frame);
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
    if (!is_asked(pinfo, tree)) {
        return 0;
    }
    by = reading_of(pinfo, needs_of(pinfo, tree));
    const mptcpscope_delivery to = {by->tracker, tvb, pinfo, tree};
    if (segments_wanted || plain_tcp_readers > 0) {
        recall_segments(by, &to);
    } else {
        recall(by, &to);
    }
    return 0;
}

/* Called by Wireshark when a capture is opened, and when it is analysed again. Its window shows the
 * highest severity of all expert info as soon as a file is loaded. */
static void init_capture(void)
{
    const unsigned severe = MPS_NEED_FIELDS | MPS_NEED_EVENTS | MPS_NEED_CHECKSUMS;

    reading_number++;
    begun = false;
    mptcpscope_fields_begin();
    mptcpscope_readings_begin(mptcpscope_in_window() ? mptcpscope_fields_needs() & severe : 0);
    frame_notes = mps_frame_notes_new();
}

/* Called by Wireshark when the capture is closed, and before it is analysed again. */
static void cleanup_capture(void)
{
    reading_number++;
    mptcpscope_readings_end();
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
    register_init_routine(init_capture);
    register_cleanup_routine(cleanup_capture);
    register_postseq_cleanup_routine(mptcpscope_readings_all_read);
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
