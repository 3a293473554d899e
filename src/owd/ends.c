/* ends.c: which end of the path each capture is of, and how the segments match then.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "owd-internal.h"

/* A connection (or a plain TCP one): all its rows agree on which capture is nearer the client. */
typedef struct {
    guint first, count; /* rows */
} mps_stretch;

static void compute_row(const mps_owd *owd, mps_owd_row *row, bool a_is_client,
                        const mps_invariants *prior)
{
    mps_lists lists;
    row->a_sends = a_is_client == (row->direction == MPS_C2S);
    mps_alignment_clear(&row->alignment);
    mps_owd_lists(owd, row, &lists);
    mps_align(&lists, prior, &row->alignment);
}

/* What the shortest way there and back takes, if the ends are (not) taken for one another. */
static double room_for_delays(const mps_owd *owd, const mps_stretch *stretch, bool exchange)
{
    mps_clock *clock = mps_clock_new();
    for (guint i = stretch->first; i < stretch->first + stretch->count; i++)
        mps_owd_add_to_clock(owd, &g_array_index(owd->rows, mps_owd_row, i), exchange, clock);
    double room = mps_clock_room(clock);
    mps_clock_free(clock);
    return room;
}

static void compute_stretch(mps_owd *owd, const mps_stretch *stretch, bool a_is_client,
                            const mps_invariants *prior)
{
    for (guint i = stretch->first; i < stretch->first + stretch->count; i++)
        compute_row(owd, &g_array_index(owd->rows, mps_owd_row, i), a_is_client, prior);
}

static void survey(const mps_owd *owd, mps_invariants *prior)
{
    for (guint i = 0; i < owd->rows->len; i++) {
        mps_owd_row *row = &g_array_index(owd->rows, mps_owd_row, i);
        mps_lists lists;
        row->a_sends = row->direction == MPS_C2S;
        mps_owd_lists(owd, row, &lists);
        mps_align_survey(&lists, prior);
    }
}

static bool same_stretch(const mps_owd_row *x, const mps_owd_row *y)
{
    bool same_pair = x->pair.a == y->pair.a && x->pair.b == y->pair.b;
    return same_pair || (x->connection != MPS_NONE && x->connection == y->connection);
}

/* The rows that belong to the connection of the row `first`; they follow one another, those of
 * subflows that only B has at the end. */
static mps_stretch stretch_at(const mps_owd *owd, guint first)
{
    const mps_owd_row *row = &g_array_index(owd->rows, mps_owd_row, first);
    mps_stretch stretch = {first, 1};
    while (first + stretch.count < owd->rows->len) {
        const mps_owd_row *next = &g_array_index(owd->rows, mps_owd_row, first + stretch.count);
        bool only_b = next->pair.a == MPS_NONE && next->peer_connection != MPS_NONE &&
                      next->peer_connection == row->peer_connection;
        if (!same_stretch(row, next) && !only_b)
            break;
        stretch.count++;
    }
    return stretch;
}

static void note(mps_owd *owd, char *text)
{
    g_ptr_array_add(owd->notes, text);
}

void mps_owd_align(mps_owd *owd)
{
    mps_invariants prior = {0};
    unsigned as_given = 0, exchanged = 0;
    GArray *untold = g_array_new(FALSE, FALSE, sizeof(mps_stretch));
    survey(owd, &prior);
    for (guint i = 0; i < owd->rows->len;) {
        mps_stretch stretch = stretch_at(owd, i);
        compute_stretch(owd, &stretch, true, &prior);
        double given = room_for_delays(owd, &stretch, false);
        double other = room_for_delays(owd, &stretch, true);
        if (given == other) { /* segments went one way only, or none did */
            g_array_append_val(untold, stretch);
        } else if (given < other) {
            compute_stretch(owd, &stretch, false, &prior);
            exchanged++;
        } else {
            as_given++;
        }
        i += stretch.count;
    }
    for (guint i = 0; exchanged > as_given && i < untold->len; i++)
        compute_stretch(owd, &g_array_index(untold, mps_stretch, i), false, &prior);
    g_array_free(untold, TRUE);
    if (exchanged > 0 && as_given == 0)
        note(owd, g_strdup("A was captured nearer the server, B nearer the client."));
    else if (exchanged > 0)
        note(owd, g_strdup_printf("A was captured nearer the server for %u of %u connections.",
                                  exchanged, exchanged + as_given));
}
