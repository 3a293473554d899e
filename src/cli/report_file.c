/* report_file.c: makes the report of one file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "report_file.h"
#include "interrupt.h"
#include <mptcpscope/replay.h>

/* A report that is made. */
typedef struct {
    const mps_cli *cli;
    mps_report *report;
    mps_tracker *tracker;
    mps_source *source;
    FILE *out;
    const char *path;
    mps_style style;
    mps_report_document document;
} report_job;

/* Of a stream, write the rows that are final by now. @param end  all was read
 * @return false if nothing was written, as of a report that comes at the end */
static bool write_live(const report_job *job, bool end)
{
    if (!mps_source_is_stream(job->source) ||
        !mps_report_write_live(job->report, job->tracker, &job->document, end, job->out))
        return false;
    fflush(job->out); /* the caller reports failures */
    return true;
}

static void take_icmp(const report_job *job)
{
    const mps_icmp_record *record =
        mps_tracker_icmp(job->tracker, mps_source_icmp_error(job->source));
    if (record)
        mps_report_count_icmp(job->report, record);
}

/* Take in all segments. @return as mps_source_next() */
static mps_next take_all(report_job *job, GError **error)
{
    const mps_segment *segment;
    mps_verdict verdict;
    mps_next got = MPS_NEXT_END;
    const bool is_stream = mps_source_is_stream(job->source); /* only then there are live rows */
    const bool wants_plain = mps_report_wants_plain(job->report);
    while (!(is_stream && ferror(job->out)) &&
           (got = mps_source_next(job->source, &segment, error)) > 0) {
        if (got == MPS_NEXT_ICMP_ERROR) {
            take_icmp(job);
            continue;
        }
        if (!mps_tracker_segment(job->tracker, segment, &verdict)) {
            if (wants_plain)
                mps_report_count_plain(job->report, segment);
            continue;
        }
        mps_report_count(job->report, &verdict);
        if (is_stream)
            write_live(job, false);
    }
    mps_tracker_finish(job->tracker);
    job->style.start = mps_source_start(job->source);
    return got;
}

/* Take in all segments again, in the order of time. @return as mps_source_next() */
static mps_next take_again(report_job *job, GError **error)
{
    mps_tracker *again = mps_source_again(job->source, job->tracker, error);
    if (!again)
        return MPS_NEXT_FAILED;
    mps_tracker_free(job->tracker);
    job->tracker = again;
    mps_analyses_want(job->tracker, mps_report_needs(job->report));
    mps_report_reset(job->report);
    return take_all(job, error);
}

/* Take in the file to its end. @return the exit status */
static int count_all(report_job *job)
{
    const mps_cli *cli = job->cli;
    const char *path = job->path;
    GError *error = NULL;
    const bool rows_are_live = mps_source_is_stream(job->source) && mps_report_is_live(job->report);
    if (!rows_are_live) {
        mps_source_sort(job->source);
        mps_replay_follows(job->tracker);
    }
    mps_progress_begin(cli->progress, path, job->source);
    mps_next got = take_all(job, &error);
    while (got == MPS_NEXT_END && !rows_are_live &&
           mps_source_must_again(job->source, job->tracker))
        got = take_again(job, &error);
    mps_progress_end(cli->progress, path);
    if (got == MPS_NEXT_FAILED)
        return mps_cli_fail(path, error);
    return mps_cli_check_read(cli, path, mps_source_cut_off(job->source), job->tracker);
}

/* Read the file to its end. @param may_end  SIGINT may end a stream  @return the exit status */
static int read_file(report_job *job, bool may_end)
{
    mps_interrupt interrupt;
    if (!may_end)
        return count_all(job);
    mps_interrupt_begin(&interrupt, job->source);
    int status = count_all(job);
    mps_interrupt_end(&interrupt);
    return status;
}

static void write_report(report_job *job)
{
    GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
    mps_source_notes(job->source, notes);
    job->document.notes = notes;
    mps_report_set_drops(job->report, mps_source_drops(job->source));
    if (!mps_source_is_stream(job->source) || !mps_report_is_live(job->report))
        mps_pager_begin(job->cli->pager, true); /* not for rows that come one after another */
    if (!write_live(job, true))
        mps_report_write(job->report, job->tracker, &job->document, job->out);
    g_ptr_array_free(notes, TRUE);
}

int mps_report_file(const mps_cli *cli, mps_report *report, mps_source *source, const char *path,
                    FILE *out, bool may_end)
{
    report_job job = {.cli = cli,
                      .report = report,
                      .source = source,
                      .path = path,
                      .out = out,
                      .style = cli->style};
    const char *capture = mps_source_is_live(source) ? NULL : mps_source_capture(source);
    job.document = (mps_report_document){&job.style, capture, NULL, NULL};
    job.tracker = mps_tracker_new(MPS_TRACK_MPTCP);
    mps_analyses_want(job.tracker, mps_report_needs(report));
    int status = read_file(&job, may_end);
    if (status == MPS_EXIT_OK)
        write_report(&job);
    mps_tracker_free(job.tracker);
    return status;
}

/* Tell the report what the options ask for. @return false, with `error`: it does not have that */
static bool configure(mps_report *report, const mps_cli *cli, GError **error)
{
    const mps_path_choice path = {cli->end_subflow, cli->directions, cli->pieces};
    mps_report_pass_all(report);
    mps_report_set_near(report, &cli->near);
    return (!cli->interval || mps_report_set_interval(report, cli->interval, error)) &&
           (!cli->zeros || mps_report_set_zeros(report, error)) &&
           (!cli->table || mps_report_set_table(report, cli->table, error)) &&
           (!mps_path_choice_given(&path) || mps_report_set_path(report, &path, error));
}

mps_report *mps_report_file_begin(const mps_cli *cli)
{
    GError *error = NULL;
    mps_report *report = mps_report_new(cli->arguments[0], cli->connection, &error);
    if (report && configure(report, cli, &error))
        return report;
    mps_cli_message("%s", error->message);
    fprintf(stderr, "Try 'mptcpscope help report %s'.\n", cli->arguments[0]);
    g_error_free(error);
    mps_report_free(report);
    return NULL;
}
