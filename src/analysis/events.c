/* events.c: events of connections and subflows, as MPTCP options announce them, and fallback.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "events.h"
#include "base/sparse.h"
#include "segment/option_parse.h"
#include <string.h>

/* The DATA_FIN of a direction of a connection, and its acknowledgement. There should be one
 * DATA_FIN; if there are several, the last one counts. */
typedef struct {
    bool has_fin, has_ack;
    uint64_t fin, ack;  /* `ack`: the highest one seen */
    uint32_t ack_frame; /* the first frame with `ack` */
    uint32_t acked;     /* the frame that acknowledged the DATA_FIN; 0: none yet */
} ending;

typedef struct {
    GArray *events;          /* mps_event */
    GByteArray *bytes;       /* of their options; decoded, an option takes many times as much. After
                              * those of a DATA_FIN comes its number, extended */
    mps_sparse *endings;     /* ending, by space_id */
    uint32_t fallback_frame; /* of the latest fallback that became an event */
} event_state;

static void *begin(void)
{
    event_state *s = g_new0(event_state, 1);
    s->events = g_array_new(FALSE, FALSE, sizeof(mps_event));
    s->bytes = g_byte_array_new();
    s->endings = mps_sparse_new(sizeof(ending));
    return s;
}

/* Is the option an event? Those of a DSS are a DATA_FIN and an infinite mapping. */
static bool is_event(const mps_option *option)
{
    if (option->valid && option->subtype == MPS_DSS)
        return option->dss.data_fin || (option->dss.has_map && option->dss.data_length == 0);
    return option->valid && mps_subtype_name(option->subtype);
}

static bool is_fin(const mps_option *option)
{
    return option->subtype == MPS_DSS && option->dss.data_fin && option->dss.has_map &&
           option->dss.data_length > 0;
}

static mps_event new_event(const mps_view *view)
{
    return (mps_event){
        .frame = view->segment->frame,
        .subflow = view->flow->id,
        .time = view->segment->time,
        .flags = view->segment->flags,
        .half = (uint8_t)view->half,
        .has_payload = view->segment->length > 0,
    };
}

/* Take in a DATA_ACK of the other direction's data. */
static void take_ack(event_state *s, const mps_view *view)
{
    ending *e = mps_sparse_at(s->endings, view->other_space_id);
    if (e->has_ack && view->data_ack <= e->ack)
        return;
    e->has_ack = true;
    e->ack = view->data_ack;
    e->ack_frame = view->segment->frame;
    if (e->has_fin && e->acked == 0 && e->ack > e->fin)
        e->acked = e->ack_frame;
}

static void take_fin(event_state *s, const mps_view *view, uint64_t fin)
{
    ending *e = mps_sparse_at(s->endings, view->space_id);
    if (e->has_fin && e->fin == fin)
        return;
    e->has_fin = true;
    e->fin = fin;
    /* It is acknowledged already if its first transmission was not captured. */
    e->acked = e->has_ack && e->ack > fin ? e->ack_frame : 0;
}

static void take_option(event_state *s, const mps_view *view, const mps_option *option)
{
    mps_event event = new_event(view);
    event.subtype = option->subtype;
    event.is_fin = is_fin(option);
    event.bytes = s->bytes->len;
    g_byte_array_append(s->bytes, option->raw, option->length);
    if (event.is_fin) {
        const uint64_t fin = view->flow->connection->space[view->direction]->fin;
        g_byte_array_append(s->bytes, (const guint8 *)&fin, sizeof fin);
        take_fin(s, view, fin);
    }
    g_array_append_val(s->events, event);
}

static void take_fallback(event_state *s, const mps_view *view)
{
    const mps_connection *connection = view->flow->connection;
    if (!connection->fallback || connection->fallback_frame != view->segment->frame ||
        s->fallback_frame == view->segment->frame)
        return;
    s->fallback_frame = view->segment->frame;
    mps_event event = new_event(view);
    event.fallback = (uint8_t)connection->fallback;
    g_array_append_val(s->events, event);
}

static void take(void *data, const mps_view *view)
{
    event_state *s = data;
    if (view->has_data_ack)
        take_ack(s, view);
    for (unsigned i = 0; i < view->segment->mptcp_count; i++)
        if (is_event(&view->segment->mptcp[i]))
            take_option(s, view, &view->segment->mptcp[i]);
    take_fallback(s, view);
}

static void end(void *data)
{
    event_state *s = data;
    g_array_free(s->events, TRUE);
    g_byte_array_free(s->bytes, TRUE);
    mps_sparse_free(s->endings);
    g_free(s);
}

const mps_analysis_kind mps_event_analysis = {
    .need = MPS_NEED_EVENTS,
    .begin = begin,
    .segment = take,
    .end = end,
};

const GArray *mps_events(const mps_tracker *tracker)
{
    const event_state *s = mps_analysis_state(tracker, &mps_event_analysis);
    return s ? s->events : NULL;
}

static const guint8 *bytes_of(const mps_tracker *tracker, const mps_event *event)
{
    const event_state *s = mps_analysis_state(tracker, &mps_event_analysis);
    return s->bytes->data + event->bytes;
}

mps_option mps_event_option(const mps_tracker *tracker, const mps_event *event)
{
    const guint8 *raw = bytes_of(tracker, event);
    mps_option option;
    mps_option_parse(&option, raw, raw[1], raw[1], event->flags);
    option.raw = NULL;
    return option;
}

/* The extended number of a DATA_FIN. */
static uint64_t fin_of(const mps_tracker *tracker, const mps_event *event)
{
    const guint8 *raw = bytes_of(tracker, event);
    uint64_t fin;
    memcpy(&fin, raw + raw[1], sizeof fin);
    return fin;
}

mps_dsn mps_event_dsn(const mps_tracker *tracker, const mps_event *event, const mps_option *option)
{
    if (event->fallback || (event->subtype != MPS_MP_FAIL && !event->is_fin))
        return (mps_dsn){0};
    if (event->subtype == MPS_MP_FAIL)
        return mps_analysis_dsn(tracker, event->subflow, !event->half, option->fail.dsn);
    if (option->dss.dsn_is_64)
        return mps_analysis_dsn(tracker, event->subflow, event->half,
                                option->dss.dsn + option->dss.data_length - 1);
    mps_verdict verdict = {.subflow = event->subflow, .half = event->half, .has_dsn = true};
    verdict.dsn = fin_of(tracker, event);
    return mps_tracker_dsn(tracker, &verdict);
}

uint32_t mps_event_acked(const mps_tracker *tracker, const mps_event *event)
{
    const event_state *s = mps_analysis_state(tracker, &mps_event_analysis);
    const mps_flow *flow = mps_tracker_flow(tracker, event->subflow);
    uint32_t id = flow->connection->space_id[mps_flow_direction(flow, event->half)];
    const ending *e = mps_sparse_find(s->endings, id);
    const bool has_ending = event->is_fin && e && e->has_fin;
    return has_ending && e->fin == fin_of(tracker, event) ? e->acked : 0;
}

static mps_event_kind kind_of_option(const mps_option *option)
{
    switch (option->subtype) {
    case MPS_MP_CAPABLE:
        return MPS_EVENT_MP_CAPABLE;
    case MPS_MP_JOIN:
        return MPS_EVENT_MP_JOIN;
    case MPS_DSS:
        return MPS_EVENT_DATA_FIN;
    case MPS_ADD_ADDR:
        return option->add_addr.echo ? MPS_EVENT_ADD_ADDR_ECHO : MPS_EVENT_ADD_ADDR;
    case MPS_REMOVE_ADDR:
        return MPS_EVENT_REMOVE_ADDR;
    case MPS_MP_PRIO:
        return MPS_EVENT_MP_PRIO;
    case MPS_MP_FAIL:
        return MPS_EVENT_MP_FAIL;
    case MPS_MP_FASTCLOSE:
        return MPS_EVENT_MP_FASTCLOSE;
    case MPS_MP_TCPRST:
        return MPS_EVENT_MP_TCPRST;
    default:
        return MPS_EVENT_OTHER;
    }
}

mps_event_kind mps_event_kind_of(const mps_event *event, const mps_option *option)
{
    return event->fallback ? MPS_EVENT_FALLBACK : kind_of_option(option);
}

const char *mps_event_name(mps_event_kind kind)
{
    static const char *const names[] = {
        [MPS_EVENT_MP_CAPABLE] = "MP_CAPABLE",   [MPS_EVENT_MP_JOIN] = "MP_JOIN",
        [MPS_EVENT_ADD_ADDR] = "ADD_ADDR",       [MPS_EVENT_ADD_ADDR_ECHO] = "ADD_ADDR echo",
        [MPS_EVENT_REMOVE_ADDR] = "REMOVE_ADDR", [MPS_EVENT_MP_PRIO] = "MP_PRIO",
        [MPS_EVENT_MP_FAIL] = "MP_FAIL",         [MPS_EVENT_MP_FASTCLOSE] = "MP_FASTCLOSE",
        [MPS_EVENT_MP_TCPRST] = "MP_TCPRST",     [MPS_EVENT_DATA_FIN] = "DATA_FIN",
        [MPS_EVENT_FALLBACK] = "fallback",       [MPS_EVENT_DSS_CHECKSUM] = "DSS checksum",
        [MPS_EVENT_ICMP_ERROR] = "ICMP error",   [MPS_EVENT_OTHER] = NULL,
    };
    return names[kind];
}

const char *mps_handshake_step_name(mps_handshake_step step)
{
    static const char *const names[] = {
        [MPS_STEP_NONE] = NULL, [MPS_STEP_SYN] = "SYN",   [MPS_STEP_SYNACK] = "SYN/ACK",
        [MPS_STEP_ACK] = "ACK", [MPS_STEP_DATA] = "data",
    };
    return names[step];
}
