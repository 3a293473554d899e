/* cmd_owd.c: mptcpscope owd A B, one-way delay, loss, duplication, reordering; of more captures
 * leg by leg.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two_captures.h"
#include <mptcpscope/owd.h>

/* More are not in their order by anything but luck. */
#define CAPTURES_MAX 9

static mps_owd_choice choice_of(const mps_cli *cli)
{
    return (mps_owd_choice){cli->connection, cli->by, cli->interval};
}

static void write_owd(FILE *out, const mps_cli *cli, const mps_comparison *comparison)
{
    const mps_owd_choice choice = choice_of(cli);
    mps_owd_write(comparison, &choice, cli->format, out);
}

typedef struct {
    const mps_cli *cli;
    const mps_legs *legs;
} mps_legs_job;

static void write_legs(FILE *out, const void *data)
{
    const mps_legs_job *job = data;
    const mps_owd_choice choice = choice_of(job->cli);
    mps_legs_write(job->legs, &choice, job->cli->format, out);
}

static int compare_legs(const mps_cli *cli, const mps_trace *const *traces)
{
    unsigned count = (unsigned)cli->argument_count, failed;
    GError *error = NULL;
    mps_legs *legs = mps_legs_new(traces, count, cli->clock, &failed, &error);
    if (!legs) {
        bool whole = failed == count;
        return mps_cli_fail_two(cli->arguments[whole ? 0 : failed],
                                cli->arguments[whole ? count - 1 : failed + 1], error);
    }
    const mps_legs_job job = {cli, legs};
    int status = mps_cli_output(cli->output, write_legs, &job);
    mps_legs_free(legs);
    return status;
}

static int run_legs(const mps_cli *cli)
{
    const mps_trace *traces[CAPTURES_MAX] = {NULL};
    int status = MPS_EXIT_OK;
    for (int i = 0; status == MPS_EXIT_OK && i < cli->argument_count; i++) {
        GError *error = NULL;
        traces[i] = mps_trace_load(cli->arguments[i], MPS_NEED_FIRST_SEEN, &error);
        if (!traces[i])
            status = mps_cli_fail(cli->arguments[i], error);
    }
    if (status == MPS_EXIT_OK) {
        uint32_t connections = mps_tracker_connections(mps_trace_tracker(traces[0]));
        status = mps_cli_has_connection(cli, cli->arguments[0], connections)
                     ? compare_legs(cli, traces)
                     : MPS_EXIT_INPUT;
    }
    for (int i = 0; i < CAPTURES_MAX; i++)
        mps_trace_free((mps_trace *)traces[i]);
    return status;
}

static int run(const mps_cli *cli)
{
    if (cli->argument_count == 2)
        return mps_cli_compare(cli, MPS_NEED_FIRST_SEEN, write_owd);
    if (!cli->packets)
        return run_legs(cli);
    fputs("mptcpscope: --packets wants two captures, not more\n", stderr);
    return MPS_EXIT_USAGE;
}

const mps_command mps_command_owd = {
    .name = "owd",
    .arguments = "A B [C]...",
    .summary = "one-way delay, loss, reordering; of more captures (up to 9) leg by leg",
    .argument_count = 2,
    .argument_max = CAPTURES_MAX,
    .takes_packets = true,
    .takes_clock = true,
    .takes_interval = true,
    .takes_by = true,
    .run = run,
};
