/* arrival_notes.h: what a replay of arrivals (reordering.h) needs of each segment.
 *
 * Segments are noted as they come, and read in the order of time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_ARRIVAL_NOTES_H
#define MPS_ARRIVAL_NOTES_H

#include "analysis.h"
#include "tracker/leaps.h"

typedef struct mps_arrival_notes mps_arrival_notes;

/* Payload of a half, or an acknowledgement of it. */
typedef struct {
    int64_t time; /* ns */
    uint32_t frame;
    uint32_t leaps;         /* of the clock until then; set where notes are read */
    uint32_t length;        /* of payload; 0: an acknowledgement */
    uint64_t ssn;           /* of payload */
    uint64_t ack, data_ack; /* 0: none; extended numbers are not that low */
    uint32_t space_id;      /* of data_ack */
    uint16_t window;        /* not scaled */
} mps_arrival_note;

/* Called for each note. @param which  index of its half among those that were asked for */
typedef void (*mps_arrival_note_visitor)(const mps_arrival_note *note, uint32_t which, void *data);

/** @return no notes, to be freed with mps_arrival_notes_free() */
mps_arrival_notes *mps_arrival_notes_new(void);
void mps_arrival_notes_free(mps_arrival_notes *notes);

/** Note payload and acknowledgement of a segment. An acknowledgement that adds nothing to the one
 *  before it on its subflow is left out. */
void mps_arrival_notes_take(mps_arrival_notes *notes, const mps_view *view);

/** Read the notes of several halves in the order of time, but never across a leap of the clock.
 *  @param halves  `count` times a half_id
 *  @param leaps   of the capture
 *  @param data    passed to `visit` */
void mps_arrival_notes_read(const mps_arrival_notes *notes, const uint32_t *halves, uint32_t count,
                            const mps_leaps *leaps, mps_arrival_note_visitor visit, void *data);

#endif
