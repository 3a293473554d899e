/* fields.h: what the post-dissector shows of a segment: fields in the tree, and expert info.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_FIELDS_H
#define MPTCPSCOPE_PLUGIN_FIELDS_H

#include <epan/packet.h>
#include <mptcpscope/tracker.h>
#include <stdbool.h>

/** Register the fields and the expert info. @param protocol  their protocol, by number */
void mptcpscope_fields_register(int protocol);

/** Begin with a capture. */
void mptcpscope_fields_begin(void);

/** @return whether somebody asks for a field, or for expert info, that takes more than verdicts:
 *  the analyses of MPS_NEED_ALL_FIELDS. */
bool mptcpscope_fields_need_analyses(proto_tree *tree);

/** Show one segment, if anybody asks for it.
 *  @param frame  the buffer that holds all of the frame */
void mptcpscope_fields_show(const mps_tracker *tracker, const mps_verdict *verdict, tvbuff_t *frame,
                            packet_info *pinfo, proto_tree *tree);

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
