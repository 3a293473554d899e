/* history.c: makes the history of one host from what a capture kept of each segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "history.h"

void mps_critical_input_init(mps_critical_input *input)
{
    *input =
        (mps_critical_input){.subflows = g_array_new(FALSE, TRUE, sizeof(mps_critical_subflow))};
}

static void free_array(GArray *array)
{
    if (array)
        g_array_free(array, TRUE);
}

void mps_critical_input_clear(mps_critical_input *input)
{
    g_array_unref(input->subflows);
    for (unsigned i = 0; i < 2; i++) {
        free_array(input->hosts[i]);
        free_array(input->sacks[i]);
        free_array(input->matches[i]);
    }
}

bool mps_critical_number_data(const mps_critical_input *input, mps_direction direction,
                              uint64_t dsn, uint64_t *number)
{
    *number = dsn - input->first_data[direction] + MPS_CRITICAL_FIRST_DATA;
    return input->data_known[direction] && *number < 2 * MPS_CRITICAL_FIRST_DATA;
}

/* Find the first data of a direction. @param flow  one of its subflows */
static void find_first_data(mps_critical_input *input, const mps_flow *flow,
                            mps_direction direction)
{
    const mps_half *half = flow->half[mps_flow_direction(flow, 0) != direction];
    mps_run run;
    if (input->data_known[direction] || !flow->connection)
        return;
    const mps_space *space = flow->connection->space[direction];
    input->data_known[direction] = true;
    if (space->initial_known)
        input->first_data[direction] = space->initial + 1;
    else if (mps_runs_find(&half->maps, 0, &run))
        input->first_data[direction] = run.start + run.offset;
    else
        input->data_known[direction] = false;
}

void mps_critical_history_begin(mps_critical_history *history, mps_critical_input *input,
                                unsigned host, const mps_tracker *tracker)
{
    *history = (mps_critical_history){.input = input, .host = host, .tracker = tracker};
    history->first = g_array_new(FALSE, TRUE, sizeof(uint32_t));
    history->count = g_array_new(FALSE, TRUE, sizeof(uint32_t));
    history->place = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    input->hosts[host] = g_array_new(FALSE, FALSE, sizeof(mps_critical_segment));
    input->sacks[host] = g_array_new(FALSE, FALSE, sizeof(mps_critical_sack));
}

void mps_critical_history_clear(mps_critical_history *history)
{
    free_array(history->first);
    free_array(history->count);
    free_array(history->place);
}

/* What a half of a flow says about its segments and those of its peer. */
typedef struct {
    const mps_critical_input *input;
    mps_direction direction;
    const mps_flow *flow;
    const mps_half *own;
    const mps_critical_half *kept;
    const mps_critical_map *map;  /* of its payload */
    const mps_critical_map *back; /* of what it acknowledges */
    uint32_t scale;               /* of its windows; MPS_NONE: unknown */
    bool identity;                /* acknowledgements are those of data */
    bool known_idsn;              /* that of the other direction */
    uint64_t idsn;
} sending;

/* Without MPTCP the subflow's sequence numbers number the data. A subflow that was to join does not
 * carry data then. */
static bool is_identity(const mps_flow *flow)
{
    return !flow->connection || flow->connection->fallback != MPS_FALLBACK_NONE;
}

static void set_data_ack(mps_critical_segment *segment, const mps_critical_record *record,
                         const sending *from)
{
    if (from->identity) {
        segment->has_data_ack = segment->has_ack && from->flow->initial != 0;
        segment->data_ack = segment->ack;
        return;
    }
    segment->has_data_ack =
        record->has_data_ack && mps_critical_number_data(from->input, !from->direction,
                                                         record->data_ack, &segment->data_ack);
    /* RFC 8684 section 3.1: the handshake acknowledges the IDSN */
    if (record->capable && record->has_ack && record->ack == MPS_ANCHOR && from->known_idsn)
        segment->has_data_ack = mps_critical_number_data(from->input, !from->direction,
                                                         from->idsn + 1, &segment->data_ack);
}

static void set_dsn(mps_critical_segment *segment, const mps_critical_record *record,
                    const sending *from)
{
    mps_run run;
    if (record->length == 0)
        return;
    segment->dsn = segment->seq;
    segment->has_dsn = from->identity && from->flow->initial != 0;
    if (from->identity || !mps_runs_find(&from->own->maps, record->seq, &run) ||
        run.start > record->seq)
        return;
    segment->has_dsn = mps_critical_number_data(from->input, from->direction,
                                                record->seq + run.offset, &segment->dsn);
}

static void add_sacks(const mps_critical_history *history, mps_critical_segment *segment,
                      const mps_critical_record *record, const sending *from)
{
    GArray *sacks = history->input->sacks[history->host];
    segment->sacks = sacks->len;
    segment->sack_count = record->sack_count;
    for (unsigned i = 0; i < record->sack_count; i++) {
        mps_critical_sack sack =
            g_array_index(from->kept->sacks, mps_critical_sack, record->sacks + i);
        sack.left += from->back->shift;
        sack.right += from->back->shift;
        g_array_append_val(sacks, sack);
    }
}

/* Set the receive window. That in a SYN is never scaled (RFC 7323 section 2.2). */
static void set_window(mps_critical_segment *segment, const mps_critical_record *record,
                       const sending *from)
{
    const uint32_t scale = record->syn || record->window == 0 ? 0 : from->scale;
    segment->has_window = segment->has_ack && scale != MPS_NONE;
    if (segment->has_window)
        segment->window = record->window << MIN(scale, MPS_WINDOW_SCALE_MAX);
}

static void add_segment(const mps_critical_history *history, uint32_t subflow,
                        mps_direction direction, const mps_critical_record *record,
                        const sending *from)
{
    mps_critical_segment segment = {
        .time = record->time,
        .seq = record->seq + from->map->shift,
        .ack = record->ack + from->back->shift,
        .frame = record->frame,
        .length = record->length,
        .subflow = subflow,
        .direction = (uint8_t)direction,
        .has_ack = record->has_ack && !record->rst,
        .syn = record->syn,
        .rst = record->rst,
        .join = record->join,
        .add_addr = record->add_addr,
    };
    set_window(&segment, record, from);
    set_data_ack(&segment, record, from);
    set_dsn(&segment, record, from);
    add_sacks(history, &segment, record, from);
    g_array_append_val(history->input->hosts[history->host], segment);
}

static gint compare_records(gconstpointer a, gconstpointer b)
{
    const mps_critical_record *x = a, *y = b;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

/* A segment that counts after all, because it is no copy, was kept later than it was captured. */
static GArray *in_order_of_frames(const GArray *records)
{
    bool sorted = true;
    for (guint i = 1; sorted && i < records->len; i++)
        sorted = g_array_index(records, mps_critical_record, i - 1).frame <=
                 g_array_index(records, mps_critical_record, i).frame;
    if (sorted)
        return NULL;
    GArray *copy = g_array_sized_new(FALSE, FALSE, sizeof(mps_critical_record), records->len);
    g_array_append_vals(copy, records->data, records->len);
    g_array_sort(copy, compare_records);
    return copy;
}

static void add_half(const mps_critical_history *history, uint32_t subflow, const mps_flow *flow,
                     unsigned half)
{
    const mps_direction direction = mps_flow_direction(flow, half);
    mps_critical_subflow *of =
        &g_array_index(history->input->subflows, mps_critical_subflow, subflow);
    sending from = {
        .input = history->input,
        .direction = direction,
        .flow = flow,
        .own = flow->half[half],
        .kept = mps_critical_half_of(history->tracker, 2 * flow->id + half),
        .map = &of->map[history->host][direction],
        .back = &of->map[history->host][!direction],
        .identity = is_identity(flow),
    };
    if (!from.kept)
        return;
    if (flow->connection) {
        from.known_idsn = flow->connection->space[!direction]->initial_known;
        from.idsn = flow->connection->space[!direction]->initial;
    }
    from.scale = from.own->window_scale;
    if (from.scale == MPS_NONE && of->scale_known[direction])
        from.scale = of->scale[direction];
    if (from.kept->mss > 0)
        of->mss[!direction] = from.kept->mss;
    GArray *sorted = in_order_of_frames(from.kept->records);
    const GArray *records = sorted ? sorted : from.kept->records;
    for (guint i = 0; i < records->len; i++)
        add_segment(history, subflow, direction, &g_array_index(records, mps_critical_record, i),
                    &from);
    free_array(sorted);
}

void mps_critical_history_add(mps_critical_history *history, uint32_t subflow, uint32_t id,
                              const uint64_t shift[2])
{
    const GArray *segments = history->input->hosts[history->host];
    mps_critical_subflow *of =
        &g_array_index(history->input->subflows, mps_critical_subflow, subflow);
    const mps_flow *flow = id == MPS_NONE ? NULL : mps_tracker_flow(history->tracker, id);
    for (unsigned half = 0; flow && half < 2; half++) {
        const mps_half *own = flow->half[half];
        const mps_direction direction = mps_flow_direction(flow, half);
        of->map[history->host][direction] = (mps_critical_map){
            .maps = is_identity(flow) ? NULL : &own->maps,
            .shift = shift[direction],
            .base = MPS_ANCHOR + own->fast_open + shift[direction],
        };
        find_first_data(history->input, flow, direction);
    }
    for (unsigned direction = 0; direction < 2; direction++) {
        const uint32_t first = segments->len;
        if (flow)
            add_half(history, subflow, flow, mps_flow_direction(flow, 0) != direction);
        const uint32_t count = segments->len - first;
        g_array_append_val(history->first, first);
        g_array_append_val(history->count, count);
    }
}

/* A segment to be sorted. */
typedef struct {
    int64_t time;
    uint32_t frame, index;
} sort_key;

static gint compare_keys(gconstpointer a, gconstpointer b)
{
    const sort_key *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

static GArray *sorted_keys(const GArray *segments)
{
    GArray *keys = g_array_sized_new(FALSE, FALSE, sizeof(sort_key), segments->len);
    for (guint i = 0; i < segments->len; i++) {
        const mps_critical_segment *segment = &g_array_index(segments, mps_critical_segment, i);
        const sort_key key = {segment->time, segment->frame, i};
        g_array_append_val(keys, key);
    }
    g_array_sort(keys, compare_keys);
    return keys;
}

void mps_critical_history_end(mps_critical_history *history, mps_critical_clock clock,
                              const void *data)
{
    GArray *segments = history->input->hosts[history->host];
    for (guint i = 0; clock && i < segments->len; i++) {
        mps_critical_segment *segment = &g_array_index(segments, mps_critical_segment, i);
        segment->time = clock(segment->time, data);
    }
    GArray *keys = sorted_keys(segments);
    GArray *sorted = g_array_sized_new(FALSE, FALSE, sizeof(mps_critical_segment), segments->len);
    g_array_set_size(history->place, segments->len);
    for (guint i = 0; i < keys->len; i++) {
        const uint32_t index = g_array_index(keys, sort_key, i).index;
        g_array_append_val(sorted, g_array_index(segments, mps_critical_segment, index));
        g_array_index(history->place, uint32_t, index) = i;
    }
    g_array_free(keys, TRUE);
    g_array_free(segments, TRUE);
    history->input->hosts[history->host] = sorted;
}

uint32_t mps_critical_history_place(const mps_critical_history *history, uint32_t subflow,
                                    mps_direction direction, uint32_t number)
{
    const guint half = 2 * subflow + direction;
    if (half >= history->first->len || number >= g_array_index(history->count, uint32_t, half))
        return MPS_NONE;
    return g_array_index(history->place, uint32_t,
                         g_array_index(history->first, uint32_t, half) + number);
}
