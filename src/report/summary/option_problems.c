/* option_problems.c: what options announce, and what came of it: addresses, priorities, keys.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/events.h"
#include "base/hash.h"
#include "base/times.h"
#include "summary_internal.h"
#include <string.h>

/* An address that a side announced. */
typedef struct {
    uint32_t connection, subflow, id; /* numbers; id of the subflow that carried it */
    unsigned side, half;              /* who announced it; its half of that subflow */
    uint8_t address_id;
    bool v0, echoed, removed;
    uint16_t port; /* 0: none was given */
    mps_address address;
    uint32_t frame, count; /* of the first ADD_ADDR; how many there were */
    int64_t time;
} announced_address;

/* A key that a side has, as the first MP_CAPABLE with it has it. */
typedef struct {
    uint64_t key;
    uint32_t frame;
    const char *step;
} known_key;

/* The search, and what it keeps of the connections. */
typedef struct {
    mps_problem_search *search;
    GArray *addresses;      /* announced_address */
    GHashTable *current;    /* connection, side and address ID → index in `addresses`, plus 1 */
    GHashTable *keys;       /* connection and side → known_key */
    GHashTable *refusing;   /* connection and side: asked for no further subflows (flag C) */
    GHashTable *by_address; /* connection, side and address ID → GQueue of ids of subflows; NULL:
                             * not filled yet */
    GHashTable *removed;    /* ids of subflows whose address was removed */
} option_search;

/* An event, with its place. */
typedef struct {
    const mps_event *event;
    uint32_t connection, subflow;
    unsigned side; /* the sender */
} placed_event;

static void free_queue(gpointer queue)
{
    g_queue_free(queue);
}

static gpointer side_key(uint32_t connection, unsigned side)
{
    return GSIZE_TO_POINTER((gsize)connection * 2 + side);
}

static gpointer address_key(uint32_t connection, unsigned side, uint8_t address_id)
{
    return GSIZE_TO_POINTER(((gsize)connection * 2 + side) * 256 + address_id + 1);
}

static announced_address *find_address(option_search *all, uint32_t connection, unsigned side,
                                       uint8_t address_id)
{
    guint place = GPOINTER_TO_UINT(
        g_hash_table_lookup(all->current, address_key(connection, side, address_id)));
    return place ? &g_array_index(all->addresses, announced_address, place - 1) : NULL;
}

static void take_add_addr(option_search *all, const placed_event *at)
{
    const mps_option option = mps_event_option(all->search->tracker, at->event);
    uint8_t id = option.add_addr.address_id;
    if (option.add_addr.echo) {
        announced_address *known = find_address(all, at->connection, !at->side, id);
        if (known)
            known->echoed = true;
        return;
    }
    uint16_t port = option.add_addr.has_port ? option.add_addr.port : 0;
    announced_address *known = find_address(all, at->connection, at->side, id);
    bool same = known && mps_address_compare(&known->address, &option.add_addr.address) == 0;
    if (known && same && known->port == port && !known->removed) {
        known->count++;
        return;
    }
    if (known && !same && !known->removed) {
        char before[MPS_ADDRESS_TEXT_MAX], now[MPS_ADDRESS_TEXT_MAX];
        mps_address_text(&known->address, before);
        mps_address_text(&option.add_addr.address, now);
        mps_problem_add(all->search, MPS_PROBLEM_ADDRESS_ID, MPS_WARNING, at->connection,
                        at->subflow, at->event->frame,
                        "the %s announces address ID %u as %s, in frame %u it was %s",
                        mps_direction_sender(at->side), id, now, known->frame, before);
    }
    announced_address address = {
        .connection = at->connection,
        .subflow = at->subflow,
        .id = at->event->subflow,
        .side = at->side,
        .half = at->event->half,
        .address_id = id,
        .v0 = option.add_addr.v0,
        .port = port,
        .address = option.add_addr.address,
        .frame = at->event->frame,
        .count = 1,
        .time = at->event->time,
    };
    g_array_append_val(all->addresses, address);
    g_hash_table_insert(all->current, address_key(at->connection, at->side, id),
                        GUINT_TO_POINTER(all->addresses->len));
}

/* Fill the index of accepted subflows by address ID, in the order of their ids. */
static void index_subflows(option_search *all)
{
    const mps_tracker *tracker = all->search->tracker;
    all->by_address = g_hash_table_new_full(mps_hash_number, NULL, NULL, free_queue);
    for (uint32_t id = 0; id < mps_tracker_subflows(tracker); id++) {
        mps_subflow_info info;
        mps_tracker_subflow(tracker, id, &info);
        for (unsigned side = 0; side < 2 && info.accepted; side++) {
            if (info.connection == MPS_NONE || info.address_id[side] < 0)
                continue;
            gpointer key = address_key(info.connection, side, (uint8_t)info.address_id[side]);
            GQueue *queue = g_hash_table_lookup(all->by_address, key);
            if (!queue) {
                queue = g_queue_new();
                g_hash_table_insert(all->by_address, key, queue);
            }
            g_queue_push_tail(queue, GUINT_TO_POINTER(id));
        }
    }
}

/* A host closes the subflows of an address when it removes it, ns: those that ended longer ago did
 * so for another reason. Delays of paths differ by less. */
#define REMOVED_TOGETHER 500000000

static bool had_ended(const mps_tracker *tracker, uint32_t id, int64_t time)
{
    mps_subflow_info info;
    mps_tracker_subflow(tracker, id, &info);
    return (info.state == MPS_SUBFLOW_CLOSED || info.state == MPS_SUBFLOW_RESET) &&
           mps_minus(time, info.end) > REMOVED_TOGETHER;
}

/* The subflows of an address that is removed are closed, too (RFC 8684 section 3.4.2): those that
 * were there. Each is told once. */
static void remove_subflows(option_search *all, const placed_event *at, uint8_t address_id)
{
    char rest[MPS_DECIMAL_MAX];
    const mps_tracker *tracker = all->search->tracker;
    const mps_connection *connection = mps_tracker_connection_at(tracker, at->connection);
    int64_t left = mps_minus(connection->end, at->event->time);
    if (!all->by_address)
        index_subflows(all);
    GQueue *queue =
        g_hash_table_lookup(all->by_address, address_key(at->connection, at->side, address_id));
    while (queue && !g_queue_is_empty(queue)) {
        uint32_t id = GPOINTER_TO_UINT(g_queue_peek_head(queue));
        if (mps_tracker_flow(tracker, id)->start > at->event->time)
            return;
        g_queue_pop_head(queue);
        if (had_ended(tracker, id, at->event->time) || left < MPS_SILENCE_MIN ||
            !g_hash_table_add(all->removed, GUINT_TO_POINTER(id)))
            continue;
        mps_problem_add(all->search, MPS_PROBLEM_REMOVED, MPS_NOTE, at->connection,
                        mps_report_subflow_number(tracker, id), at->event->frame,
                        "removed by the %s: REMOVE_ADDR of its address ID %u; the connection "
                        "continued for %s s",
                        mps_direction_sender(at->side), address_id, mps_seconds(rest, left));
    }
}

static void take_remove_addr(option_search *all, const placed_event *at)
{
    const mps_option option = mps_event_option(all->search->tracker, at->event);
    for (unsigned i = 0; i < option.remove_addr.count; i++) {
        uint8_t id = option.remove_addr.ids[i];
        announced_address *known = find_address(all, at->connection, at->side, id);
        if (known)
            known->removed = true;
        remove_subflows(all, at, id);
    }
}

static void take_prio(option_search *all, const placed_event *at)
{
    const mps_option option = mps_event_option(all->search->tracker, at->event);
    char where[40] = "this subflow";
    if (option.prio.has_address_id)
        g_snprintf(where, sizeof where, "its subflows of address ID %u", option.prio.address_id);
    mps_problem_add(all->search, MPS_PROBLEM_PRIO, MPS_NOTE, at->connection, at->subflow,
                    at->event->frame, "the %s made %s %s (MP_PRIO)", mps_direction_sender(at->side),
                    where, option.prio.backup ? "a backup" : "a regular path");
}

/* @return whether the key is the first one of the side, or the same */
static bool agrees(option_search *all, const placed_event *at, unsigned side, uint64_t key)
{
    const known_key *known = g_hash_table_lookup(all->keys, side_key(at->connection, side));
    return !known || known->key == key;
}

static void take_key(option_search *all, const placed_event *at, unsigned side, uint64_t key,
                     bool other_agrees)
{
    bool syn = at->event->flags & MPS_TCP_SYN, ack = at->event->flags & MPS_TCP_ACK;
    const char *step = syn ? (ack ? "SYN/ACK" : "SYN") : at->event->has_payload ? "data" : "ACK";
    known_key *known = g_hash_table_lookup(all->keys, side_key(at->connection, side));
    if (!known) {
        known = g_new(known_key, 1);
        *known = (known_key){key, at->event->frame, step};
        g_hash_table_insert(all->keys, side_key(at->connection, side), known);
    } else if (known->key != key) {
        char *others = other_agrees
                           ? g_strdup_printf("; the %s's agree", mps_direction_sender(!side))
                           : g_strdup("");
        mps_problem_add(all->search, MPS_PROBLEM_KEY_CHANGED, MPS_WARNING, at->connection,
                        at->subflow, at->event->frame,
                        "the %s's keys in the %s (frame %u) and in the %s differ: changed on the "
                        "path, or sent by another host%s",
                        mps_direction_sender(side), known->step, known->frame, step, others);
        g_free(others);
    }
}

static void take_capable(option_search *all, const placed_event *at)
{
    const mps_option option = mps_event_option(all->search->tracker, at->event);
    mps_subflow_info info;
    mps_tracker_subflow(all->search->tracker, at->event->subflow, &info);
    if (info.initial != 1)
        return;
    uint64_t sender = option.capable.sender_key, receiver = option.capable.receiver_key;
    bool both = option.capable.keys > 1;
    if (option.capable.keys > 0)
        take_key(all, at, at->side, sender, both && agrees(all, at, !at->side, receiver));
    if (both)
        take_key(all, at, !at->side, receiver, agrees(all, at, at->side, sender));
    if (option.capable.flags & MPS_CAPABLE_NO_JOIN_HERE && at->event->flags & MPS_TCP_SYN &&
        g_hash_table_add(all->refusing, side_key(at->connection, at->side)))
        mps_problem_add(all->search, MPS_PROBLEM_NO_JOIN_HERE, MPS_NOTE, at->connection, MPS_NONE,
                        at->event->frame,
                        "the %s asks for no further subflows to this address (flag C of "
                        "MP_CAPABLE)",
                        mps_direction_sender(at->side));
}

static void take_event(option_search *all, const placed_event *at)
{
    switch (at->event->subtype) {
    case MPS_MP_CAPABLE:
        take_capable(all, at);
        break;
    case MPS_ADD_ADDR:
        take_add_addr(all, at);
        break;
    case MPS_REMOVE_ADDR:
        take_remove_addr(all, at);
        break;
    case MPS_MP_PRIO:
        take_prio(all, at);
        break;
    default:
        break;
    }
}

/* --- What came of announced addresses --- */

/* An address of a side of a connection; has no padding that is not zero. */
typedef struct {
    uint32_t connection;
    uint32_t side;
    uint8_t bytes[16];
} used_address;

static guint hash_used(gconstpointer key)
{
    return mps_hash_bytes(key, sizeof(used_address));
}

static gboolean equal_used(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(used_address)) == 0;
}

static used_address used_of(uint32_t connection, unsigned side, const mps_address *address)
{
    used_address used = {connection, side, {0}};
    memcpy(used.bytes, address->bytes, sizeof used.bytes);
    return used;
}

/* @return the addresses that the subflows have, opened or tried: a set of used_address */
static GHashTable *used_addresses(const mps_tracker *tracker)
{
    GHashTable *all = g_hash_table_new_full(hash_used, equal_used, g_free, NULL);
    for (uint32_t id = 0; id < mps_tracker_subflows(tracker); id++) {
        mps_subflow_info info;
        mps_tracker_subflow(tracker, id, &info);
        for (unsigned side = 0; side < 2 && info.connection != MPS_NONE; side++) {
            used_address used = used_of(info.connection, side, &info.address[side]);
            g_hash_table_add(all, g_memdup2(&used, sizeof used));
        }
    }
    return all;
}

/* An ADD_ADDR is repeated until it is echoed (RFC 8684 section 3.4.1). A capture without the other
 * direction, or with cut options, does not show the echo. */
static void check_address(const option_search *all, const announced_address *address, bool joined)
{
    const mps_tracker *tracker = all->search->tracker;
    char text[MPS_ADDRESS_TEXT_MAX];
    const mps_connection *connection = mps_tracker_connection_at(tracker, address->connection);
    mps_half_milestones own = mps_milestones_of_half(tracker, 2 * address->id + address->half);
    mps_half_milestones other = mps_milestones_of_half(tracker, 2 * address->id + !address->half);
    mps_direction echoes_in = address->side == MPS_C2S ? MPS_S2C : MPS_C2S;
    int64_t left = mps_minus(connection->end, address->time);
    if (address->removed || own.cut + other.cut > 0 || other.segments == 0 || joined ||
        left < MPS_ANSWER_TIME || connection->fallback)
        return;
    bool echoed = address->echoed || address->v0; /* version 0 has no echo */
    /* It may be in a segment that the capture lacks. */
    bool missed = mps_search_data(all->search, address->connection, echoes_in).unseen > 0;
    const char *echo = missed ? "no echo was captured, " : "never echoed, ";
    mps_address_text(&address->address, text);
    mps_problem_add(all->search, MPS_PROBLEM_ADDRESS_UNUSED,
                    echoed || missed ? MPS_NOTE : MPS_WARNING, address->connection,
                    address->subflow, address->frame,
                    "ADD_ADDR of %s (address ID %u) from the %s: sent %u time%s, %snever followed "
                    "by a join",
                    text, address->address_id, mps_direction_sender(address->side), address->count,
                    address->count == 1 ? "" : "s", echoed ? "" : echo);
}

static void check_addresses(const option_search *all)
{
    if (all->addresses->len == 0)
        return;
    GHashTable *used = used_addresses(all->search->tracker);
    for (guint i = 0; i < all->addresses->len; i++) {
        const announced_address *address = &g_array_index(all->addresses, announced_address, i);
        used_address key = used_of(address->connection, address->side, &address->address);
        check_address(all, address, g_hash_table_contains(used, &key));
    }
    g_hash_table_destroy(used);
}

void mps_search_options(mps_problem_search *search)
{
    const GArray *events = mps_events(search->tracker);
    option_search all = {
        .search = search,
        .addresses = g_array_new(FALSE, FALSE, sizeof(announced_address)),
        .current = g_hash_table_new(mps_hash_number, NULL),
        .keys = g_hash_table_new_full(mps_hash_number, NULL, NULL, g_free),
        .refusing = g_hash_table_new(mps_hash_number, NULL),
        .removed = g_hash_table_new(mps_hash_number, NULL),
    };
    for (guint i = 0; events && i < events->len; i++) {
        placed_event at = {.event = &g_array_index(events, mps_event, i)};
        mps_tracker_numbers(search->tracker, at.event->subflow, &at.connection, &at.subflow);
        at.side = mps_tracker_direction(search->tracker, at.event->subflow, at.event->half);
        if (!at.event->fallback && mps_report_wants(search->report, at.connection))
            take_event(&all, &at);
    }
    check_addresses(&all);
    search->removed = all.removed;
    if (all.by_address)
        g_hash_table_destroy(all.by_address);
    g_hash_table_destroy(all.refusing);
    g_hash_table_destroy(all.keys);
    g_hash_table_destroy(all.current);
    g_array_free(all.addresses, TRUE);
}
