/* frame-notes.h: counts the frames in which Wireshark finds no TCP although they may carry it, as
 * the command does, and finds the ICMP errors in frames.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_FRAME_NOTES_H
#define MPTCPSCOPE_PLUGIN_FRAME_NOTES_H

#include <epan/packet.h>
#include <mptcpscope/frame_notes.h>

/** Look up the link types. Called once. */
void mptcpscope_frame_notes_init(void);

/**
 * Take a dissected frame, in the first pass.
 * @param frame    buffer of the whole frame
 * @param has_tcp  Wireshark found TCP in it
 * @param icmp     filled in where true is returned
 * @return whether the frame holds an ICMP error about a TCP segment
 */
bool mptcpscope_frame_notes_take(mps_frame_notes *notes, tvbuff_t *frame, const packet_info *pinfo,
                                 bool has_tcp, mps_icmp_error *icmp);

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
