/* align_lists.c: what one direction of a pair of subflows was at both ends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <mptcpscope/match.h>

void mps_pair_lists(const mps_trace *a, const mps_trace *b, const mps_pair *pair,
                    mps_direction direction, bool a_sends, mps_align_lists *lists)
{
    size_t count_a, count_b;
    mps_direction direction_b = pair->flipped ? !direction : direction;
    const mps_packet *packets_a = mps_trace_packets(a, pair->a, direction, &count_a);
    const mps_packet *packets_b = mps_trace_packets(b, pair->b, direction_b, &count_b);
    size_t answers_count_a, answers_count_b;
    const mps_packet *answers_a = mps_trace_packets(a, pair->a, !direction, &answers_count_a);
    const mps_packet *answers_b = mps_trace_packets(b, pair->b, !direction_b, &answers_count_b);
    unsigned peer = !direction; /* the client sends c2s, the server s2c */
    uint32_t shift[2] = {pair->shift[direction], pair->shift[peer]};
    *lists = (mps_align_lists){
        .sent = a_sends ? packets_a : packets_b,
        .received = a_sends ? packets_b : packets_a,
        .sent_count = a_sends ? count_a : count_b,
        .received_count = a_sends ? count_b : count_a,
        .answers = a_sends ? answers_b : answers_a,
        .answers_count = a_sends ? answers_count_b : answers_count_a,
        .seq_shift = a_sends ? shift[0] : -shift[0],
        .ack_shift = a_sends ? shift[1] : -shift[1],
        .shift_unknown = !pair->shift_known[0] || !pair->shift_known[1],
    };
}
