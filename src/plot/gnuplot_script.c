/* gnuplot_script.c: writes the script with which gnuplot draws a picture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gnuplot.h"
#include <math.h>

/* Pixels of an image: its width, and from top to bottom. */
enum {
    WIDTH = 1100,
    LEFT = 95,
    LANE_NAMES = 270, /* in place of LEFT where there are lanes */
    RIGHT = 25,
    HEAD = 58, /* both titles, if each has one line */
    TITLE_LINE = 25,
    SUBTITLE_LINE = 19,
    PANEL_HEAD = 28, /* the title of a panel */
    LEGEND_LINE = 20,
    DIAGRAM = 440,      /* of the only panel */
    HALF_DIAGRAM = 300, /* of one of several */
    FOOT = 60,          /* scale and label of the x axis */
};

/* Characters of a line of the titles. */
#define TITLE_COLUMNS 84u
#define SUBTITLE_COLUMNS 122u

/* Pixels of a PDF, which measures in inches. */
#define PIXELS_PER_INCH 96.0

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

static unsigned left_of(const mps_picture *picture)
{
    return picture->lanes->len > 0 ? LANE_NAMES : LEFT;
}

/* @return the pixels of a diagram from left to right: its legend is no wider */
static unsigned diagram_width(const mps_picture *picture)
{
    return WIDTH - left_of(picture) - RIGHT;
}

static unsigned diagram_height(const mps_picture *picture)
{
    return picture->panels->len > 1 ? HALF_DIAGRAM : DIAGRAM;
}

/* @return the pixels above the diagram of a panel: its title and its legend */
static unsigned panel_head(const mps_picture *picture, const mps_panel *panel)
{
    return PANEL_HEAD + LEGEND_LINE * mps_gnuplot_legend_lines(panel, diagram_width(picture));
}

/* What is above the first panel. */
typedef struct {
    GPtrArray *title, *subtitle; /* char *: lines */
    unsigned height;             /* pixels */
} image_head;

static image_head head_of(const mps_picture *picture)
{
    image_head head = {.title = mps_gnuplot_lines(picture->title, TITLE_COLUMNS),
                       .subtitle = mps_gnuplot_lines(picture->subtitle, SUBTITLE_COLUMNS)};
    head.height =
        HEAD + TITLE_LINE * (head.title->len - 1) + SUBTITLE_LINE * (head.subtitle->len - 1);
    return head;
}

static unsigned image_height(const mps_picture *picture, const image_head *head)
{
    unsigned height = head->height;
    for (guint i = 0; i < picture->panels->len; i++)
        height += panel_head(picture, picture->panels->pdata[i]) + diagram_height(picture) + FOOT;
    return height;
}

/* Labels have numbers: the title of a panel has the first one. */
enum { PANEL_TAG = 1, FIRST_HEAD_TAG };

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

static void write_head(FILE *script, const image_head *head, unsigned height)
{
    unsigned down = HEAD / 3, tag = FIRST_HEAD_TAG;
    for (guint i = 0; i < head->title->len; i++, down += TITLE_LINE)
        write_label(script, tag++, head->title->pdata[i], down, height, "font ',15'");
    down = HEAD * 3 / 4 + TITLE_LINE * (head->title->len - 1);
    for (guint i = 0; i < head->subtitle->len; i++, down += SUBTITLE_LINE)
        write_label(script, tag++, head->subtitle->pdata[i], down, height, "");
}

/* Write where a side of the diagram is. @param share  of the image, from below or from the left */
static void write_margin(FILE *script, const char *side, double share)
{
    fprintf(script, "set %smargin at screen ", side);
    mps_gnuplot_number(script, share);
    putc('\n', script);
}

/* @return the unit of an axis with numbers up to `most`. On a logarithmic one they span many units:
 * it has the basic one, and the scale multiples of it (µs, ms) */
static mps_unit unit_of(const mps_axis *axis, double most)
{
    if (!axis->logarithmic)
        return mps_unit_of(axis->quantity, most);
    return axis->quantity == MPS_QUANTITY_TIME ? (mps_unit){"s", 1e9} : (mps_unit){"B", 1};
}

/* Write the scale of a logarithmic x axis: names at powers of ten alone, as others may overlap. */
static void write_decades(FILE *script, mps_unit unit, double low, double high)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    const int first = (int)floor(log10(low) + 0.5), last = (int)floor(log10(high) + 0.5);
    fputs("set xtics (", script);
    for (int power = first; power <= last; power++) {
        g_ascii_formatd(number, sizeof number, "%.12g", pow(10, power));
        fprintf(script, "%sgprintf('%%.0s %%c%s', %s) %s", power > first ? ", " : "", unit.unit,
                number, number);
        for (int k = 2; k <= 9 && power < last; k++)
            fprintf(script, ", '' %s 1",
                    g_ascii_formatd(number, sizeof number, "%.12g", k * pow(10, power)));
    }
    fputs(")\n", script);
}

/* Write one axis. @param letter  x or y */
static void write_axis(FILE *script, char letter, const mps_axis *axis, mps_unit unit, double low,
                       double high)
{
    char *label = unit.unit && !axis->logarithmic
                      ? g_strdup_printf("%s (%s)", axis->label, unit.unit)
                      : g_strdup(axis->label);
    fprintf(script, "set %clabel ", letter);
    mps_gnuplot_text(script, label);
    fprintf(script, "\nset %crange [", letter);
    mps_gnuplot_number(script, low / unit.size);
    putc(':', script);
    mps_gnuplot_number(script, high / unit.size);
    if (axis->logarithmic) /* a power of a thousand, and the letter of that */
        fprintf(script, "]\nset format %c '%%.0s %%c%s'\nset logscale %c 10\n", letter, unit.unit,
                letter);
    else
        fprintf(script, "]\nset format %c '%%g'\n", letter);
    if (axis->logarithmic && letter == 'x')
        write_decades(script, unit, low / unit.size, high / unit.size);
    g_free(label);
}

/* Write where the legend is. @param down  pixels above it */
static void write_key(FILE *script, const mps_picture *picture, const mps_panel *panel,
                      unsigned down, unsigned height)
{
    fputs("set key noautotitle horizontal Left reverse left top samplen 2 at screen ", script);
    mps_gnuplot_number(script, (left_of(picture) - 15.0) / WIDTH);
    fputs(", screen ", script);
    mps_gnuplot_number(script, 1 - (double)down / height);
    fprintf(script, " maxcols %u\n", mps_gnuplot_legend_columns(panel, diagram_width(picture)));
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
    const unsigned upper = top + panel_head(picture, panel),
                   lower = upper + diagram_height(picture);
    mps_gnuplot_panel p = {.picture = picture,
                           .panel = panel,
                           .number = number,
                           .extent = mps_gnuplot_extent(picture, panel)};
    p.x = unit_of(&picture->x, p.extent.x_high);
    p.y = unit_of(&picture->y, p.extent.y_high);
    write_margin(script, "t", 1 - (double)upper / height);
    write_margin(script, "b", 1 - (double)lower / height);
    write_axis(script, 'x', &picture->x, p.x, p.extent.x_low, p.extent.x_high);
    write_axis(script, 'y', &picture->y, p.y, p.extent.y_low, p.extent.y_high);
    if (picture->lanes->len > 0)
        write_lanes(script, picture);
    write_label(script, PANEL_TAG, panel->title, top + PANEL_HEAD / 2, height, "font ',12'");
    write_key(script, picture, panel, top + PANEL_HEAD, height);
    mps_gnuplot_ticks(script, &p);
    mps_gnuplot_curves(script, &p);
    fputs("unset label\nunset arrow\n", script);
    return lower + FOOT;
}

void mps_gnuplot_script(FILE *script, const mps_picture *picture, mps_image image)
{
    const image_head head = head_of(picture);
    const unsigned height = image_height(picture, &head);
    unsigned top = head.height;
    write_terminal(script, image, height);
    fputs("set multiplot\nset micro\nset grid linetype 1 linecolor rgb '#e4e4e4'\nset tics "
          "nomirror\n",
          script);
    write_margin(script, "l", (double)left_of(picture) / WIDTH);
    write_margin(script, "r", 1 - (double)RIGHT / WIDTH);
    for (guint i = 0; i < picture->panels->len; i++) {
        if (i == 0)
            write_head(script, &head, height);
        top = write_panel(script, picture, i, top, height);
    }
    fputs("unset multiplot\n", script);
    g_ptr_array_free(head.title, TRUE);
    g_ptr_array_free(head.subtitle, TRUE);
}
