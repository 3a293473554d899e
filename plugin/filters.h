/* filters.h: Analyze → Conversation Filter → MPTCP connection and MPTCP subflow.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_FILTERS_H
#define MPTCPSCOPE_PLUGIN_FILTERS_H

/** Register the filters; called once. */
void mptcpscope_filters_register(void);

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
