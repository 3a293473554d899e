/* item-text.h: the line of our item in the packet details, which sums the segment up.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_ITEM_TEXT_H
#define MPTCPSCOPE_PLUGIN_ITEM_TEXT_H

#include <epan/proto.h>
#include <mptcpscope/fields.h>

/** Append what a segment carries: ": data 1449 to 2896, reinjection of frame 421". Costs nothing
 *  where the item is not shown.
 *  @param item    has the numbers of the subflow
 *  @param fields  NULL: they are not known */
void mptcpscope_item_text(proto_item *item, const mps_tracker *tracker, const mps_verdict *verdict,
                          const mps_fields *fields);

/** Append that the segment is a copy. @param frame  that counts */
void mptcpscope_item_text_copy(proto_item *item, uint32_t frame);

/** Append what an ICMP error says. */
void mptcpscope_item_text_icmp(proto_item *item, const char *error);

/** @return frame numbers as text: "frames 3, 5 and 9 more"; allocated in `pool` */
char *mptcpscope_frames_text(wmem_allocator_t *pool, const mps_frames *frames);

#endif

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
