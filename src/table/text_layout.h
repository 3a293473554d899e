/* text_layout.h: which columns a table has as text, how wide they are, and how they fit on lines.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TEXT_LAYOUT_H
#define MPS_TEXT_LAYOUT_H

#include "colours.h"
#include "table_build.h"
#include "table_write.h"

/* A column of text. */
typedef struct {
    int index[2];  /* of the table's column, for the first and for the second line; MPS_CELL_* */
    int second;    /* of an address to write behind the first: "first > second"; MPS_CELL_BLANK */
    bool endpoint; /* the column is an address, and the next one of the table its port */
    const char *unknown; /* static; what stands for null; NULL: "-" */
    char *heading;       /* in one line */
    char *folded[2];     /* the same in two lines, where that is narrower; the first may be "" */
    unsigned width;      /* characters */
    unsigned word;       /* the longest word of its cells */
    bool is_left;        /* aligned left */
    bool is_extra;       /* only where there is room for it */
    bool is_key;         /* says what a row is about: each part has it */
} mps_text_column;

/* Cells of a layout that are no columns of the table. */
enum {
    MPS_CELL_BLANK = -1,
    MPS_CELL_DIRECTION = -2,
    MPS_CELL_CAPTURE = -3,
};

/* How a table is laid out. The columns of the groups c2s and s2c share columns of the layout: each
 * row has a line for either direction. An address and its port are one column; a client and its
 * server are, too. Where a line would be too long, headings have two lines; then long cells are
 * broken at blanks; then the table is written in parts, each with the columns that say what a row
 * is about. */
typedef struct {
    const mps_table *table;
    const mps_style *style;
    GArray *columns;    /* mps_text_column */
    bool two_lines;     /* a row has a line for each direction */
    bool folded;        /* headings have two lines */
    GPtrArray *parts;   /* GArray of unsigned: places in `columns` */
    unsigned width;     /* characters of the longest line */
    unsigned max_width; /* that a line may have */
} mps_text_layout;

/** Lay out a table. @param form  which columns; see table_write.h
 *  @param style  its width does not count @param width  characters that a line may have; it has
 * more where a word does not fit
 *  @return cleared with mps_text_layout_clear() */
mps_text_layout mps_text_layout_of(const mps_table *table, const mps_text_form *form,
                                   const mps_style *style, unsigned width);

/** Lay out a table whose rows are not known yet: columns get the width that such figures need. On a
 *  terminal the last ones are left out that have no room. */
mps_text_layout mps_text_layout_live(const mps_table *table, const mps_text_form *form,
                                     const mps_style *style);

void mps_text_layout_clear(mps_text_layout *layout);

/** @return the text of a cell, in one line, freed by the caller. @param line  of the row: 0, 1
 *  @param column  place in layout->columns */
char *mps_text_cell(const mps_text_layout *layout, unsigned row, unsigned line, unsigned column);

/** @return the colour of a cell. @param line, column  as of mps_text_cell() */
mps_colour mps_text_cell_colour(const mps_text_layout *layout, unsigned row, unsigned line,
                                unsigned column);

#endif
