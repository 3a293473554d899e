/* clock.c: offset and skew of one clock against another, from segments both of them saw.
 *
 *   hull.c    the points of each series that matter
 *   steps.c   when a clock was set, which cuts the capture into pieces
 *   piece.c   where the line of the clock can lie in each: the bounds
 *   slope.c   and its likeliest slope: the estimate
 *   narrow.c  between which segments a clock was set
 *   change.c  when paths changed
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "clock-internal.h"
#include <math.h>

/* Less than this tells nothing of the rates: bounds would be thousands of ppm wide. */
#define SKEW_SPAN INT64_C(2000000000) /* ns */
#define SKEW_POINTS 8u

/* An estimate that may be off by more is none. */
#define SKEW_ERROR 200e-6

/* A step as the pieces have it must be so near to what it is by what is near it. */
#define SETTING_AGREES 0.3

/* Times of one clock that are this much less than those before are no disorder of capturing. */
#define SET_BACK 1000000 /* ns */

static void free_series(gpointer data)
{
    mps_series *one = data;
    g_array_free(one->samples, TRUE);
    g_free(one);
}

mps_clock *mps_clock_new(void)
{
    mps_clock *clock = g_new0(mps_clock, 1);
    clock->table = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    clock->all = g_ptr_array_new_with_free_func(free_series);
    clock->resolution = 1;
    return clock;
}

void mps_clock_free(mps_clock *clock)
{
    if (!clock)
        return;
    g_hash_table_destroy(clock->table);
    g_ptr_array_free(clock->all, TRUE);
    g_free(clock);
}

void mps_clock_set_resolution(mps_clock *clock, int64_t resolution)
{
    clock->resolution = resolution;
}

static mps_series *series_of(mps_clock *clock, uint32_t number, bool forward)
{
    gint64 key = (gint64)number << 1 | forward, other = key ^ 1;
    mps_series *one = g_hash_table_lookup(clock->table, &key);
    if (!one) {
        one = g_new0(mps_series, 1);
        one->number = number;
        one->index = clock->all->len;
        one->forward = forward;
        one->samples = g_array_new(FALSE, FALSE, sizeof(mps_sample));
        g_hash_table_insert(clock->table, g_memdup2(&key, sizeof key), one);
        g_ptr_array_add(clock->all, one);
        one->back = g_hash_table_lookup(clock->table, &other);
        if (one->back)
            one->back->back = one;
    }
    return one;
}

void mps_clock_add(mps_clock *clock, uint32_t number, bool forward, int64_t time_a, int64_t time_b)
{
    mps_series *one = series_of(clock, number, forward);
    mps_sample added = {time_a, mps_minus(time_b, time_a)};
    int64_t sent = forward ? time_a : time_b;
    guint count = one->samples->len;
    if (count > 0 && g_array_index(one->samples, mps_sample, count - 1).a > time_a)
        one->unordered = true;
    if (count > 0 && sent < one->last - SET_BACK)
        clock->went_back[!forward] = true;
    one->last = sent;
    g_array_append_val(one->samples, added);
}

/* The least and the greatest time of a clock. */
typedef struct {
    int64_t low, high;
} mps_extent;

static void extend(mps_extent *extent, int64_t time)
{
    extent->low = MIN(extent->low, time);
    extent->high = MAX(extent->high, time);
}

/* Moments are told by A's clock, unless it was set back, or so far ahead that it has more of a gap
 * than of a capture. @return false if there are no samples */
static bool find_axis(const mps_clock *clock, mps_axis *axis)
{
    mps_extent of_a = {INT64_MAX, INT64_MIN}, of_b = of_a;
    *axis = (mps_axis){0};
    for (guint i = 0; i < clock->all->len; i++) {
        const mps_series *one = clock->all->pdata[i];
        for (guint k = 0; k < one->samples->len; k++) {
            const mps_sample *sample = &g_array_index(one->samples, mps_sample, k);
            if (sample->a < of_a.low)
                axis->origin = *sample;
            extend(&of_a, sample->a);
            extend(&of_b, sample->a + sample->y);
        }
    }
    bool gap = mps_minus(of_b.high, of_b.low) < mps_minus(of_a.high, of_a.low) / 2;
    axis->by_b = (clock->went_back[0] || gap) && !clock->went_back[1];
    return of_a.low <= of_a.high;
}

static void count_samples(const mps_clock *clock, const mps_axis *axis,
                          mps_clock_estimate *estimate)
{
    for (guint i = 0; i < clock->all->len; i++) {
        const mps_series *one = clock->all->pdata[i];
        *(one->forward ? &estimate->forward : &estimate->backward) += one->samples->len;
        for (guint k = 0; k < one->samples->len; k++) {
            const mps_sample *sample = &g_array_index(one->samples, mps_sample, k);
            estimate->span = MAX(estimate->span, mps_minus(sample->a, axis->origin.a));
        }
    }
    estimate->series = clock->all->len;
    estimate->reference = axis->origin.a;
}

static int64_t nearest_ns(double ns)
{
    return (int64_t)floor(ns + 0.5);
}

/* The rates are told apart if there is enough of both directions, and if what the paths did leaves
 * them clear. */
static const char *doubt_skew(const mps_clock_estimate *estimate, const GArray *hulls)
{
    int64_t span[2] = {0, 0}; /* of the longest series backward, forward */
    for (guint i = 0; i < hulls->len; i++) {
        const mps_hull *hull = &g_array_index(hulls, mps_hull, i);
        span[hull->series->forward] = MAX(span[hull->series->forward], hull->span);
    }
    if (MIN(span[0], span[1]) < SKEW_SPAN || estimate->forward < SKEW_POINTS ||
        estimate->backward < SKEW_POINTS)
        return "the rates: that takes 2 s, and 8 segments each way";
    if (fabs(estimate->skew) >= MPS_SKEW_MAX || estimate->skew_error > SKEW_ERROR)
        return "the rates: what the paths did hides them";
    return NULL;
}

static void estimate_skew(const GArray *hulls, mps_clock_estimate *estimate)
{
    estimate->skew = mps_slope_likeliest(hulls, &estimate->skew_error);
    estimate->skew_by_weight = mps_slope_by_votes(hulls, true);
    estimate->reason = doubt_skew(estimate, hulls);
    estimate->has_skew = estimate->reason == NULL;
    if (!estimate->has_skew)
        estimate->skew = 0;
    estimate->skew = CLAMP(estimate->skew, estimate->skew_low, estimate->skew_high);
}

/* The offset of each piece is the middle of what the slope allows. */
static void estimate_offsets(mps_clock_estimate *estimate)
{
    double low, high;
    for (guint i = 0; i < estimate->pieces->len; i++) {
        mps_piece *piece = &g_array_index(estimate->pieces, mps_piece, i);
        low = mps_hull_intercept(piece->below, false, estimate->skew);
        high = mps_hull_intercept(piece->above, true, estimate->skew);
        piece->offset = piece->middle = (low + high) / 2;
    }
    const mps_piece *first = &g_array_index(estimate->pieces, mps_piece, 0);
    mps_piece_bounds(first, estimate->skew_low, estimate->skew_high, 0, &low, &high);
    estimate->has_offset = true;
    estimate->offset = estimate->base + nearest_ns(first->offset);
    estimate->offset_low = estimate->base + (int64_t)floor(low);
    estimate->offset_high = estimate->base + (int64_t)ceil(high);
}

/* A's time since the origin of a moment, by a piece's line. */
static double x_of_moment(const mps_clock_estimate *estimate, const mps_piece *piece,
                          int64_t moment)
{
    double at = (double)moment;
    return estimate->by_b ? (at - piece->middle) / (1 + estimate->skew) : at;
}

/* What the clock did between two pieces. */
static void add_step(mps_clock_estimate *estimate, const mps_piece *before, const mps_piece *after)
{
    double low[2], high[2], x = x_of_moment(estimate, before, before->likely.until);
    double last = x_of_moment(estimate, before, after->likely.from);
    mps_piece_bounds(before, estimate->skew_low, estimate->skew_high, x, &low[0], &high[0]);
    mps_piece_bounds(after, estimate->skew_low, estimate->skew_high, x, &low[1], &high[1]);
    mps_clock_step step = {
        .from = estimate->reference + nearest_ns(x),
        .until = estimate->reference + nearest_ns(last),
        .size = nearest_ns(after->offset - before->offset),
        .size_low = (int64_t)floor(low[1] - high[0]),
        .size_high = (int64_t)ceil(high[1] - low[0]),
        .doubtful = after->doubtful,
    };
    g_array_append_val(estimate->steps, step);
}

static void set_pieces(mps_clock_estimate *estimate, GArray *pieces, const GArray *settings)
{
    const mps_setting *all = (const mps_setting *)settings->data;
    estimate->pieces = pieces;
    for (guint i = 0; i < pieces->len; i++) {
        mps_piece *piece = &g_array_index(pieces, mps_piece, i);
        piece->sure.from = i > 0 ? all[i - 1].window.until : INT64_MIN;
        piece->sure.until = i < settings->len ? all[i].window.from : INT64_MAX;
    }
}

static void note_evidence(const mps_clock *clock, mps_clock_estimate *estimate)
{
    guint *touched = g_new0(guint, clock->all->len + 1);
    mps_pieces_count_touched(estimate->pieces, estimate->skew_low, estimate->skew_high, touched);
    for (guint i = 0; i < clock->all->len; i++) {
        const mps_series *one = clock->all->pdata[i];
        mps_clock_evidence evidence = {one->number, one->forward, one->samples->len, touched[i]};
        g_array_append_val(estimate->evidence, evidence);
        estimate->touched += touched[i];
    }
    g_free(touched);
}

static bool is_two_way(const GArray *pieces)
{
    for (guint i = 0; i < pieces->len; i++) {
        const mps_piece *piece = &g_array_index(pieces, mps_piece, i);
        if (piece->above->len == 0 || piece->below->len == 0)
            return false;
    }
    return true;
}

/* Fit lines to the pieces that the settings leave. @return false, with the reason, if none fit */
static bool fit(mps_clock *clock, const mps_axis *axis, const GArray *settings,
                mps_clock_estimate *estimate)
{
    GArray *hulls = mps_hulls_make(clock, axis, settings);
    GArray *pieces = mps_pieces_make(hulls, settings->len + 1, clock->resolution);
    estimate->reason = is_two_way(pieces)
                           ? mps_pieces_fit(pieces, &estimate->skew_low, &estimate->skew_high)
                           : "segments matched in one direction only";
    bool fits = estimate->reason == NULL;
    if (fits) {
        set_pieces(estimate, pieces, settings);
        estimate_skew(hulls, estimate);
        estimate_offsets(estimate);
    } else {
        mps_pieces_free(pieces);
    }
    mps_hulls_free(hulls);
    return fits;
}

/* The setting that is least what it seemed: of another size by the pieces as a whole than by what
 * is near it. Queues that fill one way while they drain the other look like that. -1: none */
static int least_certain(const mps_clock_estimate *estimate, const GArray *settings)
{
    int found = -1;
    double most = SETTING_AGREES;
    for (guint i = 0; i < settings->len; i++) {
        const mps_setting *setting = &g_array_index(settings, mps_setting, i);
        const mps_piece *before = &g_array_index(estimate->pieces, mps_piece, i);
        double off = before[1].offset - before->offset - setting->size;
        if (setting->size != 0 && fabs(off / setting->size) > most) {
            most = fabs(off / setting->size);
            found = (int)i;
        }
    }
    return found;
}

/* Leave the settings to the bounds, which hold with and without them, and take the line from a fit
 * that has only those that are certain. */
static void take_line(mps_clock_estimate *estimate, const mps_clock_estimate *certain,
                      const GArray *settings)
{
    guint at = 0; /* in the pieces of the line */
    for (guint i = 0; i < estimate->pieces->len; i++) {
        mps_piece *piece = &g_array_index(estimate->pieces, mps_piece, i);
        const mps_piece *lines = (const mps_piece *)certain->pieces->data;
        while (at + 1 < certain->pieces->len && piece->sure.from >= lines[at + 1].sure.from)
            at++;
        piece->offset = lines[at].offset;
        bool same = i == 0 ||
                    g_array_index(settings, mps_setting, i - 1).window.until == lines[at].sure.from;
        piece->doubtful = !same || lines[at].doubtful;
    }
    estimate->skew = certain->skew;
    estimate->skew_error = certain->skew_error;
    estimate->skew_by_weight = certain->skew_by_weight;
    estimate->has_skew = certain->has_skew;
    estimate->reason = certain->reason;
    estimate->offset = certain->offset;
}

/* Find out which settings are certain. @return whether a line fits with those */
static bool find_certain(mps_clock *clock, const mps_axis *axis, const GArray *settings,
                         mps_clock_estimate *estimate)
{
    mps_clock_estimate certain = *estimate;
    GArray *left = g_array_new(FALSE, FALSE, sizeof(mps_setting));
    g_array_append_vals(left, settings->data, settings->len);
    bool fits = true;
    int drop;
    while (fits && (drop = least_certain(&certain, left)) >= 0) {
        g_array_remove_index(left, (guint)drop);
        if (certain.pieces != estimate->pieces)
            mps_pieces_free(certain.pieces);
        fits = fit(clock, axis, left, &certain);
    }
    if (fits && certain.pieces != estimate->pieces) {
        take_line(estimate, &certain, settings);
        mps_pieces_free(certain.pieces);
    }
    g_array_free(left, TRUE);
    return fits;
}

/* Have the bounds allow for a clock that was set unnoticed. */
static void allow_for_doubt(mps_clock *clock, const mps_axis *axis, GArray *settings,
                            mps_clock_estimate *estimate)
{
    mps_clock_estimate wide = *estimate;
    if (!mps_settings_add_doubtful(clock, axis, estimate, settings) ||
        !fit(clock, axis, settings, &wide))
        return;
    take_line(&wide, estimate, settings);
    mps_pieces_free(estimate->pieces);
    *estimate = wide;
}

/* Find the settings that explain what there is, and fit. */
static bool fit_all(mps_clock *clock, const mps_axis *axis, mps_clock_estimate *estimate)
{
    GArray *settings = mps_settings_find(clock, axis);
    bool fits = fit(clock, axis, settings, estimate);
    if (fits) {
        find_certain(clock, axis, settings, estimate);
    } else if (estimate->forward > 0 && estimate->backward > 0) {
        const char *reason = estimate->reason;
        g_array_free(settings, TRUE);
        settings = mps_settings_force(clock, axis);
        fits = settings->len > 0 && fit(clock, axis, settings, estimate);
        estimate->reason = fits ? estimate->reason : reason;
    }
    if (fits)
        allow_for_doubt(clock, axis, settings, estimate);
    g_array_free(settings, TRUE);
    return fits;
}

void mps_clock_estimate_of(mps_clock *clock, mps_clock_estimate *estimate)
{
    mps_axis axis;
    *estimate = (mps_clock_estimate){
        .steps = g_array_new(FALSE, FALSE, sizeof(mps_clock_step)),
        .path_changes = g_array_new(FALSE, FALSE, sizeof(mps_path_change)),
        .evidence = g_array_new(FALSE, FALSE, sizeof(mps_clock_evidence)),
    };
    if (!find_axis(clock, &axis)) {
        estimate->reason = "no segment matched";
        return;
    }
    estimate->base = axis.origin.y;
    estimate->by_b = axis.by_b;
    count_samples(clock, &axis, estimate);
    if (!fit_all(clock, &axis, estimate))
        return;
    mps_pieces_narrow(clock, &axis, estimate);
    for (guint i = 0; i + 1 < estimate->pieces->len; i++)
        add_step(estimate, &g_array_index(estimate->pieces, mps_piece, i),
                 &g_array_index(estimate->pieces, mps_piece, i + 1));
    note_evidence(clock, estimate);
    mps_path_changes_find(clock, &axis, estimate);
}

static void free_changes(GArray *changes)
{
    for (guint i = 0; i < changes->len; i++)
        g_array_free(g_array_index(changes, mps_path_change, i).subflows, TRUE);
    g_array_free(changes, TRUE);
}

void mps_clock_estimate_clear(mps_clock_estimate *estimate)
{
    g_clear_pointer(&estimate->steps, g_array_unref);
    g_clear_pointer(&estimate->evidence, g_array_unref);
    g_clear_pointer(&estimate->path_changes, free_changes);
    g_clear_pointer(&estimate->pieces, mps_pieces_free);
}

double mps_clock_room(mps_clock *clock)
{
    mps_axis axis;
    if (!find_axis(clock, &axis))
        return 0;
    axis.by_b = false;
    GArray *none = g_array_new(FALSE, FALSE, sizeof(mps_setting));
    GArray *hulls = mps_hulls_make(clock, &axis, none);
    GArray *pieces = mps_pieces_make(hulls, 1, clock->resolution);
    double room = is_two_way(pieces) ? mps_pieces_room(pieces) : INFINITY;
    mps_pieces_free(pieces);
    mps_hulls_free(hulls);
    g_array_free(none, TRUE);
    return room;
}

/* The piece in which a segment lies: where a clock was set meanwhile, that in which its delay is
 * the least that is possible. */
static const mps_piece *piece_of(const mps_clock_estimate *estimate, bool forward,
                                 const mps_sample *sample)
{
    const mps_axis axis = {{estimate->reference, estimate->base}, estimate->by_b};
    int64_t moment = mps_axis_moment(&axis, sample);
    const mps_piece *pieces = (const mps_piece *)estimate->pieces->data;
    guint i = 0;
    while (i + 1 < estimate->pieces->len && moment >= pieces[i + 1].likely.from)
        i++;
    if (i + 1 == estimate->pieces->len || moment <= pieces[i].likely.until)
        return &pieces[i];
    double before = mps_piece_delay(estimate, &pieces[i], forward, sample);
    double after = mps_piece_delay(estimate, &pieces[i + 1], forward, sample);
    bool first = before >= 0 ? after < 0 || before < after : after < 0 && before > after;
    return &pieces[first ? i : i + 1];
}

double mps_clock_delay(const mps_clock_estimate *estimate, bool forward, const mps_sample *sample)
{
    return mps_piece_delay(estimate, piece_of(estimate, forward, sample), forward, sample);
}

int64_t mps_clock_ahead(const mps_clock_estimate *estimate, bool forward, int64_t time_a,
                        int64_t time_b, bool with_skew)
{
    const mps_sample sample = {time_a, mps_minus(time_b, time_a)};
    const mps_piece *piece = piece_of(estimate, forward, &sample);
    double elapsed = (double)mps_minus(time_a, estimate->reference);
    double skew = with_skew ? estimate->skew : 0;
    return estimate->base + nearest_ns(piece->offset + skew * elapsed);
}

/* Can a piece hold A's time x: from when it may have begun to when it may have ended? */
static bool may_hold(const mps_clock_estimate *estimate, guint index, double x)
{
    const mps_piece *piece = &g_array_index(estimate->pieces, mps_piece, index);
    if (index > 0 && x < x_of_moment(estimate, piece, piece[-1].sure.until))
        return false;
    return index + 1 == estimate->pieces->len ||
           x <= x_of_moment(estimate, piece, piece[1].sure.from);
}

void mps_clock_bounds(const mps_clock_estimate *estimate, int64_t time_a, int64_t *low,
                      int64_t *high)
{
    double least = INFINITY, most = -INFINITY, x = (double)mps_minus(time_a, estimate->reference);
    for (unsigned all = 0; all < 2 && least > most; all++) { /* in no piece: as in any of them */
        for (guint i = 0; i < estimate->pieces->len; i++) {
            const mps_piece *piece = &g_array_index(estimate->pieces, mps_piece, i);
            double from, to;
            if (!all && !may_hold(estimate, i, x))
                continue;
            mps_piece_bounds(piece, estimate->skew_low, estimate->skew_high, x, &from, &to);
            least = fmin(least, from);
            most = fmax(most, to);
        }
    }
    *low = estimate->base + (int64_t)floor(least);
    *high = estimate->base + (int64_t)ceil(most);
}
