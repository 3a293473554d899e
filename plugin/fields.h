/* fields.h: fields in the protocol tree and expert info that show what is known about a segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_FIELDS_H
#define MPTCPSCOPE_PLUGIN_FIELDS_H

#include "marks.h"
#include <epan/packet.h>
#include <mptcpscope/tracker.h>
#include <stdbool.h>

/** Register the fields and the expert info; called once. @param protocol  their protocol's number
 */
void mptcpscope_fields_register(int protocol);

/** Begin with a capture. Called after all protocols and taps are registered. */
void mptcpscope_fields_begin(void);

/** @return whether a frame is dissected for any of our fields or expert info
 *  @param tree  of the frame; NULL: none is built */
bool mptcpscope_fields_are_asked(proto_tree *tree);

/** @return the analyses that fields need besides verdicts, MPS_NEED_* */
unsigned mptcpscope_fields_needs(void);

/** @return those that a frame is dissected for; 0: none of its fields and expert info needs any.
 *  @param tree  of the frame; NULL: none is built */
unsigned mptcpscope_fields_needs_of(proto_tree *tree);

/** Add the fields of a segment to the tree, if any of them is asked for.
 *  @param frame  buffer of the whole frame  @param tree  NULL: none is built */
void mptcpscope_fields_show(const mps_tracker *tracker, const mps_verdict *verdict,
                            mptcpscope_marks marks, tvbuff_t *frame, packet_info *pinfo,
                            proto_tree *tree);

/** Add the fields of a frame with an ICMP error about a segment, likewise. */
void mptcpscope_fields_show_icmp(const mps_tracker *tracker, const mps_icmp_record *icmp,
                                 tvbuff_t *frame, packet_info *pinfo, proto_tree *tree);

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
