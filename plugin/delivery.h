/* delivery.h: shows segments and ICMP errors, and passes them to the listeners of our tap.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_DELIVERY_H
#define MPTCPSCOPE_PLUGIN_DELIVERY_H

#include "records.h"
#include <epan/packet.h>

/** Register the tap; called once. */
void mptcpscope_delivery_register(void);

/** @return whether anybody listens to the tap */
bool mptcpscope_has_listener(void);

/* A frame that is dissected. */
typedef struct {
    const mps_tracker *by; /* that gave the verdicts */
    tvbuff_t *frame;       /* buffer of the whole frame */
    packet_info *pinfo;
    proto_tree *tree; /* NULL: none is built */
} mptcpscope_delivery;

/** @return where to decode a segment to, valid until the frame is dissected.
 *  @param index  of what is delivered of the frame, from 0 */
mps_segment *mptcpscope_delivery_segment(unsigned index);

/** Show a segment in the tree and the columns, and queue it for the listeners.
 *  @param with_segment  pass mptcpscope_delivery_segment() on, not just the verdict
 *  @param record        NULL: plain TCP */
void mptcpscope_deliver(const mptcpscope_delivery *to, unsigned index, bool with_segment,
                        const mptcpscope_record *record);

/** Show an ICMP error in the tree, and queue it for the listeners. */
void mptcpscope_deliver_icmp(const mptcpscope_delivery *to, unsigned index,
                             const mps_icmp_record *icmp);

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
