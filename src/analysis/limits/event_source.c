/* event_source.c: the events of a flow series, from the records of its subflows.
 *
 * Each subflow measures the RTTs of its own events, also for the data level: an acknowledgement of
 * data shows a queue if its acknowledgement on its subflow does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "event_source.h"
#include "path_samples.h"

struct mps_event_source {
    const mps_limit_path *paths;
    uint32_t count; /* of them */
    mps_direction direction;
    mps_event_level level;
    mps_record_merge *merge;                            /* its sources are 2 * path + direction */
    mps_round_trips *subflow;                           /* RTTs of each path */
    mps_round_trips data;                               /* those at data level */
    bool has_base;                                      /* data was sent */
    uint64_t base;                                      /* where the first of it ends */
    mps_limit_event events[MPS_LIMIT_EVENTS_OF_RECORD]; /* of the latest record */
    unsigned given, ready;                              /* of them; events before `given` were */
};

mps_event_source *mps_event_source_new(const mps_limit_path *paths, uint32_t count,
                                       mps_direction direction, mps_event_level level)
{
    mps_event_source *source = g_new0(mps_event_source, 1);
    source->paths = paths;
    source->count = count;
    source->direction = direction;
    source->level = level;
    source->subflow = g_new0(mps_round_trips, MAX(count, 1));
    source->merge = mps_record_merge_new(NULL);
    for (uint32_t i = 0; i < count; i++)
        mps_limit_path_add(&paths[i], source->merge, 2 * i);
    return source;
}

static void forget_events(mps_event_source *source)
{
    for (uint32_t i = 0; i < source->count; i++)
        mps_round_trips_clear(&source->subflow[i]);
    mps_round_trips_clear(&source->data);
}

void mps_event_source_free(mps_event_source *source)
{
    forget_events(source);
    mps_record_merge_free(source->merge);
    g_free(source->subflow);
    g_free(source);
}

static void begin(void *data)
{
    mps_event_source *source = data;
    forget_events(source);
    source->has_base = false;
    source->given = source->ready = 0;
    mps_record_merge_begin(source->merge);
}

/* Measure the RTTs of events of a subflow. @return the one that an acknowledgement gave; -1: none
 */
static int64_t measure(mps_round_trips *trips, mps_limit_event *events, unsigned count)
{
    int64_t rtt = -1;
    for (unsigned i = 0; i < count; i++)
        rtt = events[i].rtt = mps_round_trips_take(trips, &events[i]);
    return rtt;
}

/* Replace the events of a subflow by those at data level. */
static void turn_into_data(mps_event_source *source, const mps_limit_packet *packet)
{
    source->ready = 0;
    if (!source->has_base && packet->own && packet->record.data > 0) {
        source->base = packet->record.data_end;
        source->has_base = true;
    }
    if (!source->has_base)
        return;
    source->ready = mps_limits_data_events(packet, source->base, source->events);
    measure(&source->data, source->events, source->ready);
}

static void take(mps_event_source *source, const mps_merged_record *merged)
{
    const uint32_t number = merged->source / 2;
    const mps_direction from = merged->source % 2 ? MPS_S2C : MPS_C2S;
    const mps_limit_path *path = &source->paths[number];
    mps_limit_packet packet = {mps_limits_record(merged->numbers), from == source->direction,
                               false};
    packet.small = packet.own && mps_limits_is_small(&packet.record, path->packet[from]);
    source->given = 0;
    source->ready = mps_limits_subflow_events(&packet, source->events);
    const int64_t rtt = measure(&source->subflow[number], source->events, source->ready);
    if (source->level == MPS_EVENTS_OF_DATA)
        turn_into_data(source, &packet);
    if (rtt < 0)
        return;
    for (unsigned i = 0; i < source->ready; i++) {
        source->events[i].sampled = true;
        source->events[i].queued = mps_limits_is_queued(rtt, path->least_rtt[source->direction]);
    }
}

static const mps_limit_event *next(void *data)
{
    mps_event_source *source = data;
    while (source->given == source->ready) {
        const mps_merged_record *merged = mps_record_merge_next(source->merge);
        if (!merged)
            return NULL;
        take(source, merged);
    }
    return &source->events[source->given++];
}

mps_limit_events mps_event_source_events(mps_event_source *source)
{
    return (mps_limit_events){begin, next, source};
}
