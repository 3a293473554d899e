/* streams.c: numbers TCP connections as Wireshark does (tcp.stream).
 *
 * A segment belongs to the latest connection between its two endpoints. A SYN whose sequence number
 * differs from the initial one of its direction begins a new connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>
#include <string.h>

#include "base/hash.h"
#include "base/likely.h"
#include "base/pool.h"
#include "capture_internal.h"

/* Both endpoints, the lower one first. Without padding, so that it can be hashed as bytes. */
typedef struct {
    mps_address address[2];
    uint16_t port[2];
} stream_key;

G_STATIC_ASSERT(sizeof(stream_key) == 2 * 17 + 2 * 2);

/* The latest connection between two endpoints. */
typedef struct {
    stream_key key;
    int32_t number;
    bool has_initial[2]; /* of each direction */
    uint32_t initial[2]; /* sequence number */
} stream_entry;

/* Connections that had a segment lately are found by their ports, without hashing their addresses.
 * Who chooses ports so that they share a place costs us that hash and no more. */
#define RECENT_STREAMS 64u

struct mps_streams {
    stream_entry *recent[RECENT_STREAMS]; /* NULL: none yet */
    GHashTable *table;                    /* set of stream_entry, which begin with their keys */
    mps_pool *entries;                    /* these */
    int32_t count;                        /* of connections */
};

static guint hash_key(gconstpointer key)
{
    return mps_hash_bytes(key, sizeof(stream_key));
}

static gboolean equal_keys(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(stream_key)) == 0;
}

static void make_key(stream_key *key, const mps_segment *segment)
{
    int order = mps_address_compare(&segment->source, &segment->destination);
    if (order == 0)
        order = segment->source_port > segment->destination_port ? 1 : -1;

    const unsigned sender = order > 0 ? 1 : 0;
    key->address[sender] = segment->source;
    key->port[sender] = segment->source_port;
    key->address[!sender] = segment->destination;
    key->port[!sender] = segment->destination_port;
}

static void begin_connection(mps_streams *streams, stream_entry *stream)
{
    stream->number = streams->count++;
    stream->has_initial[0] = stream->has_initial[1] = false;
}

/* Is a segment sent by this endpoint of the key to the other one? */
static inline bool is_sent_by(const stream_key *key, unsigned sender, const mps_segment *segment)
{
    return key->port[sender] == segment->source_port &&
           key->port[!sender] == segment->destination_port &&
           memcmp(&key->address[sender], &segment->source, sizeof segment->source) == 0 &&
           memcmp(&key->address[!sender], &segment->destination, sizeof segment->destination) == 0;
}

/* The segment is not of these endpoints. */
#define NEITHER 2u

/* @return which endpoint of the key sent the segment, 0 or 1: the direction; or NEITHER */
static inline unsigned sender_in(const stream_key *key, const mps_segment *segment)
{
    return is_sent_by(key, 0, segment) ? 0 : is_sent_by(key, 1, segment) ? 1 : NEITHER;
}

/* Look the latest connection of a segment up by addresses and ports. Begin one if there is none. */
static G_GNUC_NO_INLINE stream_entry *look_up(mps_streams *streams, const mps_segment *segment)
{
    stream_key key;
    make_key(&key, segment);
    stream_entry *found = g_hash_table_lookup(streams->table, &key);
    if (found != NULL)
        return found;
    found = mps_pool_add(streams->entries);
    found->key = key;
    begin_connection(streams, found);
    g_hash_table_add(streams->table, found);
    return found;
}

static void note_initial(stream_entry *stream, const mps_segment *segment, unsigned sender)
{
    if (MPS_UNLIKELY(!stream->has_initial[sender])) {
        stream->initial[sender] = segment->seq - (segment->flags & MPS_TCP_SYN ? 0 : 1);
        stream->has_initial[sender] = true;
    }
    if (MPS_UNLIKELY(!stream->has_initial[!sender]) && (segment->flags & MPS_TCP_ACK) != 0) {
        stream->initial[!sender] = segment->ack - 1;
        stream->has_initial[!sender] = true;
    }
}

int32_t mps_streams_number(mps_streams *streams, const mps_segment *segment, bool quoted)
{
    const unsigned handshake = segment->flags & (MPS_TCP_SYN | MPS_TCP_ACK);
    stream_entry **recent =
        &streams->recent[(segment->source_port ^ segment->destination_port) % RECENT_STREAMS];
    stream_entry *found = *recent;
    unsigned sender = found != NULL ? sender_in(&found->key, segment) : NEITHER;
    if (MPS_UNLIKELY(sender == NEITHER)) {
        found = *recent = look_up(streams, segment);
        sender = sender_in(&found->key, segment);
    }
    if (MPS_UNLIKELY(handshake & MPS_TCP_SYN) && found->has_initial[sender] &&
        segment->seq != found->initial[sender]) {
        if (handshake == MPS_TCP_SYN)
            begin_connection(streams, found);
        else
            found->initial[sender] = segment->seq;
    }

    if (MPS_LIKELY(!quoted))
        note_initial(found, segment, sender);
    return found->number;
}

mps_streams *mps_streams_new(void)
{
    mps_streams *streams = g_new0(mps_streams, 1);

    streams->table = g_hash_table_new(hash_key, equal_keys);
    streams->entries = mps_pool_new(sizeof(stream_entry));
    return streams;
}

void mps_streams_free(mps_streams *streams)
{
    g_hash_table_destroy(streams->table);
    mps_pool_free(streams->entries);
    g_free(streams);
}
