/* style.h: how a report is written: its format, and how text looks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_STYLE_H
#define MPTCPSCOPE_STYLE_H

#include <mptcpscope/table.h>

/* Characters that a line of text has at most, unless a word is longer, where nothing else is said.
 */
#define MPS_TEXT_WIDTH 120u

/* Decimals that seconds of a point in time have in tables. */
#define MPS_TIME_DECIMALS 6u

/* How text shows points in time. */
typedef enum {
    MPS_TIMES_UNSAID,   /* each as the report prefers: mostly as MPS_TIMES_EPOCH */
    MPS_TIMES_UTC,      /* date and time of day in UTC */
    MPS_TIMES_LOCAL,    /* the same in the local time zone */
    MPS_TIMES_EPOCH,    /* seconds since 1970 */
    MPS_TIMES_RELATIVE, /* seconds since the capture began */
} mps_time_style;

/* How a report is written. All but the format is about text. All zero: text as it is in a file. */
typedef struct {
    mps_format format;
    unsigned width; /* characters of a line; 0: MPS_TEXT_WIDTH */
    bool colours;   /* with escape sequences for a terminal (ECMA-48) */
    mps_time_style times;
    int64_t start;     /* of the capture, ns, for MPS_TIMES_RELATIVE */
    bool relative_dsn; /* DSNs in tables count from the direction's first data byte, which is 1 */
} mps_style;

/** @return the style of a format in a file, static. */
const mps_style *mps_plain_style(mps_format format);

/** @return a point in time as text shows it, freed by the caller. @param time  ns since 1970
 *  @param times, decimals  as of a style; decimals: of the seconds, 0 to 9, cut off */
char *mps_time_text(int64_t time, const mps_style *style, unsigned decimals);

/** @return the value of a cell as text of that style has it, freed by the caller. Only points in
 * time and DSNs differ from mps_value_text(). */
char *mps_styled_text(const mps_value *value, const mps_column *column, const mps_style *style);

/** @return a duration or a time since some start as seconds, cut off, freed by the caller.
 *  @param ns  may be negative @param decimals  0 to 9 */
char *mps_seconds_text(int64_t ns, unsigned decimals);

#endif
