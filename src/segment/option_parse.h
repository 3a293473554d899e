/* option_parse.h: decodes TCP and MPTCP options from their bytes, for those who have no whole
 * header.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_OPTION_PARSE_H
#define MPS_OPTION_PARSE_H

#include <mptcpscope/segment.h>

/**
 * Decode TCP options into the members below "From the TCP options". The dump reader calls this with
 * the options that the dump holds.
 *
 * @param segment   header_length and flags must be set
 * @param options   raw bytes, which are copied into the segment
 * @param captured  how many; if they are fewer than header_length - 20, the options are truncated
 */
void mps_segment_parse_options(mps_segment *segment, const uint8_t *options, size_t captured);

/**
 * Decode one MPTCP option.
 *
 * @param option     filled in
 * @param raw        the option, from its kind byte on; must live as long as `option`
 * @param length     bytes on the wire, at least 3
 * @param captured   bytes that were captured, at least 3 and at most `length`
 * @param tcp_flags  of the segment: they decide the form of MP_JOIN
 */
void mps_option_parse(mps_option *option, const uint8_t *raw, uint8_t length, size_t captured,
                      uint16_t tcp_flags);

#endif
