/* plot_internal.h: what a plot is made of. A new one is a kind with what it draws, in a file of its
 * own, and an entry in the table of plot.c.
 *
 *   plot.c            the table of kinds; making a picture of what was read
 *   subject.c         what all kinds ask for: subflows, directions, times, rows of reports
 *   kind_dsn.c  kind_rate.c  kind_rtt.c
 *                     one kind each
 *   picture.c         builds pictures (picture.h): panels, curves, dots, ticks
 *   picture_data.c    writes the numbers of a picture as csv
 *   palette.c         the colours of curves
 *   thin.c            leaves out dots that an image cannot show
 *   image.c           formats of images; draws a picture (gnuplot.h)
 *   gnuplot_run.c     runs gnuplot
 *   gnuplot_script.c  writes the script for it
 *   gnuplot_curves.c  writes the curves of a panel
 *   gnuplot_ticks.c   writes the ticks of a panel
 *   gnuplot_ranges.c  the ranges of axes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_PLOT_INTERNAL_H
#define MPS_PLOT_INTERNAL_H

#include "picture.h"
#include "tracker/tracker_state.h"
#include <mptcpscope/report.h>

/* What a picture is made of. */
typedef struct {
    mps_plot_choice choice;
    const mps_trace *trace; /* capture A */
    const mps_tracker *tracker;
    const mps_comparison *comparison; /* NULL: the plot is of one capture */
    mps_report *report;               /* of mps_plot_kind.report; NULL: none */
    mps_connection_info connection;   /* the one to draw */
} mps_plot_subject;

/* A kind of plots. */
typedef struct {
    const char *name;
    const char *title;
    unsigned least, most; /* captures */
    unsigned needs;       /* MPS_NEED_* */
    const char *report;   /* name of the report whose rows it draws; NULL: none */
    bool takes_interval;
    bool over_time; /* x is the time since the connection's first frame */
    mps_axis x, y;
    const char *missing; /* what a capture lacks of which there is nothing to draw */
    /* Add panels and ticks to a picture. Curves and panels that stay empty are removed later. */
    void (*draw)(const mps_plot_subject *subject, mps_picture *picture);
} mps_plot_kind;

extern const mps_plot_kind mps_plot_dsn, mps_plot_rate, mps_plot_rtt;

/* The x axis of kinds over time. */
#define MPS_PLOT_TIME_AXIS                                                                         \
    {                                                                                              \
        .quantity = MPS_QUANTITY_TIME, .label = "time since the first frame", .column = "time"     \
    }

/** @return a time on the x axis: ns since the first frame of the connection. */
double mps_plot_time(const mps_plot_subject *subject, int64_t time);

/** Add a panel for the data of a direction. @return the panel; NULL: it is not to be drawn */
mps_panel *mps_plot_panel(const mps_plot_subject *subject, mps_picture *picture,
                          mps_direction direction);

/** @return the number of a subflow; MPS_NONE: it is not to be drawn. @param id  of the subflow */
uint32_t mps_plot_subflow(const mps_plot_subject *subject, uint32_t id);

/** Add a curve to a panel for each subflow, with its colour and legend.
 *  @param style  style and mark of all of them  @param name  in csv
 *  @return the curves by number of the subflow (mps_curve *), freed by the caller */
GPtrArray *mps_plot_subflow_curves(const mps_plot_subject *subject, mps_panel *panel,
                                   const mps_curve *style, const char *name);

/** @return the place of a column. @param group  NULL: none */
unsigned mps_plot_column(const mps_table *table, const char *group, const char *name);

/** @return the number in a row and a column; NAN: it is not known. */
double mps_plot_value(const mps_table *table, unsigned row, unsigned column);

/** @return whether a row of a report is about the connection and the direction of a panel.
 *  @param row  of a table with the columns "connection" and "direction" */
bool mps_plot_row_is_of(const mps_plot_subject *subject, const mps_panel *panel,
                        const mps_table *table, unsigned row);

#endif
