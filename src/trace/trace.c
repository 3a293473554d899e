/* trace.c: loads all segments of a file, by TCP connection and direction.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "trace.h"
#include "analysis/notes.h"
#include "base/bytes.h"
#include "base/parallel.h"
#include <mptcpscope/replay.h>
#include <string.h>

struct mps_trace {
    char *name;
    char *cut_off; /* where the file is; NULL: it is not */
    mps_tracker *tracker;
    int64_t resolution;   /* of the times, ns */
    int64_t start;        /* of the capture, ns */
    int64_t first, last;  /* times of the earliest and of the latest segment, ns */
    bool any;             /* there is a segment */
    GPtrArray *halves;    /* GArray of mps_packet, two (by half) for each subflow id */
    GPtrArray *headers;   /* GArray of mps_header, likewise; NULL: not kept */
    GPtrArray *notes;     /* char *: what a reader of any report should know */
    uint64_t drops;       /* packets */
    mps_near_choice near; /* as the user says */
};

/* The coarsest resolution of times that is recognised, ns. */
#define RESOLUTION_COARSEST 1000000

static void free_half(gpointer half)
{
    g_array_free(half, TRUE);
}

/* Add a value to a digest. */
static uint32_t mix(uint32_t digest, uint32_t value)
{
    digest ^= value;
    digest *= MPS_GOLDEN_RATIO_32;
    return digest ^ digest >> 15;
}

/* A path that shifts sequence numbers shifts SACK blocks and the ack equally. */
static uint32_t digest_sack(const mps_segment *segment)
{
    uint32_t digest = 0;
    for (unsigned i = 0; i < segment->sack_blocks; i++) {
        digest = mix(digest, segment->sack[i].left - segment->ack);
        digest = mix(digest, segment->sack[i].right - segment->ack);
    }
    return digest;
}

static uint32_t digest_options(const mps_segment *segment)
{
    uint32_t digest = 0, word;
    for (unsigned i = 0; i < segment->mptcp_count; i++) {
        const mps_option *option = &segment->mptcp[i];
        if (option->truncated)
            continue;
        unsigned at = 0;
        for (; at + sizeof word <= option->length; at += sizeof word) {
            memcpy(&word, option->raw + at, sizeof word);
            digest = mix(digest, word);
        }
        for (; at < option->length; at++)
            digest = mix(digest, option->raw[at]);
    }
    return digest;
}

/* Refine the resolution until a time is a multiple of it, and extend the trace to it. */
static void note_time(mps_trace *trace, int64_t time)
{
    while (trace->resolution > 1 && time % trace->resolution != 0)
        trace->resolution /= 10;
    trace->first = trace->any ? MIN(trace->first, time) : time;
    trace->last = trace->any ? MAX(trace->last, time) : time;
    trace->any = true;
}

/* The list of a half, which is created if it does not exist. */
static GArray *half_at(GPtrArray *halves, guint index, guint element_size)
{
    while (halves->len <= index)
        g_ptr_array_add(halves, g_array_new(FALSE, FALSE, element_size));
    return halves->pdata[index];
}

static void add_header(GArray *headers, const mps_segment *segment)
{
    mps_header header = {
        .ack = segment->ack,
        .checksum = segment->checksum,
        .urgent = segment->urgent,
        .payload_sum = segment->payload_sum,
        .has_payload_sum = segment->has_payload_sum,
        .ttl = segment->ttl,
        .tos = segment->tos,
        .header_length = segment->header_length,
        .options_captured = segment->options_captured,
    };
    memcpy(header.options, segment->options, segment->options_captured);
    g_array_append_val(headers, header);
}

static void add_packet(mps_trace *trace, const mps_segment *segment, const mps_verdict *verdict)
{
    guint index = 2 * verdict->subflow + verdict->half;
    GArray *half = half_at(trace->halves, index, sizeof(mps_packet));
    note_time(trace, segment->time);
    mps_packet packet = {
        .time = segment->time,
        .frame = segment->frame,
        .order = segment->order,
        .seq = segment->seq,
        .ack = segment->flags & MPS_TCP_ACK ? segment->ack : 0,
        .length = segment->length,
        .tsval = segment->tsval,
        .tsecr = segment->tsecr,
        .options = digest_options(segment),
        .sack = digest_sack(segment),
        .ip_id = segment->ip_id,
        .flags = segment->flags,
        .window = segment->window,
        .cut = segment->options_truncated,
    };
    g_array_append_val(half, packet);
    if (trace->headers)
        add_header(half_at(trace->headers, index, sizeof(mps_header)), segment);
}

/* A packet to be sorted. */
typedef struct {
    uint32_t order;
    guint index; /* before sorting */
} mps_place;

static gint compare_places(gconstpointer a, gconstpointer b)
{
    const mps_place *x = a, *y = b;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* @param places  mps_place of each element, as they shall be sorted */
static void put_in_order(GArray *array, const GArray *places)
{
    const gsize size = g_array_get_element_size(array);
    char *unsorted = g_memdup2(array->data, array->len * size);
    for (guint i = 0; i < places->len; i++)
        memcpy(array->data + i * size, unsorted + g_array_index(places, mps_place, i).index * size,
               size);
    g_free(unsorted);
}

/* Sort the packets of each half, and the headers likewise. */
static void sort_halves(mps_trace *trace)
{
    for (guint half = 0; half < trace->halves->len; half++) {
        GArray *packets = trace->halves->pdata[half];
        GArray *places = g_array_sized_new(FALSE, FALSE, sizeof(mps_place), packets->len);
        bool sorted = true;
        for (guint i = 0; i < packets->len; i++) {
            const mps_place place = {g_array_index(packets, mps_packet, i).order, i};
            sorted =
                sorted && (i == 0 || g_array_index(places, mps_place, i - 1).order <= place.order);
            g_array_append_val(places, place);
        }
        if (!sorted) {
            g_array_sort(places, compare_places);
            put_in_order(packets, places);
            if (trace->headers)
                put_in_order(trace->headers->pdata[half], places);
        }
        g_array_free(places, TRUE);
    }
}

/* Add the segments that count after all, now that it is known that they are no copies.
 * @return whether there are any: they come after packets of later frames */
static bool add_late_packets(mps_trace *trace)
{
    const mps_segment *segment;
    const mps_verdict *verdict;
    uint32_t count = 0;
    while ((segment = mps_tracker_late_segment(trace->tracker, count, &verdict))) {
        add_packet(trace, segment, verdict);
        count++;
    }
    return count > 0;
}

static void take_icmp(const mps_trace *trace, const mps_source *source,
                      const mps_trace_visitor *visitor)
{
    const mps_icmp_record *record = mps_tracker_icmp(trace->tracker, mps_source_icmp_error(source));
    if (record && visitor)
        visitor->icmp(record, visitor->data);
}

/* Take in all segments. @param tracker  takes them in; the trace owns it from now on
 * @return as mps_source_next() */
static mps_next take_all(mps_trace *trace, mps_source *source, mps_tracker *tracker, unsigned needs,
                         const mps_trace_visitor *visitor, GError **error)
{
    const mps_segment *segment;
    mps_verdict verdict;
    bool late = false;
    mps_next got;
    trace->tracker = tracker;
    mps_analyses_want(tracker, (needs | MPS_NEED_VANTAGE) & ~(unsigned)MPS_NEED_HEADERS);
    trace->halves = g_ptr_array_new_with_free_func(free_half);
    if (needs & MPS_NEED_HEADERS)
        trace->headers = g_ptr_array_new_with_free_func(free_half);
    while ((got = mps_source_next(source, &segment, error)) > 0) {
        if (got == MPS_NEXT_ICMP_ERROR) {
            take_icmp(trace, source, visitor);
            continue;
        }
        if (!mps_tracker_segment(trace->tracker, segment, &verdict))
            continue;
        if (visitor)
            visitor->segment(segment, &verdict, visitor->data);
        late |= add_late_packets(trace);
        if (!verdict.copy)
            add_packet(trace, segment, &verdict);
    }
    mps_tracker_finish(trace->tracker);
    late |= add_late_packets(trace);
    if (late)
        sort_halves(trace);
    return got;
}

static void free_segments(mps_trace *trace)
{
    mps_tracker_free(trace->tracker);
    g_ptr_array_free(trace->halves, TRUE);
    if (trace->headers)
        g_ptr_array_free(trace->headers, TRUE);
    trace->tracker = NULL;
    trace->halves = trace->headers = NULL;
}

/* Take in all segments again, in the order of time. @return as mps_source_next() */
static mps_next take_again(mps_trace *trace, mps_source *source, unsigned needs,
                           const mps_trace_visitor *visitor, GError **error)
{
    mps_tracker *again = mps_source_again(source, trace->tracker, error);
    if (!again)
        return MPS_NEXT_FAILED;
    free_segments(trace);
    if (visitor)
        visitor->again(visitor->data);
    return take_all(trace, source, again, needs, visitor, error);
}

mps_trace *mps_trace_read(mps_source *source, unsigned needs, const mps_trace_visitor *visitor,
                          GError **error)
{
    mps_trace *trace = g_new0(mps_trace, 1);
    trace->name = g_strdup(mps_source_capture(source));
    trace->resolution = RESOLUTION_COARSEST;
    mps_source_sort(source);
    mps_tracker *tracker = mps_tracker_new(MPS_TRACK_TCP);
    mps_replay_follows(tracker);
    mps_next got = take_all(trace, source, tracker, needs, visitor, error);
    while (got == MPS_NEXT_END && mps_source_must_again(source, trace->tracker))
        got = take_again(trace, source, needs, visitor, error);
    trace->cut_off = g_strdup(mps_source_cut_off(source));
    trace->notes = g_ptr_array_new_with_free_func(g_free);
    mps_source_notes(source, trace->notes);
    mps_segment_notes(trace->tracker, trace->notes);
    trace->drops = mps_source_drops(source);
    trace->start = mps_source_start(source);
    if (got == MPS_NEXT_END)
        return trace;
    mps_trace_free(trace);
    return NULL;
}

static void read_one(unsigned i, void *data)
{
    mps_trace_reading *reading = (mps_trace_reading *)data + i;
    reading->trace =
        mps_trace_read(reading->source, reading->needs, reading->visitor, &reading->error);
    g_clear_pointer(&reading->source, mps_source_close);
}

void mps_traces_read(mps_trace_reading *readings, unsigned count)
{
    mps_parallel(count, SIZE_MAX, read_one, readings);
}

mps_trace *mps_trace_load(const char *path, unsigned needs, GError **error)
{
    mps_source *source = mps_source_open(path, error);
    mps_trace *trace = source ? mps_trace_read(source, needs, NULL, error) : NULL;
    mps_source_close(source);
    return trace;
}

void mps_trace_free(mps_trace *trace)
{
    if (!trace)
        return;
    free_segments(trace);
    g_ptr_array_free(trace->notes, TRUE);
    g_free(trace->name);
    g_free(trace->cut_off);
    g_free(trace);
}

void mps_trace_set_near(mps_trace *trace, const mps_near_choice *near)
{
    trace->near = *near;
}

const mps_near_choice *mps_trace_near(const mps_trace *trace)
{
    return &trace->near;
}

const char *mps_trace_name(const mps_trace *trace)
{
    return trace->name;
}

int64_t mps_trace_start(const mps_trace *trace)
{
    return trace->start;
}

const char *mps_trace_cut_off(const mps_trace *trace)
{
    return trace->cut_off;
}

const GPtrArray *mps_trace_notes(const mps_trace *trace)
{
    return trace->notes;
}

int64_t mps_trace_resolution(const mps_trace *trace)
{
    return trace->resolution;
}

void mps_trace_times(const mps_trace *trace, int64_t *first, int64_t *last)
{
    *first = trace->first;
    *last = trace->last;
}

uint64_t mps_trace_drops(const mps_trace *trace)
{
    return trace->drops;
}

const mps_tracker *mps_trace_tracker(const mps_trace *trace)
{
    return trace->tracker;
}

/* The list of a direction; NULL: no segment was sent. */
static const GArray *half_of(const GPtrArray *halves, const mps_trace *trace, uint32_t id,
                             mps_direction direction)
{
    unsigned half = mps_tracker_direction(trace->tracker, id, 0) == direction ? 0 : 1;
    guint index = 2 * id + half;
    return halves && index < halves->len ? halves->pdata[index] : NULL;
}

const mps_packet *mps_trace_packets(const mps_trace *trace, uint32_t id, mps_direction direction,
                                    size_t *count)
{
    const GArray *packets = half_of(trace->halves, trace, id, direction);
    *count = packets ? packets->len : 0;
    return packets ? (const mps_packet *)packets->data : NULL;
}

const mps_header *mps_trace_headers(const mps_trace *trace, uint32_t id, mps_direction direction)
{
    const GArray *headers = half_of(trace->headers, trace, id, direction);
    return headers ? (const mps_header *)headers->data : NULL;
}
