/* path_notes.c: what a reader of critical paths should know of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "critical_path_internal.h"
#include <math.h>

static void note_cut(GPtrArray *notes, const mps_critical_row *row)
{
    const char *sender = row->capture[row->direction];
    char *connection = row->connection == MPS_NONE
                           ? g_strdup("Plain TCP")
                           : g_strdup_printf("Connection %u", row->connection);
    g_ptr_array_add(notes,
                    g_strdup_printf("%s, %s: %s's capture ends before the transfer does. The "
                                    "path ends with the last data that both captures have.",
                                    connection, mps_direction_name(row->direction), sender));
    g_free(connection);
}

/* A drift of this much can make a queue look as long as one that proves a busy line, or shorter. */
#define DRIFT_NOTED (0.1 * (double)MPS_CRITICAL_LIMITS.busy)

/* Over a long path, clocks of different rates move what is queueing and what is propagation. */
static void note_drift(GPtrArray *notes, const mps_comparison *comparison, int64_t elapsed)
{
    const mps_clock_estimate *clock = &comparison->clock;
    const double drift = fabs(clock->skew) * (double)elapsed;
    if (!clock->has_skew || comparison->mode == MPS_CLOCK_SKEW ||
        fabs(clock->skew) <= clock->skew_error || drift < DRIFT_NOTED)
        return;
    g_ptr_array_add(notes, g_strdup_printf("The clocks drift apart by %.2f ms during the longest "
                                           "path, which can change steps of about as much: "
                                           "--clock skew corrects that.",
                                           drift / 1e6));
}

/* A path from client to server ends on the other clock than it began. */
static void note_offset(GPtrArray *notes, const mps_comparison *comparison,
                        const mps_critical_row *row)
{
    const mps_clock_estimate *clock = &comparison->clock;
    const bool b_is_client = row->capture[0][0] == 'B';
    double less = (double)mps_minus(clock->offset_high, clock->offset);
    double more = (double)mps_minus(clock->offset, clock->offset_low);
    if (!comparison->corrected || MAX(less, more) < DRIFT_NOTED)
        return;
    if (b_is_client) {
        const double swapped = less;
        less = more;
        more = swapped;
    }
    g_ptr_array_add(notes,
                    g_strdup_printf("The time elapsed from client to server may be up to %.2f ms "
                                    "less or %.2f ms more, and so may propagation on a way: the "
                                    "offset of the clocks is known no better.",
                                    less / 1e6, more / 1e6));
}

GPtrArray *mps_critical_notes(const mps_comparison *comparison, const GArray *rows)
{
    GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
    const mps_critical_row *forward = NULL;
    int64_t longest = 0;
    for (guint i = 0; i < comparison->notes->len; i++)
        g_ptr_array_add(notes, g_strdup(comparison->notes->pdata[i]));
    for (guint i = 0; i < rows->len; i++) {
        const mps_critical_row *row = &g_array_index(rows, mps_critical_row, i);
        if (row->path->reason != MPS_CRITICAL_KNOWN)
            continue;
        longest = MAX(longest, row->path->elapsed);
        if (!forward && row->direction == MPS_C2S)
            forward = row;
        if (row->cut)
            note_cut(notes, row);
    }
    note_drift(notes, comparison, longest);
    if (forward)
        note_offset(notes, comparison, forward);
    return notes;
}
