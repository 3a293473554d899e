/* owd.c: delays of matched segments, by subflow and direction.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <mptcpscope/error.h>
#include <mptcpscope/owd.h>

/* A connection (or a plain TCP one): all its rows agree on which capture is nearer the client. */
typedef struct {
    guint first, count; /* rows */
} mps_stretch;

/* What all connections tell of the paths from B to A, and from A to B. */
typedef struct {
    mps_invariants of[2];
} mps_prior;

static uint32_t connection_of(const mps_trace *trace, uint32_t id, uint32_t *subflow)
{
    uint32_t connection;
    mps_tracker_numbers(mps_trace_tracker(trace), id, &connection, subflow);
    return connection;
}

static void add_rows(mps_owd *owd, const mps_pair *pair)
{
    mps_owd_row row = {.connection = MPS_NONE,
                       .peer_connection = MPS_NONE,
                       .peer_subflow = MPS_NONE,
                       .pair = *pair};
    if (pair->b != MPS_NONE)
        row.peer_connection = connection_of(owd->b, pair->b, &row.peer_subflow);
    row.subflow = row.peer_subflow;
    if (pair->a != MPS_NONE)
        row.connection = connection_of(owd->a, pair->a, &row.subflow);
    for (unsigned direction = MPS_C2S; direction <= MPS_S2C; direction++) {
        row.direction = (mps_direction)direction;
        g_array_append_val(owd->rows, row);
    }
}

static const mps_connection_pair *connection_pair(const mps_owd *owd, uint32_t a, uint32_t b)
{
    for (guint i = 0; i < owd->pairs->connections->len; i++) {
        const mps_connection_pair *pair =
            &g_array_index(owd->pairs->connections, mps_connection_pair, i);
        if (a != MPS_NONE ? pair->a == a : pair->b == b)
            return pair;
    }
    return NULL;
}

/* A subflow that one capture does not have counts where its connection is in both: all of it was
 * lost, or not seen. A connection that is in one capture only says nothing of the path. */
static bool is_compared(const mps_owd *owd, const mps_pair *pair)
{
    uint32_t subflow, a = MPS_NONE, b = MPS_NONE;
    if (pair->a != MPS_NONE && pair->b != MPS_NONE)
        return true;
    if (pair->a != MPS_NONE)
        a = connection_of(owd->a, pair->a, &subflow);
    else
        b = connection_of(owd->b, pair->b, &subflow);
    if (a == MPS_NONE && b == MPS_NONE)
        return false;
    const mps_connection_pair *connections = connection_pair(owd, a, b);
    return connections && connections->a != MPS_NONE && connections->b != MPS_NONE;
}

static void lists_of(const mps_owd *owd, const mps_owd_row *row, mps_lists *lists)
{
    if (row->pair.a != MPS_NONE && row->pair.b != MPS_NONE) {
        mps_pair_lists(owd->a, owd->b, &row->pair, row->direction, row->a_sends, lists);
        return;
    }
    bool in_a = row->pair.a != MPS_NONE;
    size_t count;
    const mps_packet *packets =
        in_a ? mps_trace_packets(owd->a, row->pair.a, row->direction, &count)
             : mps_trace_packets(owd->b, row->pair.b, row->direction, &count);
    *lists = (mps_lists){0};
    if (in_a == row->a_sends) {
        lists->sent = packets;
        lists->sent_count = count;
    } else {
        lists->received = packets;
        lists->received_count = count;
    }
}

static void measure(const mps_owd *owd, mps_owd_row *row, const mps_lists *lists)
{
    row->delay = (mps_statistics){0};
    if (row->alignment.matched == 0 || !lists->sent || !lists->received)
        return;
    const GArray *matches = row->alignment.matches;
    int64_t *delays = g_new(int64_t, matches->len);
    size_t count = 0;
    for (guint i = 0; i < matches->len; i++) {
        const mps_match *match = &g_array_index(matches, mps_match, i);
        int64_t sent = lists->sent[match->sent].time;
        int64_t received = lists->received[match->received].time;
        delays[count++] = mps_owd_delay(owd, row->a_sends, row->a_sends ? sent : received,
                                        row->a_sends ? received : sent);
    }
    mps_statistics_of(delays, count, &row->delay);
    g_free(delays);
}

static void compute_row(const mps_owd *owd, mps_owd_row *row, bool a_is_client,
                        const mps_prior *prior)
{
    mps_lists lists;
    row->a_sends = a_is_client == (row->direction == MPS_C2S);
    mps_alignment_clear(&row->alignment);
    lists_of(owd, row, &lists);
    mps_align(&lists, &prior->of[row->a_sends], &row->alignment);
    measure(owd, row, &lists);
}

/* Hand all matched segments of a row to the clock, as they went or the other way round. */
static void add_to_clock(const mps_owd *owd, const mps_owd_row *row, bool exchange,
                         mps_clock *clock)
{
    mps_lists lists;
    lists_of(owd, row, &lists);
    const GArray *matches = row->alignment.matches;
    if (!lists.sent || !lists.received)
        return;
    for (guint i = 0; i < matches->len; i++) {
        const mps_match *match = &g_array_index(matches, mps_match, i);
        int64_t sent = lists.sent[match->sent].time;
        int64_t received = lists.received[match->received].time;
        mps_clock_add(clock, row->pair.a, row->a_sends != exchange, row->a_sends ? sent : received,
                      row->a_sends ? received : sent);
    }
}

/* What the shortest way there and back takes, if the ends are (not) taken for one another. */
static double room_for_delays(const mps_owd *owd, const mps_stretch *stretch, bool exchange)
{
    mps_clock *clock = mps_clock_new();
    for (guint i = stretch->first; i < stretch->first + stretch->count; i++)
        add_to_clock(owd, &g_array_index(owd->rows, mps_owd_row, i), exchange, clock);
    double room = mps_clock_room(clock);
    mps_clock_free(clock);
    return room;
}

static void compute_stretch(mps_owd *owd, const mps_stretch *stretch, bool a_is_client,
                            const mps_prior *prior)
{
    for (guint i = stretch->first; i < stretch->first + stretch->count; i++)
        compute_row(owd, &g_array_index(owd->rows, mps_owd_row, i), a_is_client, prior);
}

static void survey(const mps_owd *owd, bool a_is_client, mps_prior *prior)
{
    for (guint i = 0; i < owd->rows->len; i++) {
        mps_owd_row *row = &g_array_index(owd->rows, mps_owd_row, i);
        mps_lists lists;
        row->a_sends = a_is_client == (row->direction == MPS_C2S);
        lists_of(owd, row, &lists);
        mps_align_survey(&lists, &prior->of[row->a_sends]);
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

/* Whether the ends of a connection, aligned as given, are taken for one another: -1 yes, 1 no, 0:
 * segments went one way only, or none are certain enough. */
static int tell_ends(const mps_owd *owd, const mps_stretch *stretch)
{
    double given = room_for_delays(owd, stretch, false);
    double other = room_for_delays(owd, stretch, true);
    return (given > other) - (given < other);
}

/* Align a connection, and find out which end A is. What the path does, and what may be refused for
 * it, looks different the wrong way round. @return 1 the client's, -1 the server's, 0 not told */
static int compute_told(mps_owd *owd, const mps_stretch *stretch, const mps_prior prior[2])
{
    compute_stretch(owd, stretch, true, &prior[true]);
    int told = tell_ends(owd, stretch);
    if (told > 0)
        return 1;
    compute_stretch(owd, stretch, false, &prior[false]);
    if (told < 0 || tell_ends(owd, stretch) > 0)
        return -1;
    compute_stretch(owd, stretch, true, &prior[true]);
    return 0;
}

/* Find out which end A is, connection by connection; where one tells nothing, as most others. */
static void compute_all(mps_owd *owd)
{
    mps_prior prior[2] = {0};
    unsigned as_given = 0, exchanged = 0;
    GArray *untold = g_array_new(FALSE, FALSE, sizeof(mps_stretch));
    for (unsigned a_is_client = 0; a_is_client < 2; a_is_client++)
        survey(owd, a_is_client, &prior[a_is_client]);
    for (guint i = 0; i < owd->rows->len;) {
        mps_stretch stretch = stretch_at(owd, i);
        int told = compute_told(owd, &stretch, prior);
        if (told == 0)
            g_array_append_val(untold, stretch);
        as_given += told > 0;
        exchanged += told < 0;
        i += stretch.count;
    }
    for (guint i = 0; exchanged > as_given && i < untold->len; i++)
        compute_stretch(owd, &g_array_index(untold, mps_stretch, i), false, &prior[false]);
    g_array_free(untold, TRUE);
    if (exchanged > 0 && as_given == 0)
        note(owd, g_strdup("A was captured nearer the server, B nearer the client."));
    else if (exchanged > 0)
        note(owd, g_strdup_printf("A was captured nearer the server for %u of %u connections.",
                                  exchanged, exchanged + as_given));
}

/* How far a row's matches reach into what was sent, and whether the receiver's end has more before
 * or behind them. */
typedef struct {
    uint32_t first_sent, last_sent;
    bool more_before, more_behind;
} mps_reach_of_row;

static mps_reach_of_row reach_of(const mps_owd_row *row)
{
    const GArray *matches = row->alignment.matches;
    uint32_t first = MPS_NONE, last = 0;
    mps_reach_of_row reach = {row->alignment.sent, 0, false, false};
    for (guint i = 0; i < matches->len; i++) {
        const mps_match *match = &g_array_index(matches, mps_match, i);
        first = MIN(first, match->received);
        last = MAX(last, match->received);
    }
    if (matches->len > 0) {
        reach.first_sent = g_array_index(matches, mps_match, 0).sent;
        reach.last_sent = g_array_index(matches, mps_match, matches->len - 1).sent;
        reach.more_before = first > 0;
        reach.more_behind = last + 1 < row->alignment.received;
    } else {
        reach.more_before = row->alignment.received > 0;
    }
    return reach;
}

/* A capture that began late, or ended early, has not lost what went by without it. That it did
 * shows on the way back: there the other end has segments, before or behind all that match, which
 * this one did not capture when it sent them. */
static void take_out_what_is_outside(mps_owd_row *row, const mps_owd_row *back)
{
    mps_reach_of_row own = reach_of(row), other = reach_of(back);
    uint32_t outside = 0;
    if (other.more_before)
        outside += own.first_sent;
    if (other.more_behind && row->alignment.matched > 0)
        outside += row->alignment.sent - own.last_sent - 1;
    row->alignment.outside = MIN(outside, row->alignment.lost);
    row->alignment.lost -= row->alignment.outside;
}

/* The rows of a pair stand beside one another. */
static void find_outside(mps_owd *owd)
{
    for (guint i = 0; i + 1 < owd->rows->len; i += 2) {
        mps_owd_row *there = &g_array_index(owd->rows, mps_owd_row, i);
        mps_owd_row *back = &g_array_index(owd->rows, mps_owd_row, i + 1);
        if (there->pair.a == MPS_NONE || there->pair.b == MPS_NONE)
            continue;
        take_out_what_is_outside(there, back);
        take_out_what_is_outside(back, there);
    }
}

/* What a host acknowledged and its capture does not have shows that the capture is not complete. */
static void note_uncaptured(mps_owd *owd)
{
    uint64_t of[2] = {0, 0}; /* A's, B's */
    for (guint i = 0; i < owd->rows->len; i++) {
        const mps_owd_row *row = &g_array_index(owd->rows, mps_owd_row, i);
        of[row->a_sends] += row->alignment.uncaptured;
    }
    for (unsigned i = 0; i < 2; i++)
        if (of[i] > 0)
            note(owd, g_strdup_printf("%s's capture missed at least %" G_GUINT64_FORMAT
                                      " segments that its host received: of those without payload "
                                      "that count as lost, some may be, too.",
                                      i ? "B" : "A", of[i]));
}

/* Everything matches at once: there is no path between these captures. */
static bool is_one_capture(const mps_owd *owd)
{
    uint64_t matched = 0;
    for (guint i = 0; i < owd->rows->len; i++) {
        const mps_owd_row *row = &g_array_index(owd->rows, mps_owd_row, i);
        matched += row->delay.count;
        if (row->delay.count > 0 && (row->delay.min != 0 || row->delay.max != 0))
            return false;
    }
    return matched > 0;
}

/* Count the connections of which no subflow is in the other capture. */
static unsigned count_alone(const mps_owd *owd, const mps_trace *trace, bool of_a)
{
    uint32_t count = mps_tracker_connections(mps_trace_tracker(trace)), subflow;
    bool *paired = g_new0(bool, MAX(count, 1));
    unsigned alone = count;
    for (guint i = 0; i < owd->pairs->subflows->len; i++) {
        const mps_pair *pair = &g_array_index(owd->pairs->subflows, mps_pair, i);
        if (pair->a == MPS_NONE || pair->b == MPS_NONE)
            continue;
        uint32_t number = connection_of(trace, of_a ? pair->a : pair->b, &subflow);
        if (number != MPS_NONE && !paired[number]) {
            paired[number] = true;
            alone--;
        }
    }
    g_free(paired);
    return alone;
}

static void note_alone(mps_owd *owd, unsigned count, const char *own, const char *other)
{
    if (count > 0)
        note(owd, g_strdup_printf("%u connection%s of %s %s not in %s.", count,
                                  count == 1 ? "" : "s", own, count == 1 ? "is" : "are", other));
}

static bool any_pair(const mps_pairs *pairs)
{
    for (guint i = 0; i < pairs->subflows->len; i++) {
        const mps_pair *pair = &g_array_index(pairs->subflows, mps_pair, i);
        if (pair->a != MPS_NONE && pair->b != MPS_NONE)
            return true;
    }
    return false;
}

int64_t mps_owd_delay(const mps_owd *owd, bool a_sends, int64_t time_a, int64_t time_b)
{
    int64_t ahead = owd->corrected ? mps_clock_ahead(&owd->clock, a_sends, time_a, time_b,
                                                     owd->mode == MPS_CLOCK_SKEW)
                                   : 0;
    int64_t delay = time_b - time_a - ahead;
    return a_sends ? delay : -delay;
}

bool mps_owd_error(const mps_owd *owd, bool a_sends, int64_t time_a, int64_t time_b, int64_t *low,
                   int64_t *high)
{
    int64_t from, to, taken = 0; /* B's clock minus A's: at least, at most, and as corrected */
    if (!owd->clock.has_offset)
        return false;
    if (owd->corrected)
        taken = mps_clock_ahead(&owd->clock, a_sends, time_a, time_b, owd->mode == MPS_CLOCK_SKEW);
    mps_clock_bounds(&owd->clock, time_a, &from, &to);
    *low = a_sends ? taken - to : from - taken;
    *high = a_sends ? taken - from : to - taken;
    return true;
}

/* Clocks belong to hosts: all connections tell of the same two. */
static void estimate_clock(mps_owd *owd)
{
    mps_clock *clock = mps_clock_new();
    mps_clock_set_resolution(clock,
                             MAX(mps_trace_resolution(owd->a), mps_trace_resolution(owd->b)));
    for (guint i = 0; i < owd->rows->len; i++)
        add_to_clock(owd, &g_array_index(owd->rows, mps_owd_row, i), false, clock);
    mps_clock_estimate_of(clock, &owd->clock);
    mps_clock_free(clock);
}

static void correct(mps_owd *owd, mps_clock_mode mode)
{
    owd->mode = mode;
    owd->corrected = (mode == MPS_CLOCK_OFFSET && owd->clock.has_offset) ||
                     (mode == MPS_CLOCK_SKEW && owd->clock.has_skew);
    for (guint i = 0; owd->corrected && i < owd->rows->len; i++) {
        mps_owd_row *row = &g_array_index(owd->rows, mps_owd_row, i);
        mps_lists lists;
        lists_of(owd, row, &lists);
        measure(owd, row, &lists);
    }
}

mps_owd *mps_owd_new(const mps_trace *a, const mps_trace *b, mps_clock_mode mode, GError **error)
{
    mps_owd *owd = g_new0(mps_owd, 1);
    owd->a = a;
    owd->b = b;
    owd->pairs = mps_pairs_find(a, b);
    owd->rows = g_array_new(FALSE, FALSE, sizeof(mps_owd_row));
    owd->notes = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < owd->pairs->subflows->len; i++) {
        const mps_pair *pair = &g_array_index(owd->pairs->subflows, mps_pair, i);
        if (is_compared(owd, pair))
            add_rows(owd, pair);
    }
    if (!any_pair(owd->pairs)) {
        g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT, "no connection is in both captures");
    } else {
        compute_all(owd);
        note_alone(owd, count_alone(owd, a, true), "A", "B");
        note_alone(owd, count_alone(owd, b, false), "B", "A");
        if (!is_one_capture(owd)) {
            find_outside(owd);
            note_uncaptured(owd);
            estimate_clock(owd);
            correct(owd, mode);
            return owd;
        }
        g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT,
                    "both hold the same segments at the same times: is it one capture twice?");
    }
    mps_owd_free(owd);
    return NULL;
}

void mps_owd_free(mps_owd *owd)
{
    if (!owd)
        return;
    for (guint i = 0; i < owd->rows->len; i++)
        mps_alignment_clear(&g_array_index(owd->rows, mps_owd_row, i).alignment);
    g_array_free(owd->rows, TRUE);
    g_ptr_array_free(owd->notes, TRUE);
    mps_pairs_free(owd->pairs);
    mps_clock_estimate_clear(&owd->clock);
    g_free(owd);
}
