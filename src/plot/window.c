/* window.c: follows the edge of the receive window.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "plot_internal.h"

bool mps_plot_window_take(mps_plot_window_edge *window, uint64_t near, const mps_series_item *item)
{
    if (item->space_id[1] != window->space_id || !item->data_step.has_acked ||
        item->window == MPS_NONE)
        return false;
    const uint64_t ack = mps_nearest(window->known ? window->ack : near, item->data_step.acked);
    if (window->known && (int64_t)(ack + item->window - window->edge) <= 0)
        return false;
    window->ack = ack;
    window->edge = ack + item->window;
    window->known = true;
    return true;
}
