/* complete_numbers.c: finds the numbers of connections and subflows in a file, for completion.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "complete.h"
#include <mptcpscope/replay.h>
#include <mptcpscope/source.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NUMBERS_MAX = 1000,    /* more than anybody reads */
    ALARM_S = 3,           /* ends a read that hangs: on a file system that does not answer, say */
    SEGMENTS_A_LOOK = 256, /* between two looks at the clock */
};
#define TIME_MAX_US (G_USEC_PER_SEC / 2) /* what a user waits for after a Tab */

/* Take in the segments of a file until its end or until a time. @return whether the end came */
static bool read_until(mps_source *source, mps_tracker *tracker, gint64 end)
{
    const mps_segment *segment;
    mps_verdict verdict;
    mps_next got;
    mps_replay_follows(tracker);
    for (unsigned count = 1; (got = mps_source_next(source, &segment, NULL)) > 0; count++) {
        if (got == MPS_NEXT_SEGMENT)
            mps_tracker_segment(tracker, segment, &verdict);
        if (count % SEGMENTS_A_LOOK == 0 && g_get_monotonic_time() > end)
            return false;
    }
    mps_tracker_finish(tracker);
    return got == MPS_NEXT_END;
}

/* Take in a file, in the order of time, as far as the time allows. @return freed by the caller */
static mps_tracker *read_for_a_while(mps_source *source)
{
    const gint64 end = g_get_monotonic_time() + TIME_MAX_US;
    mps_tracker *tracker = mps_tracker_new(MPS_TRACK_MPTCP), *again;
    mps_source_sort(source);
    while (read_until(source, tracker, end) && mps_source_must_again(source, tracker) &&
           (again = mps_source_again(source, tracker, NULL))) {
        mps_tracker_free(tracker);
        tracker = again;
    }
    return tracker;
}

/* Print a number with the ends that it is between. */
static void print_number(uint32_t number, const char *before, const char *prefix,
                         const mps_address ends[2], const uint16_t ports[2])
{
    char *text = g_strdup_printf("%u", number);
    char client[MPS_ADDRESS_TEXT_MAX], server[MPS_ADDRESS_TEXT_MAX];
    if (g_str_has_prefix(text, prefix))
        printf("%s%s\t%s port %u to %s port %u\n", before, text, mps_address_text(&ends[0], client),
               ports[0], mps_address_text(&ends[1], server), ports[1]);
    g_free(text);
}

static void print_connections(const mps_tracker *tracker, const char *before, const char *prefix)
{
    const uint32_t count = MIN(mps_tracker_connections(tracker), NUMBERS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        mps_connection_info info;
        mps_tracker_connection(tracker, i, &info);
        const mps_address ends[2] = {info.client, info.server};
        const uint16_t ports[2] = {info.client_port, info.server_port};
        print_number(i, before, prefix, ends, ports);
    }
}

/* @param connection  MPS_NONE: the only one */
static void print_subflows(const mps_tracker *tracker, uint32_t connection, const char *before,
                           const char *prefix)
{
    mps_connection_info info;
    if (connection == MPS_NONE && mps_tracker_connections(tracker) == 1)
        connection = 0;
    if (connection >= mps_tracker_connections(tracker))
        return;
    mps_tracker_connection(tracker, connection, &info);
    for (uint32_t i = 0; i < MIN(info.subflow_count, NUMBERS_MAX); i++) {
        mps_subflow_info subflow;
        mps_tracker_subflow(tracker, mps_tracker_subflow_id(tracker, connection, i), &subflow);
        print_number(i, before, prefix, subflow.address, subflow.port);
    }
}

void mps_cli_complete_numbers(const mps_cli_line *line, bool subflows, const char *before,
                              const char *prefix)
{
    struct stat info;
    if (!line->file || stat(line->file, &info) != 0 || !S_ISREG(info.st_mode))
        return; /* what is read of a pipe would be missing later */
    alarm(ALARM_S);
    mps_source *source = mps_source_open(line->file, NULL);
    if (!source)
        return;
    mps_tracker *tracker = read_for_a_while(source);
    if (subflows)
        print_subflows(tracker, line->connection, before, prefix);
    else
        print_connections(tracker, before, prefix);
    mps_tracker_free(tracker);
    mps_source_close(source);
}
