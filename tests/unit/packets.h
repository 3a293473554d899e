/* packets.h: segments built by hand for tests, byte by byte, and read by the real parser; and a
 * bench that feeds them to a tracker and sums up its verdicts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TEST_PACKETS_H
#define TEST_PACKETS_H

#include <glib.h>
#include <mptcpscope/analysis.h>
#include <mptcpscope/tracker.h>

enum { FROM_OPENER = 0, FROM_PEER = 1 };

/* The ends of a TCP connection: who opens it, and its peer. */
typedef struct {
    mps_address address[2];
    uint16_t port[2];
    uint32_t isn[2];
} wire;

/* What is to become a segment. */
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
    uint16_t length, checksum; /* checksum: 0xabcd if it is 0 and there is to be one */
} dss;

/** @return the ends 10.0.0.`host`:`port` and 10.0.1.1:80, with ISNs that follow from both. */
wire wire_new(uint8_t host, uint16_t port);

/** @return a segment, its numbers relative to the ISNs (0: the SYN's own); ACK flag is added
 *  where `ack` is not 0. */
packet packet_new(const wire *w, unsigned from, uint16_t flags, uint32_t seq, uint32_t ack,
                  uint32_t length);

void packet_option(packet *p, const uint8_t *bytes, unsigned size);
void packet_capable(packet *p, uint8_t version, uint8_t flags, unsigned keys, uint64_t sender,
                    uint64_t receiver);
void packet_capable_data(packet *p, uint8_t flags, uint64_t sender, uint64_t receiver,
                         uint16_t length);
void packet_join_syn(packet *p, bool backup, uint8_t id, uint32_t token, uint32_t nonce);
void packet_join_synack(packet *p, bool backup, uint8_t id, uint32_t nonce);
void packet_join_ack(packet *p);
void packet_dss(packet *p, const dss *d);
void packet_add_addr(packet *p, uint8_t id, const mps_address *address);
void packet_prio(packet *p, bool backup, int address_id);
void packet_fastclose(packet *p, uint64_t key);
void packet_tcprst(packet *p, uint8_t reason);
void packet_timestamps(packet *p, uint32_t tsval, uint32_t tsecr);

/** Write IP and TCP header, and read them back with mps_segment_parse_ip(). */
void packet_parse(const packet *p, mps_segment *segment);

/* Token and IDSN of a key, worked out apart from the tracker. */
uint32_t token_of(uint64_t key, int version);
uint64_t idsn_of(uint64_t key, int version);

typedef struct {
    int64_t segments, bytes, data, retransmitted, reinjected, unmapped;
} sums;

/* A tracker and all verdicts it gave. */
typedef struct {
    mps_tracker *tracker;
    GArray *verdicts; /* mps_verdict */
    GArray *packets;  /* packet: all that were fed */
    uint32_t frame;
    int64_t time, step; /* ns; of the next segment */
    bool taken;         /* whether the tracker follows the segment fed last */
} bench;

bench *bench_new(mps_track what);
void bench_free(bench *b);

/** Feed a segment. @return its verdict; all 0 with subflow MPS_NONE where it is not followed */
mps_verdict bench_feed(bench *b, const packet *p);

/** Open a connection with both keys: SYN, SYN/ACK, ACK. Version 0 or 1. */
void bench_open(bench *b, const wire *w, int version, uint64_t client_key, uint64_t server_key);

/** Open a subflow: SYN with the token, SYN/ACK, ACK. */
void bench_join(bench *b, const wire *w, uint32_t token, uint32_t nonce);

/** Feed payload with a mapping of its own, of 64 bits. @param ssn from 1 on */
mps_verdict bench_data(bench *b, const wire *w, unsigned from, uint32_t ssn, uint32_t length,
                       uint64_t dsn);

/** Feed a pure ACK with a DATA_ACK of 64 bits. */
mps_verdict bench_ack(bench *b, const wire *w, unsigned from, uint64_t data_ack);

/** Feed payload without any MPTCP option. */
mps_verdict bench_plain(bench *b, const wire *w, unsigned from, uint32_t ssn, uint32_t length);

/** @return what was counted. @param connection, subflow  numbers; MPS_NONE: all
 *  @param direction  of the connection; -1: both */
sums bench_sums(const bench *b, uint32_t connection, uint32_t subflow, int direction);

mps_connection_info connection_info(const bench *b, uint32_t number);
mps_subflow_info subflow_info(const bench *b, uint32_t connection, uint32_t subflow);

/* assert_* of cmocka, by the caller's line. */
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
