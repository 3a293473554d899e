/* problems.c: what looks wrong: the list, and what events tell.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/checksum.h"
#include "analysis/events.h"
#include "analysis/hmac.h"
#include "summary_internal.h"
#include <string.h>

const char *mps_problem_name(mps_problem_kind kind)
{
    static const char *const names[] = {
        "fallback",        "join_unanswered",   "syn_reset",    "join_refused", "syn_repeated",
        "reset",           "bad_hmac",          "bad_checksum", "mp_fail",      "fastclose",
        "retransmissions", "reinjections",      "unused",       "silent",       "left",
        "unmapped",        "handshake_missing", "one_way",      "data_missing", "open",
    };
    G_STATIC_ASSERT(G_N_ELEMENTS(names) == MPS_PROBLEM_OPEN + 1);
    return names[kind];
}

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

/* What a reason to fall back comes from, as a rule. */
static const char *explain_fallback(mps_fallback reason)
{
    static const char *const causes[] = {
        [MPS_FALLBACK_NONE] = NULL,
        [MPS_FALLBACK_PLAIN_SYN] = "the SYNs with it got no answer",
        [MPS_FALLBACK_PLAIN_SYNACK] =
            "the server does not speak MPTCP, or the path takes the option away",
        [MPS_FALLBACK_OTHER_VERSION] = "the server speaks another version of MPTCP",
        [MPS_FALLBACK_PLAIN_ACK] = "the client gave up, or the path takes the option away",
        [MPS_FALLBACK_OPTIONS_VANISHED] =
            "the path takes the options away from segments that are no SYN",
        [MPS_FALLBACK_UNMAPPED_DATA] = "one end gave up, or the path takes options away",
        [MPS_FALLBACK_INFINITE_MAPPING] = "one end gave up",
        [MPS_FALLBACK_CHECKSUM_FAILED] = "the path changes the payload",
    };
    return causes[reason];
}

/* What an event carries. */
typedef struct {
    mps_problem_search *search;
    const mps_event *event;
    uint32_t connection, subflow;
    mps_direction direction;
} mps_problem_find;

static void find_bad_hmac(const mps_problem_find *find)
{
    const mps_option *option = &find->event->option;
    if (mps_hmac_check(find->search->tracker, find->event->subflow, find->event->half, option) !=
        MPS_CHECK_BAD)
        return;
    mps_problem_add(find->search, MPS_PROBLEM_HMAC, MPS_WARNING, find->connection, find->subflow,
                    find->event->frame,
                    "the %s's %s has a wrong HMAC: forged, or changed on the way",
                    mps_sender_name(find->direction), mps_subtype_name(option->subtype));
}

static void find_fastclose(const mps_problem_find *find)
{
    const mps_ending *ending = &g_array_index(find->search->endings, mps_ending, find->connection);
    uint64_t unacked[2];
    if (find->event->frame != ending->fastclose)
        return;
    for (unsigned i = 0; i < 2; i++)
        unacked[i] = mps_milestones_of_data(find->search->tracker, find->connection, i).unacked;
    if (unacked[0] + unacked[1] == 0)
        mps_problem_add(find->search, MPS_PROBLEM_FASTCLOSE, MPS_NOTE, find->connection, MPS_NONE,
                        find->event->frame, "the %s aborted with MP_FASTCLOSE; no data was open",
                        mps_sender_name(find->direction));
    else
        mps_problem_add(
            find->search, MPS_PROBLEM_FASTCLOSE, MPS_WARNING, find->connection, MPS_NONE,
            find->event->frame,
            "the %s aborted with MP_FASTCLOSE; data not acknowledged then: %" G_GUINT64_FORMAT
            " bytes of the client's, %" G_GUINT64_FORMAT " of the server's",
            mps_sender_name(find->direction), unacked[0], unacked[1]);
}

static void find_in_option(const mps_problem_find *find)
{
    switch (find->event->option.subtype) {
    case MPS_MP_JOIN:
    case MPS_ADD_ADDR:
        find_bad_hmac(find);
        break;
    case MPS_MP_FAIL:
        mps_problem_add(find->search, MPS_PROBLEM_FAIL, MPS_WARNING, find->connection,
                        find->subflow, find->event->frame,
                        "MP_FAIL: the %s got data whose DSS checksum is wrong",
                        mps_sender_name(find->direction));
        break;
    case MPS_MP_FASTCLOSE:
        find_fastclose(find);
        break;
    default:
        break;
    }
}

static void search_events(mps_problem_search *search)
{
    const GArray *events = mps_events(search->tracker);
    for (guint i = 0; events && i < events->len; i++) {
        mps_problem_find find = {.search = search, .event = &g_array_index(events, mps_event, i)};
        mps_fallback reason = find.event->fallback;
        mps_tracker_numbers(search->tracker, find.event->subflow, &find.connection, &find.subflow);
        find.direction =
            mps_tracker_direction(search->tracker, find.event->subflow, find.event->half);
        if (!mps_report_wants(search->report, find.connection))
            continue;
        if (reason)
            mps_problem_add(search, MPS_PROBLEM_FALLBACK, MPS_WARNING, find.connection,
                            find.subflow, find.event->frame, "fell back to plain TCP: %s; %s",
                            mps_fallback_reason(reason), explain_fallback(reason));
        else
            find_in_option(&find);
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
            mps_problem_add(search, MPS_PROBLEM_CHECKSUM, MPS_WARNING, connection, subflow,
                            mapping->checked_frame,
                            "wrong DSS checksum: payload or mapping was changed on the way");
    }
}

static void search_data(mps_problem_search *search, const mps_connection_info *info)
{
    for (unsigned i = 0; i < 2; i++) {
        mps_data_milestones data = mps_milestones_of_data(search->tracker, info->number, i);
        if (data.unseen > 0)
            mps_problem_add(search, MPS_PROBLEM_UNSEEN, MPS_NOTE, info->number, MPS_NONE,
                            data.unseen_acks,
                            "DATA_ACK of %s data that is not in the capture (%" G_GUINT64_FORMAT
                            " bytes in all)",
                            i == MPS_C2S ? "client's" : "server's", data.unseen);
    }
}

/* The last frame of a connection, by time. */
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

static void search_whole(mps_problem_search *search, const mps_connection_info *info,
                         bool joined_only)
{
    const mps_ending *ending = &g_array_index(search->endings, mps_ending, info->number);
    search_data(search, info);
    if (joined_only)
        mps_problem_add(search, MPS_PROBLEM_MIDDLE, MPS_NOTE, info->number, MPS_NONE, info->frame,
                        "the initial subflow is not in the capture; client and server are taken "
                        "from the first one that is");
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
    search->carried = false;
    for (uint32_t i = 0; i < info.subflow_count; i++) {
        mps_summary_subflow subflow =
            mps_summary_subflow_of(search->report, search->tracker, &info, i);
        joined_only = joined_only && subflow.info.initial == 0;
        search->carried = search->carried || subflow.carried;
        g_array_append_val(subflows, subflow);
    }
    for (guint i = 0; i < subflows->len; i++) {
        const mps_summary_subflow *subflow = &g_array_index(subflows, mps_summary_subflow, i);
        mps_search_subflow(search, subflow);
        mps_search_silence(search, subflow);
    }
    search_whole(search, &info, joined_only);
    mps_timeline_clear(&search->timeline);
    g_array_free(subflows, TRUE);
}

static gint compare_numbers(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static gint by_text(gconstpointer a, gconstpointer b)
{
    const mps_problem *x = a, *y = b;
    gint order = compare_numbers(x->connection, y->connection);
    if (order == 0)
        order = compare_numbers(x->subflow, y->subflow);
    if (order == 0)
        order = strcmp(x->text, y->text);
    return order ? order : compare_numbers(x->frame, y->frame);
}

static gint by_frame(gconstpointer a, gconstpointer b)
{
    const mps_problem *x = a, *y = b;
    gint order = compare_numbers(x->connection, y->connection);
    return order ? order : compare_numbers(x->frame, y->frame);
}

static void free_text(gpointer problem)
{
    g_free(((mps_problem *)problem)->text);
}

/* The same said of one subflow several times is said once, with the first frame. */
static GArray *join(GArray *found)
{
    GArray *joined = g_array_new(FALSE, FALSE, sizeof(mps_problem));
    g_array_set_clear_func(joined, free_text);
    g_array_sort(found, by_text);
    for (guint i = 0; i < found->len; i++) {
        mps_problem *problem = &g_array_index(found, mps_problem, i);
        mps_problem *last =
            joined->len ? &g_array_index(joined, mps_problem, joined->len - 1) : NULL;
        bool same = last && last->connection == problem->connection &&
                    last->subflow == problem->subflow && strcmp(last->text, problem->text) == 0;
        if (same) {
            last->count++;
            last->severity = MAX(last->severity, problem->severity);
            g_free(problem->text);
        } else {
            g_array_append_val(joined, *problem);
        }
    }
    g_array_free(found, TRUE);
    return joined;
}

GArray *mps_problems(const mps_report *report, const mps_tracker *tracker, const GArray *endings)
{
    mps_problem_search search = {.report = report, .tracker = tracker, .endings = endings};
    search.found = g_array_new(FALSE, FALSE, sizeof(mps_problem));
    search_events(&search);
    search_checksums(&search);
    for (uint32_t i = 0; i < mps_tracker_connections(tracker); i++)
        if (mps_report_wants(report, i))
            search_connection(&search, i);
    GArray *problems = join(search.found);
    g_array_sort(problems, by_frame);
    return problems;
}
