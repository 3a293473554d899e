/* receiver_pass.c: follows what arrives at the receiver of a direction.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "receiver_pass.h"
#include "base/sorted.h"
#include "network.h"
#include "tracker/tracker_state.h"

/* A receiver may close its window by this share of the largest it ever offered before its reader
 * counts as behind: windows are rounded, and shrink a little with every arrival. */
#define UNREAD_SHARE 8u

/* Likewise, segments. */
#define UNREAD_SEGMENTS 2u

/* Used where a connection shows no segment size (RFC 9293 section 3.7.1). */
#define DEFAULT_MSS 536u

/* A number space in which bytes come into order. */
typedef struct {
    mps_runs seen;     /* above `frontier` */
    uint64_t frontier; /* everything below came */
    uint64_t waiting;  /* bytes in `seen` */
    mps_runs captured; /* all that the capture ever shows to arrive */
    bool begun;        /* the capture has it from its first byte on, or what came before is known */
} queue;

typedef struct {
    mps_critical_receiver *receiver;
    const mps_critical_input *input;
    const GArray *history;
    mps_direction direction;
    queue *subflows;
    queue data;
    uint64_t waiting; /* on all subflows and at data level */
    uint32_t largest; /* window that the receiver offered, bytes */
    uint32_t last_ok; /* the last event at which its reader kept up */
    uint32_t mss;
} pass;

/* Add bytes to a queue. @return whether the frontier advanced */
static bool queue_add(queue *q, uint64_t start, uint64_t end)
{
    mps_run run;
    start = MAX(start, q->frontier);
    if (start >= end)
        return false;
    if (start == q->frontier && mps_runs_empty(&q->seen)) { /* nothing waits: as a rule */
        q->frontier = end;
        return true;
    }
    q->waiting += mps_runs_add(&q->seen, start, end, 0, NULL, NULL);
    if (!mps_runs_find(&q->seen, q->frontier, &run) || run.start > q->frontier)
        return false;
    q->waiting -= run.end - q->frontier;
    q->frontier = run.end;
    mps_runs_trim(&q->seen, q->frontier);
    return true;
}

/* The receiver acknowledges everything below a number. What its capture does not have of that, it
 * missed. Where the capture began in the middle, its first acknowledgement tells what came before:
 * what arrives of that later came twice. @return whether the frontier advanced */
static bool queue_acknowledge(queue *q, uint64_t ack)
{
    const uint64_t before = q->frontier;
    mps_run run;
    if (!q->begun && !mps_runs_empty(&q->captured))
        queue_add(q, q->frontier, MIN(ack, mps_runs_top(&q->captured)->end));
    q->begun = true;
    while (q->frontier < ack && mps_runs_find(&q->captured, q->frontier, &run) &&
           run.start > q->frontier)
        queue_add(q, q->frontier, MIN(run.start, ack));
    return q->frontier > before;
}

static void note_advance(GArray *advances, uint64_t before, uint64_t after, uint32_t event)
{
    const mps_critical_advance advance = {before, after, event};
    g_array_append_val(advances, advance);
}

/* Bytes came into order on their subflow: they go to the data. */
static void deliver(pass *p, uint32_t subflow, uint64_t from, uint64_t to, uint32_t event)
{
    const mps_critical_map *map = &g_array_index(p->input->subflows, mps_critical_subflow, subflow)
                                       .map[!p->direction][p->direction];
    const uint64_t before = p->data.frontier, waiting = p->data.waiting;
    mps_critical_bringing brought = {.event = event, .subflow = subflow};
    mps_run run = {from, to, 0};
    for (uint64_t at = from; at < to; at = run.end) {
        if (map->maps) {
            if (!mps_runs_find(map->maps, at - map->shift, &run))
                break;
            run.start = MAX(run.start + map->shift, at);
            run.end = MIN(run.end + map->shift, to);
            run.offset -= map->shift;
            if (run.start >= to)
                break;
        }
        uint64_t data = run.start;
        if (!map->maps ||
            mps_critical_number_data(p->input, p->direction, run.start + run.offset, &data))
            queue_add(&p->data, data, data + (run.end - run.start));
    }
    p->waiting += p->data.waiting - waiting;
    if (p->data.frontier > before)
        note_advance(p->receiver->data, before, p->data.frontier, event);
    brought.bytes = p->data.frontier + p->data.waiting - before - waiting;
    if (brought.bytes > 0)
        g_array_append_val(p->receiver->brought, brought);
}

static void note_waiting(const pass *p, uint64_t before, uint32_t event)
{
    const mps_critical_out_of_order now = {p->waiting, event};
    if (p->waiting != before)
        g_array_append_val(p->receiver->out_of_order, now);
}

/* A subflow advanced. @param before  its frontier before  @param waiting  bytes that waited before
 */
static void take_advance(pass *p, uint32_t subflow, uint64_t before, uint64_t waiting,
                         uint32_t event)
{
    const queue *own = &p->subflows[subflow];
    p->waiting += own->waiting - waiting;
    if (own->frontier == before)
        return;
    note_advance(p->receiver->subflows->pdata[subflow], before, own->frontier, event);
    deliver(p, subflow, before, own->frontier, event);
}

static void take_payload(pass *p, const mps_critical_segment *segment, uint32_t event)
{
    queue *own = &p->subflows[segment->subflow];
    const uint64_t before = own->frontier, waiting = own->waiting, all = p->waiting;
    queue_add(own, segment->seq, segment->seq + segment->length);
    take_advance(p, segment->subflow, before, waiting, event);
    note_waiting(p, all, event);
}

/* What the receiver acknowledges came, even if its capture missed it. */
static void take_ack(pass *p, const mps_critical_segment *segment, uint32_t event)
{
    queue *own = &p->subflows[segment->subflow];
    const uint64_t before = own->frontier, waiting = own->waiting, all = p->waiting;
    const uint64_t data_before = p->data.frontier, data_waiting = p->data.waiting;
    if (queue_acknowledge(own, segment->ack))
        take_advance(p, segment->subflow, before, waiting, event);
    if (segment->has_data_ack && p->data.frontier == data_before &&
        queue_acknowledge(&p->data, segment->data_ack)) {
        p->waiting += p->data.waiting - data_waiting;
        note_advance(p->receiver->data, data_before, p->data.frontier, event);
    }
    note_waiting(p, all, event);
}

/* The receiver sent a window: does its reader keep up with what arrived in order? */
static void take_window(pass *p, const mps_critical_segment *segment, uint32_t event)
{
    GArray *reader = p->receiver->reader;
    p->largest = MAX(p->largest, segment->window);
    const uint64_t unused = p->largest - segment->window;
    const uint64_t unread = unused - MIN(unused, p->waiting);
    const bool behind = unread > MAX(UNREAD_SEGMENTS * p->mss, p->largest / UNREAD_SHARE);
    const bool was =
        reader->len > 0 && g_array_index(reader, mps_critical_reader, reader->len - 1).behind;
    const mps_critical_reader now = {event, p->last_ok, behind};
    if (reader->len == 0 || behind != was)
        g_array_append_val(reader, now);
    if (!behind)
        p->last_ok = event;
}

static void take_answer(pass *p, const mps_critical_segment *segment, uint32_t event)
{
    take_ack(p, segment, event);
    if (segment->has_window)
        take_window(p, segment, event);
}

/* @return the lowest number that ever arrives; UINT64_MAX: none does */
static uint64_t queue_lowest(const queue *q)
{
    mps_run run;
    return mps_runs_find(&q->captured, 0, &run) ? run.start : UINT64_MAX;
}

/* Find all that the capture shows to arrive. Data begin with the lowest of their numbers, or with
 * the first that is acknowledged: what is below came before the capture began. */
static void survey(pass *p)
{
    uint64_t first_ack = UINT64_MAX;
    for (guint i = 0; i < p->history->len; i++) {
        const mps_critical_segment *segment = &g_array_index(p->history, mps_critical_segment, i);
        queue *own = &p->subflows[segment->subflow];
        own->begun |= segment->syn;
        if (segment->direction != p->direction && segment->has_data_ack && first_ack == UINT64_MAX)
            first_ack = segment->data_ack;
        if (segment->direction != p->direction || segment->length == 0)
            continue;
        mps_runs_add(&own->captured, segment->seq, segment->seq + segment->length, 0, NULL, NULL);
        p->receiver->payload = true;
        if (segment->has_dsn)
            mps_runs_add(&p->data.captured, segment->dsn, segment->dsn + segment->length, 0, NULL,
                         NULL);
    }
    p->data.frontier = queue_lowest(&p->data);
    if (first_ack < p->data.frontier && p->data.frontier - first_ack <= MPS_WINDOW_MAX)
        p->data.frontier = first_ack;
}

/* Take in what arrived at the sender before the receiver's capture begins: windows, and
 * acknowledgements. */
static void take_answers_before(pass *p)
{
    const GArray *arrivals = p->input->hosts[p->direction];
    const GArray *matches = p->input->matches[!p->direction];
    const guint first =
        matches && matches->len > 0 ? g_array_index(matches, mps_critical_match, 0).received : 0;
    for (guint i = 0; arrivals && i < first; i++) {
        const mps_critical_segment *segment = &g_array_index(arrivals, mps_critical_segment, i);
        if (segment->direction == p->direction)
            continue;
        p->receiver->begun |= segment->syn;
        if (segment->has_window && !segment->syn)
            p->largest = MAX(p->largest, segment->window);
        queue *own = &p->subflows[segment->subflow];
        if (segment->has_ack && !segment->syn && !own->begun)
            queue_add(own, own->frontier, MIN(segment->ack, queue_lowest(own)));
    }
}

/* @return whether the receiver's first SYN or SYN/ACK is in its capture */
static bool has_syn(const pass *p)
{
    for (guint i = 0; i < p->history->len; i++) {
        const mps_critical_segment *segment = &g_array_index(p->history, mps_critical_segment, i);
        if (segment->direction != p->direction && !segment->join)
            return segment->syn; /* or else it sent something before */
    }
    return false;
}

static void pass_init(pass *p, const GArray *subflows)
{
    p->subflows = g_new0(queue, subflows->len + 1);
    survey(p);
    for (guint i = 0; i < subflows->len; i++) {
        const mps_critical_subflow *subflow = &g_array_index(subflows, mps_critical_subflow, i);
        /* Where the capture begins in mid-subflow, the first segment in it need not be the lowest:
         * what was lost before comes later. */
        p->subflows[i].frontier =
            MIN(subflow->map[!p->direction][p->direction].base, queue_lowest(&p->subflows[i]));
        p->mss = MAX(p->mss, subflow->mss[p->direction]);
        g_ptr_array_add(p->receiver->subflows,
                        g_array_new(FALSE, FALSE, sizeof(mps_critical_advance)));
    }
    if (p->mss == 0)
        p->mss = DEFAULT_MSS;
    p->last_ok = MPS_NONE;
    p->receiver->begun = p->data.begun = has_syn(p);
    if (!p->receiver->begun)
        take_answers_before(p);
}

static void queue_clear(queue *q)
{
    mps_runs_clear(&q->seen);
    mps_runs_clear(&q->captured);
}

static void pass_clear(pass *p, guint subflows)
{
    for (guint i = 0; i < subflows; i++)
        queue_clear(&p->subflows[i]);
    queue_clear(&p->data);
    g_free(p->subflows);
}

static void free_advances(gpointer advances)
{
    g_array_free(advances, TRUE);
}

void mps_critical_receiver_init(mps_critical_receiver *receiver, const mps_critical_input *input,
                                mps_direction direction)
{
    pass p = {.receiver = receiver,
              .input = input,
              .history = input->hosts[!direction],
              .direction = direction};
    receiver->subflows = g_ptr_array_new_with_free_func(free_advances);
    receiver->data = g_array_new(FALSE, FALSE, sizeof(mps_critical_advance));
    receiver->brought = g_array_new(FALSE, FALSE, sizeof(mps_critical_bringing));
    receiver->out_of_order = g_array_new(FALSE, FALSE, sizeof(mps_critical_out_of_order));
    receiver->reader = g_array_new(FALSE, FALSE, sizeof(mps_critical_reader));
    if (!p.history)
        return;
    pass_init(&p, input->subflows);
    for (guint i = 0; i < p.history->len; i++) {
        const mps_critical_segment *segment = &g_array_index(p.history, mps_critical_segment, i);
        if (segment->direction == direction && segment->length > 0)
            take_payload(&p, segment, i);
        else if (segment->direction != direction && segment->has_ack && !segment->syn)
            take_answer(&p, segment, i);
    }
    pass_clear(&p, input->subflows->len);
}

void mps_critical_receiver_clear(mps_critical_receiver *receiver)
{
    g_ptr_array_free(receiver->subflows, TRUE);
    g_array_free(receiver->data, TRUE);
    g_array_free(receiver->brought, TRUE);
    g_array_free(receiver->out_of_order, TRUE);
    g_array_free(receiver->reader, TRUE);
}

static bool is_below(const void *element, const void *key)
{
    const mps_critical_advance *advance = element;
    const uint64_t *number = key;
    return advance->after < *number;
}

const mps_critical_advance *mps_critical_advance_to(const GArray *advances, uint64_t number)
{
    const guint place = mps_sorted_place(advances, is_below, &number);
    return advances && place < advances->len ? &g_array_index(advances, mps_critical_advance, place)
                                             : NULL;
}

static bool advanced_earlier(const void *element, const void *key)
{
    const mps_critical_advance *advance = element;
    const uint32_t *event = key;
    return advance->event < *event;
}

const mps_critical_advance *mps_critical_advance_before(const GArray *advances, uint32_t event)
{
    const guint place = mps_sorted_place(advances, advanced_earlier, &event);
    return place > 0 ? &g_array_index(advances, mps_critical_advance, place - 1) : NULL;
}

const mps_critical_advance *mps_critical_advance_after(const GArray *advances, uint32_t event)
{
    const uint32_t from = event == MPS_NONE ? 0 : event + 1;
    const guint place = mps_sorted_place(advances, advanced_earlier, &from);
    return place < advances->len ? &g_array_index(advances, mps_critical_advance, place) : NULL;
}

static bool changed_earlier(const void *element, const void *key)
{
    const mps_critical_out_of_order *change = element;
    const uint32_t *event = key;
    return change->event < *event;
}

int64_t mps_critical_waiting_since(const mps_critical_receiver *receiver, const GArray *history,
                                   uint32_t event)
{
    const GArray *changes = receiver->out_of_order;
    guint place = mps_sorted_place(changes, changed_earlier, &event);
    uint32_t since = event;
    while (place > 0) {
        const mps_critical_out_of_order *change =
            &g_array_index(changes, mps_critical_out_of_order, --place);
        if (change->bytes == 0)
            break;
        since = change->event;
    }
    return g_array_index(history, mps_critical_segment, since).time;
}

static bool read_earlier(const void *element, const void *key)
{
    const mps_critical_reader *reader = element;
    const uint32_t *event = key;
    return reader->event <= *event;
}

uint32_t mps_critical_reader_kept_up(const mps_critical_receiver *receiver, uint32_t event)
{
    const guint place = mps_sorted_place(receiver->reader, read_earlier, &event);
    if (place == 0)
        return event;
    const mps_critical_reader *reader =
        &g_array_index(receiver->reader, mps_critical_reader, place - 1);
    return reader->behind ? reader->kept_up : event;
}
