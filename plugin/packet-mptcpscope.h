/* packet-mptcpscope.h: what the post-dissector offers to the statistics: its tap and its tracker.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PACKET_MPTCPSCOPE_H
#define MPTCPSCOPE_PACKET_MPTCPSCOPE_H

#include <mptcpscope/analysis.h>

/* Name of the tap, and what a listener gets: one call for each TCP segment of an MPTCP connection.
 * All that it points to is the post-dissector's; tap, segment and their pointers are valid during
 * the call only, tracker and verdict until the capture is closed. */
#define MPTCPSCOPE_TAP "mptcpscope"

typedef struct {
    const mps_tracker *tracker;
    const mps_segment *segment; /* NULL in all passes but the first, where nobody wants it; see
                                   mptcpscope_want_segments() */
    const mps_verdict *verdict; /* NULL: plain TCP; see mptcpscope_want_plain_tcp() */
} mptcpscope_tap;

/** From now on tap segments in every pass. */
void mptcpscope_want_segments(void);

/** From now on tap the segments of plain TCP connections too. */
void mptcpscope_want_plain_tcp(void);

/**
 * From now on have more analysed than verdicts need. For the capture that is open it counts from
 * its next frame on.
 * @param needs  as of mps_tracker_want()
 */
void mptcpscope_want_analyses(unsigned needs);

/** The same for Wireshark's window only, where tables are asked for when all frames were read. */
void mptcpscope_want_in_window(unsigned needs);

/** @return the tracker of the capture that is open, or NULL. */
const mps_tracker *mptcpscope_tracker(void);

/** @return the last frame up to now that holds a segment of an MPTCP connection; 0: none. */
uint32_t mptcpscope_last_frame(void);

/** @return the number of the protocol as Wireshark registered it. */
int mptcpscope_protocol(void);

/* Called by Wireshark when it starts. */
void proto_register_mptcpscope(void);
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
