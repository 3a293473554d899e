/* plot_internal.h: what a plot is made of. A new one is a kind with what it draws, in a file of its
 * own, and an entry in the table of plot.c.
 *
 *   plot.c            the table of kinds; making a picture of what was read
 *   subject.c         what all kinds ask for: subflows, directions, times, rows of reports
 *   frames.c          finds when a frame was captured, and on which subflow
 *   window.c          follows the edge of the receive window
 *   kind_acksize.c  kind_dsn.c  kind_inflight.c  kind_interarrival.c  kind_rate.c  kind_rtt.c
 *   kind_window.c  kind_critical_path.c  kind_delay.c  kind_reinjections.c  kind_reorder_buffer.c
 *                     one kind each
 *   picture.c         builds pictures (picture.h): panels, curves, dots, ticks
 *   picture_cut.c     leaves a part of a picture: a subflow, a stretch of time
 *   picture_data.c    writes the numbers of a picture as csv
 *   xplot.c           writes a picture for xplot
 *   palette.c         the colours of curves
 *   gather.c          puts together subflows that an image does not show apart
 *   thin.c            leaves out dots that an image cannot show
 *   image.c           formats of images; draws a picture (gnuplot.h)
 *   gnuplot_run.c     runs gnuplot
 *   gnuplot_script.c  writes the script for it
 *   gnuplot_text.c    writes numbers and texts for it
 *   gnuplot_curves.c  writes the curves of a panel
 *   gnuplot_ticks.c   writes the ticks of a panel
 *   gnuplot_ranges.c  the ranges of axes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_PLOT_INTERNAL_H
#define MPS_PLOT_INTERNAL_H

#include "analysis/series.h"
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
    const char *about;    /* what it shows, in a line */
    unsigned least, most; /* captures */
    unsigned needs;       /* MPS_NEED_* */
    const char *report;   /* name of the report whose rows it draws; NULL: none */
    bool takes_interval;
    bool over_time;  /* x is the time since the connection's first frame */
    bool by_subflow; /* it has a curve for each subflow */
    bool has_xplot;
    mps_axis x, y;
    const char *missing; /* what a capture lacks of which there is nothing to draw */
    /* Add panels and ticks to a picture. Curves and panels that stay empty are removed later. */
    void (*draw)(const mps_plot_subject *subject, mps_picture *picture);
} mps_plot_kind;

extern const mps_plot_kind mps_plot_dsn, mps_plot_rate, mps_plot_rtt, mps_plot_inflight,
    mps_plot_window, mps_plot_interarrival, mps_plot_acksize, mps_plot_reinjections,
    mps_plot_reorder_buffer, mps_plot_delay, mps_plot_delay_cdf, mps_plot_critical_path;

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

/* Adds the curves of a direction to its panel. @param data  of mps_plot_each_direction() */
typedef void (*mps_plot_direction)(const mps_plot_subject *subject, mps_panel *panel,
                                   const void *data);

/** Add a panel for each direction that is to be drawn, and have it drawn. @param data  for `draw`
 */
void mps_plot_each_direction(const mps_plot_subject *subject, mps_picture *picture,
                             mps_plot_direction draw, const void *data);

/** @return whether what a half sends is the direction of a panel. */
bool mps_plot_half_is_of(const mps_plot_subject *subject, const mps_panel *panel, uint32_t half_id);

/** @return the number of a subflow; MPS_NONE: it is not to be drawn. @param id  of the subflow */
uint32_t mps_plot_subflow(const mps_plot_subject *subject, uint32_t id);

/** Add a curve to a panel for each subflow, with its colour.
 *  @param style  style and mark of all of them  @param name  in csv
 *  @return the curves by number of the subflow (mps_curve *), freed by the caller */
GPtrArray *mps_plot_subflow_curves(const mps_plot_subject *subject, mps_panel *panel,
                                   const mps_curve *style, const char *name);

/** Keep curves of subflows out of the legend: others stand for the same subflows. */
void mps_plot_without_legend(const GPtrArray *curves);

/** Choose the subflows that an image shows apart, and give their curves a legend. Of subflows that
 *  would look the same it is the one with most to show; those of no curve do not count. */
void mps_plot_name_subflows(const mps_plot_subject *subject, mps_picture *picture);

/** Add a curve of the whole connection to a panel. @param legend  copied
 *  @return the curve, owned by the panel */
mps_curve *mps_plot_line(mps_panel *panel, mps_curve_style style, mps_curve_role role,
                         const char *name, const char *legend);

/* A segment of an MPTCP connection. */
typedef struct {
    uint32_t frame, half_id;
    int64_t time; /* ns */
} mps_plot_frame;

/** @return all segments (mps_plot_frame) by frame; the caller frees the array. The kind needs
 *  MPS_NEED_SERIES and MPS_NEED_RTT. */
GArray *mps_plot_frames(const mps_tracker *tracker);

/** @return the segment of a frame. @param frames  of mps_plot_frames(), with that frame */
const mps_plot_frame *mps_plot_frame_at(const GArray *frames, uint32_t frame);

/* The receive window of a direction's data while segments are followed; at first all is zero but
 * `space_id`. */
typedef struct {
    uint32_t space_id;
    bool known;
    uint64_t edge; /* the highest number that the receiver allows so far, extended */
    uint64_t ack;  /* the DATA_ACK with which it came */
} mps_plot_window_edge;

/** Take in a segment. The window counts where its edge grows (RFC 8684 section 3.3.4).
 *  @param near  a number of the space, while nothing is known
 *  @return whether the edge moved */
bool mps_plot_window_take(mps_plot_window_edge *window, uint64_t near, const mps_series_item *item);

/** @return the place of a column. @param group  NULL: none */
unsigned mps_plot_column(const mps_table *table, const char *group, const char *name);

/** @return the number in a row and a column; NAN: it is not known. */
double mps_plot_value(const mps_table *table, unsigned row, unsigned column);

/** @return whether a row of a report is about the connection and the direction of a panel.
 *  @param row  of a table with the columns "connection" and "direction" */
bool mps_plot_row_is_of(const mps_plot_subject *subject, const mps_panel *panel,
                        const mps_table *table, unsigned row);

#endif
