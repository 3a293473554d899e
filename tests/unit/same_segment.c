/* same_segment.c: asserts that two segments are the same, member by member.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "same_segment.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void assert_same_address(const mps_address *a, const mps_address *b)
{
    assert_int_equal(a->length, b->length);
    assert_memory_equal(a->bytes, b->bytes, sizeof a->bytes);
}

static void assert_same_options(const mps_segment *a, const mps_segment *b)
{
    assert_int_equal(a->options_captured, b->options_captured);
    assert_memory_equal(a->options, b->options, a->options_captured);
    assert_int_equal(a->options_truncated, b->options_truncated);
    assert_int_equal(a->options_malformed, b->options_malformed);
    assert_int_equal(a->has_timestamps, b->has_timestamps);
    assert_int_equal(a->tsval, b->tsval);
    assert_int_equal(a->tsecr, b->tsecr);
    assert_int_equal(a->sack_blocks, b->sack_blocks);
    assert_int_equal(a->mptcp_count, b->mptcp_count);
    for (unsigned i = 0; i < a->mptcp_count; i++) {
        assert_int_equal(a->mptcp[i].subtype, b->mptcp[i].subtype);
        assert_int_equal(a->mptcp[i].valid, b->mptcp[i].valid);
    }
}

void assert_same_segment(const mps_segment *a, const mps_segment *b)
{
    assert_int_equal(a->frame, b->frame);
    assert_int_equal(a->tcp_stream, b->tcp_stream);
    assert_true(a->time == b->time);
    assert_same_address(&a->source, &b->source);
    assert_same_address(&a->destination, &b->destination);
    assert_int_equal(a->ip_id, b->ip_id);
    assert_int_equal(a->ttl, b->ttl);
    assert_int_equal(a->tos, b->tos);
    assert_int_equal(a->source_port, b->source_port);
    assert_int_equal(a->destination_port, b->destination_port);
    assert_int_equal(a->seq, b->seq);
    assert_int_equal(a->ack, b->ack);
    assert_int_equal(a->flags, b->flags);
    assert_int_equal(a->window, b->window);
    assert_int_equal(a->checksum, b->checksum);
    assert_int_equal(a->urgent, b->urgent);
    assert_int_equal(a->header_length, b->header_length);
    assert_int_equal(a->length, b->length);
    assert_int_equal(a->has_payload_sum, b->has_payload_sum);
    assert_int_equal(a->payload_sum, b->payload_sum);
    assert_int_equal(a->link.interface, b->link.interface);
    assert_int_equal(a->link.link_index, b->link.link_index);
    assert_int_equal(a->link.way, b->link.way);
    assert_true(a->link.source == b->link.source);
    assert_true(a->link.destination == b->link.destination);
    assert_same_options(a, b);
}
