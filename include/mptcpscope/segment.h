/* segment.h: the facts that one captured TCP segment states, and nothing more.
 *
 * One parser of raw IP and TCP header bytes serves all sources of segments (the Wireshark plugin,
 * the capture reader, the dump reader), so that all of them get the same facts.
 *
 * src/segment/segment.c       IP headers, the TCP header and the TCP options
 * src/segment/ip_header.c     the walk through IP headers (ip_header.h)
 * src/segment/mptcp_option.c  MPTCP options
 * src/segment/option_parse.h  the parser of options alone, for the dump reader and diff
 * src/segment/link_facts.c    what the link layer tells of a frame
 * src/segment/icmp_error.c    ICMP errors about segments (icmp_error.h)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_SEGMENT_H
#define MPTCPSCOPE_SEGMENT_H

#include <mptcpscope/types.h>
#include <stddef.h>

/* TCP header flags (RFC 9293 section 3.1): the low 12 bits of bytes 12 and 13. */
#define MPS_TCP_FIN 0x001u
#define MPS_TCP_SYN 0x002u
#define MPS_TCP_RST 0x004u
#define MPS_TCP_PSH 0x008u
#define MPS_TCP_ACK 0x010u
#define MPS_TCP_URG 0x020u

/* TCP option kind of MPTCP (RFC 8684 section 8.1). */
#define MPS_TCP_OPTION_MPTCP 30u

/* Bytes of options that a TCP header can hold, the MPTCP options of three bytes that fit into them,
 * and the SACK blocks that do (RFC 2018 section 3). */
#define MPS_TCP_OPTIONS_MAX 40u
#define MPS_MPTCP_OPTIONS_MAX 13u
#define MPS_SACK_BLOCKS_MAX 4u

/* The most payload of a segment, bytes: as much as the largest receive window admits (RFC 7323
 * section 2.3). Captures of hosts with segmentation offload have segments of up to 512 kB. */
#define MPS_PAYLOAD_MAX (UINT32_C(1) << 30)

/* MPTCP option subtypes (RFC 8684 section 8.2). */
typedef enum {
    MPS_MP_CAPABLE = 0x0,
    MPS_MP_JOIN = 0x1,
    MPS_DSS = 0x2,
    MPS_ADD_ADDR = 0x3,
    MPS_REMOVE_ADDR = 0x4,
    MPS_MP_PRIO = 0x5,
    MPS_MP_FAIL = 0x6,
    MPS_MP_FASTCLOSE = 0x7,
    MPS_MP_TCPRST = 0x8,
} mps_subtype;

/* MP_CAPABLE flags A to H (RFC 8684 section 3.1; A: checksum required, C: no more subflows to
 * this address, H: HMAC-SHA256 in v1, HMAC-SHA1 in v0). */
#define MPS_CAPABLE_CHECKSUM 0x80u
#define MPS_CAPABLE_NO_JOIN_HERE 0x20u
#define MPS_CAPABLE_HMAC 0x01u

/* The forms of MP_JOIN, which the SYN, the SYN/ACK and the ACK carry (RFC 8684 section 3.2). */
typedef enum { MPS_JOIN_SYN, MPS_JOIN_SYNACK, MPS_JOIN_ACK } mps_join_form;

/* One MPTCP option. The members of the union are set only where the option is `valid`. */
typedef struct {
    uint8_t subtype;    /* 0 to 15; only those in mps_subtype are decoded */
    uint8_t length;     /* as on the wire */
    bool valid;         /* the length fits the subtype and the form, and all of it was captured */
    bool truncated;     /* the snaplen cuts it */
    const uint8_t *raw; /* `length` bytes (fewer when truncated) of what was parsed */
    union {
        struct {
            uint8_t version;
            uint8_t flags; /* MPS_CAPABLE_* */
            uint8_t keys;  /* number of keys: 0, 1 or 2 */
            bool has_data_length, has_checksum;
            uint16_t data_length, checksum;
            uint64_t sender_key, receiver_key;
        } capable;
        struct {
            uint8_t form; /* mps_join_form */
            bool backup;  /* not in MPS_JOIN_ACK */
            uint8_t address_id;
            uint32_t token, nonce; /* token only in the SYN; nonce in SYN and SYNACK */
            uint8_t hmac_length;   /* 0, 8 (SYNACK) or 20 (ACK) */
            uint8_t hmac[20];
        } join;
        struct {
            bool has_ack, ack_is_64; /* DATA_ACK present; of 8 bytes */
            bool has_map, dsn_is_64; /* mapping present; its DSN of 8 bytes */
            bool has_checksum, data_fin;
            uint64_t ack, dsn;
            uint32_t ssn;         /* relative subflow sequence number */
            uint16_t data_length; /* counts the DATA_FIN, if any; 0: infinite mapping */
            uint16_t checksum;
        } dss;
        struct {
            bool echo; /* v1; always false in v0 */
            bool v0;   /* RFC 6824 form: the IP version instead of the echo flag, no HMAC */
            uint8_t address_id;
            bool has_port, has_hmac;
            uint16_t port;
            mps_address address;
            uint8_t hmac[8];
        } add_addr;
        struct {
            uint8_t count;
            uint8_t ids[MPS_TCP_OPTIONS_MAX];
        } remove_addr;
        struct {
            bool backup, has_address_id; /* only v0 has an address ID */
            uint8_t address_id;
        } prio;
        struct {
            uint64_t dsn;
        } fail;
        struct {
            uint64_t key;
        } fastclose;
        struct {
            uint8_t flags, reason;
        } tcprst;
    };
} mps_option;

/* Which way a frame passed the host that captured it. */
typedef enum {
    MPS_WAY_UNKNOWN,
    MPS_WAY_IN,    /* the host received it */
    MPS_WAY_OUT,   /* the host sent it */
    MPS_WAY_OTHER, /* between other hosts: the host only overheard it */
} mps_way;

/** @return "in", "out" or "other", static; NULL for MPS_WAY_UNKNOWN. */
const char *mps_way_name(mps_way way);

/* What the link layer and the capture file tell of a frame. With tunnels it is about the outer
 * packet; with IP fragments, about the last one. */
typedef struct {
    uint32_t interface;  /* of pcapng: section (from 0) << 16 | number in it; MPS_NONE: unknown */
    uint32_t link_index; /* interface index of the host, from Linux cooked v2; 0: unknown */
    uint64_t source, destination; /* link addresses of 6 bytes, as numbers; 0: unknown */
    mps_way way;
} mps_link_facts;

/* One captured TCP segment. */
typedef struct {
    /* Where it was captured. The source sets these; the parser does not change them. */
    uint32_t frame;     /* number in the capture, from 1 */
    uint32_t order;     /* among all segments as mps_source_next() gives them, from 1; 0: unset */
    int32_t tcp_stream; /* number of the TCP connection in the source; -1: none */
    int64_t time;       /* ns since the epoch, within MPS_TIME_MAX */
    mps_link_facts link;

    /* From the IP header. */
    mps_address source, destination;
    int32_t ip_id; /* -1: the header has no such field (IPv6) */
    uint8_t ttl, tos;

    /* From the TCP header. */
    uint16_t source_port, destination_port;
    uint32_t seq, ack;
    uint16_t flags;  /* MPS_TCP_*, 12 bits */
    uint16_t window; /* as on the wire, not scaled */
    uint16_t checksum;
    uint16_t urgent;
    uint8_t header_length;    /* bytes, from the data offset */
    uint8_t options_captured; /* bytes of options that were captured, at most header_length - 20 */
    uint32_t length;          /* payload bytes on the wire, even if fewer were captured */
    bool has_payload_sum;     /* the segment has payload, and all of it was captured */
    uint16_t payload_sum;     /* its one's complement sum (RFC 1071), as if the payload began at an
                               * even offset; 0 without has_payload_sum */

    /* From the TCP options. */
    bool options_truncated; /* the snaplen cuts into the options */
    bool options_malformed; /* the length of an option passes the end or is below 2 */
    bool has_timestamps, has_window_scale, sack_permitted;
    uint8_t window_scale, sack_blocks;
    uint16_t mss;          /* 0: no MSS option */
    uint32_t tsval, tsecr; /* 0 without has_timestamps */
    struct {
        uint32_t left, right;
    } sack[MPS_SACK_BLOCKS_MAX];
    uint8_t mptcp_count;     /* used entries of mptcp[] */
    uint16_t mptcp_subtypes; /* bit 1 << subtype: mptcp[] has a valid option of it */
    mps_option mptcp[MPS_MPTCP_OPTIONS_MAX];
    uint8_t options[MPS_TCP_OPTIONS_MAX]; /* raw bytes; mptcp[].raw points into them */
} mps_segment;

typedef enum {
    MPS_PARSE_OK,
    MPS_PARSE_NOT_TCP,   /* another protocol, or a fragment */
    MPS_PARSE_TRUNCATED, /* fewer than the 20 fixed bytes of the TCP header were captured */
    MPS_PARSE_MALFORMED, /* lengths contradict each other */
} mps_parse_result;

/**
 * Decode a TCP header.
 *
 * @param segment     filled in, except frame, tcp_stream, time, addresses, ip_id, ttl and tos
 * @param header      first byte of the TCP header
 * @param captured    bytes of header and payload that were captured
 * @param tcp_length  bytes of header and payload by the IP header
 * @return MPS_PARSE_OK, _TRUNCATED or _MALFORMED. Options that are cut or malformed are not an
 *         error: the options before them are decoded, and options_truncated or _malformed is set.
 *         On errors the ports, seq, ack, flags, window and header_length are still set where their
 *         16 bytes were captured.
 */
mps_parse_result mps_segment_parse_tcp(mps_segment *segment, const uint8_t *header, size_t captured,
                                       size_t tcp_length);

/**
 * Decode an IPv4 or IPv6 header and the TCP header after it. IPv6 extension headers are skipped.
 *
 * @param segment   filled in, except frame, tcp_stream and time
 * @param packet    first byte of the IP header
 * @param captured  bytes that were captured from there on
 * @param length    bytes that were on the wire from there on; used only where the length field of
 *                  the IP header is 0 (segmentation offload, jumbograms)
 * @return MPS_PARSE_*
 */
mps_parse_result mps_segment_parse_ip(mps_segment *segment, const uint8_t *packet, size_t captured,
                                      size_t length);

/* Link layers that tell more than where IP begins. */
typedef enum {
    MPS_LINK_OTHER,
    MPS_LINK_ETHERNET,
    MPS_LINK_COOKED,    /* Linux cooked v1 (SLL) */
    MPS_LINK_COOKED_V2, /* Linux cooked v2 (SLL2) */
    MPS_LINK_PKTAP,     /* Apple's; only the way is taken */
} mps_link_kind;

/* No facts of the link layer. */
#define MPS_NO_LINK_FACTS ((mps_link_facts){.interface = MPS_NONE})

/**
 * Take what a link header tells.
 * @param facts     members that the header tells of are set; the others stay
 * @param frame     its first byte
 * @param captured  bytes of the frame
 */
void mps_link_facts_take(mps_link_facts *facts, mps_link_kind kind, const uint8_t *frame,
                         size_t captured);

/** Take the option epb_flags of pcapng: bits 0 and 1 are the way, bits 2 to 4 the reception type.
 *  @param facts  its way is set if the flags tell it */
void mps_link_facts_take_flags(mps_link_facts *facts, uint32_t flags);

/** @return whether the link layer and the file tell the same of two frames. */
static inline bool mps_link_facts_equal(const mps_link_facts *a, const mps_link_facts *b)
{
    return a->interface == b->interface && a->link_index == b->link_index &&
           a->source == b->source && a->destination == b->destination && a->way == b->way;
}

/** @return whether two frames certainly were captured on different interfaces. */
bool mps_link_facts_apart(const mps_link_facts *a, const mps_link_facts *b);

/** @return whether the sender left the TCP checksum to its network interface, which had not seen
 *  the segment yet: it is the sum of the pseudo-header alone. Segments with payload that the
 *  receiver merged (GRO) can have that, too, and one in 65536 others by chance. */
bool mps_segment_checksum_unfilled(const mps_segment *segment);

/** @return the first valid MPTCP option of a subtype, owned by the segment, or NULL. */
static inline const mps_option *mps_segment_option(const mps_segment *segment, mps_subtype subtype)
{
    const mps_option *option = segment->mptcp;
    if (!(segment->mptcp_subtypes >> subtype & 1u))
        return NULL;
    while (!option->valid || option->subtype != subtype)
        option++;
    return option;
}

/** @return the name of a subtype as in RFC 8684 ("MP_CAPABLE"), static; NULL if it has no name. */
const char *mps_subtype_name(uint8_t subtype);

/** @return the reason of an MP_TCPRST in the words of its IANA registry (RFC 8684 section 8.4) or
 *  "unknown", static. */
const char *mps_tcprst_reason_name(uint8_t reason);

#endif
