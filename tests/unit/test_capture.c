/* test_capture.c: tests of the capture reader, on files that libpcap or the test itself writes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <lz4frame.h>
#include <lzma.h>
#include <pcap/pcap.h>
#include <zlib.h>
#include <zstd.h>

#include "capture/blocks.h"
#include "capture/capture.h"
#include <mptcpscope/error.h>

#define SECOND INT64_C(1000000000)
#define START (INT64_C(1700000000) * SECOND + 123456789)

static char *path; /* the file that the current test writes */
static mps_segment segment;

static int set_up(void **state)
{
    GError *error = NULL;
    const int fd = g_file_open_tmp("mptcpscope-XXXXXX", &path, &error);

    (void)state;
    if (fd < 0)
        return -1;
    close(fd);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    g_unlink(path);
    g_free(path);
    return 0;
}

/* Packets. Each function appends a header to the frame that is being built. */

typedef struct {
    uint8_t bytes[1000];
    size_t size;
} frame;

static void add_bytes(frame *to, const void *bytes, size_t size)
{
    memcpy(to->bytes + to->size, bytes, size);
    to->size += size;
}

static void add16(frame *to, unsigned value)
{
    const uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};
    add_bytes(to, bytes, sizeof bytes);
}

static void add32(frame *to, uint32_t value)
{
    add16(to, value >> 16);
    add16(to, value & 0xffff);
}

static void add_ipv4(frame *to, uint8_t source, uint8_t destination, uint8_t protocol,
                     size_t payload)
{
    add16(to, 0x4500);
    add16(to, (unsigned)(20 + payload));
    add32(to, 0x12344000);
    add16(to, 64u << 8 | protocol);
    add16(to, 0);
    add32(to, 0x0a000000u | source);
    add32(to, 0x0a000000u | destination);
}

static void add_ipv6(frame *to, uint8_t source, uint8_t destination, uint8_t protocol,
                     size_t payload)
{
    const uint8_t address[15] = {0xfd};

    add32(to, 0x60000000);
    add16(to, (unsigned)payload);
    add16(to, (unsigned)protocol << 8 | 64);
    add_bytes(to, address, sizeof address);
    add_bytes(to, &source, 1);
    add_bytes(to, address, sizeof address);
    add_bytes(to, &destination, 1);
}

static void add_tcp(frame *to, uint16_t source, uint16_t destination, uint32_t seq, uint32_t ack,
                    uint16_t flags)
{
    add16(to, source);
    add16(to, destination);
    add32(to, seq);
    add32(to, ack);
    add16(to, 0x6000u | flags);
    add16(to, 1000);
    add32(to, 0);
    add32(to, 0x1e040000 | (uint32_t)0x4007); /* REMOVE_ADDR 7 */
}

#define TCP_SIZE 24

/* Writing captures. */

static pcap_t *dead;
static pcap_dumper_t *dumper;
static int64_t now;

static void begin_capture(int link_type)
{
    dead = pcap_open_dead_with_tstamp_precision(link_type, 65535, PCAP_TSTAMP_PRECISION_NANO);
    assert_non_null(dead);
    dumper = pcap_dump_open(dead, path);
    assert_non_null(dumper);
    now = START;
}

static void write_cut_frame(const frame *from, size_t captured)
{
    struct pcap_pkthdr header = {0};

    header.ts.tv_sec = now / SECOND;
    header.ts.tv_usec = now % SECOND;
    header.len = (bpf_u_int32)from->size;
    header.caplen = (bpf_u_int32)captured;
    pcap_dump((u_char *)dumper, &header, from->bytes);
    now += 1;
}

static void write_frame(const frame *from)
{
    write_cut_frame(from, from->size);
}

static void end_capture(void)
{
    pcap_dump_close(dumper);
    pcap_close(dead);
}

/* Write a segment between 10.0.0.1:1000 and 10.0.0.2:80, over raw IP. */
static void write_segment(bool from_client, uint32_t seq, uint32_t ack, uint16_t flags)
{
    frame made = {.size = 0};

    add_ipv4(&made, from_client ? 1 : 2, from_client ? 2 : 1, 6, TCP_SIZE);
    add_tcp(&made, from_client ? 1000 : 80, from_client ? 80 : 1000, seq, ack, flags);
    write_frame(&made);
}

/* Reading them. */

static mps_capture *open_capture(void)
{
    GError *error = NULL;
    mps_capture *capture = mps_capture_open(path, &error);

    if (capture == NULL)
        fail_msg("%s", error->message);
    return capture;
}

static void expect_end(mps_capture *capture)
{
    GError *error = NULL;

    assert_int_equal(mps_capture_next(capture, &segment, &error), 0);
    assert_null(error);
    mps_capture_close(capture);
}

/* An ICMP error about a segment of 1:1001 to 2:80. */
static void expect_icmp(mps_capture *capture, uint32_t number, uint8_t type, uint8_t code)
{
    assert_int_equal(mps_capture_next(capture, &segment, NULL), MPS_NEXT_ICMP_ERROR);
    const mps_icmp_error *icmp = mps_capture_icmp_error(capture);
    assert_int_equal(icmp->frame, number);
    assert_int_equal(icmp->time, START + number - 1);
    assert_int_equal(icmp->type, type);
    assert_int_equal(icmp->code, code);
    assert_int_equal(icmp->seq, 100);
    assert_int_equal(icmp->source_port, 1001);
    assert_int_equal(icmp->destination_port, 80);
    assert_int_equal(icmp->sender.bytes[icmp->sender.length - 1], 9);
    assert_int_equal(icmp->source.bytes[icmp->source.length - 1], 1);
    assert_int_equal(icmp->destination.bytes[icmp->destination.length - 1], 2);
}

static void expect_segment(mps_capture *capture, uint32_t number, int32_t tcp_stream)
{
    GError *error = NULL;

    if (mps_capture_next(capture, &segment, &error) != 1)
        fail_msg("no segment at frame %u", number);
    assert_null(error);
    assert_int_equal(segment.frame, number);
    assert_int_equal(mps_capture_frames(capture), number);
    assert_int_equal(segment.tcp_stream, tcp_stream);
    assert_int_equal(segment.time, START + number - 1);
    assert_int_equal(segment.length, 0);
    assert_int_equal(segment.mptcp_count, 1);
    assert_int_equal(segment.mptcp[0].remove_addr.ids[0], 7);
}

/* @param pattern  that the message must match, in full, with * and ? */
static void expect_error(GError *error, const char *pattern)
{
    assert_non_null(error);
    assert_int_equal(error->domain, MPS_ERROR);
    const bool cut_off = strstr(error->message, " cut off ") != NULL;
    assert_int_equal(error->code, cut_off ? MPS_ERROR_CUT_OFF : MPS_ERROR_INPUT);
    if (!g_pattern_match_simple(pattern, error->message))
        fail_msg("not \"%s\": \"%s\"", pattern, error->message);
    assert_null(strstr(error->message, path));
    g_error_free(error);
}

static void expect_open_error(const char *pattern)
{
    GError *error = NULL;

    assert_null(mps_capture_open(path, &error));
    expect_error(error, pattern);
    assert_null(mps_capture_open(path, NULL));
}

/* Link types. */

typedef struct {
    int type;
    const char *header; /* in hexadecimal */
    bool is_ipv6;
} link_example;

static const link_example links[] = {
    {DLT_EN10MB, "0202020202020303030303030800", false},
    {DLT_EN10MB, "02020202020203030303030386dd", true},
    {DLT_EN10MB, "0202020202020303030303038100000a0800", false},
    {DLT_EN10MB, "02020202020203030303030388a8000a8100000b86dd", true},
    {DLT_LINUX_SLL, "00000001000602020202020200000800", false},
    {DLT_LINUX_SLL, "000000010006020202020202000086dd", true},
    {DLT_LINUX_SLL2, "0800000000000001000100060202020202020000", false},
    {DLT_LINUX_SLL2, "86dd000000000001000100060202020202020000", true},
    {DLT_RAW, "", false},
    {DLT_RAW, "", true},
    {DLT_IPV4, "", false},
    {DLT_IPV6, "", true},
    {DLT_NULL, "02000000", false},
    {DLT_NULL, "00000002", false},
    {DLT_NULL, "18000000", true},
    {DLT_NULL, "1c000000", true},
    {DLT_NULL, "0000001e", true},
    {DLT_LOOP, "00000002", false},
    {DLT_LOOP, "00000018", true},
    {DLT_PPP, "0021", false},
    {DLT_PPP, "0057", true},
    {DLT_PPP, "21", false},
    {DLT_PPP, "57", true},
    {DLT_PPP, "ff030021", false},
    {DLT_PPP, "ff0357", true},
    {DLT_PPP_SERIAL, "ff030057", true},
    {DLT_PPP_SERIAL, "0f000800", false},
    {DLT_PPP_SERIAL, "8f0086dd", true},
};

static void add_hexadecimal(frame *to, const char *text)
{
    for (; *text != '\0'; text += 2) {
        const uint8_t byte =
            (uint8_t)(g_ascii_xdigit_value(text[0]) << 4 | g_ascii_xdigit_value(text[1]));
        add_bytes(to, &byte, 1);
    }
}

static void check_link(const link_example *link)
{
    frame made = {.size = 0};

    add_hexadecimal(&made, link->header);
    (link->is_ipv6 ? add_ipv6 : add_ipv4)(&made, 1, 2, 6, TCP_SIZE);
    add_tcp(&made, 1000, 80, 100, 0, MPS_TCP_SYN);
    begin_capture(link->type);
    write_frame(&made);
    made.bytes[made.size++] = 0; /* padding */
    write_frame(&made);
    for (size_t captured = 0; captured < made.size - 5; captured++)
        write_cut_frame(&made, captured);
    end_capture();

    mps_capture *capture = open_capture();
    expect_segment(capture, 1, 0);
    assert_int_equal(segment.source.length, link->is_ipv6 ? 16 : 4);
    assert_int_equal(segment.source.bytes[segment.source.length - 1], 1);
    assert_int_equal(segment.source_port, 1000);
    assert_int_equal(segment.destination_port, 80);
    assert_int_equal(segment.seq, 100);
    assert_int_equal(segment.flags, MPS_TCP_SYN);
    assert_int_equal(segment.ip_id, link->is_ipv6 ? -1 : 0x1234);
    expect_segment(capture, 2, 0);
    expect_end(capture);
}

static void test_links(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        check_link(&links[i]);
}

static void test_other_protocols(void **state)
{
    frame arp = {.size = 0};
    frame udp = {.size = 0};
    frame tcp = {.size = 0};
    (void)state;

    add_hexadecimal(&arp, "0202020202020303030303030806");
    add_ipv4(&arp, 1, 2, 6, TCP_SIZE);
    add_tcp(&arp, 1000, 80, 100, 0, MPS_TCP_SYN);
    add_hexadecimal(&udp, "0202020202020303030303030800");
    add_ipv4(&udp, 1, 2, 17, 8);
    add_hexadecimal(&udp, "03e8005000080000");
    add_hexadecimal(&tcp, "0202020202020303030303030800");
    add_ipv4(&tcp, 1, 2, 6, TCP_SIZE);
    add_tcp(&tcp, 1000, 80, 100, 0, MPS_TCP_SYN);

    begin_capture(DLT_EN10MB);
    write_frame(&arp);
    write_frame(&udp);
    write_cut_frame(&tcp, 0);
    write_frame(&tcp);
    write_cut_frame(&tcp, 14 + 20 + 19);
    write_frame(&arp);
    end_capture();

    mps_capture *capture = open_capture();
    assert_int_equal(mps_capture_frames(capture), 0);
    expect_segment(capture, 4, 0);
    assert_int_equal(mps_capture_unusable(capture), 1);
    assert_int_equal(mps_capture_next(capture, &segment, NULL), 0);
    assert_int_equal(mps_capture_frames(capture), 6);
    assert_int_equal(mps_capture_unusable(capture), 2);
    mps_capture_close(capture);
    mps_capture_close(NULL);
}

/* ---- notes ---- */

/* Write an IPv4 packet of a protocol with a payload, in Ethernet.
 * @param place  flags and offset of a fragment  @param kept  bytes that are captured, at most */
static void write_ipv4(uint8_t protocol, const char *payload, uint16_t place, size_t kept)
{
    frame made = {.size = 0};
    add_hexadecimal(&made, "0202020202020303030303030800");
    add_ipv4(&made, 1, 2, protocol, (uint16_t)(strlen(payload) / 2));
    uint8_t *header = made.bytes + 14;
    header[6] = (uint8_t)(place >> 8);
    header[7] = (uint8_t)place;
    header[10] = header[11] = 0;
    uint32_t sum = 0;
    for (unsigned i = 0; i < 20; i += 2)
        sum += (uint32_t)(header[i] << 8 | header[i + 1]);
    sum = ~((sum & 0xffff) + (sum >> 16));
    header[10] = (uint8_t)(sum >> 8);
    header[11] = (uint8_t)sum;
    add_hexadecimal(&made, payload);
    write_cut_frame(&made, MIN(kept, made.size));
}

static void write_other(const char *bytes)
{
    frame made = {.size = 0};
    add_hexadecimal(&made, bytes);
    write_frame(&made);
}

/* Read all frames. @param expected  notes, up to NULL */
static void expect_notes(const char *const *expected)
{
    GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
    mps_capture *capture = open_capture();
    while (mps_capture_next(capture, &segment, NULL) == 1)
        continue;
    mps_capture_notes(capture, notes);
    for (guint i = 0; i < notes->len; i++) {
        assert_non_null(expected[i]);
        assert_string_equal(notes->pdata[i], expected[i]);
    }
    assert_null(expected[notes->len]);
    g_ptr_array_free(notes, TRUE);
    mps_capture_close(capture);
}

static void test_notes_on_encapsulations(void **state)
{
    static const char *const notes[] = {"1 frame is left out: MACsec is not decoded.",
                                        "2 frames are left out: IPsec ESP is not decoded.",
                                        "1 frame is left out: L2TP is not decoded.",
                                        "1 frame is left out: ERSPAN is not decoded.",
                                        "1 frame is left out: VXLAN-GPE is not decoded.",
                                        NULL};
    (void)state;

    begin_capture(DLT_EN10MB);
    write_ipv4(50, "0000000100000001aabbccdd", 0, 1000);
    write_ipv4(17, "c00011940014000000000001000000010a0b0c0d", 0, 1000); /* ESP in UDP */
    write_ipv4(17, "1194119400140000000000000a0b0c0d0a0b0c0d", 0, 1000); /* IKE */
    write_ipv4(17, "06a506a50010000002020001ff030021", 0, 1000);         /* L2TP */
    write_ipv4(17, "06a506a500100000c802000cff030021", 0, 1000);         /* control of L2TP */
    write_ipv4(47, "100088be00000001", 0, 1000);
    write_ipv4(17, "c00012b6001000000c00000300000100", 0, 1000);
    write_other("02020202020203030303030388e52c00000000010a0b0c0d0e0f10111213");
    write_ipv4(1, "0800000000000000", 0, 1000); /* no loss: ICMP, ARP, UDP, spanning tree */
    write_ipv4(17, "003500350008000000", 0, 1000);
    write_other("020202020202030303030303080600010800060400010303");
    write_other("0202020202020303030303030026424203000000000002");
    write_segment(true, 100, 0, MPS_TCP_SYN);
    end_capture();
    expect_notes(notes);
}

/* A frame that is cut within its link header is lost only if IP may follow there. */
static void test_notes_on_cut_frames(void **state)
{
    static const char *const frames[] = {
        "080045000028",     /* IPv4, cut before that is said */
        "810000010800",     /* VLAN, likewise */
        "0026aaaa03000000", /* SNAP, likewise */
        "080600010800",     /* ARP */
        "88cc0207040302",   /* LLDP */
        "002642420300",     /* spanning tree */
    };
    static const uint32_t kept[] = {13, 16, 17, 16, 18, 17};
    static const char *const notes[] = {
        "3 frames are left out: the snaplen cuts their headers before or within the fixed header "
        "of TCP.",
        NULL};
    (void)state;

    begin_capture(DLT_EN10MB);
    for (unsigned i = 0; i < G_N_ELEMENTS(frames); i++) {
        frame made = {.size = 0};
        add_hexadecimal(&made, "020202020202030303030303");
        add_hexadecimal(&made, frames[i]);
        write_cut_frame(&made, kept[i]);
    }
    end_capture();
    expect_notes(notes);
}

/* Offsets are in units of 8 bytes; 0x2000: more fragments. */
static void test_notes_on_fragments(void **state)
{
    static const char *const notes[] = {
        "2 frames are left out: they hold fragments of IP packets of which others are missing.",
        "1 frame is left out: it holds a fragment of an IP packet that the snaplen cuts.",
        "1 frame is left out: it holds a fragment of an IP packet whose header checksum is wrong.",
        NULL};
    static const char start[] = "03e80050000000640000000050100000", end[] = "0000000000000000";
    (void)state;

    begin_capture(DLT_EN10MB);
    write_ipv4(6, start, 0x2000, 1000); /* a packet that is complete, and had a repeated fragment */
    write_ipv4(6, start, 0x2000, 1000);
    write_ipv4(6, end, 0x0002, 1000);
    write_ipv4(6, start, 0x2000, 1000);
    write_ipv4(6, end, 0x2002, 1000);    /* the last one is missing */
    write_ipv4(17, start, 0x2000, 1000); /* UDP is no loss */
    write_ipv4(6, end, 0x0003, 14 + 20 + 4);
    frame bad = {.size = 0};
    add_hexadecimal(&bad, "0202020202020303030303030800");
    add_ipv4(&bad, 1, 2, 6, 8);
    bad.bytes[14 + 6] = 0x20;
    bad.bytes[14 + 10] = 0xab;
    add_hexadecimal(&bad, end);
    write_frame(&bad);
    end_capture();
    expect_notes(notes);
}

static void test_empty_capture(void **state)
{
    (void)state;
    begin_capture(DLT_RAW);
    end_capture();
    expect_end(open_capture());
}

static void test_unknown_link(void **state)
{
    static const char *const notes[] = {"1 frame is left out: link type USB_LINUX is not decoded.",
                                        NULL};
    (void)state;
    begin_capture(DLT_USB_LINUX);
    write_segment(true, 100, 0, MPS_TCP_SYN);
    end_capture();
    expect_notes(notes);
}

/* Connections. */

static void test_streams(void **state)
{
    /* From the client or not, seq, ack, flags, and the number that Wireshark 4.0 gives. */
    static const struct {
        bool from_client;
        uint32_t seq, ack;
        uint16_t flags;
        int32_t number;
    } steps[] = {
        {true, 100, 0, MPS_TCP_SYN, 0},
        {true, 100, 0, MPS_TCP_SYN, 0}, /* retransmitted */
        {false, 500, 101, MPS_TCP_SYN | MPS_TCP_ACK, 0},
        {true, 101, 501, MPS_TCP_ACK, 0},
        {true, 900, 0, MPS_TCP_SYN, 1}, /* ports reused */
        {false, 500, 101, MPS_TCP_SYN | MPS_TCP_ACK, 1},
        {false, 700, 901, MPS_TCP_SYN | MPS_TCP_ACK, 1},
        {false, 700, 0, MPS_TCP_SYN, 1}, /* the initial number of this side */
        {false, 701, 0, MPS_TCP_SYN, 2},
        {true, 5, 702, MPS_TCP_ACK, 2},
        {true, 4, 0, MPS_TCP_SYN, 2}, /* one below its first segment */
        {true, 5, 0, MPS_TCP_SYN, 3},
    };
    const size_t count = sizeof steps / sizeof *steps;
    (void)state;

    begin_capture(DLT_RAW);
    for (size_t i = 0; i < count; i++)
        write_segment(steps[i].from_client, steps[i].seq, steps[i].ack, steps[i].flags);
    end_capture();
    mps_capture *capture = open_capture();
    for (size_t i = 0; i < count; i++)
        expect_segment(capture, (uint32_t)i + 1, steps[i].number);
    expect_end(capture);
}

/* Each address and each port distinguishes connections. */
static void test_stream_keys(void **state)
{
    (void)state;
    begin_capture(DLT_RAW);
    for (unsigned i = 0; i < 16; i++) {
        for (unsigned back = 0; back < 2; back++) {
            const uint8_t address[2] = {(uint8_t)(1 + (i & 1)), (uint8_t)(11 + (i >> 1 & 1))};
            const uint16_t port[2] = {(uint16_t)(1000 + (i >> 2 & 1)), (uint16_t)(80 + (i >> 3))};
            frame made = {.size = 0};
            add_ipv4(&made, address[back], address[!back], 6, TCP_SIZE);
            add_tcp(&made, port[back], port[!back], 1, 2, MPS_TCP_ACK);
            write_frame(&made);
        }
    }
    end_capture();
    mps_capture *capture = open_capture();
    for (unsigned i = 0; i < 32; i++)
        expect_segment(capture, i + 1, (int32_t)(i / 2));
    expect_end(capture);
}

/* A segment that ICMP quotes is not returned as such. But it gets a number, as in Wireshark. */
static void test_quoted(void **state)
{
    frame v4 = {.size = 0};
    frame v6 = {.size = 0};
    frame last = {.size = 0};
    (void)state;

    add_ipv4(&v4, 9, 1, 1, 8 + 20 + TCP_SIZE);
    add_hexadecimal(&v4, "0301000000000000");
    add_ipv4(&v4, 1, 2, 6, TCP_SIZE);
    add_tcp(&v4, 1001, 80, 100, 0, MPS_TCP_SYN);
    add_ipv6(&v6, 9, 1, 58, 8 + 40 + TCP_SIZE);
    add_hexadecimal(&v6, "0103000000000000");
    add_ipv6(&v6, 1, 2, 6, TCP_SIZE);
    add_tcp(&v6, 1001, 80, 100, 0, MPS_TCP_SYN);
    add_ipv6(&last, 1, 2, 6, TCP_SIZE);
    add_tcp(&last, 1001, 80, 5000, 0, MPS_TCP_SYN); /* quoted sequence numbers do not count */

    begin_capture(DLT_RAW);
    write_segment(true, 100, 0, MPS_TCP_SYN);
    write_frame(&v4);
    write_frame(&v6);
    write_frame(&last);
    v4.bytes[9] = 17;
    write_frame(&v4);
    end_capture();
    mps_capture *capture = open_capture();
    expect_segment(capture, 1, 0);
    expect_icmp(capture, 2, 3, 1);
    expect_icmp(capture, 3, 1, 3);
    expect_segment(capture, 4, 2);
    expect_end(capture);
}

/* Files. */

/* Write a capture of `count` segments. */
static void write_many(uint32_t count)
{
    begin_capture(DLT_RAW);
    for (uint32_t i = 0; i < count; i++)
        write_segment(true, i, 1, MPS_TCP_ACK);
    end_capture();
}

static void expect_many(uint32_t count)
{
    mps_capture *capture = open_capture();

    for (uint32_t i = 0; i < count; i++) {
        expect_segment(capture, i + 1, 0);
        assert_int_equal(segment.seq, i);
    }
    expect_end(capture);
}

static void set_contents(const void *bytes, size_t size)
{
    assert_true(g_file_set_contents(path, bytes, (gssize)size, NULL));
}

static char *get_contents(size_t *size)
{
    char *bytes;

    assert_true(g_file_get_contents(path, &bytes, size, NULL));
    return bytes;
}

static size_t gzip_member(const char *bytes, size_t size, uint8_t *to, size_t capacity)
{
    z_stream stream = {0};

    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)bytes; /* zlib does not write to it */
    stream.avail_in = (uInt)size;
    stream.next_out = to;
    stream.avail_out = (uInt)capacity;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return capacity - stream.avail_out;
}

static size_t zstd_frame(const char *bytes, size_t size, uint8_t *to, size_t capacity)
{
    const size_t result = ZSTD_compress(to, capacity, bytes, size, 3);

    assert_false(ZSTD_isError(result));
    return result;
}

static size_t lz4_frame(const char *bytes, size_t size, uint8_t *to, size_t capacity)
{
    LZ4F_preferences_t preferences = {0};
    preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
    uint8_t *made = g_malloc(LZ4F_compressFrameBound(size, &preferences));
    const size_t result = LZ4F_compressFrame(made, LZ4F_compressFrameBound(size, &preferences),
                                             bytes, size, &preferences);
    assert_false(LZ4F_isError(result));
    assert_true(result <= capacity);
    memcpy(to, made, result);
    g_free(made);
    return result;
}

static size_t xz_stream(const char *bytes, size_t size, uint8_t *to, size_t capacity)
{
    size_t result = 0;

    assert_int_equal(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, (const uint8_t *)bytes,
                                             size, to, &result, capacity),
                     LZMA_OK);
    return result;
}

typedef size_t (*packer)(const char *bytes, size_t size, uint8_t *to, size_t capacity);

/* A file that fills several buffers, compressed first as one member and then as two. */
static void check_packed(packer pack)
{
    size_t size;

    write_many(20000);
    char *bytes = get_contents(&size);
    const size_t capacity = size * 2;
    uint8_t *packed = g_malloc(capacity);

    const size_t whole = pack(bytes, size, packed, capacity);
    set_contents(packed, whole);
    expect_many(20000);

    const size_t first = pack(bytes, size / 3, packed, capacity);
    const size_t second = pack(bytes + size / 3, size - size / 3, packed + first, capacity - first);
    set_contents(packed, first + second);
    expect_many(20000);
    g_free(packed);
    g_free(bytes);
}

/* Read a file to its end. @return the error there, or NULL */
static GError *read_all(void)
{
    GError *error = NULL;
    mps_capture *capture = mps_capture_open(path, &error);

    while (capture != NULL && mps_capture_next(capture, &segment, &error) == 1)
        continue;
    mps_capture_close(capture);
    return error;
}

/* A compressed file that is cut off is an error, even between two packets. */
static void check_packed_cut(packer pack)
{
    size_t size;

    write_many(20);
    char *bytes = get_contents(&size);
    uint8_t packed[4096];
    const size_t whole = pack(bytes, size, packed, sizeof packed);

    for (size_t kept = 0; kept < whole; kept++) {
        set_contents(packed, kept);
        expect_error(read_all(), kept == 0   ? "the file is empty"
                                 : kept >= 6 ? "the file is cut off *"
                                             : "*");
    }
    g_free(bytes);
}

/* Overwritten bytes may decompress to nonsense, which is then reported as the error. */
static void check_packed_damage(packer pack)
{
    size_t size;

    write_many(2000);
    char *bytes = get_contents(&size);
    uint8_t *packed = g_malloc(size * 2);
    const size_t whole = pack(bytes, size, packed, size * 2);

    memset(packed + whole / 2, 0xff, whole / 4);
    set_contents(packed, whole);
    expect_error(read_all(), "*");
    g_free(packed);
    g_free(bytes);
}

static void test_gzip_checksum(void **state)
{
    size_t size;
    (void)state;

    write_many(20);
    char *bytes = get_contents(&size);
    uint8_t packed[4096];
    const size_t whole = gzip_member(bytes, size, packed, sizeof packed);

    packed[whole - 8] ^= 1;
    set_contents(packed, whole);
    expect_error(read_all(), "after frame 20: the gzip data are damaged");
    packed[whole - 8] ^= 1;
    set_contents(packed, whole - 1);
    expect_error(read_all(), "the file is cut off after frame 20");
    g_free(bytes);
}

static void test_plain(void **state)
{
    (void)state;
    write_many(20000);
    expect_many(20000);
}

static void test_gzip(void **state)
{
    (void)state;
    check_packed(gzip_member);
    check_packed_cut(gzip_member);
    check_packed_damage(gzip_member);
}

static void test_zstd(void **state)
{
    (void)state;
    check_packed(zstd_frame);
    check_packed_cut(zstd_frame);
    check_packed_damage(zstd_frame);
}

static void test_lz4(void **state)
{
    (void)state;
    check_packed(lz4_frame);
    check_packed_cut(lz4_frame);
    check_packed_damage(lz4_frame);
}

static void test_xz(void **state)
{
    (void)state;
    check_packed(xz_stream);
    check_packed_cut(xz_stream);
    check_packed_damage(xz_stream);
}

/* Zero bytes after a member, and between two, are padding of gzip and xz. */
static void test_padding(void **state)
{
    const packer packers[] = {gzip_member, xz_stream};
    size_t size;
    (void)state;

    write_many(2000);
    char *bytes = get_contents(&size);
    const size_t capacity = 2 * size + 300000;
    uint8_t *packed = g_malloc0(capacity);
    for (unsigned i = 0; i < G_N_ELEMENTS(packers); i++) {
        memset(packed, 0, capacity);
        const size_t first = packers[i](bytes, size / 2, packed, size);
        const size_t begin = first + 140000;
        const size_t second = packers[i](bytes + size / 2, size - size / 2, packed + begin, size);
        set_contents(packed, begin + second + 12);
        expect_many(2000);
        packed[begin + second + 11] = 1; /* no padding */
        set_contents(packed, begin + second + 12);
        expect_error(read_all(), "*");
    }
    g_free(packed);
    g_free(bytes);
}

/* zstd and lz4 may begin with frames to be skipped, of any length. */
static void test_skippable(void **state)
{
    const packer packers[] = {zstd_frame, lz4_frame};
    size_t size;
    (void)state;

    write_many(20);
    char *bytes = get_contents(&size);
    for (unsigned i = 0; i < G_N_ELEMENTS(packers); i++) {
        uint8_t packed[4096] = {0x5f, 0x2a, 0x4d, 0x18, 0, 0, 0, 0, 0x50, 0x2a, 0x4d, 0x18, 100};
        const size_t begin = 8 + 8 + 100;
        const size_t whole = packers[i](bytes, size, packed + begin, sizeof packed - begin);
        set_contents(packed, begin + whole);
        expect_many(20);

        const uint32_t skipped = 300000; /* longer than a read */
        uint8_t *large = g_malloc0(8 + skipped + whole);
        memcpy(large, (const uint8_t[]){0x50, 0x2a, 0x4d, 0x18}, 4);
        large[4] = skipped & 0xff;
        large[5] = skipped >> 8 & 0xff;
        large[6] = skipped >> 16 & 0xff;
        memcpy(large + 8 + skipped, packed + begin, whole);
        set_contents(large, 8 + skipped + whole);
        expect_many(20);
        set_contents(large, skipped); /* within the frame */
        expect_open_error("*cut off*");
        large[8 + skipped] ^= 1;
        set_contents(large, 8 + skipped + whole);
        expect_open_error("what follows a skippable frame is neither zstd nor lz4");
        g_free(large);
    }
    set_contents("\x02\x21\x4c\x18\0\0\0\0\0\0\0\0", 12);
    expect_open_error("the legacy format of lz4 is not supported");
    g_free(bytes);
}

/* Data whose decompression takes much memory are refused. */
static void test_compressed_memory(void **state)
{
    /* A frame with a window of 2^28 bytes; RFC 8878 section 3.1.1.1. */
    static const uint8_t zstd[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, (28 - 10) << 3, 0x01, 0, 0};
    /* A stream without check, and a block with a dictionary of 1 GiB; the .xz format, section 3.1.
     */
    uint8_t xz[] = {0xfd, '7', 'z',  'X', 'Z', 0, 0, 0, 0, 0, 0, 0, /* stream */
                    2,    0,   0x21, 1,   36,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    (void)state;

    set_contents(zstd, sizeof zstd);
    expect_open_error("the zstd data need more than 256 MiB of memory");
    for (unsigned i = 0; i < 2; i++) {
        const uint32_t sum = i == 0 ? lzma_crc32(xz + 6, 2, 0) : lzma_crc32(xz + 12, 8, 0);
        for (unsigned byte = 0; byte < 4; byte++)
            xz[(i == 0 ? 8 : 20) + byte] = (uint8_t)(sum >> 8 * byte);
    }
    set_contents(xz, sizeof xz);
    expect_open_error("the xz data need more than 256 MiB of memory");
}

/* A pcap file of three packets. */
#define FILE_HEADER 24u
#define FILE_PACKET (16u + 20u + TCP_SIZE)
#define FILE_SIZE (FILE_HEADER + 3 * FILE_PACKET)

/* Cut such a file off everywhere. A cut in a packet is an error that names the last whole frame;
 * one between packets is none. */
static void check_cut(const char *bytes)
{
    for (size_t kept = 0; kept < FILE_SIZE; kept++) {
        GError *error = NULL;
        set_contents(bytes, kept);
        if (kept < FILE_HEADER) {
            expect_open_error("*");
            continue;
        }
        mps_capture *capture = open_capture();
        const size_t whole = (kept - FILE_HEADER) / FILE_PACKET;
        for (uint32_t i = 0; i < whole; i++)
            expect_segment(capture, i + 1, 0);
        if ((kept - FILE_HEADER) % FILE_PACKET == 0) {
            expect_end(capture);
            continue;
        }
        assert_int_equal(mps_capture_next(capture, &segment, &error), -1);
        expect_error(error, whole == 0 ? "the file is cut off before the first frame"
                                       : "the file is cut off after frame ?");
        mps_capture_close(capture);
    }
}

static void test_cut(void **state)
{
    size_t size;
    (void)state;

    write_many(3);
    char *bytes = get_contents(&size);
    assert_int_equal(size, FILE_SIZE);
    check_cut(bytes);
    g_free(bytes);
}

/* Change the byte order of numbers of 32 bits. */
static void swap_numbers(char *bytes, size_t at, unsigned count)
{
    for (unsigned i = 0; i < count; i++, at += 4) {
        uint32_t number;
        memcpy(&number, bytes + at, sizeof number);
        number = GUINT32_SWAP_LE_BE(number);
        memcpy(bytes + at, &number, sizeof number);
    }
}

/* A file that libpcap reads itself, since its snaplen is the largest, in both byte orders. */
static void test_largest_snaplen(void **state)
{
    const uint32_t largest = 262144;
    size_t size;
    (void)state;

    write_many(3);
    char *bytes = get_contents(&size);
    memcpy(bytes + 16, &largest, sizeof largest);
    set_contents(bytes, size);
    expect_many(3);
    check_cut(bytes);

    swap_numbers(bytes, 0, FILE_HEADER / 4);
    for (unsigned i = 0; i < 3; i++)
        swap_numbers(bytes, FILE_HEADER + i * FILE_PACKET, 4);
    memcpy(bytes + 4, (uint16_t[]){GUINT16_SWAP_LE_BE(2), GUINT16_SWAP_LE_BE(4)}, 4); /* version */
    set_contents(bytes, size);
    expect_many(3);
    check_cut(bytes);
    g_free(bytes);
}

static void test_bad_files(void **state)
{
    static const char text[] = "This is no capture, but it is longer than the header of one.\n";
    char *file = path;
    (void)state;

    expect_open_error("the file is empty");
    set_contents(text, sizeof text - 1);
    expect_open_error("not a capture in pcap or pcapng format");
    set_contents("\x1f", 1);
    expect_open_error("*");

    char *none = g_strconcat(file, ".none", NULL);
    path = none;
    expect_open_error("No such file or directory");
    path = g_strdup(g_get_tmp_dir());
    expect_open_error("Is a directory");
    g_free(path);
    g_free(none);
    path = file;
}

/* pcapng, which libpcap cannot write. Blocks are in the byte order of this host. */

static void add_native32(frame *to, uint32_t value)
{
    add_bytes(to, &value, sizeof value);
}

static void add_interface(frame *to, uint16_t link_type, uint32_t snaplen)
{
    const uint16_t fields[2] = {link_type, 0};
    const uint16_t resolution[2] = {9, 1}; /* if_tsresol, of one byte */
    const uint8_t nanoseconds[4] = {9};    /* 10^-9, and padding */

    add_native32(to, 1);
    add_native32(to, 32);
    add_bytes(to, fields, sizeof fields);
    add_native32(to, snaplen);
    add_bytes(to, resolution, sizeof resolution);
    add_bytes(to, nanoseconds, sizeof nanoseconds);
    add_native32(to, 0);
    add_native32(to, 32);
}

static void add_packet(frame *to, uint32_t interface, uint64_t time)
{
    const uint32_t padding = 2;
    const uint32_t size = 14 + 20 + TCP_SIZE;

    add_native32(to, 6);
    add_native32(to, 32 + size + padding);
    add_native32(to, interface);
    add_native32(to, (uint32_t)(time >> 32));
    add_native32(to, (uint32_t)time);
    add_native32(to, size);
    add_native32(to, size);
    add_hexadecimal(to, "0202020202020303030303030800");
    add_ipv4(to, 1, 2, 6, TCP_SIZE);
    add_tcp(to, 1000, 80, 1, 1, MPS_TCP_ACK);
    add16(to, 0);
    add_native32(to, 32 + size + padding);
}

static void begin_pcapng(frame *to)
{
    to->size = 0;
    add_native32(to, 0x0a0d0d0a);
    add_native32(to, 28);
    add_native32(to, 0x1a2b3c4d);
    add_native32(to, 1); /* version 1.0, in this byte order */
    add_native32(to, UINT32_MAX);
    add_native32(to, UINT32_MAX);
    add_native32(to, 28);
}

#define LINKTYPE_RAW 101
#define LINKTYPE_ETHERNET 1

static void test_pcapng(void **state)
{
    frame file;
    (void)state;

    begin_pcapng(&file);
    add_interface(&file, LINKTYPE_ETHERNET, 65535);
    add_interface(&file, LINKTYPE_ETHERNET, 65535);
    add_packet(&file, 0, START);
    add_packet(&file, 1, START + 1);
    set_contents(file.bytes, file.size);
    mps_capture *capture = open_capture();
    expect_segment(capture, 1, 0);
    expect_segment(capture, 2, 0);
    expect_end(capture);
}

/* Append a packet with a comment of three bytes and epb_flags. */
static void add_flagged_packet(frame *to, uint32_t interface, uint64_t time, uint32_t flags)
{
    const uint16_t comment[2] = {1, 3}, option[2] = {2, 4};
    const size_t at = to->size;
    add_packet(to, interface, time);
    to->size -= 4;
    add_bytes(to, comment, sizeof comment);
    add_native32(to, 0x00636261);
    add_bytes(to, option, sizeof option);
    add_native32(to, flags);
    add_native32(to, 0); /* the end of the options */
    const uint32_t size = (uint32_t)(to->size - at) + 4;
    add_native32(to, size);
    memcpy(to->bytes + at + 4, &size, sizeof size);
}

#define INBOUND 0x1u
#define OUTBOUND 0x2u
#define PROMISCUOUS (4u << 2)

static void make_flagged_pcapng(frame *file)
{
    begin_pcapng(file);
    add_interface(file, LINKTYPE_ETHERNET, 65535);
    add_interface(file, LINKTYPE_ETHERNET, 65535);
    add_packet(file, 1, START);
    add_flagged_packet(file, 0, START + 1, OUTBOUND);
    add_flagged_packet(file, 1, START + 2, INBOUND);
    add_flagged_packet(file, 1, START + 3, INBOUND | PROMISCUOUS);
    frame section = {.size = 0};
    begin_pcapng(&section);
    add_bytes(file, section.bytes, section.size);
    add_interface(file, LINKTYPE_ETHERNET, 65535);
    add_flagged_packet(file, 0, START + 4, 0);
}

static const mps_link_facts flagged_facts[] = {
    {1, 0, 0, 0, MPS_WAY_UNKNOWN}, {0, 0, 0, 0, MPS_WAY_OUT},           {1, 0, 0, 0, MPS_WAY_IN},
    {1, 0, 0, 0, MPS_WAY_OTHER},   {0x10000, 0, 0, 0, MPS_WAY_UNKNOWN},
};

static void test_pcapng_facts(void **state)
{
    frame file;
    (void)state;

    make_flagged_pcapng(&file);
    set_contents(file.bytes, file.size);
    mps_capture *capture = open_capture();
    for (uint32_t i = 0; i < G_N_ELEMENTS(flagged_facts); i++) {
        expect_segment(capture, i + 1, 0);
        assert_int_equal(segment.link.interface, flagged_facts[i].interface);
        assert_int_equal(segment.link.way, flagged_facts[i].way);
        assert_true(segment.link.source == 0x030303030303);
        assert_true(segment.link.destination == 0x020202020202);
        assert_int_equal(segment.link.link_index, 0);
    }
    expect_end(capture);
}

/* However the bytes come, the same is found. */
static void test_pcapng_pieces(void **state)
{
    frame file;
    (void)state;

    make_flagged_pcapng(&file);
    for (size_t piece = 1; piece < 40; piece++) {
        mps_blocks *blocks = mps_blocks_new();
        for (size_t at = 0; at < file.size; at += piece)
            mps_blocks_follow(blocks, file.bytes + at, MIN(piece, file.size - at));
        for (unsigned i = 0; i < G_N_ELEMENTS(flagged_facts); i++) {
            mps_link_facts facts = MPS_NO_LINK_FACTS;
            mps_blocks_take_packet(blocks, &facts);
            assert_int_equal(facts.interface, flagged_facts[i].interface);
            assert_int_equal(facts.way, flagged_facts[i].way);
        }
        mps_link_facts none = MPS_NO_LINK_FACTS;
        mps_blocks_take_packet(blocks, &none);
        assert_int_equal(none.interface, MPS_NONE);
        mps_blocks_free(blocks);
    }
}

/* A section and an enhanced packet of interface 2, inbound, without data. */
static void add_short_section(frame *to, bool big_endian)
{
    static const uint32_t words[] = {0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0, 0, 28, /* the section */
                                     6,          40, 2,          0, 0, 0, 0}; /* the packet */
    static const uint8_t big[] = {0, 2, 0, 4, 0, 0, 0, 1, 0, 0, 0, 40};
    static const uint8_t little[] = {2, 0, 4, 0, 1, 0, 0, 0, 40, 0, 0, 0};
    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        const uint32_t word = big_endian ? GUINT32_TO_BE(words[i]) : GUINT32_TO_LE(words[i]);
        add_bytes(to, &word, sizeof word);
    }
    add_bytes(to, big_endian ? big : little, sizeof big);
}

static void test_pcapng_byte_orders(void **state)
{
    (void)state;
    for (unsigned first_is_big = 0; first_is_big < 2; first_is_big++) {
        frame file = {.size = 0};
        add_short_section(&file, first_is_big);
        add_short_section(&file, !first_is_big);
        mps_blocks *blocks = mps_blocks_new();
        size_t at = mps_blocks_follow(blocks, file.bytes, file.size);
        assert_true(mps_blocks_stopped(blocks)); /* libpcap does not take the second section */
        size_t given;
        g_byte_array_unref(mps_blocks_resume(blocks, &given));
        at += mps_blocks_follow(blocks, file.bytes + at, file.size - at);
        assert_int_equal(at, file.size);
        for (unsigned section = 0; section < 2; section++) {
            mps_link_facts facts = MPS_NO_LINK_FACTS;
            mps_blocks_take_packet(blocks, &facts);
            assert_int_equal(facts.interface, section << 16 | 2);
            assert_int_equal(facts.way, MPS_WAY_IN);
        }
        mps_blocks_free(blocks);
    }
}

/* Lengths that make no sense are libpcap's to refuse; they must not lead the scanner astray. */
static void test_pcapng_bad_lengths(void **state)
{
    (void)state;
    for (uint32_t length = 0; length < 64; length++) {
        frame file;
        begin_pcapng(&file);
        add_interface(&file, LINKTYPE_ETHERNET, 65535);
        const size_t at = file.size;
        add_flagged_packet(&file, 0, START, OUTBOUND);
        memcpy(file.bytes + at + 4, &length, sizeof length);
        set_contents(file.bytes, file.size);
        mps_capture *capture = open_capture();
        GError *error = NULL;
        int result = mps_capture_next(capture, &segment, &error);
        assert_int_equal(result, -1);
        g_clear_error(&error);
        mps_capture_close(capture);
    }
}

/* ---- what link headers tell ---- */

static mps_link_facts facts_of(int link_type, const char *header)
{
    frame made = {.size = 0};
    begin_capture(link_type);
    add_hexadecimal(&made, header);
    add_ipv4(&made, 1, 2, 6, TCP_SIZE);
    add_tcp(&made, 1000, 80, 1, 1, MPS_TCP_ACK);
    write_frame(&made);
    end_capture();
    mps_capture *capture = open_capture();
    expect_segment(capture, 1, 0);
    expect_end(capture);
    return segment.link;
}

static void test_link_facts(void **state)
{
    (void)state;
    static const mps_way ways[] = {MPS_WAY_IN,  MPS_WAY_IN,      MPS_WAY_IN,     MPS_WAY_OTHER,
                                   MPS_WAY_OUT, MPS_WAY_UNKNOWN, MPS_WAY_UNKNOWN};
    for (unsigned type = 0; type < G_N_ELEMENTS(ways); type++) {
        char *header = g_strdup_printf("%04x000100060a0b0c0d0e0f00000800", type);
        mps_link_facts facts = facts_of(DLT_LINUX_SLL, header);
        assert_int_equal(facts.way, ways[type]);
        assert_true(facts.source == 0x0a0b0c0d0e0f && facts.destination == 0);
        assert_int_equal(facts.link_index, 0);
        assert_int_equal(facts.interface, MPS_NONE);
        g_free(header);
        header = g_strdup_printf("08000000000102030001%02x060a0b0c0d0e0f0000", type);
        facts = facts_of(DLT_LINUX_SLL2, header);
        assert_int_equal(facts.way, ways[type]);
        assert_true(facts.source == 0x0a0b0c0d0e0f && facts.destination == 0);
        assert_int_equal(facts.link_index, 0x10203);
        g_free(header);
    }
    /* No link address (a tunnel's interface), and one that is longer. */
    assert_true(facts_of(DLT_LINUX_SLL2, "0800000000000007fffe04000000000000000000").source == 0);
    assert_true(facts_of(DLT_LINUX_SLL, "0004002000140a0b0c0d0e0f01020800").source == 0);
    assert_int_equal(facts_of(DLT_RAW, "").way, MPS_WAY_UNKNOWN);
}

/* The test is built without a way to the module that reads on: the error names the way on. */
static void check_mixed(uint16_t link_type, uint32_t snaplen)
{
    GError *error = NULL;
    frame file;

    begin_pcapng(&file);
    add_interface(&file, LINKTYPE_ETHERNET, 65535);
    add_packet(&file, 0, START);
    add_interface(&file, link_type, snaplen);
    set_contents(file.bytes, file.size);
    mps_capture *capture = open_capture();
    expect_segment(capture, 1, 0);
    assert_int_equal(mps_capture_next(capture, &segment, &error), -1);
    expect_error(error, "after frame 1: *tshark*-z mptcp,dump*");
    assert_int_equal(mps_capture_next(capture, &segment, &error), 0);
    mps_capture_close(capture);
}

static void test_mixed_pcapng(void **state)
{
    (void)state;
    check_mixed(LINKTYPE_RAW, 65535);
    check_mixed(LINKTYPE_ETHERNET, 100);
}

/* A file of a section and nothing else, as Wireshark writes for a capture without packets. */
static void test_no_interface(void **state)
{
    frame file;
    (void)state;

    begin_pcapng(&file);
    set_contents(file.bytes, file.size);
    expect_end(open_capture());
    set_contents(file.bytes, file.size - 4);
    expect_open_error("the file is cut off*");
}

/* Packets longer than the snaplen in the header of a pcap file are read whole, as in Wireshark. */
static void test_beyond_snaplen(void **state)
{
    size_t size;
    (void)state;

    write_many(3);
    char *bytes = get_contents(&size);
    memset(bytes + 16, 0, 4);
    bytes[G_BYTE_ORDER == G_LITTLE_ENDIAN ? 16 : 19] = 25; /* less than the TCP header */
    set_contents(bytes, size);
    expect_many(3);
    g_free(bytes);
}

/* A time that exceeds an int64_t of nanoseconds must not overflow. */
static void test_late_pcapng(void **state)
{
    frame file;
    (void)state;

    begin_pcapng(&file);
    add_interface(&file, LINKTYPE_ETHERNET, 65535);
    add_packet(&file, 0, UINT64_MAX);
    set_contents(file.bytes, file.size);
    mps_capture *capture = open_capture();
    assert_int_equal(mps_capture_next(capture, &segment, NULL), 1);
    assert_int_equal(segment.time, MPS_TIME_MAX);
    expect_end(capture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_links),
        TEST(test_other_protocols),
        TEST(test_notes_on_encapsulations),
        TEST(test_notes_on_cut_frames),
        TEST(test_notes_on_fragments),
        TEST(test_empty_capture),
        TEST(test_unknown_link),
        TEST(test_streams),
        TEST(test_stream_keys),
        TEST(test_quoted),
        TEST(test_plain),
        TEST(test_gzip),
        TEST(test_gzip_checksum),
        TEST(test_zstd),
        TEST(test_lz4),
        TEST(test_xz),
        TEST(test_padding),
        TEST(test_skippable),
        TEST(test_compressed_memory),
        TEST(test_cut),
        TEST(test_largest_snaplen),
        TEST(test_bad_files),
        TEST(test_pcapng),
        TEST(test_mixed_pcapng),
        TEST(test_late_pcapng),
        TEST(test_pcapng_facts),
        TEST(test_pcapng_pieces),
        TEST(test_pcapng_byte_orders),
        TEST(test_pcapng_bad_lengths),
        TEST(test_link_facts),
        TEST(test_no_interface),
        TEST(test_beyond_snaplen),
    };

    return cmocka_run_group_tests_name("capture", tests, NULL, NULL);
}
