/* records.h: the verdicts of a capture's MPTCP segments, found again by their frame's number.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_RECORDS_H
#define MPTCPSCOPE_PLUGIN_RECORDS_H

#include <mptcpscope/tracker.h>

/* One MPTCP segment. */
typedef struct {
    mps_verdict verdict;
    uint32_t frame;
    uint32_t header; /* it is the frame's n-th TCP header, from 0 */
} mptcpscope_record;

typedef struct mptcpscope_records mptcpscope_records;

mptcpscope_records *mptcpscope_records_new(void);
void mptcpscope_records_free(mptcpscope_records *records);

/** Begin a frame. A number that was given before is given anew: `tshark -2 -R` numbers only those
 *  frames that pass and analyses all, so that the last frame with a number is the one to keep. */
void mptcpscope_records_begin(mptcpscope_records *records, uint32_t frame);

/** Add a segment of the frame that was begun last. @return its record, which does not move */
const mptcpscope_record *mptcpscope_records_add(mptcpscope_records *records, uint32_t frame,
                                                uint32_t header, const mps_verdict *verdict);

/** @return the index of the first record of this frame or a later one. */
uint32_t mptcpscope_records_find(mptcpscope_records *records, uint32_t frame);

/** @return the record at an index if it belongs to this frame; else NULL. */
const mptcpscope_record *mptcpscope_records_at(const mptcpscope_records *records, uint32_t index,
                                               uint32_t frame);

/** @return the frame of the last record; 0: there is none. */
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
