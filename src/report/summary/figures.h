/* figures.h: the lines of figures of a summary, in the words that text and rich text share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_SUMMARY_FIGURES_H
#define MPS_SUMMARY_FIGURES_H

#include "base/decimal.h"
#include "shown.h"

#define MPS_FIGURES 8u

/* A line: of the connection or of a subflow, in one direction. */
typedef struct {
    char name[32]; /* only the first direction has it */
    const char *direction;
    char cells[MPS_FIGURES][MPS_DECIMAL_MAX]; /* "-": unknown, or not defined */
} mps_figures_line;

/* The headings of the cells. */
extern const char *const mps_figures_titles[MPS_FIGURES];

/** Write the lines of a connection and of the subflows that are shown, but for those without
 *  payload. @param write  writes a line @param data  for it */
void mps_figures_write(const mps_summary *summary, const mps_shown *shown,
                       void (*write)(const mps_figures_line *line, void *data), void *data);

#endif
