/* window-rows.h: the rows that Wireshark draws in the window of a table.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_WINDOW_ROWS_H
#define MPTCPSCOPE_PLUGIN_WINDOW_ROWS_H

#include "compat.h"
#include <epan/stat_tap_ui.h>
#include <glib.h>
#include <stdbool.h>

/* As wide as the mark that Wireshark adds to the heading of the sorted column. */
#define SORT_MARK_ROOM "    "

/* Wireshark owns the rows of a window only as long as it is the only one of its table: all windows
 * of a table share one stat_tap_table_ui. Here each gets rows of its own. */
typedef struct {
    stat_tap_table_ui *ui; /* its fields and title are set */
    GArray *others;        /* stat_tap_table *: rows that other windows may show */
} mptcpscope_rows;

/** @param ui  lives as long as the program  @return no rows yet */
mptcpscope_rows mptcpscope_rows_new(stat_tap_table_ui *ui);

/** Begin to fill a window: it has no rows and no lines. What other windows show stays. There is no
 *  table, either, until there are rows or lines: Wireshark may draw while it reads frames, and
 * shows nothing but the rows of a table that it finds alone then, hence no lines. */
void mptcpscope_rows_begin(mptcpscope_rows *rows);

/** Show a table without rows if there is none. */
void mptcpscope_rows_show(mptcpscope_rows *rows);

/** Set all rows. @param cell  @return the text of a cell, freed here  @param data  for `cell` */
void mptcpscope_rows_fill(mptcpscope_rows *rows, unsigned count,
                          char *(*cell)(unsigned row, unsigned column, const void *data),
                          const void *data);

/** Set the lines below the rows. Wireshark does not save them.
 *  @param lines  char *; empty: none */
void mptcpscope_rows_set_lines(mptcpscope_rows *rows, const GPtrArray *lines);

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
