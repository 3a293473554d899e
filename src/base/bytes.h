/* bytes.h: loads big-endian numbers from memory that need not be aligned.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_BYTES_H
#define MPS_BYTES_H

#include <stdint.h>

/** @return the 16-bit number at `bytes`. */
static inline uint16_t mps_load16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/** @return the 32-bit number at `bytes`. */
static inline uint32_t mps_load32(const uint8_t *bytes)
{
    return (uint32_t)mps_load16(bytes) << 16 | mps_load16(bytes + 2);
}

/** @return the 64-bit number at `bytes`. */
static inline uint64_t mps_load64(const uint8_t *bytes)
{
    return (uint64_t)mps_load32(bytes) << 32 | mps_load32(bytes + 4);
}

#endif
