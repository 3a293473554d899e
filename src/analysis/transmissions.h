/* transmissions.h: every transmission of data bytes, and which of them carry the same bytes.
 *
 * A transmission is one segment's data with consecutive data sequence numbers. The latest
 * transmission of each byte is known. A transmission that repeats bytes links to those that were
 * the latest before it: thus the history of every byte can be followed both ways.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TRANSMISSIONS_H
#define MPS_TRANSMISSIONS_H

#include "analysis.h"

extern const mps_analysis_kind mps_transmission_analysis;

/* A transmission. */
typedef struct {
    uint64_t dsn; /* extended */
    int64_t time; /* ns */
    uint32_t length;
    uint32_t frame;
    uint32_t half_id;
    uint32_t first_link;  /* index of its first link to an earlier one; the others follow it */
    uint32_t latest_link; /* index of the latest link from a later one; MPS_NONE: none */
    uint8_t kind;         /* MPS_PIECE_* */
    bool late;            /* its mapping came after the bytes: frame and time are the mapping's */
} mps_transmission;

/* Bytes that were sent again, and the transmission right before. */
typedef struct {
    uint64_t dsn;
    uint32_t length;
    uint32_t earlier, later; /* transmissions, by index */
    uint32_t next;           /* index of another link to `earlier`; MPS_NONE: none */
} mps_link;

/* A segment that carries reinjected bytes. */
typedef struct {
    uint32_t first, count; /* its transmissions, also those that do not reinject */
    uint32_t bytes;        /* reinjected bytes */
} mps_reinjection;

/* All transmissions. */
typedef struct {
    GArray *sent;         /* mps_transmission, as captured */
    GArray *links;        /* mps_link, in the order of `later` */
    GArray *reinjections; /* mps_reinjection, as captured */
    GArray *spaces;       /* mps_spans by space_id: the latest transmission of each byte */
    GArray *cut;          /* bool by space_id: segments repeated more than their pieces have */
} mps_transmissions;

/** @return all transmissions, owned by the tracker; NULL: the analysis was not asked for */
const mps_transmissions *mps_transmissions_of(const mps_tracker *tracker);

/** @return whether every transmission of a direction's data is there. It is not if the pieces of a
 *  segment are cut (MPS_RETRANSMITTED_PIECES_MAX). @param half_id  of one of its transmissions */
bool mps_transmissions_whole(const mps_tracker *tracker, uint32_t half_id);

/**
 * Count the reinjected bytes that were acknowledged at connection level (DATA_ACK) already when
 * they were captured.
 * @return bytes (int64_t) for each of the reinjections; -1: no DATA_ACK was seen until then. The
 *         caller frees it
 */
GArray *mps_reinjections_acked(const mps_tracker *tracker);

/* Another transmission of some bytes, by frame and direction of a subflow. */
typedef struct {
    uint32_t frame, half_id;
    uint32_t length; /* how many of the bytes */
    uint8_t kinds;   /* what they were there: bits 1 << MPS_PIECE_* */
    bool late;
    int64_t time; /* ns */
} mps_other_transmission;

/**
 * Find other transmissions of the same bytes.
 *
 * @param first, count  the transmissions whose bytes are searched
 * @param kinds     only those of these kinds: bits 1 << MPS_PIECE_*
 * @param later     false: earlier transmissions, true: later ones, as captured
 * @param complete  set to whether all were found. The search begins with the nearest ones and is
 *                  given up after many steps; only bytes that were sent dozens of times need so
 * many
 * @return mps_other_transmission, as captured; the caller frees it
 */
GArray *mps_transmissions_other(const mps_transmissions *all, uint32_t first, uint32_t count,
                                unsigned kinds, bool later, bool *complete);

#endif
