/* preferences.h: what the user chose in Preferences → Protocols → MPTCPSCOPE.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_PREFERENCES_H
#define MPTCPSCOPE_PLUGIN_PREFERENCES_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** Register the preferences; called once. @param protocol  the number of their protocol */
void mptcpscope_preferences_register(int protocol);

/** @return whether packets are analysed and shown. A statistic that was asked for by -z counts
 *  more: see mptcpscope_want_analyses(). */
bool mptcpscope_prefers_analysis(void);

/** @return whether the dump has plain TCP too, unless its option tcp= says otherwise */
bool mptcpscope_prefers_plain_tcp(void);

/** @return whether fields and expert info show the results of DSS checksums */
bool mptcpscope_prefers_checksums(void);

/** @return whether fields and expert info show the results of HMACs */
bool mptcpscope_prefers_hmacs(void);

/** @return whether the column Info has notes */
bool mptcpscope_prefers_info(void);

/** Get the length of an interval of the report "series", unless its option interval= says another.
 *  @param interval  set, ns
 *  @return false, with `error` MPS_ERROR_USAGE that names the preference, if it is no length */
bool mptcpscope_prefers_interval(int64_t *interval, GError **error);

/** @return the path of the command mptcpscope; empty: it is searched */
const char *mptcpscope_prefers_command(void);

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
