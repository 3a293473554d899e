/* readings.c: what is known of the open capture, and when it is found out.
 *
 * Wireshark dissects frames in the order of the file. If that turns out not to be the order of
 * time, all segments are taken in again by a second tracker (mptcpscope/replay.h), which then
 * serves later passes and reports.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define WS_LOG_DOMAIN "mptcpscope" /* WIRESHARK_LOG_DOMAIN and WIRESHARK_LOG_LEVEL=info */
#include "readings.h"
#include "packet-mptcpscope.h"
#include <mptcpscope/fields.h>
#include <mptcpscope/replay.h>
#include <wsutil/wslog.h>

/* More segments by this part of them are many. */
#define ORDER_AGAIN 8u

/* In the order of the file. `brief`: nobody asked for verdicts in the first pass, so none are kept,
 * and its analyses are those of every first pass. */
static mptcpscope_reading as_read;
static unsigned as_read_needs; /* MPS_NEED_* that its tracker ran from the first segment on */
static bool brief;

/* In the order of time; empty: that does not differ, as far as is known, or was not asked for. */
static mptcpscope_reading ordered;
static unsigned ordered_needs;
static uint32_t ordered_count; /* segments that it knows */
static uint32_t ordered_until; /* last frame that it knows */

/* The same, for the frame that is looked at first, with the fields of each segment. */
static mptcpscope_reading passing;
static uint32_t first_frame; /* 0: none was looked at */

static mps_replay *replay;  /* all segments */
static uint32_t last_frame; /* of the first pass until now */
static bool all_read;       /* the first pass is over */

static unsigned wanted;     /* by statistics, whatever capture is open */
static unsigned wanted_now; /* of this capture, by frames that were shown and by tables */

const mps_tracker *mptcpscope_tracker(void)
{
    return ordered.tracker != NULL ? ordered.tracker : as_read.tracker;
}

const mps_tracker *mptcpscope_tracker_as_read(void)
{
    return as_read.tracker;
}

void mptcpscope_readings_want(unsigned needs)
{
    wanted |= needs;
}

void mptcpscope_readings_want_now(unsigned needs)
{
    wanted_now |= needs;
}

/* @return whether analyses are asked for that are not among these */
static bool lacks(unsigned needs)
{
    return ((wanted | wanted_now) & ~needs) != 0;
}

static void forget_order(void)
{
    mptcpscope_reading_clear(&ordered);
    ordered_count = ordered_until = 0;
}

/* Record verdicts in the order of frames.
 * @param verdicts  of all kept segments; frame 0: it is no segment of an MPTCP connection
 * @param marks     of all kept segments */
static void record_verdicts(mptcpscope_records *records, const mps_verdict *verdicts,
                            const mptcpscope_marks *marks)
{
    for (uint32_t i = 0; i < mps_replay_count(replay); i++) {
        uint32_t frame = mps_replay_frame(replay, i), header = mps_replay_mark(replay, i);

        if (header == 0) {
            mptcpscope_records_begin(records, frame);
        }
        if (verdicts[i].frame != 0) {
            mptcpscope_records_add(records, frame, header, marks[i], &verdicts[i]);
        }
    }
}

/* Start analyses. @param needs  MPS_NEED_* and MPTCPSCOPE_NEED_EACH */
static void start_analyses(mps_tracker *tracker, unsigned needs)
{
    mps_analyses_want(tracker, needs & ~MPTCPSCOPE_NEED_EACH);
    mps_fields_keep(tracker,
                    needs & MPTCPSCOPE_NEED_EACH ? MPS_FIELDS_OF_ALL : MPS_FIELDS_OF_NOTABLE);
}

/* Take all segments in.
 * @param reading  overwritten
 * @param tracker  new, owned by the reading from now on
 * @param read     took them in before: take them in in the order of time; NULL: in that of the file
 */
static void take_all(mptcpscope_reading *reading, mps_tracker *tracker, const mps_tracker *read,
                     unsigned needs)
{
    mps_verdict *verdicts = g_new0(mps_verdict, mps_replay_count(replay));
    mptcpscope_marks *marks = g_new0(mptcpscope_marks, mps_replay_count(replay));
    mps_segment segment;
    uint32_t index;
    mps_next next;

    ws_info("%u segments again, for analyses %#x", mps_replay_count(replay), needs);
    mptcpscope_reading_begin(reading, tracker);
    start_analyses(tracker, needs);
    mps_replay_begin(replay, read);
    while ((next = mps_replay_next(replay, &segment, &index)) > 0) {
        if (next == MPS_NEXT_ICMP_ERROR) {
            mptcpscope_reading_take_icmp(reading, mps_replay_icmp_error(replay));
        } else if (mps_tracker_segment(tracker, &segment, &verdicts[index])) {
            marks[index] = mptcpscope_marks_of(&segment);
        } else {
            verdicts[index].frame = 0;
        }
    }
    record_verdicts(reading->records, verdicts, marks);
    g_free(marks);
    g_free(verdicts);
}

/* Begin to keep verdicts, or to run more analyses: take in again what was read until now. */
static void read_again(void)
{
    mptcpscope_reading_clear(&as_read);
    as_read_needs = wanted | wanted_now;
    take_all(&as_read, mps_tracker_new(MPS_TRACK_MPTCP), NULL, as_read_needs);
    brief = false;
}

static void take_in_order(mptcpscope_reading *reading, unsigned needs)
{
    take_all(reading, mps_replay_tracker(as_read.tracker), as_read.tracker, needs);
    mps_tracker_finish(reading->tracker);
    mps_fields_settle(reading->tracker);
}

static void put_in_order(void)
{
    forget_order();
    ordered_needs = wanted | wanted_now;
    take_in_order(&ordered, ordered_needs);
    ordered_count = mps_replay_count(replay);
    ordered_until = last_frame;
}

/* @return whether the reading in the order of time is needed and is not as it should be */
static bool is_out_of_order(void)
{
    return (brief || mps_replay_is_needed(as_read.tracker)) &&
           (ordered.tracker == NULL || ordered_count != mps_replay_count(replay) ||
            lacks(ordered_needs));
}

void mptcpscope_finish(void)
{
    if (as_read.tracker == NULL) {
        return;
    }
    /* Once all was read, a reading in the order of time is enough. */
    if (brief ? !all_read : lacks(as_read_needs)) {
        read_again();
    }
    mps_tracker_finish(as_read.tracker);
    if (is_out_of_order()) {
        put_in_order();
    }
}

const mptcpscope_reading *mptcpscope_readings_of_first(uint32_t frame, unsigned needs)
{
    if (!brief || !all_read || first_frame != 0) {
        return NULL;
    }
    first_frame = frame;
    mps_tracker_finish(as_read.tracker);
    take_in_order(&passing, needs);
    return &passing;
}

const mptcpscope_reading *mptcpscope_readings_of(uint32_t frame)
{
    const uint32_t count = mps_replay_count(replay);

    mptcpscope_reading_clear(&passing);
    if (all_read || ordered_count == 0 || lacks(ordered_needs) ||
        count - ordered_count > ordered_count / ORDER_AGAIN) {
        mptcpscope_finish();
    } else {
        mps_tracker_finish(as_read.tracker);
    }
    if (ordered.tracker != NULL && (brief || frame <= ordered_until)) {
        return &ordered;
    }
    mps_fields_settle(as_read.tracker);
    return &as_read;
}

/* @return the record of a segment, NULL: plain TCP. @param index  of the replay */
static const mptcpscope_record *record_of(const mptcpscope_reading *by, uint32_t index)
{
    const uint32_t frame = mps_replay_frame(replay, index);
    const mptcpscope_record *record;

    for (uint32_t i = mptcpscope_records_find(by->records, frame);
         (record = mptcpscope_records_at(by->records, i, frame)) != NULL; i++) {
        if (record->header == mps_replay_mark(replay, index)) {
            return record;
        }
    }
    return NULL;
}

/* Count again in the order of time for a report that is about plain TCP, too. */
static void recount_with_plain(mps_report *report)
{
    mps_segment segment;
    uint32_t index;
    mps_next next;

    mps_replay_begin(replay, as_read.tracker);
    while ((next = mps_replay_next(replay, &segment, &index)) > 0) {
        const mptcpscope_record *record =
            next == MPS_NEXT_SEGMENT ? record_of(&ordered, index) : NULL;

        if (record != NULL) {
            mps_report_recount(report, &record->verdict);
        } else if (next == MPS_NEXT_SEGMENT) {
            mps_report_recount_plain(report, &segment);
        }
    }
}

void mptcpscope_recount(mps_report *report)
{
    const mptcpscope_record *record;

    if (ordered.tracker == NULL) {
        return;
    }
    mps_report_recount_begin(report);
    if (mps_report_wants_plain(report)) {
        recount_with_plain(report);
    } else {
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

uint32_t mptcpscope_last_tcp_frame(void)
{
    const uint32_t count = replay != NULL ? mps_replay_count(replay) : 0;
    const uint32_t last = mptcpscope_last_frame();

    return count > 0 ? MAX(last, mps_replay_frame(replay, count - 1)) : last;
}

uint32_t mptcpscope_last_frame(void)
{
    const mptcpscope_reading *reading = brief ? &ordered : &as_read;
    uint32_t segment, count;

    if (reading->tracker == NULL) {
        return 0;
    }
    segment = mptcpscope_records_last_frame(reading->records);
    count = mps_tracker_icmp_count(reading->tracker);
    return count > 0 ? MAX(segment, mps_tracker_icmp_at(reading->tracker, count - 1)->error.frame)
                     : segment;
}

const mps_tracker *mptcpscope_readings_begin_frame(uint32_t frame, bool asked)
{
    if (asked && (brief || lacks(as_read_needs))) {
        read_again();
    }
    mptcpscope_reading_begin_frame(&as_read, frame);
    last_frame = frame;
    return as_read.tracker;
}

const mptcpscope_record *mptcpscope_readings_take(const mps_segment *segment, uint32_t header)
{
    static mptcpscope_record latest;

    mps_replay_add(replay, segment, header);
    if (!mps_tracker_segment(as_read.tracker, segment, &latest.verdict)) {
        return NULL;
    }
    latest.frame = segment->frame;
    latest.header = (uint16_t)header;
    latest.marks = mptcpscope_marks_of(segment);
    if (brief) {
        return &latest;
    }
    return mptcpscope_records_add(as_read.records, latest.frame, header, latest.marks,
                                  &latest.verdict);
}

const mps_icmp_record *mptcpscope_readings_take_icmp(const mps_icmp_error *icmp)
{
    mps_replay_add_icmp(replay, icmp);
    return mptcpscope_reading_take_icmp(&as_read, icmp);
}

void mptcpscope_readings_begin(unsigned first_needs)
{
    mptcpscope_reading_begin(&as_read, mps_tracker_new(MPS_TRACK_MPTCP));
    mps_analyses_want(as_read.tracker, first_needs);
    mps_fields_keep(as_read.tracker, MPS_FIELDS_OF_LATEST);
    brief = true;
    replay = mps_replay_new();
    wanted_now = 0;
    first_frame = last_frame = 0;
    all_read = false;
}

void mptcpscope_readings_end(void)
{
    forget_order();
    mptcpscope_reading_clear(&passing);
    mptcpscope_reading_clear(&as_read);
    mps_replay_free(replay);
    replay = NULL;
}

void mptcpscope_readings_all_read(void)
{
    all_read = true;
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
