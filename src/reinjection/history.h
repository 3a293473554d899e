/* history.h: the earlier transmissions of every byte of a number space, and when they arrived.
 *
 * Transmissions are added in the order of sending. Consecutive bytes that have the same past are
 * kept together, so that the past of a repetition is exact to the byte, however the transmissions
 * before it were cut into segments.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_HISTORY_H
#define MPS_HISTORY_H

#include "base/spans.h"
#include "tracker/leaps.h"
#include <stdbool.h>

/* Whether bytes arrived. */
typedef enum { MPS_ARRIVED_NO, MPS_ARRIVED_YES, MPS_ARRIVED_UNDETERMINED } mps_arrived;

/* All transmissions of some bytes up to one of them. */
typedef struct {
    uint32_t sending;   /* that transmission: a number of the caller's */
    uint32_t previous;  /* the past before it, by index; MPS_NONE: it was the first */
    uint32_t first_by;  /* what the visitor returned for the transmission that arrived first */
    uint8_t arrivals;   /* how many transmissions arrived, up to 2 */
    bool undetermined;  /* it is not known of all transmissions whether they arrived, or which they
                         * were */
    bool incomplete;    /* transmissions are missing; `first_sent` is of a later one */
    int64_t first_sent; /* when the first of them was sent, ns */
    mps_moment first, second; /* the earliest arrivals, as many as `arrivals`, receiver's clock */
} mps_past;

typedef struct {
    mps_spans spans;  /* of each byte: its past, by index */
    GArray *pasts;    /* mps_past; not owned: several histories may share it, but a visitor must not
                       * add to any of them */
    GArray *replaced; /* mps_span: working space of mps_history_add() */
    bool incomplete;  /* a transmission was not added: pasts from here on are incomplete */
} mps_history;

/** Initialise a history without transmissions; to be cleared with mps_history_clear().
 *  @param pasts  where to append the pasts; it must outlive the history */
void mps_history_init(mps_history *history, GArray *pasts);

/** Free what a history owns. */
void mps_history_clear(mps_history *history);

/* Consecutive bytes of one transmission. */
typedef struct {
    uint64_t start;
    uint32_t length;
    uint32_t sending; /* a number of the caller's */
    int64_t sent;     /* ns, sender's clock */
    mps_arrived arrived;
    mps_moment arrival; /* receiver's clock; if they arrived; its `place` is 0 */
} mps_sent;

/* Called for bytes of a transmission that have the same past.
 * @param sent  the transmission, cut to these bytes
 * @param past  their past before it, by index; MPS_NONE: none
 * @return how to identify the transmission in mps_past.first_by */
typedef uint32_t (*mps_past_visitor)(const mps_sent *sent, uint32_t past, void *data);

/** Add a transmission. @param visit  called for each part of it, in ascending order */
void mps_history_add(mps_history *history, const mps_sent *sent, mps_past_visitor visit,
                     void *data);

#endif
