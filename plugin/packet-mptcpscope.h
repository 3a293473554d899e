/* packet-mptcpscope.h: the post-dissector as the taps use it: its own tap, its tracker, and what it
 * analyses.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PACKET_MPTCPSCOPE_H
#define MPTCPSCOPE_PACKET_MPTCPSCOPE_H

#include <mptcpscope/analysis.h>
#include <mptcpscope/frame_notes.h>
#include <mptcpscope/report.h>

/* Name of the tap and what its listeners get: one call for each TCP segment of an MPTCP connection,
 * and for each ICMP error about one.
 * The post-dissector owns everything. The structure and the segment, with their pointers, are valid
 * during the call; the tracker and the verdict are valid until mptcpscope_finish(). */
#define MPTCPSCOPE_TAP "mptcpscope"

typedef struct {
    const mps_tracker *tracker;
    const mps_segment *segment;  /* NULL in later passes, unless mptcpscope_want_segments() was
                                    called */
    const mps_verdict *verdict;  /* NULL for plain TCP, see mptcpscope_want_plain_tcp() */
    const mps_icmp_record *icmp; /* an ICMP error: segment and verdict are NULL; otherwise NULL */
} mptcpscope_tap;

/** From now on pass segments to the listeners in every pass. */
void mptcpscope_want_segments(void);

/** From now on pass segments of plain TCP connections too. */
void mptcpscope_want_plain_tcp(void);

/** From now on pass on what a report counts: segments of plain TCP, if it is about them, too. */
void mptcpscope_want_counted(const mps_report *report);

/** As long as there are such readers, pass segments of plain TCP connections too.
 *  @param begins  there is one more; otherwise one less */
void mptcpscope_plain_tcp_reader(bool begins);

/** From now on run more analyses than verdicts need. What is known of an open capture has them from
 *  the next frame on, or after mptcpscope_finish(), for all its segments. @param needs  MPS_NEED_*
 */
void mptcpscope_want_analyses(unsigned needs);

/** The same for the open capture alone: what a table or a window asks for once. */
void mptcpscope_want_analyses_once(unsigned needs);

/** @return the tracker of the open capture, which owns it; NULL if no capture is open. After
 *  mptcpscope_finish() it is the one that took segments in in the order of time. */
const mps_tracker *mptcpscope_tracker(void);

/** @return the tracker that takes segments in as they are captured; for what is shown meanwhile */
const mps_tracker *mptcpscope_tracker_as_read(void);

/** After mptcpscope_finish(): count again for a report if the order of time changed the verdicts.
 *  mps_report_will_recount() must have been called. */
void mptcpscope_recount(mps_report *report);

/** Count all segments and ICMP errors of the open capture for a report, in the order of time after
 *  mptcpscope_finish(). @param report  counts nothing yet */
void mptcpscope_count_all(mps_report *report);

/** @return the time of the first frame of the open capture, ns since the epoch */
int64_t mptcpscope_first_time(void);

/** @return a number that changes when a capture is opened, closed or analysed again */
unsigned mptcpscope_reading_number(void);

/** @return the notes on the frames of the open capture, which owns them; NULL if none is open */
const mps_frame_notes *mptcpscope_frame_notes(void);

/** Decide about all segments that wait to be known as copies, and take all segments in again if
 *  they were not in the order of time, or if not all was asked for when they were read. Call it
 *  after the last frame, before a report is written. */
void mptcpscope_finish(void);

/** @return the last frame so far with a segment of an MPTCP connection, or an ICMP error about one;
 *  0 if there is none */
uint32_t mptcpscope_last_frame(void);

/** @return the same for segments of any TCP connection */
uint32_t mptcpscope_last_tcp_frame(void);

/** Get the numbers of the first subflow in a frame that was read.
 *  @return false: the frame is not of an MPTCP connection */
bool mptcpscope_numbers_in_frame(uint32_t frame, uint32_t *connection, uint32_t *subflow);

/** @return the number that Wireshark gave to the protocol */
int mptcpscope_protocol(void);

/** Called by Wireshark when it starts: register the protocol, its fields and its tap. */
void proto_register_mptcpscope(void);

/** Called by Wireshark when it starts, after all protocols are registered. */
void proto_reg_handoff_mptcpscope(void);

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
