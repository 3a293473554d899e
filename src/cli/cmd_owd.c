/* cmd_owd.c: mptcpscope owd A B [C]...: one-way delay, loss, duplication and reordering, with more
 * than two captures for each leg of the path.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two_captures.h"
#include <mptcpscope/owd.h>

/* Most captures in one call. They must be given in the order of the path; a longer list is more
 * likely a mistake, such as all files of a folder. */
#define CAPTURES_MAX 9

static mps_owd_choice choice_of(const mps_cli *cli)
{
    return (mps_owd_choice){cli->connection, cli->by, cli->interval};
}

static void write_owd(FILE *out, const mps_cli *cli, const mps_comparison *comparison,
                      const void *data)
{
    (void)data;
    const mps_owd_choice choice = choice_of(cli);
    mps_owd_write(comparison, &choice, &cli->style, out);
}

typedef struct {
    const mps_cli *cli;
    const mps_legs *legs;
} legs_job;

static void write_legs(FILE *out, const void *data)
{
    const legs_job *job = data;
    const mps_owd_choice choice = choice_of(job->cli);
    mps_legs_write(job->legs, &choice, &job->cli->style, out);
}

static int compare_legs(const mps_cli *cli, mps_trace **traces)
{
    unsigned count = (unsigned)cli->argument_count, failed;
    GError *error = NULL;
    mps_legs *legs =
        mps_legs_new((const mps_trace *const *)traces, count, cli->clock, &failed, &error);
    if (!legs) {
        bool whole_path = failed == count;
        return mps_cli_fail_two(cli->arguments[whole_path ? 0 : failed],
                                cli->arguments[whole_path ? count - 1 : failed + 1], error);
    }
    const legs_job job = {cli, legs};
    int status = mps_cli_output(cli, write_legs, &job);
    mps_legs_free(legs);
    return status;
}

static int run_legs(const mps_cli *cli)
{
    mps_trace *traces[CAPTURES_MAX] = {NULL};
    int status = mps_cli_load(cli, MPS_NEED_FIRST_SEEN, NULL, traces);
    if (status == MPS_EXIT_OK)
        status = compare_legs(cli, traces);
    mps_cli_free_traces(traces, G_N_ELEMENTS(traces));
    return status;
}

static int run(const mps_cli *cli)
{
    if (cli->argument_count == 2)
        return mps_cli_compare(cli, MPS_NEED_FIRST_SEEN, write_owd);
    if (!cli->packets)
        return run_legs(cli);
    return mps_cli_usage(&mps_command_owd, "--packets needs exactly two files");
}

const mps_command mps_command_owd = {
    .name = "owd",
    .bit = MPS_CMD_OWD,
    .arguments = "A B [C]...",
    .needs = "at least two files: A and B",
    .summary = "one-way delay, loss, reordering; with 3 to 9 files for each leg of the path",
    .argument_count = 2,
    .argument_max = CAPTURES_MAX,
    .run = run,
};
