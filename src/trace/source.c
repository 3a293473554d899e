/* source.c: reads segments and ICMP errors from a capture or from a dump.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/likely.h"
#include "base/times.h"
#include "capture/capture.h"
#include "dump/dump_reader.h"
#include "merge.h"
#include <mptcpscope/error.h>
#include <mptcpscope/frame_notes.h>
#include <mptcpscope/replay.h>
#include <mptcpscope/source.h>
#include <string.h>

/* An open file. */
typedef struct {
    mps_input *input; /* owned by one of these: */
    mps_dump *dump;   /* the other is NULL */
    mps_capture *capture;
} source_file;

/* What a segment that comes too late was late for. */
typedef enum { NOT_LATE, LATE_OF_INTERFACE, LATE_OF_OTHER_INTERFACE, TOO_LATE } lateness;

struct mps_position {
    _Atomic uint64_t done; /* bytes of the file that were read */
    uint64_t size;         /* bytes of the file; 0: not known */
};

struct mps_source {
    source_file file;
    mps_position *position;
    int64_t start;       /* time of the first frame, ns; of a dump, of its first segment */
    bool started;        /* it is known */
    char *path;          /* of the file */
    char *name;          /* of the capture */
    uint32_t count;      /* segments and ICMP errors until now */
    bool sorts;          /* they are wanted in the order of time */
    int64_t time;        /* of the segment before, ns; valid if there is one */
    uint32_t interface;  /* likewise */
    lateness late;       /* why reading ended early: all will be read from the start */
    mps_replay *replay;  /* segments and ICMP errors that are kept; NULL: none is */
    uint32_t left_out;   /* how many came before those */
    mps_merge *merge;    /* brings them into the order of time; NULL: they come as read */
    bool again;          /* they are given again */
    mps_segment segment; /* the latest, unless `merge` has it */
    GError *cut_off;     /* why the file ended too early; NULL: it did not */
};

static bool open_file(source_file *file, const char *path, GError **error)
{
    *file = (source_file){.input = mps_input_new(path, error)};
    if (!file->input)
        return false;
    if (mps_dump_begins(file->input))
        file->dump = mps_dump_from(file->input, error);
    else
        file->capture = mps_capture_from(file->input, error);
    return file->dump || file->capture;
}

static void close_file(const source_file *file)
{
    mps_dump_close(file->dump);
    mps_capture_close(file->capture);
}

mps_source *mps_source_open(const char *path, GError **error)
{
    source_file file;
    if (!open_file(&file, path, error))
        return NULL;
    mps_source *source = g_new0(mps_source, 1);
    source->file = file;
    source->position = g_atomic_rc_box_new0(mps_position);
    source->position->size = mps_input_count(file.input, &source->position->done);
    source->path = g_strdup(path);
    const char *name = file.dump ? mps_dump_capture(file.dump) : NULL;
    source->name = name ? g_strdup(name) : g_path_get_basename(path);
    return source;
}

/* Note when the capture begins, after its first segment. */
static void note_start(mps_source *source, mps_next got, const mps_segment *segment)
{
    source->started = true;
    if (source->file.capture)
        source->start = mps_capture_start(source->file.capture);
    else
        source->start =
            got == MPS_NEXT_SEGMENT ? segment->time : mps_dump_icmp_error(source->file.dump)->time;
}

/* Read the next segment of the file. */
static mps_next read_segment(mps_source *source, mps_segment *segment, GError **error)
{
    GError *problem = NULL;
    if (MPS_UNLIKELY(source->cut_off))
        return MPS_NEXT_END;
    mps_next got = MPS_UNLIKELY(source->file.dump)
                       ? mps_dump_next(source->file.dump, segment, &problem)
                       : mps_capture_next(source->file.capture, segment, &problem);
    if (MPS_UNLIKELY(got < 0) && problem->code == MPS_ERROR_CUT_OFF) {
        if (mps_input_stopped(source->file.input)) /* in the middle of a segment */
            g_error_free(problem);
        else
            source->cut_off = problem;
        return MPS_NEXT_END;
    }
    if (got < 0)
        g_propagate_error(error, problem);
    if (MPS_UNLIKELY(!source->started) && got > 0)
        note_start(source, got, segment);
    return got;
}

/* The ICMP error that read_segment() came to. */
static const mps_icmp_error *read_icmp_error(const mps_source *source)
{
    return source->file.dump ? mps_dump_icmp_error(source->file.dump)
                             : mps_capture_icmp_error(source->file.capture);
}

const mps_icmp_error *mps_source_icmp_error(const mps_source *source)
{
    if (source->again)
        return mps_replay_icmp_error(source->replay);
    return source->merge ? mps_merge_icmp_error(source->merge) : read_icmp_error(source);
}

/* Read on until the earliest segment is known. @return as mps_source_next() */
static mps_next next_merged(mps_source *source, mps_segment **segment, GError **error)
{
    mps_merge *merge = source->merge;
    while (!mps_merge_is_ready(merge)) {
        const mps_next got = read_segment(source, mps_merge_room(merge), error);
        if (got == MPS_NEXT_FAILED)
            return got;
        if (got == MPS_NEXT_END)
            mps_merge_end(merge);
        else
            mps_merge_add(merge, got == MPS_NEXT_ICMP_ERROR ? read_icmp_error(source) : NULL);
        if (mps_merge_failed(merge)) {
            source->late = TOO_LATE;
            return MPS_NEXT_END;
        }
    }
    return mps_merge_take(merge, segment);
}

/* Keep what mps_source_next() came to. */
static void keep(mps_replay *replay, const mps_source *source, mps_next what,
                 const mps_segment *segment)
{
    if (what == MPS_NEXT_SEGMENT)
        mps_replay_add(replay, segment, 0);
    else if (what == MPS_NEXT_ICMP_ERROR)
        mps_replay_add_icmp(replay, mps_source_icmp_error(source));
}

/* Is a segment earlier than the one before it, although they are wanted in the order of time?
 * (Where they are kept or merged, mps_source_again() reads them once more.) */
static inline bool steps_back(const mps_source *source, const mps_segment *segment)
{
    return segment->time < source->time && source->count > 1 && source->sorts && !source->replay &&
           !source->merge;
}

/* All segments will be given again: merged, if the step back is so short that they will be in the
 * order of time, as a rule; if not, segments are kept from this one on. */
static void prepare_again(mps_source *source, const mps_segment *segment)
{
    if (segment->link.interface != source->interface) {
        source->late = LATE_OF_OTHER_INTERFACE;
    } else if (mps_minus(source->time, segment->time) < MPS_LATE_NS) {
        source->late = LATE_OF_INTERFACE;
    } else {
        source->replay = mps_replay_new();
        source->left_out = source->count - 1;
    }
}

mps_next mps_source_next(mps_source *source, const mps_segment **segment, GError **error)
{
    mps_segment *next = &source->segment;
    *segment = next;
    if (MPS_UNLIKELY(source->again))
        return mps_replay_next(source->replay, next, NULL);
    const mps_next got = MPS_UNLIKELY(source->merge) ? next_merged(source, &next, error)
                                                     : read_segment(source, next, error);
    if (got > 0)
        source->count++;
    if (MPS_LIKELY(got == MPS_NEXT_SEGMENT)) {
        next->order = source->count;
        if (MPS_UNLIKELY(steps_back(source, next)))
            prepare_again(source, next);
        source->time = next->time;
        source->interface = next->link.interface;
    }
    if (MPS_UNLIKELY(source->late != NOT_LATE))
        return MPS_NEXT_END;
    if (MPS_UNLIKELY(source->replay))
        keep(source->replay, source, got, next);
    *segment = next;
    return got;
}

/* Can the file not be opened a second time? */
static bool comes_once(const mps_source *source)
{
    return mps_input_is_stream(source->file.input) || strcmp(source->path, "-") == 0;
}

void mps_source_sort(mps_source *source)
{
    source->sorts = true;
    if (comes_once(source))
        source->replay = mps_replay_new();
    else if (source->file.capture && mps_capture_interfaces(source->file.capture) > 1)
        source->merge = mps_merge_new(true);
}

/* Read the beginning of the file once more and keep its segments.
 * @param count   of segments and ICMP errors
 * @param reader  takes them in; NULL: nobody */
static bool read_again(mps_source *source, uint32_t count, mps_tracker *reader, GError **error)
{
    const mps_segment *segment;
    mps_verdict verdict;
    mps_source *file = mps_source_open(source->path, error);
    if (!file)
        return false;
    mps_next got = MPS_NEXT_END;
    if (!source->replay)
        source->replay = mps_replay_new();
    while (file->count < count && (got = mps_source_next(file, &segment, error)) > 0) {
        keep(source->replay, file, got, segment);
        if (reader && got == MPS_NEXT_SEGMENT)
            mps_tracker_segment(reader, segment, &verdict);
    }
    mps_source_close(file);
    return got != MPS_NEXT_FAILED;
}

/* Begin the file once more, and merge its segments from now on; if that failed, keep them. */
static mps_tracker *again_from_start(mps_source *source, const mps_tracker *read, GError **error)
{
    source_file file;
    if (!open_file(&file, source->path, error))
        return NULL;
    close_file(&source->file);
    source->file = file;
    mps_input_count(file.input, &source->position->done); /* the size is the same */
    mps_merge_free(source->merge);
    source->merge = NULL;
    if (source->late == TOO_LATE)
        source->replay = mps_replay_new();
    else
        source->merge = mps_merge_new(source->late == LATE_OF_OTHER_INTERFACE);
    source->late = NOT_LATE;
    source->count = 0;
    mps_tracker *again = mps_replay_reader(read);
    mps_replay_follows(again);
    return again;
}

static mps_tracker *begin_again(mps_source *source, const mps_tracker *read)
{
    mps_replay_begin(source->replay, read);
    source->again = true;
    return mps_replay_tracker(read);
}

/* Only the order of the file tells where the clock leapt, so it is read once more in that order. */
static mps_tracker *again_unmerged(mps_source *source, const mps_tracker *read, GError **error)
{
    mps_tracker *reader = mps_replay_reader(read), *again = NULL;
    if (read_again(source, source->count, reader, error)) {
        mps_tracker_finish(reader);
        again = begin_again(source, reader);
    }
    mps_tracker_free(reader);
    return again;
}

bool mps_source_must_again(const mps_source *source, const mps_tracker *read)
{
    return source->late != NOT_LATE || (!source->again && mps_replay_is_needed(read));
}

mps_tracker *mps_source_again(mps_source *source, const mps_tracker *read, GError **error)
{
    if (source->late != NOT_LATE)
        return again_from_start(source, read, error);
    if (source->merge)
        return again_unmerged(source, read, error);
    const uint32_t missing = source->replay ? source->left_out : source->count;
    if (missing > 0 && !comes_once(source) && !read_again(source, missing, NULL, error))
        return NULL;
    if (source->replay)
        return begin_again(source, read);
    g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT, "a stream cannot be read again");
    return NULL;
}

const char *mps_source_cut_off(const mps_source *source)
{
    return source->cut_off ? source->cut_off->message : NULL;
}

int64_t mps_source_start(const mps_source *source)
{
    return source->start;
}

mps_position *mps_source_position(const mps_source *source)
{
    return g_atomic_rc_box_acquire(source->position);
}

uint64_t mps_position_read(const mps_position *position, uint64_t *size)
{
    *size = position->size;
    return atomic_load_explicit(&position->done, memory_order_relaxed);
}

void mps_position_unref(mps_position *position)
{
    g_atomic_rc_box_release(position);
}

const char *mps_source_capture(const mps_source *source)
{
    return source->name;
}

bool mps_source_is_live(const mps_source *source)
{
    return source->file.capture && mps_input_is_stream(source->file.input);
}

uint64_t mps_source_drops(const mps_source *source)
{
    return source->file.capture ? mps_capture_drops(source->file.capture) : 0;
}

void mps_source_notes(const mps_source *source, GPtrArray *notes)
{
    const char *cut_off = mps_source_cut_off(source);
    if (cut_off)
        g_ptr_array_add(notes, mps_cut_off_note(cut_off));
    if (source->file.capture)
        mps_capture_notes(source->file.capture, notes);
}

bool mps_source_is_stream(const mps_source *source)
{
    return mps_input_is_stream(source->file.input);
}

void mps_source_stop_at(mps_source *source, int descriptor)
{
    mps_input_stop_at(source->file.input, descriptor);
}

void mps_source_close(mps_source *source)
{
    if (!source)
        return;
    close_file(&source->file);
    mps_position_unref(source->position);
    g_clear_error(&source->cut_off);
    mps_replay_free(source->replay);
    mps_merge_free(source->merge);
    g_free(source->path);
    g_free(source->name);
    g_free(source);
}
