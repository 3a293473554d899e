/* taps.c: how statistics (reports and the dump) begin, fail and end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "taps.h"
#include "capture-name.h"
#include "packet-mptcpscope.h"
#include "preferences.h"
#include "window.h"
#include <epan/tap.h>
#include <mptcpscope/error.h>
#include <mptcpscope/output.h>
#include <string.h>
#include <wsutil/report_message.h>

/* The report that is in intervals of some length, whether one is given or not. */
#define SERIES "series"

/* The statistics that have begun and not ended; each is owned by its tap. */
static GSList *stats;

/* @return whether Wireshark accepts a display filter. The only check that all versions have is to
 * register a listener with it. */
static bool filter_is_valid(const char *filter, GError **error)
{
    static int listener;
    GString *message =
        register_tap_listener(MPTCPSCOPE_TAP, &listener, filter, 0, NULL, NULL, NULL, NULL);

    if (message == NULL) {
        remove_tap_listener(&listener);
        return true;
    }
    g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE, "%s", message->str);
    g_string_free(message, TRUE);
    return false;
}

bool mptcpscope_unknown_report(const char *argument, GError **error)
{
    const char *name = argument + strlen("mptcp");
    char *names = mps_names_text(mps_report_names());

    name += *name == ',' ? 1 : 0;
    g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE,
                "unknown report \"%.*s\"; known reports: %s, dump; -z mptcp,help tells more",
                (int)strcspn(name, ","), name, names);
    g_free(names);
    return false;
}

/* Check the filter. A value without the name of its option may be a valid filter ("json" is a
 * protocol), so the user is told. */
static bool check_filter(const mptcpscope_stat *stat, GError **error)
{
    const char *filter = stat->options.filter;
    char *hint;
    bool valid;

    if (filter == NULL) {
        return true;
    }
    hint = mps_report_filter_hint(stat->name, filter);
    valid = filter_is_valid(filter, error);
    if (hint != NULL && valid) {
        report_warning("-z %s: %s", stat->argument, hint);
    } else if (hint != NULL) {
        g_prefix_error(error, "%s. ", hint);
    }
    g_free(hint);
    return valid;
}

/* Check that the output would not overwrite the capture or another output. */
static bool output_is_free(const mptcpscope_stat *stat, const char *capture, GError **error)
{
    const char *file = stat->options.file;

    if (file != NULL && capture != NULL && mps_output_same(file, capture)) {
        g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE, "file=%s would overwrite the capture", file);
        return false;
    }
    for (GSList *link = stats; file != NULL && link != NULL; link = link->next) {
        const mptcpscope_stat *other = (const mptcpscope_stat *)link->data;

        if (other != stat && other->options.file != NULL &&
            mps_output_same(file, other->options.file)) {
            g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE,
                        "file=%s is already the output of another statistic", file);
            return false;
        }
    }
    return true;
}

bool mptcpscope_stat_begin(mptcpscope_stat *stat, const char *argument, GError **error)
{
    const char *rest = argument + strlen(MPTCPSCOPE_STAT_PREFIX) + strlen(stat->name);

    stats = g_slist_prepend(stats, stat);
    stat->argument = g_strdup(argument);
    if (*rest != '\0' && *rest != ',') {
        return mptcpscope_unknown_report(argument, error);
    }
    if (!mps_report_options_parse(&stat->options, stat->name, rest, error)) {
        memset(&stat->options, 0, sizeof stat->options);
        return false;
    }
    stat->path = mptcpscope_capture_path();
    stat->capture = stat->path != NULL ? g_path_get_basename(stat->path) : NULL;
    return output_is_free(stat, stat->path, error) && check_filter(stat, error);
}

bool mptcpscope_set_interval(mps_report *report, const char *name, int64_t given, GError **error)
{
    if (given == 0 && strcmp(name, SERIES) != 0) {
        return true;
    }
    return (given != 0 || mptcpscope_prefers_interval(&given, error)) &&
           mps_report_set_interval(report, given, error);
}

bool mptcpscope_count(mps_report *report, const mptcpscope_tap *tapped)
{
    if (tapped->icmp != NULL) {
        mps_report_count_icmp(report, tapped->icmp);
    } else if (tapped->verdict != NULL) {
        mps_report_count(report, tapped->verdict);
    } else if (mps_report_wants_plain(report) && tapped->segment != NULL) {
        mps_report_count_plain(report, tapped->segment);
    } else {
        return false;
    }
    return true;
}

void mptcpscope_stat_end(mptcpscope_stat *stat)
{
    stats = g_slist_remove(stats, stat);
    stat->discard(stat);
    mps_report_options_clear(&stat->options);
    g_free(stat->path);
    g_free(stat->capture);
    g_free(stat->argument);
}

bool mptcpscope_stat_has_chosen(const mptcpscope_stat *stat, GError **error)
{
    return mps_tracker_has(mptcpscope_tracker(), stat->options.connection,
                           stat->options.path.end_subflow, error);
}

void mptcpscope_discard_stats(void)
{
    for (GSList *link = stats; link != NULL; link = link->next) {
        mptcpscope_stat *stat = (mptcpscope_stat *)link->data;

        stat->discard(stat);
    }
}

void mptcpscope_stat_failed(const char *argument, GError *error)
{
    report_failure("-z %s: %s", argument, error->message);
    g_error_free(error);
    if (!mptcpscope_in_window()) {
        mptcpscope_discard_stats();
    }
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
