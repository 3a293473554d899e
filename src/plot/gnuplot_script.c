/* gnuplot_script.c: writes the script with which gnuplot draws a picture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gnuplot.h"
#include <math.h>
#include <mptcpscope/printable.h>

/* Pixels of an image: its width, and from top to bottom. */
enum {
    WIDTH = 1100,
    LEFT = 95,
    LANE_NAMES = 270, /* in place of LEFT where there are lanes */
    RIGHT = 25,
    HEAD = 58,       /* both titles */
    PANEL_HEAD = 28, /* the title of a panel */
    LEGEND_LINE = 20,
    DIAGRAM = 440,      /* of the only panel */
    HALF_DIAGRAM = 300, /* of one of several */
    FOOT = 60,          /* scale and label of the x axis */
    DIAGRAM_WIDTH = WIDTH - LEFT - RIGHT,
};

/* Pixels of a PDF, which measures in inches. */
#define PIXELS_PER_INCH 96.0

void mps_gnuplot_number(FILE *script, double number)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    fputs(isnan(number) ? "NaN" : g_ascii_formatd(text, sizeof text, "%.12g", number), script);
}

void mps_gnuplot_text(FILE *script, const char *text)
{
    char *printable = mps_printable(text);
    putc('\'', script);
    for (const char *c = printable; *c; c++) {
        if (*c == '\'') /* two are one */
            putc(*c, script);
        putc(*c, script);
    }
    putc('\'', script);
    g_free(printable);
}

static void write_terminal(FILE *script, mps_image image, unsigned height)
{
    fputs("set encoding utf8\nset terminal ", script);
    switch (image) {
    case MPS_IMAGE_PNG:
        fprintf(script, "pngcairo size %d,%u font 'sans,11'", WIDTH, height);
        break;
    case MPS_IMAGE_PDF:
        fputs("pdfcairo size ", script);
        mps_gnuplot_number(script, WIDTH / PIXELS_PER_INCH);
        fputs("in,", script);
        mps_gnuplot_number(script, height / PIXELS_PER_INCH);
        fputs("in font 'sans,11' fontscale 0.75", script);
        break;
    case MPS_IMAGE_SVG:
    case MPS_IMAGES:
        fprintf(script, "svg size %d,%u dynamic font 'sans,12'", WIDTH, height);
        break;
    }
    fputs(" noenhanced background '#ffffff'\n", script);
}

static unsigned diagram_height(const mps_picture *picture)
{
    return picture->panels->len > 1 ? HALF_DIAGRAM : DIAGRAM;
}

/* @return the pixels above the diagram of a panel: its title and its legend */
static unsigned panel_head(const mps_panel *panel)
{
    return PANEL_HEAD + LEGEND_LINE * mps_gnuplot_legend_lines(panel, DIAGRAM_WIDTH);
}

static unsigned image_height(const mps_picture *picture)
{
    unsigned height = HEAD;
    for (guint i = 0; i < picture->panels->len; i++)
        height += panel_head(picture->panels->pdata[i]) + diagram_height(picture) + FOOT;
    return height;
}

/* Write a text of the image. @param down  pixels from its upper edge to the middle of the text */
static void write_label(FILE *script, unsigned tag, const char *text, unsigned down,
                        unsigned height, const char *style)
{
    fprintf(script, "set label %u ", tag);
    mps_gnuplot_text(script, text);
    fputs(" at screen ", script);
    mps_gnuplot_number(script, (double)LEFT / WIDTH);
    fputs(", screen ", script);
    mps_gnuplot_number(script, 1 - (double)down / height);
    fprintf(script, " left front %s\n", style);
}

/* Write where a side of the diagram is. @param share  of the image, from below or from the left */
static void write_margin(FILE *script, const char *side, double share)
{
    fprintf(script, "set %smargin at screen ", side);
    mps_gnuplot_number(script, share);
    putc('\n', script);
}

/* Write one axis. @param letter  x or y */
static void write_axis(FILE *script, char letter, const mps_axis *axis, mps_unit unit, double low,
                       double high)
{
    char *label =
        unit.unit ? g_strdup_printf("%s (%s)", axis->label, unit.unit) : g_strdup(axis->label);
    fprintf(script, "set %clabel ", letter);
    mps_gnuplot_text(script, label);
    fprintf(script, "\nset %crange [", letter);
    mps_gnuplot_number(script, low / unit.size);
    putc(':', script);
    mps_gnuplot_number(script, high / unit.size);
    fprintf(script, "]\nset format %c '%%g'\n", letter);
    if (axis->logarithmic)
        fprintf(script, "set logscale %c 10\n", letter);
    g_free(label);
}

/* Write where the legend is. @param down  pixels above it */
static void write_key(FILE *script, const mps_panel *panel, unsigned down, unsigned height)
{
    fputs("set key noautotitle horizontal Left reverse left top samplen 2 at screen ", script);
    mps_gnuplot_number(script, (LEFT - 15.0) / WIDTH);
    fputs(", screen ", script);
    mps_gnuplot_number(script, 1 - (double)down / height);
    fprintf(script, " maxcols %u\n", mps_gnuplot_legend_columns(panel, DIAGRAM_WIDTH));
}

/* Write the names of the lanes beside them. */
static void write_lanes(FILE *script, const mps_picture *picture)
{
    fputs("set ytics (", script);
    for (guint i = 0; i < picture->lanes->len; i++) {
        if (i > 0)
            fputs(", ", script);
        mps_gnuplot_text(script, picture->lanes->pdata[i]);
        fprintf(script, " %u", i);
    }
    fputs(")\n", script);
}

/* Write a panel. @param top  pixels above it  @return the pixels above the next one */
static unsigned write_panel(FILE *script, const mps_picture *picture, guint number, unsigned top,
                            unsigned height)
{
    const mps_panel *panel = picture->panels->pdata[number];
    const unsigned upper = top + panel_head(panel), lower = upper + diagram_height(picture);
    mps_gnuplot_panel p = {.picture = picture,
                           .panel = panel,
                           .number = number,
                           .extent = mps_gnuplot_extent(picture, panel)};
    p.x = mps_unit_of(picture->x.quantity, p.extent.x_high);
    p.y = mps_unit_of(picture->y.quantity, p.extent.y_high);
    write_margin(script, "t", 1 - (double)upper / height);
    write_margin(script, "b", 1 - (double)lower / height);
    write_axis(script, 'x', &picture->x, p.x, p.extent.x_low, p.extent.x_high);
    write_axis(script, 'y', &picture->y, p.y, p.extent.y_low, p.extent.y_high);
    if (picture->lanes->len > 0)
        write_lanes(script, picture);
    write_label(script, 1, panel->title, top + PANEL_HEAD / 2, height, "font ',12'");
    write_key(script, panel, top + PANEL_HEAD, height);
    mps_gnuplot_ticks(script, &p);
    mps_gnuplot_curves(script, &p);
    fputs("unset label\nunset arrow\n", script);
    return lower + FOOT;
}

void mps_gnuplot_script(FILE *script, const mps_picture *picture, mps_image image)
{
    const unsigned height = image_height(picture);
    unsigned top = HEAD;
    write_terminal(script, image, height);
    fputs("set multiplot\nset grid linetype 1 linecolor rgb '#e4e4e4'\nset tics nomirror\n",
          script);
    write_margin(script, "l", (double)(picture->lanes->len > 0 ? LANE_NAMES : LEFT) / WIDTH);
    write_margin(script, "r", 1 - (double)RIGHT / WIDTH);
    for (guint i = 0; i < picture->panels->len; i++) {
        if (i == 0) {
            write_label(script, 2, picture->title, HEAD / 3, height, "font ',15'");
            write_label(script, 3, picture->subtitle, HEAD * 3 / 4, height, "");
        }
        top = write_panel(script, picture, i, top, height);
    }
    fputs("unset multiplot\n", script);
}
