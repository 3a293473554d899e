/* arrow_log.c: keeps what arrows need of each segment while a capture is read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/sorted.h"
#include "flow_internal.h"

unsigned mps_arrow_needs(void)
{
    return MPS_NEED_ALL_FIELDS & ~(unsigned)MPS_NEED_RTT;
}

mps_arrow_log *mps_arrow_log_new(void)
{
    mps_arrow_log *log = g_new(mps_arrow_log, 1);
    log->records = g_array_new(FALSE, FALSE, sizeof(mps_arrow_record));
    log->numbers = g_array_new(FALSE, TRUE, sizeof(mps_arrow_numbers));
    return log;
}

void mps_arrow_log_free(mps_arrow_log *log)
{
    if (!log)
        return;
    g_array_free(log->records, TRUE);
    g_array_free(log->numbers, TRUE);
    g_free(log);
}

/* The numbers of a half, which may have none yet. */
static mps_arrow_numbers *numbers_of(mps_arrow_log *log, const mps_verdict *verdict, unsigned half)
{
    const guint index = 2 * verdict->subflow + half;
    if (log->numbers->len <= index)
        g_array_set_size(log->numbers, index + 1);
    return &g_array_index(log->numbers, mps_arrow_numbers, index);
}

/* Extend a number to the value nearest to the latest one of its half. That of a RST may be any, so
 * others do not continue it. */
static uint64_t extend(mps_arrow_log *log, const mps_segment *segment, const mps_verdict *verdict,
                       unsigned half, uint32_t number)
{
    mps_arrow_numbers *numbers = numbers_of(log, verdict, half);
    /* The first one has room below: earlier bytes may come later. */
    const uint64_t extended =
        numbers->known ? mps_nearest(numbers->latest, number) : MPS_ANCHOR + number;
    if (segment->flags & MPS_TCP_RST)
        return extended;
    if (!numbers->known)
        numbers->first = extended;
    numbers->latest = extended;
    numbers->known = true;
    return extended;
}

static void take_segment(const mps_segment *segment, const mps_verdict *verdict, void *data)
{
    mps_arrow_log *log = data;
    mps_arrow_record record = {
        .verdict = *verdict,
        .time = segment->time,
        .seq = extend(log, segment, verdict, verdict->half, segment->seq),
        .order = segment->order,
        .length = segment->length,
        .flags = segment->flags,
        .window = segment->window,
        .option_count = segment->mptcp_count,
    };
    if (segment->flags & MPS_TCP_ACK)
        record.ack = extend(log, segment, verdict, !verdict->half, segment->ack);
    for (unsigned i = 0; i < segment->mptcp_count; i++)
        record.options |= (uint64_t)(segment->mptcp[i].subtype & 15) << (4 * i);
    g_array_append_val(log->records, record);
}

static void take_icmp(const mps_icmp_record *record, void *data)
{
    (void)record;
    (void)data;
}

static void begin_again(void *data)
{
    mps_arrow_log *log = data;
    g_array_set_size(log->records, 0);
    g_array_set_size(log->numbers, 0);
}

mps_trace_visitor mps_arrow_log_visitor(mps_arrow_log *log)
{
    return (mps_trace_visitor){take_segment, take_icmp, begin_again, log};
}

static bool is_before(const void *element, const void *key)
{
    return ((const mps_arrow_record *)element)->order < *(const uint32_t *)key;
}

const mps_arrow_record *mps_arrow_record_of(const mps_arrow_log *log, uint32_t order)
{
    const guint place = mps_sorted_place(log->records, is_before, &order);
    if (place == log->records->len)
        return NULL;
    const mps_arrow_record *record = &g_array_index(log->records, mps_arrow_record, place);
    return record->order == order ? record : NULL;
}
