/* arrival_notes.c: what a replay of arrivals needs of each segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "arrival_notes.h"
#include "base/sparse.h"
#include "record_merge.h"

/* The numbers of a note in a log. Those that change most come first: their bits fit in a byte. */
enum {
    IS_ACK = MPS_RECORD_FRAME + 1,
    SSN, /* of the latest payload, as LENGTH is; the others are of the latest acknowledgement */
    ACK,
    DATA_ACK,
    WINDOW,
    LENGTH,
    SPACE_ID,
    NUMBERS
};
G_STATIC_ASSERT(NUMBERS <= MPS_RECORD_NUMBERS_MAX);

struct mps_arrival_notes {
    mps_sparse *halves; /* mps_record_log, by half_id */
};

mps_arrival_notes *mps_arrival_notes_new(void)
{
    mps_arrival_notes *notes = g_new(mps_arrival_notes, 1);
    notes->halves = mps_sparse_new(sizeof(mps_record_log));
    return notes;
}

void mps_arrival_notes_free(mps_arrival_notes *notes)
{
    for (guint i = 0; i < notes->halves->count; i++)
        mps_record_log_clear(mps_sparse_item(notes->halves, i));
    mps_sparse_free(notes->halves);
    g_free(notes);
}

/* Begin a note of a segment with what the latest one of its half says. */
static void begin_note(const mps_record_log *log, const mps_segment *segment,
                       uint64_t numbers[MPS_RECORD_NUMBERS_MAX])
{
    mps_record_log_latest(log, numbers);
    numbers[MPS_RECORD_TIME] = (uint64_t)segment->time;
    numbers[MPS_RECORD_FRAME] = segment->frame;
}

static void note_payload(mps_record_log *log, const mps_view *view)
{
    uint64_t numbers[MPS_RECORD_NUMBERS_MAX];
    begin_note(log, view->segment, numbers);
    numbers[IS_ACK] = false;
    numbers[SSN] = view->ssn;
    numbers[LENGTH] = view->segment->length;
    mps_record_log_add(log, numbers, NUMBERS);
}

static void note_ack(mps_record_log *log, const mps_view *view)
{
    const uint64_t ack = view->has_ack ? view->ack : 0;
    const uint64_t data_ack = view->has_data_ack ? view->data_ack : 0;
    const uint16_t window = view->segment->flags & MPS_TCP_SYN ? 0 : view->segment->window;
    uint64_t numbers[MPS_RECORD_NUMBERS_MAX];
    begin_note(log, view->segment, numbers);
    if (ack == numbers[ACK] && data_ack == numbers[DATA_ACK] && window <= numbers[WINDOW] &&
        view->other_space_id == numbers[SPACE_ID])
        return;
    numbers[IS_ACK] = true;
    numbers[ACK] = ack;
    numbers[DATA_ACK] = data_ack;
    numbers[WINDOW] = window;
    numbers[SPACE_ID] = view->other_space_id;
    mps_record_log_add(log, numbers, NUMBERS);
}

void mps_arrival_notes_take(mps_arrival_notes *notes, const mps_view *view)
{
    if (view->has_ssn)
        note_payload(mps_sparse_at(notes->halves, view->half_id), view);
    if (view->has_ack || view->has_data_ack)
        note_ack(mps_sparse_at(notes->halves, view->other_half_id), view);
}

static mps_arrival_note note_of(const mps_merged_record *record)
{
    const uint64_t *numbers = record->numbers;
    mps_arrival_note note = {
        .time = record->moment.time,
        .frame = record->moment.place,
        .leaps = record->moment.leaps,
    };
    if (numbers[IS_ACK]) {
        note.ack = numbers[ACK];
        note.data_ack = numbers[DATA_ACK];
        note.space_id = (uint32_t)numbers[SPACE_ID];
        note.window = (uint16_t)numbers[WINDOW];
    } else {
        note.ssn = numbers[SSN];
        note.length = (uint32_t)numbers[LENGTH];
    }
    return note;
}

void mps_arrival_notes_read(const mps_arrival_notes *notes, const uint32_t *halves, uint32_t count,
                            const mps_leaps *leaps, mps_arrival_note_visitor visit, void *data)
{
    mps_record_merge *merge = mps_record_merge_new(leaps);
    const mps_merged_record *record;
    for (uint32_t i = 0; i < count; i++) {
        const mps_record_log *log = mps_sparse_find(notes->halves, halves[i]);
        if (log)
            mps_record_merge_add(merge, log, i);
    }
    while ((record = mps_record_merge_next(merge))) {
        const mps_arrival_note note = note_of(record);
        visit(&note, record->source, data);
    }
    mps_record_merge_free(merge);
}
