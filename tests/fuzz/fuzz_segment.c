/* fuzz_segment.c: feeds arbitrary bytes to the parsers of segments and ICMP errors.
 *
 * The first two bytes of an input are the length on the wire; the rest is the packet.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "mptcpscope/icmp_error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Read all bytes that the result points to, so that the sanitizers check them. */
static void use(const mps_segment *segment)
{
    char text[MPS_ADDRESS_TEXT_MAX];
    unsigned sum = 0;

    mps_address_text(&segment->source, text);
    if (segment->options_captured > MPS_TCP_OPTIONS_MAX ||
        segment->mptcp_count > MPS_MPTCP_OPTIONS_MAX || segment->sack_blocks > MPS_SACK_BLOCKS_MAX)
        abort();
    for (unsigned i = 0; i < segment->mptcp_count; i++) {
        const mps_option *option = &segment->mptcp[i];
        const size_t at = (size_t)(option->raw - segment->options);
        if (option->valid && option->truncated)
            abort();
        if (!option->truncated && at + option->length > segment->options_captured)
            abort();
        sum += option->raw[2];
    }
    if (sum > MPS_MPTCP_OPTIONS_MAX * 255)
        abort();
}

/* Addresses of one kind, and a name for what it says. */
static void use_icmp(const mps_icmp_error *icmp)
{
    const uint8_t length = icmp->sender.length;
    if ((length != 4 && length != 16) || icmp->source.length != length ||
        icmp->destination.length != length || strcmp(mps_icmp_error_name(icmp), "unknown") == 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static mps_segment segment;

    if (size < 2)
        return 0;
    const size_t captured = size - 2;
    const size_t length = (size_t)(data[0] << 8 | data[1]);

    /* A heap block of exactly this size, so that the sanitizers detect every load past its end. */
    uint8_t *packet = malloc(captured > 0 ? captured : 1);
    if (packet == NULL)
        return 0;
    memcpy(packet, data + 2, captured);
    if (mps_segment_parse_ip(&segment, packet, captured, length) == MPS_PARSE_OK)
        use(&segment);
    if (mps_segment_parse_tcp(&segment, packet, captured, length) == MPS_PARSE_OK)
        use(&segment);
    mps_icmp_error icmp;
    if (mps_icmp_error_parse(&icmp, packet, captured))
        use_icmp(&icmp);
    free(packet);
    return 0;
}
