/* orientation.c: determines which capture is nearer to the client, and aligns the rows accordingly.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
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

static void align_row(const mps_comparison *comparison, mps_comparison_row *row, bool a_is_client,
                      const mps_prior *prior)
{
    mps_align_lists lists;
    row->a_sends = a_is_client == (row->direction == MPS_C2S);
    mps_alignment_clear(&row->alignment);
    mps_comparison_lists(comparison, row, &lists);
    mps_align(&lists, &prior->of[row->a_sends], &row->alignment);
}

/* The sum of the shortest delays there and back, ns.
 * @param exchange  exchange the two ends */
static double shortest_round_trip(const mps_comparison *comparison, const mps_row_range *range,
                                  bool exchange)
{
    mps_clock *clock = mps_clock_new();
    for (guint i = range->first; i < range->first + range->count; i++)
        mps_comparison_add_to_clock(
            comparison, &g_array_index(comparison->rows, mps_comparison_row, i), exchange, clock);
    double slack = mps_clock_slack(clock);
    mps_clock_free(clock);
    return slack;
}

static void align_range(mps_comparison *comparison, const mps_row_range *range, bool a_is_client,
                        const mps_prior *prior)
{
    for (guint i = range->first; i < range->first + range->count; i++)
        align_row(comparison, &g_array_index(comparison->rows, mps_comparison_row, i), a_is_client,
                  prior);
}

static void survey_paths(const mps_comparison *comparison, bool a_is_client, mps_prior *prior)
{
    for (guint i = 0; i < comparison->rows->len; i++) {
        mps_comparison_row *row = &g_array_index(comparison->rows, mps_comparison_row, i);
        mps_align_lists lists;
        row->a_sends = a_is_client == (row->direction == MPS_C2S);
        mps_comparison_lists(comparison, row, &lists);
        mps_path_model_survey(&lists, &prior->of[row->a_sends]);
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
    double given = shortest_round_trip(comparison, range, false);
    double other = shortest_round_trip(comparison, range, true);
    return (given > other) - (given < other);
}

/* Align a connection and determine its orientation. In the wrong orientation the path behaves
 * differently, and other matches are refused; so both may be tried. */
static mps_orientation orient(mps_comparison *comparison, const mps_row_range *range,
                              const mps_prior prior[2])
{
    align_range(comparison, range, true, &prior[true]);
    int ends = check_ends(comparison, range);
    if (ends > 0)
        return MPS_ORIENTATION_A_IS_CLIENT;
    align_range(comparison, range, false, &prior[false]);
    if (ends < 0 || check_ends(comparison, range) > 0)
        return MPS_ORIENTATION_B_IS_CLIENT;
    align_range(comparison, range, true, &prior[true]);
    return MPS_ORIENTATION_UNDETERMINED;
}

void mps_orientation_find(mps_comparison *comparison)
{
    mps_prior prior[2] = {0};
    unsigned as_given = 0, exchanged = 0;
    GArray *undetermined = g_array_new(FALSE, FALSE, sizeof(mps_row_range));
    for (unsigned a_is_client = 0; a_is_client < 2; a_is_client++)
        survey_paths(comparison, a_is_client, &prior[a_is_client]);
    for (guint i = 0; i < comparison->rows->len;) {
        mps_row_range range = range_at(comparison, i);
        mps_orientation orientation = orient(comparison, &range, prior);
        if (orientation == MPS_ORIENTATION_UNDETERMINED)
            g_array_append_val(undetermined, range);
        as_given += orientation == MPS_ORIENTATION_A_IS_CLIENT;
        exchanged += orientation == MPS_ORIENTATION_B_IS_CLIENT;
        i += range.count;
    }
    for (guint i = 0; exchanged > as_given && i < undetermined->len; i++)
        align_range(comparison, &g_array_index(undetermined, mps_row_range, i), false,
                    &prior[false]);
    g_array_free(undetermined, TRUE);
    if (exchanged > 0 && as_given == 0)
        note(comparison, g_strdup("A was captured nearer the server, B nearer the client."));
    else if (exchanged > 0)
        note(comparison,
             g_strdup_printf("A was captured nearer the server for %u of %u connections.",
                             exchanged, exchanged + as_given));
}
