/* histories.c: histories of two hosts for tests of the critical path.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "histories.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define US INT64_C(1000)
#define LARGE_WINDOW (UINT32_C(1) << 24)

/* A segment at a host, before it is sorted. */
typedef struct {
    mps_critical_segment segment;
    uint32_t number; /* in the order of adding */
} event;

typedef struct {
    uint32_t sent, received; /* numbers of events */
    uint32_t length;
} pair;

struct histories {
    mps_critical_input input;
    GArray *events[2]; /* event */
    GArray *pairs[2];  /* pair, by direction */
    mps_runs (*maps)[2];
    int64_t moved[2]; /* us */
    int64_t begin[2]; /* us */
};

histories *histories_new(unsigned subflows)
{
    histories *h = g_new0(histories, 1);
    h->maps = g_malloc0_n(subflows, sizeof(*h->maps));
    h->input.subflows = g_array_new(FALSE, TRUE, sizeof(mps_critical_subflow));
    for (unsigned i = 0; i < subflows; i++) {
        mps_critical_subflow subflow = {.number = i, .initial = i == 0};
        for (unsigned k = 0; k < 4; k++)
            subflow.map[k / 2][k % 2] = (mps_critical_map){&h->maps[i][k % 2], 0, 1};
        g_array_append_val(h->input.subflows, subflow);
    }
    for (unsigned i = 0; i < 2; i++) {
        h->events[i] = g_array_new(FALSE, FALSE, sizeof(event));
        h->pairs[i] = g_array_new(FALSE, FALSE, sizeof(pair));
        h->input.sacks[i] = g_array_new(FALSE, FALSE, sizeof(mps_critical_sack));
        h->input.first_data[i] = MPS_CRITICAL_FIRST_DATA; /* data keep their numbers */
        h->input.data_known[i] = true;
    }
    return h;
}

static void forget_walk(histories *h)
{
    for (unsigned i = 0; i < 2; i++) {
        if (h->input.hosts[i])
            g_array_free(h->input.hosts[i], TRUE);
        if (h->input.matches[i])
            g_array_free(h->input.matches[i], TRUE);
        h->input.hosts[i] = h->input.matches[i] = NULL;
    }
}

void histories_free(histories *h)
{
    forget_walk(h);
    for (guint i = 0; i < h->input.subflows->len; i++)
        for (unsigned k = 0; k < 2; k++)
            mps_runs_clear(&h->maps[i][k]);
    for (unsigned i = 0; i < 2; i++) {
        g_array_free(h->events[i], TRUE);
        g_array_free(h->pairs[i], TRUE);
        g_array_free(h->input.sacks[i], TRUE);
    }
    g_array_free(h->input.subflows, TRUE);
    g_free(h->maps);
    g_free(h);
}

static mps_critical_segment segment_of(histories *h, const shot *s, unsigned host, int64_t time)
{
    mps_critical_segment segment = {
        .time = time * US,
        .seq = s->seq,
        .ack = s->ack,
        .dsn = s->dsn ? s->dsn : s->seq,
        .data_ack = s->data_ack ? s->data_ack : s->ack,
        .length = s->length,
        .window = s->window ? s->window : LARGE_WINDOW,
        .subflow = s->subflow,
        .direction = (uint8_t)s->direction,
        .has_ack = s->ack > 0,
        .has_dsn = s->length > 0,
        .has_data_ack = s->ack > 0,
        .has_window = s->ack > 0,
        .syn = s->syn,
        .join = s->join,
        .add_addr = s->add_addr,
        .sacks = h->input.sacks[host]->len,
        .sack_count = s->sacked_to > 0,
    };
    const mps_critical_sack sack = {s->sacked_from, s->sacked_to};
    if (segment.sack_count > 0)
        g_array_append_val(h->input.sacks[host], sack);
    return segment;
}

static uint32_t add_event(histories *h, const shot *s, unsigned host, int64_t time)
{
    const event e = {segment_of(h, s, host, time), h->events[host]->len};
    g_array_append_val(h->events[host], e);
    return e.number;
}

void histories_add(histories *h, shot s)
{
    const unsigned sender = s.direction, receiver = !s.direction;
    if (s.length > 0)
        mps_runs_add(&h->maps[s.subflow][s.direction], s.seq, s.seq + s.length,
                     (s.dsn ? s.dsn : s.seq) - s.seq, NULL, NULL);
    pair p = {.sent = add_event(h, &s, sender, s.left), .length = s.length};
    if (s.arrived == LOST)
        return;
    if (s.merged) {
        p.received = h->events[receiver]->len - 1;
        g_array_index(h->events[receiver], event, p.received).segment.length += s.length;
    } else {
        p.received = add_event(h, &s, receiver, s.arrived);
    }
    if (!s.unmatched)
        g_array_append_val(h->pairs[sender], p);
}

int64_t histories_open(histories *h, uint32_t subflow, int64_t left, int64_t trip)
{
    const bool join = subflow > 0;
    const int64_t answered = left + trip + 100, third = answered + trip + 100;
    histories_add(
        h,
        (shot){
            .subflow = subflow, .left = left, .arrived = left + trip, .syn = true, .join = join});
    histories_add(h, (shot){.subflow = subflow,
                            .direction = MPS_S2C,
                            .left = answered,
                            .arrived = answered + trip,
                            .ack = 1,
                            .syn = true,
                            .join = join});
    histories_add(h, (shot){.subflow = subflow,
                            .left = third,
                            .arrived = third + trip,
                            .seq = 1,
                            .ack = 1,
                            .join = join});
    return third;
}

void histories_move_clock(histories *h, unsigned host, int64_t by)
{
    h->moved[host] = by;
}

void histories_drift(histories *h, unsigned host, double fast)
{
    h->input.fast[host] = fast;
}

void histories_begin(histories *h, unsigned host, int64_t time)
{
    h->begin[host] = time;
}

void histories_set_base(histories *h, unsigned host, uint32_t subflow, uint64_t base)
{
    g_array_index(h->input.subflows, mps_critical_subflow, subflow).map[host][MPS_C2S].base = base;
}

void histories_unmap(histories *h, unsigned host, uint32_t subflow)
{
    static const mps_runs none;
    g_array_index(h->input.subflows, mps_critical_subflow, subflow).map[host][MPS_C2S].maps = &none;
    for (guint i = 0; i < h->events[host]->len; i++) {
        mps_critical_segment *segment = &g_array_index(h->events[host], event, i).segment;
        if (segment->subflow == subflow && segment->direction == MPS_C2S)
            segment->has_dsn = false;
    }
}

static gint compare_events(gconstpointer a, gconstpointer b)
{
    const event *x = a, *y = b;
    if (x->segment.time != y->segment.time)
        return x->segment.time < y->segment.time ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* Sort the events of a host. @return where each of them went, MPS_NONE: it was before the capture
 * began; freed with g_free() */
static uint32_t *sort_host(histories *h, unsigned host)
{
    GArray *sorted = g_array_new(FALSE, FALSE, sizeof(event));
    uint32_t *place = g_new0(uint32_t, h->events[host]->len + 1);
    g_array_append_vals(sorted, h->events[host]->data, h->events[host]->len);
    g_array_sort(sorted, compare_events);
    h->input.hosts[host] = g_array_new(FALSE, FALSE, sizeof(mps_critical_segment));
    for (guint i = 0; i < sorted->len; i++) {
        event *e = &g_array_index(sorted, event, i);
        place[e->number] = MPS_NONE;
        if (e->segment.time < h->begin[host] * US)
            continue;
        e->segment.frame = i + 1;
        e->segment.time += (int64_t)floor(h->input.fast[host] * (double)e->segment.time + 0.5);
        e->segment.time += h->moved[host] * US;
        place[e->number] = h->input.hosts[host]->len;
        g_array_append_val(h->input.hosts[host], e->segment);
    }
    g_array_free(sorted, TRUE);
    return place;
}

static gint compare_matches(gconstpointer a, gconstpointer b)
{
    const mps_critical_match *x = a, *y = b;
    if (x->received != y->received)
        return x->received < y->received ? -1 : 1;
    return (x->sent > y->sent) - (x->sent < y->sent);
}

mps_critical_path *histories_walk(histories *h, unsigned hosts, mps_direction direction,
                                  uint32_t subflow, const mps_critical_limits *limits)
{
    uint32_t *place[2];
    forget_walk(h);
    for (unsigned i = 0; i < 2; i++)
        place[i] = sort_host(h, i);
    for (unsigned i = 0; i < 2; i++) {
        h->input.matches[i] = g_array_new(FALSE, FALSE, sizeof(mps_critical_match));
        for (guint k = 0; k < h->pairs[i]->len; k++) {
            const pair *p = &g_array_index(h->pairs[i], pair, k);
            const mps_critical_match match = {place[!i][p->received], place[i][p->sent], p->length};
            if (match.received != MPS_NONE && match.sent != MPS_NONE)
                g_array_append_val(h->input.matches[i], match);
        }
        g_array_sort(h->input.matches[i], compare_matches);
    }
    for (unsigned i = 0; i < 2; i++) {
        if (!(hosts & 1u << i)) {
            g_array_free(h->input.hosts[i], TRUE);
            h->input.hosts[i] = NULL;
        }
        g_free(place[i]);
    }
    mps_critical_walker *walker = mps_critical_walker_new(&h->input, limits);
    mps_critical_path *path = mps_critical_walk(walker, direction, subflow, MPS_NONE);
    mps_critical_walker_free(walker);
    return path;
}

void histories_check(const mps_critical_path *path)
{
    int64_t classes = 0, sums = 0, at = path->end;
    for (guint i = 0; i < path->pieces->len; i++) {
        const mps_critical_piece *piece = &g_array_index(path->pieces, mps_critical_piece, i);
        assert_int_equal(piece->to.time, at);
        at = piece->from.time;
    }
    assert_int_equal(at, path->start);
    for (unsigned i = 0; i < MPS_CRITICAL_CLASSES; i++)
        classes += path->classes[i];
    for (guint i = 0; i < path->sums->len; i++)
        sums += g_array_index(path->sums, mps_critical_sum, i).time;
    assert_int_equal(classes, path->elapsed);
    assert_int_equal(sums, path->elapsed);
    assert_int_equal(path->end - path->start, path->elapsed);
}

char *histories_text(const mps_critical_path *path)
{
    GString *text = g_string_new(NULL);
    for (guint i = path->pieces->len; i > 0; i--) {
        const mps_critical_piece *piece = &g_array_index(path->pieces, mps_critical_piece, i - 1);
        const char *why = mps_critical_why_name(piece->why);
        const char *detail = mps_critical_detail_name(piece->detail);
        g_string_append_printf(text, "%s %s%s%s ", mps_critical_cause_name(piece->cause),
                               why ? why : "-", detail ? ":" : "", detail ? detail : "");
        if (piece->subflow != MPS_NONE)
            g_string_append_printf(text, "%u%c ", piece->subflow,
                                   piece->direction == MPS_C2S ? '>' : '<');
        g_string_append_printf(text, "%" G_GINT64_FORMAT "\n",
                               (piece->to.time - piece->from.time) / US);
    }
    return g_string_free(text, FALSE);
}
