/* picture.h: what a picture consists of: panels, curves, dots, ticks. It knows neither gnuplot nor
 * where the numbers come from.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_PICTURE_H
#define MPS_PICTURE_H

#include <mptcpscope/plot.h>

/* What an axis measures. Numbers are kept in these units; an image shows larger ones where they
 * suit its range (ms, MB, Mbit/s). */
typedef enum {
    MPS_QUANTITY_TIME,  /* ns */
    MPS_QUANTITY_BYTES, /* bytes, or a number of a byte */
    MPS_QUANTITY_RATE,  /* bit/s */
    MPS_QUANTITY_SHARE, /* 0 to 1 */
    MPS_QUANTITY_LANE,  /* index in mps_picture.lanes; from the top */
    MPS_QUANTITIES
} mps_quantity;

typedef struct {
    mps_quantity quantity;
    const char *label;  /* in the image, without the unit */
    const char *column; /* in csv */
    const char *until;  /* column of mps_dot.y2; NULL: dots have none */
    bool logarithmic;
    bool from_any; /* it begins where there is something to show, not at 0 */
} mps_axis;

/* One number, or a range of numbers, at a place of the x axis. */
typedef struct {
    double x;
    double y;       /* NAN: not known from here on */
    double y2;      /* end of a stroke or a band; of a span its end on the x axis */
    uint32_t frame; /* 0: none */
} mps_dot;

typedef enum {
    MPS_CURVE_POINTS,
    MPS_CURVE_STROKES, /* from y to y2 */
    MPS_CURVE_STEPS,   /* y holds until the next dot */
    MPS_CURVE_STACK,   /* steps, filled, on top of those of earlier curves of the panel */
    MPS_CURVE_BAND,    /* the range from y to y2, at x alone */
    MPS_CURVE_SPANS,   /* in lanes: from x to y2 */
} mps_curve_style;

/* What a curve stands for, which decides its colour. */
typedef enum {
    MPS_ROLE_SUBFLOW,    /* the subflow's own colour */
    MPS_ROLE_CONNECTION, /* all of the connection */
    MPS_ROLE_LIMIT,      /* what it may not exceed: the window */
    MPS_ROLE_CAUSE,      /* `index` says which */
    MPS_ROLE_OTHERS,     /* all subflows that an image does not show apart */
} mps_curve_role;

typedef enum {
    MPS_MARK_NONE,
    MPS_MARK_RETRANSMITTED,
    MPS_MARK_REINJECTED,
    MPS_MARKS,
} mps_curve_mark;

typedef struct {
    mps_curve_style style;
    mps_curve_role role;
    mps_curve_mark mark; /* of strokes: what the dots are, beside their subflow */
    bool pale;           /* beside what matters more: an error */
    bool is_unnamed;     /* not in the legend: another curve stands for the same subflow */
    bool is_other;       /* of a subflow that an image does not show apart */
    uint32_t index;      /* number of the subflow, or of the cause; MPS_NONE: neither */
    char *name;          /* in csv */
    char *legend;        /* in the image; the same for curves that share a colour; NULL: none */
    GArray *dots;        /* mps_dot */
} mps_curve;

/* A moment with a name, shown in all panels. */
typedef struct {
    double x;
    const char *name;        /* static */
    uint32_t frame, subflow; /* subflow: number; MPS_NONE: none */
    bool of_subflow;         /* it concerns that subflow, and the image says so */
    bool of_direction;       /* it concerns the data of its direction, and the image says so */
    mps_direction direction; /* of its sender */
} mps_tick;

/* One diagram of a picture. All panels of a picture have the same x axis. */
typedef struct {
    mps_direction direction;
    char *title;
    GPtrArray *curves; /* mps_curve *, drawn in this order */
} mps_panel;

struct mps_picture {
    uint32_t connection;
    char *title, *subtitle;
    mps_axis x, y;
    int64_t origin; /* of a time axis: what is 0 there, ns since the epoch */
    double begin;   /* where the x axis begins, if `end` is not NAN */
    double end;     /* where the x axis, which begins at `begin`, and the last steps end; NAN: with
                     * the dots */
    GPtrArray *panels;  /* mps_panel * */
    GArray *ticks;      /* mps_tick */
    GPtrArray *lanes;   /* const char *: names */
    GPtrArray *reasons; /* char *: why there is nothing of a direction */
    GPtrArray *remarks; /* char *: what a reader should know of what is drawn */
};

/** @return an empty picture. @param title  owned by the picture from now on, as `subtitle` is */
mps_picture *mps_picture_new(uint32_t connection, char *title, char *subtitle);

/** Add a panel. @param title  owned by the picture  @return the panel, owned by the picture */
mps_panel *mps_picture_add(mps_picture *picture, mps_direction direction, char *title);

/** Add a curve without dots. @param curve  style, role, mark and index; copied
 *  @param name    copied
 *  @param legend  owned by the picture; NULL: none
 *  @return the curve, owned by the panel */
mps_curve *mps_panel_add(mps_panel *panel, const mps_curve *curve, const char *name, char *legend);

/** Free a curve. */
void mps_curve_free(mps_curve *curve);

/** Add a dot. */
static inline void mps_curve_add(mps_curve *curve, double x, double y, double y2, uint32_t frame)
{
    const mps_dot dot = {x, y, y2, frame};
    g_array_append_val(curve->dots, dot);
}

/** @return the dot that was added last; NULL: none was */
static inline const mps_dot *mps_curve_last(const mps_curve *curve)
{
    const GArray *dots = curve->dots;
    return dots->len > 0 ? &g_array_index(dots, mps_dot, dots->len - 1) : NULL;
}

/** Put the dots of a curve in the order of x; those at one place stay in their order. */
void mps_curve_sort(mps_curve *curve);

/** Make each curve of a panel the distribution of the x of its dots: y becomes the share of the
 * dots with no greater x. */
void mps_panel_accumulate(mps_panel *panel);

/** Remove all curves of a panel: there is nothing to show. */
void mps_panel_clear(mps_panel *panel);

/** Add a lane below the others. @param name  static */
void mps_picture_lane(mps_picture *picture, const char *name);

/** Say why there is nothing of a direction. @param reason  copied */
void mps_picture_lacks(mps_picture *picture, mps_direction direction, const char *reason);

/** Add what a reader should know of what is drawn. @param remark  copied */
void mps_picture_remark(mps_picture *picture, const char *remark);

/** Add a tick. @param tick  copied */
void mps_picture_tick(mps_picture *picture, const mps_tick *tick);

/** Leave out all subflows but one. @return whether anything of it is left */
bool mps_picture_keep_subflow(mps_picture *picture, uint32_t number);

/** Leave out what is outside a part of the x axis. */
void mps_picture_keep_range(mps_picture *picture, double from, double to);

/** Remove curves without dots, and panels without curves. @return whether any panel is left */
bool mps_picture_prune(mps_picture *picture);

#endif
