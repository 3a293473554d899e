/* account.c: gathers the sums of a critical path into what one could change.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "account.h"

static mps_critical_factor factor_of_sender(const mps_critical_sum *sum)
{
    if (sum->cause == MPS_CAUSE_APPLICATION)
        return sum->detail == MPS_DETAIL_OR_STALLED ? MPS_FACTOR_STALLED : MPS_FACTOR_APPLICATION;
    return sum->why == MPS_WHY_NAGLE ? MPS_FACTOR_NAGLE : MPS_FACTOR_SEND_BUFFER;
}

static mps_critical_factor factor_of_receiver(const mps_critical_sum *sum)
{
    if (sum->why == MPS_WHY_UNKNOWN)
        return MPS_FACTOR_RECEIVER;
    return sum->why == MPS_WHY_RECEIVE_WINDOW ? MPS_FACTOR_READER : MPS_FACTOR_ACKNOWLEDGER;
}

mps_critical_factor mps_critical_factor_of(const mps_critical_sum *sum)
{
    switch (mps_critical_class_of(sum->cause, sum->why)) {
    case MPS_CLASS_RATE:
        return sum->cause == MPS_CAUSE_PACING ? MPS_FACTOR_PACING : MPS_FACTOR_RATE;
    case MPS_CLASS_WINDOW:
        return MPS_FACTOR_WINDOW;
    case MPS_CLASS_RECEIVER:
        return factor_of_receiver(sum);
    case MPS_CLASS_SENDER:
        return factor_of_sender(sum);
    case MPS_CLASS_CONGESTION_WINDOW:
        return MPS_FACTOR_CONGESTION_WINDOW;
    case MPS_CLASS_CONGESTION_WINDOW_AFTER_LOSS:
    case MPS_CLASS_RECOVERY:
        return MPS_FACTOR_LOSS;
    case MPS_CLASS_HELD:
        return MPS_FACTOR_HELD;
    case MPS_CLASS_HANDSHAKE:
        return MPS_FACTOR_HANDSHAKE;
    case MPS_CLASS_DELIVERY:
        return MPS_FACTOR_DELIVERY;
    default:
        return sum->cause == MPS_CAUSE_HOST ? MPS_FACTOR_HOST : MPS_FACTOR_UNEXPLAINED;
    }
}

static int compare_amounts(const void *a, const void *b)
{
    const mps_critical_amount *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? 1 : -1;
    return (x->factor > y->factor) - (x->factor < y->factor);
}

void mps_critical_account(const mps_critical_path *path,
                          mps_critical_amount amounts[MPS_CRITICAL_FACTORS])
{
    for (unsigned i = 0; i < MPS_CRITICAL_FACTORS; i++)
        amounts[i] = (mps_critical_amount){0, (mps_critical_factor)i};
    for (guint i = 0; i < path->sums->len; i++) {
        const mps_critical_sum *sum = &g_array_index(path->sums, mps_critical_sum, i);
        amounts[mps_critical_factor_of(sum)].time += sum->time;
    }
    qsort(amounts, MPS_CRITICAL_FACTORS, sizeof(*amounts), compare_amounts);
}

static gint compare_parts(gconstpointer a, gconstpointer b)
{
    const mps_critical_part *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? 1 : -1;
    return (x->subflow > y->subflow) - (x->subflow < y->subflow);
}

static gint compare_lengths(gconstpointer a, gconstpointer b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* A gap between two segments that leave a queue is silence from here on: it is this long, and so
 * many times as long as the median gap. A slow line has long gaps, but all of them are. */
#define SILENCE_MIN (100 * INT64_C(1000000))
#define SILENCE_TIMES 20

/* @return whether a piece is a gap between two segments that left the queue of a subflow's
 * direction
 */
static bool is_gap(const mps_critical_piece *piece, uint32_t subflow, unsigned direction)
{
    return piece->cause == MPS_CAUSE_BOTTLENECK && piece->subflow == subflow &&
           piece->direction == direction;
}

static int64_t length_of(const mps_critical_piece *piece)
{
    return piece->to.time - piece->from.time;
}

/* @return the direction whose queue has more of the path */
static unsigned busier_direction(const mps_critical_path *path, uint32_t subflow)
{
    int64_t times[2] = {0, 0};
    for (guint i = 0; i < path->sums->len; i++) {
        const mps_critical_sum *sum = &g_array_index(path->sums, mps_critical_sum, i);
        if (sum->cause == MPS_CAUSE_BOTTLENECK && sum->subflow == subflow)
            times[sum->direction] += sum->time;
    }
    return times[1] > times[0];
}

/* @return the shortest gap of a queue that is silence */
static int64_t silence_of(const mps_critical_path *path, uint32_t subflow, unsigned direction)
{
    GArray *gaps = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (guint i = 0; i < path->pieces->len; i++) {
        const mps_critical_piece *piece = &g_array_index(path->pieces, mps_critical_piece, i);
        const int64_t gap = length_of(piece);
        if (is_gap(piece, subflow, direction))
            g_array_append_val(gaps, gap);
    }
    g_array_sort(gaps, compare_lengths);
    const int64_t median = gaps->len > 0 ? g_array_index(gaps, int64_t, gaps->len / 2) : 0;
    g_array_free(gaps, TRUE);
    return MAX(SILENCE_MIN, SILENCE_TIMES * median);
}

/* Divide the time in which segments left a subflow's queue into what was busy and what was silent.
 */
static void measure_queue(mps_critical_part *part, const mps_critical_path *path)
{
    const unsigned direction = busier_direction(path, part->subflow);
    const int64_t silence = silence_of(path, part->subflow, direction);
    for (guint i = 0; i < path->pieces->len; i++) {
        const mps_critical_piece *piece = &g_array_index(path->pieces, mps_critical_piece, i);
        if (!is_gap(piece, part->subflow, direction))
            continue;
        if (length_of(piece) >= silence) {
            part->silent += length_of(piece);
        } else {
            part->busy += length_of(piece);
            part->bytes += piece->bytes;
        }
    }
}

GArray *mps_critical_parts_of_factor(const mps_critical_path *path, mps_critical_factor factor,
                                     guint subflow_count)
{
    GArray *parts = g_array_new(FALSE, TRUE, sizeof(mps_critical_part));
    g_array_set_size(parts, subflow_count);
    for (guint i = 0; i < subflow_count; i++)
        g_array_index(parts, mps_critical_part, i).subflow = i;
    for (guint i = 0; i < path->sums->len; i++) {
        const mps_critical_sum *sum = &g_array_index(path->sums, mps_critical_sum, i);
        if (sum->subflow == MPS_NONE || mps_critical_factor_of(sum) != factor)
            continue;
        g_array_index(parts, mps_critical_part, sum->subflow).time += sum->time;
    }
    g_array_sort(parts, compare_parts);
    while (parts->len > 0 && g_array_index(parts, mps_critical_part, parts->len - 1).time == 0)
        g_array_set_size(parts, parts->len - 1);
    const guint measured = factor == MPS_FACTOR_RATE ? MIN(parts->len, MPS_CRITICAL_MEASURED) : 0;
    for (guint i = 0; i < measured; i++)
        measure_queue(&g_array_index(parts, mps_critical_part, i), path);
    return parts;
}
