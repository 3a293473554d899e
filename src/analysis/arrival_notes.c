/* arrival_notes.c: what a replay of arrivals needs of each segment.
 *
 * The notes of a half are logs, which take some ten bytes for each. Its first few notes are kept as
 * they are: a log takes more than these, and a flood has very many halves. Notes of both sorts are
 * merged where they are read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "arrival_notes.h"
#include "base/pool.h"
#include "base/sort.h"
#include "base/sparse.h"
#include "record_merge.h"

/* Notes of a kind that a half has before it gets logs. */
#define FEW_MAX 4u

/* One of the few notes of payload. */
typedef struct {
    int64_t time;
    uint32_t frame;
    uint32_t before; /* index of the one before it of its half, plus 1; 0: none */
    uint64_t ssn;
    uint32_t length;
} few_payload;

/* One of the few notes of acknowledgements. */
typedef struct {
    int64_t time;
    uint32_t frame, before;
    uint64_t ack, data_ack;
    uint32_t space_id;
    uint16_t window;
} few_ack;

/* The numbers of both kinds in a log. */
enum { SSN = MPS_RECORD_FRAME + 1, LENGTH, SENT_NUMBERS };
enum { ACK = MPS_RECORD_FRAME + 1, DATA_ACK, WINDOW, SPACE_ID, ACK_NUMBERS };

typedef struct {
    mps_record_log sent, acks;
} half_logs;

/* One direction of a subflow. */
typedef struct {
    uint32_t sent, acks; /* the latest of few notes: its index, plus 1; 0: none */
    half_logs *logs;     /* NULL: the notes are few */
} half_notes;

struct mps_arrival_notes {
    mps_sparse *halves; /* half_notes, by half_id */
    mps_pool *sent;     /* few_payload, of all halves */
    mps_pool *acks;     /* few_ack, of all halves */
};

mps_arrival_notes *mps_arrival_notes_new(void)
{
    mps_arrival_notes *notes = g_new(mps_arrival_notes, 1);
    notes->halves = mps_sparse_new(sizeof(half_notes));
    notes->sent = mps_pool_new(sizeof(few_payload));
    notes->acks = mps_pool_new(sizeof(few_ack));
    return notes;
}

static void clear_logs(half_logs *logs)
{
    mps_record_log_clear(&logs->sent);
    mps_record_log_clear(&logs->acks);
}

void mps_arrival_notes_free(mps_arrival_notes *notes)
{
    for (guint i = 0; i < notes->halves->count; i++) {
        half_notes *half = mps_sparse_item(notes->halves, i);
        if (half->logs)
            clear_logs(half->logs);
        g_free(half->logs);
    }
    mps_sparse_free(notes->halves);
    mps_pool_free(notes->sent);
    mps_pool_free(notes->acks);
    g_free(notes);
}

static void set_payload(const few_payload *sent, uint64_t *numbers)
{
    numbers[MPS_RECORD_TIME] = (uint64_t)sent->time;
    numbers[MPS_RECORD_FRAME] = sent->frame;
    numbers[SSN] = sent->ssn;
    numbers[LENGTH] = sent->length;
}

static void set_ack(const few_ack *ack, uint64_t *numbers)
{
    numbers[MPS_RECORD_TIME] = (uint64_t)ack->time;
    numbers[MPS_RECORD_FRAME] = ack->frame;
    numbers[ACK] = ack->ack;
    numbers[DATA_ACK] = ack->data_ack;
    numbers[WINDOW] = ack->window;
    numbers[SPACE_ID] = ack->space_id;
}

static void log_payload(half_logs *logs, const few_payload *sent)
{
    uint64_t numbers[SENT_NUMBERS];
    set_payload(sent, numbers);
    mps_record_log_add(&logs->sent, numbers, SENT_NUMBERS);
}

static void log_ack(half_logs *logs, const few_ack *ack)
{
    uint64_t numbers[ACK_NUMBERS];
    set_ack(ack, numbers);
    mps_record_log_add(&logs->acks, numbers, ACK_NUMBERS);
}

/* Find few notes of payload, the latest first. @param latest  as in half_notes
 * @return how many there are */
static unsigned find_sent(const mps_arrival_notes *notes, uint32_t latest,
                          const few_payload *sent[FEW_MAX])
{
    unsigned count = 0;
    for (uint32_t i = latest; i > 0; i = sent[count++]->before)
        sent[count] = mps_pool_at(notes->sent, i - 1);
    return count;
}

/* The same of acknowledgements. */
static unsigned find_acks(const mps_arrival_notes *notes, uint32_t latest,
                          const few_ack *acks[FEW_MAX])
{
    unsigned count = 0;
    for (uint32_t i = latest; i > 0; i = acks[count++]->before)
        acks[count] = mps_pool_at(notes->acks, i - 1);
    return count;
}

/* The notes of a half are no longer few. */
static void begin_logs(const mps_arrival_notes *notes, half_notes *half)
{
    const few_payload *sent[FEW_MAX];
    const few_ack *acks[FEW_MAX];
    half->logs = g_new0(half_logs, 1);
    for (unsigned i = find_sent(notes, half->sent, sent); i > 0; i--)
        log_payload(half->logs, sent[i - 1]);
    for (unsigned i = find_acks(notes, half->acks, acks); i > 0; i--)
        log_ack(half->logs, acks[i - 1]);
    half->sent = half->acks = 0;
}

static void note_payload(mps_arrival_notes *notes, const mps_view *view)
{
    half_notes *half = mps_sparse_at(notes->halves, view->half_id);
    const few_payload *few[FEW_MAX];
    const few_payload sent = {
        .time = view->segment->time,
        .frame = view->segment->frame,
        .before = half->sent,
        .ssn = view->ssn,
        .length = view->segment->length,
    };
    if (!half->logs && find_sent(notes, half->sent, few) == FEW_MAX)
        begin_logs(notes, half);
    if (half->logs) {
        log_payload(half->logs, &sent);
        return;
    }
    *(few_payload *)mps_pool_room(notes->sent) = sent;
    half->sent = notes->sent->count;
}

/* @return whether an acknowledgement says nothing that the latest one does not */
static bool adds_nothing(const mps_arrival_notes *notes, const half_notes *half, const few_ack *ack)
{
    uint64_t room[MPS_RECORD_NUMBERS_MAX];
    const uint64_t *latest = half->logs ? mps_record_log_latest(&half->logs->acks, room) : NULL;
    if (latest)
        return ack->ack == latest[ACK] && ack->data_ack == latest[DATA_ACK] &&
               ack->window <= latest[WINDOW] && ack->space_id == latest[SPACE_ID];
    if (half->acks == 0)
        return false;
    const few_ack *few = mps_pool_at(notes->acks, half->acks - 1);
    return ack->ack == few->ack && ack->data_ack == few->data_ack && ack->window <= few->window &&
           ack->space_id == few->space_id;
}

static void note_ack(mps_arrival_notes *notes, const mps_view *view)
{
    half_notes *half = mps_sparse_at(notes->halves, view->other_half_id);
    const few_ack *few[FEW_MAX];
    const few_ack ack = {
        .time = view->segment->time,
        .frame = view->segment->frame,
        .before = half->acks,
        .ack = view->has_ack ? view->ack : 0,
        .data_ack = view->has_data_ack ? view->data_ack : 0,
        .space_id = view->other_space_id,
        .window = view->segment->flags & MPS_TCP_SYN ? 0 : view->segment->window,
    };
    if (adds_nothing(notes, half, &ack))
        return;
    if (!half->logs && find_acks(notes, half->acks, few) == FEW_MAX)
        begin_logs(notes, half);
    if (half->logs) {
        log_ack(half->logs, &ack);
        return;
    }
    *(few_ack *)mps_pool_room(notes->acks) = ack;
    half->acks = notes->acks->count;
}

void mps_arrival_notes_take(mps_arrival_notes *notes, const mps_view *view)
{
    if (view->has_ssn)
        note_payload(notes, view);
    if (view->has_ack || view->has_data_ack)
        note_ack(notes, view);
}

/* One of few notes that is read. */
typedef struct {
    mps_moment moment; /* its `place` is the frame */
    uint32_t source;   /* as in add_notes() */
    const void *note;  /* few_payload or few_ack */
} few_note;

static void add_few(GArray *few, const mps_leaps *leaps, int64_t time, uint32_t frame,
                    uint32_t source, const void *note)
{
    const few_note added = {{time, mps_leaps_until(leaps, frame), frame}, source, note};
    g_array_append_val(few, added);
}

/* Add the notes of a half to those that are read. Those of payload get the source 2 `which`, those
 * of acknowledgements 2 `which` + 1. */
static void add_notes(const mps_arrival_notes *notes, const half_notes *half, uint32_t which,
                      const mps_leaps *leaps, mps_record_merge *merge, GArray *few)
{
    const few_payload *sent[FEW_MAX];
    const few_ack *acks[FEW_MAX];
    for (unsigned i = find_sent(notes, half->sent, sent); i > 0; i--)
        add_few(few, leaps, sent[i - 1]->time, sent[i - 1]->frame, 2 * which, sent[i - 1]);
    for (unsigned i = find_acks(notes, half->acks, acks); i > 0; i--)
        add_few(few, leaps, acks[i - 1]->time, acks[i - 1]->frame, 2 * which + 1, acks[i - 1]);
    if (!half->logs)
        return;
    mps_record_merge_add(merge, &half->logs->sent, 2 * which);
    mps_record_merge_add(merge, &half->logs->acks, 2 * which + 1);
}

/* @param numbers  of its record in a log */
static void visit_note(const mps_moment *moment, uint32_t source, const uint64_t *numbers,
                       mps_arrival_note_visitor visit, void *data)
{
    mps_arrival_note note = {.time = moment->time, .frame = moment->place, .leaps = moment->leaps};
    if (source % 2 == 0) {
        note.ssn = numbers[SSN];
        note.length = (uint32_t)numbers[LENGTH];
    } else {
        note.ack = numbers[ACK];
        note.data_ack = numbers[DATA_ACK];
        note.space_id = (uint32_t)numbers[SPACE_ID];
        note.window = (uint16_t)numbers[WINDOW];
    }
    visit(&note, source / 2, data);
}

static void visit_few(const few_note *few, mps_arrival_note_visitor visit, void *data)
{
    uint64_t numbers[MPS_RECORD_NUMBERS_MAX];
    if (few->source % 2 == 0)
        set_payload(few->note, numbers);
    else
        set_ack(few->note, numbers);
    visit_note(&few->moment, few->source, numbers, visit, data);
}

static bool comes_before(const few_note *few, const mps_merged_record *record)
{
    const gint order = mps_moment_compare(&few->moment, &record->moment);
    return order != 0 ? order < 0 : few->source < record->source;
}

void mps_arrival_notes_read(const mps_arrival_notes *notes, const uint32_t *halves, uint32_t count,
                            const mps_leaps *leaps, mps_arrival_note_visitor visit, void *data)
{
    GArray *few = g_array_new(FALSE, FALSE, sizeof(few_note));
    mps_record_merge *merge = mps_record_merge_new(leaps);
    for (uint32_t i = 0; i < count; i++) {
        const half_notes *half = mps_sparse_find(notes->halves, halves[i]);
        if (half)
            add_notes(notes, half, i, leaps, merge, few);
    }
    mps_sort_stretches(few, mps_moment_compare);
    const mps_merged_record *record = mps_record_merge_next(merge);
    for (guint at = 0;;) {
        const few_note *next = at < few->len ? &g_array_index(few, few_note, at) : NULL;
        if (next && (!record || comes_before(next, record))) {
            visit_few(next, visit, data);
            at++;
        } else if (record) {
            visit_note(&record->moment, record->source, record->numbers, visit, data);
            record = mps_record_merge_next(merge);
        } else {
            break;
        }
    }
    mps_record_merge_free(merge);
    g_array_free(few, TRUE);
}
