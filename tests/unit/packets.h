/* packets.h: segments built by hand for tests, and a bench that feeds them to a tracker.
 *
 * Segments are built byte by byte and read by the real parser. The bench keeps and sums up the
 * verdicts of the tracker.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TEST_PACKETS_H
#define TEST_PACKETS_H

#include <glib.h>
#include <mptcpscope/analysis.h>
#include <mptcpscope/tracker.h>

enum { FROM_OPENER = 0, FROM_PEER = 1 };

/* The ends of a TCP connection: the opener and its peer. */
typedef struct {
    mps_address address[2];
    uint16_t port[2];
    uint32_t isn[2];
} wire;

/* A segment before it is built. */
typedef struct {
    mps_address source, destination;
    uint16_t source_port, destination_port;
    uint32_t seq, ack, length;
    uint16_t flags, window, ip_id;
    uint8_t options[40];
    unsigned options_length;
    const uint8_t *payload; /* `length` bytes, at most 4096; NULL: not captured */
} packet;

/* A DSS option. */
typedef struct {
    bool has_ack, ack_is_32, has_map, dsn_is_32, fin, has_checksum;
    uint64_t ack, dsn;
    uint32_t ssn;
    uint16_t length, checksum; /* checksum: 0 and has_checksum gives 0xabcd */
} dss;

/** @return the ends 10.0.0.`host`:`port` and 10.0.1.1:80, with ISNs made from both numbers. */
wire wire_new(uint8_t host, uint16_t port);

/** @return a segment without options. The ACK flag is added if `ack` is not 0.
 *  @param from      FROM_OPENER or FROM_PEER
 *  @param seq, ack  relative to the ISNs; 0 is the number of the SYN
 *  @param length    payload bytes */
packet packet_new(const wire *w, unsigned from, uint16_t flags, uint32_t seq, uint32_t ack,
                  uint32_t length);

/** Append an option, `size` bytes. */
void packet_option(packet *p, const uint8_t *bytes, unsigned size);

/** Append MP_CAPABLE. @param keys  how many it has: 0, 1 or 2 */
void packet_capable(packet *p, uint8_t version, uint8_t flags, unsigned keys, uint64_t sender,
                    uint64_t receiver);
/** Append MP_CAPABLE of version 1 with both keys and a data-level length. */
void packet_capable_data(packet *p, uint8_t flags, uint64_t sender, uint64_t receiver,
                         uint16_t length);
/** Append the MP_JOIN of a SYN, a SYN/ACK, a third ACK. @param id  of the address */
void packet_join_syn(packet *p, bool backup, uint8_t id, uint32_t token, uint32_t nonce);
void packet_join_synack(packet *p, bool backup, uint8_t id, uint32_t nonce);
void packet_join_ack(packet *p);

/** Append a DSS. */
void packet_dss(packet *p, const dss *d);

/** Append an ADD_ADDR, a MP_PRIO, a MP_FASTCLOSE, a MP_TCPRST, TCP timestamps.
 *  @param id, address_id  of the address; address_id -1: MP_PRIO has none */
void packet_add_addr(packet *p, uint8_t id, const mps_address *address);
void packet_prio(packet *p, bool backup, int address_id);
void packet_fastclose(packet *p, uint64_t key);
void packet_tcprst(packet *p, uint8_t reason);
void packet_timestamps(packet *p, uint32_t tsval, uint32_t tsecr);

/** Build a segment: write its IP and TCP header, and read them with mps_segment_parse_ip(). */
void packet_parse(const packet *p, mps_segment *segment);

/** @return the token or the IDSN of a key, computed without the tracker. */
uint32_t token_of(uint64_t key, int version);
uint64_t idsn_of(uint64_t key, int version);

/* Sums of verdicts. */
typedef struct {
    int64_t segments, bytes, data, retransmitted, reinjected, unmapped;
} sums;

/* A tracker and all verdicts that it gave. */
typedef struct {
    mps_tracker *tracker;
    GArray *verdicts;        /* mps_verdict */
    GArray *packets;         /* packet: all that were fed */
    uint32_t frame;          /* of the latest segment */
    int64_t time;            /* of the next segment, ns */
    int64_t step;            /* from one segment to the next, ns */
    bool taken;              /* the tracker follows the latest segment */
    const mps_address *host; /* that captured: the way of frames shows it; NULL: it does not */
} bench;

/** @return a new bench. Free it with bench_free(). */
bench *bench_new(mps_track what);
void bench_free(bench *b);

/** Feed a segment. @return its verdict; if it is not followed, all 0 with subflow MPS_NONE */
mps_verdict bench_feed(bench *b, const packet *p);

/** Open a connection with both keys: SYN, SYN/ACK, ACK. Version 0 or 1. */
void bench_open(bench *b, const wire *w, int version, uint64_t client_key, uint64_t server_key);

/** Open a subflow: SYN with the token, SYN/ACK, ACK. */
void bench_join(bench *b, const wire *w, uint32_t token, uint32_t nonce);

/** Feed payload with its own mapping, with a DSN of 64 bits. @param ssn  relative, 1 is the first
 */
mps_verdict bench_data(bench *b, const wire *w, unsigned from, uint32_t ssn, uint32_t length,
                       uint64_t dsn);

/** Feed a pure ACK with a DATA_ACK of 64 bits. */
mps_verdict bench_ack(bench *b, const wire *w, unsigned from, uint64_t data_ack);

/** Feed payload without any MPTCP option. */
mps_verdict bench_plain(bench *b, const wire *w, unsigned from, uint32_t ssn, uint32_t length);

/** @return the sums of verdicts.
 *  @param connection, subflow  numbers; MPS_NONE: all
 *  @param direction            of the connection; -1: both */
sums bench_sums(const bench *b, uint32_t connection, uint32_t subflow, int direction);

/** @return what the tracker says of a connection or subflow, by number. */
mps_connection_info connection_info(const bench *b, uint32_t number);
mps_subflow_info subflow_info(const bench *b, uint32_t connection, uint32_t subflow);

/* A macro, so that cmocka reports the caller's line. */
#define assert_sums(actual, n_data, n_retransmitted, n_reinjected, n_unmapped)                     \
    do {                                                                                           \
        sums sums_ = (actual);                                                                     \
        assert_int_equal(sums_.data, n_data);                                                      \
        assert_int_equal(sums_.retransmitted, n_retransmitted);                                    \
        assert_int_equal(sums_.reinjected, n_reinjected);                                          \
        assert_int_equal(sums_.unmapped, n_unmapped);                                              \
        assert_int_equal(sums_.bytes,                                                              \
                         (n_data) + (n_retransmitted) + (n_reinjected) + (n_unmapped));            \
    } while (0)

#endif
