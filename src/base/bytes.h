/* bytes.h: loads big-endian numbers from unaligned memory; multipliers for hashes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_BYTES_H
#define MPS_BYTES_H

#include <stdint.h>

/* 2^32 and 2^64 divided by the golden ratio. The upper bits of a product with them are a good hash
 * of numbers that differ in few bits (Fibonacci hashing: Knuth, The Art of Computer Programming 3,
 * section 6.4). */
#define MPS_GOLDEN_RATIO_32 UINT32_C(0x9e3779b1)
#define MPS_GOLDEN_RATIO_64 UINT64_C(0x9e3779b97f4a7c15)

/* The prime of the hash FNV-1a with 64 bits: 2^40 + 2^8 + 0xb3 (Fowler, Noll, Vo). */
#define MPS_FNV_PRIME_64 UINT64_C(1099511628211)

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

/** @return the 32-bit number at `bytes`, in little endian. */
static inline uint32_t mps_load32_little(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/** @return the 64-bit number at `bytes`. */
static inline uint64_t mps_load64(const uint8_t *bytes)
{
    return (uint64_t)mps_load32(bytes) << 32 | mps_load32(bytes + 4);
}

#endif
