/* progress.c: shows how much of the files was read, and what comes after; progress.h describes it.
 * A thread draws the line, so that who reads has nothing to do for it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "progress.h"
#include "terminal.h"
#include <mptcpscope/printable.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* What takes less time has no line; the line is drawn anew so often. Microseconds. */
#define DELAY G_TIME_SPAN_SECOND
#define PERIOD (G_TIME_SPAN_SECOND / 5)

/* A file that is being read. */
typedef struct {
    const char *path;
    mps_position *position;
} reading;

struct mps_progress {
    GMutex lock;          /* of all that follows */
    GCond changed;        /* a file begins, or all is over */
    GArray *readings;     /* reading */
    uint32_t done, count; /* of many files that are read elsewhere; count 0: there are none */
    const char *task;     /* what is done after reading; NULL: nothing */
    gint64 begin;         /* of the first work, monotonic, microseconds; 0: there was none yet */
    bool over;
    bool shown; /* the line is on the terminal */
    GThread *thread;
};

static unsigned percent(uint64_t part, uint64_t whole)
{
    return whole > 0 ? (unsigned)(100.0 * (double)MIN(part, whole) / (double)whole) : 0;
}

/* @return what the line says, freed by the caller. @param width  characters that it may have */
static char *line_of(const mps_progress *progress, unsigned width)
{
    GString *line = g_string_new("Reading ");
    for (guint i = 0; i < progress->readings->len; i++) {
        const reading *one = &g_array_index(progress->readings, reading, i);
        uint64_t size;
        const uint64_t done = mps_position_read(one->position, &size);
        char *base = g_path_get_basename(one->path), *name = mps_printable(base);
        g_string_append_printf(line, "%s%s %u %%", i > 0 ? ", " : "", name, percent(done, size));
        g_free(name);
        g_free(base);
    }
    if (g_utf8_strlen(line->str, -1) > width)
        g_string_truncate(line,
                          (gsize)(g_utf8_offset_to_pointer(line->str, (glong)width) - line->str));
    return g_string_free(line, FALSE);
}

static void draw(mps_progress *progress)
{
    char *line = progress->count > 0
                     ? g_strdup_printf("Reporting files: %u of %u", progress->done, progress->count)
                 : progress->task ? g_strdup(progress->task)
                                  : line_of(progress, mps_terminal_width(STDERR_FILENO) - 1);
    fprintf(stderr, "\r%s\033[K", line);
    fflush(stderr);
    g_free(line);
    progress->shown = true;
}

static void erase(mps_progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    fflush(stderr);
    progress->shown = false;
}

/* Draw the line until all is over. */
static void *draw_all(void *data)
{
    mps_progress *progress = data;
    g_mutex_lock(&progress->lock);
    while (!progress->over) {
        if (progress->readings->len == 0 && progress->count == 0 && !progress->task) {
            g_cond_wait(&progress->changed, &progress->lock);
            continue;
        }
        const gint64 now = g_get_monotonic_time();
        const gint64 due = progress->begin + DELAY;
        if (now >= due)
            draw(progress);
        g_cond_wait_until(&progress->changed, &progress->lock, MAX(due, now + PERIOD));
    }
    g_mutex_unlock(&progress->lock);
    return NULL;
}

/* Start the thread. It takes no signals: whoever reads may wait for them. */
static GThread *start_drawing(mps_progress *progress)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    GThread *thread = g_thread_new("progress", draw_all, progress);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return thread;
}

mps_progress *mps_progress_new(void)
{
    if (!isatty(STDERR_FILENO) || mps_terminal_is_dumb())
        return NULL;
    mps_progress *progress = g_new0(mps_progress, 1);
    g_mutex_init(&progress->lock);
    g_cond_init(&progress->changed);
    progress->readings = g_array_new(FALSE, FALSE, sizeof(reading));
    progress->thread = start_drawing(progress);
    return progress;
}

void mps_progress_free(mps_progress *progress)
{
    if (!progress)
        return;
    g_mutex_lock(&progress->lock);
    progress->over = true;
    erase(progress);
    g_cond_signal(&progress->changed);
    g_mutex_unlock(&progress->lock);
    g_thread_join(progress->thread);
    g_array_free(progress->readings, TRUE);
    g_mutex_clear(&progress->lock);
    g_cond_clear(&progress->changed);
    g_free(progress);
}

/* Work begins: the line is due after a second of work, of whatever kind. */
static void begin_work(mps_progress *progress)
{
    if (progress->begin == 0)
        progress->begin = g_get_monotonic_time();
    g_cond_signal(&progress->changed);
}

void mps_progress_begin(mps_progress *progress, const char *path, const mps_source *source)
{
    if (!progress || mps_source_is_stream(source))
        return;
    const reading one = {path, mps_source_position(source)};
    g_mutex_lock(&progress->lock);
    g_array_append_val(progress->readings, one);
    begin_work(progress);
    g_mutex_unlock(&progress->lock);
}

void mps_progress_end(mps_progress *progress, const char *path)
{
    if (!progress)
        return;
    g_mutex_lock(&progress->lock);
    for (guint i = progress->readings->len; i > 0; i--) {
        const reading *one = &g_array_index(progress->readings, reading, i - 1);
        if (one->path != path)
            continue;
        mps_position_unref(one->position);
        g_array_remove_index(progress->readings, i - 1);
    }
    if (progress->readings->len == 0)
        erase(progress);
    g_mutex_unlock(&progress->lock);
}

void mps_progress_files(mps_progress *progress, uint32_t done, uint32_t count)
{
    if (!progress)
        return;
    g_mutex_lock(&progress->lock);
    if (progress->count == 0)
        begin_work(progress);
    progress->done = done;
    progress->count = count;
    if (count == 0)
        erase(progress);
    g_mutex_unlock(&progress->lock);
}

void mps_progress_task(mps_progress *progress, const char *task)
{
    if (!progress)
        return;
    g_mutex_lock(&progress->lock);
    progress->task = task;
    if (task)
        begin_work(progress);
    else
        erase(progress);
    g_mutex_unlock(&progress->lock);
}

void mps_progress_pause(mps_progress *progress)
{
    if (!progress)
        return;
    g_mutex_lock(&progress->lock);
    erase(progress);
}

void mps_progress_resume(mps_progress *progress)
{
    if (progress)
        g_mutex_unlock(&progress->lock);
}
