/* preferences.c: Preferences → Protocols → MPTCPSCOPE. Wireshark keeps them and reads the packets
 * again when one changes. docs/preferences.md describes each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "preferences.h"
#include "compat.h"
#include "window.h"
#include <epan/prefs.h>
#include <mptcpscope/error.h>
#include <mptcpscope/report.h>
#include <wsutil/report_message.h>

static ws_bool analyse = true, plain_tcp = false, checksums = true, hmacs = true, info = true;
static const char *interval = "1"; /* s, as the option interval= */
static const char *command = "";

bool mptcpscope_prefers_analysis(void)
{
    return analyse;
}

bool mptcpscope_prefers_plain_tcp(void)
{
    return plain_tcp;
}

bool mptcpscope_prefers_checksums(void)
{
    return checksums;
}

bool mptcpscope_prefers_hmacs(void)
{
    return hmacs;
}

bool mptcpscope_prefers_info(void)
{
    return info;
}

bool mptcpscope_prefers_interval(int64_t *length, GError **error)
{
    bool valid = mps_interval_from_text(interval, length, error);

    if (!valid) {
        g_prefix_error(error, "preference mptcpscope.");
    }
    return valid;
}

const char *mptcpscope_prefers_command(void)
{
    return command;
}

/* Called by Wireshark when preferences were read or changed. In tshark a statistic that needs the
 * interval fails with the error, or does not need it. */
static void preferences_changed(void)
{
    GError *error = NULL;
    int64_t length;

    if (mptcpscope_in_window() && !mptcpscope_prefers_interval(&length, &error)) {
        report_failure("%s", error->message);
        g_error_free(error);
    }
}

void mptcpscope_preferences_register(int protocol)
{
    module_t *module = prefs_register_protocol(protocol, preferences_changed);

    prefs_register_bool_preference(module, "analyse", "Analyse MPTCP",
                                   "Whether MPTCP connections are analysed, and their packets have "
                                   "fields. Statistics that are "
                                   "started with -z are always right.",
                                   &analyse);
    prefs_register_bool_preference(
        module, "info", "Notes in the column Info",
        "Whether the column Info tells joins, reinjections, fallback and resets.", &info);
    prefs_register_bool_preference(module, "check_checksums", "Verify DSS checksums",
                                   "Whether packets show if their DSS checksums are right.",
                                   &checksums);
    prefs_register_bool_preference(
        module, "check_hmacs", "Verify HMACs",
        "Whether packets show if the HMACs of MP_JOIN and ADD_ADDR are right.", &hmacs);
    prefs_register_string_preference(module, "interval", "Interval of series (seconds)",
                                     "Length of an interval in the report Series. The option "
                                     "interval= of -z counts more.",
                                     &interval);
    prefs_register_bool_preference(module, "plain_tcp", "Plain TCP too",
                                   "Whether a dump has plain TCP connections, too. The option tcp= "
                                   "of -z counts more.",
                                   &plain_tcp);
    prefs_register_filename_preference(
        module, "command", "The command mptcpscope",
        "What writes the report for the browser. If empty, it is searched in PATH and in "
        "~/.local/bin.",
        &command, FALSE);
}

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
