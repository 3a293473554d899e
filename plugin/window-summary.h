/* window-summary.h: the summary as a window with text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_WINDOW_SUMMARY_H
#define MPTCPSCOPE_PLUGIN_WINDOW_SUMMARY_H

#include <stdint.h>

/** Open a window with the report "summary" as text. Its buttons select the packets that the text
 *  names. When the capture is read again, the text is made again.
 *  @param connection  number; MPS_NONE: all */
void mptcpscope_open_summary(uint32_t connection);

/** The same, for the connection of the packet that is selected in Wireshark. */
void mptcpscope_open_summary_of_packet(void);

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
