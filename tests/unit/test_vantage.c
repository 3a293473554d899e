/* test_vantage.c: which end a capture was made near, by every kind of evidence and by
 * contradictions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/vantage.h"
#include "packets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define KC UINT64_C(0x0102030405060708) /* client's key */
#define KS UINT64_C(0xf1f2f3f4f5f6f7f8) /* server's key */
#define MS INT64_C(1000000)             /* ns */
#define START INT64_C(1700000000000000000)

/* How one end's segments look, and how long it takes to answer. */
typedef struct {
    int64_t answer; /* ns: from the capture to the end and back */
    int64_t late;   /* ns: how much longer its answer in the handshake takes */
    mps_way way;
    uint8_t ttl; /* 0: 64 */
    bool unfilled;
} side;

/* A connection as it is captured. */
typedef struct {
    side client, server;
    unsigned exchanges; /* after the handshake: each end answers so often */
} scene;

typedef struct {
    mps_tracker *tracker;
    int64_t time;
    uint32_t frame, tsval[2];
} stage;

static stage begin(void)
{
    stage s = {.tracker = mps_tracker_new(MPS_TRACK_MPTCP), .time = START, .tsval = {100, 5000}};
    mps_analyses_want(s.tracker, MPS_NEED_VANTAGE);
    return s;
}

/* The checksum that a sender leaves to its network interface. */
static uint16_t pseudo_sum(mps_segment *segment)
{
    for (segment->checksum = 0; !mps_segment_checksum_unfilled(segment); segment->checksum++)
        continue;
    return segment->checksum;
}

/* Feed a segment with a new TSval, which echoes the other end's latest one. */
static void send(stage *s, packet *p, unsigned from, const side *looks)
{
    mps_segment segment;
    mps_verdict verdict;
    packet_timestamps(p, ++s->tsval[from], p->flags == MPS_TCP_SYN ? 0 : s->tsval[!from]);
    packet_parse(p, &segment);
    segment.frame = ++s->frame;
    segment.time = s->time;
    segment.link.way = looks->way;
    segment.ttl = looks->ttl ? looks->ttl : 64;
    if (looks->unfilled)
        pseudo_sum(&segment);
    mps_tracker_segment(s->tracker, &segment, &verdict);
}

static void play_on(stage *s, const wire *w, const scene *show, uint64_t key)
{
    for (unsigned step = 0; step < 3; step++) {
        packet p = packet_new(w, step == 1, step < 2 ? MPS_TCP_SYN : 0, step == 2, step > 0, 0);
        packet_capable(&p, 1, MPS_CAPABLE_HMAC, step, step == 1 ? key + 1 : key, key + 1);
        if (step > 0)
            s->time += step == 1 ? show->server.answer + show->server.late
                                 : show->client.answer + show->client.late;
        send(s, &p, step == 1, step == 1 ? &show->server : &show->client);
    }
    for (unsigned i = 0; i < show->exchanges; i++) {
        packet data = packet_new(w, FROM_OPENER, 0, 1 + 10 * i, 1, 10);
        packet ack = packet_new(w, FROM_PEER, 0, 1, 11 + 10 * i, 0);
        s->time += i > 0 ? show->client.answer : 0;
        send(s, &data, FROM_OPENER, &show->client);
        s->time += show->server.answer;
        send(s, &ack, FROM_PEER, &show->server);
    }
    s->time += show->client.answer;
}

static mps_near decided(const stage *s, uint32_t number, const mps_near_choice *choice)
{
    mps_vantages *vantages = mps_vantages_new(s->tracker, choice);
    mps_near near = mps_vantages_near(vantages, number);
    mps_vantages_free(vantages);
    return near;
}

/* Play one connection. @return where it was captured */
static mps_near near_of(const scene *show)
{
    wire w = wire_new(1, 1000);
    stage s = begin();
    play_on(&s, &w, show, KC);
    mps_near near = decided(&s, 0, NULL);
    mps_tracker_free(s.tracker);
    return near;
}

/* The same with the ends exchanged must be the other end. */
static void check(scene show, mps_near expected)
{
    static const mps_near other[] = {
        [MPS_NEAR_UNKNOWN] = MPS_NEAR_UNKNOWN,
        [MPS_NEAR_CLIENT] = MPS_NEAR_SERVER,
        [MPS_NEAR_MIDDLE] = MPS_NEAR_MIDDLE,
        [MPS_NEAR_SERVER] = MPS_NEAR_CLIENT,
    };
    const scene exchanged = {show.server, show.client, show.exchanges};
    assert_int_equal(near_of(&show), expected);
    assert_int_equal(near_of(&exchanged), other[expected]);
}

static void test_times(void **state)
{
    (void)state;
    check((scene){{.answer = MS / 10}, {.answer = 40 * MS}, 8}, MPS_NEAR_CLIENT);
    check((scene){{.answer = 10 * MS}, {.answer = 30 * MS}, 8}, MPS_NEAR_CLIENT); /* 1 / 4 */
    check((scene){{.answer = 11 * MS}, {.answer = 29 * MS}, 8}, MPS_NEAR_MIDDLE);
    check((scene){{.answer = 20 * MS}, {.answer = 20 * MS}, 8}, MPS_NEAR_MIDDLE);
    check((scene){{.answer = MS / 100}, {.answer = MS / 2}, 8}, MPS_NEAR_UNKNOWN); /* a LAN */
    check((scene){{.answer = 0}, {.answer = 0}, 8}, MPS_NEAR_UNKNOWN);             /* loopback */
}

/* One slow answer must not make the near end the far one. */
static void test_slow_answers(void **state)
{
    (void)state;
    /* Captured at the server, which had to find a link address before its SYN/ACK. */
    const side far = {.answer = 5 * MS}, held = {.answer = MS / 10, .late = 1000 * MS};
    check((scene){far, held, 8}, MPS_NEAR_SERVER);
    check((scene){far, held, 0}, MPS_NEAR_UNKNOWN); /* nothing but the handshake tells */
    check((scene){far, held, 1}, MPS_NEAR_UNKNOWN);
    /* The third ACK is late. */
    const side late = {.answer = 5 * MS, .late = 200 * MS}, near = {.answer = MS / 10};
    check((scene){late, near, 8}, MPS_NEAR_SERVER);
    check((scene){{.answer = MS / 10, .late = 200 * MS}, {.answer = 5 * MS}, 8}, MPS_NEAR_CLIENT);
}

static void test_way(void **state)
{
    (void)state;
    const side from_us = {.answer = 20 * MS, .way = MPS_WAY_OUT};
    const side to_us = {.answer = 20 * MS, .way = MPS_WAY_IN};
    const side overheard = {.answer = 20 * MS, .way = MPS_WAY_OTHER};
    check((scene){from_us, to_us, 8}, MPS_NEAR_CLIENT);
    check((scene){from_us, to_us, 0}, MPS_NEAR_CLIENT);
    /* It is certain: a host that thinks long, or was slow in the handshake, stays where it is. */
    check((scene){{.answer = 300 * MS, .way = MPS_WAY_OUT}, {.answer = MS, .way = MPS_WAY_IN}, 8},
          MPS_NEAR_CLIENT);
    check((scene){{.way = MPS_WAY_OUT, .late = 1000 * MS}, {.answer = MS, .way = MPS_WAY_IN}, 0},
          MPS_NEAR_CLIENT);
    /* Also against checksums: the other host may be a guest of the same machine. */
    check((scene){{.way = MPS_WAY_OUT}, {.way = MPS_WAY_IN, .unfilled = true}, 8}, MPS_NEAR_CLIENT);
    /* Loopback, both ends on this host, and frames between others: times tell. */
    check((scene){to_us, to_us, 8}, MPS_NEAR_MIDDLE);
    check((scene){from_us, from_us, 8}, MPS_NEAR_MIDDLE);
    check((scene){overheard, overheard, 8}, MPS_NEAR_MIDDLE);
    check((scene){{.way = MPS_WAY_IN}, {.way = MPS_WAY_IN}, 8}, MPS_NEAR_UNKNOWN);
    check((scene){{.answer = MS / 10, .way = MPS_WAY_OTHER},
                  {.answer = 20 * MS, .way = MPS_WAY_OTHER},
                  8},
          MPS_NEAR_CLIENT);
}

/* A router that captured on one interface sends one end's segments as a host would. */
static void test_router(void **state)
{
    (void)state;
    check((scene){{.answer = 10 * MS, .way = MPS_WAY_IN, .ttl = 63},
                  {.answer = 10 * MS, .way = MPS_WAY_OUT, .ttl = 61},
                  8},
          MPS_NEAR_MIDDLE);
    /* The host of a container, which is near it by the times. */
    check((scene){{.answer = MS / 10, .way = MPS_WAY_IN},
                  {.answer = 20 * MS, .way = MPS_WAY_OUT, .ttl = 51},
                  8},
          MPS_NEAR_CLIENT);
    /* Both ways of the same segments: all interfaces of a router. */
    wire w = wire_new(1, 1000), again = wire_new(1, 1001);
    stage s = begin();
    play_on(
        &s, &w,
        &(scene){{.answer = 9 * MS, .way = MPS_WAY_IN}, {.answer = 9 * MS, .way = MPS_WAY_OUT}, 8},
        KC);
    play_on(
        &s, &again,
        &(scene){{.answer = 9 * MS, .way = MPS_WAY_OUT}, {.answer = 9 * MS, .way = MPS_WAY_IN}, 8},
        KS);
    assert_int_equal(decided(&s, 0, NULL), MPS_NEAR_MIDDLE);
    assert_int_equal(decided(&s, 1, NULL), MPS_NEAR_MIDDLE);
    mps_tracker_free(s.tracker);
}

static void test_checksums_and_hops(void **state)
{
    (void)state;
    const side quick = {.answer = MS / 10}, slow = {.answer = 20 * MS};
    side unfilled = quick, far = slow, near = slow;
    unfilled.unfilled = true;
    far.ttl = 55;
    near.unfilled = true;
    /* A handshake alone, confirmed by checksums or by the routers on the way. */
    check((scene){quick, slow, 1}, MPS_NEAR_UNKNOWN);
    check((scene){unfilled, slow, 1}, MPS_NEAR_CLIENT);
    check((scene){quick, far, 1}, MPS_NEAR_CLIENT);
    check((scene){{.unfilled = true}, {.ttl = 55}, 1}, MPS_NEAR_CLIENT);
    /* On its own neither is enough: both hosts may be on one machine, or in one LAN. */
    check((scene){{.unfilled = true}, {.answer = 0}, 8}, MPS_NEAR_UNKNOWN);
    check((scene){{.answer = 0}, {.ttl = 63}, 8}, MPS_NEAR_UNKNOWN);
    /* Between hosts of one machine no checksum is filled in. */
    check((scene){unfilled, near, 1}, MPS_NEAR_UNKNOWN);
    check((scene){unfilled, near, 8}, MPS_NEAR_CLIENT);
    /* Contradictions. */
    check((scene){quick, near, 8}, MPS_NEAR_UNKNOWN);
    check((scene){{.answer = MS / 10, .ttl = 55}, slow, 8}, MPS_NEAR_UNKNOWN);
    check((scene){{.answer = MS / 10, .ttl = 55, .unfilled = true}, slow, 8}, MPS_NEAR_UNKNOWN);
}

/* A host has one answer in all its connections with another host. */
static void test_one_answer(void **state)
{
    (void)state;
    wire first = wire_new(1, 1000), second = wire_new(1, 1001), other = wire_new(2, 1002);
    const side out = {.answer = 0, .way = MPS_WAY_OUT}, in = {.answer = 0, .way = MPS_WAY_IN};
    stage s = begin();
    play_on(&s, &first, &(scene){out, in, 8}, KC);
    play_on(&s, &second, &(scene){{.answer = 0}, {.answer = 0}, 0}, KS);
    play_on(&s, &other, &(scene){{.answer = 0}, {.answer = 0}, 0}, KC ^ KS);
    assert_int_equal(decided(&s, 0, NULL), MPS_NEAR_CLIENT);
    assert_int_equal(decided(&s, 1, NULL), MPS_NEAR_CLIENT);
    assert_int_equal(decided(&s, 2, NULL), MPS_NEAR_UNKNOWN);
    mps_tracker_free(s.tracker);
    /* Many short connections on one path are as good as a long one. */
    s = begin();
    for (uint16_t i = 0; i < 4; i++) {
        wire w = wire_new(1, (uint16_t)(2000 + i));
        play_on(&s, &w, &(scene){{.answer = MS / 10}, {.answer = 20 * MS}, 0}, KC + 16u * i);
    }
    for (uint32_t number = 0; number < 4; number++)
        assert_int_equal(decided(&s, number, NULL), MPS_NEAR_CLIENT);
    mps_tracker_free(s.tracker);
}

static void test_choice(void **state)
{
    (void)state;
    GError *error = NULL;
    mps_near_choice choice;
    wire w = wire_new(1, 1000), other = wire_new(2, 1001);
    stage s = begin();
    play_on(&s, &w, &(scene){{.way = MPS_WAY_OUT}, {.way = MPS_WAY_IN}, 3}, KC);
    play_on(&s, &other, &(scene){{.answer = 0}, {.answer = 0}, 3}, KS);
    assert_true(mps_near_choice_from_text("server", &choice, &error));
    mps_vantages *vantages = mps_vantages_new(s.tracker, &choice);
    assert_int_equal(mps_vantages_near(vantages, 0), MPS_NEAR_SERVER);
    assert_int_equal(mps_vantages_near(vantages, 1), MPS_NEAR_SERVER);
    GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
    mps_vantages_notes(vantages, MPS_NONE, notes);
    assert_int_equal(notes->len, 1);
    assert_string_equal(notes->pdata[0], "The capture was made near the server, as given; by its "
                                         "segments it was made near the client (connection 0).");
    mps_vantages_notes(vantages, 1, notes);
    assert_int_equal(notes->len, 1);
    mps_vantages_free(vantages);
    /* The client of the second connection; it is not in the first one. */
    assert_true(mps_near_choice_from_text("10.0.0.2", &choice, &error));
    assert_int_equal(decided(&s, 0, &choice), MPS_NEAR_CLIENT);
    assert_int_equal(decided(&s, 1, &choice), MPS_NEAR_CLIENT);
    assert_true(mps_near_choice_from_text("10.0.1.1", &choice, &error)); /* the server of both */
    assert_int_equal(decided(&s, 0, &choice), MPS_NEAR_SERVER);
    assert_int_equal(decided(&s, 1, &choice), MPS_NEAR_SERVER);
    assert_true(mps_near_choice_from_text("fd00::9", &choice, &error));
    vantages = mps_vantages_new(s.tracker, &choice);
    mps_vantages_notes(vantages, MPS_NONE, notes);
    assert_int_equal(notes->len, 2);
    assert_string_equal(notes->pdata[1],
                        "No connection has an end with the address fd00::9; where the capture was "
                        "made is found by its segments.");
    g_ptr_array_free(notes, TRUE);
    assert_int_equal(mps_vantages_near(vantages, 0), MPS_NEAR_CLIENT);
    mps_vantages_free(vantages);
    assert_false(mps_near_choice_from_text("Client", &choice, &error));
    assert_string_equal(error->message, "near=\"Client\": expected client, server, middle or the "
                                        "address of a host");
    g_error_free(error);
    mps_tracker_free(s.tracker);
}

static void clear(mps_half_evidence halves[2])
{
    mps_vantage_clear(&halves[0]);
    mps_vantage_clear(&halves[1]);
}

/* An answer is the first segment that echoes the first one with a TSval. */
static void echo(mps_half_evidence halves[2], unsigned half, int64_t ms, uint32_t tsval,
                 uint32_t tsecr)
{
    mps_segment segment = {
        .time = START + ms * MS,
        .flags = MPS_TCP_ACK,
        .has_timestamps = true,
        .tsval = tsval,
        .tsecr = tsecr,
    };
    mps_vantage_take(&halves[half], &halves[!half], &segment);
}

static void test_echo(void **state)
{
    (void)state;
    /* 1 is answered after 5 ms, 2 after 1 ms, and 501 after 30 ms. An echo of a segment that was
     * not captured is ignored. */
    mps_half_evidence halves[2] = {{0}};
    echo(halves, 0, -9, 0, 498); /* where the capture begins */
    echo(halves, 1, -9, 500, 0);
    echo(halves, 0, 0, 1, 499);
    echo(halves, 1, 5, 501, 1);
    echo(halves, 0, 35, 2, 501);
    echo(halves, 1, 36, 502, 2);
    echo(halves, 0, 36, 3, 600);
    assert_int_equal(halves[0].timers[MPS_ANSWER_ECHO].least, 1 * MS);
    assert_int_equal(halves[0].timers[MPS_ANSWER_ECHO].answers, 2);
    assert_int_equal(halves[1].timers[MPS_ANSWER_ECHO].least, 30 * MS);
    assert_int_equal(halves[1].timers[MPS_ANSWER_ECHO].answers, 1);
    /* 4 is sent twice and answered 10 ms after the first time; the clock leaps back after 6. */
    mps_half_evidence coarse[2] = {{0}};
    echo(coarse, 0, 0, 2, 9);
    echo(coarse, 0, 1, 3, 9);
    echo(coarse, 0, 2, 4, 9);
    echo(coarse, 1, 11, 20, 3);
    echo(coarse, 0, 11, 4, 20);
    echo(coarse, 1, 12, 21, 4);
    assert_int_equal(coarse[0].timers[MPS_ANSWER_ECHO].answers, 1);
    assert_int_equal(coarse[0].timers[MPS_ANSWER_ECHO].least, 10 * MS);
    echo(coarse, 0, 20, 6, 21);
    echo(coarse, 1, 10, 22, 6);
    assert_int_equal(coarse[0].timers[MPS_ANSWER_ECHO].answers, 1);
    clear(coarse);
    clear(halves);
}

static void payload(mps_half_evidence halves[2], unsigned half, int64_t ms, uint32_t seq,
                    uint32_t length, uint32_t ack)
{
    mps_segment segment = {
        .time = START + ms * MS, .flags = MPS_TCP_ACK, .seq = seq, .length = length, .ack = ack};
    mps_vantage_take(&halves[half], &halves[!half], &segment);
}

/* Without timestamps acknowledgment numbers tell. */
static void test_acks(void **state)
{
    (void)state;
    mps_half_evidence halves[2] = {{0}};
    payload(halves, 0, 0, UINT32_MAX - 50, 10, 1); /* where the capture begins */
    payload(halves, 0, 1, UINT32_MAX - 40, 100, 1);
    payload(halves, 1, 2, 1, 0, UINT32_MAX - 40); /* acknowledges the first one */
    payload(halves, 0, 3, 60, 40, 1);
    payload(halves, 1, 21, 1, 0, 100); /* both */
    assert_int_equal(halves[0].timers[MPS_ANSWER_ACK].answers, 1);
    assert_int_equal(halves[0].timers[MPS_ANSWER_ACK].least, 20 * MS);
    payload(halves, 0, 30, 60, 40, 1); /* sent again: no sample */
    payload(halves, 1, 31, 1, 0, 100);
    assert_int_equal(halves[0].timers[MPS_ANSWER_ACK].answers, 1);
    clear(halves);
}

static void test_directions(void **state)
{
    (void)state;
    assert_int_equal(mps_vantage_of(MPS_NEAR_CLIENT, MPS_C2S), MPS_VANTAGE_SENDER);
    assert_int_equal(mps_vantage_of(MPS_NEAR_CLIENT, MPS_S2C), MPS_VANTAGE_RECEIVER);
    assert_int_equal(mps_vantage_of(MPS_NEAR_SERVER, MPS_C2S), MPS_VANTAGE_RECEIVER);
    assert_int_equal(mps_vantage_of(MPS_NEAR_SERVER, MPS_S2C), MPS_VANTAGE_SENDER);
    assert_int_equal(mps_vantage_of(MPS_NEAR_MIDDLE, MPS_S2C), MPS_VANTAGE_MIDDLE);
    assert_int_equal(mps_vantage_of(MPS_NEAR_UNKNOWN, MPS_C2S), MPS_VANTAGE_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_slow_answers),
        cmocka_unit_test(test_way),
        cmocka_unit_test(test_router),
        cmocka_unit_test(test_checksums_and_hops),
        cmocka_unit_test(test_one_answer),
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_echo),
        cmocka_unit_test(test_acks),
        cmocka_unit_test(test_directions),
    };
    return cmocka_run_group_tests_name("vantage", tests, NULL, NULL);
}
