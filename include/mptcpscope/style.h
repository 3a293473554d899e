/* style.h: how a report is written: its format, and how text looks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_STYLE_H
#define MPTCPSCOPE_STYLE_H

#include <mptcpscope/table.h>

/* Characters that a line of text has at most, unless a word is longer, where nothing else is said. */
#define MPS_TEXT_WIDTH 120u

/* How a report is written. Only text has a width. All zero: text as it is in a file. */
typedef struct {
    mps_format format;
    unsigned width; /* characters of a line; 0: MPS_TEXT_WIDTH */
} mps_style;

/** @return the style of a format in a file, static. */
const mps_style *mps_plain_style(mps_format format);

#endif
