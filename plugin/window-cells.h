/* window-cells.h: the headings and cells of tables in windows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_WINDOW_CELLS_H
#define MPTCPSCOPE_PLUGIN_WINDOW_CELLS_H

#include <epan/packet.h>
#include <mptcpscope/table.h>

/* How times are shown: as Wireshark's column Time does by default. */
typedef struct {
    int64_t first; /* time of the first frame of the capture, ns since the epoch */
    int decimals;  /* of the times in the capture file */
} mptcpscope_clock;

/** @return the clock of the capture that a frame is of */
mptcpscope_clock mptcpscope_clock_of(const packet_info *pinfo);

/** @return whether windows show a column: one that text shows, and every time. Times are relative,
 *  so that a second column with another relative time would only confuse. */
bool mptcpscope_column_is_shown(const mps_column *column);

/** @return whether the cells of a column are numbers, which are aligned at the right */
bool mptcpscope_column_is_number(const mps_column *column);

/** @return the heading of a column, freed with g_free(): its key in csv as words, and its unit.
 *  Lower-case letters, "_" for spaces and without "(…)" give the key back. */
char *mptcpscope_heading(const mps_column *column);

/** @return the text of a cell, freed with g_free(): as text has it, but times are relative to the
 *  capture, and data sequence numbers relative as the fields show them. */
char *mptcpscope_cell_text(const mps_value *value, const mps_column *column,
                           const mptcpscope_clock *clock);

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
