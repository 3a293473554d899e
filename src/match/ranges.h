/* ranges.h: matches payload by its bytes where two captures cut it differently.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_MATCH_RANGES_H
#define MPS_MATCH_RANGES_H

#include <mptcpscope/match.h>

/* Two lists, and what is matched in them already. */
typedef struct {
    const mps_lists *lists;
    uint32_t *receiver_of, *sender_of; /* MPS_NONE: not matched; some are taken back */
    uint8_t *sent_withheld;            /* sent ones to be left alone: not 0; some are added */
    uint8_t *withheld;                 /* received ones, likewise */
    bool by_timestamps;                /* the path leaves timestamps alone */
    bool by_ip_id;                     /* and the IP ID, which tells copies */
    bool complete; /* what arrives twice was not sent twice: the sender's capture misses nothing */
} mps_ranges_input;

/* Segments that do not match. */
typedef struct {
    uint8_t *sent_fates, *received_fates; /* where they are put down */
    uint32_t sent_refused, refused; /* sent, and received, with bytes that could be of several */
    uint32_t duplicated;            /* received, and all bytes had arrived before */
} mps_ranges_rest;

/**
 * Match unmatched payload by its bytes: those that one transmission only can be. A segment that is
 * sent whole and received in pieces has a match for each piece.
 * @param rest  counted; its lists of fates are given
 * @return mps_match, by `sent`; to be freed by the caller
 */
GArray *mps_match_ranges(const mps_ranges_input *input, mps_ranges_rest *rest);

#endif
