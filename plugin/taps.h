/* taps.h: what the statistics have in common.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_TAPS_H
#define MPTCPSCOPE_PLUGIN_TAPS_H

#include <glib.h>
#include <mptcpscope/report.h>
#include <stdbool.h>

/* Options of a statistic begin behind this and its name. */
#define MPTCPSCOPE_STAT_PREFIX "mptcp,"

/* A statistic that was asked for with -z; the first member of what a tap keeps for it. */
typedef struct mptcpscope_stat {
    const char *name; /* a report's, or "dump"; static */
    char *argument;   /* what stands behind -z */
    mps_report_options options;
    char *capture; /* name of the capture; NULL: live or not known */
    /* Leave no unfinished file behind. May be called more than once. */
    void (*discard)(struct mptcpscope_stat *stat);
} mptcpscope_stat;

/** Called by Wireshark once, when all protocols are registered: registers all statistics. */
void mptcpscope_register_taps(void);

/* Each registers the statistics of one file, whose first comment says which. */
void mptcpscope_register_reports(void);
void mptcpscope_register_dump(void);
void mptcpscope_register_tables(void);

/**
 * Begin a statistic: read its options and check its filter.
 * @param stat      name and discard set, the rest zero
 * @param argument  what stands behind -z
 * @return false, with `error`, if the call is wrong. The caller ends it in either case with
 *         mptcpscope_stat_end().
 */
bool mptcpscope_stat_begin(mptcpscope_stat *stat, const char *argument, GError **error);

/** Tell which reports there are. Wireshark takes any argument that begins with a name that was
 *  registered, so that this is also for names that only begin well.
 *  @param argument  what stands behind -z  @return false, with `error` */
bool mptcpscope_unknown_report(const char *argument, GError **error);

/** Free what mptcpscope_stat_begin() made and leave no unfinished file behind. */
void mptcpscope_stat_end(mptcpscope_stat *stat);

/** Tell the user that a statistic failed. Outside of Wireshark's window the program is about to
 *  end, so that all statistics leave no unfinished file behind.
 *  @param argument  what stands behind -z  @param error  freed */
void mptcpscope_stat_failed(const char *argument, GError *error);

/** @return whether this is Wireshark with its window, not tshark. */
bool mptcpscope_in_window(void);

/** Open Wireshark's window for the table of a report. @param filter  display filter, or NULL
 *  @return false if there is no such table */
bool mptcpscope_open_table(const char *report, const char *filter);

/** @return the path of the capture file that is read, as the program's arguments name it, or NULL;
 *  the caller frees it. */
char *mptcpscope_capture_path(void);

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
