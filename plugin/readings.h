/* readings.h: what is known of the open capture: all segments, and up to two readings of them, in
 * the order of the file and in the order of time.
 *
 * A capture is often opened to look at a few frames, and most of what can be found out is never
 * asked for. So the first pass only keeps the segments and follows the connections, unless somebody
 * asks for more meanwhile. What is asked for later is found by taking all segments in again.
 * Opening a capture costs little that way; docs/performance.md has the figures, bench/open measures
 * them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_READINGS_H
#define MPTCPSCOPE_PLUGIN_READINGS_H

#include "reading.h"
#include <stdbool.h>

/** Begin with a capture. @param first_needs  analyses that every first pass needs, MPS_NEED_*; they
 *  keep only what they know of the latest segment */
void mptcpscope_readings_begin(unsigned first_needs);

/** Free all that is known of the capture. */
void mptcpscope_readings_end(void);

/** All frames of the capture were read. */
void mptcpscope_readings_all_read(void);

/** From now on statistics need analyses. @param needs  MPS_NEED_* */
void mptcpscope_readings_want(unsigned needs);

/* Besides MPS_NEED_*: fields of all segments, not just of those that are notable. */
#define MPTCPSCOPE_NEED_EACH (1u << 31)

/** From now on analyses of this capture are needed, for frames that are shown or for a table. */
void mptcpscope_readings_want_now(unsigned needs);

/** First pass: begin a frame.
 *  @param asked  somebody asks for verdicts or fields; if not, none are kept
 *  @return the tracker that takes its segments in, valid until the next frame begins */
const mps_tracker *mptcpscope_readings_begin_frame(uint32_t frame, bool asked);

/** First pass: take a segment of the frame in.
 *  @param header  number of its TCP header within the frame, from 0
 *  @return its record, kept if verdicts are asked for, else valid until the next segment is taken
 *          in; NULL: it is not of an MPTCP connection */
const mptcpscope_record *mptcpscope_readings_take(const mps_segment *segment, uint32_t header);

/** First pass: take an ICMP error of the frame in. @return as mptcpscope_reading_take_icmp() */
const mps_icmp_record *mptcpscope_readings_take_icmp(const mps_icmp_error *icmp);

/** A later pass: get what is said of the frame that is looked at. Wireshark itself selects one as
 * soon as a file is loaded. So its fields are taken from a reading that is dropped afterwards, and
 * only when another frame is looked at the fields of each segment are kept.
 *  @param needs  of the frame
 *  @return what is said of it, valid until the next call of this function or of
 *  mptcpscope_readings_of(); NULL: it is not the first one, call that */
const mptcpscope_reading *mptcpscope_readings_of_first(uint32_t frame, unsigned needs);

/** A later pass: find out what is asked for and not known yet. While a capture goes on, all
 * segments are put in order anew only if there are many more of them.
 *  @return what is said of a frame that was read, valid until the next call */
const mptcpscope_reading *mptcpscope_readings_of(uint32_t frame);

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
