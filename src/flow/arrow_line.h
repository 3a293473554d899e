/* arrow_line.h: the shape of an arrow, and the line that it stands in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_ARROW_LINE_H
#define MPS_ARROW_LINE_H

#include "flow_internal.h"
#include "table/colours.h"

/** @return the character of which the arrows of a subflow consist. @param number  of the subflow */
char mps_arrow_shaft(uint32_t number);

/** Put the label of an arrow: flags and length ("PSH ACK 1400"). */
void mps_arrow_label(GString *label, const mps_arrow_record *record);

/** @return the characters from one end to the other. @param longest  characters of the longest
 *  label */
size_t mps_arrow_width(size_t longest);

/** Put the shape of an arrow in place of its label. @param width  of mps_arrow_width() */
void mps_arrow_shape(GString *label, size_t width, const mps_arrow *arrow);

/* The colours of a line. */
typedef struct {
    mps_colour line;  /* of all of it; MPS_COLOUR_NONE: `arrow` counts */
    mps_colour arrow; /* of the arrow */
    size_t width;     /* characters of the arrow */
} mps_arrow_colours;

/** Write a line, and after it, or below it, what there is to say.
 *  @param line          of one byte for each character; trailing spaces are removed
 *  @param arrow_column  where the arrow begins
 *  @param colours       NULL: none
 *  @param info          printable; "": nothing */
void mps_arrow_line_write(mps_text *out, GString *line, size_t arrow_column,
                          const mps_arrow_colours *colours, const char *info);

#endif
