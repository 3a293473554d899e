/* option_bytes.h: counts the bytes of MPTCP options in TCP headers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_OPTION_BYTES_H
#define MPS_OPTION_BYTES_H

#include "trace/trace.h"

/* Subtypes have four bits (RFC 8684 section 8.2). */
#define MPS_OPTION_SUBTYPES 16u

/* Options of one subtype. */
typedef struct {
    uint64_t options; /* how many */
    uint64_t bytes;   /* of them */
    uint64_t padding; /* NOP and end-of-list bytes right after them, up to a multiple of four */
} mps_option_sum;

/* The MPTCP options of some segments. */
typedef struct {
    mps_option_sum sums[MPS_OPTION_SUBTYPES];
    uint64_t segments; /* all of them */
    uint64_t cut;      /* those of which the capture does not have all options */
} mps_option_bytes;

/* A TCP option that has a length. */
typedef struct {
    uint8_t kind;
    uint8_t at; /* place of its kind in mps_header.options */
    uint8_t length;
} mps_tcp_option;

/** Find the next option that has a length.
 *  @param at      where to begin; set to where it ends
 *  @param option  set to it
 *  @return false: there is none that was captured as a whole */
bool mps_header_next_option(const mps_header *header, unsigned *at, mps_tcp_option *option);

/** Add the options of a direction of a subflow.
 *  @param trace  loaded with MPS_NEED_HEADERS  @param id  of the subflow there */
void mps_option_bytes_add(mps_option_bytes *sum, const mps_trace *trace, uint32_t id,
                          mps_direction direction);

/** @return all bytes of the options, padding included. */
uint64_t mps_option_bytes_total(const mps_option_bytes *sum);

/** @return the MSS option of the first SYN in a direction of a subflow; 0: there is none, or the
 *  SYN was not captured. @param trace, id  as above */
unsigned mps_mss_announced(const mps_trace *trace, uint32_t id, mps_direction direction);

#endif
