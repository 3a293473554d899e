// SPDX-License-Identifier: GPL-2.0-or-later
//
// mangle.h: changes TCP segments as middleboxes do: rewrites addresses, ports and sequence numbers,
// strips MPTCP options, changes payload.

#ifndef LAB_MANGLE_H
#define LAB_MANGLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Which MPTCP options the path strips (replaces by NOPs). */
enum strip {
    STRIP_NONE,
    STRIP_JOIN,   /**< MP_JOIN */
    STRIP_ALL,    /**< every MPTCP option */
    STRIP_LATE,   /**< all except the handshakes' MP_CAPABLE and MP_JOIN */
    STRIP_SYNACK, /**< all, but only in SYN/ACKs */
};

/** The middlebox on one path. Side A is the client's. */
struct mangler {
    bool nat; /**< IPv4: change the last byte of client addresses to NAT_HOST, flip NAT_PORT_BIT */
    uint32_t shift; /**< added to the client's sequence numbers, as some firewalls do */
    enum strip strip;
    uint64_t corrupt[2];   /**< per direction: corrupt the k-th data packet; 0: none */
    uint64_t data_seen[2]; /**< per direction: data packets so far */
};

enum {
    CLIENT_HOST = 1,       /**< last byte of the client's address on each path */
    NAT_HOST = 77,         /**< last byte of the translated address, which the server sees */
    NAT_PORT_BIT = 0x0400, /**< the bit of the client's port that the NAT flips */
};

/**
 * Change a frame as the middlebox would. Frames that are not TCP stay as they are.
 *
 * @param mangler    the middlebox; data_seen is updated
 * @param direction  0 from A to B, 1 from B to A
 * @param frame      Ethernet frame
 * @param length     its length in bytes
 */
void mangle(struct mangler *mangler, int direction, uint8_t *frame, size_t length);

/** @return whether name is a strip mode; if so, *mode is set to it. */
bool mangle_parse_strip(const char *name, enum strip *mode);

#endif
