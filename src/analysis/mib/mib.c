/* mib.c: counts as net/mptcp of Linux 6.18 does, by what hosts must have sent and received.
 *
 * Each subflow is followed with both of its hosts' eyes: a host counts what it sends, and of what
 * reaches it what its TCP takes in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "mib_internal.h"

/* The kernel drops a REMOVE_ADDR that comes before its worker has taken in the one before. */
#define WORKER_MAX INT64_C(50000000) /* ns */

static void *begin(void)
{
    mps_mib_state *state = g_new(mps_mib_state, 1);
    state->events = g_array_new(FALSE, FALSE, sizeof(mps_mib_event));
    state->flows = g_array_new(FALSE, TRUE, sizeof(mps_mib_flow));
    state->hosts = g_array_new(FALSE, TRUE, sizeof(mps_mib_host));
    return state;
}

static void end(void *data)
{
    mps_mib_state *state = data;
    g_array_free(state->events, TRUE);
    g_array_free(state->flows, TRUE);
    g_array_free(state->hosts, TRUE);
    g_free(state);
}

void mps_mib_add(const mps_mib_segment *look, mps_mib_counter counter, unsigned half,
                 mps_mib_event event)
{
    event.counter = (uint8_t)counter;
    event.half_id = half == look->sender ? look->view->half_id : look->view->other_half_id;
    g_array_append_val(look->state->events, event);
}

void mps_mib_count_frame(const mps_mib_segment *look, mps_mib_counter counter, unsigned half,
                         uint32_t frame)
{
    mps_mib_add(look, counter, half, (mps_mib_event){.frame = frame, .amount = 1});
}

void mps_mib_count(const mps_mib_segment *look, mps_mib_counter counter, unsigned half)
{
    mps_mib_count_frame(look, counter, half, look->segment->frame);
}

/* --- What a host's TCP takes in ------------------------------------------------------------------
 */

uint64_t mps_mib_received(const mps_flow *flow, unsigned half, uint64_t fin)
{
    mps_run run;
    uint64_t next = MPS_ANCHOR;
    if (mps_runs_find(&flow->half[half].seen, next, &run) && run.start <= next)
        next = run.end;
    return next + (fin == next);
}

static uint64_t received(const mps_mib_segment *look, unsigned half)
{
    return mps_mib_received(look->view->flow, half, look->flow->fin[half]);
}

static void go_deaf(const mps_mib_segment *look, unsigned half)
{
    if (look->flow->until[half] == 0)
        look->flow->until[half] = received(look, !half);
}

void mps_mib_go_plain(const mps_mib_segment *look, unsigned half)
{
    look->flow->plain[half] = true;
    go_deaf(look, half);
}

/* A RST must fit exactly (RFC 5961 section 3.2): to what the receiver waits for, or behind what
 * it got out of order, or to the FIN that it got. */
static bool is_acceptable_reset(const mps_mib_segment *look)
{
    const mps_half *own = &look->view->flow->half[look->sender];
    uint64_t next = received(look, look->sender), fin = look->flow->fin[look->sender];
    return look->seq == next || look->seq == own->seen.top.end ||
           (fin != 0 && fin + 1 == next && look->seq == fin);
}

/* Segments that end before what the receiver has acknowledged are dropped, options and all. */
static bool is_acceptable(const mps_mib_segment *look)
{
    const mps_half *own = &look->view->flow->half[look->sender];
    if (!own->isn_known)
        return true;
    if (mps_mib_has_flag(look, MPS_TCP_RST))
        return is_acceptable_reset(look);
    return look->seq + look->segment->length + mps_mib_has_flag(look, MPS_TCP_FIN) >= own->ack;
}

/* The initiator of a subflow waits for a first sign of MPTCP from the responder.
 * @return whether it takes the segment's options in */
static bool take_first_sign(const mps_mib_segment *look)
{
    mps_mib_flow *flow = look->flow;
    const mps_option *dss = mps_mib_option(look, MPS_DSS),
                     *add = mps_mib_option(look, MPS_ADD_ADDR);
    bool joins = flow->opens == OPENS_SUBFLOW;
    if ((dss && dss->dss.has_ack) || (add && (joins || !add->add_addr.echo))) {
        flow->established = true;
        return true;
    }
    if (joins || look->segment->options_truncated)
        return false;
    if (look->seq != MPS_ANCHOR)
        return true;
    mps_mib_go_plain(look, 0);
    mps_mib_count(look, MPS_MIB_MPCapableDataFallback, 0);
    return false;
}

static bool is_heard(const mps_mib_segment *look, bool acceptable)
{
    const mps_mib_flow *flow = look->flow;
    if (!acceptable || !flow->speaks[look->receiver] || flow->plain[look->receiver] ||
        flow->dead[look->receiver] || mps_mib_refuses_syn(look))
        return false;
    if (look->receiver == 0 && flow->agreed && !flow->established)
        return take_first_sign(look);
    return true;
}

/* --- Options -------------------------------------------------------------------------------------
 */

/* The sender counts what it sends, the receiver what it hears. */
static void count_both(const mps_mib_segment *look, mps_mib_counter sent, mps_mib_counter heard)
{
    mps_mib_count(look, sent, look->sender);
    if (look->heard)
        mps_mib_count(look, heard, look->receiver);
}

static void take_add_addr(mps_mib_segment *look, const mps_option *option)
{
    if (option->add_addr.v0)
        return;
    /* One that cannot be verified is taken to be right. */
    if (mps_hmac_check(look->view->tracker, look->view->flow->id, look->sender, option) ==
        MPS_CHECK_BAD)
        look->heard = false;
    if (option->add_addr.echo)
        count_both(look, MPS_MIB_EchoAddTx, MPS_MIB_EchoAdd);
    else
        count_both(look, MPS_MIB_AddAddrTx, MPS_MIB_AddAddr);
    if (look->heard && option->add_addr.has_port && option->add_addr.port != 0)
        mps_mib_count(look, MPS_MIB_PortAdd, look->receiver);
}

/* Counted by address IDs. */
static void take_remove_addr(const mps_mib_segment *look, const mps_option *option)
{
    mps_mib_event event = {.frame = look->segment->frame, .amount = option->remove_addr.count};
    mps_mib_add(look, MPS_MIB_RmAddrTx, look->sender, event);
    if (!look->heard)
        return;
    mps_mib_host *host = mps_analysis_slot(look->state->hosts, look->view->other_space_id);
    event.doubtful = host->has_removal && look->segment->time - host->removal < WORKER_MAX;
    host->has_removal = true;
    host->removal = look->segment->time;
    mps_mib_add(look, MPS_MIB_RmAddr, look->receiver, event);
}

/* The RST of a listening socket, which has no ACK flag or answers a SYN, is not counted. */
static void take_tcprst(const mps_mib_segment *look)
{
    if (mps_mib_has_flag(look, MPS_TCP_ACK) && !mps_mib_refuses_syn(look))
        mps_mib_count(look, MPS_MIB_MPRstTx, look->sender);
    if (look->heard)
        mps_mib_count(look, MPS_MIB_MPRstRx, look->receiver);
}

static void take_option(mps_mib_segment *look, const mps_option *option)
{
    switch (option->subtype) {
    case MPS_ADD_ADDR:
        take_add_addr(look, option);
        break;
    case MPS_REMOVE_ADDR:
        take_remove_addr(look, option);
        break;
    case MPS_MP_PRIO:
        if (!option->prio.has_address_id)
            count_both(look, MPS_MIB_MPPrioTx, MPS_MIB_MPPrioRx);
        break;
    case MPS_MP_FAIL:
        count_both(look, MPS_MIB_MPFailTx, MPS_MIB_MPFailRx);
        break;
    case MPS_MP_FASTCLOSE:
        count_both(look, MPS_MIB_MPFastcloseTx, MPS_MIB_MPFastcloseRx);
        break;
    case MPS_MP_TCPRST:
        take_tcprst(look);
        break;
    default:
        break;
    }
}

/* --- Mappings, and falling back ------------------------------------------------------------------
 */

bool mps_mib_has_others(const mps_flow *flow)
{
    const GPtrArray *flows = flow->connection->flows;
    for (guint i = 0; i < flows->len; i++) {
        const mps_flow *other = flows->pdata[i];
        if (other != flow && other->accepted && !other->join_refused)
            return true;
    }
    return false;
}

/* The receiver cannot go on with MPTCP. Only a connection of one subflow falls back. */
static void fall_back(const mps_mib_segment *look)
{
    mps_mib_go_plain(look, look->receiver);
    if (!mps_mib_has_others(look->view->flow))
        mps_mib_count(look, MPS_MIB_DssFallback, look->receiver);
}

static void take_infinite_mapping(const mps_mib_segment *look)
{
    if (!look->flow->plain[look->sender])
        mps_mib_count(look, MPS_MIB_InfiniteMapTx, look->sender);
    mps_mib_go_plain(look, look->sender);
    if (!look->heard)
        return;
    mps_mib_count(look, MPS_MIB_InfiniteMapRx, look->receiver);
    fall_back(look);
}

static void note_mapped(const mps_mib_segment *look, uint64_t until)
{
    look->flow->mapped[look->sender] = MAX(look->flow->mapped[look->sender], until);
}

static void take_mapping(const mps_mib_segment *look, const mps_option *dss)
{
    uint32_t isn = look->view->flow->half[look->sender].isn;
    int32_t ahead = (int32_t)(isn + dss->dss.ssn - look->segment->seq);
    uint32_t bytes = (uint32_t)dss->dss.data_length - dss->dss.data_fin;
    if (bytes > 0)
        note_mapped(look, look->seq + (uint64_t)(int64_t)ahead + bytes);
}

/* Payload that the receiver can read on, but of which no mapping tells what it is. */
static void take_payload(const mps_mib_segment *look)
{
    const mps_mib_flow *flow = look->flow;
    const mps_option *capable = mps_mib_option(look, MPS_MP_CAPABLE);
    if (capable && capable->capable.has_data_length)
        note_mapped(look, look->seq + capable->capable.data_length);
    if (look->heard && flow->agreed && flow->opens == OPENS_CONNECTION &&
        !look->segment->options_truncated && !flow->plain[look->receiver] &&
        received(look, look->sender) > MAX(flow->mapped[look->sender], MPS_ANCHOR))
        fall_back(look);
}

static void take_data(const mps_mib_segment *look)
{
    const mps_option *dss = mps_mib_option(look, MPS_DSS);
    if (dss && dss->dss.has_map && dss->dss.data_length == 0)
        take_infinite_mapping(look);
    else if (dss && dss->dss.has_map)
        take_mapping(look, dss);
    if (look->view->has_ssn)
        take_payload(look);
}

/* --- A segment -----------------------------------------------------------------------------------
 */

static void take_end(const mps_mib_segment *look, bool acceptable)
{
    mps_mib_flow *flow = look->flow;
    if (mps_mib_has_flag(look, MPS_TCP_FIN))
        flow->fin[look->sender] = look->seq + look->segment->length;
    if (!mps_mib_has_flag(look, MPS_TCP_RST))
        return;
    flow->dead[look->sender] = true;
    go_deaf(look, look->sender);
    if (acceptable) {
        flow->dead[look->receiver] = true;
        go_deaf(look, look->receiver);
    }
}

static void take_segment(mps_mib_segment *look)
{
    bool acceptable = is_acceptable(look);
    mps_mib_handshake(look);
    bool heard = is_heard(look, acceptable);
    for (unsigned i = 0; i < look->segment->mptcp_count; i++) {
        look->heard = heard;
        if (look->segment->mptcp[i].valid)
            take_option(look, &look->segment->mptcp[i]);
    }
    look->heard = heard;
    take_data(look);
    take_end(look, acceptable);
}

static void take(void *data, const mps_view *view)
{
    mps_mib_state *state = data;
    mps_mib_segment look = {
        .state = state,
        .view = view,
        .segment = view->segment,
        .flow = mps_analysis_slot(state->flows, view->flow->id),
        .sender = view->half,
        .receiver = !view->half,
        .seq = mps_half_near(&view->flow->half[view->half], view->segment->seq),
    };
    for (unsigned i = 0; i < look.segment->mptcp_count; i++)
        look.flow->speaks[look.sender] |= look.segment->mptcp[i].valid;
    if (!mps_mib_has_flag(&look, MPS_TCP_SYN))
        take_segment(&look);
    else if (look.sender == 0 && !mps_mib_has_flag(&look, MPS_TCP_ACK))
        mps_mib_syn(&look);
    else if (look.sender == 1 && mps_mib_has_flag(&look, MPS_TCP_ACK))
        mps_mib_synack(&look);
}

const mps_analysis_kind mps_mib_analysis = {
    .need = MPS_NEED_MIB,
    .begin = begin,
    .segment = take,
    .end = end,
};

const char *mps_mib_name(mps_mib_counter counter)
{
#define MPS_MIB_NAME(name) "MPTcpExt" #name,
    static const char *const names[] = {MPS_MIB_COUNTERS(MPS_MIB_NAME)};
#undef MPS_MIB_NAME
    return names[counter];
}

const GArray *mps_mib_events(const mps_tracker *tracker)
{
    const mps_mib_state *state = mps_analysis_state(tracker, &mps_mib_analysis);
    return state ? state->events : NULL;
}
