/* vantage.c: the vantage point: which end of a connection the capture was made near, by all
 * evidence of its two hosts together. A host has one answer in all connections with the same other
 * host.
 *
 * docs/vantage.md explains the rules.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vantage.h"
#include "base/times.h"
#include "vantage_survey.h"

#include <mptcpscope/error.h>
#include <string.h>

/* What holds for all but 1 / EXCEPTIONS_PART of the segments holds. */
#define EXCEPTIONS_PART 20u

/* Segments without payload that tell by their checksum: one in 65536 is unfilled by chance. */
#define CHECKSUMS_MIN 2u

struct mps_vantages {
    GArray *ends;         /* mps_near, by number of the connection */
    GArray *contradicted; /* mps_near, likewise: what the evidence says against the choice */
    mps_near_choice choice;
    bool address_unknown; /* the choice names an address that no connection has */
};

/* ---- decisions. Each function gives MPS_NEAR_UNKNOWN where its evidence does not tell. ---- */

static bool mostly(uint64_t yes, uint64_t no)
{
    return yes > 0 && no <= (yes + no) / EXCEPTIONS_PART;
}

/* @return whether the way of the frames shows that the host captured them. That takes both ways: a
 * router and a bridge receive what they pass on, and send it. A router that captures on one
 * interface has both ways of a host, but what it sends has a lower TTL. */
static bool captured_here(const mps_host *h)
{
    return h->sent > 0 && h->received > 0 && mostly(h->sent + h->received, h->contradicts) &&
           !mostly(h->forwarded, h->fresh);
}

static mps_near by_way(const mps_host *client, const mps_host *server)
{
    if (captured_here(client) == captured_here(server))
        return MPS_NEAR_UNKNOWN;
    return captured_here(client) ? MPS_NEAR_CLIENT : MPS_NEAR_SERVER;
}

/* Frames whose way shows that neither host captured them. */
static bool captured_elsewhere(const mps_host *client, const mps_host *server)
{
    return client->contradicts + client->sent + client->received > 0 && !captured_here(client) &&
           !captured_here(server);
}

static bool leaves_unfilled(const mps_host *h)
{
    return h->unfilled >= CHECKSUMS_MIN && mostly(h->unfilled, h->filled);
}

static bool fills_in(const mps_host *h)
{
    return h->filled >= CHECKSUMS_MIN && mostly(h->filled, h->unfilled);
}

/* Between hosts of one machine no checksum is ever filled in, so one must be and the other not. */
static mps_near by_checksum(const mps_host *client, const mps_host *server)
{
    if (leaves_unfilled(client) && fills_in(server))
        return MPS_NEAR_CLIENT;
    return leaves_unfilled(server) && fills_in(client) ? MPS_NEAR_SERVER : MPS_NEAR_UNKNOWN;
}

/* No router between the capture and one end, and routers between it and the other end. */
static mps_near by_hops(const mps_host *client, const mps_host *server)
{
    if (mostly(client->fresh, client->forwarded) && mostly(server->forwarded, server->fresh))
        return MPS_NEAR_CLIENT;
    if (mostly(server->fresh, server->forwarded) && mostly(client->forwarded, client->fresh))
        return MPS_NEAR_SERVER;
    return MPS_NEAR_UNKNOWN;
}

static mps_near by_time(const mps_distance *between)
{
    const int64_t rtt = mps_plus(between->to[0], between->to[1]);
    if (rtt < MPS_NEAR_RTT_MIN || (between->near[0] && between->near[1]))
        return MPS_NEAR_UNKNOWN;
    if (between->to[0] <= rtt / MPS_NEAR_PART)
        return MPS_NEAR_CLIENT;
    return between->to[1] <= rtt / MPS_NEAR_PART ? MPS_NEAR_SERVER : MPS_NEAR_MIDDLE;
}

static bool is_end(mps_near near)
{
    return near == MPS_NEAR_CLIENT || near == MPS_NEAR_SERVER;
}

static bool opposed(mps_near a, mps_near b)
{
    return is_end(a) && is_end(b) && a != b;
}

/* Without the way of the frames: no evidence is certain, so none may oppose another. Times that
 * were measured often tell; each two of the others do, if they agree. */
static mps_near decide_by_signs(const mps_host *client, const mps_host *server,
                                const mps_host_pair *both)
{
    const mps_near checksum =
        captured_elsewhere(client, server) ? MPS_NEAR_UNKNOWN : by_checksum(client, server);
    const mps_near hops = by_hops(client, server);
    const mps_near sure = by_time(&both->sure), quick = by_time(&both->all);
    const mps_near time = sure != MPS_NEAR_UNKNOWN ? sure : quick;
    if (opposed(checksum, hops) || opposed(checksum, time) || opposed(hops, time))
        return MPS_NEAR_UNKNOWN;
    if (sure != MPS_NEAR_UNKNOWN)
        return sure;
    if (is_end(checksum) && (checksum == hops || checksum == quick))
        return checksum;
    return is_end(hops) && hops == quick ? hops : MPS_NEAR_UNKNOWN;
}

/* The way of the frames is certain. */
static mps_near decide(const mps_host *client, const mps_host *server, const mps_host_pair *both)
{
    const mps_near way = by_way(client, server);
    if (way != MPS_NEAR_UNKNOWN)
        return way;
    if (captured_here(client) && captured_here(server))
        return MPS_NEAR_UNKNOWN; /* both hosts are on the machine that captured */
    return decide_by_signs(client, server, both);
}

static mps_near near_by_evidence(const mps_survey *s, uint32_t client, uint32_t server)
{
    if (client == MPS_NONE || server == MPS_NONE || client == server)
        return MPS_NEAR_UNKNOWN;
    return decide(mps_survey_host(s, client), mps_survey_host(s, server),
                  mps_survey_pair(s, client, server));
}

/* ---- what the user knows better ---- */

/* @return what the choice says of a connection; MPS_NEAR_UNKNOWN: nothing */
static mps_near near_by_choice(const mps_survey *s, const mps_near_choice *choice, uint32_t client,
                               uint32_t server)
{
    if (!choice || choice->address.length == 0)
        return choice ? choice->near : MPS_NEAR_UNKNOWN;
    const uint32_t chosen = mps_survey_host_with(s, &choice->address);
    if (chosen == MPS_NONE || client == server || (chosen != client && chosen != server))
        return MPS_NEAR_UNKNOWN;
    return chosen == client ? MPS_NEAR_CLIENT : MPS_NEAR_SERVER;
}

static void settle(mps_vantages *vantages, const mps_survey *s, uint32_t number,
                   const mps_near_choice *choice)
{
    const uint32_t client = mps_survey_host_at(s, number, MPS_CLIENT);
    const uint32_t server = mps_survey_host_at(s, number, MPS_SERVER);
    const mps_near evidence = near_by_evidence(s, client, server);
    const mps_near chosen = near_by_choice(s, choice, client, server);
    const bool contradicted = chosen != MPS_NEAR_UNKNOWN && evidence != chosen;
    g_array_index(vantages->ends, mps_near, number) =
        chosen != MPS_NEAR_UNKNOWN ? chosen : evidence;
    g_array_index(vantages->contradicted, mps_near, number) =
        contradicted ? evidence : MPS_NEAR_UNKNOWN;
}

mps_vantages *mps_vantages_new(const mps_tracker *tracker, const mps_near_choice *choice)
{
    mps_survey s;
    mps_vantages *vantages = g_new0(mps_vantages, 1);
    const uint32_t count = mps_tracker_connections(tracker);
    vantages->ends = g_array_new(FALSE, TRUE, sizeof(mps_near));
    vantages->contradicted = g_array_new(FALSE, TRUE, sizeof(mps_near));
    g_array_set_size(vantages->ends, count);
    g_array_set_size(vantages->contradicted, count);
    mps_survey_begin(&s, tracker);
    for (uint32_t number = 0; number < count; number++)
        settle(vantages, &s, number, choice);
    if (choice)
        vantages->choice = *choice;
    vantages->address_unknown = choice && choice->address.length > 0 &&
                                mps_survey_host_with(&s, &choice->address) == MPS_NONE;
    mps_survey_end(&s);
    return vantages;
}

void mps_vantages_free(mps_vantages *vantages)
{
    g_array_free(vantages->ends, TRUE);
    g_array_free(vantages->contradicted, TRUE);
    g_free(vantages);
}

mps_near mps_vantages_near(const mps_vantages *vantages, uint32_t number)
{
    return g_array_index(vantages->ends, mps_near, number);
}

static const char *place_of(mps_near near)
{
    static const char *const places[] = {
        [MPS_NEAR_UNKNOWN] = NULL,
        [MPS_NEAR_CLIENT] = "near the client",
        [MPS_NEAR_MIDDLE] = "in the middle",
        [MPS_NEAR_SERVER] = "near the server",
    };
    return places[near];
}

/* Note the first connection whose evidence contradicts the choice, and how many others there are.
 */
static void note_contradicted(const mps_vantages *vantages, uint32_t connection, const char *place,
                              GPtrArray *notes)
{
    uint32_t first = MPS_NONE, others = 0;
    for (uint32_t number = 0; number < vantages->contradicted->len; number++) {
        if (g_array_index(vantages->contradicted, mps_near, number) == MPS_NEAR_UNKNOWN ||
            (connection != MPS_NONE && connection != number))
            continue;
        others += first != MPS_NONE;
        first = first == MPS_NONE ? number : first;
    }
    if (first == MPS_NONE)
        return;
    char *more = others > 0 ? g_strdup_printf(" and %u more", others) : g_strdup("");
    g_ptr_array_add(
        notes,
        g_strdup_printf("The capture was made %s, as given; by its segments it was "
                        "made %s (connection %u%s).",
                        place, place_of(g_array_index(vantages->contradicted, mps_near, first)),
                        first, more));
    g_free(more);
}

void mps_vantages_notes(const mps_vantages *vantages, uint32_t connection, GPtrArray *notes)
{
    const mps_near_choice *choice = &vantages->choice;
    char text[MPS_ADDRESS_TEXT_MAX];
    if (choice->address.length == 0) {
        note_contradicted(vantages, connection, place_of(choice->near), notes);
        return;
    }
    mps_address_text(&choice->address, text);
    char *place = g_strconcat("near ", text, NULL);
    note_contradicted(vantages, connection, place, notes);
    g_free(place);
    if (vantages->address_unknown)
        g_ptr_array_add(notes,
                        g_strdup_printf("No connection has an end with the address %s; where "
                                        "the capture was made is found by its segments.",
                                        text));
}

/* ---- names ---- */

mps_vantage mps_vantage_of(mps_near near, mps_direction direction)
{
    static const mps_vantage c2s[] = {
        [MPS_NEAR_UNKNOWN] = MPS_VANTAGE_UNKNOWN,
        [MPS_NEAR_CLIENT] = MPS_VANTAGE_SENDER,
        [MPS_NEAR_MIDDLE] = MPS_VANTAGE_MIDDLE,
        [MPS_NEAR_SERVER] = MPS_VANTAGE_RECEIVER,
    };
    if (direction == MPS_S2C && (near == MPS_NEAR_CLIENT || near == MPS_NEAR_SERVER))
        near = near == MPS_NEAR_CLIENT ? MPS_NEAR_SERVER : MPS_NEAR_CLIENT;
    return c2s[near];
}

const char *mps_near_name(mps_near near)
{
    static const char *const names[] = {
        [MPS_NEAR_UNKNOWN] = NULL,
        [MPS_NEAR_CLIENT] = "client",
        [MPS_NEAR_MIDDLE] = "middle",
        [MPS_NEAR_SERVER] = "server",
    };
    return names[near];
}

bool mps_near_choice_from_text(const char *text, mps_near_choice *choice, GError **error)
{
    *choice = (mps_near_choice){.near = MPS_NEAR_UNKNOWN};
    for (mps_near near = MPS_NEAR_CLIENT; near <= MPS_NEAR_SERVER; near++)
        if (strcmp(mps_near_name(near), text) == 0) {
            choice->near = near;
            return true;
        }
    if (mps_address_from_text(&choice->address, text))
        return true;
    g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE,
                "near=\"%s\": expected client, server, middle or the address of a host", text);
    return false;
}
