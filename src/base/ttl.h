/* ttl.h: what the TTL (or hop limit) of an IP packet tells of the way it went.
 *
 * Hosts send packets with a TTL of 64 (Linux, BSD, macOS), 128 (Windows) or 255 (Solaris, network
 * devices); each router takes 1 away.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TTL_H
#define MPS_TTL_H

#include <stdbool.h>
#include <stdint.h>

/** @return whether a TTL is as hosts set it: the packet passed no router. */
static inline bool mps_ttl_fresh(uint8_t ttl)
{
    return ttl == 64 || ttl == 128 || ttl == 255;
}

/** @return whether the packet passed a router. @param ttl  0: unknown */
static inline bool mps_ttl_decremented(uint8_t ttl)
{
    return ttl != 0 && !mps_ttl_fresh(ttl);
}

#endif
