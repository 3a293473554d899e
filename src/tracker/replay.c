/* replay.c: keeps segments, to take them in again in the order of time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/hash.h"
#include "base/sort.h"
#include "segment/option_parse.h"
#include "tracker_internal.h"
#include <mptcpscope/replay.h>
#include <string.h>

/* Bytes of options that are allocated at a time. */
#define OPTIONS_BLOCK 65536u

/* What the segments of one direction of a TCP connection have in common, as a rule. All bytes are
 * set, those between members to 0: they are compared as bytes. */
typedef struct {
    mps_link_facts link;
    mps_address source, destination;
    uint16_t source_port, destination_port;
    int32_t tcp_stream;
    uint8_t ttl, tos;
} kept_ends;

/* A kept segment. */
typedef struct {
    int64_t time;
    const uint8_t *options;
    const kept_ends *ends;
    uint32_t frame, mark;
    uint32_t seq, ack, length;
    int32_t ip_id;
    uint16_t flags, window, checksum, urgent, payload_sum;
    uint8_t header_length, options_captured;
    bool has_payload_sum;
} kept_segment;

/* The place of a segment or an ICMP error in the order of time. */
typedef struct {
    mps_moment moment; /* its `place` is the frame */
    uint32_t index;    /* of the kept segment or error */
    bool icmp;
} replay_place;

struct mps_replay {
    GArray *segments;           /* kept_segment, as captured */
    GArray *errors;             /* mps_icmp_error, as captured */
    GStringChunk *options;      /* of all segments */
    GHashTable *ends;           /* all kept_ends, which it owns */
    const kept_ends *recent[2]; /* of the latest segments: the two directions of a connection */
    GArray *places;             /* replay_place, in the order of time; NULL: not begun */
    guint next;                 /* place of the next segment */
};

static guint hash_ends(gconstpointer ends)
{
    return mps_hash_bytes(ends, sizeof(kept_ends));
}

static gboolean equal_ends(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(kept_ends)) == 0;
}

mps_replay *mps_replay_new(void)
{
    mps_replay *replay = g_new0(mps_replay, 1);
    replay->segments = g_array_new(FALSE, FALSE, sizeof(kept_segment));
    replay->errors = g_array_new(FALSE, FALSE, sizeof(mps_icmp_error));
    replay->options = g_string_chunk_new(OPTIONS_BLOCK);
    replay->ends = g_hash_table_new_full(hash_ends, equal_ends, g_free, NULL);
    return replay;
}

void mps_replay_free(mps_replay *replay)
{
    if (!replay)
        return;
    g_array_free(replay->segments, TRUE);
    g_array_free(replay->errors, TRUE);
    g_string_chunk_free(replay->options);
    g_hash_table_destroy(replay->ends);
    if (replay->places)
        g_array_free(replay->places, TRUE);
    g_free(replay);
}

/* Set members one by one, so that the bytes between them stay 0. */
static void set_ends(kept_ends *ends, const mps_segment *segment)
{
    memset(ends, 0, sizeof *ends);
    ends->link.interface = segment->link.interface;
    ends->link.link_index = segment->link.link_index;
    ends->link.source = segment->link.source;
    ends->link.destination = segment->link.destination;
    ends->link.way = segment->link.way;
    ends->source = segment->source; /* bytes only, like the other address */
    ends->destination = segment->destination;
    ends->source_port = segment->source_port;
    ends->destination_port = segment->destination_port;
    ends->tcp_stream = segment->tcp_stream;
    ends->ttl = segment->ttl;
    ends->tos = segment->tos;
}

/* @return the kept ones that are equal to those of a segment, owned by `replay` */
static const kept_ends *keep_ends(mps_replay *replay, const mps_segment *segment)
{
    kept_ends ends;
    gpointer kept;
    set_ends(&ends, segment);
    for (unsigned i = 0; i < G_N_ELEMENTS(replay->recent); i++)
        if (replay->recent[i] && equal_ends(replay->recent[i], &ends))
            return replay->recent[i];
    if (!g_hash_table_lookup_extended(replay->ends, &ends, &kept, NULL)) {
        kept = g_memdup2(&ends, sizeof ends);
        g_hash_table_add(replay->ends, kept);
    }
    replay->recent[1] = replay->recent[0];
    replay->recent[0] = kept;
    return kept;
}

void mps_replay_add(mps_replay *replay, const mps_segment *segment, uint32_t mark)
{
    const kept_segment kept = {
        .time = segment->time,
        .options = (const uint8_t *)g_string_chunk_insert_len(
            replay->options, (const char *)segment->options, segment->options_captured),
        .ends = keep_ends(replay, segment),
        .frame = segment->frame,
        .mark = mark,
        .seq = segment->seq,
        .ack = segment->ack,
        .length = segment->length,
        .ip_id = segment->ip_id,
        .flags = segment->flags,
        .window = segment->window,
        .checksum = segment->checksum,
        .urgent = segment->urgent,
        .payload_sum = segment->payload_sum,
        .header_length = segment->header_length,
        .options_captured = segment->options_captured,
        .has_payload_sum = segment->has_payload_sum,
    };
    g_array_append_val(replay->segments, kept);
}

void mps_replay_add_icmp(mps_replay *replay, const mps_icmp_error *error)
{
    g_array_append_vals(replay->errors, error, 1);
}

uint32_t mps_replay_count(const mps_replay *replay)
{
    return replay->segments->len;
}

static const kept_segment *segment_at(const mps_replay *replay, uint32_t index)
{
    return &g_array_index(replay->segments, kept_segment, index);
}

uint32_t mps_replay_mark(const mps_replay *replay, uint32_t index)
{
    return segment_at(replay, index)->mark;
}

uint32_t mps_replay_frame(const mps_replay *replay, uint32_t index)
{
    return segment_at(replay, index)->frame;
}

void mps_replay_follows(mps_tracker *read)
{
    read->replay_follows = true;
}

bool mps_replay_is_needed(const mps_tracker *read)
{
    return read->disordered || mps_leaps_count(&read->leaps) > 0;
}

mps_tracker *mps_replay_tracker(const mps_tracker *read)
{
    mps_tracker *tracker = mps_tracker_new(read->what);
    mps_leaps_know(&tracker->leaps, &read->leaps);
    return tracker;
}

mps_tracker *mps_replay_reader(const mps_tracker *read)
{
    return mps_tracker_new(read->what);
}

static gint compare_places(gconstpointer a, gconstpointer b)
{
    const replay_place *x = a, *y = b;
    const gint order = mps_moment_compare(&x->moment, &y->moment);
    if (order != 0)
        return order;
    if (x->icmp != y->icmp)
        return x->icmp ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

/* @param read  NULL: the frame alone tells the place */
static void add_place(GArray *places, const mps_tracker *read, int64_t time, uint32_t frame,
                      uint32_t index, bool icmp)
{
    const replay_place place = {
        {read ? time : 0, read ? mps_leaps_until(&read->leaps, frame) : 0, frame}, index, icmp};
    g_array_append_val(places, place);
}

void mps_replay_begin(mps_replay *replay, const mps_tracker *read)
{
    const guint count = replay->segments->len;
    if (replay->places)
        g_array_free(replay->places, TRUE);
    replay->places = g_array_sized_new(FALSE, FALSE, sizeof(replay_place), count);
    for (guint i = 0; i < count; i++) {
        const kept_segment *kept = segment_at(replay, i);
        add_place(replay->places, read, kept->time, kept->frame, i, false);
    }
    for (guint i = 0; i < replay->errors->len; i++) {
        const mps_icmp_error *error = &g_array_index(replay->errors, mps_icmp_error, i);
        add_place(replay->places, read, error->time, error->frame, i, true);
    }
    mps_sort_nearly(replay->places, compare_places);
    replay->next = 0;
}

const mps_icmp_error *mps_replay_icmp_error(const mps_replay *replay)
{
    const guint at = g_array_index(replay->places, replay_place, replay->next - 1).index;
    return &g_array_index(replay->errors, mps_icmp_error, at);
}

/* Set a segment as it was kept, except for its order. */
static void restore(mps_segment *segment, const kept_segment *kept)
{
    const kept_ends *ends = kept->ends;
    segment->frame = kept->frame;
    segment->tcp_stream = ends->tcp_stream;
    segment->time = kept->time;
    segment->link = ends->link;
    segment->source = ends->source;
    segment->destination = ends->destination;
    segment->ip_id = kept->ip_id;
    segment->ttl = ends->ttl;
    segment->tos = ends->tos;
    segment->source_port = ends->source_port;
    segment->destination_port = ends->destination_port;
    segment->seq = kept->seq;
    segment->ack = kept->ack;
    segment->flags = kept->flags;
    segment->window = kept->window;
    segment->checksum = kept->checksum;
    segment->urgent = kept->urgent;
    segment->header_length = kept->header_length;
    segment->length = kept->length;
    segment->has_payload_sum = kept->has_payload_sum;
    segment->payload_sum = kept->payload_sum;
    mps_segment_parse_options(segment, kept->options, kept->options_captured);
}

mps_next mps_replay_next(mps_replay *replay, mps_segment *segment, uint32_t *index)
{
    if (!replay->places)
        return MPS_NEXT_END;
    if (replay->next == replay->places->len) {
        g_array_free(replay->places, TRUE);
        replay->places = NULL;
        return MPS_NEXT_END;
    }
    const replay_place *place = &g_array_index(replay->places, replay_place, replay->next++);
    if (place->icmp)
        return MPS_NEXT_ICMP_ERROR;
    restore(segment, segment_at(replay, place->index));
    segment->order = replay->next;
    if (index)
        *index = place->index;
    return MPS_NEXT_SEGMENT;
}
