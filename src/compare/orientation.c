/* orientation.c: which end of the path each capture is of, and how the segments match then.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare_internal.h"

/* A connection (or a plain TCP one): all its rows agree on which capture is nearer the client. */
typedef struct {
    guint first, count; /* rows */
} mps_row_range;

/* What all connections tell of the paths from B to A, and from A to B. */
typedef struct {
    mps_preserved_fields of[2];
} mps_prior;

static void compute_row(const mps_comparison *comparison, mps_comparison_row *row, bool a_is_client,
                        const mps_prior *prior)
{
    mps_align_lists lists;
    row->a_sends = a_is_client == (row->direction == MPS_C2S);
    mps_alignment_clear(&row->alignment);
    mps_comparison_lists(comparison, row, &lists);
    mps_align(&lists, &prior->of[row->a_sends], &row->alignment);
}

/* What the shortest way there and back takes, if the ends are (not) taken for one another. */
static double room_for_delays(const mps_comparison *comparison, const mps_row_range *stretch,
                              bool exchange)
{
    mps_clock *clock = mps_clock_new();
    for (guint i = stretch->first; i < stretch->first + stretch->count; i++)
        mps_comparison_add_to_clock(
            comparison, &g_array_index(comparison->rows, mps_comparison_row, i), exchange, clock);
    double room = mps_clock_slack(clock);
    mps_clock_free(clock);
    return room;
}

static void compute_stretch(mps_comparison *comparison, const mps_row_range *stretch,
                            bool a_is_client, const mps_prior *prior)
{
    for (guint i = stretch->first; i < stretch->first + stretch->count; i++)
        compute_row(comparison, &g_array_index(comparison->rows, mps_comparison_row, i),
                    a_is_client, prior);
}

static void survey(const mps_comparison *comparison, bool a_is_client, mps_prior *prior)
{
    for (guint i = 0; i < comparison->rows->len; i++) {
        mps_comparison_row *row = &g_array_index(comparison->rows, mps_comparison_row, i);
        mps_align_lists lists;
        row->a_sends = a_is_client == (row->direction == MPS_C2S);
        mps_comparison_lists(comparison, row, &lists);
        mps_path_model_survey(&lists, &prior->of[row->a_sends]);
    }
}

static bool same_stretch(const mps_comparison_row *x, const mps_comparison_row *y)
{
    bool same_pair = x->pair.a == y->pair.a && x->pair.b == y->pair.b;
    return same_pair || (x->connection != MPS_NONE && x->connection == y->connection);
}

/* The rows that belong to the connection of the row `first`; they follow one another, those of
 * subflows that only B has at the end. */
static mps_row_range stretch_at(const mps_comparison *comparison, guint first)
{
    const mps_comparison_row *row = &g_array_index(comparison->rows, mps_comparison_row, first);
    mps_row_range stretch = {first, 1};
    while (first + stretch.count < comparison->rows->len) {
        const mps_comparison_row *next =
            &g_array_index(comparison->rows, mps_comparison_row, first + stretch.count);
        bool only_b = next->pair.a == MPS_NONE && next->peer_connection != MPS_NONE &&
                      next->peer_connection == row->peer_connection;
        if (!same_stretch(row, next) && !only_b)
            break;
        stretch.count++;
    }
    return stretch;
}

static void note(mps_comparison *comparison, char *text)
{
    g_ptr_array_add(comparison->notes, text);
}

/* Whether the ends of a connection, aligned as given, are taken for one another: -1 yes, 1 no, 0:
 * segments went one way only, or none are certain enough. */
static int tell_ends(const mps_comparison *comparison, const mps_row_range *stretch)
{
    double given = room_for_delays(comparison, stretch, false);
    double other = room_for_delays(comparison, stretch, true);
    return (given > other) - (given < other);
}

/* Align a connection, and find out which end A is. What the path does, and what may be refused for
 * it, looks different the wrong way round. @return 1 the client's, -1 the server's, 0 not told */
static int compute_told(mps_comparison *comparison, const mps_row_range *stretch,
                        const mps_prior prior[2])
{
    compute_stretch(comparison, stretch, true, &prior[true]);
    int determined = tell_ends(comparison, stretch);
    if (determined > 0)
        return 1;
    compute_stretch(comparison, stretch, false, &prior[false]);
    if (determined < 0 || tell_ends(comparison, stretch) > 0)
        return -1;
    compute_stretch(comparison, stretch, true, &prior[true]);
    return 0;
}

void mps_orientation_find(mps_comparison *comparison)
{
    mps_prior prior[2] = {0};
    unsigned as_given = 0, exchanged = 0;
    GArray *undetermined = g_array_new(FALSE, FALSE, sizeof(mps_row_range));
    for (unsigned a_is_client = 0; a_is_client < 2; a_is_client++)
        survey(comparison, a_is_client, &prior[a_is_client]);
    for (guint i = 0; i < comparison->rows->len;) {
        mps_row_range stretch = stretch_at(comparison, i);
        int determined = compute_told(comparison, &stretch, prior);
        if (determined == 0)
            g_array_append_val(undetermined, stretch);
        as_given += determined > 0;
        exchanged += determined < 0;
        i += stretch.count;
    }
    for (guint i = 0; exchanged > as_given && i < undetermined->len; i++)
        compute_stretch(comparison, &g_array_index(undetermined, mps_row_range, i), false,
                        &prior[false]);
    g_array_free(undetermined, TRUE);
    if (exchanged > 0 && as_given == 0)
        note(comparison, g_strdup("A was captured nearer the server, B nearer the client."));
    else if (exchanged > 0)
        note(comparison,
             g_strdup_printf("A was captured nearer the server for %u of %u connections.",
                             exchanged, exchanged + as_given));
}
