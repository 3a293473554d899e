/* capture_internal.h: the parts of the capture reader.
 *
 * capture.c    a capture file, opened and read segment by segment
 * packets.c    finds the TCP segment in a frame, and counts what is not understood
 * unread.c     names the encapsulations that are not decoded
 * frames.c     reads frames, through libpcap as long as that can
 * blocks.c     follows the blocks of a pcapng file, to know how long that is
 * file_drops.c follows them for who reads a file without a source
 * relay.c      reads frames on through the module of wiretap
 * link.c       finds the IP header of a frame
 * fragments.c  puts IP fragments together
 * tunnel.c     finds the IP packet inside another one
 * streams.c    numbers the TCP connections
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CAPTURE_INTERNAL_H
#define MPS_CAPTURE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <mptcpscope/segment.h>

/* link.c */

/** @return DLT_*, the number that libpcap has for a link type in memory, of LINKTYPE_*, that in a
 *          file. Of those that mps_link_find_ip() supports only raw IP has two. */
int mps_link_of_file(int link_type);

/** @return whether mps_link_find_ip() supports a link type (DLT_*). */
bool mps_link_known(int link_type);

/**
 * Find the IP header of a frame.
 *
 * @param link_type  DLT_*
 * @param frame      first byte of the frame
 * @param captured   bytes that were captured
 * @param offset     set to where the IP header begins, at most `captured`
 * @return false if the frame carries another protocol, or is cut before its protocol field
 */
bool mps_link_find_ip(int link_type, const uint8_t *frame, size_t captured, size_t *offset);

/** Take what the headers of a frame tell of its way and its link addresses. */
void mps_link_facts_of_frame(mps_link_facts *facts, int link_type, const uint8_t *frame,
                             size_t captured);

/* Stands for an Ethernet frame (transparent Ethernet bridging). */
#define MPS_ETHERTYPE_ETHERNET 0x6558u

/**
 * Walk from a link header to the IP header it leads to: through VLAN tags, MPLS labels, PPPoE, LLC
 * and further Ethernet headers.
 *
 * @param type  EtherType of what is at `at`
 * @param at    moved to the IP header, at most `captured`
 * @return false if another protocol follows, or the frame is cut before that is said
 */
bool mps_link_enter(const uint8_t *frame, size_t captured, uint16_t type, size_t *at);

/** @return the EtherType where mps_link_find_ip() found no way on; 0: none. */
uint16_t mps_link_last_type(int link_type, const uint8_t *frame, size_t captured);

/** @return false if a frame in which mps_link_find_ip() found no IP holds another protocol for
 *          certain, as ARP, however much of it is cut. */
bool mps_link_may_be_ip(int link_type, const uint8_t *frame, size_t captured);

/* tunnel.c */

/** Find what an IP packet carries. @param at  set to where the header after IP begins
 *  @return its protocol number; -1: the packet is cut, or no first fragment */
int mps_tunnel_payload(const uint8_t *packet, size_t captured, size_t *at);

/**
 * Find the IP header that an IP packet carries.
 *
 * @param packet    its IP header
 * @param captured  bytes of it
 * @param offset    set to where the inner IP header begins, below `captured`; above 0
 * @return false if it carries none that is known
 */
bool mps_tunnel_enter(const uint8_t *packet, size_t captured, size_t *offset);

/* fragments.c */

typedef struct mps_fragments mps_fragments;

typedef enum {
    MPS_FRAGMENT_NONE,     /* the packet is no fragment */
    MPS_FRAGMENT_WAITING,  /* it is one, and others are missing */
    MPS_FRAGMENT_WHOLE,    /* it is one, and its packet is complete */
    MPS_FRAGMENT_UNUSABLE, /* it is one, but cut, or contradicts itself */
} mps_fragment_result;

/** @return no pending fragments; the caller frees it with mps_fragments_free(). */
mps_fragments *mps_fragments_new(void);
void mps_fragments_free(mps_fragments *fragments);

/**
 * Take in an IP packet, if it is a fragment.
 *
 * @param packet    its IP header
 * @param captured  bytes of it
 * @param whole     set to the complete packet where it is MPS_FRAGMENT_WHOLE: an IP header that
 * names no fragment, and the payload; valid until the next call
 * @param length    set to the bytes of it
 */
mps_fragment_result mps_fragments_take(mps_fragments *fragments, const uint8_t *packet,
                                       size_t captured, const uint8_t **whole, size_t *length);

/* Frames whose fragment of an IP packet cannot be used. Those of packets that may carry TCP. */
typedef struct {
    uint64_t missing; /* others of the packet are missing so far */
    uint64_t cut;     /* by the snaplen */
    uint64_t bad_checksum;
} mps_fragment_counts;

mps_fragment_counts mps_fragments_counts(const mps_fragments *fragments);

/* streams.c */

/* The TCP connections of a capture. */
typedef struct mps_streams mps_streams;

/** @return no connections, freed by the caller with mps_streams_free(). */
mps_streams *mps_streams_new(void);
void mps_streams_free(mps_streams *streams);

/**
 * Number the TCP connection of a segment as Wireshark does.
 *
 * @param segment  addresses, ports, flags, seq and ack must be set
 * @param quoted   the segment itself was not captured: an ICMP error quotes it
 * @return the number, from 0
 */
int32_t mps_streams_number(mps_streams *streams, const mps_segment *segment, bool quoted);

#endif
