/* trace.c: all segments of one file, by TCP connection and direction.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <mptcpscope/match.h>
#include <mptcpscope/source.h>

struct mps_trace {
    char *name;
    mps_tracker *tracker;
    int64_t resolution;
    GPtrArray *halves; /* GArray of mps_packet, two (by half) for each subflow id */
};

#define RESOLUTION_COARSEST 1000000 /* ns */

static void free_half(gpointer packets)
{
    g_array_free(packets, TRUE);
}

static uint32_t mix(uint32_t digest, uint32_t value)
{
    digest ^= value;
    digest *= 2654435761u; /* Knuth's multiplier */
    return digest ^ digest >> 15;
}

/* A path that shifts sequence numbers shifts SACK blocks and ack alike. */
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
    uint32_t digest = 0;
    for (unsigned i = 0; i < segment->mptcp_count; i++) {
        const mps_option *option = &segment->mptcp[i];
        for (unsigned k = 0; !option->truncated && k < option->length; k++)
            digest = mix(digest, option->raw[k] + 1u);
    }
    return digest;
}

static void note_time(mps_trace *trace, int64_t time)
{
    while (trace->resolution > 1 && time % trace->resolution != 0)
        trace->resolution /= 10;
}

static void add_packet(mps_trace *trace, const mps_segment *segment, const mps_verdict *verdict)
{
    guint index = 2 * verdict->subflow + verdict->half;
    while (trace->halves->len <= index)
        g_ptr_array_add(trace->halves, g_array_new(FALSE, FALSE, sizeof(mps_packet)));
    note_time(trace, segment->time);
    mps_packet packet = {
        .time = segment->time,
        .frame = segment->frame,
        .seq = segment->seq,
        .ack = segment->flags & MPS_TCP_ACK ? segment->ack : 0,
        .length = segment->length,
        .tsval = segment->has_timestamps ? segment->tsval : 0,
        .tsecr = segment->has_timestamps ? segment->tsecr : 0,
        .options = digest_options(segment),
        .sack = digest_sack(segment),
        .ip_id = segment->ip_id,
        .flags = segment->flags,
        .window = segment->window,
    };
    g_array_append_val((GArray *)trace->halves->pdata[index], packet);
}

mps_trace *mps_trace_load(const char *path, unsigned needs, GError **error)
{
    mps_source *source = mps_source_open(path, error);
    if (!source)
        return NULL;
    mps_trace *trace = g_new0(mps_trace, 1);
    trace->name = g_strdup(mps_source_capture(source));
    trace->resolution = RESOLUTION_COARSEST;
    trace->tracker = mps_tracker_new(MPS_TRACK_TCP);
    mps_tracker_want(trace->tracker, needs);
    trace->halves = g_ptr_array_new_with_free_func(free_half);
    mps_segment segment;
    mps_verdict verdict;
    int got;
    while ((got = mps_source_next(source, &segment, error)) > 0)
        if (mps_tracker_segment(trace->tracker, &segment, &verdict))
            add_packet(trace, &segment, &verdict);
    mps_source_close(source);
    if (got == 0)
        return trace;
    mps_trace_free(trace);
    return NULL;
}

void mps_trace_free(mps_trace *trace)
{
    if (!trace)
        return;
    mps_tracker_free(trace->tracker);
    g_ptr_array_free(trace->halves, TRUE);
    g_free(trace->name);
    g_free(trace);
}

const char *mps_trace_name(const mps_trace *trace)
{
    return trace->name;
}

int64_t mps_trace_resolution(const mps_trace *trace)
{
    return trace->resolution;
}

const mps_tracker *mps_trace_tracker(const mps_trace *trace)
{
    return trace->tracker;
}

const mps_packet *mps_trace_packets(const mps_trace *trace, uint32_t id, mps_direction direction,
                                    size_t *count)
{
    unsigned half = mps_tracker_direction(trace->tracker, id, 0) == direction ? 0 : 1;
    guint index = 2 * id + half;
    *count = 0;
    if (index >= trace->halves->len)
        return NULL;
    const GArray *packets = trace->halves->pdata[index];
    *count = packets->len;
    return (const mps_packet *)packets->data;
}
