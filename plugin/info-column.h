/* info-column.h: notes in the column Info: joins, reinjections, fallback and resets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_INFO_COLUMN_H
#define MPTCPSCOPE_PLUGIN_INFO_COLUMN_H

#include "marks.h"
#include <epan/packet.h>
#include <mptcpscope/tracker.h>
#include <stdbool.h>

/** @return whether the column Info of the frame is wanted with notes */
bool mptcpscope_info_is_wanted(const packet_info *pinfo);

/** Put notes on a segment before what the column says, if it is wanted. Most segments have none.
 *  @param verdict  as it is known now */
void mptcpscope_info_note(const mps_tracker *tracker, const mps_verdict *verdict,
                          mptcpscope_marks marks, packet_info *pinfo);

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
