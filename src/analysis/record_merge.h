/* record_merge.h: reads records of several logs (base/record_log.h) in the order of time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_RECORD_MERGE_H
#define MPS_RECORD_MERGE_H

#include "base/record_log.h"
#include "tracker/leaps.h"

typedef struct mps_record_merge mps_record_merge;

/* A record that was read. */
typedef struct {
    const uint64_t *numbers;
    mps_moment moment; /* its `place` is the frame */
    uint32_t source;   /* as it was given with the log */
} mps_merged_record;

/** @return a merge of no logs; the caller frees it with mps_record_merge_free()
 *  @param leaps  of the clock: records on the two sides of one keep the order of the frames; NULL:
 *                only times count */
mps_record_merge *mps_record_merge_new(const mps_leaps *leaps);
void mps_record_merge_free(mps_record_merge *merge);

/** Add a log, before the first record is read. It must not change as long as the merge is used.
 *  @param source  given back with its records */
void mps_record_merge_add(mps_record_merge *merge, const mps_record_log *log, uint32_t source);

/** Begin with the first record, also if some were read. */
void mps_record_merge_begin(mps_record_merge *merge);

/** Read the next record. Of those of one moment, the one of the log that was added first comes
 *  first.
 *  @return it, valid until the next call; NULL: there are no more */
const mps_merged_record *mps_record_merge_next(mps_record_merge *merge);

#endif
