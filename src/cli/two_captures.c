/* two_captures.c: loads captures and compares two of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two_captures.h"
#include "interrupt.h"
#include <string.h>
#include <sys/stat.h>

/* Say what is wrong with a file that was to be read. @param reading  its error is freed
 * @return the exit status */
static int check_file(const mps_cli *cli, const char *path, mps_trace_reading *reading)
{
    if (!reading->trace)
        return mps_cli_fail(path, g_steal_pointer(&reading->error));
    return mps_cli_check_end(cli, path, mps_trace_cut_off(reading->trace));
}

/* Can files be read in any order? Whoever writes to a pipe may wait until the file before it was
 * read, and SIGINT ends one pipe after the other. */
static bool are_regular(char *const *paths, unsigned count)
{
    struct stat status;
    for (unsigned i = 0; i < count; i++)
        if (strcmp(paths[i], "-") == 0 || stat(paths[i], &status) != 0 || !S_ISREG(status.st_mode))
            return false;
    return true;
}

/* Read files one after the other, up to the first that cannot be used. @return the exit status */
static int load_in_order(const mps_cli *cli, mps_trace_reading *readings, unsigned count)
{
    int status = MPS_EXIT_OK;
    for (unsigned i = 0; status == MPS_EXIT_OK && i < count; i++) {
        mps_interrupt interrupt;
        mps_trace_reading *reading = &readings[i];
        reading->source = mps_source_open(cli->arguments[i], &reading->error);
        if (reading->source) {
            mps_interrupt_begin(&interrupt, reading->source);
            mps_progress_begin(cli->progress, cli->arguments[i], reading->source);
            mps_traces_read(reading, 1);
            mps_progress_end(cli->progress, cli->arguments[i]);
            mps_interrupt_end(&interrupt);
        }
        status = check_file(cli, cli->arguments[i], reading);
    }
    return status;
}

/* Read regular files all at once. What is wrong is said in their order, as if they were read so.
 * @return the exit status */
static int load_at_once(const mps_cli *cli, mps_trace_reading *readings, unsigned count)
{
    unsigned opened = 0;
    do
        readings[opened].source = mps_source_open(cli->arguments[opened], &readings[opened].error);
    while (readings[opened].source && ++opened < count);
    for (unsigned i = 0; i < opened; i++)
        mps_progress_begin(cli->progress, cli->arguments[i], readings[i].source);
    mps_traces_read(readings, opened);
    for (unsigned i = 0; i < opened; i++)
        mps_progress_end(cli->progress, cli->arguments[i]);

    int status = MPS_EXIT_OK;
    for (unsigned i = 0; status == MPS_EXIT_OK && i < count; i++)
        status = check_file(cli, cli->arguments[i], &readings[i]);
    return status;
}

int mps_cli_load(const mps_cli *cli, unsigned needs, const mps_trace_visitor *visitors,
                 mps_trace **traces)
{
    const unsigned count = (unsigned)cli->argument_count;
    mps_trace_reading *readings = g_new0(mps_trace_reading, count);
    for (unsigned i = 0; i < count; i++) {
        readings[i].needs = needs;
        readings[i].visitor = visitors && visitors[i].segment ? &visitors[i] : NULL;
    }
    const int status = are_regular(cli->arguments, count) ? load_at_once(cli, readings, count)
                                                          : load_in_order(cli, readings, count);
    for (unsigned i = 0; i < count; i++) {
        g_clear_error(&readings[i].error); /* of a file after one that cannot be used */
        traces[i] = readings[i].trace;
    }
    g_free(readings);
    if (status != MPS_EXIT_OK)
        return status;
    mps_trace_set_near(traces[0], &cli->near);
    return mps_cli_check_chosen(cli, cli->arguments[0], mps_trace_tracker(traces[0]));
}

void mps_cli_free_traces(mps_trace **traces, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        mps_trace_free(traces[i]);
}

int mps_cli_fail_two(const char *a, const char *b, GError *error)
{
    char *both = g_strdup_printf("%s and %s", a, b);
    int status = mps_cli_fail(both, error);
    g_free(both);
    return status;
}

int mps_cli_fail_files(const mps_cli *cli, GError *error)
{
    return cli->argument_count == 1 ? mps_cli_fail(cli->arguments[0], error)
                                    : mps_cli_fail_two(cli->arguments[0], cli->arguments[1], error);
}

int mps_cli_load_compared(const mps_cli *cli, unsigned needs, const mps_trace_visitor *visitors,
                          mps_trace **traces, mps_comparison **comparison)
{
    GError *error = NULL;
    const int status = mps_cli_load(cli, needs, visitors, traces);
    if (status != MPS_EXIT_OK || !traces[1])
        return status;
    mps_progress_task(cli->progress, "Comparing the captures");
    *comparison = mps_comparison_new(traces[0], traces[1], cli->clock, &error);
    mps_progress_task(cli->progress, NULL);
    return *comparison ? MPS_EXIT_OK : mps_cli_fail_files(cli, error);
}

typedef struct {
    const mps_cli *cli;
    const mps_comparison *comparison;
    mps_comparison_writer write;
    const void *data; /* for `write` */
} comparison_job;

static void write_packets(FILE *out, const void *data)
{
    const comparison_job *job = data;
    mps_pairs_write(job->comparison, job->cli->connection, out);
}

static void write_result(FILE *out, const void *data)
{
    const comparison_job *job = data;
    job->write(out, job->cli, job->comparison, job->data);
}

int mps_cli_compare_with(const mps_cli *cli, unsigned needs, const mps_trace_visitor *visitors,
                         mps_comparison_writer write, const void *data)
{
    mps_trace *traces[2] = {NULL, NULL};
    mps_comparison *comparison = NULL;
    int status = mps_cli_load_compared(cli, needs, visitors, traces, &comparison);
    if (status == MPS_EXIT_OK) {
        mps_cli dated = *cli;
        dated.style.start = mps_trace_start(traces[0]);
        comparison_job job = {&dated, comparison, write, data};
        const mps_cli_file files[] = {{cli->packets, write_packets, &job},
                                      {cli->output, write_result, &job}};
        status = cli->packets ? mps_cli_write(cli, files, 2) : mps_cli_write(cli, &files[1], 1);
    }
    mps_comparison_free(comparison);
    mps_cli_free_traces(traces, G_N_ELEMENTS(traces));
    return status;
}

int mps_cli_compare(const mps_cli *cli, unsigned needs, mps_comparison_writer write)
{
    return mps_cli_compare_with(cli, needs, NULL, write, NULL);
}
