// SPDX-License-Identifier: GPL-2.0-or-later
//
// path.c: one direction of a path: rate, queue, delay, loss, duplication, reordering.

#include "path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"

struct path_frame {
    struct path_frame *previous;
    struct path_frame *next;
    int64_t due;
    size_t entry; /**< index of its entry in the record */
    size_t length;
    uint8_t bytes[];
};

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);
    if (!memory) {
        fputs("emulator: out of memory\n", stderr);
        abort();
    }
    return memory;
}

/** SplitMix64, because it is small and gives the same numbers on every machine. */
static uint64_t next_random(struct path *path)
{
    uint64_t z = path->random += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

/** @return true with a probability given in millionths. */
static bool chance(struct path *path, uint32_t millionths)
{
    return millionths && next_random(path) % 1000000 < millionths;
}

void path_init(struct path *path, const struct path_settings *settings, uint64_t seed)
{
    *path = (struct path){.settings = *settings, .random = seed};
    if (settings->queue) {
        path->departures = allocate(settings->queue * sizeof *path->departures);
    }
}

void path_free(struct path *path)
{
    while (path->first) {
        struct path_frame *frame = path->first;
        path->first = frame->next;
        free(frame);
    }
    free(path->departures);
    record_free(&path->record);
}

/** When the link can begin to send a frame that comes now, ns. Fills in how long it waits. */
static int64_t link_begin(const struct path *path, int64_t now, struct record_entry *entry)
{
    const struct path_settings *settings = &path->settings;
    int64_t begin = path->link_free > now ? path->link_free : now;
    int64_t stop = path->first_tcp + settings->freeze;
    if (settings->freeze && path->first_tcp && begin >= stop &&
        begin < stop + settings->freeze_time) {
        entry->frozen = stop + settings->freeze_time - begin;
        begin += entry->frozen;
    }
    entry->queued = begin - now;
    return begin;
}

/**
 * Send a frame over the bottleneck link.
 *
 * @param entry  gets how long the frame waits for the link, and how long the link needs for it
 * @return when the whole frame has left the link, ns; -1: the queue is full
 */
static int64_t enter_link(struct path *path, size_t length, struct record_entry *entry)
{
    const struct path_settings *settings = &path->settings;
    int64_t now = entry->received;
    int64_t *slot = NULL;
    if (settings->queue) {
        // The frame that came `queue` frames before this one is still queued: the queue is full.
        slot = &path->departures[path->departed % settings->queue];
        if (*slot > now) {
            return -1;
        }
    }
    int64_t begin = link_begin(path, now, entry);
    if (settings->rate) {
        entry->service = (int64_t)(length * 8 * 1000000 / settings->rate);
    }
    path->link_free = begin + entry->service;
    if (slot) {
        *slot = path->link_free;
        path->departed++;
    }
    return path->link_free;
}

/**
 * When a frame leaves the path, ns. May mark its entry as reordered.
 *
 * @param departure  when it left the link, ns
 */
static int64_t due_time(struct path *path, int64_t departure, struct record_entry *entry)
{
    const struct path_settings *settings = &path->settings;
    int64_t due = departure + settings->delay;
    if (settings->jitter) {
        due += (int64_t)(next_random(path) % ((uint64_t)settings->jitter + 1));
    }
    if (entry->is_tcp && chance(path, settings->reorder)) {
        entry->verdict = VERDICT_REORDERED;
        return due + settings->reorder_hold;
    }
    if (due < path->last_due) {
        due = path->last_due;
    }
    path->last_due = due;
    return due;
}

/** Insert a copy of a frame into the list of frames in transit, which is sorted by `due`. */
static void enqueue(struct path *path, const uint8_t *bytes, size_t length, int64_t due,
                    size_t entry)
{
    struct path_frame *frame = allocate(sizeof *frame + length);
    frame->due = due;
    frame->entry = entry;
    frame->length = length;
    memcpy(frame->bytes, bytes, length);

    struct path_frame *before = path->last;
    while (before && before->due > due) {
        before = before->previous;
    }
    frame->previous = before;
    frame->next = before ? before->next : path->first;
    *(before ? &before->next : &path->first) = frame;
    *(frame->next ? &frame->next->previous : &path->last) = frame;
}

/** Record the properties of a frame as it will be sent. */
static void describe_output(struct record_entry *entry, uint8_t *bytes, size_t length)
{
    entry->output_length = length;
    entry->output_print = frame_print(bytes, length);
    struct tcp_view view;
    if (frame_find_tcp(bytes, length, &view)) {
        entry->payload = (size_t)(view.end - view.payload);
        entry->sequence = load32(view.tcp + 4);
        entry->flow = frame_flow(&view);
    }
}

/** Take a frame as a wire carries it, with its entry so far. */
static void take_wire_frame(struct path *path, struct mangler *mangler, int direction,
                            uint8_t *bytes, size_t length, struct record_entry entry)
{
    mangle(mangler, direction, bytes, length);
    describe_output(&entry, bytes, length);

    uint64_t number = entry.is_tcp ? path->tcp_frames++ : 0;
    if (entry.is_tcp && number == 0) {
        path->first_tcp = entry.received;
    }
    bool lose = number > 0 && number <= path->settings.lose;
    if (entry.is_tcp && (lose || chance(path, path->settings.loss))) {
        entry.verdict = VERDICT_LOST;
        record_add(&path->record, &entry);
        return;
    }
    int64_t departure = enter_link(path, length, &entry);
    if (departure < 0) {
        entry.verdict = VERDICT_QUEUE;
        record_add(&path->record, &entry);
        return;
    }
    int64_t due = due_time(path, departure, &entry);
    bool twice = entry.is_tcp && chance(path, path->settings.duplicate);
    size_t index = record_add(&path->record, &entry);
    for (int copies = twice ? 2 : 1; copies > 0; copies--) {
        enqueue(path, bytes, length, due, index);
    }
}

void path_take(struct path *path, struct mangler *mangler, int direction, uint8_t *bytes,
               const struct port_frame *frame)
{
    struct record_entry entry = {
        .received = frame->time,
        .input = ++path->record.inputs,
        .length = frame->length,
        .input_print = frame_print(bytes, frame->length),
        .is_tcp = frame_is_tcp(bytes, frame->length),
        .verdict = VERDICT_PENDING,
    };
    struct tcp_view view;
    bool is_segment = frame_find_tcp(bytes, frame->length, &view);
    size_t payload = is_segment ? (size_t)(view.end - view.payload) : 0;
    if (!frame->segment_size || payload <= frame->segment_size) {
        if (is_segment && frame->needs_checksum) {
            frame_fix_checksums(&view);
        }
        take_wire_frame(path, mangler, direction, bytes, frame->length, entry);
        return;
    }
    uint8_t *segment = allocate(frame->length);
    for (size_t number = 0; entry.offset < payload; number++) {
        size_t left = payload - entry.offset;
        size_t part = left < frame->segment_size ? left : frame->segment_size;
        size_t length = frame_cut(bytes, &view, entry.offset, part, number, segment);
        take_wire_frame(path, mangler, direction, segment, length, entry);
        entry.offset += part;
    }
    free(segment);
}

/** Remove the first frame from the list. */
static struct path_frame *dequeue(struct path *path)
{
    struct path_frame *frame = path->first;
    path->first = frame->next;
    *(frame->next ? &frame->next->previous : &path->last) = NULL;
    return frame;
}

void path_deliver(struct path *path, const struct port *out, int64_t now)
{
    while (path->first && path->first->due <= now) {
        struct path_frame *frame = dequeue(path);
        if (port_send(out, frame->bytes, frame->length)) {
            record_sent(&path->record, frame->entry, now);
        } else if (!path->record.entries[frame->entry].output[0]) {
            path->record.entries[frame->entry].verdict = VERDICT_REFUSED;
        }
        free(frame);
    }
}

int64_t path_next_due(const struct path *path)
{
    return path->first ? path->first->due : INT64_MAX;
}
