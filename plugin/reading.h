/* reading.h: what a tracker says of a capture: the verdicts of segments and the ICMP errors, found
 * by frame.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_READING_H
#define MPTCPSCOPE_PLUGIN_READING_H

#include "records.h"
#include <glib.h>

typedef struct {
    mps_tracker *tracker; /* NULL: there is no reading */
    mptcpscope_records *records;
    GHashTable *icmp; /* const mps_icmp_record, owned by the tracker, by frame */
} mptcpscope_reading;

/** Begin a reading. @param reading  overwritten  @param tracker  owned by the reading from now on
 */
void mptcpscope_reading_begin(mptcpscope_reading *reading, mps_tracker *tracker);

/** Free what a reading owns. @param reading  may be none; is none afterwards */
void mptcpscope_reading_clear(mptcpscope_reading *reading);

/** Begin a frame: what was known of it is forgotten (see mptcpscope_records_begin()). */
void mptcpscope_reading_begin_frame(mptcpscope_reading *reading, uint32_t frame);

/** Give an ICMP error to the tracker.
 *  @return what it says, owned by it; NULL: the error is not about MPTCP */
const mps_icmp_record *mptcpscope_reading_take_icmp(mptcpscope_reading *reading,
                                                    const mps_icmp_error *icmp);

/** @return the ICMP error of a frame, owned by the tracker; NULL: it has none */
const mps_icmp_record *mptcpscope_reading_icmp(const mptcpscope_reading *reading, uint32_t frame);

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
