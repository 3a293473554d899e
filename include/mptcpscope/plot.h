/* plot.h: pictures of what captures show, drawn by gnuplot, and the numbers that they draw.
 *
 * A plot is asked for by the name of its kind. It says what to keep while the captures are read
 * (mps_plot_needs(), mps_plot_visitor()), makes a picture of what was read, and the picture is
 * written as an image or as csv.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLOT_H
#define MPTCPSCOPE_PLOT_H

#include <mptcpscope/compare.h>
#include <mptcpscope/trace.h>
#include <stdio.h>

typedef struct mps_plot mps_plot;
typedef struct mps_picture mps_picture;

/* What to draw. */
typedef struct {
    uint32_t connection; /* number, in A; MPS_NONE: the one with most data */
    uint32_t subflow;    /* number of the only one to draw; MPS_NONE: all */
    unsigned directions; /* bits 1 << mps_direction; 0: both */
    int64_t from, to;    /* ns since the connection's first frame; INT64_MIN, INT64_MAX: all */
    int64_t interval;    /* ns; of pictures in intervals; 0: by the length of the connection */
} mps_plot_choice;

/** @return the names of all kinds, static; the array ends with NULL. */
const char *const *mps_plot_names(void);

/** Write the names of all kinds, with a line on each. @param indent  blanks before each line */
void mps_plot_list(int indent, FILE *out);

/** @return what a kind shows, static. @param name  as in mps_plot_names() */
const char *mps_plot_about(const char *name);

/** @return the captures that a kind takes, static: "A", "A [B]" or "A B" */
const char *mps_plot_arguments(const char *name);

/** @return whether an option of the command `plot` makes a difference to a kind.
 *  @param option  its name, without "--" */
bool mps_plot_has_option(const char *name, const char *option);

/** Begin a plot. @param choice  copied
 *  @return freed by the caller with mps_plot_free(); NULL, with `error` MPS_ERROR_USAGE, if there
 *          is no such kind, or it does not have what the choice asks for */
mps_plot *mps_plot_new(const char *name, const mps_plot_choice *choice, GError **error);

/** Free a plot. @param plot  may be NULL */
void mps_plot_free(mps_plot *plot);

/** @return whether a plot can be made of so many captures; if not, with `error` MPS_ERROR_USAGE
 * that says how many it takes. */
bool mps_plot_takes(const mps_plot *plot, unsigned captures, GError **error);

/** @return MPS_NEED_* for mps_trace_read() of each capture. */
unsigned mps_plot_needs(const mps_plot *plot);

/** @return who must see capture A while it is read; refers to `plot`. */
mps_trace_visitor mps_plot_visitor(mps_plot *plot);

/** @return the name of the plot's kind, static. */
const char *mps_plot_name(const mps_plot *plot);

/** Say which connection to draw, once the captures are read. @param connection  its number in A */
void mps_plot_set_connection(mps_plot *plot, uint32_t connection);

/** Make the picture.
 *  @param trace       capture A
 *  @param comparison  of both captures; NULL for a plot of one
 *  @return freed by the caller with mps_picture_free(); NULL, with `error` MPS_ERROR_INPUT: there
 *          is nothing to draw, and why */
mps_picture *mps_plot_picture(mps_plot *plot, const mps_trace *trace,
                              const mps_comparison *comparison, GError **error);

/** Free a picture. @param picture  may be NULL */
void mps_picture_free(mps_picture *picture);

/** @return the number of the connection that the picture shows. */
uint32_t mps_picture_connection(const mps_picture *picture);

/** @return whether pictures of a plot can be written for xplot; if not, with `error`
 *  MPS_ERROR_USAGE. */
bool mps_plot_has_xplot(const mps_plot *plot, GError **error);

/** @return the direction that mps_picture_write_xplot() writes: that with most numbers. @param
 * other set to whether the picture has the other one, too */
mps_direction mps_picture_xplot_direction(const mps_picture *picture, bool *other);

/** Write one direction of a picture for xplot (docs/plot.md). */
void mps_picture_write_xplot(const mps_picture *picture, FILE *out);

/** Write the numbers of a picture as csv (docs/plot.md), all of them. */
void mps_picture_write_data(const mps_picture *picture, FILE *out);

typedef enum { MPS_IMAGE_SVG, MPS_IMAGE_PNG, MPS_IMAGE_PDF, MPS_IMAGES } mps_image;

/** Find the format of an image by the ending of its file's name.
 *  @return false, with `error` MPS_ERROR_USAGE that names the endings */
bool mps_image_of_path(const char *path, mps_image *image, GError **error);

/** Draw a picture with gnuplot.
 *  @return a file without a name that holds the image, at its beginning; closed by the caller with
 *          fclose(); NULL, with `error` MPS_ERROR_OUTPUT, if gnuplot is missing or fails */
FILE *mps_picture_draw(const mps_picture *picture, mps_image image, GError **error);

#endif
