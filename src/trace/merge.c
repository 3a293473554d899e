/* merge.c: brings segments into the order of time (merge.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "merge.h"
#include "base/times.h"
#include <glib.h>
#include <string.h>

/* How long a segment waits for earlier ones of other interfaces, ns, and how many wait at most. */
#define WAIT_NS INT64_C(500000000)
#define WAITING_MAX 16384u

/* Segments that are allocated at a time. */
#define BLOCK 64u

/* Interfaces with the same remainder share a queue; a power of two. Late segments need few. */
#define QUEUES 16u

/* A segment or an ICMP error that waits. */
typedef struct waiting {
    struct waiting *next;
    mps_icmp_error *icmp; /* owned; NULL: it is a segment */
    int64_t time;         /* of either */
    uint32_t frame;
    mps_segment segment;
} waiting;

/* Those of an interface, or segments that come in the order of time; in the order of the file. */
typedef struct {
    waiting *first, *last; /* NULL: none; `last` counts only with `first` */
} queue;

struct mps_merge {
    queue queues[QUEUES];
    unsigned used;     /* queues that were used, from the first */
    unsigned count;    /* of all that wait */
    bool by_interface; /* which queue a segment joins */
    bool ended;
    bool failed;       /* a segment came too late */
    int64_t wait;      /* how long segments wait, ns */
    int64_t latest;    /* time of the latest that was read, ns */
    queue *top;        /* which that joined */
    queue *earliest;   /* whose first one is next; NULL: none waits */
    int64_t due;       /* it waits until a later one was read, ns */
    GPtrArray *blocks; /* all room: arrays of BLOCK */
    waiting *spare;    /* room that is free; the first is for the next segment */
    waiting *taken;    /* the latest that was taken; NULL: none was */
};

mps_merge *mps_merge_new(bool by_interface)
{
    mps_merge *merge = g_new0(mps_merge, 1);
    merge->by_interface = by_interface;
    merge->wait = by_interface ? WAIT_NS : MPS_LATE_NS;
    merge->latest = INT64_MIN;
    merge->due = INT64_MAX;
    merge->blocks = g_ptr_array_new_with_free_func(g_free);
    return merge;
}

/* What was taken before is no longer needed. */
static void free_taken(mps_merge *merge)
{
    waiting *taken = merge->taken;
    if (!taken)
        return;
    g_clear_pointer(&taken->icmp, g_free);
    taken->next = merge->spare;
    merge->spare = taken;
}

void mps_merge_free(mps_merge *merge)
{
    if (!merge)
        return;
    for (unsigned i = 0; i < merge->used; i++)
        for (const waiting *each = merge->queues[i].first; each; each = each->next)
            g_free(each->icmp);
    free_taken(merge);
    g_ptr_array_free(merge->blocks, TRUE);
    g_free(merge);
}

bool mps_merge_is_ready(const mps_merge *merge)
{
    return merge->latest > merge->due || merge->ended || merge->count == WAITING_MAX;
}

static void add_block(mps_merge *merge)
{
    waiting *block = g_new(waiting, BLOCK);
    g_ptr_array_add(merge->blocks, block);
    for (unsigned i = 0; i < BLOCK; i++) {
        block[i].next = merge->spare;
        merge->spare = &block[i];
    }
}

mps_segment *mps_merge_room(mps_merge *merge)
{
    if (!merge->spare)
        add_block(merge);
    return &merge->spare->segment;
}

static inline bool is_before(const waiting *a, const waiting *b)
{
    return a->time < b->time || (a->time == b->time && a->frame < b->frame);
}

static inline void set_earliest(mps_merge *merge, queue *earliest)
{
    merge->earliest = earliest;
    merge->due = earliest ? earliest->first->time + merge->wait : INT64_MAX;
}

/* @return the first queue that ends no later than `time`; that of the latest segment where none
 * does, or where `time` is too far behind it */
static queue *queue_in_order(mps_merge *merge, int64_t time)
{
    if (mps_minus(merge->latest, time) >= MPS_LATE_NS) {
        merge->failed = true;
        return merge->top;
    }
    for (queue *each = merge->queues; each < merge->queues + merge->used; each++)
        if (!each->first || each->last->time <= time)
            return each;
    return merge->used < QUEUES ? &merge->queues[merge->used] : merge->top;
}

void mps_merge_add(mps_merge *merge, const mps_icmp_error *icmp)
{
    waiting *added = merge->spare;
    const mps_segment *segment = &added->segment;
    const uint32_t interface = icmp ? icmp->link.interface : segment->link.interface;
    merge->spare = added->next;
    added->next = NULL;
    added->icmp = icmp ? g_memdup2(icmp, sizeof *icmp) : NULL;
    added->time = icmp ? icmp->time : segment->time;
    added->frame = icmp ? icmp->frame : segment->frame;
    queue *own = merge->by_interface ? &merge->queues[interface % QUEUES]
                                     : queue_in_order(merge, added->time);
    if (own->first)
        own->last->next = added;
    else
        own->first = added;
    own->last = added;
    merge->used = MAX(merge->used, (unsigned)(own - merge->queues) + 1);
    merge->count++;
    if (added->time >= merge->latest) {
        merge->latest = added->time;
        merge->top = own;
    }
    if (!merge->earliest || is_before(own->first, merge->earliest->first))
        set_earliest(merge, own);
}

bool mps_merge_failed(const mps_merge *merge)
{
    return merge->failed;
}

void mps_merge_end(mps_merge *merge)
{
    merge->ended = true;
}

static void find_earliest(mps_merge *merge)
{
    queue *earliest = NULL;
    for (queue *each = merge->queues; each < merge->queues + merge->used; each++)
        if (each->first && (!earliest || is_before(each->first, earliest->first)))
            earliest = each;
    set_earliest(merge, earliest);
}

mps_next mps_merge_take(mps_merge *merge, mps_segment **segment)
{
    if (!merge->earliest)
        return MPS_NEXT_END;
    waiting *taken = merge->earliest->first;
    merge->earliest->first = taken->next;
    merge->count--;
    find_earliest(merge);
    free_taken(merge);
    merge->taken = taken;
    *segment = &taken->segment;
    return taken->icmp ? MPS_NEXT_ICMP_ERROR : MPS_NEXT_SEGMENT;
}

const mps_icmp_error *mps_merge_icmp_error(const mps_merge *merge)
{
    return merge->taken->icmp;
}
