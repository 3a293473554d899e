/* rows.c: finds the critical paths that two captures show, or why there are none.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "critical_path_internal.h"

/* Of the time elapsed, the share by which clocks that are not corrected may certainly differ: more
 * could turn the answer whose time it was. */
#define DIFFERENCE_MAX 0.25

static mps_critical_limits limits_of(const mps_critical_choice *choice)
{
    mps_critical_limits limits = MPS_CRITICAL_LIMITS;
    if (choice->reaction > 0)
        limits.reaction = choice->reaction;
    if (choice->busy > 0)
        limits.busy = choice->busy;
    return limits;
}

/* @return whether a clock was set while the path lasted */
static bool clock_was_set(const mps_comparison *comparison, const mps_critical_path *path)
{
    const GArray *steps = comparison->clock.steps;
    for (guint i = 0; steps && i < steps->len; i++) {
        const mps_clock_step *step = &g_array_index(steps, mps_clock_step, i);
        if (!step->suspected && step->until >= path->start && step->from <= path->end)
            return true;
    }
    return false;
}

/* @return ns by which the times of both hosts certainly differ at a path's end, if they are not
 *         corrected; 0: perhaps by nothing */
static int64_t certain_difference(const mps_comparison *comparison, const mps_critical_path *path)
{
    int64_t low, high;
    if (comparison->corrected || !comparison->clock.has_offset)
        return 0;
    const int64_t at_b = mps_plus(path->end, comparison->clock.offset);
    if (!mps_comparison_error(comparison, true, path->end, at_b, &low, &high))
        return 0;
    return MAX(MAX(low, mps_minus(0, high)), 0);
}

/* @return whether the clocks are so far apart that a path's times mean nothing */
static bool clocks_differ(const mps_comparison *comparison, const mps_critical_path *path)
{
    return path->elapsed < 0 ||
           (double)certain_difference(comparison, path) > DIFFERENCE_MAX * (double)path->elapsed;
}

/* @return why the clocks do not allow for a path; MPS_CRITICAL_KNOWN: they do */
static mps_critical_reason reason_of_clocks(const mps_comparison *comparison,
                                            const mps_critical_path *path)
{
    if (comparison->mode == MPS_CLOCK_OFFSET && !comparison->corrected)
        return MPS_CRITICAL_NO_OFFSET;
    if (comparison->mode == MPS_CLOCK_SKEW && !comparison->corrected)
        return MPS_CRITICAL_NO_SKEW;
    if (clock_was_set(comparison, path))
        return MPS_CRITICAL_CLOCK_SET;
    return clocks_differ(comparison, path) ? MPS_CRITICAL_CLOCKS_DIFFER : MPS_CRITICAL_KNOWN;
}

/* @return whether a segment of the receiver's history came before a path's end */
static bool came_before(const mps_critical_pair *pair, unsigned direction, uint32_t event,
                        int64_t end)
{
    return event != MPS_NONE &&
           g_array_index(pair->input.hosts[!direction], mps_critical_segment, event).time <= end;
}

/* @return whether the sender's capture ended when the transfer went on */
static bool sender_ended(const mps_critical_pair *pair, unsigned direction)
{
    const GArray *history = pair->input.hosts[direction];
    return history->len > 0 && pair->beyond[direction] != MPS_NONE &&
           !came_before(pair, direction, pair->beyond[direction],
                        g_array_index(history, mps_critical_segment, history->len - 1).time);
}

/* @return whether the sender's capture misses data that arrived before a path's end */
static bool misses_data(const mps_critical_pair *pair, unsigned direction,
                        const mps_critical_path *path)
{
    return came_before(pair, direction, pair->missed[direction], path->end) ||
           (!sender_ended(pair, direction) &&
            came_before(pair, direction, pair->beyond[direction], path->end));
}

/* @return whether a path leads through data of both directions */
static bool crosses(const mps_critical_path *path)
{
    for (guint i = 0; i < path->sums->len; i++)
        if (g_array_index(path->sums, mps_critical_sum, i).why == MPS_WHY_PEER_DATA)
            return true;
    return false;
}

/* @return whether the times of each history are close together. Those of both may still be years
 * apart, which is the clocks' doing then */
static bool are_short(const mps_critical_pair *pair)
{
    for (unsigned host = 0; host < 2; host++)
        if (mps_critical_span_of(&pair->input, 1u << host) > MPS_CRITICAL_SPAN_MAX / 4)
            return false;
    return true;
}

static mps_critical_reason reason_of(const mps_comparison *comparison,
                                     const mps_critical_pair *pair, mps_direction direction,
                                     const mps_critical_path *path)
{
    if (path->reason == MPS_CRITICAL_FAR_APART && are_short(pair))
        return MPS_CRITICAL_CLOCKS_DIFFER;
    if (path->reason != MPS_CRITICAL_KNOWN)
        return path->reason;
    const mps_critical_reason reason = reason_of_clocks(comparison, path);
    if (reason != MPS_CRITICAL_KNOWN)
        return reason;
    return misses_data(pair, direction, path) ||
                   (crosses(path) && misses_data(pair, !direction, path))
               ? MPS_CRITICAL_SENDER_UNSEEN
               : MPS_CRITICAL_KNOWN;
}

/* A path that ends with the last data of a subflow that the connection does not have. */
static mps_critical_path *no_subflow(void)
{
    mps_critical_path *path = mps_critical_path_new();
    path->reason = MPS_CRITICAL_NO_SUBFLOW;
    return path;
}

/* @return the index of the subflow with a number; MPS_NONE: there is none */
static uint32_t index_of_subflow(const mps_critical_pair *pair, uint32_t number)
{
    for (guint i = 0; i < pair->input.subflows->len; i++)
        if (g_array_index(pair->input.subflows, mps_critical_subflow, i).number == number)
            return i;
    return MPS_NONE;
}

static void add_row(GArray *rows, const mps_comparison *comparison,
                    const mps_critical_connection *connection, const mps_critical_pair *pair,
                    const mps_critical_walker *walker, mps_direction direction,
                    const mps_critical_choice *choice)
{
    const bool cut = sender_ended(pair, direction);
    const uint32_t end =
        choice->end_subflow == MPS_NONE ? MPS_NONE : index_of_subflow(pair, choice->end_subflow);
    const bool exists = choice->end_subflow == MPS_NONE || end != MPS_NONE;
    mps_critical_row row = {
        .connection = connection->connection,
        .peer_connection = connection->peer_connection,
        .end_subflow = choice->end_subflow,
        .direction = direction,
        .cut = cut,
        .path = exists ? mps_critical_walk(walker, direction, end,
                                           cut ? pair->beyond[direction] : MPS_NONE)
                       : no_subflow(),
        .subflows = g_array_ref(pair->input.subflows),
        .capture = {pair->a_is_client ? "A" : "B", pair->a_is_client ? "B" : "A"},
    };
    row.path->reason = reason_of(comparison, pair, direction, row.path);
    row.verdict = mps_critical_verdict(row.path, pair->input.subflows);
    g_array_append_val(rows, row);
}

static void add_connection(GArray *rows, const mps_comparison *comparison,
                           const mps_critical_connection *connection,
                           const mps_critical_choice *choice)
{
    mps_critical_pair pair;
    const mps_critical_limits limits = limits_of(choice);
    mps_critical_pair_init(&pair, comparison, connection);
    mps_critical_walker *walker = mps_critical_walker_new(&pair.input, &limits);
    for (unsigned direction = 0; direction < 2; direction++)
        if (choice->directions == 0 || choice->directions & 1u << direction)
            add_row(rows, comparison, connection, &pair, walker, (mps_direction)direction, choice);
    mps_critical_walker_free(walker);
    mps_critical_pair_clear(&pair);
}

GArray *mps_critical_rows_of(const mps_comparison *comparison, const mps_critical_choice *choice)
{
    GArray *rows = mps_critical_rows_new();
    GArray *connections = mps_critical_connections_of(comparison);
    for (guint i = 0; i < connections->len; i++) {
        const mps_critical_connection *connection =
            &g_array_index(connections, mps_critical_connection, i);
        if (choice->connection == MPS_NONE || choice->connection == connection->connection)
            add_connection(rows, comparison, connection, choice);
    }
    mps_critical_connections_free(connections);
    return rows;
}
