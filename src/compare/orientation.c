/* orientation.c: determines which capture is nearer to the client, and aligns the rows accordingly.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/vantage.h"
#include "base/parallel.h"
#include "compare_internal.h"

/* The rows of one MPTCP or plain TCP connection. All of them have the same orientation. */
typedef struct {
    guint first, count; /* rows */
} mps_row_range;

/* Which capture is nearer to the client of a connection. */
typedef enum {
    MPS_ORIENTATION_UNDETERMINED,
    MPS_ORIENTATION_A_IS_CLIENT,
    MPS_ORIENTATION_B_IS_CLIENT,
} mps_orientation;

/* What all connections together show of the paths from B to A and from A to B. */
typedef struct {
    mps_preserved_fields of[2];
} mps_prior;

/* What orient() works with. */
typedef struct {
    mps_prior prior[2];        /* by whether A is nearer to the client */
    mps_vantages *vantages[2]; /* of A, of B */
    unsigned given;            /* connections for which the user said where A was captured */
    unsigned given_exchanged;  /* those of them where that is nearer the server */
    unsigned contradicted;     /* those of them whose delays say otherwise */
} mps_orienting;

/* How many segments rows have. */
static size_t size_of(const mps_comparison *comparison, const mps_row_range *range)
{
    size_t size = 0;
    for (guint i = range->first; i < range->first + range->count; i++) {
        mps_align_lists lists;
        mps_comparison_lists(comparison, &g_array_index(comparison->rows, mps_comparison_row, i),
                             &lists);
        size += lists.sent_count + lists.received_count;
    }
    return size;
}

/* The sum of the shortest delays there and back, as aligned and with the two ends exchanged. */
typedef struct {
    const mps_comparison *comparison;
    const mps_row_range *range;
    double shortest[2]; /* ns */
} round_trip_job;

static void find_round_trip(unsigned exchange, void *data)
{
    round_trip_job *job = data;
    mps_clock *clock = mps_clock_new();
    const guint first = job->range->first;
    for (guint i = first; i < first + job->range->count; i++)
        mps_comparison_add_to_clock(job->comparison,
                                    &g_array_index(job->comparison->rows, mps_comparison_row, i),
                                    exchange == 1, clock);
    job->shortest[exchange] = mps_clock_slack(clock);
    mps_clock_free(clock);
}

/* Rows to be aligned. */
typedef struct {
    const mps_comparison *comparison;
    mps_comparison_row *rows;
    bool a_is_client;
    const mps_prior *prior;
} align_job;

static void align_row(unsigned i, void *data)
{
    const align_job *job = data;
    mps_comparison_row *row = &job->rows[i];
    mps_align_lists lists;
    row->a_sends = job->a_is_client == (row->direction == MPS_C2S);
    mps_alignment_clear(&row->alignment);
    mps_comparison_lists(job->comparison, row, &lists);
    mps_align(&lists, &job->prior->of[row->a_sends], &row->alignment);
}

static void align_range(mps_comparison *comparison, const mps_row_range *range, bool a_is_client,
                        const mps_prior *prior)
{
    align_job job = {comparison, &g_array_index(comparison->rows, mps_comparison_row, range->first),
                     a_is_client, prior};
    mps_parallel(range->count, size_of(comparison, range), align_row, &job);
}

/* What is found of all paths. */
typedef struct {
    const mps_comparison *comparison;
    mps_prior *prior; /* by whether A is nearer to the client */
} survey_job;

/* Survey the paths from A to B, or from B to A, if A is nearer to the client, or B is. */
static void survey_paths(unsigned i, void *data)
{
    const survey_job *job = data;
    const bool a_is_client = i / 2, a_sends = i % 2;
    for (guint k = 0; k < job->comparison->rows->len; k++) {
        mps_comparison_row row = g_array_index(job->comparison->rows, mps_comparison_row, k);
        mps_align_lists lists;
        row.a_sends = a_is_client == (row.direction == MPS_C2S);
        if (row.a_sends != a_sends)
            continue;
        mps_comparison_lists(job->comparison, &row, &lists);
        mps_path_model_survey(&lists, &job->prior[a_is_client].of[a_sends]);
    }
}

static bool same_connection(const mps_comparison_row *x, const mps_comparison_row *y)
{
    bool same_pair = x->pair.a == y->pair.a && x->pair.b == y->pair.b;
    return same_pair || (x->connection != MPS_NONE && x->connection == y->connection);
}

/* The rows of the connection of row `first`. They follow one another; the rows of subflows that
 * only B has come last. */
static mps_row_range range_at(const mps_comparison *comparison, guint first)
{
    const mps_comparison_row *row = &g_array_index(comparison->rows, mps_comparison_row, first);
    mps_row_range range = {first, 1};
    while (first + range.count < comparison->rows->len) {
        const mps_comparison_row *next =
            &g_array_index(comparison->rows, mps_comparison_row, first + range.count);
        bool only_b = next->pair.a == MPS_NONE && next->peer_connection != MPS_NONE &&
                      next->peer_connection == row->peer_connection;
        if (!same_connection(row, next) && !only_b)
            break;
        range.count++;
    }
    return range;
}

static void note(mps_comparison *comparison, char *text)
{
    g_ptr_array_add(comparison->notes, text);
}

/* Are the ends of an aligned connection exchanged? -1: yes. 1: no. 0: undetermined, because
 * segments match in one direction only or no match is certain enough. */
static int check_ends(const mps_comparison *comparison, const mps_row_range *range)
{
    round_trip_job job = {.comparison = comparison, .range = range};
    mps_parallel(2, size_of(comparison, range), find_round_trip, &job);
    return (job.shortest[0] > job.shortest[1]) - (job.shortest[0] < job.shortest[1]);
}

/* Where the user says that A was captured, if that is about this connection. */
static mps_near given_near(const mps_comparison *comparison, const mps_row_range *range)
{
    const mps_near_choice *choice = mps_trace_near(comparison->a);
    const mps_tracker *tracker = mps_trace_tracker(comparison->a);
    if (choice->near != MPS_NEAR_UNKNOWN || choice->address.length == 0)
        return choice->near;
    for (guint i = range->first; i < range->first + range->count; i++) {
        const uint32_t id = g_array_index(comparison->rows, mps_comparison_row, i).pair.a;
        const mps_flow *flow = id != MPS_NONE ? mps_tracker_flow(tracker, id) : NULL;
        for (unsigned half = 0; flow && half < 2; half++)
            if (mps_address_compare(&flow->host[half].address, &choice->address) == 0)
                return mps_flow_side(flow, half) == MPS_CLIENT ? MPS_NEAR_CLIENT : MPS_NEAR_SERVER;
    }
    return MPS_NEAR_UNKNOWN;
}

/* Align a connection as the user says. */
static mps_orientation orient_as_given(mps_comparison *comparison, const mps_row_range *range,
                                       mps_orienting *orienting, mps_near near)
{
    const bool a_is_client = near == MPS_NEAR_CLIENT;
    align_range(comparison, range, a_is_client, &orienting->prior[a_is_client]);
    orienting->given++;
    orienting->given_exchanged += !a_is_client;
    orienting->contradicted += check_ends(comparison, range) < 0;
    return a_is_client ? MPS_ORIENTATION_A_IS_CLIENT : MPS_ORIENTATION_B_IS_CLIENT;
}

/* By where each capture was made, as it shows that itself. */
static mps_orientation orientation_by_vantage(const mps_comparison *comparison,
                                              const mps_row_range *range,
                                              const mps_orienting *orienting)
{
    const mps_comparison_row *row =
        &g_array_index(comparison->rows, mps_comparison_row, range->first);
    if (row->connection == MPS_NONE || row->peer_connection == MPS_NONE || row->pair.flipped)
        return MPS_ORIENTATION_UNDETERMINED;
    const mps_near a = mps_vantages_near(orienting->vantages[0], row->connection);
    const mps_near b = mps_vantages_near(orienting->vantages[1], row->peer_connection);
    const bool a_is_client = a == MPS_NEAR_CLIENT || b == MPS_NEAR_SERVER;
    const bool b_is_client = b == MPS_NEAR_CLIENT || a == MPS_NEAR_SERVER;
    if (a_is_client == b_is_client)
        return MPS_ORIENTATION_UNDETERMINED;
    return a_is_client ? MPS_ORIENTATION_A_IS_CLIENT : MPS_ORIENTATION_B_IS_CLIENT;
}

/* Align a connection and determine its orientation. In the wrong orientation the path behaves
 * differently, and other matches are refused; so both may be tried. */
static mps_orientation orient(mps_comparison *comparison, const mps_row_range *range,
                              mps_orienting *orienting)
{
    const mps_prior *prior = orienting->prior;
    const mps_near near = given_near(comparison, range);
    if (near == MPS_NEAR_CLIENT || near == MPS_NEAR_SERVER)
        return orient_as_given(comparison, range, orienting, near);
    align_range(comparison, range, true, &prior[true]);
    int ends = check_ends(comparison, range);
    if (ends > 0)
        return MPS_ORIENTATION_A_IS_CLIENT;
    align_range(comparison, range, false, &prior[false]);
    if (ends < 0 || check_ends(comparison, range) > 0)
        return MPS_ORIENTATION_B_IS_CLIENT;
    const mps_orientation orientation = orientation_by_vantage(comparison, range, orienting);
    if (orientation != MPS_ORIENTATION_B_IS_CLIENT)
        align_range(comparison, range, true, &prior[true]);
    return orientation;
}

static void note_contradicted(mps_comparison *comparison, const mps_orienting *orienting)
{
    const mps_near_choice *choice = mps_trace_near(comparison->a);
    char address[MPS_ADDRESS_TEXT_MAX];
    const char *where = choice->address.length > 0 ? mps_address_text(&choice->address, address)
                                                   : mps_near_name(choice->near);
    if (choice->address.length > 0 && orienting->given == 0)
        note(comparison,
             g_strdup_printf("No connection has an end with the address %s; where A was "
                             "captured is found by the delays.",
                             where));
    if (orienting->contradicted > 0)
        note(comparison,
             g_strdup_printf("A was captured near %s%s, as given; the delays of %u of %u "
                             "connection%s contradict that.",
                             choice->address.length > 0 ? "" : "the ", where,
                             orienting->contradicted, orienting->given,
                             orienting->given == 1 ? "" : "s"));
}

/* Note what was found, not what the user said: A is nearer the server.
 * @param exchanged  connections for which that was found
 * @param found      connections for which anything was found */
static void note_exchanged(mps_comparison *comparison, const mps_orienting *orienting,
                           unsigned exchanged, unsigned found)
{
    const char *other = orienting->given > 0 ? "other " : "";
    if (exchanged == 0)
        return;
    if (exchanged == found && orienting->given == 0)
        note(comparison, g_strdup("A was captured nearer the server, B nearer the client."));
    else
        note(comparison,
             g_strdup_printf("A was captured nearer the server for %u of %u %sconnection%s.",
                             exchanged, found, other, found == 1 ? "" : "s"));
}

/* Note that connections are oriented as given for want of evidence. */
static void note_undetermined(mps_comparison *comparison, unsigned count)
{
    if (count > 0)
        note(comparison,
             g_strdup_printf("Nothing shows which capture is nearer the client of %u connection%s: "
                             "A counts as it.",
                             count, count == 1 ? "" : "s"));
}

void mps_orientation_find(mps_comparison *comparison)
{
    mps_orienting orienting = {
        .vantages = {mps_vantages_new(mps_trace_tracker(comparison->a), NULL),
                     mps_vantages_new(mps_trace_tracker(comparison->b), NULL)},
    };
    mps_prior *prior = orienting.prior;
    unsigned as_given = 0, exchanged = 0;
    GArray *undetermined = g_array_new(FALSE, FALSE, sizeof(mps_row_range));
    survey_job survey = {comparison, prior};
    const mps_row_range all = {0, comparison->rows->len};
    mps_parallel(4, size_of(comparison, &all), survey_paths, &survey);
    for (guint i = 0; i < comparison->rows->len;) {
        mps_row_range range = range_at(comparison, i);
        mps_orientation orientation = orient(comparison, &range, &orienting);
        if (orientation == MPS_ORIENTATION_UNDETERMINED)
            g_array_append_val(undetermined, range);
        as_given += orientation == MPS_ORIENTATION_A_IS_CLIENT;
        exchanged += orientation == MPS_ORIENTATION_B_IS_CLIENT;
        i += range.count;
    }
    for (guint i = 0; exchanged > as_given && i < undetermined->len; i++)
        align_range(comparison, &g_array_index(undetermined, mps_row_range, i), false,
                    &prior[false]);
    note_undetermined(comparison, exchanged == as_given ? undetermined->len : 0);
    g_array_free(undetermined, TRUE);
    mps_vantages_free(orienting.vantages[0]);
    mps_vantages_free(orienting.vantages[1]);
    note_contradicted(comparison, &orienting);
    note_exchanged(comparison, &orienting, exchanged - orienting.given_exchanged,
                   exchanged + as_given - orienting.given);
}
