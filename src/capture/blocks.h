/* blocks.h: follows the blocks of a pcapng file as its bytes pass to libpcap: finds the first block
 * that libpcap cannot read, sums up the packets that interfaces dropped, and keeps what libpcap
 * does not pass on of each packet: the interface and the option epb_flags.
 *
 * libpcap refuses interfaces that differ in link type or snaplen, several interfaces of raw IP
 * (at least up to 1.10), a packet longer than the snaplen, and a section of another byte order. It
 * skips blocks that Wireshark numbers as frames: custom blocks, journal entries, system calls.
 *
 * Format: draft-ietf-opsawg-pcapng.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_BLOCKS_H
#define MPS_BLOCKS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mptcpscope/segment.h>

typedef struct mps_blocks mps_blocks;

/** @return a follower at the start of a file, freed by the caller with mps_blocks_free(). */
mps_blocks *mps_blocks_new(void);
void mps_blocks_free(mps_blocks *blocks);

/**
 * Follow the next bytes of the file.
 * @return how many were followed: fewer than `size` only if mps_blocks_stopped(). Bytes that are no
 *         pcapng are not looked at.
 */
size_t mps_blocks_follow(mps_blocks *blocks, const uint8_t *bytes, size_t size);

/** @return whether libpcap cannot read the block that the last bytes followed belong to. */
bool mps_blocks_stopped(const mps_blocks *blocks);

/**
 * Go on with another reader. From now on mps_blocks_follow() does not stop.
 * @param given  set to the bytes of the block at which it stopped that were followed, at least one
 * @return what that reader needs before the bytes that were not followed yet: the section's header,
 *         its interfaces, and the beginning of the block; the caller unreferences it
 */
GByteArray *mps_blocks_resume(mps_blocks *blocks, size_t *given);

/** Take what the file tells of a packet. Each packet block that passed is taken once, in order,
 *  whichever reader returned its packet.
 *  @param facts  interface and way are set, as far as they are known */
void mps_blocks_take_packet(mps_blocks *blocks, mps_link_facts *facts);

/** @return whether whole sections passed and no interface: a capture without packets. */
bool mps_blocks_empty(const mps_blocks *blocks);

/** @return how many packets the interfaces dropped, by the statistics blocks that passed. */
uint64_t mps_blocks_drops(const mps_blocks *blocks);

/** @return how many interfaces this section has so far. */
unsigned mps_blocks_interfaces(const mps_blocks *blocks);

#endif
