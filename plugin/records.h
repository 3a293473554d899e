/* records.h: keeps the verdicts of all MPTCP segments of a capture and finds them by frame number.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_RECORDS_H
#define MPTCPSCOPE_PLUGIN_RECORDS_H

#include "marks.h"
#include <mptcpscope/tracker.h>

/* One MPTCP segment. */
typedef struct {
    mps_verdict verdict;
    uint32_t frame;
    uint16_t header; /* number of its TCP header within the frame, from 0; the length of a frame
                      * bounds it */
    mptcpscope_marks marks;
} mptcpscope_record;

typedef struct mptcpscope_records mptcpscope_records;

/** @return no records; free them with mptcpscope_records_free() */
mptcpscope_records *mptcpscope_records_new(void);

/** Free all records. @param records  may be NULL */
void mptcpscope_records_free(mptcpscope_records *records);

/** Begin a frame; records of this and higher numbers are dropped. `tshark -2 -R` analyses all
 * frames but numbers only those that pass, so several frames get the same number and the last one
 * counts. */
void mptcpscope_records_begin(mptcpscope_records *records, uint32_t frame);

/** Add a segment of the frame that was begun last.
 *  @return its record, valid until the records are freed or the frame's number is begun again */
const mptcpscope_record *mptcpscope_records_add(mptcpscope_records *records, uint32_t frame,
                                                uint32_t header, mptcpscope_marks marks,
                                                const mps_verdict *verdict);

/** @return the index of the first record of this frame or a later one; the number of records if
 * there is none. Remembers where it found it. */
uint32_t mptcpscope_records_find(mptcpscope_records *records, uint32_t frame);

/** @return the record at an index if it belongs to this frame, otherwise NULL */
const mptcpscope_record *mptcpscope_records_at(const mptcpscope_records *records, uint32_t index,
                                               uint32_t frame);

/** @return the record at an index; NULL: there are no more */
const mptcpscope_record *mptcpscope_records_get(const mptcpscope_records *records, uint32_t index);

/** @return the frame of the last record; 0 if there is no record */
uint32_t mptcpscope_records_last_frame(const mptcpscope_records *records);

#endif

/*
 * Editor modelines
 *
 * Local Variables:
 * c-basic-offset: 4
 * tab-width: 8
 * indent-tabs-mode: nil
 * End:
 *
 * ex: set shiftwidth=4 tabstop=8 expandtab:
 * :indentSize=4:tabSize=8:noTabs=true:
 */
