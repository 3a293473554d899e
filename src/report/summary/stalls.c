/* stalls.c: whether a subflow fell silent, or was closed, while the connection went on.
 *
 * A subflow was alive as long as both ends were heard on it. It fell silent if from then on, for
 * MPS_SILENCE or more, other subflows carried new data, and it ends with payload that was not
 * acknowledged, or was left open when the connection was closed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/data_ack.h"
#include "analysis/new_data.h"
#include "base/sorted.h"
#include "summary_internal.h"

/* A segment with new data. */
typedef struct {
    int64_t time;
    uint64_t top;            /* the highest number sent until then, inside */
    uint32_t frame, subflow; /* subflow: id */
} moment;

/* From when there was data to acknowledge until DATA_ACKs went on. */
typedef struct {
    int64_t start, end;
    uint32_t start_frame, end_frame;
    guint longest; /* index of the longest one from this on */
} standstill;

void mps_timeline_clear(mps_timeline *timeline)
{
    for (unsigned i = 0; i < 2 && timeline->data[i]; i++) {
        g_array_free(timeline->data[i], TRUE);
        g_array_free(timeline->standstills[i], TRUE);
    }
    *timeline = (mps_timeline){{NULL, NULL}, {NULL, NULL}};
}

static gint by_time(gconstpointer a, gconstpointer b)
{
    const moment *x = a, *y = b;
    if (x->time != y->time)
        return x->time > y->time ? 1 : -1;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

static GArray *new_data(const mps_tracker *tracker, uint32_t space_id)
{
    const GArray *arrivals = mps_new_data_of(tracker, space_id);
    GArray *data = g_array_new(FALSE, FALSE, sizeof(moment));
    for (guint i = 0; arrivals && i < arrivals->len; i++) {
        const mps_new_data *arrival = &g_array_index(arrivals, mps_new_data, i);
        moment at = {arrival->time, arrival->dsn_end, arrival->frame, arrival->subflow};
        g_array_append_val(data, at);
    }
    g_array_sort(data, by_time);
    for (guint i = 1; i < data->len; i++) {
        moment *at = &g_array_index(data, moment, i);
        at->top = MAX(at->top, at[-1].top);
    }
    return data;
}

/* Between two DATA_ACKs data stood still from the first one on, or from when there was data that it
 * does not cover. */
static GArray *standstills_of(const GArray *data, const GArray *acks)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(standstill));
    const mps_data_ack *ack = (const mps_data_ack *)acks->data, *last = ack;
    guint next = 0;
    for (guint i = 1; i < acks->len; i++) {
        if (ack[i].ack == last->ack)
            continue;
        while (next < data->len && g_array_index(data, moment, next).top <= last->ack)
            next++;
        standstill still = {last->time, ack[i].time, last->frame, ack[i].frame, 0};
        last = &ack[i];
        if (next == data->len)
            break;
        const moment *open = &g_array_index(data, moment, next);
        if (open->time > still.start) {
            still.start = open->time;
            still.start_frame = open->frame;
        }
        g_array_append_val(found, still);
    }
    for (guint i = found->len; i-- > 0;) {
        standstill *still = &g_array_index(found, standstill, i), *best = still;
        if (i + 1 < found->len)
            best = &g_array_index(found, standstill, still[1].longest);
        bool later = best->end - best->start > still->end - still->start;
        still->longest = later ? still[1].longest : i;
    }
    return found;
}

static void fill_timeline(mps_timeline *timeline, const mps_tracker *tracker, uint32_t connection)
{
    for (unsigned i = 0; i < 2 && !timeline->data[i]; i++) {
        uint32_t space_id = mps_analysis_space(tracker, connection, i);
        GArray *acks = mps_data_acks(tracker, space_id);
        timeline->data[i] = new_data(tracker, space_id);
        timeline->standstills[i] = standstills_of(timeline->data[i], acks);
        g_array_free(acks, TRUE);
    }
}

static bool is_over(const void *element, const void *key)
{
    return ((const standstill *)element)->end <= *(const int64_t *)key;
}

/* The longest standstill that lasted until after a time, or NULL. */
static const standstill *longest_since(const GArray *standstills, int64_t time)
{
    guint place = mps_sorted_place(standstills, is_over, &time);
    if (place == standstills->len)
        return NULL;
    guint longest = g_array_index(standstills, standstill, place).longest;
    return &g_array_index(standstills, standstill, longest);
}

/* The last moment of new data on another subflow, or NULL. */
static const moment *last_elsewhere(const GArray *data, uint32_t subflow)
{
    for (guint i = data->len; i-- > 0;)
        if (g_array_index(data, moment, i).subflow != subflow)
            return &g_array_index(data, moment, i);
    return NULL;
}

static char *seconds(int64_t ns)
{
    char text[MPS_DECIMAL_MAX];
    return g_strdup(mps_decimal(text, (double)ns / 1e9, 3));
}

/* What is known of the end of a subflow's life. */
typedef struct {
    int64_t alive;   /* both ends were heard until then */
    uint32_t frame;  /* the last of the end that was not heard any more */
    int64_t went_on; /* for how long other subflows carried new data */
} silence;

/* For how long new data came on other subflows after a time. */
static int64_t went_on(mps_problem_search *search, const mps_summary_subflow *subflow,
                       int64_t since)
{
    int64_t longest = 0;
    if (subflow->connection.end - since < MPS_SILENCE)
        return 0;
    fill_timeline(&search->timeline, search->tracker, subflow->info.connection);
    for (unsigned i = 0; i < 2; i++) {
        const moment *last = last_elsewhere(search->timeline.data[i], subflow->info.id);
        longest = MAX(longest, last ? last->time - since : 0);
    }
    return longest;
}

static silence look(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    const mps_half_milestones *course = subflow->course;
    mps_direction gone = course[0].last_time <= course[1].last_time ? MPS_C2S : MPS_S2C;
    silence quiet = {.alive = course[gone].last_time, .frame = course[gone].last_frame};
    quiet.went_on = went_on(search, subflow, quiet.alive);
    return quiet;
}

static bool left_hanging(const mps_tracker *tracker, const mps_summary_subflow *subflow)
{
    mps_connection_state state = subflow->connection.state;
    if (mps_milestones_unacked(tracker, 2 * subflow->info.id) > 0 ||
        mps_milestones_unacked(tracker, 2 * subflow->info.id + 1) > 0)
        return true;
    return subflow->info.state == MPS_SUBFLOW_OPEN &&
           (state == MPS_CONNECTION_CLOSED || state == MPS_CONNECTION_FASTCLOSED);
}

/* The worst standstill since then, of either direction, in words; "" if there is none. */
static char *standstill_text(const mps_timeline *timeline, int64_t since)
{
    const standstill *worst = NULL;
    mps_direction direction = MPS_C2S;
    for (unsigned i = 0; i < 2; i++) {
        const standstill *still = longest_since(timeline->standstills[i], since);
        if (still && (!worst || still->end - still->start > worst->end - worst->start)) {
            worst = still;
            direction = i;
        }
    }
    if (!worst)
        return g_strdup("");
    char *length = seconds(worst->end - worst->start);
    char *text =
        g_strdup_printf("; the %s's data stood still for %s s at worst (no new DATA_ACK "
                        "between frames %u and %u)",
                        mps_sender_name(direction), length, worst->start_frame, worst->end_frame);
    g_free(length);
    return text;
}

char *mps_went_on_text(mps_problem_search *search, const mps_summary_subflow *subflow,
                       int64_t since)
{
    int64_t on = went_on(search, subflow, since);
    if (on < MPS_SILENCE)
        return g_strdup("");
    char *length = seconds(on), *gap = standstill_text(&search->timeline, since);
    char *text = g_strdup_printf("; the connection went on for %s s%s", length, gap);
    g_free(length);
    g_free(gap);
    return text;
}

static void tell_silence(mps_problem_search *search, const mps_summary_subflow *subflow,
                         const silence *quiet)
{
    char *at = seconds(quiet->alive - subflow->connection.start);
    char *rest = mps_went_on_text(search, subflow, quiet->alive);
    mps_problem_add(search, MPS_PROBLEM_SILENT, MPS_WARNING, subflow->info.connection,
                    subflow->info.number, quiet->frame, "fell silent at %s s%s", at, rest);
    g_free(at);
    g_free(rest);
}

static void tell_left(mps_problem_search *search, const mps_summary_subflow *subflow,
                      const silence *quiet)
{
    const mps_half_milestones *course = subflow->course;
    char *on = seconds(quiet->went_on);
    mps_problem_add(search, MPS_PROBLEM_LEFT, MPS_NOTE, subflow->info.connection,
                    subflow->info.number, MIN(course[0].fin, course[1].fin),
                    "closed while the connection went on for %s s on others", on);
    g_free(on);
}

/* An RST that came while the subflow was alive says more than the silence behind it. */
static bool reset_alive(const mps_summary_subflow *subflow, const silence *quiet)
{
    const mps_half_milestones *course = subflow->course;
    return (course[0].rst > 0 && course[0].rst_time - quiet->alive < MPS_SILENCE) ||
           (course[1].rst > 0 && course[1].rst_time - quiet->alive < MPS_SILENCE);
}

void mps_search_silence(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    const mps_half_milestones *course = subflow->course;
    if (!subflow->accepted || !subflow->carried || course[0].segments == 0 ||
        course[1].segments == 0)
        return;
    silence quiet = look(search, subflow);
    if (quiet.went_on < MPS_SILENCE || reset_alive(subflow, &quiet))
        return;
    if (subflow->info.state == MPS_SUBFLOW_CLOSED)
        tell_left(search, subflow, &quiet);
    else if (left_hanging(search->tracker, subflow))
        tell_silence(search, subflow, &quiet);
}
