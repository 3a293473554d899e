/* records.c: keeps the verdicts of all MPTCP segments of a capture and finds them by frame number.
 *
 * Records are in blocks that never move, sorted by frame: the first pass over a capture adds them
 * in that order. A segment takes 56 bytes; frames without MPTCP take none. A search tries the frame
 * found last and the one after it, which is the usual case, and then bisects.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "records.h"
#include <glib.h>

#define BLOCK_RECORDS 1024u /* 56 kB: few allocations, little waste in a small capture */

struct mptcpscope_records {
    GPtrArray *blocks; /* of BLOCK_RECORDS records each */
    uint32_t count;
    uint32_t found; /* index that the last search returned */
};

mptcpscope_records *mptcpscope_records_new(void)
{
    mptcpscope_records *records = g_new0(mptcpscope_records, 1);

    records->blocks = g_ptr_array_new_with_free_func(g_free);
    return records;
}

void mptcpscope_records_free(mptcpscope_records *records)
{
    if (records != NULL) {
        g_ptr_array_free(records->blocks, TRUE);
        g_free(records);
    }
}

static mptcpscope_record *record_at(const mptcpscope_records *records, uint32_t index)
{
    mptcpscope_record *block =
        (mptcpscope_record *)g_ptr_array_index(records->blocks, index / BLOCK_RECORDS);

    return &block[index % BLOCK_RECORDS];
}

void mptcpscope_records_begin(mptcpscope_records *records, uint32_t frame)
{
    while (records->count > 0 && record_at(records, records->count - 1)->frame >= frame) {
        records->count--;
    }
}

const mptcpscope_record *mptcpscope_records_add(mptcpscope_records *records, uint32_t frame,
                                                uint32_t header, mptcpscope_marks marks,
                                                const mps_verdict *verdict)
{
    mptcpscope_record *record;

    if (records->count == records->blocks->len * BLOCK_RECORDS) {
        g_ptr_array_add(records->blocks, g_new(mptcpscope_record, BLOCK_RECORDS));
    }
    record = record_at(records, records->count++);
    record->verdict = *verdict;
    record->frame = frame;
    record->header = (uint16_t)header;
    record->marks = marks;
    return record;
}

/* @return whether the records of a frame start, or would start, at an index */
static bool starts_at(const mptcpscope_records *records, uint32_t index, uint32_t frame)
{
    return (index == 0 || record_at(records, index - 1)->frame < frame) &&
           (index == records->count || record_at(records, index)->frame >= frame);
}

uint32_t mptcpscope_records_find(mptcpscope_records *records, uint32_t frame)
{
    uint32_t low = 0, high = records->count;

    for (uint32_t index = records->found; index <= records->count && index <= records->found + 1;
         index++) {
        if (starts_at(records, index, frame)) {
            records->found = index;
            return index;
        }
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (record_at(records, middle)->frame < frame) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    records->found = low;
    return low;
}

const mptcpscope_record *mptcpscope_records_at(const mptcpscope_records *records, uint32_t index,
                                               uint32_t frame)
{
    if (index >= records->count || record_at(records, index)->frame != frame) {
        return NULL;
    }
    return record_at(records, index);
}

const mptcpscope_record *mptcpscope_records_get(const mptcpscope_records *records, uint32_t index)
{
    return index < records->count ? record_at(records, index) : NULL;
}

uint32_t mptcpscope_records_last_frame(const mptcpscope_records *records)
{
    return records->count > 0 ? record_at(records, records->count - 1)->frame : 0;
}

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
