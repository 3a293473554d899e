/* taps.h: how statistics (reports and the dump) begin, fail and end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_TAPS_H
#define MPTCPSCOPE_PLUGIN_TAPS_H

#include "packet-mptcpscope.h"
#include <glib.h>
#include <stdbool.h>

/* An argument of -z is this, the name of the statistic, and its options. */
#define MPTCPSCOPE_STAT_PREFIX "mptcp,"

/* A statistic that was started with -z. It is the first member of the structure that a tap keeps
 * for it, so that both have the same address. */
typedef struct mptcpscope_stat {
    const char *name; /* a report's, or "dump"; static */
    char *argument;   /* of -z */
    mps_report_options options;
    char *path;    /* of the capture; NULL: live or not known */
    char *capture; /* its file name without the folder; NULL: as `path` */
    /* Remove the unfinished output file. May be called more than once. */
    void (*discard)(struct mptcpscope_stat *stat);
} mptcpscope_stat;

/**
 * Begin a statistic: read its options and check its filter and its output.
 * @param stat      name and discard set, the rest zero; must not move until it has ended
 * @param argument  of -z
 * @return false, with `error`, if the argument is wrong. In both cases the caller calls
 *         mptcpscope_stat_end() at the end.
 */
bool mptcpscope_stat_begin(mptcpscope_stat *stat, const char *argument, GError **error);

/** Set an error that lists the reports. Wireshark accepts every argument that starts with a
 *  registered name; this is for those that only start with one.
 *  @param argument  of -z  @return false */
bool mptcpscope_unknown_report(const char *argument, GError **error);

/** @return whether the connection and the subflow that the statistic is about exist, once all
 * frames were read; false, with `error`, if not */
bool mptcpscope_stat_has_chosen(const mptcpscope_stat *stat, GError **error);

/** Remove the unfinished output files of all statistics, before the program ends. */
void mptcpscope_discard_stats(void);

/** Set the length of a report's intervals: as given, else as the user prefers, if the report has a
 *  length that nobody gave.
 *  @param name   of the report  @param given  ns; 0: not given
 *  @return false, with `error`, if the report has no intervals or the preference is no length */
bool mptcpscope_set_interval(mps_report *report, const char *name, int64_t given, GError **error);

/** Count what the tap passes on for a report. @return false if the report does not count it */
bool mptcpscope_count(mps_report *report, const mptcpscope_tap *tapped);

/** Free what mptcpscope_stat_begin() allocated and remove the unfinished output file. */
void mptcpscope_stat_end(mptcpscope_stat *stat);

/** Report to the user that a statistic failed. Outside Wireshark's window the program ends after
 *  this, so the unfinished output files of all statistics are removed.
 *  @param argument  of -z  @param error  freed */
void mptcpscope_stat_failed(const char *argument, GError *error);

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
