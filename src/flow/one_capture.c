/* one_capture.c: collects the arrows of a connection from one capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "flow_internal.h"

static void add_notes(GPtrArray *notes, const GPtrArray *more)
{
    for (guint i = 0; i < more->len; i++)
        g_ptr_array_add(notes, g_strdup(more->pdata[i]));
}

mps_arrows *mps_arrows_of(const mps_trace *trace, const mps_arrow_log *log,
                          const mps_arrow_choice *choice, GError **error)
{
    const mps_tracker *tracker = mps_trace_tracker(trace);
    mps_arrows *arrows = mps_arrows_begin(NULL, trace, log, choice, error);
    if (!arrows)
        return NULL;
    add_notes(arrows->notes, mps_trace_notes(trace));
    for (guint i = 0; i < log->records->len; i++) {
        const mps_arrow_record *record = &g_array_index(log->records, mps_arrow_record, i);
        uint32_t connection, subflow;
        mps_tracker_numbers(tracker, record->verdict.subflow, &connection, &subflow);
        if (connection != arrows->connection ||
            (arrows->subflow != MPS_NONE && subflow != arrows->subflow))
            continue;
        const mps_arrow arrow = {
            .at = {record, NULL},
            .place = mps_minus(record->time, arrows->start),
            .number = subflow,
            .peer_number = MPS_NONE,
            .peer_connection = MPS_NONE,
            .direction = (uint8_t)mps_tracker_direction(tracker, record->verdict.subflow,
                                                        record->verdict.half),
            .a_sends = true,
        };
        mps_arrows_add(arrows, choice, &arrow);
    }
    return mps_arrows_end(arrows, choice, error);
}
