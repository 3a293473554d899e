/* delivery.c: shows segments and ICMP errors, and passes them to the listeners of our tap.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "delivery.h"
#include "fields.h"
#include "info-column.h"
#include "packet-mptcpscope.h"
#include <epan/tap.h>

static int mptcpscope_tap_id;

/* What listeners get for one segment. Wireshark calls them at the end of a frame, so there is one
 * for each segment of the frame. They are reused for the next frame. */
typedef struct {
    mptcpscope_tap tap;
    mps_segment segment;
} tapped_segment;

static GPtrArray *tapped_pool;

static tapped_segment *tapped_at(unsigned index)
{
    while (tapped_pool->len <= index) {
        g_ptr_array_add(tapped_pool, g_new(tapped_segment, 1));
    }
    return (tapped_segment *)g_ptr_array_index(tapped_pool, index);
}

void mptcpscope_delivery_register(void)
{
    mptcpscope_tap_id = register_tap(MPTCPSCOPE_TAP);
    tapped_pool = g_ptr_array_new_with_free_func(g_free);
}

bool mptcpscope_has_listener(void)
{
    return have_tap_listener(mptcpscope_tap_id);
}

mps_segment *mptcpscope_delivery_segment(unsigned index)
{
    return &tapped_at(index)->segment;
}

void mptcpscope_deliver(const mptcpscope_delivery *to, unsigned index, bool with_segment,
                        const mptcpscope_record *record)
{
    tapped_segment *tapped = tapped_at(index);

    if (record != NULL) {
        const mps_verdict *verdict = mps_tracker_final(to->by, &record->verdict);

        mptcpscope_info_note(to->by, verdict, record->marks, to->pinfo);
        mptcpscope_fields_show(to->by, verdict, record->marks, to->frame, to->pinfo, to->tree);
    }
    tapped->tap = (mptcpscope_tap){.tracker = to->by,
                                   .segment = with_segment ? &tapped->segment : NULL,
                                   .verdict = record != NULL ? &record->verdict : NULL};
    tap_queue_packet(mptcpscope_tap_id, to->pinfo, &tapped->tap);
}

/* While Wireshark dissects what an error quotes, taps are off for most listeners; where the
 * quotation is cut, they still are. */
void mptcpscope_deliver_icmp(const mptcpscope_delivery *to, unsigned index,
                             const mps_icmp_record *icmp)
{
    tapped_segment *tapped = tapped_at(index);
    bool in_error = to->pinfo->flags.in_error_pkt;

    mptcpscope_fields_show_icmp(to->by, icmp, to->frame, to->pinfo, to->tree);
    tapped->tap = (mptcpscope_tap){.tracker = to->by, .icmp = icmp};
    to->pinfo->flags.in_error_pkt = false;
    tap_queue_packet(mptcpscope_tap_id, to->pinfo, &tapped->tap);
    to->pinfo->flags.in_error_pkt = in_error;
}

/*
 * Editor modelines
 *
 * Local Variables:
 * c-basic-offset: 4
 * tab-width: 8
 * indent-tabs-mode: nil
 * End:
 *
 * ex: set shiftwidth=4 tabstop=8 expandtab:
 * :indentSize=4:tabSize=8:noTabs=true:
 */
