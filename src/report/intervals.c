/* intervals.c: sorts segments into intervals per subflow; intervals.h describes it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "intervals.h"
#include "base/sorted.h"
#include "progress.h"

typedef struct {
    bool begun;       /* `now` is valid */
    bool open;        /* `now` is the current interval */
    mps_interval now; /* the last interval with segments */
} mps_open_interval;

/* One direction, on a subflow or at data level. */
typedef struct {
    mps_progress progress;
    GArray *marks; /* mps_mark for each interval with a change; NULL: none */
} mps_level;

struct mps_intervals {
    int64_t length, origin;
    int64_t current;         /* index of the interval that is not over */
    GArray *subflows;        /* mps_open_interval, by id */
    GArray *open;            /* ids of those with segments in the current interval */
    GArray *done;            /* mps_interval */
    GArray *halves, *spaces; /* mps_level, by half_id and space_id */
    uint32_t filled;         /* rows made for intervals without a segment */
    bool leapt;              /* the clock */
};

static void free_progress(gpointer data)
{
    const mps_level *progress = data;
    if (progress->marks)
        g_array_free(progress->marks, TRUE);
}

static GArray *new_progress(void)
{
    GArray *array = g_array_new(FALSE, TRUE, sizeof(mps_level));
    g_array_set_clear_func(array, free_progress);
    return array;
}

mps_intervals *mps_intervals_new(int64_t length)
{
    mps_intervals *intervals = g_new0(mps_intervals, 1);
    intervals->length = length;
    intervals->current = INT64_MIN;
    intervals->subflows = g_array_new(FALSE, TRUE, sizeof(mps_open_interval));
    intervals->open = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    intervals->done = g_array_new(FALSE, FALSE, sizeof(mps_interval));
    intervals->halves = new_progress();
    intervals->spaces = new_progress();
    return intervals;
}

void mps_intervals_free(mps_intervals *intervals)
{
    if (!intervals)
        return;
    g_array_free(intervals->subflows, TRUE);
    g_array_free(intervals->open, TRUE);
    g_array_free(intervals->done, TRUE);
    g_array_free(intervals->halves, TRUE);
    g_array_free(intervals->spaces, TRUE);
    g_free(intervals);
}

void mps_intervals_begin(mps_intervals *intervals, int64_t time)
{
    intervals->origin = time;
}

/* @return the index of the interval that contains a time. Times may be more than 2^63 ns apart. */
static int64_t index_of(const mps_intervals *intervals, int64_t time)
{
    uint64_t since = (uint64_t)time - (uint64_t)intervals->origin;
    uint64_t length = (uint64_t)intervals->length;
    if (time >= intervals->origin)
        return (int64_t)MIN(since / length, (uint64_t)INT64_MAX);
    return -(int64_t)MIN((-since - 1) / length, (uint64_t)INT64_MAX - 1) - 1;
}

int64_t mps_intervals_start(const mps_intervals *intervals, int64_t index)
{
    uint64_t since = (uint64_t)index * (uint64_t)intervals->length;
    return (int64_t)((uint64_t)intervals->origin + since);
}

/* @return the mark of the current interval. A new one begins with the values of the one before. */
static mps_mark *current_mark(const mps_intervals *intervals, mps_level *progress)
{
    mps_mark next = {intervals->current, MPS_NONE, MPS_NONE, MPS_NONE};
    if (!progress->marks)
        progress->marks = g_array_new(FALSE, FALSE, sizeof(mps_mark));
    GArray *marks = progress->marks;
    if (marks->len > 0) {
        mps_mark *last = &g_array_index(marks, mps_mark, marks->len - 1);
        if (last->index == intervals->current)
            return last;
        next.flight = next.flight_max = last->flight;
        next.window = last->window;
    }
    g_array_append_val(marks, next);
    return &g_array_index(marks, mps_mark, marks->len - 1);
}

/* Note what is in flight now. @param known  false: it is not known, as there are no DATA_ACKs
 * @return the current mark */
static mps_mark *note_flight(const mps_intervals *intervals, mps_level *progress, bool known)
{
    mps_mark *mark = current_mark(intervals, progress);
    mark->flight = known ? mps_progress_flight(&progress->progress) : MPS_NONE;
    if (mark->flight != MPS_NONE &&
        (mark->flight_max == MPS_NONE || mark->flight > mark->flight_max))
        mark->flight_max = mark->flight;
    return mark;
}

/* Note the progress that a segment makes. @param own_id  of its sender's direction
 * @return the current mark of the other direction */
static mps_mark *note_step(mps_intervals *intervals, GArray *level, uint32_t own_id,
                           uint32_t other_id, const mps_series_progress *step, bool known)
{
    mps_analysis_slot(level, MAX(own_id, other_id));
    mps_level *own = &g_array_index(level, mps_level, own_id);
    mps_level *other = &g_array_index(level, mps_level, other_id);
    if (step->has_acked)
        mps_progress_acked(&other->progress, step->acked);
    mps_progress_sent(&own->progress, step);
    note_flight(intervals, own, known);
    return note_flight(intervals, other, known);
}

/* Note what a segment changes on its subflow and at data level. */
static void note_state(mps_intervals *intervals, const mps_series_item *item)
{
    mps_mark *other = note_step(intervals, intervals->halves, item->half_id, item->half_id ^ 1,
                                &item->subflow, true);
    if (item->window != MPS_NONE)
        other->window = item->window;
    note_step(intervals, intervals->spaces, item->space_id[0], item->space_id[1], &item->data_step,
              item->data_level);
}

/* End the intervals that are open. */
static void close_open(mps_intervals *intervals)
{
    for (guint i = 0; i < intervals->open->len; i++) {
        uint32_t id = g_array_index(intervals->open, uint32_t, i);
        mps_open_interval *subflow = &g_array_index(intervals->subflows, mps_open_interval, id);
        subflow->open = false;
        g_array_append_val(intervals->done, subflow->now);
    }
    g_array_set_size(intervals->open, 0);
}

/* Add the intervals without a segment since the last one with segments, within bounds. */
static void fill_gap(mps_intervals *intervals, const mps_interval *before)
{
    mps_interval empty = {.index = before->index + 1, .subflow = before->subflow};
    uint64_t count = (uint64_t)intervals->current - (uint64_t)empty.index;
    if (count > MPS_INTERVAL_GAP_MAX || intervals->filled + count > MPS_INTERVAL_FILLED_MAX)
        return;
    intervals->filled += (uint32_t)count;
    for (; empty.index < intervals->current; empty.index++)
        g_array_append_val(intervals->done, empty);
}

/* @return the current interval of a subflow, which is opened if it has no segment yet. */
static mps_open_interval *open_interval(mps_intervals *intervals, uint32_t id)
{
    mps_open_interval *subflow = mps_analysis_slot(intervals->subflows, id);
    if (subflow->open)
        return subflow;
    if (subflow->begun)
        fill_gap(intervals, &subflow->now);
    subflow->begun = subflow->open = true;
    subflow->now = (mps_interval){.index = intervals->current, .subflow = id};
    g_array_append_val(intervals->open, id);
    return subflow;
}

static void count(mps_interval *interval, const mps_series_item *item)
{
    mps_interval_counts *own = &interval->counts[item->half_id & 1];
    mps_interval_counts *other = &interval->counts[!(item->half_id & 1)];
    own->segments++;
    own->bytes += item->length;
    own->data += item->data;
    own->retransmitted += item->retransmitted;
    own->reinjected += item->reinjected;
    if (item->rtt != MPS_NO_RTT) {
        other->rtts++;
        other->rtt_sum += (double)item->rtt;
    }
}

void mps_intervals_take(mps_intervals *intervals, const mps_series_item *item, bool passed)
{
    int64_t index = index_of(intervals, item->time);
    if (index > intervals->current) {
        close_open(intervals);
        intervals->current = index;
    }
    note_state(intervals, item);
    if (passed)
        count(&open_interval(intervals, item->half_id / 2)->now, item);
}

void mps_intervals_end(mps_intervals *intervals)
{
    close_open(intervals);
}

/* Keep only what holds now: later marks may have any index. */
static void begin_marks(const GArray *level)
{
    for (guint i = 0; i < level->len; i++) {
        GArray *marks = g_array_index(level, mps_level, i).marks;
        if (!marks || marks->len == 0)
            continue;
        mps_mark last = g_array_index(marks, mps_mark, marks->len - 1);
        last.index = INT64_MIN;
        g_array_set_size(marks, 0);
        g_array_append_val(marks, last);
    }
}

void mps_intervals_leap(mps_intervals *intervals)
{
    close_open(intervals);
    begin_marks(intervals->halves);
    begin_marks(intervals->spaces);
    for (guint i = 0; i < intervals->subflows->len; i++)
        g_array_index(intervals->subflows, mps_open_interval, i).begun = false;
    intervals->current = INT64_MIN;
    intervals->leapt = true;
}

bool mps_intervals_leapt(const mps_intervals *intervals)
{
    return intervals->leapt;
}

GArray *mps_intervals_done(mps_intervals *intervals)
{
    GArray *done = intervals->done;
    intervals->done = g_array_new(FALSE, FALSE, sizeof(mps_interval));
    return done;
}

static bool is_up_to(const void *element, const void *key)
{
    return ((const mps_mark *)element)->index <= *(const int64_t *)key;
}

/* @return what held at the end of an interval. Without a mark of its own that is the last one
 * before. */
static mps_mark find_mark(const GArray *level, uint32_t id, int64_t index)
{
    const mps_mark unknown = {index, MPS_NONE, MPS_NONE, MPS_NONE};
    if (id >= level->len)
        return unknown;
    const GArray *own = g_array_index(level, mps_level, id).marks;
    guint place = mps_sorted_place(own, is_up_to, &index);
    if (place == 0)
        return unknown;
    mps_mark mark = g_array_index(own, mps_mark, place - 1);
    if (mark.index != index)
        mark.flight_max = mark.flight;
    return mark;
}

mps_mark mps_intervals_half(const mps_intervals *intervals, uint32_t half_id, int64_t index)
{
    return find_mark(intervals->halves, half_id, index);
}

mps_mark mps_intervals_space(const mps_intervals *intervals, uint32_t space_id, int64_t index)
{
    return find_mark(intervals->spaces, space_id, index);
}
