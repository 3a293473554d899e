/* test_mib.c: the report "mib": what hosts count of segments made by hand.
 *
 * tests/cli/test_mib.py compares the report with the kernel's own counters.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/mib/mib.h"
#include "rows.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KC UINT64_C(0x0102030405060708) /* client's key */
#define KS UINT64_C(0xf1f2f3f4f5f6f7f8) /* server's key */
#define DSN(n) (idsn_of(KC, 1) + (n))   /* the client's n-th byte; the first is 1 */
#define UNKNOWN (-1)

enum { AT_CLIENT, AT_SERVER };

typedef struct {
    bench *b;
    wire w;
} fixture;

static int setup(void **state)
{
    fixture *f = g_new0(fixture, 1);
    f->b = rows_bench("mib");
    f->w = wire_new(1, 1000);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    bench_free(f->b);
    g_free(f);
    return 0;
}

/* @return what a host counted; UNKNOWN: null. */
static int64_t figure(const fixture *f, mps_mib_counter counter, unsigned host, row_filter filter)
{
    mps_report *report = rows_report(f->b, "mib", MPS_NONE, filter);
    mps_table *table = mps_report_table(report, f->b->tracker);
    assert_int_equal(table->row_count, MPS_MIB_COUNT);
    assert_string_equal(rows_value(table, counter, "counter")->string, mps_mib_name(counter));
    const mps_value *value = rows_value(table, counter, host == AT_CLIENT ? "client" : "server");
    int64_t n = value->type == MPS_VALUE_NULL ? UNKNOWN : (int64_t)value->u;
    mps_table_free(table);
    mps_report_free(report);
    return n;
}

#define assert_counted(f, counter, client, server)                                                 \
    do {                                                                                           \
        assert_int_equal(figure(f, MPS_MIB_##counter, AT_CLIENT, NULL), client);                   \
        assert_int_equal(figure(f, MPS_MIB_##counter, AT_SERVER, NULL), server);                   \
    } while (0)

static void feed_option(fixture *f, unsigned from, uint16_t flags, uint32_t seq, uint32_t ack,
                        const uint8_t *bytes, unsigned size)
{
    packet p = packet_new(&f->w, from, flags, seq, ack, 0);
    packet_option(&p, bytes, size);
    bench_feed(f->b, &p);
}

static void open_both(fixture *f)
{
    bench_open(f->b, &f->w, 1, KC, KS);
    bench_ack(f->b, &f->w, FROM_PEER, DSN(1)); /* the first DATA_ACK confirms MPTCP */
}

static void test_connection(void **state)
{
    fixture *f = *state;
    open_both(f);
    assert_counted(f, MPCapableSYNTX, 1, 0);
    assert_counted(f, MPCapableSYNRX, 0, 1);
    assert_counted(f, MPCapableSYNACKRX, 1, 0);
    assert_counted(f, MPCapableACKRX, 0, 1);
    assert_counted(f, MPCapableDataFallback, 0, 0);
    assert_counted(f, DssFallback, 0, 0);
}

/* Repetitions of the handshake are not counted. */
static void test_repeated_handshake(void **state)
{
    fixture *f = *state;
    for (unsigned i = 0; i < 3; i++) {
        packet p = packet_new(&f->w, FROM_OPENER, MPS_TCP_SYN, 0, 0, 0);
        packet_capable(&p, 1, 1, 0, 0, 0);
        bench_feed(f->b, &p);
    }
    for (unsigned i = 0; i < 2; i++) {
        packet p = packet_new(&f->w, FROM_PEER, MPS_TCP_SYN, 0, 1, 0);
        packet_capable(&p, 1, 1, 1, KS, 0);
        bench_feed(f->b, &p);
    }
    assert_counted(f, MPCapableSYNTX, 1, 0);
    assert_counted(f, MPCapableSYNRX, 0, 1);
    assert_counted(f, MPCapableSYNACKRX, 1, 0);
    assert_counted(f, MPCapableSYNTXDrop, 0, 0);
}

/* The SYN is repeated without MP_CAPABLE, and answered without it. */
static void test_gives_up(void **state)
{
    fixture *f = *state;
    packet p = packet_new(&f->w, FROM_OPENER, MPS_TCP_SYN, 0, 0, 0);
    packet_capable(&p, 1, 1, 0, 0, 0);
    bench_feed(f->b, &p);
    p = packet_new(&f->w, FROM_OPENER, MPS_TCP_SYN, 0, 0, 0);
    bench_feed(f->b, &p);
    bench_feed(f->b, &p);
    p = packet_new(&f->w, FROM_PEER, MPS_TCP_SYN, 0, 1, 0);
    bench_feed(f->b, &p);
    assert_counted(f, MPCapableSYNTXDrop, 1, 0);
    assert_counted(f, MPCapableFallbackSYNACK, 0, 0);
    assert_counted(f, MPCapableSYNRX, 0, 0);
}

/* An echo of ADD_ADDR has no HMAC. Its repetition counts, and with a port it counts in two
 * counters. */
static void test_add_addr(void **state)
{
    fixture *f = *state;
    static const uint8_t echo[] = {30, 10, 0x31, 2, 10, 0, 2, 2, 0x13, 0x8a, 1, 1};
    open_both(f);
    feed_option(f, FROM_OPENER, 0, 1, 1, echo, sizeof echo);
    feed_option(f, FROM_OPENER, 0, 1, 1, echo, sizeof echo);
    assert_counted(f, EchoAddTx, 2, 0);
    assert_counted(f, EchoAdd, 0, 2);
    assert_counted(f, PortAdd, UNKNOWN, 2);
    assert_counted(f, AddAddr, UNKNOWN, 0); /* what it echoes was not captured */
    assert_counted(f, AddAddrTx, 0, UNKNOWN);
}

/* With a wrong HMAC it is sent, but not accepted. */
static void test_add_addr_with_wrong_hmac(void **state)
{
    fixture *f = *state;
    static const uint8_t add[] = {30, 16, 0x30, 2, 10, 0, 2, 2, 1, 2, 3, 4, 5, 6, 7, 8};
    open_both(f);
    feed_option(f, FROM_PEER, 0, 1, 1, add, sizeof add);
    assert_counted(f, AddAddrTx, 0, 1);
    assert_counted(f, AddAddr, 0, 0);
}

/* A pure ACK below what the receiver has acknowledged is dropped with its options. */
static void test_old_segment(void **state)
{
    fixture *f = *state;
    static const uint8_t prio[] = {30, 3, 0x51, 1};
    open_both(f);
    bench_data(f->b, &f->w, FROM_OPENER, 1, 100, DSN(1));
    packet p = packet_new(&f->w, FROM_PEER, MPS_TCP_ACK, 1, 101, 0);
    packet_dss(&p, &(dss){.has_ack = true, .ack = DSN(101)});
    bench_feed(f->b, &p);
    feed_option(f, FROM_OPENER, 0, 1, 1, prio, sizeof prio);
    feed_option(f, FROM_OPENER, 0, 101, 1, prio, sizeof prio);
    assert_counted(f, MPPrioTx, 2, 0);
    assert_counted(f, MPPrioRx, 0, 1);
}

/* Each address ID counts. The second option may come before the kernel's worker has run. */
static void test_remove_addr(void **state)
{
    fixture *f = *state;
    static const uint8_t remove[] = {30, 5, 0x40, 2, 3, 1, 1, 1};
    open_both(f);
    feed_option(f, FROM_PEER, 0, 1, 1, remove, sizeof remove);
    assert_counted(f, RmAddrTx, 0, 2);
    assert_counted(f, RmAddr, 2, 0);
    f->b->time += 1000000000;
    feed_option(f, FROM_PEER, 0, 1, 1, remove, sizeof remove);
    assert_counted(f, RmAddr, 4, 0);
    feed_option(f, FROM_PEER, 0, 1, 1, remove, sizeof remove);
    assert_counted(f, RmAddrTx, 0, 6);
    assert_counted(f, RmAddr, UNKNOWN, 0);
}

static packet reset(const fixture *f, unsigned from, uint16_t flags, uint32_t seq)
{
    packet p = packet_new(&f->w, from, MPS_TCP_RST | flags, seq, flags ? 1 : 0, 0);
    packet_tcprst(&p, 0);
    return p;
}

/* A RST with a wrong sequence number is not accepted. Nothing after an accepted one is accepted. */
static void test_reset(void **state)
{
    fixture *f = *state;
    open_both(f);
    packet p = reset(f, FROM_PEER, MPS_TCP_ACK, 500);
    bench_feed(f->b, &p);
    assert_counted(f, MPRstTx, 0, 1);
    assert_counted(f, MPRstRx, 0, 0);
    p = reset(f, FROM_PEER, MPS_TCP_ACK, 1);
    bench_feed(f->b, &p);
    bench_feed(f->b, &p);
    assert_counted(f, MPRstTx, 0, 3);
    assert_counted(f, MPRstRx, 1, 0);
}

/* A listening socket does not count its RST, which has no ACK flag. */
static void test_reset_of_listener(void **state)
{
    fixture *f = *state;
    open_both(f);
    packet p = reset(f, FROM_PEER, 0, 1);
    bench_feed(f->b, &p);
    assert_counted(f, MPRstTx, 0, 0);
    assert_counted(f, MPRstRx, 1, 0);
}

/* Both hosts close at once. */
static void test_crossing_fastclose(void **state)
{
    fixture *f = *state;
    open_both(f);
    for (unsigned from = FROM_OPENER; from <= FROM_PEER; from++) {
        packet p = packet_new(&f->w, from, MPS_TCP_RST | MPS_TCP_ACK, 1, 1, 0);
        packet_fastclose(&p, from == FROM_OPENER ? KS : KC);
        bench_feed(f->b, &p);
    }
    assert_counted(f, MPFastcloseTx, 1, 1);
    assert_counted(f, MPFastcloseRx, 0, 1);
}

static void test_no_capable_in_ack(void **state)
{
    fixture *f = *state;
    packet p = packet_new(&f->w, FROM_OPENER, MPS_TCP_SYN, 0, 0, 0);
    packet_capable(&p, 1, 1, 0, 0, 0);
    bench_feed(f->b, &p);
    p = packet_new(&f->w, FROM_PEER, MPS_TCP_SYN, 0, 1, 0);
    packet_capable(&p, 1, 1, 1, KS, 0);
    bench_feed(f->b, &p);
    bench_plain(f->b, &f->w, FROM_OPENER, 1, 100);
    assert_counted(f, MPCapableFallbackACK, 0, 1);
    assert_counted(f, MPCapableACKRX, 0, 0);
    assert_counted(f, DssFallback, 0, 0);
}

/* The options vanish after the handshake: the server misses a mapping, the client a DATA_ACK. */
static void test_options_vanish(void **state)
{
    fixture *f = *state;
    bench_open(f->b, &f->w, 1, KC, KS);
    bench_plain(f->b, &f->w, FROM_OPENER, 101, 100); /* out of order: the kernel waits */
    assert_counted(f, DssFallback, 0, 0);
    bench_plain(f->b, &f->w, FROM_OPENER, 1, 100);
    assert_counted(f, DssFallback, 0, 1);
    bench_plain(f->b, &f->w, FROM_PEER, 1, 100);
    assert_counted(f, MPCapableDataFallback, 1, 0);
    assert_counted(f, DssFallback, 0, 1);
}

/* One mapping covers several segments. */
static void test_mapping_of_two_segments(void **state)
{
    fixture *f = *state;
    open_both(f);
    packet p = packet_new(&f->w, FROM_OPENER, MPS_TCP_ACK, 1, 1, 100);
    packet_dss(&p, &(dss){.has_map = true, .dsn = DSN(1), .ssn = 1, .length = 200});
    bench_feed(f->b, &p);
    bench_plain(f->b, &f->w, FROM_OPENER, 101, 100);
    assert_counted(f, DssFallback, 0, 0);
    bench_plain(f->b, &f->w, FROM_OPENER, 201, 1);
    assert_counted(f, DssFallback, 0, 1);
}

static void test_infinite_mapping(void **state)
{
    fixture *f = *state;
    open_both(f);
    for (unsigned i = 0; i < 2; i++) { /* the second time, retransmitted */
        packet p = packet_new(&f->w, FROM_OPENER, MPS_TCP_ACK, 1, 1, 100);
        packet_dss(&p, &(dss){.has_map = true, .dsn = DSN(1), .ssn = 1});
        bench_feed(f->b, &p);
    }
    assert_counted(f, InfiniteMapTx, 1, 0);
    assert_counted(f, InfiniteMapRx, 0, 1);
    assert_counted(f, DssFallback, 0, 1);
}

/* The third ACK counts when the responder has answered. Ports are compared with the initial
 * subflow. */
static void test_join(void **state)
{
    fixture *f = *state;
    wire j = wire_new(2, 1001), k = wire_new(3, 1002);
    open_both(f);
    bench_join(f->b, &j, token_of(KS, 1), 1);
    assert_counted(f, MPJoinSynTx, 1, 0);
    assert_counted(f, MPJoinSynRx, 0, 1);
    assert_counted(f, MPJoinSynAckRx, 1, 0);
    assert_counted(f, MPJoinAckRx, 0, 0);
    bench_ack(f->b, &j, FROM_PEER, DSN(1));
    assert_counted(f, MPJoinAckRx, 0, 1);
    assert_counted(f, MPJoinPortSynRx, 0, 0);
    k.port[FROM_PEER] = 5002;
    bench_join(f->b, &k, token_of(KS, 1), 2);
    assert_counted(f, MPJoinPortSynRx, 0, 1);
    assert_counted(f, MPJoinPortSynAckRx, 1, 0);
}

/* Without the initial subflow it is not known whether the port is another one. */
static void test_join_alone(void **state)
{
    fixture *f = *state;
    bench_join(f->b, &f->w, token_of(KS, 1), 1);
    assert_counted(f, MPJoinSynRx, 0, 1);
    assert_counted(f, MPJoinPortSynRx, 0, UNKNOWN);
}

/* The third ACK is refused for its HMAC. If that cannot be verified, the reason is not known. */
static void test_refused_third_ack(void **state)
{
    fixture *f = *state;
    wire j = wire_new(2, 1001);
    open_both(f);
    bench_join(f->b, &j, token_of(KS, 1), 1);
    assert_counted(f, MPJoinAckHMacFailure, 1, 0); /* that of the SYN/ACK */
    packet p = packet_new(&j, FROM_PEER, MPS_TCP_RST, 1, 0, 0);
    packet_tcprst(&p, 3);
    bench_feed(f->b, &p);
    assert_counted(f, MPJoinAckHMacFailure, 1, 1);
    assert_counted(f, MPJoinRejected, 0, 0);
    assert_counted(f, MPJoinAckRx, 0, 0);
    assert_counted(f, MPRstTx, 0, 0);
    wire k = wire_new(3, 1002);
    bench_join(f->b, &k, 77, 1); /* of a connection that was not captured */
    p = packet_new(&k, FROM_PEER, MPS_TCP_RST, 1, 0, 0);
    packet_tcprst(&p, 3);
    bench_feed(f->b, &p);
    assert_counted(f, MPJoinAckHMacFailure, 1, UNKNOWN);
    assert_counted(f, MPJoinRejected, 0, UNKNOWN);
}

static void refuse_join(fixture *f, uint8_t reason)
{
    packet p = packet_new(&f->w, FROM_OPENER, MPS_TCP_SYN, 0, 0, 0);
    packet_join_syn(&p, true, 1, token_of(KS, 1), 1);
    bench_feed(f->b, &p);
    p = packet_new(&f->w, FROM_PEER, MPS_TCP_RST, 0, 1, 0);
    p.seq = 0;
    packet_tcprst(&p, reason);
    bench_feed(f->b, &p);
}

static void test_refused_join(void **state)
{
    fixture *f = *state;
    refuse_join(f, 1);
    assert_counted(f, MPJoinNoTokenFound, 0, 1);
    assert_counted(f, MPJoinSynRx, 0, 1);
    assert_counted(f, MPJoinSynBackupRx, 0, 1);
    assert_counted(f, MPRstTx, 0, 0);
    assert_counted(f, MPRstRx, 0, 0);
    f->w = wire_new(2, 1001);
    refuse_join(f, 3);
    assert_counted(f, MismatchPortSynRx, 0, 1);
    assert_counted(f, MPJoinNoTokenFound, 0, 1);
}

/* The payload was not captured, so it is not known whether the server found the checksum wrong. */
static void test_checksum_without_payload(void **state)
{
    fixture *f = *state;
    open_both(f);
    assert_counted(f, DataCsumErr, 0, 0);
    packet p = packet_new(&f->w, FROM_OPENER, MPS_TCP_ACK, 1, 1, 100);
    packet_dss(
        &p, &(dss){.has_map = true, .dsn = DSN(1), .ssn = 1, .length = 100, .has_checksum = true});
    bench_feed(f->b, &p);
    assert_counted(f, DataCsumErr, 0, UNKNOWN);
}

static void test_wrong_checksum(void **state)
{
    fixture *f = *state;
    static const uint8_t payload[100] = "not what the checksum says";
    open_both(f);
    packet p = packet_new(&f->w, FROM_OPENER, MPS_TCP_ACK, 1, 1, sizeof payload);
    p.payload = payload;
    packet_dss(
        &p, &(dss){.has_map = true, .dsn = DSN(1), .ssn = 1, .length = 100, .has_checksum = true});
    bench_feed(f->b, &p);
    assert_counted(f, DataCsumErr, 0, 1);
}

/* The server acknowledged 100 bytes that the capture lacks: it had them, with whatever options. The
 * RST behind them is in order. What shows that MPTCP was used later shows that nobody fell back. */
static void test_hole(void **state)
{
    fixture *f = *state;
    open_both(f);
    bench_data(f->b, &f->w, FROM_OPENER, 101, 100, DSN(101));
    packet p = packet_new(&f->w, FROM_PEER, MPS_TCP_ACK, 1, 201, 0);
    packet_dss(&p, &(dss){.has_ack = true, .ack = DSN(201)});
    bench_feed(f->b, &p);
    bench_data(f->b, &f->w, FROM_OPENER, 201, 100, DSN(201));
    p.ack += 100;
    bench_feed(f->b, &p);
    assert_counted(f, AddAddrTx, UNKNOWN, UNKNOWN);
    assert_counted(f, MPPrioRx, UNKNOWN, UNKNOWN);
    assert_counted(f, DssFallback, 0, 0);
    assert_counted(f, MPCapableACKRX, 0, 1);
    assert_counted(f, MPRstRx, UNKNOWN, UNKNOWN);
    p = packet_new(&f->w, FROM_OPENER, MPS_TCP_RST | MPS_TCP_ACK, 301, 1, 0);
    packet_tcprst(&p, 0);
    bench_feed(f->b, &p);
    assert_counted(f, MPRstRx, 0, 1);
    assert_counted(f, MPRstTx, 1, 0);
}

/* The bytes come later in the file than their acknowledgement: nothing is missing. */
static void test_hole_filled(void **state)
{
    fixture *f = *state;
    open_both(f);
    packet p = packet_new(&f->w, FROM_PEER, MPS_TCP_ACK, 1, 101, 0);
    packet_dss(&p, &(dss){.has_ack = true, .ack = DSN(101)});
    bench_feed(f->b, &p);
    assert_counted(f, MPPrioRx, UNKNOWN, UNKNOWN);
    bench_data(f->b, &f->w, FROM_OPENER, 1, 100, DSN(1));
    assert_counted(f, MPPrioRx, 0, 0);
    assert_counted(f, MPRstRx, 0, 0);
}

static void feed_opening(fixture *f, bool syn, bool synack)
{
    packet p = packet_new(&f->w, FROM_OPENER, MPS_TCP_SYN, 0, 0, 0);
    packet_capable(&p, 1, 1, 0, 0, 0);
    if (syn)
        bench_feed(f->b, &p);
    p = packet_new(&f->w, FROM_PEER, MPS_TCP_SYN, 0, 1, 0);
    packet_capable(&p, 1, 1, 1, KS, 0);
    if (synack)
        bench_feed(f->b, &p);
}

static void test_no_syn(void **state)
{
    fixture *f = *state;
    feed_opening(f, false, true);
    assert_counted(f, MPCapableSYNTX, UNKNOWN, 0);
    assert_counted(f, MPCapableSYNRX, 0, UNKNOWN);
    assert_counted(f, MPJoinSynTx, 0, 0);
}

static void test_no_synack(void **state)
{
    fixture *f = *state;
    feed_opening(f, true, false);
    packet p = packet_new(&f->w, FROM_OPENER, MPS_TCP_ACK, 1, 1, 0);
    packet_capable(&p, 1, 1, 2, KC, KS);
    bench_feed(f->b, &p);
    bench_ack(f->b, &f->w, FROM_PEER, DSN(1));
    assert_counted(f, MPCapableSYNTX, 1, 0);
    assert_counted(f, MPCapableSYNACKRX, UNKNOWN, 0);
    assert_counted(f, MPCapableSYNRX, 0, UNKNOWN);
    assert_counted(f, MPCapableACKRX, 0, 1);
}

/* The server's answer has MPTCP options: it got the third ACK. */
static void test_no_third_ack(void **state)
{
    fixture *f = *state;
    feed_opening(f, true, true);
    packet p = packet_new(&f->w, FROM_OPENER, MPS_TCP_ACK, 1, 1, 0);
    packet_dss(&p, &(dss){.has_ack = true, .ack = 1});
    bench_feed(f->b, &p);
    assert_counted(f, MPCapableFallbackACK, 0, 1);
    bench_ack(f->b, &f->w, FROM_PEER, DSN(1));
    assert_counted(f, MPCapableFallbackACK, 0, 0);
    assert_counted(f, MPCapableACKRX, 0, 1);
}

/* The client's ACK has MP_CAPABLE, the server's answer no option: one of the two was lost. */
static void test_third_ack_answered_plainly(void **state)
{
    fixture *f = *state;
    bench_open(f->b, &f->w, 1, KC, KS);
    assert_counted(f, MPCapableACKRX, 0, 1);
    bench_plain(f->b, &f->w, FROM_PEER, 1, 100);
    assert_counted(f, MPCapableACKRX, 0, UNKNOWN);
    assert_counted(f, MPCapableFallbackACK, 0, UNKNOWN);
    assert_counted(f, DssFallback, 0, UNKNOWN);
    assert_counted(f, MPCapableDataFallback, 1, 0);
}

/* A host with SYN cookies counts a SYN that it drops. */
static void test_join_dropped(void **state)
{
    fixture *f = *state;
    wire j = wire_new(2, 1001);
    open_both(f);
    packet p = packet_new(&j, FROM_OPENER, MPS_TCP_SYN, 0, 0, 0);
    packet_join_syn(&p, true, 1, token_of(KS, 1), 1);
    bench_feed(f->b, &p);
    assert_counted(f, MPJoinSynTx, 1, 0);
    assert_counted(f, MPJoinSynRx, 0, UNKNOWN);
    assert_counted(f, MPJoinSynBackupRx, 0, UNKNOWN);
    assert_counted(f, MPJoinNoTokenFound, 0, UNKNOWN);
    assert_counted(f, MPJoinRejected, 0, UNKNOWN);
    assert_counted(f, MPJoinPortSynRx, 0, 0); /* the port is that of the initial subflow */
    assert_counted(f, MPJoinAckRx, 0, 0);
}

/* DATA_ACKs cover data that no captured subflow carried. */
static void test_subflow_missing(void **state)
{
    fixture *f = *state;
    open_both(f);
    bench_ack(f->b, &f->w, FROM_PEER, DSN(5001));
    assert_counted(f, MPJoinSynTx, UNKNOWN, UNKNOWN);
    assert_counted(f, MPJoinAckRx, UNKNOWN, UNKNOWN);
    assert_counted(f, MPCapableSYNTX, 1, 0);
}

/* Only the server's segments were captured: of them it is known what it sent. */
static void test_one_way(void **state)
{
    fixture *f = *state;
    static const uint8_t prio[] = {30, 3, 0x51, 1};
    feed_opening(f, false, true);
    bench_ack(f->b, &f->w, FROM_PEER, DSN(1));
    feed_option(f, FROM_PEER, 0, 1, 1, prio, sizeof prio);
    assert_counted(f, MPPrioTx, UNKNOWN, 1);
    assert_counted(f, MPPrioRx, UNKNOWN, UNKNOWN);
    assert_counted(f, MPCapableSYNRX, 0, UNKNOWN);
    assert_counted(f, MPCapableACKRX, 0, UNKNOWN);
}

static bool after_the_handshake(const mps_verdict *verdict)
{
    return verdict->frame > 3;
}

static void test_filter(void **state)
{
    fixture *f = *state;
    static const uint8_t prio[] = {30, 3, 0x51, 1};
    open_both(f);
    feed_option(f, FROM_PEER, 0, 1, 1, prio, sizeof prio);
    assert_int_equal(figure(f, MPS_MIB_MPCapableSYNTX, AT_CLIENT, after_the_handshake), 0);
    assert_int_equal(figure(f, MPS_MIB_MPPrioRx, AT_CLIENT, after_the_handshake), 1);
}

/* Random options in random order, for the sanitizers. */
static void test_hostile(void **state)
{
    fixture *f = *state;
    GRand *random = g_rand_new_with_seed(8);
    for (unsigned i = 0; i < 20000; i++) {
        wire w = wire_new((uint8_t)g_rand_int_range(random, 1, 4), 1000);
        packet p = packet_new(&w, (unsigned)g_rand_int_range(random, 0, 2),
                              (uint16_t)g_rand_int_range(random, 0, 64), g_rand_int(random) % 4096,
                              g_rand_int(random) % 4096, g_rand_int(random) % 3000);
        static const uint8_t lengths[] = {3, 4, 8, 10, 12, 16, 18, 20};
        uint8_t option[20], length = lengths[g_rand_int_range(random, 0, G_N_ELEMENTS(lengths))];
        memset(option, 1, sizeof option);
        for (unsigned k = 2; k < length; k++)
            option[k] = (uint8_t)g_rand_int(random);
        option[0] = 30;
        option[1] = length;
        packet_option(&p, option, sizeof option);
        bench_feed(f->b, &p);
    }
    g_rand_free(random);
    assert_true(figure(f, MPS_MIB_MPCapableSYNTX, AT_CLIENT, NULL) >= UNKNOWN);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_connection),
        TEST(test_repeated_handshake),
        TEST(test_gives_up),
        TEST(test_add_addr),
        TEST(test_add_addr_with_wrong_hmac),
        TEST(test_old_segment),
        TEST(test_remove_addr),
        TEST(test_reset),
        TEST(test_reset_of_listener),
        TEST(test_crossing_fastclose),
        TEST(test_no_capable_in_ack),
        TEST(test_options_vanish),
        TEST(test_mapping_of_two_segments),
        TEST(test_infinite_mapping),
        TEST(test_join),
        TEST(test_join_alone),
        TEST(test_refused_third_ack),
        TEST(test_refused_join),
        TEST(test_checksum_without_payload),
        TEST(test_wrong_checksum),
        TEST(test_hole),
        TEST(test_hole_filled),
        TEST(test_no_syn),
        TEST(test_no_synack),
        TEST(test_no_third_ack),
        TEST(test_third_ack_answered_plainly),
        TEST(test_join_dropped),
        TEST(test_subflow_missing),
        TEST(test_one_way),
        TEST(test_filter),
        TEST(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
