/* many_files.c: reports many files: gives them to workers, and writes what these make in the order
 * of the files.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "many_files.h"
#include "one_line.h"
#include "report_file.h"
#include "workers.h"
#include <errno.h>
#include <mptcpscope/output.h>
#include <mptcpscope/printable.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Files that are read before it is their turn to be written, and bytes of their reports above which
 * no more are begun: a file that takes long does not let the others of thousands wait, nor fill the
 * memory. */
#define AHEAD_MAX 1024u
#define HELD_MAX ((size_t)16 << 20)

/* A run over many files. */
typedef struct {
    const mps_cli *cli;
    char **files;
    uint32_t count, given;  /* how many there are; how many workers were given */
    uint32_t written;       /* how many were written */
    mps_progress *progress; /* NULL: the output itself shows it */
    mps_workers *workers;
    GQueue results; /* mps_work_result of those that are given and not written, in their order */
    mps_output *output;
    bool in_row;    /* a part of the first result is written */
    bool any;       /* something was written */
    int status;     /* exit status until now */
    int interrupt;  /* readable once SIGINT came; -1: nobody waits for that */
    sigset_t mask;  /* as it was before */
    bool cancelled; /* SIGINT came */
} many_files;

/* ---- in a worker ---- */

/* @param out  as of mps_report_file()  @return the exit status */
static int write_report(const mps_cli *cli, mps_report *report, mps_source *source,
                        const char *path, FILE *out)
{
    if (cli->style.format != MPS_FORMAT_JSON)
        return mps_report_file(cli, report, source, path, out, false);
    FILE *line = mps_one_line(out);
    if (!line)
        g_error("no memory");
    int status = mps_report_file(cli, report, source, path, line, false);
    fclose(line); /* failures are those of `out` */
    return status;
}

/* The work: report a file. */
static int report_piece(uint32_t piece, FILE *out, void *data)
{
    const many_files *many = data;
    mps_cli own = *many->cli;
    const mps_cli *cli = &own;
    own.progress = NULL; /* these are of the program that gives work */
    own.pager = NULL;
    const char *path = many->files[piece];
    GError *error = NULL;
    mps_report *report = mps_report_file_begin(cli);
    if (cli->style.format != MPS_FORMAT_JSON || cli->with_filename)
        mps_report_set_file(report, path);
    mps_source *source = mps_source_open(path, &error);
    int status = source ? write_report(cli, report, source, path, out) : mps_cli_fail(path, error);
    mps_source_close(source);
    mps_report_free(report);
    return status;
}

/* ---- writing results ---- */

/* Leave out the first line, which is there whole, as a header of csv always is. */
static void drop_line(GByteArray *bytes)
{
    const uint8_t *end = bytes->len > 0 ? memchr(bytes->data, '\n', bytes->len) : NULL;
    g_byte_array_remove_range(bytes, 0, end ? (guint)(end - bytes->data) + 1 : bytes->len);
}

/* Write what there is of the first result. */
static void write_part(many_files *many, mps_work_result *result)
{
    FILE *out = mps_output_stream(many->output);
    if (result->output->len == 0)
        return;
    if (!many->any)
        mps_pager_begin(many->cli->pager, true);
    if (!many->in_row && many->any && many->cli->style.format == MPS_FORMAT_CSV)
        drop_line(result->output);
    fwrite(result->output->data, 1, result->output->len, out);
    g_byte_array_set_size(result->output, 0);
    many->in_row = many->any = true;
}

/* Say what a worker said of a file, and whether it ended by that. */
static void write_messages(many_files *many, const mps_work_result *result)
{
    mps_progress_pause(many->progress);
    fputs(result->messages->str, stderr);
    if (result->ended) {
        mps_cli_message("%s: %s", many->files[result->piece], result->ended);
        many->status = MPS_EXIT_INPUT;
    }
    mps_progress_resume(many->progress);
    if (result->status != MPS_EXIT_OK)
        many->status = MPS_EXIT_INPUT;
}

/* Write the results whose turn it is, as far as they have arrived.
 * @return false if the rest of one will never arrive, so that what is written is not whole */
static bool write_results(many_files *many)
{
    mps_work_result *result;
    while ((result = g_queue_peek_head(&many->results))) {
        const bool whole = !result->ended;
        if (result->begun && whole)
            write_part(many, result);
        if (!result->done)
            return true;
        write_messages(many, result);
        const bool torn = !whole && many->in_row;
        mps_work_result_free(g_queue_pop_head(&many->results));
        many->in_row = false;
        mps_progress_files(many->progress, ++many->written, many->count);
        fflush(mps_output_stream(many->output)); /* an interrupt leaves whole reports */
        if (torn)
            return false;
    }
    return true;
}

/* ---- the run ---- */

static void add_length(void *data, void *sum)
{
    const mps_work_result *result = data;
    *(size_t *)sum += result->output->len + result->messages->len;
}

/* Give idle workers the next files. */
static void give_files(many_files *many)
{
    size_t held = 0;
    g_queue_foreach(&many->results, add_length, &held);
    while (many->given < many->count && many->results.length < AHEAD_MAX && held < HELD_MAX &&
           mps_workers_idle(many->workers))
        g_queue_push_tail(&many->results, mps_workers_give(many->workers, many->given++));
}

/* @return whether SIGINT came. While the pager runs, it is ignored: it is for that. */
static bool is_cancelled(const many_files *many)
{
    struct signalfd_siginfo came;
    struct sigaction action;
    if (many->interrupt < 0 || read(many->interrupt, &came, sizeof came) <= 0)
        return false;
    sigaction(SIGINT, NULL, &action);
    return action.sa_handler != SIG_IGN;
}

/* Report all files. @return false: it cannot be finished */
static bool report_all(many_files *many)
{
    GError *error = NULL;
    while (many->given < many->count || many->results.length > 0) {
        give_files(many);
        if (!mps_workers_wait(many->workers, g_queue_peek_head(&many->results), many->interrupt,
                              &error)) {
            write_results(many);
            mps_cli_message("%s", error->message);
            g_error_free(error);
            return false;
        }
        many->cancelled = is_cancelled(many);
        if (many->cancelled || !write_results(many) ||
            ferror(mps_output_stream(many->output))) /* said when the output is ended */
            return false;
    }
    return true;
}

/* Let SIGINT wait until a report is written whole, unless it is ignored. */
static void hold_interrupt(many_files *many)
{
    sigset_t set;
    struct sigaction action;
    many->interrupt = -1;
    sigaction(SIGINT, NULL, &action);
    if (action.sa_handler == SIG_IGN)
        return;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, &many->mask);
    many->interrupt = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* Let SIGINT do what it did, also the one that came. */
static void release_interrupt(const many_files *many)
{
    if (many->interrupt < 0)
        return;
    close(many->interrupt);
    if (many->cancelled)
        raise(SIGINT); /* it is blocked until the next line */
    pthread_sigmask(SIG_SETMASK, &many->mask, NULL);
}

/* Give the output its name, if it is whole and has something. @return the exit status */
static int end_output(many_files *many, bool whole)
{
    GError *error = NULL;
    const bool failed = ferror(mps_output_stream(many->output)) != 0;
    if (!failed && !(whole && many->any)) {
        mps_output_discard(many->output);
        return MPS_EXIT_INPUT;
    }
    return mps_output_commit(many->output, &error) ? many->status
                                                   : mps_cli_fail_output(many->cli->output, error);
}

static int run_many(many_files *many)
{
    GError *error = NULL;
    const unsigned jobs = many->cli->jobs ? many->cli->jobs : g_get_num_processors();
    many->output = mps_output_open(many->cli->output, &error);
    if (!many->output)
        return mps_cli_fail_output(many->cli->output, error);
    many->workers = mps_workers_start(MIN(jobs, many->count), report_piece, many, &error);
    if (!many->workers) {
        mps_cli_message("%s", error->message);
        g_error_free(error);
        mps_output_discard(many->output);
        return MPS_EXIT_INPUT;
    }
    hold_interrupt(many);
    mps_progress_files(many->progress, 0, many->count);
    const bool whole = report_all(many);
    mps_progress_files(many->progress, 0, 0);
    mps_workers_end(many->workers);
    int status = end_output(many, whole);
    release_interrupt(many);
    return status;
}

int mps_report_many(const mps_cli *cli)
{
    many_files many = {.cli = cli,
                       .files = cli->arguments + 1,
                       .count = (uint32_t)(cli->argument_count - 1),
                       .progress = cli->to_terminal ? NULL : cli->progress};
    mps_report *report = mps_report_file_begin(cli); /* the call is right, or it is said once */
    if (!report)
        return MPS_EXIT_USAGE;
    mps_report_free(report);
    g_queue_init(&many.results);
    int status = run_many(&many);
    g_queue_clear_full(&many.results, (GDestroyNotify)(void (*)(void))mps_work_result_free);
    return status;
}
