/* frame_set.h: a set of frame numbers. Its memory follows how many there are, not how large they
 * are: a dump can hold any.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_FRAME_SET_H
#define MPS_FRAME_SET_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* All zero is an empty set. */
typedef struct {
    GArray *words;    /* 64 numbers each, ascending: as a rule frames come in order */
    GHashTable *late; /* the same, of numbers that came after larger ones */
} mps_frame_set;

/** Remove all numbers and free their memory. */
void mps_frame_set_clear(mps_frame_set *set);

/** Add a number, in O(log n); ascending ones in O(1). */
void mps_frame_set_add(mps_frame_set *set, uint32_t frame);

/** @return whether a number is in the set; in O(log n). */
bool mps_frame_set_has(const mps_frame_set *set, uint32_t frame);

#endif
