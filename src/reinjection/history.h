/* history.h: what was sent before of every byte of a number space, and when it arrived.
 *
 * Transmissions are added in the order of sending. Bytes with one and the same past lie together,
 * so that what is told of a repetition is exact to the byte, however the transmissions before it
 * were cut.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_HISTORY_H
#define MPS_HISTORY_H

#include "base/spans.h"
#include <stdbool.h>

typedef enum { MPS_NOT_ARRIVED, MPS_ARRIVED, MPS_NOT_TOLD } mps_arrived;

/* All transmissions of some bytes until one of them. */
typedef struct {
    uint32_t sending;      /* that one: a number of the caller's */
    uint32_t previous;     /* the past before it, by index; MPS_NONE: it was the first */
    uint32_t first_by;     /* what the visitor called the one that arrived first */
    uint8_t arrivals;      /* how many arrived, up to 2 */
    bool undetermined;     /* it is not known of all whether they arrived, or which they were */
    bool cut;              /* transmissions are missing, `first_sent` is of a later one */
    int64_t first_sent;    /* when the first of them was sent, ns */
    int64_t first, second; /* the earliest arrivals, as many as there are, ns */
} mps_past;

typedef struct {
    mps_spans spans;  /* of each byte: its past, by index */
    GArray *pasts;    /* mps_past; not owned: several histories may share it, but a visitor must not
                       * add to one of them */
    GArray *replaced; /* mps_span: for mps_history_add() */
} mps_history;

/** Begin. @param pasts  where pasts are kept; to outlive the history */
void mps_history_init(mps_history *history, GArray *pasts);
void mps_history_clear(mps_history *history);

/* Consecutive bytes of one transmission. */
typedef struct {
    uint64_t start;
    uint32_t length;
    uint32_t sending;
    int64_t sent; /* ns, sender's clock */
    mps_arrived arrived;
    int64_t arrival; /* ns, receiver's clock; if they arrived */
} mps_sent;

/* Called for bytes of a transmission that have one past.
 * @param sent  cut to these bytes @param past  before them, by index; MPS_NONE: none
 * @return what to call the transmission, for mps_past.first_by */
typedef uint32_t (*mps_past_visitor)(const mps_sent *sent, uint32_t past, void *data);

/** Add a transmission. @param visit  called in ascending order */
void mps_history_add(mps_history *history, const mps_sent *sent, mps_past_visitor visit,
                     void *data);

#endif
