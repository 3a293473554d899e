/* mib.c: counts what net/mptcp of Linux 6.18 counts, by what hosts must have sent and received.
 *
 * Each subflow is followed from the view of both hosts: a host counts what it sends, and of what
 * reaches it that which its TCP accepts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "mib_internal.h"

/* ns: the kernel drops a REMOVE_ADDR that comes before its worker has handled the one before. After
 * this time the worker is assumed to have run. */
#define WORKER_MAX INT64_C(50000000)

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

void mps_mib_add(const mps_mib_segment *current, mps_mib_counter counter, unsigned half,
                 mps_mib_event event)
{
    event.counter = (uint8_t)counter;
    event.half_id = half == current->sender ? current->view->half_id : current->view->other_half_id;
    g_array_append_val(current->state->events, event);
}

void mps_mib_count_frame(const mps_mib_segment *current, mps_mib_counter counter, unsigned half,
                         uint32_t frame)
{
    mps_mib_add(current, counter, half, (mps_mib_event){.frame = frame, .amount = 1});
}

void mps_mib_count(const mps_mib_segment *current, mps_mib_counter counter, unsigned half)
{
    mps_mib_count_frame(current, counter, half, current->segment->frame);
}

/* --- What a host's TCP accepts --- */

uint64_t mps_mib_received(const mps_flow *flow, const mps_mib_flow *mib, unsigned half)
{
    mps_run run;
    uint64_t next = MAX(MPS_ANCHOR, mib->acked[half]);
    if (mps_runs_find(&flow->half[half]->seen, next, &run) && run.start <= next)
        next = run.end;
    return next + (mib->fin[half] == next);
}

/* @return the end of what the other host has received in order of a half. */
static uint64_t received(const mps_mib_segment *current, unsigned half)
{
    return mps_mib_received(current->view->flow, current->flow, half);
}

/* The host of a half takes in nothing more: note what it has received. */
static void stop_receiving(const mps_mib_segment *current, unsigned half)
{
    if (current->flow->received_until[half] == 0)
        current->flow->received_until[half] = received(current, !half);
}

void mps_mib_stop_mptcp(const mps_mib_segment *current, unsigned half)
{
    current->flow->fell_back[half] = true;
    stop_receiving(current, half);
}

/* @return whether the receiver accepts a RST. Its sequence number must be exactly the next one
 * expected (RFC 5961 section 3.2), the end of what came out of order, or that of a received FIN. */
static bool is_acceptable_reset(const mps_mib_segment *current)
{
    const mps_half *own = current->view->flow->half[current->sender];
    uint64_t next = received(current, current->sender), fin = current->flow->fin[current->sender];
    bool ends_seen = !mps_runs_empty(&own->seen) && current->seq == mps_runs_top(&own->seen)->end;
    return current->seq == next || ends_seen ||
           (fin != 0 && fin + 1 == next && current->seq == fin);
}

/* @return whether the receiver accepts a segment. It drops one that ends below what it has
 * acknowledged, with its options. What was held, because a sight nearer to one end was to come, is
 * not seen in the order of the capture: when it was captured it had not been acknowledged yet. */
static bool is_acceptable(const mps_mib_segment *current)
{
    const mps_half *own = current->view->flow->half[current->sender];
    if (!own->isn_known || (current->view->late && !mps_mib_has_flag(current, MPS_TCP_RST)))
        return true;
    if (mps_mib_has_flag(current, MPS_TCP_RST))
        return is_acceptable_reset(current);
    return current->seq + current->segment->length + mps_mib_has_flag(current, MPS_TCP_FIN) >=
           own->ack;
}

/* The initiator of a subflow waits for the responder's first DATA_ACK or ADD_ADDR, which confirms
 * MPTCP. @return whether it accepts the segment's options */
static bool take_first_mptcp(const mps_mib_segment *current)
{
    mps_mib_flow *flow = current->flow;
    const mps_option *dss = mps_mib_option(current, MPS_DSS),
                     *add = mps_mib_option(current, MPS_ADD_ADDR);
    bool joins = flow->opens == MPS_MIB_OPENS_SUBFLOW;
    if ((dss && dss->dss.has_ack) || (add && (joins || !add->add_addr.echo))) {
        flow->established = true;
        return true;
    }
    if (joins || current->segment->options_truncated)
        return false;
    if (current->seq != MPS_ANCHOR)
        return true;
    mps_mib_stop_mptcp(current, 0);
    mps_mib_count(current, MPS_MIB_MPCapableDataFallback, 0);
    return false;
}

/* @return whether the receiver's MPTCP accepts the segment's options.
 * @param acceptable  whether its TCP accepts the segment */
static bool accepts_options(const mps_mib_segment *current, bool acceptable)
{
    mps_mib_flow *flow = current->flow;
    if (current->receiver == 1 && flow->plain_ack > 0 && flow->missed == 0 &&
        current->segment->frame != flow->plain_ack && mps_mib_has_option(current->segment))
        flow->missed = current->segment->frame;
    if (!acceptable || !flow->sent_mptcp[current->receiver] || flow->fell_back[current->receiver] ||
        flow->reset[current->receiver] || mps_mib_refuses_syn(current))
        return false;
    if (current->receiver == 0 && flow->agreed && !flow->established)
        return take_first_mptcp(current);
    return true;
}

/* --- Options --- */

/* Count at the sender, and at the receiver if it accepts the options. */
static void count_both(const mps_mib_segment *current, mps_mib_counter sent,
                       mps_mib_counter received_counter)
{
    mps_mib_count(current, sent, current->sender);
    if (current->options_accepted)
        mps_mib_count(current, received_counter, current->receiver);
}

/* An echo without an ADD_ADDR of that address ID shows that the capture lacks the ADD_ADDR. */
static void note_announced(const mps_mib_segment *current, const mps_option *option)
{
    uint8_t id = option->add_addr.address_id, bit = (uint8_t)(1u << id % 8);
    bool echo = option->add_addr.echo;
    mps_mib_host *host = mps_analysis_slot(
        current->state->hosts, echo ? current->view->other_space_id : current->view->space_id);
    mps_mib_event event = {.frame = current->segment->frame, .doubt = MPS_MIB_UNCAPTURED};
    if (!echo)
        host->announced[id / 8] |= bit;
    if (host->announced[id / 8] & bit)
        return;
    mps_mib_add(current, MPS_MIB_AddAddrTx, current->receiver, event);
    mps_mib_add(current, MPS_MIB_AddAddr, current->sender, event);
    if (option->add_addr.has_port)
        mps_mib_add(current, MPS_MIB_PortAdd, current->sender, event);
}

static void take_add_addr(mps_mib_segment *current, const mps_option *option)
{
    if (option->add_addr.v0)
        return;
    /* An HMAC that cannot be verified is assumed to be right. A leftmost one is accepted only by
     * the early versions that send it. */
    mps_check hmac =
        mps_hmac_check(current->view->tracker, current->view->flow->id, current->sender, option);
    if (hmac == MPS_CHECK_LEFTMOST && current->options_accepted) {
        mps_mib_event event = {.frame = current->segment->frame, .doubt = MPS_MIB_DEPENDS};
        mps_mib_add(current, MPS_MIB_AddAddr, current->receiver, event);
        if (option->add_addr.has_port)
            mps_mib_add(current, MPS_MIB_PortAdd, current->receiver, event);
    }
    if (hmac == MPS_CHECK_BAD || hmac == MPS_CHECK_LEFTMOST)
        current->options_accepted = false;
    note_announced(current, option);
    if (option->add_addr.echo)
        count_both(current, MPS_MIB_EchoAddTx, MPS_MIB_EchoAdd);
    else
        count_both(current, MPS_MIB_AddAddrTx, MPS_MIB_AddAddr);
    if (current->options_accepted && option->add_addr.has_port && option->add_addr.port != 0)
        mps_mib_count(current, MPS_MIB_PortAdd, current->receiver);
}

/* Each address ID counts. */
static void take_remove_addr(const mps_mib_segment *current, const mps_option *option)
{
    mps_mib_event event = {.frame = current->segment->frame, .amount = option->remove_addr.count};
    mps_mib_add(current, MPS_MIB_RmAddrTx, current->sender, event);
    if (!current->options_accepted)
        return;
    mps_mib_host *host = mps_analysis_slot(current->state->hosts, current->view->other_space_id);
    if (host->has_removal && mps_minus(current->segment->time, host->removal) < WORKER_MAX)
        event.doubt = MPS_MIB_DEPENDS;
    host->has_removal = true;
    host->removal = current->segment->time;
    mps_mib_add(current, MPS_MIB_RmAddr, current->receiver, event);
}

/* The RST of a listening socket, which has no ACK flag or answers a SYN, is not counted as sent. */
static void take_tcprst(const mps_mib_segment *current)
{
    if (mps_mib_has_flag(current, MPS_TCP_ACK) && !mps_mib_refuses_syn(current))
        mps_mib_count(current, MPS_MIB_MPRstTx, current->sender);
    if (current->options_accepted)
        mps_mib_count(current, MPS_MIB_MPRstRx, current->receiver);
}

/* Note an acknowledgement of what the capture does not have, so far. */
static void take_ack(const mps_mib_segment *current)
{
    mps_mib_flow *flow = current->flow;
    unsigned half = current->receiver;
    const uint64_t ack = current->view->ack, top = current->view->flow->half[half]->top;
    if (!current->view->has_ack || mps_mib_has_flag(current, MPS_TCP_RST) ||
        ack <= flow->acked[half] || ack <= received(current, half) ||
        (ack > top && ack - top > MPS_WINDOW_MAX)) /* of what no window admitted */
        return;
    flow->acked[half] = ack;
    if (flow->acked_frame[half] == 0)
        flow->acked_frame[half] = current->segment->frame;
}

/* Note that the snaplen cut the segment's options. */
static void note_cut(const mps_mib_segment *current)
{
    mps_mib_flow *flow = current->flow;
    unsigned half = current->sender;
    if (!current->segment->options_truncated)
        return;
    if (flow->cut[half] == 0)
        flow->cut[half] = current->segment->frame;
    if (flow->cut_reset[half] == 0 && mps_mib_has_flag(current, MPS_TCP_RST))
        flow->cut_reset[half] = current->segment->frame;
}

static void take_option(mps_mib_segment *current, const mps_option *option)
{
    switch (option->subtype) {
    case MPS_ADD_ADDR:
        take_add_addr(current, option);
        break;
    case MPS_REMOVE_ADDR:
        take_remove_addr(current, option);
        break;
    case MPS_MP_PRIO:
        if (!option->prio.has_address_id)
            count_both(current, MPS_MIB_MPPrioTx, MPS_MIB_MPPrioRx);
        break;
    case MPS_MP_FAIL:
        count_both(current, MPS_MIB_MPFailTx, MPS_MIB_MPFailRx);
        break;
    case MPS_MP_FASTCLOSE:
        count_both(current, MPS_MIB_MPFastcloseTx, MPS_MIB_MPFastcloseRx);
        break;
    case MPS_MP_TCPRST:
        take_tcprst(current);
        break;
    default:
        break;
    }
}

/* --- Mappings and fallback --- */

bool mps_mib_has_others(const mps_flow *flow)
{
    const mps_flow_list *flows = &flow->connection->flows;
    for (guint i = 0; i < flows->len; i++) {
        const mps_flow *other = flows->pdata[i];
        if (other != flow && other->accepted && !other->join_refused)
            return true;
    }
    return false;
}

/* The receiver cannot continue with MPTCP. Only a connection of one subflow falls back. */
static void fall_back(const mps_mib_segment *current)
{
    mps_mib_stop_mptcp(current, current->receiver);
    if (!mps_mib_has_others(current->view->flow))
        mps_mib_count(current, MPS_MIB_DssFallback, current->receiver);
}

static void take_infinite_mapping(const mps_mib_segment *current)
{
    if (!current->flow->fell_back[current->sender])
        mps_mib_count(current, MPS_MIB_InfiniteMapTx, current->sender);
    mps_mib_stop_mptcp(current, current->sender);
    if (!current->options_accepted)
        return;
    mps_mib_count(current, MPS_MIB_InfiniteMapRx, current->receiver);
    fall_back(current);
}

/* Note that mappings reach up to a subflow sequence number. */
static void note_mapped(const mps_mib_segment *current, uint64_t until)
{
    current->flow->mapped[current->sender] = MAX(current->flow->mapped[current->sender], until);
}

static void take_mapping(const mps_mib_segment *current, const mps_option *dss)
{
    uint32_t base = mps_half_ssn_base(current->view->flow->half[current->sender]);
    int32_t ahead = (int32_t)(base + dss->dss.ssn - current->segment->seq);
    uint32_t bytes = (uint32_t)dss->dss.data_length - dss->dss.data_fin;
    if (bytes > 0)
        note_mapped(current, current->seq + (uint64_t)(int64_t)ahead + bytes);
}

/* If the receiver has payload in order for which there is no mapping, it falls back. The mapping
 * may be in a segment that the capture lacks. */
static void take_payload(const mps_mib_segment *current)
{
    mps_mib_flow *flow = current->flow;
    uint32_t fast_open = current->view->flow->half[current->sender]->fast_open;
    const mps_option *capable = mps_mib_option(current, MPS_MP_CAPABLE);
    if (capable && capable->capable.has_data_length)
        note_mapped(current, current->seq + capable->capable.data_length);
    if (!current->options_accepted || !flow->agreed || flow->opens != MPS_MIB_OPENS_CONNECTION ||
        current->segment->options_truncated || flow->fell_back[current->receiver] ||
        received(current, current->sender) <=
            MAX(flow->mapped[current->sender], MPS_ANCHOR + fast_open))
        return;
    if (flow->acked[current->sender] > 0) {
        mps_mib_event event = {.frame = current->segment->frame, .doubt = MPS_MIB_UNCAPTURED};
        mps_mib_add(current, MPS_MIB_DssFallback, current->receiver, event);
        return;
    }
    flow->data_fallback |= current->receiver == 1 && flow->plain_answer == 0;
    fall_back(current);
}

static void take_data(const mps_mib_segment *current)
{
    const mps_option *dss = mps_mib_option(current, MPS_DSS);
    if (dss && dss->dss.has_map && dss->dss.data_length == 0)
        take_infinite_mapping(current);
    else if (dss && dss->dss.has_map)
        take_mapping(current, dss);
    if (current->view->has_ssn)
        take_payload(current);
}

/* --- A segment --- */

static void take_fin_or_rst(const mps_mib_segment *current, bool acceptable)
{
    mps_mib_flow *flow = current->flow;
    if (mps_mib_has_flag(current, MPS_TCP_FIN))
        flow->fin[current->sender] = current->seq + current->segment->length;
    if (!mps_mib_has_flag(current, MPS_TCP_RST))
        return;
    flow->reset[current->sender] = true;
    stop_receiving(current, current->sender);
    if (acceptable) {
        flow->reset[current->receiver] = true;
        stop_receiving(current, current->receiver);
    }
}

static void take_segment(mps_mib_segment *current)
{
    bool acceptable = is_acceptable(current);
    if (current->flow->seen[current->sender] == 0 && !mps_mib_has_flag(current, MPS_TCP_RST))
        current->flow->seen[current->sender] = current->segment->frame;
    take_ack(current);
    mps_mib_handshake(current);
    bool options_accepted = accepts_options(current, acceptable);
    for (unsigned i = 0; i < current->segment->mptcp_count; i++) {
        current->options_accepted = options_accepted;
        if (current->segment->mptcp[i].valid)
            take_option(current, &current->segment->mptcp[i]);
    }
    current->options_accepted = options_accepted;
    take_data(current);
    take_fin_or_rst(current, acceptable);
}

static void take(void *data, const mps_view *view)
{
    mps_mib_state *state = data;
    mps_mib_segment current = {
        .state = state,
        .view = view,
        .segment = view->segment,
        .flow = mps_analysis_slot(state->flows, view->flow->id),
        .sender = view->half,
        .receiver = !view->half,
        .seq = mps_half_near(view->flow->half[view->half], view->segment->seq),
    };
    if (mps_mib_has_option(current.segment)) {
        current.flow->sent_mptcp[current.sender] = true;
        current.flow->last_mptcp[current.sender] = current.segment->frame;
    }
    note_cut(&current);
    if (!mps_mib_has_flag(&current, MPS_TCP_SYN))
        take_segment(&current);
    else if (current.sender == 0 && !mps_mib_has_flag(&current, MPS_TCP_ACK))
        mps_mib_syn(&current);
    else if (current.sender == 1 && mps_mib_has_flag(&current, MPS_TCP_ACK))
        mps_mib_synack(&current);
}

const mps_analysis_kind mps_mib_analysis = {
    .need = MPS_NEED_MIB,
    .begin = begin,
    .segment = take,
    .end = end,
};

const char *mps_mib_name(mps_mib_counter counter)
{
#define MPS_MIB_NAME(name) [MPS_MIB_##name] = "MPTcpExt" #name,
    static const char *const names[] = {MPS_MIB_COUNTERS(MPS_MIB_NAME)};
#undef MPS_MIB_NAME
    return names[counter];
}

const GArray *mps_mib_events(const mps_tracker *tracker)
{
    const mps_mib_state *state = mps_analysis_state(tracker, &mps_mib_analysis);
    return state ? state->events : NULL;
}
