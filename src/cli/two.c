/* two.c: loads the two captures of a call.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two.h"

int mps_cli_two(const mps_cli *cli, unsigned needs,
                int (*run)(const mps_cli *cli, const mps_trace *a, const mps_trace *b))
{
    GError *error = NULL;
    mps_trace *a = mps_trace_load(cli->arguments[0], needs, &error);
    if (!a)
        return mps_cli_fail(cli->arguments[0], error);
    mps_trace *b = mps_trace_load(cli->arguments[1], needs, &error);
    uint32_t count = mps_tracker_connections(mps_trace_tracker(a));
    int status = MPS_EXIT_INPUT;
    if (!b)
        mps_cli_fail(cli->arguments[1], error);
    else if (mps_cli_has_connection(cli, cli->arguments[0], count))
        status = run(cli, a, b);
    mps_trace_free(b);
    mps_trace_free(a);
    return status;
}

int mps_cli_fail_two(const mps_cli *cli, GError *error)
{
    char *both = g_strdup_printf("%s and %s", cli->arguments[0], cli->arguments[1]);
    int status = mps_cli_fail(both, error);
    g_free(both);
    return status;
}
