/* recorder.h: captures for tests: segments go into a dump, which is loaded as a trace.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TEST_RECORDER_H
#define TEST_RECORDER_H

#include "match/align.h"

typedef struct recorder recorder;

/** @return a capture that is to be filled. @param what  of which the dump tells verdicts */
recorder *recorder_new(mps_track what);

/** Capture a segment. */
void recorder_add(recorder *r, const mps_segment *segment);

/** End the capture, and free the recorder. @param needs  as of mps_trace_load()
 *  @return what it holds, to be freed by the caller */
mps_trace *recorder_end(recorder *r, unsigned needs);

#endif
