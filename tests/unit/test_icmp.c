/* test_icmp.c: ICMP errors: decoded, told apart by what they are about, written to a dump and read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "dump/dump_reader.h"
#include "rows.h"
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KEY UINT64_C(0x1234567890abcdef)
#define PEER_KEY UINT64_C(0xfedcba0987654321)
#define MILLISECOND 1000000

enum { UNREACHABLE = 3, QUENCH = 4, HOST = 1, PORT = 3, TOO_BIG = 4 };

/* ---- decoding ---- */

/* Port unreachable, quoting eight bytes of TCP: 10.0.0.1:1000 > 10.0.0.2:80, sequence number 7. */
static const uint8_t smallest[56] = {
    0x45, 0,   0, 56, 0, 1, 0, 0, 63, 1, 0, 0, 10, 0, 0, 9, 10, 0, 0, 1, /* IPv4 */
    3,    3,   0, 0,  0, 0, 0, 0,                                        /* ICMP */
    0x45, 0,   0, 60, 0, 2, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, /* the quoted packet */
    3,    232, 0, 80, 0, 0, 0, 7};

/* Decode a copy of exactly `captured` bytes, so that sanitizers see each load past its end. */
static bool parse(mps_icmp_error *error, const uint8_t *bytes, size_t captured)
{
    uint8_t *copy = malloc(MAX(captured, 1));
    assert_non_null(copy);
    memcpy(copy, bytes, captured);
    bool found = mps_icmp_error_parse(error, copy, captured);
    free(copy);
    return found;
}

static void decodes_the_smallest(void **state)
{
    (void)state;
    char text[MPS_ADDRESS_TEXT_MAX];
    mps_icmp_error error;
    for (size_t captured = 0; captured < sizeof smallest; captured++)
        assert_false(parse(&error, smallest, captured));
    assert_true(parse(&error, smallest, sizeof smallest));
    assert_string_equal(mps_address_text(&error.sender, text), "10.0.0.9");
    assert_string_equal(mps_address_text(&error.source, text), "10.0.0.1");
    assert_string_equal(mps_address_text(&error.destination, text), "10.0.0.2");
    assert_int_equal(error.source_port, 1000);
    assert_int_equal(error.destination_port, 80);
    assert_int_equal(error.seq, 7);
    assert_int_equal(error.ttl, 63);
    assert_int_equal(error.mtu, 0);
    assert_string_equal(mps_icmp_error_name(&error), "port unreachable");
}

/* @return whether the smallest error is decoded with another byte at one place */
static bool parse_with(size_t at, uint8_t byte)
{
    uint8_t bytes[sizeof smallest];
    mps_icmp_error error;
    memcpy(bytes, smallest, sizeof bytes);
    bytes[at] = byte;
    return parse(&error, bytes, sizeof bytes);
}

static void refuses_other_packets(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint8_t byte;
    } others[] = {
        {0, 0x44},  /* a header length below 20 */
        {0, 0x4f},  /* one beyond the end */
        {0, 0x65},  /* IPv6 */
        {3, 55},    /* a total length that ends in the quotation */
        {6, 0x20},  /* more fragments follow */
        {7, 1},     /* a later fragment */
        {9, 17},    /* UDP */
        {20, 0},    /* echo reply */
        {20, 5},    /* redirect: it quotes what was sent on */
        {28, 0x65}, /* the quoted packet is IPv6 */
        {28, 0x44}, /* its header is too short */
        {28, 0x46}, /* its header leaves fewer than eight bytes */
        {35, 1},    /* it is a later fragment */
        {37, 17},   /* it is UDP */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        if (parse_with(others[i].at, others[i].byte))
            fail_msg("byte %zu", others[i].at);
    assert_true(parse_with(3, 0));     /* no total length */
    assert_true(parse_with(3, 255));   /* one that is too large */
    assert_true(parse_with(31, 0));    /* the length of the quoted packet does not matter */
    assert_true(parse_with(34, 0x20)); /* it was the first of several fragments */
    assert_true(parse_with(21, 200));  /* an unknown code */
}

static mps_icmp_error error_with(unsigned version, uint8_t type, uint8_t code)
{
    return (mps_icmp_error){.sender.length = version == 4 ? 4 : 16, .type = type, .code = code};
}

static const char *name_of(unsigned version, uint8_t type, uint8_t code)
{
    const mps_icmp_error error = error_with(version, type, code);
    return mps_icmp_error_name(&error);
}

static bool refuses(unsigned version, uint8_t type, uint8_t code)
{
    const mps_icmp_error error = error_with(version, type, code);
    return mps_icmp_error_refuses(&error);
}

static void names_them(void **state)
{
    (void)state;
    assert_string_equal(name_of(4, 3, 0), "network unreachable");
    assert_string_equal(name_of(4, 3, 13), "communication administratively prohibited");
    assert_string_equal(name_of(4, 3, 15), "precedence cutoff in effect");
    assert_string_equal(name_of(4, 3, 16), "destination unreachable");
    assert_string_equal(name_of(4, 3, 255), "destination unreachable");
    assert_string_equal(name_of(4, 11, 1), "fragment reassembly time exceeded");
    assert_string_equal(name_of(4, 12, 2), "parameter problem");
    assert_string_equal(name_of(6, 1, 0), "no route to destination");
    assert_string_equal(name_of(6, 1, 6), "reject route to destination");
    assert_string_equal(name_of(6, 1, 9), "destination unreachable");
    assert_string_equal(name_of(6, 2, 0), "packet too big");
    assert_string_equal(name_of(6, 3, 0), "hop limit exceeded in transit");
    assert_true(refuses(4, 3, 3) && refuses(4, 3, 13) && refuses(4, 11, 0) && refuses(4, 12, 0));
    assert_true(refuses(6, 1, 4) && refuses(6, 3, 0) && refuses(6, 4, 1));
    assert_false(refuses(4, 3, 4) || refuses(4, 4, 0) || refuses(6, 2, 0));
}

/* ---- what they are about ---- */

/* An ICMP error that the destination sends. @param seq  relative to the ISN */
static mps_icmp_error error_of(bench *b, const wire *w, unsigned from, uint32_t seq, uint8_t type,
                               uint8_t code)
{
    mps_icmp_error error = {
        .frame = ++b->frame,
        .time = b->time,
        .link = MPS_NO_LINK_FACTS,
        .sender = w->address[!from],
        .ttl = 64,
        .type = type,
        .code = code,
        .source = w->address[from],
        .destination = w->address[!from],
        .source_port = w->port[from],
        .destination_port = w->port[!from],
        .seq = w->isn[from] + seq,
    };
    b->time += b->step;
    return error;
}

static const mps_icmp_record *feed(bench *b, const wire *w, unsigned from, uint32_t seq,
                                   uint8_t type, uint8_t code)
{
    mps_icmp_error error = error_of(b, w, from, seq, type, code);
    return mps_tracker_icmp(b->tracker, &error);
}

static void send_join_syn(bench *b, const wire *w)
{
    packet p = packet_new(w, FROM_OPENER, MPS_TCP_SYN, 0, 0, 0);
    packet_join_syn(&p, false, 3, token_of(PEER_KEY, 1), 9);
    bench_feed(b, &p);
}

/* @return a bench with a connection, and the SYN of a join that was sent once */
static bench *with_join(wire *join)
{
    bench *b = rows_bench("summary");
    const wire initial = wire_new(1, 1000);
    *join = wire_new(2, 2000);
    bench_open(b, &initial, 1, KEY, PEER_KEY);
    send_join_syn(b, join);
    return b;
}

static void refuses_a_join(void **state)
{
    (void)state;
    wire join;
    bench *b = with_join(&join);
    assert_int_equal(subflow_info(b, 0, 1).state, MPS_SUBFLOW_SYN);
    const mps_icmp_record *record = feed(b, &join, FROM_OPENER, 0, UNREACHABLE, PORT);
    assert_non_null(record);
    assert_true(mps_tracker_icmp_counts(b->tracker, record));
    assert_int_equal(mps_tracker_icmp_step(b->tracker, record), MPS_TCP_SYN);
    mps_subflow_info info = subflow_info(b, 0, 1);
    assert_int_equal(info.state, MPS_SUBFLOW_RESET);
    assert_ptr_equal(info.refusal, &record->error);
    assert_int_equal(info.reset_reason, -1);
    assert_false(info.accepted);
    assert_int_equal(connection_info(b, 0).state, MPS_CONNECTION_OPEN);

    send_join_syn(b, &join); /* hosts may try again: RFC 1122 section 4.2.3.9 */
    assert_int_equal(subflow_info(b, 0, 1).state, MPS_SUBFLOW_RESET);
    packet p = packet_new(&join, FROM_PEER, MPS_TCP_SYN, 0, 1, 0);
    packet_join_synack(&p, false, 4, 10);
    bench_feed(b, &p);
    info = subflow_info(b, 0, 1);
    assert_int_equal(info.state, MPS_SUBFLOW_OPEN);
    assert_null(info.refusal);
    bench_free(b);
}

/* What does not refuse it, but is kept; and what is about nothing that was sent. */
static void does_not_refuse_a_join(void **state)
{
    (void)state;
    wire join;
    bench *b = with_join(&join);
    assert_true(
        mps_tracker_icmp_counts(b->tracker, feed(b, &join, FROM_OPENER, 0, UNREACHABLE, TOO_BIG)));
    assert_true(mps_tracker_icmp_counts(b->tracker, feed(b, &join, FROM_OPENER, 0, QUENCH, 0)));
    assert_false(
        mps_tracker_icmp_counts(b->tracker, feed(b, &join, FROM_OPENER, 100, UNREACHABLE, HOST)));
    assert_false(mps_tracker_icmp_counts(
        b->tracker, feed(b, &join, FROM_OPENER, (uint32_t)-1, UNREACHABLE, HOST)));
    const wire other = wire_new(3, 2000);
    assert_null(feed(b, &other, FROM_OPENER, 0, UNREACHABLE, HOST));
    assert_int_equal(mps_tracker_icmp_count(b->tracker), 4);
    assert_int_equal(subflow_info(b, 0, 1).state, MPS_SUBFLOW_SYN);
    bench_free(b);
}

/* A RST tells more than an ICMP error. */
static void is_reset_by_rst(void **state)
{
    (void)state;
    wire join;
    bench *b = with_join(&join);
    feed(b, &join, FROM_OPENER, 0, UNREACHABLE, PORT);
    packet p = packet_new(&join, FROM_PEER, MPS_TCP_RST, 0, 1, 0);
    packet_tcprst(&p, 3);
    bench_feed(b, &p);
    const mps_subflow_info info = subflow_info(b, 0, 1);
    assert_int_equal(info.state, MPS_SUBFLOW_RESET);
    assert_int_equal(info.reset_reason, 3);
    assert_null(info.refusal);
    bench_free(b);
}

/* An established connection stays open: the path may recover. */
static void tells_of_a_path_that_died(void **state)
{
    (void)state;
    bench *b = bench_new(MPS_TRACK_MPTCP);
    const wire w = wire_new(1, 1000);
    bench_open(b, &w, 1, KEY, PEER_KEY);
    bench_data(b, &w, FROM_OPENER, 1, 100, idsn_of(KEY, 1) + 1);
    bench_data(b, &w, FROM_OPENER, 101, 100, idsn_of(KEY, 1) + 101);
    const mps_icmp_record *record = feed(b, &w, FROM_OPENER, 101, UNREACHABLE, HOST);
    assert_true(mps_tracker_icmp_counts(b->tracker, record));
    assert_int_equal(mps_tracker_icmp_step(b->tracker, record), 0);
    assert_int_equal(record->half, 0);
    record = feed(b, &w, FROM_PEER, 0, UNREACHABLE, HOST);
    assert_true(mps_tracker_icmp_counts(b->tracker, record));
    assert_int_equal(mps_tracker_icmp_step(b->tracker, record), MPS_TCP_SYN | MPS_TCP_ACK);
    assert_int_equal(record->half, 1);
    assert_false(
        mps_tracker_icmp_counts(b->tracker, feed(b, &w, FROM_OPENER, 5000, UNREACHABLE, HOST)));
    assert_int_equal(subflow_info(b, 0, 0).state, MPS_SUBFLOW_OPEN);
    assert_null(subflow_info(b, 0, 0).refusal);
    bench_free(b);
}

/* The same error at another place soon after is a copy. */
static void knows_copies(void **state)
{
    (void)state;
    wire join;
    bench *b = with_join(&join);
    mps_icmp_error error = error_of(b, &join, FROM_OPENER, 0, UNREACHABLE, PORT);
    error.link.interface = 0;
    assert_false(mps_tracker_icmp(b->tracker, &error)->copy);
    error.time += MILLISECOND;
    assert_false(mps_tracker_icmp(b->tracker, &error)->copy); /* at the same place */
    error.link.interface = 1;
    const mps_icmp_record *copy = mps_tracker_icmp(b->tracker, &error);
    assert_true(copy->copy);
    assert_false(mps_tracker_icmp_counts(b->tracker, copy));
    error.code = HOST; /* another one */
    assert_false(mps_tracker_icmp(b->tracker, &error)->copy);
    error.time += 1000 * MILLISECOND; /* another SYN was answered */
    error.link.interface = 0;
    assert_false(mps_tracker_icmp(b->tracker, &error)->copy);
    bench_free(b);
}

/* ---- reports ---- */

static void reports_them(void **state)
{
    (void)state;
    wire join;
    bench *b = with_join(&join);
    const mps_icmp_record *record = feed(b, &join, FROM_OPENER, 0, UNREACHABLE, PORT);
    mps_report *report = rows_report(b, "events", MPS_NONE, NULL);
    mps_table *table = mps_report_table(report, b->tracker);
    const unsigned without = table->row_count; /* the filter did not pass its frame */
    mps_table_free(table);
    mps_report_count_icmp(report, record);
    table = mps_report_table(report, b->tracker);
    assert_int_equal(table->row_count, without + 1);
    assert_text(table, without, "event", "ICMP error");
    assert_text(table, without, "step", "SYN");
    assert_text(table, without, "reason", "port unreachable");
    assert_text(table, without, "address", "10.0.1.1");
    assert_text(table, without, "details", "port unreachable, from 10.0.1.1");
    assert_uint(table, without, "frame", record->error.frame);
    assert_uint(table, without, "icmp_type", 3);
    assert_uint(table, without, "icmp_code", 3);
    mps_table_free(table);
    mps_report_free(report);

    report = rows_report(b, "subflows", MPS_NONE, NULL);
    table = mps_report_table(report, b->tracker);
    assert_text(table, 1, "state", "reset");
    assert_text(table, 1, "icmp_error", "port unreachable");
    assert_text(table, 1, "icmp_sender", "10.0.1.1");
    assert_null_value(table, 1, "reset_reason");
    assert_null_value(table, 0, "icmp_error");
    mps_table_free(table);
    mps_report_free(report);
    bench_free(b);
}

/* ---- the dump ---- */

#define HEAD                                                                                       \
    "# mptcpscope dump, version 1; live\nframe,time_ns,tcp_stream,source,source_port,destination," \
    "destination_port,ip_id,ttl,tos,seq,ack,flags,window,checksum,urgent,header_length,length,"    \
    "tcp_options\n"
#define LINE "# icmp,7,-5,10.0.0.9,63,3,4,1400,10.0.0.1,1000,10.0.0.2,80,4294967295,65537,3,in,"
#define LINKS "02:42:ac:11:00:02,02:42:ac:11:00:03"

/* Read the first line of a dump. @return the error; NULL: none */
static GError *read_line(const char *line, mps_next expected, mps_icmp_error *icmp)
{
    GError *error = NULL;
    char *path = NULL, *text = g_strconcat(HEAD, line, "\n", NULL);
    mps_segment segment;
    int file = g_file_open_tmp("dump-XXXXXX.csv", &path, NULL);
    assert_true(file >= 0);
    g_close(file, NULL);
    assert_true(g_file_set_contents(path, text, -1, NULL));
    mps_dump *dump = mps_dump_open(path, NULL);
    assert_non_null(dump);
    assert_int_equal(mps_dump_next(dump, &segment, &error), expected);
    *icmp = *mps_dump_icmp_error(dump);
    mps_dump_close(dump);
    g_unlink(path);
    g_free(path);
    g_free(text);
    return error;
}

static void reads_a_line(void **state)
{
    (void)state;
    char text[MPS_ADDRESS_TEXT_MAX];
    mps_icmp_error icmp;
    assert_null(read_line(LINE LINKS, MPS_NEXT_ICMP_ERROR, &icmp));
    assert_int_equal(icmp.frame, 7);
    assert_int_equal(icmp.time, -5);
    assert_string_equal(mps_address_text(&icmp.sender, text), "10.0.0.9");
    assert_int_equal(icmp.ttl, 63);
    assert_int_equal(icmp.type, 3);
    assert_int_equal(icmp.code, 4);
    assert_int_equal(icmp.mtu, 1400);
    assert_string_equal(mps_address_text(&icmp.source, text), "10.0.0.1");
    assert_string_equal(mps_address_text(&icmp.destination, text), "10.0.0.2");
    assert_int_equal(icmp.source_port, 1000);
    assert_int_equal(icmp.destination_port, 80);
    assert_int_equal(icmp.seq, UINT32_MAX);
    assert_int_equal(icmp.link.interface, 65537);
    assert_int_equal(icmp.link.link_index, 3);
    assert_int_equal(icmp.link.way, MPS_WAY_IN);
    assert_int_equal(icmp.link.source, 0x0242ac110002);
    assert_int_equal(icmp.link.destination, 0x0242ac110003);
    assert_null(read_line("# icmp,1,0,fd00::9,1,2,0,,fd00::1,1,fd00::2,2,0,,,,,,a later column",
                          MPS_NEXT_ICMP_ERROR, &icmp));
    assert_int_equal(icmp.mtu, 0);
    assert_int_equal(icmp.link.interface, MPS_NONE);
    assert_null(read_line("# another comment\n#", MPS_NEXT_END, &icmp));
}

static void refuses_bad_lines(void **state)
{
    (void)state;
    static const struct {
        const char *line, *message;
    } bad[] = {
        {"# icmp,", "line 3, ICMP error: frame is missing"},
        {"# icmp,0,0", "line 3, ICMP error: frame is malformed"},
        {"# icmp,1", "line 3, ICMP error: time_ns is missing"},
        {"# icmp,1,9223372036854775807", "line 3, ICMP error: time_ns is malformed"},
        {"# icmp,1,0,10.0.0", "line 3, ICMP error: sender is malformed"},
        {"# icmp,1,0,10.0.0.1,256", "line 3, ICMP error: ttl is malformed"},
        {"# icmp,1,0,10.0.0.1,1,5", "line 3, ICMP error: type is malformed"},
        {"# icmp,1,0,fd00::1,1,11", "line 3, ICMP error: type is malformed"},
        {"# icmp,1,0,10.0.0.1,1,3,-1", "line 3, ICMP error: code is malformed"},
        {"# icmp,1,0,10.0.0.1,1,3,4,0", "line 3, ICMP error: mtu is malformed"},
        {"# icmp,1,0,10.0.0.1,1,3,4,,fd00::1", "line 3, ICMP error: source is malformed"},
        {"# icmp,1,0,10.0.0.1,1,3,4,,10.0.0.1,65536",
         "line 3, ICMP error: source_port is malformed"},
        {LINE "02:42:AC:11:00:02,", "line 3, ICMP error: link_source is malformed"},
        {LINE "02:42:ac:11:00:02", "line 3, ICMP error: link_destination is missing"},
        {LINE "02:42:ac:11:00:02:1,", "line 3, ICMP error: link_source is malformed"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        mps_icmp_error icmp;
        GError *error = read_line(bad[i].line, MPS_NEXT_FAILED, &icmp);
        assert_non_null(error);
        assert_string_equal(error->message, bad[i].message);
        g_error_free(error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_the_smallest),
        cmocka_unit_test(refuses_other_packets),
        cmocka_unit_test(names_them),
        cmocka_unit_test(refuses_a_join),
        cmocka_unit_test(does_not_refuse_a_join),
        cmocka_unit_test(is_reset_by_rst),
        cmocka_unit_test(tells_of_a_path_that_died),
        cmocka_unit_test(knows_copies),
        cmocka_unit_test(reports_them),
        cmocka_unit_test(reads_a_line),
        cmocka_unit_test(refuses_bad_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
