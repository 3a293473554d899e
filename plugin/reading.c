/* reading.c: what a tracker says of a capture. Verdicts are in records.c; ICMP errors are few.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reading.h"

void mptcpscope_reading_begin(mptcpscope_reading *reading, mps_tracker *tracker)
{
    reading->tracker = tracker;
    reading->records = mptcpscope_records_new();
    reading->icmp = g_hash_table_new(NULL, NULL);
}

void mptcpscope_reading_clear(mptcpscope_reading *reading)
{
    if (reading->tracker != NULL) {
        g_hash_table_destroy(reading->icmp);
        mptcpscope_records_free(reading->records);
        mps_tracker_free(reading->tracker);
        reading->tracker = NULL;
    }
}

void mptcpscope_reading_begin_frame(mptcpscope_reading *reading, uint32_t frame)
{
    mptcpscope_records_begin(reading->records, frame);
    g_hash_table_remove(reading->icmp, GUINT_TO_POINTER(frame));
}

const mps_icmp_record *mptcpscope_reading_take_icmp(mptcpscope_reading *reading,
                                                    const mps_icmp_error *icmp)
{
    const mps_icmp_record *record = mps_tracker_icmp(reading->tracker, icmp);

    if (record != NULL) {
        g_hash_table_insert(reading->icmp, GUINT_TO_POINTER(icmp->frame), (gpointer)record);
    }
    return record;
}

const mps_icmp_record *mptcpscope_reading_icmp(const mptcpscope_reading *reading, uint32_t frame)
{
    return (const mps_icmp_record *)g_hash_table_lookup(reading->icmp, GUINT_TO_POINTER(frame));
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
