/* sums.c: adds the pieces of a critical path up.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/hash.h"
#include "walk_internal.h"

static int64_t length_of(const mps_critical_piece *piece)
{
    return piece->to.time - piece->from.time;
}

/* Everything that sets sums apart, as one number. */
static guint64 key_of(const mps_critical_piece *piece)
{
    return (guint64)piece->subflow << 32 | (guint64)piece->direction << 24 |
           (guint64)piece->cause << 16 | (guint64)piece->why << 8 | piece->detail;
}

static gint compare_sums(gconstpointer a, gconstpointer b)
{
    const mps_critical_sum *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? 1 : -1;
    if (x->cause != y->cause)
        return x->cause < y->cause ? -1 : 1;
    if (x->why != y->why)
        return x->why < y->why ? -1 : 1;
    if (x->subflow != y->subflow)
        return x->subflow < y->subflow ? -1 : 1;
    if (x->direction != y->direction)
        return x->direction < y->direction ? -1 : 1;
    return (x->detail > y->detail) - (x->detail < y->detail);
}

void mps_critical_sum_up(mps_critical_path *path)
{
    GHashTable *places = g_hash_table_new_full(mps_hash_int64, g_int64_equal, g_free, NULL);
    for (guint i = 0; i < path->pieces->len; i++) {
        const mps_critical_piece *piece = &g_array_index(path->pieces, mps_critical_piece, i);
        gint64 key = (gint64)key_of(piece);
        gpointer place;
        path->classes[mps_critical_class_of(piece->cause, piece->why)] += length_of(piece);
        if (!g_hash_table_lookup_extended(places, &key, NULL, &place)) {
            const mps_critical_sum sum = {.subflow = piece->subflow,
                                          .direction = piece->direction,
                                          .cause = piece->cause,
                                          .why = piece->why,
                                          .detail = piece->detail};
            place = GUINT_TO_POINTER(path->sums->len);
            g_hash_table_insert(places, g_memdup2(&key, sizeof(key)), place);
            g_array_append_val(path->sums, sum);
        }
        mps_critical_sum *sum =
            &g_array_index(path->sums, mps_critical_sum, GPOINTER_TO_UINT(place));
        sum->time += length_of(piece);
        sum->pieces++;
    }
    g_hash_table_destroy(places);
    g_array_sort(path->sums, compare_sums);
}

GArray *mps_critical_classes_over(const mps_critical_path *path, int64_t interval)
{
    GArray *sums = g_array_new(FALSE, TRUE, sizeof(int64_t));
    if (path->elapsed <= 0)
        return sums;
    const int64_t count = (path->elapsed - 1) / interval + 1;
    g_array_set_size(sums, (guint)(count * MPS_CRITICAL_CLASSES));
    for (guint i = 0; i < path->pieces->len; i++) {
        const mps_critical_piece *piece = &g_array_index(path->pieces, mps_critical_piece, i);
        const unsigned which = mps_critical_class_of(piece->cause, piece->why);
        int64_t at = MAX(piece->from.time - path->start, 0);
        const int64_t end = MIN(piece->to.time - path->start, path->elapsed);
        while (at < end) {
            const int64_t in = at / interval;
            const int64_t until = MIN((in + 1) * interval, end);
            g_array_index(sums, int64_t, in * MPS_CRITICAL_CLASSES + which) += until - at;
            at = until;
        }
    }
    return sums;
}

mps_critical_path *mps_critical_path_new(void)
{
    mps_critical_path *path = g_new0(mps_critical_path, 1);
    path->pieces = g_array_new(FALSE, FALSE, sizeof(mps_critical_piece));
    path->sums = g_array_new(FALSE, FALSE, sizeof(mps_critical_sum));
    path->delivered_by = g_array_new(FALSE, TRUE, sizeof(uint64_t));
    return path;
}

void mps_critical_path_free(mps_critical_path *path)
{
    if (!path)
        return;
    g_array_free(path->pieces, TRUE);
    g_array_free(path->sums, TRUE);
    g_array_free(path->delivered_by, TRUE);
    g_free(path);
}
