/* headers.h: finds the TCP headers of a frame that Wireshark dissected, and decodes them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_HEADERS_H
#define MPTCPSCOPE_PLUGIN_HEADERS_H

#include <epan/packet.h>
#include <mptcpscope/segment.h>
#include <stdbool.h>

/** Look up the protocols that headers are found by. Call it once, when all are registered. */
void mptcpscope_headers_init(void);

/**
 * Begin with a frame that was dissected.
 * @param frame  the buffer that holds all of the frame
 */
void mptcpscope_headers_begin(tvbuff_t *frame, packet_info *pinfo);

/**
 * Decode the frame's next TCP header: from the outermost to the innermost, and those beside one
 * another as they lie in the frame. Headers that an ICMP message quotes are left out, and so are
 * those that are cut or malformed. In every pass over a capture they are the same.
 * @param segment  filled in
 * @return false if there is no further one
 */
bool mptcpscope_headers_next(packet_info *pinfo, mps_segment *segment);

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
