/* problems.c: what looks wrong: the list of problems; those of connections and of single events.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/checksum.h"
#include "analysis/events.h"
#include "analysis/hmac.h"
#include "base/times.h"
#include "summary_internal.h"
#include <string.h>

void mps_problem_add(mps_problem_search *search, mps_problem_kind kind, mps_severity severity,
                     uint32_t connection, uint32_t subflow, uint32_t frame, const char *format, ...)
{
    va_list values;
    if (!mps_report_passed(search->report, frame))
        return;
    mps_problem problem = {
        .kind = kind,
        .severity = severity,
        .connection = connection,
        .subflow = subflow,
        .frame = frame,
        .count = 1,
    };
    va_start(values, format);
    problem.text = g_strdup_vprintf(format, values);
    va_end(values);
    g_array_append_val(search->found, problem);
}

/* An event that is examined. */
typedef struct {
    mps_problem_search *search;
    const mps_event *event;
    uint32_t connection, subflow; /* numbers */
    mps_direction direction;      /* of the segment that carries it */
} examined_event;

static void check_hmac(const examined_event *at)
{
    const mps_option option = mps_event_option(at->search->tracker, at->event);
    mps_check check =
        mps_hmac_check(at->search->tracker, at->event->subflow, at->event->half, &option);
    if (check == MPS_CHECK_BAD)
        mps_problem_add(at->search, MPS_PROBLEM_BAD_HMAC, MPS_WARNING, at->connection, at->subflow,
                        at->event->frame,
                        "wrong HMAC in the %s's %s: forged, or changed on the path",
                        mps_direction_sender(at->direction), mps_subtype_name(option.subtype));
    else if (check == MPS_CHECK_LEFTMOST)
        mps_problem_add(at->search, MPS_PROBLEM_LEFTMOST_HMAC, MPS_WARNING, at->connection,
                        at->subflow, at->event->frame,
                        "the %s's ADD_ADDR has the leftmost bytes of the right HMAC, not the "
                        "rightmost ones, as early versions of Linux sent it: other hosts ignore it",
                        mps_direction_sender(at->direction));
}

/* Both directions of a connection. */
typedef struct {
    mps_data_milestones of[2];
} known_data;

mps_data_milestones mps_search_data(mps_problem_search *search, uint32_t connection,
                                    mps_direction direction)
{
    const known_data *found = mps_sparse_find(search->data, connection);
    if (!found) {
        known_data *made = mps_sparse_at(search->data, connection);
        for (unsigned i = 0; i < 2; i++)
            made->of[i] = mps_milestones_of_data(search->tracker, connection, i);
        found = made;
    }
    return found->of[direction];
}

static void check_fastclose(const examined_event *at)
{
    const mps_ending *ending = mps_ending_of(at->search->endings, at->connection);
    uint64_t unacked[2];
    if (at->event->frame != ending->fastclose)
        return;
    for (unsigned i = 0; i < 2; i++)
        unacked[i] = mps_search_data(at->search, at->connection, i).unacked;
    if (unacked[0] + unacked[1] == 0)
        mps_problem_add(
            at->search, MPS_PROBLEM_FASTCLOSE, MPS_NOTE, at->connection, MPS_NONE, at->event->frame,
            "the %s aborted the connection with MP_FASTCLOSE; no data was unacknowledged",
            mps_direction_sender(at->direction));
    else
        mps_problem_add(
            at->search, MPS_PROBLEM_FASTCLOSE, MPS_WARNING, at->connection, MPS_NONE,
            at->event->frame,
            "the %s aborted the connection with MP_FASTCLOSE; not acknowledged: %" G_GUINT64_FORMAT
            " bytes from the client, %" G_GUINT64_FORMAT " from the server",
            mps_direction_sender(at->direction), unacked[0], unacked[1]);
}

/* Who receives MP_FAIL answers with MP_FAIL (RFC 8684 section 3.7): that says nothing about its own
 * data. */
static void check_mp_fail(const examined_event *at)
{
    const mps_ending *ending = mps_ending_of(at->search->endings, at->connection);
    uint32_t other = ending->mp_fail[!at->direction];
    if (other == 0 || other > ending->mp_fail[at->direction])
        mps_problem_add(at->search, MPS_PROBLEM_MP_FAIL, MPS_WARNING, at->connection, at->subflow,
                        at->event->frame, "MP_FAIL: the %s received data with a wrong DSS checksum",
                        mps_direction_sender(at->direction));
}

static void check_option(const examined_event *at)
{
    switch (at->event->subtype) {
    case MPS_MP_JOIN:
    case MPS_ADD_ADDR:
        check_hmac(at);
        break;
    case MPS_MP_FAIL:
        check_mp_fail(at);
        break;
    case MPS_MP_FASTCLOSE:
        check_fastclose(at);
        break;
    default:
        break;
    }
}

/* If the responder never sent an MPTCP option after its SYN/ACK, it may not have got the third ACK.
 */
static const char *cause_of(const mps_tracker *tracker, const mps_event *event)
{
    const mps_flow *flow = mps_tracker_flow(tracker, event->subflow);
    bool answered = flow->half[1]->sent_mptcp_after_syn;
    return event->fallback == MPS_FALLBACK_OPTIONS_VANISHED && !answered
               ? "the path removes the options from later segments, or lost the third ACK and the "
                 "first data"
               : mps_fallback_cause(event->fallback);
}

static void search_events(mps_problem_search *search)
{
    const GArray *events = mps_events(search->tracker);
    for (guint i = 0; events && i < events->len; i++) {
        examined_event at = {.search = search, .event = &g_array_index(events, mps_event, i)};
        mps_fallback reason = at.event->fallback;
        mps_tracker_numbers(search->tracker, at.event->subflow, &at.connection, &at.subflow);
        at.direction = mps_tracker_direction(search->tracker, at.event->subflow, at.event->half);
        if (!mps_report_wants(search->report, at.connection))
            continue;
        if (reason)
            mps_problem_add(search, MPS_PROBLEM_FALLBACK, MPS_WARNING, at.connection, at.subflow,
                            at.event->frame, "fell back to plain TCP: %s; usual cause: %s",
                            mps_fallback_reason(reason), cause_of(search->tracker, at.event));
        else
            check_option(&at);
    }
}

static void search_checksums(mps_problem_search *search)
{
    const GArray *mappings = mps_checked_mappings(search->tracker);
    for (guint i = 0; mappings && i < mappings->len; i++) {
        const mps_checked_mapping *mapping = &g_array_index(mappings, mps_checked_mapping, i);
        uint32_t connection, subflow;
        mps_tracker_numbers(search->tracker, mapping->subflow, &connection, &subflow);
        if (mapping->status == MPS_CHECK_BAD && mps_report_wants(search->report, connection))
            mps_problem_add(search, MPS_PROBLEM_BAD_CHECKSUM, MPS_WARNING, connection, subflow,
                            mapping->checked_frame,
                            "wrong DSS checksum: payload or mapping was changed on the path");
    }
}

static void search_data(mps_problem_search *search, const mps_connection_info *info)
{
    for (unsigned i = 0; i < 2; i++) {
        const mps_data_milestones data = mps_milestones_of_data(search->tracker, info->number, i);
        if (data.unseen > 0)
            mps_problem_add(
                search, MPS_PROBLEM_DATA_MISSING, MPS_NOTE, info->number, MPS_NONE,
                data.unseen_acks,
                "DATA_ACK for data from the %s that is not in the capture (%" G_GUINT64_FORMAT
                " bytes in total)",
                mps_direction_sender(i), data.unseen);
    }
}

/* @return the frame of the connection's latest segment */
static uint32_t last_frame(const mps_tracker *tracker, const mps_connection_info *info)
{
    mps_half_milestones last = {0};
    for (uint32_t i = 0; i < 2 * info->subflow_count; i++) {
        uint32_t id = mps_tracker_subflow_id(tracker, info->number, i / 2);
        mps_half_milestones half = mps_milestones_of_half(tracker, 2 * id + i % 2);
        if (half.segments > 0 && (last.segments == 0 || half.last_time >= last.last_time))
            last = half;
    }
    return last.last_frame;
}

/* @return the first frame of the connection that is known to come after a leap, and is in the
 * report: the leap itself can be at a segment of another connection */
static uint32_t frame_after(const mps_report *report, const GArray *subflows, uint32_t leap)
{
    uint32_t after = UINT32_MAX;
    if (mps_report_passed(report, leap))
        return leap;
    for (guint i = 0; i < 2 * subflows->len; i++) {
        const mps_half_milestones *half =
            &g_array_index(subflows, mps_summary_subflow, i / 2).milestones[i % 2];
        const uint32_t frames[] = {half->first_frame, half->last_frame};
        for (unsigned k = 0; k < G_N_ELEMENTS(frames); k++)
            if (frames[k] >= leap && mps_report_passed(report, frames[k]))
                after = MIN(after, frames[k]);
    }
    return after;
}

/* The clock of the capture leapt: what is measured across the leap is wrong. */
static void find_leap(mps_problem_search *search, const mps_connection_info *info,
                      const GArray *subflows)
{
    char text[MPS_DECIMAL_MAX];
    const mps_leap *leap = mps_tracker_leap_of(search->tracker, info->number);
    if (leap)
        mps_problem_add(search, MPS_PROBLEM_TIME_LEAP, MPS_WARNING, info->number, MPS_NONE,
                        frame_after(search->report, subflows, leap->frame),
                        "times leap %s by %s s: the clock was set; times and rates across this "
                        "frame are not right",
                        leap->step < 0 ? "back" : "forward",
                        mps_seconds(text, mps_apart(leap->step, 0)));
}

static void find_no_data_fin(mps_problem_search *search, const mps_connection_info *info,
                             const mps_ending *ending)
{
    if (info->state != MPS_CONNECTION_CLOSED || (ending->fin[0] > 0 && ending->fin[1] > 0))
        return;
    if (ending->fin[0] + ending->fin[1] == 0)
        mps_problem_add(search, MPS_PROBLEM_NO_DATA_FIN, MPS_NOTE, info->number, MPS_NONE,
                        last_frame(search->tracker, info), "closed without a DATA_FIN");
    else
        mps_problem_add(search, MPS_PROBLEM_NO_DATA_FIN, MPS_NOTE, info->number, MPS_NONE,
                        last_frame(search->tracker, info), "closed without a DATA_FIN from the %s",
                        mps_direction_sender(ending->fin[MPS_C2S] > 0 ? MPS_S2C : MPS_C2S));
}

static void search_connection_level(mps_problem_search *search, const mps_connection_info *info,
                                    bool joined_only)
{
    const mps_ending *ending = mps_ending_of(search->endings, info->number);
    search_data(search, info);
    find_no_data_fin(search, info, ending);
    if (joined_only)
        mps_problem_add(search, MPS_PROBLEM_HANDSHAKE_MISSING, MPS_NOTE, info->number, MPS_NONE,
                        info->frame,
                        "the initial subflow is not in the capture; client and server are those of "
                        "the first captured subflow");
    if (info->state == MPS_CONNECTION_OPEN && info->accepted > 0) {
        char *text = mps_ending_text(search->tracker, info, ending);
        mps_problem_add(search, MPS_PROBLEM_OPEN, MPS_NOTE, info->number, MPS_NONE,
                        last_frame(search->tracker, info), "%s", text);
        g_free(text);
    }
}

static void search_connection(mps_problem_search *search, uint32_t number)
{
    mps_connection_info info;
    GArray *subflows = g_array_new(FALSE, FALSE, sizeof(mps_summary_subflow));
    bool joined_only = true;
    mps_tracker_connection(search->tracker, number, &info);
    search->has_payload = false;
    for (uint32_t i = 0; i < info.subflow_count; i++) {
        mps_summary_subflow subflow =
            mps_summary_subflow_of(search->report, search->tracker, &info, i);
        joined_only = joined_only && subflow.info.initial == 0;
        search->has_payload = search->has_payload || subflow.has_payload;
        g_array_append_val(subflows, subflow);
    }
    for (guint i = 0; i < subflows->len; i++) {
        const mps_summary_subflow *subflow = &g_array_index(subflows, mps_summary_subflow, i);
        mps_search_subflow(search, subflow);
        mps_search_silence(search, subflow);
    }
    search_connection_level(search, &info, joined_only);
    find_leap(search, &info, subflows);
    mps_timeline_clear(&search->timeline);
    g_array_free(subflows, TRUE);
}

static gint compare_numbers(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static gint compare_connections(gconstpointer a, gconstpointer b)
{
    return compare_numbers(((const mps_problem *)a)->connection,
                           ((const mps_problem *)b)->connection);
}

/* Of two problems of a connection. */
static gint compare_texts(gconstpointer a, gconstpointer b)
{
    const mps_problem *x = a, *y = b;
    gint order = compare_numbers(x->subflow, y->subflow);
    if (order == 0)
        order = strcmp(x->text, y->text);
    return order ? order : compare_numbers(x->frame, y->frame);
}

static gint compare_frames(gconstpointer a, gconstpointer b)
{
    return compare_numbers(((const mps_problem *)a)->frame, ((const mps_problem *)b)->frame);
}

static void free_text(gpointer problem)
{
    g_free(((mps_problem *)problem)->text);
}

/* Merge problems with the same sentence about the same subflow: one remains, with the first frame.
 * @param found  of one connection; freed  @return problems; the caller frees them */
static GArray *merge_repeated(GArray *found)
{
    GArray *merged = g_array_new(FALSE, FALSE, sizeof(mps_problem));
    g_array_set_clear_func(merged, free_text);
    g_array_sort(found, compare_texts);
    for (guint i = 0; i < found->len; i++) {
        mps_problem *problem = &g_array_index(found, mps_problem, i);
        mps_problem *last =
            merged->len ? &g_array_index(merged, mps_problem, merged->len - 1) : NULL;
        bool same = last && last->subflow == problem->subflow && last->kind == problem->kind &&
                    strcmp(last->text, problem->text) == 0;
        if (same) {
            last->count++;
            last->severity = MAX(last->severity, problem->severity);
            g_free(problem->text);
        } else {
            g_array_append_val(merged, *problem);
        }
    }
    g_array_free(found, TRUE);
    return merged;
}

static GArray *new_list(void)
{
    return g_array_new(FALSE, FALSE, sizeof(mps_problem));
}

mps_problem_search mps_problems_begin(const mps_report *report, const mps_tracker *tracker)
{
    mps_problem_search search = {
        .report = report,
        .tracker = tracker,
        .endings = mps_endings(tracker),
        .data = mps_sparse_new(sizeof(known_data)),
        .found = new_list(),
    };
    search_events(&search);
    mps_search_options(&search);
    mps_search_icmp(&search);
    search_checksums(&search);
    mps_search_figures(&search);
    search.of_all = search.found;
    search.found = NULL;
    g_array_sort(search.of_all, compare_connections);
    return search;
}

GArray *mps_problems_of(mps_problem_search *search, uint32_t number)
{
    search->found = new_list();
    for (; search->taken < search->of_all->len; search->taken++) {
        const mps_problem *problem = &g_array_index(search->of_all, mps_problem, search->taken);
        if (problem->connection > number)
            break;
        g_array_append_vals(search->found, problem, 1);
    }
    search_connection(search, number);
    GArray *problems = merge_repeated(search->found);
    g_array_sort(problems, compare_frames);
    search->found = NULL;
    return problems;
}

void mps_problems_end(mps_problem_search *search)
{
    g_hash_table_destroy(search->removed);
    mps_sparse_free(search->endings);
    mps_sparse_free(search->data);
    g_array_free(search->of_all, TRUE);
}
