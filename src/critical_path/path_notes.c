/* path_notes.c: what a reader of critical paths should know of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "critical_path_internal.h"
#include <inttypes.h>
#include <math.h>

/* Paths that have a note of their own; of more, their number is told. */
#define PATHS_NOTED 8u

/* @return "Connection 2, c2s"; freed by the caller */
static char *name_of(const mps_critical_row *row)
{
    const char *direction = mps_direction_name(row->direction);
    return row->connection == MPS_NONE
               ? g_strdup_printf("Plain TCP, %s", direction)
               : g_strdup_printf("Connection %u, %s", row->connection, direction);
}

/* @return whether a path ends before the transfer does, as far as the captures show. One that ends
 *         with a subflow's last data may do so by choice */
static bool ends_early(const mps_critical_row *row)
{
    return row->cut || (row->path->undelivered > 0 && row->end_subflow == MPS_NONE);
}

static void note_end(GPtrArray *notes, const mps_critical_row *row)
{
    char *name = name_of(row);
    if (row->cut)
        g_ptr_array_add(notes,
                        g_strdup_printf("%s: %s's capture ends before the transfer does. The "
                                        "path ends with the last data that both captures have.",
                                        name, row->capture[row->direction]));
    else
        g_ptr_array_add(notes, g_strdup_printf("%s: %" PRIu64 " byte%s of data sent %s not "
                                               "delivered, as far as %s shows. The path ends with "
                                               "the last data delivered.",
                                               name, row->path->undelivered,
                                               row->path->undelivered == 1 ? "" : "s",
                                               row->path->undelivered == 1 ? "was" : "were",
                                               row->capture[!row->direction]));
    g_free(name);
}

/* Note the paths that end early. */
static void note_ends(GPtrArray *notes, const GArray *rows)
{
    guint count = 0;
    for (guint i = 0; i < rows->len; i++) {
        const mps_critical_row *row = &g_array_index(rows, mps_critical_row, i);
        if (row->path->reason == MPS_CRITICAL_KNOWN && ends_early(row) && count++ < PATHS_NOTED)
            note_end(notes, row);
    }
    if (count > PATHS_NOTED)
        g_ptr_array_add(notes, g_strdup_printf("And %u more paths end before the transfer does.",
                                               count - PATHS_NOTED));
}

/* Less drift, and smaller errors of the offset, are not worth a note. */
#define DRIFT_NOTED (0.1 * (double)MPS_CRITICAL_LIMITS.busy)

/* Over a long path, propagation contains what clocks of different rates have drifted apart. */
static void note_drift(GPtrArray *notes, const mps_comparison *comparison, int64_t elapsed)
{
    const mps_clock_estimate *clock = &comparison->clock;
    const double drift = fabs(clock->skew) * (double)elapsed;
    if (!clock->has_skew || comparison->mode == MPS_CLOCK_SKEW ||
        fabs(clock->skew) <= clock->skew_error || drift < DRIFT_NOTED)
        return;
    g_ptr_array_add(notes, g_strdup_printf("The clocks drift apart by %.2f ms during the longest "
                                           "path, and propagation changes by as much: "
                                           "--clock skew corrects that.",
                                           drift / 1e6));
}

/* A path from client to server ends on the other clock than it began. One to the client does not,
 * but the ways on it begin and end on different clocks, too.
 * @param row  any that is known, of c2s if there is one */
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
    g_ptr_array_add(
        notes, g_strdup_printf("%s from client to server may be up to %.2f ms "
                               "less or %.2f ms more%s: the "
                               "offset of the clocks is known no better.",
                               row->direction == MPS_C2S ? "The time elapsed" : "Propagation",
                               less / 1e6, more / 1e6,
                               row->direction == MPS_C2S ? ", and so may propagation on a way"
                                                         : ", and back as much the other way"));
}

GPtrArray *mps_critical_notes(const mps_comparison *comparison, const GArray *rows)
{
    GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
    const mps_critical_row *known = NULL; /* of c2s, if there is one */
    int64_t longest = 0;
    for (guint i = 0; i < comparison->notes->len; i++)
        g_ptr_array_add(notes, g_strdup(comparison->notes->pdata[i]));
    for (guint i = 0; i < rows->len; i++) {
        const mps_critical_row *row = &g_array_index(rows, mps_critical_row, i);
        if (row->path->reason != MPS_CRITICAL_KNOWN)
            continue;
        longest = MAX(longest, row->path->elapsed);
        if (!known || (known->direction != MPS_C2S && row->direction == MPS_C2S))
            known = row;
    }
    note_ends(notes, rows);
    note_drift(notes, comparison, longest);
    if (known)
        note_offset(notes, comparison, known);
    return notes;
}
