/* two_captures.c: collects the arrows of a connection from two captures: both times of each
 * segment, and where it was lost.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "compare/outcomes.h"
#include "flow_internal.h"
#include <mptcpscope/fields.h>

const char *mps_arrow_fate_name(mps_arrow_fate fate)
{
    static const char *const names[] = {
        [MPS_FATE_NONE] = NULL,
        [MPS_FATE_MATCHED] = "matched",
        [MPS_FATE_LOST] = "lost",
        [MPS_FATE_UNDETERMINED] = "undetermined",
        [MPS_FATE_AMBIGUOUS] = "ambiguous",
        [MPS_FATE_OUTSIDE] = "outside",
        [MPS_FATE_UNCAPTURED] = "uncaptured",
        [MPS_FATE_UNSEEN] = "unseen",
        [MPS_FATE_DUPLICATED] = "duplicated",
    };
    return names[fate];
}

static mps_arrow_fate fate_of_sent(uint8_t outcome)
{
    static const mps_arrow_fate fates[] = {
        [MPS_SENT_MATCHED] = MPS_FATE_MATCHED,
        [MPS_SENT_LOST] = MPS_FATE_LOST,
        [MPS_SENT_AMBIGUOUS] = MPS_FATE_AMBIGUOUS,
        [MPS_SENT_OUTSIDE_CAPTURE] = MPS_FATE_OUTSIDE,
        [MPS_SENT_MISSING_AT_RECEIVER] = MPS_FATE_UNCAPTURED,
        [MPS_SENT_UNDETERMINED] = MPS_FATE_UNDETERMINED,
    };
    return fates[outcome];
}

static mps_arrow_fate fate_of_received(uint8_t outcome)
{
    static const mps_arrow_fate fates[] = {
        [MPS_RECEIVED_MATCHED] = MPS_FATE_MATCHED,
        [MPS_RECEIVED_MISSING_AT_SENDER] = MPS_FATE_UNSEEN,
        [MPS_RECEIVED_DUPLICATED] = MPS_FATE_DUPLICATED,
        [MPS_RECEIVED_AMBIGUOUS] = MPS_FATE_AMBIGUOUS,
    };
    return fates[outcome];
}

/* The arrows of a row that is being collected. */
typedef struct {
    mps_arrows *arrows;
    const mps_arrow_choice *choice;
    const mps_comparison_row *row;
    mps_align_lists lists;
    mps_arrow blank; /* what all its arrows have in common */
} row_job;

/* Set the record of a segment in the sender's or in the receiver's capture. */
static void set_record(const row_job *job, mps_arrow *arrow, bool sender, const mps_packet *packet)
{
    const unsigned end = sender == job->row->a_sends ? 0 : 1;
    arrow->at[end] = mps_arrow_record_of(job->arrows->log[end], packet->order);
}

/* Add an arrow to its place. @param time  of A's clock, ns */
static void add(const row_job *job, mps_arrow *arrow, int64_t time)
{
    arrow->place = mps_minus(time, job->arrows->start);
    mps_arrows_add(job->arrows, job->choice, arrow);
}

/* When a segment was at the other end, by A's clock as well as is known. */
static int64_t time_of(const row_job *job, bool sender, const mps_packet *packet)
{
    const mps_comparison *comparison = job->arrows->comparison;
    if (sender == job->row->a_sends || !comparison->clock.has_offset)
        return packet->time;
    return mps_comparison_time_by_a(comparison, packet->time);
}

/* The matched outcomes are in the order of the matches. */
static void add_sent(const row_job *job, const GArray *outcomes)
{
    guint next = 0;
    for (guint i = 0; i < outcomes->len; i++) {
        const mps_outcome *outcome = &g_array_index(outcomes, mps_outcome, i);
        const mps_packet *sent = &job->lists.sent[outcome->sent];
        mps_arrow arrow = job->blank;
        arrow.fate = (uint8_t)fate_of_sent(outcome->kind);
        arrow.again = i > 0 && g_array_index(outcomes, mps_outcome, i - 1).sent == outcome->sent;
        set_record(job, &arrow, true, sent);
        if (outcome->kind == MPS_SENT_MATCHED) {
            const mps_match *match = &g_array_index(job->row->alignment.matches, mps_match, next++);
            arrow.match = (uint8_t)match->kind;
            arrow.length = match->length;
            arrow.delay = outcome->delay;
            set_record(job, &arrow, false, &job->lists.received[outcome->received]);
        }
        add(job, &arrow, outcome->has_time ? outcome->time : time_of(job, true, sent));
    }
}

/* Add what was received and matches nothing that was sent. */
static void add_received(const row_job *job)
{
    const mps_alignment *alignment = &job->row->alignment;
    for (uint32_t i = 0; i < alignment->received; i++) {
        const mps_packet *received = &job->lists.received[i];
        mps_arrow arrow = job->blank;
        if (alignment->received_outcomes[i] == MPS_RECEIVED_MATCHED)
            continue;
        arrow.fate = (uint8_t)fate_of_received(alignment->received_outcomes[i]);
        set_record(job, &arrow, false, received);
        add(job, &arrow, time_of(job, false, received));
    }
}

static void add_row(mps_arrows *arrows, const mps_arrow_choice *choice, guint number)
{
    const GArray *rows = arrows->comparison->rows;
    const mps_comparison_row *row = &g_array_index(rows, mps_comparison_row, number);
    row_job job = {.arrows = arrows,
                   .choice = choice,
                   .row = row,
                   .blank = {.number = row->pair.a == MPS_NONE ? MPS_NONE : row->subflow,
                             .peer_number = row->peer_subflow,
                             .peer_connection = row->peer_connection,
                             .direction = (uint8_t)row->direction,
                             .a_sends = row->a_sends}};
    if (arrows->subflow != MPS_NONE && job.blank.number != arrows->subflow)
        return;
    GArray *outcomes = mps_outcomes_of(arrows->comparison, number);
    mps_comparison_lists(arrows->comparison, row, &job.lists);
    add_sent(&job, outcomes);
    add_received(&job);
    g_array_free(outcomes, TRUE);
}

static gint compare_arrows(gconstpointer x, gconstpointer y)
{
    const mps_arrow *a = x, *b = y;
    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    for (unsigned end = 0; end < 2; end++) {
        const uint32_t x_order = a->at[end] ? a->at[end]->order : MPS_NONE;
        const uint32_t y_order = b->at[end] ? b->at[end]->order : MPS_NONE;
        if (x_order != y_order)
            return x_order < y_order ? -1 : 1;
    }
    return 0;
}

mps_arrows *mps_arrows_between(const mps_comparison *comparison, const mps_arrow_log *const logs[2],
                               const mps_arrow_choice *choice, GError **error)
{
    mps_arrows *arrows = mps_arrows_begin(comparison, comparison->a, logs[0], choice, error);
    if (!arrows)
        return NULL;
    arrows->trace[1] = comparison->b;
    arrows->log[1] = logs[1];
    mps_fields_settle(mps_trace_tracker(comparison->b));
    for (guint i = 0; i < comparison->notes->len; i++)
        g_ptr_array_add(arrows->notes, g_strdup(comparison->notes->pdata[i]));
    for (guint i = 0; i < comparison->rows->len; i++)
        if (g_array_index(comparison->rows, mps_comparison_row, i).connection == arrows->connection)
            add_row(arrows, choice, i);
    g_array_sort(arrows->list, compare_arrows);
    return mps_arrows_end(arrows, choice, error);
}

bool mps_arrow_time(const mps_arrows *arrows, const mps_arrow *arrow, unsigned end, int64_t *time)
{
    const mps_arrow_record *record = arrow->at[end];
    const mps_comparison *comparison = arrows->comparison;
    if (!record)
        return false;
    if (end == 0)
        *time = record->time;
    else if (arrow->fate == MPS_FATE_MATCHED)
        *time = arrow->a_sends ? mps_plus(arrow->at[0]->time, arrow->delay)
                               : mps_minus(arrow->at[0]->time, arrow->delay);
    else
        *time = comparison->corrected ? mps_comparison_time_by_a(comparison, record->time)
                                      : record->time;
    *time = mps_minus(*time, arrows->start);
    return true;
}
