/* notes.h: what a reader of any report should know of the segments of a capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_NOTES_H
#define MPS_NOTES_H

#include <glib.h>
#include <mptcpscope/tracker.h>

/** Append the notes on the segments that a tracker took in. They are the same whichever way the
 *  segments were read.
 *  @param notes  char *, one sentence each, which the array frees with g_free() */
void mps_segment_notes(const mps_tracker *tracker, GPtrArray *notes);

#endif
