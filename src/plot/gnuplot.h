/* gnuplot.h: has gnuplot draw a picture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_GNUPLOT_H
#define MPS_GNUPLOT_H

#include "thin.h"

/* How an image shows the numbers of an axis. */
typedef struct {
    const char *unit; /* static */
    double size;      /* of the unit: numbers are divided by it */
} mps_unit;

/** @return the unit that suits the numbers up to `most`. */
mps_unit mps_unit_of(mps_quantity quantity, double most);

/** Write a number as gnuplot reads it, whatever the locale. */
void mps_gnuplot_number(FILE *script, double number);

/** Write a text as a string of gnuplot, in quotes. gnuplot expands nothing between single quotes;
 *  what cannot be printed is escaped as mps_printable() does. */
void mps_gnuplot_text(FILE *script, const char *text);

/** Break a text into lines, between words where that is possible.
 *  @param columns  how many usual characters a line may have, at least 2; others are wider
 *  @return char *: at least one line, printable; freed by the caller */
GPtrArray *mps_gnuplot_lines(const char *text, unsigned columns);

/* A panel that is being written. */
typedef struct {
    const mps_picture *picture;
    const mps_panel *panel;
    guint number; /* of the panel */
    mps_extent extent;
    mps_unit x, y;
} mps_gnuplot_panel;

/** @return the part of the plane that a panel shows. */
mps_extent mps_gnuplot_extent(const mps_picture *picture, const mps_panel *panel);

/** Write the ticks of the picture into a panel. */
void mps_gnuplot_ticks(FILE *script, const mps_gnuplot_panel *panel);

/** Write the numbers of all curves of a panel, thinned, and the command that plots them. */
void mps_gnuplot_curves(FILE *script, const mps_gnuplot_panel *panel);

/** @return how many entries are in a line of the legend of a panel, that is `width` pixels wide. */
unsigned mps_gnuplot_legend_columns(const mps_panel *panel, unsigned width);

/** @return how many lines that legend takes. */
unsigned mps_gnuplot_legend_lines(const mps_panel *panel, unsigned width);

/** Write the script that draws a picture to gnuplot's standard output. */
void mps_gnuplot_script(FILE *script, const mps_picture *picture, mps_image image);

/** Run gnuplot.
 *  @param script  read from its beginning
 *  @return what gnuplot wrote, a file without a name, to be closed with fclose(); NULL, with
 *          `error` MPS_ERROR_OUTPUT: gnuplot's own message, or that it is not installed */
FILE *mps_gnuplot_run(FILE *script, GError **error);

#endif
