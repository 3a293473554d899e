/* account.c: gathers the sums of a critical path into what one could change.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "account.h"

static mps_critical_factor factor_of_sender(const mps_critical_sum *sum)
{
    if (sum->cause == MPS_CAUSE_APPLICATION)
        return MPS_FACTOR_APPLICATION;
    return sum->why == MPS_WHY_NAGLE ? MPS_FACTOR_NAGLE : MPS_FACTOR_SEND_BUFFER;
}

mps_critical_factor mps_critical_factor_of(const mps_critical_sum *sum)
{
    switch (mps_critical_class_of(sum->cause, sum->why)) {
    case MPS_CLASS_RATE:
        return sum->cause == MPS_CAUSE_PACING ? MPS_FACTOR_PACING : MPS_FACTOR_RATE;
    case MPS_CLASS_WINDOW:
        return MPS_FACTOR_WINDOW;
    case MPS_CLASS_RECEIVER:
        return sum->why == MPS_WHY_RECEIVE_WINDOW ? MPS_FACTOR_READER : MPS_FACTOR_ACKNOWLEDGER;
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
        return MPS_FACTOR_UNEXPLAINED;
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
        mps_critical_part *part = &g_array_index(parts, mps_critical_part, sum->subflow);
        part->time += sum->time;
        if (sum->cause == MPS_CAUSE_BOTTLENECK) {
            part->busy += sum->time;
            part->bytes += sum->bytes;
        }
    }
    g_array_sort(parts, compare_parts);
    while (parts->len > 0 && g_array_index(parts, mps_critical_part, parts->len - 1).time == 0)
        g_array_set_size(parts, parts->len - 1);
    return parts;
}
