/* colours.h: the colours of text on a terminal.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_COLOURS_H
#define MPS_COLOURS_H

#include "table_write.h"

/* What is coloured. Everything else has the colour of the terminal. */
typedef enum {
    MPS_COLOUR_NONE,
    MPS_COLOUR_TITLE,    /* of a report or a table */
    MPS_COLOUR_BAD,      /* an error, what was lost, a verdict that is bad news */
    MPS_COLOUR_WARN,     /* a warning, what was sent again, what is not certain */
    MPS_COLOUR_GOOD,     /* a verdict that is good news */
    MPS_COLOUR_SUBFLOWS, /* of subflow 0; that of subflow N is this and N % MPS_COLOUR_SUBFLOW_MAX
                          */
} mps_colour;

/* Subflows that have colours of their own. */
#define MPS_COLOUR_SUBFLOW_MAX 8u

/** @return the colour of a subflow. @param number  of the subflow */
mps_colour mps_colour_of_subflow(uint32_t number);

/** @return the palette's number of a colour, 0 to 255; -1: it is that of the terminal. */
int mps_colour_number(mps_colour colour);

/** @return what begins a colour, static; "" where text has no colours, and for MPS_COLOUR_NONE. */
const char *mps_colour_begin(const mps_text *text, mps_colour colour);

/** @return what ends it, static; "" where it began with that. */
const char *mps_colour_end(const mps_text *text, mps_colour colour);

/** Write a sentence in a colour, as mps_write_wrapped() does without one. */
void mps_write_in_colour(mps_text *out, mps_colour colour, const char *sentence, size_t column,
                         unsigned indent);

/* The text of a subflow goes on below its own beginning, so far after "0: ". */
#define MPS_SUBFLOW_INDENT 3u

/** Write the number of a subflow in its colour, and a sentence about it: "0: 10.0.1.1:1000 > ...".
 *  @param indent  characters before the line @param before  the first words of it */
void mps_write_subflow(mps_text *out, unsigned indent, const char *before, uint32_t number,
                       const char *sentence);

/** @return the colour of a cell, by its column and its value. */
mps_colour mps_colour_of_value(const mps_column *column, const mps_value *value);

#endif
