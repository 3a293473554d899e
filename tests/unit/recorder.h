/* recorder.h: captures for tests, written as dumps and loaded as traces.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TEST_RECORDER_H
#define TEST_RECORDER_H

#include "match/align.h"

typedef struct recorder recorder;

/** Start an empty capture.
 *  @param what  what the tracker tracks, and so which verdicts the dump holds
 *  @return freed by recorder_end() */
recorder *recorder_new(mps_track what);

/** Add a segment to the capture. */
void recorder_add(recorder *r, const mps_segment *segment);

/** End the capture and free the recorder.
 *  @param needs  as for mps_trace_load()
 *  @return the capture; the caller frees it with mps_trace_free() */
mps_trace *recorder_end(recorder *r, unsigned needs);

#endif
