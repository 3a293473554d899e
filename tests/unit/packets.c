/* packets.c: segments built by hand for tests, and a bench that feeds them to a tracker.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "packets.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static uint8_t *put(uint8_t *to, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        to[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
    return to + size;
}

static mps_address ipv4(uint8_t net, uint8_t host)
{
    return (mps_address){.length = 4, .bytes = {10, 0, net, host}};
}

wire wire_new(uint8_t host, uint16_t port)
{
    return (wire){
        .address = {ipv4(0, host), ipv4(1, 1)},
        .port = {port, 80},
        .isn = {0x10000u * host + port, 0x7000000u + 0x20000u * host + port},
    };
}

packet packet_new(const wire *w, unsigned from, uint16_t flags, uint32_t seq, uint32_t ack,
                  uint32_t length)
{
    return (packet){
        .source = w->address[from],
        .destination = w->address[!from],
        .source_port = w->port[from],
        .destination_port = w->port[!from],
        .seq = w->isn[from] + seq,
        .ack = ack ? w->isn[!from] + ack : 0,
        .length = length,
        .flags = ack ? flags | MPS_TCP_ACK : flags,
        .window = 1000,
    };
}

void packet_option(packet *p, const uint8_t *bytes, unsigned size)
{
    assert_true(p->options_length + size <= sizeof p->options);
    memcpy(p->options + p->options_length, bytes, size);
    p->options_length += size;
}

void packet_capable(packet *p, uint8_t version, uint8_t flags, unsigned keys, uint64_t sender,
                    uint64_t receiver)
{
    uint8_t bytes[20] = {MPS_TCP_OPTION_MPTCP, (uint8_t)(4 + 8 * keys),
                         (uint8_t)(MPS_MP_CAPABLE << 4 | version), flags};
    put(put(bytes + 4, sender, 8), receiver, 8);
    packet_option(p, bytes, bytes[1]);
}

void packet_capable_data(packet *p, uint8_t flags, uint64_t sender, uint64_t receiver,
                         uint16_t length)
{
    uint8_t bytes[24] = {MPS_TCP_OPTION_MPTCP, flags & MPS_CAPABLE_CHECKSUM ? 24 : 22, 0x01, flags};
    put(put(put(bytes + 4, sender, 8), receiver, 8), length, 2);
    packet_option(p, bytes, bytes[1]);
}

void packet_join_syn(packet *p, bool backup, uint8_t id, uint32_t token, uint32_t nonce)
{
    uint8_t bytes[12] = {MPS_TCP_OPTION_MPTCP, 12, (uint8_t)(0x10 | backup), id};
    put(put(bytes + 4, token, 4), nonce, 4);
    packet_option(p, bytes, sizeof bytes);
}

void packet_join_synack(packet *p, bool backup, uint8_t id, uint32_t nonce)
{
    uint8_t bytes[16] = {MPS_TCP_OPTION_MPTCP, 16, (uint8_t)(0x10 | backup), id};
    put(put(bytes + 4, 0x1122334455667788, 8), nonce, 4);
    packet_option(p, bytes, sizeof bytes);
}

void packet_join_ack(packet *p)
{
    uint8_t bytes[24] = {MPS_TCP_OPTION_MPTCP, 24, 0x10};
    packet_option(p, bytes, sizeof bytes);
}

void packet_dss(packet *p, const dss *d)
{
    uint8_t bytes[28] = {MPS_TCP_OPTION_MPTCP, 0, MPS_DSS << 4}, *end = bytes + 4;
    if (d->has_ack) {
        bytes[3] |= d->ack_is_32 ? 0x1 : 0x3;
        end = put(end, d->ack, d->ack_is_32 ? 4 : 8);
    }
    if (d->has_map) {
        bytes[3] |= (uint8_t)((d->dsn_is_32 ? 0x4 : 0xc) | (d->fin ? 0x10 : 0));
        end = put(end, d->dsn, d->dsn_is_32 ? 4 : 8);
        end = put(put(end, d->ssn, 4), d->length, 2);
        end = put(end, d->checksum ? d->checksum : 0xabcd, d->has_checksum ? 2 : 0);
    }
    bytes[1] = (uint8_t)(end - bytes);
    packet_option(p, bytes, bytes[1]);
}

void packet_add_addr(packet *p, uint8_t id, const mps_address *address)
{
    uint8_t bytes[16] = {MPS_TCP_OPTION_MPTCP, 16, MPS_ADD_ADDR << 4, id};
    memcpy(bytes + 4, address->bytes, 4);
    packet_option(p, bytes, sizeof bytes);
}

void packet_prio(packet *p, bool backup, int address_id)
{
    uint8_t bytes[4] = {MPS_TCP_OPTION_MPTCP, address_id < 0 ? 3 : 4,
                        (uint8_t)(MPS_MP_PRIO << 4 | backup), (uint8_t)address_id};
    packet_option(p, bytes, bytes[1]);
}

void packet_fastclose(packet *p, uint64_t key)
{
    uint8_t bytes[12] = {MPS_TCP_OPTION_MPTCP, 12, MPS_MP_FASTCLOSE << 4};
    put(bytes + 4, key, 8);
    packet_option(p, bytes, sizeof bytes);
}

void packet_tcprst(packet *p, uint8_t reason)
{
    uint8_t bytes[4] = {MPS_TCP_OPTION_MPTCP, 4, MPS_MP_TCPRST << 4, reason};
    packet_option(p, bytes, sizeof bytes);
}

void packet_timestamps(packet *p, uint32_t tsval, uint32_t tsecr)
{
    uint8_t bytes[10] = {8, 10};
    put(put(bytes + 2, tsval, 4), tsecr, 4);
    packet_option(p, bytes, sizeof bytes);
}

static unsigned put_ip(uint8_t *bytes, const packet *p, unsigned tcp_header)
{
    uint8_t *end = bytes;
    end = put(put(end, 0x4500, 2), 20 + tcp_header + p->length, 2);
    end = put(put(put(end, p->ip_id, 2), 0x4000, 2), 0x4006, 2);
    end = put(end, 0, 2); /* checksum: nobody reads it */
    memcpy(end, p->source.bytes, 4);
    memcpy(end + 4, p->destination.bytes, 4);
    return 20;
}

void packet_parse(const packet *p, mps_segment *segment)
{
    uint8_t bytes[80 + 4096];
    unsigned padded = (p->options_length + 3) / 4 * 4, header = 20 + padded;
    uint8_t *end = bytes + put_ip(bytes, p, header);
    end = put(put(end, p->source_port, 2), p->destination_port, 2);
    end = put(put(end, p->seq, 4), p->ack, 4);
    end = put(end, header / 4u << 12 | p->flags, 2);
    end = put(put(end, p->window, 2), 0, 4);
    memset(end, 1, padded); /* NOP */
    memcpy(end, p->options, p->options_length);
    size_t captured = 20 + header;
    if (p->payload) {
        assert_true(p->length <= 4096);
        memcpy(end + padded, p->payload, p->length);
        captured += p->length;
    }
    memset(segment, 0xa5, sizeof *segment);
    segment->frame = 1;
    segment->tcp_stream = -1;
    segment->time = 0;
    segment->link = MPS_NO_LINK_FACTS;
    size_t wire_length = 20 + header + p->length;
    assert_true(wire_length < 65536);
    assert_int_equal(mps_segment_parse_ip(segment, bytes, captured, wire_length), MPS_PARSE_OK);
    assert_int_equal(segment->length, p->length);
    assert_false(segment->options_malformed);
}

static void digest_key(uint64_t key, int version, uint8_t *digest, gsize *length)
{
    GChecksum *checksum = g_checksum_new(version == 0 ? G_CHECKSUM_SHA1 : G_CHECKSUM_SHA256);
    uint8_t bytes[8];
    put(bytes, key, 8);
    g_checksum_update(checksum, bytes, sizeof bytes);
    g_checksum_get_digest(checksum, digest, length);
    g_checksum_free(checksum);
}

static uint64_t get(const uint8_t *from, unsigned size)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value = value << 8 | from[i];
    return value;
}

uint32_t token_of(uint64_t key, int version)
{
    uint8_t digest[32];
    gsize length = sizeof digest;
    digest_key(key, version, digest, &length);
    return (uint32_t)get(digest, 4);
}

uint64_t idsn_of(uint64_t key, int version)
{
    uint8_t digest[32];
    gsize length = sizeof digest;
    digest_key(key, version, digest, &length);
    return get(digest + length - 8, 8);
}

bench *bench_new(mps_track what)
{
    bench *b = g_new0(bench, 1);
    b->tracker = mps_tracker_new(what);
    b->verdicts = g_array_new(FALSE, FALSE, sizeof(mps_verdict));
    b->packets = g_array_new(FALSE, FALSE, sizeof(packet));
    b->time = INT64_C(1700000000000000000);
    b->step = 1000000;
    return b;
}

void bench_free(bench *b)
{
    mps_tracker_free(b->tracker);
    g_array_free(b->verdicts, TRUE);
    g_array_free(b->packets, TRUE);
    g_free(b);
}

mps_verdict bench_feed(bench *b, const packet *p)
{
    mps_segment segment;
    mps_verdict verdict = {.subflow = MPS_NONE};
    packet_parse(p, &segment);
    segment.frame = ++b->frame;
    segment.time = b->time;
    if (b->host)
        segment.link.way = mps_address_compare(&p->source, b->host) == 0 ? MPS_WAY_OUT : MPS_WAY_IN;
    b->time += b->step;
    b->taken = mps_tracker_segment(b->tracker, &segment, &verdict);
    g_array_append_val(b->packets, *p);
    if (b->taken)
        g_array_append_val(b->verdicts, verdict);
    return verdict;
}

void bench_open(bench *b, const wire *w, int version, uint64_t client_key, uint64_t server_key)
{
    packet p = packet_new(w, FROM_OPENER, MPS_TCP_SYN, 0, 0, 0);
    packet_capable(&p, (uint8_t)version, MPS_CAPABLE_HMAC, version == 0, client_key, 0);
    bench_feed(b, &p);
    p = packet_new(w, FROM_PEER, MPS_TCP_SYN, 0, 1, 0);
    packet_capable(&p, (uint8_t)version, MPS_CAPABLE_HMAC, 1, server_key, 0);
    bench_feed(b, &p);
    p = packet_new(w, FROM_OPENER, 0, 1, 1, 0);
    packet_capable(&p, (uint8_t)version, MPS_CAPABLE_HMAC, 2, client_key, server_key);
    bench_feed(b, &p);
}

void bench_join(bench *b, const wire *w, uint32_t token, uint32_t nonce)
{
    packet p = packet_new(w, FROM_OPENER, MPS_TCP_SYN, 0, 0, 0);
    packet_join_syn(&p, false, 3, token, nonce);
    bench_feed(b, &p);
    p = packet_new(w, FROM_PEER, MPS_TCP_SYN, 0, 1, 0);
    packet_join_synack(&p, false, 4, nonce + 1);
    bench_feed(b, &p);
    p = packet_new(w, FROM_OPENER, 0, 1, 1, 0);
    packet_join_ack(&p);
    bench_feed(b, &p);
}

mps_verdict bench_data(bench *b, const wire *w, unsigned from, uint32_t ssn, uint32_t length,
                       uint64_t dsn)
{
    packet p = packet_new(w, from, MPS_TCP_PSH, ssn, 1, length);
    packet_dss(&p, &(dss){.has_map = true, .dsn = dsn, .ssn = ssn, .length = (uint16_t)length});
    return bench_feed(b, &p);
}

mps_verdict bench_ack(bench *b, const wire *w, unsigned from, uint64_t data_ack)
{
    packet p = packet_new(w, from, 0, 1, 1, 0);
    packet_dss(&p, &(dss){.has_ack = true, .ack = data_ack});
    return bench_feed(b, &p);
}

mps_verdict bench_plain(bench *b, const wire *w, unsigned from, uint32_t ssn, uint32_t length)
{
    packet p = packet_new(w, from, MPS_TCP_PSH, ssn, 1, length);
    return bench_feed(b, &p);
}

sums bench_sums(const bench *b, uint32_t connection, uint32_t subflow, int direction)
{
    sums total = {0};
    for (guint i = 0; i < b->verdicts->len; i++) {
        const mps_verdict *v = &g_array_index(b->verdicts, mps_verdict, i);
        uint32_t c, s;
        mps_tracker_numbers(b->tracker, v->subflow, &c, &s);
        if ((connection != MPS_NONE && c != connection) || (subflow != MPS_NONE && s != subflow) ||
            (direction >= 0 &&
             (int)mps_tracker_direction(b->tracker, v->subflow, v->half) != direction))
            continue;
        total.segments++;
        total.bytes += v->length;
        total.data += v->data;
        total.retransmitted += v->retransmitted;
        total.reinjected += v->reinjected;
        total.unmapped += v->unmapped;
    }
    return total;
}

mps_connection_info connection_info(const bench *b, uint32_t number)
{
    mps_connection_info info;
    assert_true(number < mps_tracker_connections(b->tracker));
    mps_tracker_connection(b->tracker, number, &info);
    return info;
}

mps_subflow_info subflow_info(const bench *b, uint32_t connection, uint32_t subflow)
{
    mps_subflow_info info;
    assert_true(subflow < connection_info(b, connection).subflow_count);
    mps_tracker_subflow(b->tracker, mps_tracker_subflow_id(b->tracker, connection, subflow), &info);
    assert_int_equal(info.connection, connection);
    assert_int_equal(info.number, subflow);
    return info;
}
