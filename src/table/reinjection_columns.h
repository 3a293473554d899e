/* reinjection_columns.h: the columns of a reinjection, for reports on one capture and on two.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_REINJECTION_COLUMNS_H
#define MPS_REINJECTION_COLUMNS_H

#include "table_build.h"

/* Declarations of the columns that docs/report-reinjections.md defines. The arguments are titles of
 * columns for which not every report has space in text; NULL: not shown. */
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

/* An earlier transmission of reinjected bytes, or of some of them. */
typedef struct {
    uint32_t frame, subflow; /* numbers; the subflow's within its connection */
    uint32_t length;         /* reinjected bytes that it carried */
    int64_t time;            /* ns since the epoch */
} mps_original;

/* Originals that a row lists, the latest ones: more would make the row unreadable. */
#define MPS_ORIGINALS_MAX 32u

/* The values of the row of a reinjection. */
typedef struct {
    uint32_t frame;
    uint32_t connection, subflow; /* numbers; connection MPS_NONE: none */
    mps_direction direction;
    int64_t time; /* ns since the epoch */
    mps_dsn dsn;
    uint32_t length; /* reinjected bytes */
    int64_t acked;   /* how many of them were acknowledged; -1: not known */
    bool has_delay, has_delay_first;
    int64_t delay, delay_first; /* ns after the last and the first original */
    int same_subflow;           /* 1, 0, or -1: not known */
    bool complete;              /* `originals` holds all of them */
    const GArray *originals;    /* mps_original, in order of time */
} mps_reinjection_values;

/** Append the values of MPS_REINJECTION_COLUMNS. @param values  not kept */
void mps_table_add_reinjection(mps_table *table, const mps_reinjection_values *values);

#endif
