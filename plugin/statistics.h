/* statistics.h: the statistics that the plugin registers: reports, the dump and tables.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_STATISTICS_H
#define MPTCPSCOPE_PLUGIN_STATISTICS_H

#include <stdbool.h>

/** Register the reports of tshark, -z mptcp,NAME (tap-report.c). */
void mptcpscope_register_reports(void);

/** Register the dump of tshark, -z mptcp,dump (tap-dump.c). */
void mptcpscope_register_dump(void);

/** Register the tables of Wireshark's Statistics menu (tap-table.c). */
void mptcpscope_register_tables(void);

/** Open Wireshark's window with the table of a report (tap-table.c).
 *  @param filter  display filter, or NULL
 *  @return false if there is no such table */
bool mptcpscope_open_table(const char *report, const char *filter);

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
