/* arrow_facts.c: says what the segment of an arrow says: relative numbers, the scaled window, data
 * sequence numbers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/field_records.h"
#include "flow_internal.h"
#include <mptcpscope/fields.h>

/* A number of a half, relative to its initial sequence number if that was captured. */
static int64_t relative(const mps_arrow_log *log, const mps_flow *flow, unsigned half,
                        uint64_t number)
{
    const guint index = 2 * flow->id + half;
    const mps_half *own = flow->half[half];
    const mps_arrow_numbers *numbers = &g_array_index(log->numbers, mps_arrow_numbers, index);
    const uint64_t first = numbers->known ? numbers->first : number;
    const uint64_t base = own->isn_known ? mps_nearest(first, own->isn) : first - 1;
    return (int64_t)(number - base);
}

/* The window in bytes; that of a SYN is not scaled (RFC 7323 section 2.2), and 0 is 0 anyway. */
static int64_t window_of(const mps_arrow_record *record, const mps_flow *flow)
{
    const uint32_t scale = flow->half[record->verdict.half]->window_scale;
    if (record->flags & MPS_TCP_SYN || record->window == 0)
        return record->window;
    return scale == MPS_NONE ? -1 : (int64_t)record->window << scale;
}

static void take_numbers(mps_arrow_facts *facts, const mps_arrow_log *log)
{
    const mps_arrow_record *record = facts->record;
    const mps_verdict *verdict = mps_tracker_final(facts->tracker, &record->verdict);
    const mps_flow *flow = mps_tracker_flow(facts->tracker, verdict->subflow);
    facts->seq = relative(log, flow, verdict->half, record->seq);
    facts->has_ack = record->flags & MPS_TCP_ACK;
    if (facts->has_ack)
        facts->ack = relative(log, flow, !verdict->half, record->ack);
    facts->window = window_of(record, flow);
    if (verdict->has_dsn)
        facts->dsn = mps_tracker_dsn(facts->tracker, verdict);
}

static void take_data_ack(mps_arrow_facts *facts)
{
    const mps_verdict *verdict = &facts->record->verdict;
    const mps_field_record *kept =
        mps_field_record_of(facts->tracker, verdict->frame, 2 * verdict->subflow + verdict->half);
    if (!kept || !kept->has_data_ack)
        return;
    const mps_verdict acked = {
        .subflow = verdict->subflow,
        .half = !verdict->half,
        .has_dsn = true,
        .dsn = kept->data_ack,
    };
    facts->data_ack = mps_tracker_dsn(facts->tracker, &acked);
}

void mps_arrow_facts_of(const mps_arrows *arrows, const mps_arrow *arrow, mps_arrow_facts *facts)
{
    const unsigned sender = arrow->a_sends ? 0 : 1;
    const unsigned sent = arrow->at[sender] ? sender : !sender;
    const bool is_piece = arrow->fate == MPS_FATE_MATCHED && arrow->match == MPS_MATCH_SPLIT;
    const unsigned shown = is_piece ? !sender : sent;
    *facts = (mps_arrow_facts){
        .record = arrow->at[shown],
        .tracker = mps_trace_tracker(arrows->trace[shown]),
        .other_tracker = arrows->comparison ? mps_trace_tracker(arrows->trace[!shown]) : NULL,
        .sent = arrow->at[sent],
        .sent_tracker = mps_trace_tracker(arrows->trace[sent]),
    };
    facts->verdict = *mps_tracker_final(facts->sent_tracker, &facts->sent->verdict);
    facts->copy_of = mps_tracker_copy_of(facts->sent_tracker, &facts->verdict);
    take_numbers(facts, arrows->log[shown]);
    take_data_ack(facts);
}

char *mps_arrow_reinjection_of(const mps_arrow_facts *facts, const char *separator, unsigned most)
{
    mps_fields fields;
    if (facts->verdict.reinjected <= 0 ||
        !mps_fields_of(facts->sent_tracker, &facts->verdict, &fields) ||
        fields.reinjection_of.count == 0)
        return NULL;
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < fields.reinjection_of.count; i++) {
        if (i == most) {
            g_string_append_printf(text, "%s...", separator);
            break;
        }
        g_string_append_printf(text, "%s%u", i > 0 ? separator : "",
                               fields.reinjection_of.frames[i]);
    }
    return g_string_free(text, FALSE);
}
