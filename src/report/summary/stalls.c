/* stalls.c: whether a subflow fell silent, or was closed, while the connection continued, and for
 * how long data stalled then.
 *
 * A subflow is alive until the last segment of the end that stops first. It fell silent if other
 * subflows carried new data for MPS_SILENCE_MIN or longer after that, and if it has payload that
 * TCP never acknowledged or was still open when the connection was closed.
 *
 * Data of a direction stalls from a DATA_ACK, or from the first data that this DATA_ACK does not
 * cover, until the next higher DATA_ACK.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/data_ack.h"
#include "analysis/new_data.h"
#include "base/sort.h"
#include "base/sorted.h"
#include "base/times.h"
#include "summary_internal.h"

/* A segment with new data. */
typedef struct {
    mps_moment moment; /* its `place` is the frame */
    uint64_t dsn_end;  /* end of the data sent up to then, extended */
    uint32_t subflow;  /* id */
} new_segment;

/* A time in which data was unacknowledged and DATA_ACKs did not advance. */
typedef struct {
    int64_t start, end; /* ns */
    uint32_t start_frame, end_frame;
    guint longest; /* index of the longest stall from this one on */
} data_stall;

void mps_timeline_clear(mps_timeline *timeline)
{
    for (unsigned i = 0; i < 2 && timeline->data[i]; i++) {
        g_array_free(timeline->data[i], TRUE);
        g_array_free(timeline->stalls[i], TRUE);
    }
    *timeline = (mps_timeline){{NULL, NULL}, {NULL, NULL}};
}

static GArray *new_data(const mps_tracker *tracker, uint32_t space_id)
{
    const GArray *arrivals = mps_new_data_of(tracker, space_id);
    const mps_leaps *leaps = mps_tracker_leaps(tracker);
    GArray *data = g_array_new(FALSE, FALSE, sizeof(new_segment));
    g_array_set_size(data, arrivals ? arrivals->len : 0);
    for (guint i = 0; arrivals && i < arrivals->len; i++) {
        const mps_new_data *arrival = &g_array_index(arrivals, mps_new_data, i);
        g_array_index(data, new_segment, i) = (new_segment){
            {arrival->time, mps_leaps_until(leaps, arrival->frame), arrival->frame},
            arrival->dsn_end,
            arrival->subflow,
        };
    }
    mps_sort_nearly(data, mps_moment_compare);
    for (guint i = 1; i < data->len; i++) {
        new_segment *at = &g_array_index(data, new_segment, i);
        at->dsn_end = MAX(at->dsn_end, at[-1].dsn_end);
    }
    return data;
}

static int64_t duration_of(const data_stall *stall)
{
    return mps_minus(stall->end, stall->start);
}

/* Set the member `longest` of all stalls. */
static void link_longest(GArray *stalls)
{
    for (guint i = stalls->len; i-- > 0;) {
        data_stall *stall = &g_array_index(stalls, data_stall, i), *best = stall;
        if (i + 1 < stalls->len)
            best = &g_array_index(stalls, data_stall, stall[1].longest);
        bool later = duration_of(best) > duration_of(stall);
        stall->longest = later ? stall[1].longest : i;
    }
}

/* @param data  new_segment, in order of time  @param acks  mps_data_ack, likewise
 * @return data_stall, in order of time, none across a leap of the clock; the caller frees it */
static GArray *find_stalls(const GArray *data, const GArray *acks, const mps_leaps *leaps)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(data_stall));
    const mps_data_ack *ack = (const mps_data_ack *)acks->data, *last = ack;
    guint next = 0;
    for (guint i = 1; i < acks->len; i++) {
        if (ack[i].ack == last->ack)
            continue;
        while (next < data->len && g_array_index(data, new_segment, next).dsn_end <= last->ack)
            next++;
        data_stall stall = {last->moment.time, ack[i].moment.time, last->moment.place,
                            ack[i].moment.place, 0};
        last = &ack[i];
        if (next == data->len)
            break;
        const new_segment *open = &g_array_index(data, new_segment, next);
        if (open->moment.time > stall.start) {
            stall.start = open->moment.time;
            stall.start_frame = open->moment.place;
        }
        if (!mps_leaps_between(leaps, stall.start_frame, stall.end_frame))
            g_array_append_val(found, stall);
    }
    link_longest(found);
    return found;
}

static void fill_timeline(mps_timeline *timeline, const mps_tracker *tracker, uint32_t connection)
{
    for (unsigned i = 0; i < 2 && !timeline->data[i]; i++) {
        uint32_t space_id = mps_analysis_space(tracker, connection, i);
        GArray *acks = mps_data_acks(tracker, space_id);
        timeline->data[i] = new_data(tracker, space_id);
        timeline->stalls[i] = find_stalls(timeline->data[i], acks, mps_tracker_leaps(tracker));
        g_array_free(acks, TRUE);
    }
}

static bool has_ended(const void *element, const void *key)
{
    return ((const data_stall *)element)->end <= *(const int64_t *)key;
}

/* @return the longest stall among those that end after a time, or NULL */
static const data_stall *longest_stall_since(const GArray *stalls, int64_t time)
{
    guint place = mps_sorted_place(stalls, has_ended, &time);
    if (place == stalls->len)
        return NULL;
    guint longest = g_array_index(stalls, data_stall, place).longest;
    return &g_array_index(stalls, data_stall, longest);
}

static bool is_before(const void *element, const void *key)
{
    return ((const new_segment *)element)->moment.time < *(const int64_t *)key;
}

bool mps_data_sent_between(mps_problem_search *search, uint32_t connection, int64_t from,
                           int64_t until)
{
    bool sent = false;
    fill_timeline(&search->timeline, search->tracker, connection);
    for (unsigned i = 0; i < 2; i++) {
        const GArray *data = search->timeline.data[i];
        guint place = mps_sorted_place(data, is_before, &from);
        sent = sent ||
               (place < data->len && g_array_index(data, new_segment, place).moment.time <= until);
    }
    return sent;
}

/* @return the last segment with new data on another subflow, or NULL */
static const new_segment *last_elsewhere(const GArray *data, uint32_t subflow)
{
    for (guint i = data->len; i-- > 0;)
        if (g_array_index(data, new_segment, i).subflow != subflow)
            return &g_array_index(data, new_segment, i);
    return NULL;
}

/* The silence at the end of a subflow. */
typedef struct {
    int64_t start;        /* both ends had sent segments until then, ns */
    uint32_t frame;       /* last one of the end that stopped first */
    int64_t continuation; /* for how long after that other subflows carried new data, ns */
} silence;

/* @return for how long other subflows carried new data after a time, ns */
static int64_t continuation(mps_problem_search *search, const mps_summary_subflow *subflow,
                            int64_t since)
{
    int64_t longest = 0;
    if (mps_minus(subflow->connection.end, since) < MPS_SILENCE_MIN)
        return 0;
    fill_timeline(&search->timeline, search->tracker, subflow->info.connection);
    for (unsigned i = 0; i < 2; i++) {
        const new_segment *last = last_elsewhere(search->timeline.data[i], subflow->info.id);
        longest = MAX(longest, last ? mps_minus(last->moment.time, since) : 0);
    }
    return longest;
}

static silence find_silence(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    const mps_half_milestones *milestones = subflow->milestones;
    mps_direction first_to_stop =
        milestones[0].last_time <= milestones[1].last_time ? MPS_C2S : MPS_S2C;
    silence quiet = {.start = milestones[first_to_stop].last_time,
                     .frame = milestones[first_to_stop].last_frame};
    quiet.continuation = continuation(search, subflow, quiet.start);
    return quiet;
}

/* Whether TCP left payload unacknowledged, or the connection was closed and the subflow was not. */
static bool was_abandoned(const mps_tracker *tracker, const mps_summary_subflow *subflow)
{
    mps_connection_state state = subflow->connection.state;
    if (mps_milestones_unacked(tracker, 2 * subflow->info.id) > 0 ||
        mps_milestones_unacked(tracker, 2 * subflow->info.id + 1) > 0)
        return true;
    return subflow->info.state == MPS_SUBFLOW_OPEN &&
           (state == MPS_CONNECTION_CLOSED || state == MPS_CONNECTION_FASTCLOSED);
}

/* @return the longest stall of both directions that ends after a time, in words; "" if there is
 * none. To be freed with g_free() */
static char *stall_text(const mps_timeline *timeline, int64_t since)
{
    const data_stall *longest = NULL;
    mps_direction direction = MPS_C2S;
    for (unsigned i = 0; i < 2; i++) {
        const data_stall *stall = longest_stall_since(timeline->stalls[i], since);
        if (stall && (!longest || duration_of(stall) > duration_of(longest))) {
            longest = stall;
            direction = i;
        }
    }
    if (!longest)
        return g_strdup("");
    char length[MPS_DECIMAL_MAX];
    return g_strdup_printf("; the %s's data stalled for up to %s s (no new DATA_ACK between "
                           "frames %u and %u)",
                           mps_direction_sender(direction),
                           mps_seconds(length, duration_of(longest)), longest->start_frame,
                           longest->end_frame);
}

char *mps_continuation_text(mps_problem_search *search, const mps_summary_subflow *subflow,
                            int64_t since)
{
    char length[MPS_DECIMAL_MAX];
    int64_t ns = continuation(search, subflow, since);
    if (ns < MPS_SILENCE_MIN)
        return g_strdup("");
    char *stall = stall_text(&search->timeline, since);
    char *text =
        g_strdup_printf("; the connection continued for %s s%s", mps_seconds(length, ns), stall);
    g_free(stall);
    return text;
}

static void add_silence(mps_problem_search *search, const mps_summary_subflow *subflow,
                        const silence *quiet)
{
    char at[MPS_DECIMAL_MAX];
    char *rest = mps_continuation_text(search, subflow, quiet->start);
    mps_problem_add(search, MPS_PROBLEM_SILENT, MPS_WARNING, subflow->info.connection,
                    subflow->info.number, quiet->frame, "fell silent at %s s%s",
                    mps_seconds(at, mps_minus(quiet->start, subflow->connection.start)), rest);
    g_free(rest);
}

static void add_left(mps_problem_search *search, const mps_summary_subflow *subflow,
                     const silence *quiet)
{
    const mps_half_milestones *milestones = subflow->milestones;
    char length[MPS_DECIMAL_MAX];
    mps_problem_add(search, MPS_PROBLEM_LEFT, MPS_NOTE, subflow->info.connection,
                    subflow->info.number, MIN(milestones[0].fin, milestones[1].fin),
                    "closed while the connection continued for %s s on other subflows",
                    mps_seconds(length, quiet->continuation));
}

/* Whether an RST ended the subflow before or soon after the silence began: then the problem "reset"
 * describes it. */
static bool was_reset(const mps_summary_subflow *subflow, const silence *quiet)
{
    const mps_half_milestones *milestones = subflow->milestones;
    return (milestones[0].rst > 0 &&
            mps_minus(milestones[0].rst_time, quiet->start) < MPS_SILENCE_MIN) ||
           (milestones[1].rst > 0 &&
            mps_minus(milestones[1].rst_time, quiet->start) < MPS_SILENCE_MIN);
}

void mps_search_silence(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    const mps_half_milestones *milestones = subflow->milestones;
    if (!subflow->accepted || !subflow->has_payload || milestones[0].segments == 0 ||
        milestones[1].segments == 0)
        return;
    silence quiet = find_silence(search, subflow);
    if (quiet.continuation < MPS_SILENCE_MIN || was_reset(subflow, &quiet))
        return;
    if (subflow->info.state == MPS_SUBFLOW_CLOSED)
        add_left(search, subflow, &quiet);
    else if (was_abandoned(search->tracker, subflow))
        add_silence(search, subflow, &quiet);
}
