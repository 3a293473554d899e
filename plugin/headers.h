/* headers.h: finds the TCP headers of a frame that Wireshark dissected, and decodes them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_HEADERS_H
#define MPTCPSCOPE_PLUGIN_HEADERS_H

#include <epan/packet.h>
#include <mptcpscope/segment.h>
#include <stdbool.h>

/** Look up the protocols that headers.c needs. Called once, after all protocols are registered. */
void mptcpscope_headers_init(void);

/**
 * Begin with a dissected frame.
 * @param frame  buffer of the whole frame; used until the next frame begins
 * @return whether Wireshark found TCP in it, other than what an ICMP message quotes
 */
bool mptcpscope_headers_begin(tvbuff_t *frame, packet_info *pinfo);

/** @return the encapsulation of a dissected frame, WTAP_ENCAP_* */
int mptcpscope_headers_encapsulation(const packet_info *pinfo);

/** @return what the file and the link layer tell of a frame. @param frame  buffer of all of it */
mps_link_facts mptcpscope_headers_link(tvbuff_t *frame, const packet_info *pinfo);

/**
 * Decode the next TCP header of the frame, in the order of their bytes: outer headers come before
 * inner ones. Headers that an ICMP message quotes and headers that are cut or malformed are left
 * out. Every pass over a capture gets the same headers.
 * @param segment  set; its pointers are valid until Wireshark has finished with the frame
 * @return false if there is no further header
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
