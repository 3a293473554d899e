/* transmissions.h: every transmission of data bytes, and which of them are of the same bytes.
 *
 * A transmission is what one segment carried of consecutive data sequence numbers. Of each byte
 * the latest transmission is known; one that repeats bytes links to those that were the latest
 * before it, so that the history of every byte can be followed both ways.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TRANSMISSIONS_H
#define MPS_TRANSMISSIONS_H

#include "analysis.h"

extern const mps_analysis_kind mps_transmission_analysis;

typedef struct {
    uint64_t dsn; /* inside */
    int64_t time;
    uint32_t length;
    uint32_t frame;
    uint32_t half_id;     /* 2 · id of the subflow + half */
    uint32_t first_link;  /* its links to earlier ones begin here, and end where another's do */
    uint32_t latest_link; /* of a later one to this; MPS_NONE: none */
    uint8_t kind;         /* MPS_PIECE_* */
    bool late;            /* its mapping came later than the bytes: frame and time are of that */
} mps_transmission;

/* Bytes that were sent again, and the transmission right before. */
typedef struct {
    uint64_t dsn;
    uint32_t length;
    uint32_t earlier, later; /* transmissions, by index */
    uint32_t next;           /* another link to `earlier`; MPS_NONE: none */
} mps_link;

/* A segment that carries reinjected bytes. */
typedef struct {
    uint32_t first, count; /* transmissions; those that do not reinject are among them */
    uint32_t bytes;        /* reinjected ones */
} mps_reinjection;

typedef struct {
    GArray *sent;         /* mps_transmission, as captured */
    GArray *links;        /* mps_link, by `later` */
    GArray *reinjections; /* mps_reinjection, as captured */
    GArray *spaces;       /* mps_spans by space_id: which transmission of a byte is the latest */
} mps_transmissions;

/** @return all transmissions; owned by the tracker; NULL: were not asked for */
const mps_transmissions *mps_transmissions_of(const mps_tracker *tracker);

/**
 * Tell how many of reinjected bytes were acknowledged at connection level (DATA_ACK) when they
 * were captured.
 * @return int64_t for each of the reinjections, -1 where no DATA_ACK was seen until then; to be
 *         freed by the caller
 */
GArray *mps_reinjections_acked(const mps_tracker *tracker);

/* Another transmission of some bytes, by frame and direction of a subflow. */
typedef struct {
    uint32_t frame, half_id;
    uint32_t length; /* of the bytes in question */
    uint8_t kinds;   /* what they were then: bits 1 << MPS_PIECE_* */
    bool late;
    int64_t time;
} mps_copy;

/**
 * Tell where else bytes were sent.
 *
 * @param first, count  the transmissions in question
 * @param kinds  those of them to ask for: bits 1 << MPS_PIECE_*
 * @param later  false: where before, true: where again, as captured
 * @param complete  set to whether all were found. A search is given up after many steps, which
 *                  takes bytes that were sent dozens of times; it begins with the nearest ones
 * @return mps_copy, as captured; to be freed by the caller
 */
GArray *mps_transmission_copies(const mps_transmissions *all, uint32_t first, uint32_t count,
                                unsigned kinds, bool later, bool *complete);

/** Find the transmissions of a frame. @return false: it has none */
bool mps_transmissions_in_frame(const mps_transmissions *all, uint32_t frame, uint32_t *first,
                                uint32_t *count);

/** @return the frame that first carried bytes which `frame` reinjects; MPS_NONE: it does not
 *  reinject. Known as soon as the frame was analysed. */
uint32_t mps_reinjection_of(const mps_tracker *tracker, uint32_t frame);

/** @return the frames (uint32_t) that reinject bytes of this one, ascending, to be freed by the
 *  caller; NULL: none. Known only once later frames were analysed. */
GArray *mps_reinjected_in(const mps_tracker *tracker, uint32_t frame);

#endif
