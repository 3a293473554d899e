/* record_log.h: records of numbers, such as what is kept of each segment, in little memory.
 *
 * A record is kept as its differences from the one before: which numbers changed, and each change
 * in as few bytes as it needs. Times and sequence numbers of a flow take 8 to 16 bytes a segment.
 *
 * The first two numbers of a record are its time and its frame. Records in the order of both make a
 * stretch; one that is earlier begins another. So what many logs have can be read in the order of
 * time (analysis/record_merge.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_RECORD_LOG_H
#define MPS_RECORD_LOG_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Numbers that a record may have. */
#define MPS_RECORD_NUMBERS_MAX 12u

/* Where the time is, in ns (an int64_t), and where the frame. */
enum { MPS_RECORD_TIME, MPS_RECORD_FRAME };

typedef struct mps_record_block mps_record_block;

/* Records in the order of time. */
typedef struct mps_record_stretch {
    struct mps_record_stretch *next; /* NULL: this is the last */
    mps_record_block *first, *last;  /* first: in the memory of the stretch, behind it */
    uint64_t *latest;                /* the latest record; NULL: read it, the stretch is short */
} mps_record_stretch;

/* A log. All zero: it has no records. */
typedef struct {
    mps_record_stretch *first, *last;
} mps_record_log;

/** Add a record.
 *  @param numbers  the record
 *  @param count    how many numbers it has: as many as the other records of the log, at least 2 and
 *                  at most MPS_RECORD_NUMBERS_MAX */
void mps_record_log_add(mps_record_log *log, const uint64_t *numbers, unsigned count);

/** Give the latest record, of which the next one differs little.
 *  @param numbers  set; all 0 where there is no record */
void mps_record_log_latest(const mps_record_log *log, uint64_t numbers[MPS_RECORD_NUMBERS_MAX]);

/** Forget all records, and free their memory. */
void mps_record_log_clear(mps_record_log *log);

/* A place in a stretch. */
typedef struct {
    const mps_record_block *block;            /* NULL: the end */
    uint32_t at;                              /* byte of the block */
    uint64_t numbers[MPS_RECORD_NUMBERS_MAX]; /* the latest record that was read */
} mps_record_reader;

/** Begin to read a stretch. No record may be added to it until the last one was read. */
void mps_record_reader_begin(mps_record_reader *reader, const mps_record_stretch *stretch);

/** Read the next record into `numbers`. @return false: there is none */
bool mps_record_reader_next(mps_record_reader *reader);

#endif
