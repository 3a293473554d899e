/* reinjections.h: the columns of a reinjection, for the reports of one capture and of two.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_REPORT_REINJECTIONS_H
#define MPS_REPORT_REINJECTIONS_H

#include "../analysis/transmissions.h"
#include "report-internal.h"

/* docs/report-reinjections.md defines them. The titles in text of those that not every report has
 * room for; NULL: not shown. */
#define MPS_REINJECTION_COLUMNS(delay, first, acked, same, originals)                              \
    {NULL, "frame", MPS_VALUE_UINT, "Frame", NULL, 0},                                             \
        {NULL, "time", MPS_VALUE_TIME, "Time", NULL, 0},                                           \
        {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},                                     \
        {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},                                     \
        {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},                                     \
        {NULL, "dsn", MPS_VALUE_BIG, "DSN", NULL, 0},                                              \
        {NULL, "length", MPS_VALUE_UINT, "Length", NULL, 0},                                       \
        {NULL, "delay", MPS_VALUE_SECONDS, delay, "ms", 3},                                        \
        {NULL, "delay_first", MPS_VALUE_SECONDS, first, "ms", 3},                                  \
        {NULL, "acked", MPS_VALUE_BOOL, acked, NULL, 0},                                           \
        {NULL, "acked_bytes", MPS_VALUE_UINT, NULL, NULL, 0},                                      \
        {NULL, "same_subflow", MPS_VALUE_BOOL, same, NULL, 0},                                     \
        {NULL, "complete", MPS_VALUE_BOOL, NULL, NULL, 0},                                         \
    {                                                                                              \
        NULL, "originals", MPS_VALUE_JSON, originals, NULL, 0                                      \
    }

/* Where a reinjection belongs, as a report names it. */
typedef struct {
    uint32_t connection, subflow;
    mps_direction direction;
} mps_reinjection_place;

/**
 * Append the values of a reinjection.
 * @param acked  how many of its bytes were acknowledged, of mps_reinjections_acked()
 * @param place  NULL: as the tracker names it
 */
void mps_table_add_reinjection(mps_table *table, const mps_tracker *tracker,
                               const mps_transmissions *all, const mps_reinjection *reinjection,
                               int64_t acked, const mps_reinjection_place *place);

#endif
