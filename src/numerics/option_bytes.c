/* option_bytes.c: counts the bytes of MPTCP options in TCP headers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "option_bytes.h"
#include "base/bytes.h"
#include "formulas.h"

/* TCP option kinds (RFC 9293 section 3.1). */
enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_MSS = 2 };

#define TCP_HEADER_MIN 20u

bool mps_header_next_option(const mps_header *header, unsigned *at, mps_tcp_option *option)
{
    const unsigned end = header->options_captured;
    while (*at < end && header->options[*at] == OPTION_NOP)
        ++*at;
    if (*at + 1 >= end || header->options[*at] == OPTION_END)
        return false;
    *option = (mps_tcp_option){header->options[*at], (uint8_t)*at, header->options[*at + 1]};
    *at += option->length;
    return option->length >= 2 && *at <= end;
}

/* @return bytes of padding right after an option, up to a multiple of four */
static unsigned padding_after(const mps_header *header, unsigned end)
{
    const unsigned most = MIN(mps_padded(end), header->options_captured);
    unsigned at = end;
    while (at < most && header->options[at] == OPTION_NOP)
        at++;
    if (at < most && header->options[at] == OPTION_END)
        at = most;
    return at - end;
}

static void add_header(mps_option_bytes *sum, const mps_header *header)
{
    mps_tcp_option option;
    unsigned at = 0;
    sum->segments++;
    sum->cut += header->options_captured + TCP_HEADER_MIN < header->header_length;
    while (mps_header_next_option(header, &at, &option)) {
        if (option.kind != MPS_TCP_OPTION_MPTCP || option.length < 3)
            continue;
        mps_option_sum *kind = &sum->sums[header->options[option.at + 2] >> 4];
        kind->options++;
        kind->bytes += option.length;
        kind->padding += padding_after(header, at);
    }
}

void mps_option_bytes_add(mps_option_bytes *sum, const mps_trace *trace, uint32_t id,
                          mps_direction direction)
{
    size_t count = 0;
    const mps_header *headers = mps_trace_headers(trace, id, direction);
    if (!headers || !mps_trace_packets(trace, id, direction, &count))
        return;
    for (size_t i = 0; i < count; i++)
        add_header(sum, &headers[i]);
}

uint64_t mps_option_bytes_total(const mps_option_bytes *sum)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < MPS_OPTION_SUBTYPES; i++)
        total += sum->sums[i].bytes + sum->sums[i].padding;
    return total;
}

unsigned mps_mss_announced(const mps_trace *trace, uint32_t id, mps_direction direction)
{
    size_t count = 0;
    const mps_packet *packets = mps_trace_packets(trace, id, direction, &count);
    const mps_header *headers = mps_trace_headers(trace, id, direction);
    for (size_t i = 0; headers && i < count; i++) {
        mps_tcp_option option;
        unsigned at = 0;
        while ((packets[i].flags & MPS_TCP_SYN) &&
               mps_header_next_option(&headers[i], &at, &option))
            if (option.kind == OPTION_MSS && option.length == 4)
                return mps_load16(&headers[i].options[option.at + 2]);
    }
    return 0;
}
