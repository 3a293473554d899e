/* tap-report.c: the reports of tshark.
 *
 *   -z mptcp,NAME[,OPTION=VALUE]…[,FILTER]
 *   -z mptcp,help
 *
 * NAME is a report of the library; the error for a wrong one lists all. The library counts and
 * writes; this file passes verdicts from the tap to the report. In Wireshark's window the same
 * argument opens the table of the report (tap-table.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compat.h"
#include "file-end.h"
#include "packet-mptcpscope.h"
#include "statistics.h"
#include "taps.h"
#include "window-summary.h"
#include "window.h"
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <mptcpscope/error.h>
#include <mptcpscope/output.h>
#include <mptcpscope/report.h>
#include <string.h>
#include <wsutil/report_message.h>

typedef struct {
    mptcpscope_stat stat;
    mps_report *report;
    mps_output *output; /* NULL: written or discarded */
    bool live;          /* write rows as soon as they are final, if the report can do that */
} report_tap;

/* Called by mptcpscope_stat_end() and mptcpscope_stat_failed(), possibly both. The statistic stays
 * with its tap. */
static void report_discard(mptcpscope_stat *stat)
{
    report_tap *tap = (report_tap *)stat;

    if (tap->output != NULL) {
        mps_output_discard(tap->output);
        tap->output = NULL;
    }
}

/* Called by the tap system when it removes the listener at the end of the program, and by
 * start_report(). Frees what start_report() allocated. */
static void report_finish(void *tapdata)
{
    report_tap *tap = (report_tap *)tapdata;

    mptcpscope_stat_end(&tap->stat);
    mps_report_free(tap->report);
    g_free(tap);
}

/* Called by the tap system before frames are read again; the tap stays. */
static void report_reset(void *tapdata)
{
    mps_report_reset(((report_tap *)tapdata)->report);
}

/* @return how the report is written and what it says beside its rows; it points into `tap`
 * @param notes  on the file; NULL: not known yet */
static mps_report_document document_of(const report_tap *tap, const GPtrArray *notes)
{
    const mps_report_options *options = &tap->stat.options;

    return (mps_report_document){mps_plain_style(options->format), tap->stat.capture,
                                 options->filter, notes};
}

/* Write the rows that are final by now. @param end  all frames were read
 * @param notes  on the file, at the end
 * @return false if the report is only written at the end */
static bool write_live(report_tap *tap, bool end, const GPtrArray *notes)
{
    const mps_report_document document = document_of(tap, notes);
    FILE *out;

    if (!tap->live || tap->output == NULL) {
        return false;
    }
    out = mps_output_stream(tap->output);
    if (!mps_report_write_live(tap->report, mptcpscope_tracker_as_read(), &document, end, out)) {
        return false;
    }
    fflush(out);
    return true;
}

/* Called by the tap system for each segment and ICMP error that passes the filter. The
 * post-dissector owns `data`, which is valid during the call. */
static tap_packet_status report_packet(void *tapdata, packet_info *pinfo _U_,
                                       epan_dissect_t *edt _U_, const void *data,
                                       tap_flags_t flags _U_)
{
    report_tap *tap = (report_tap *)tapdata;
    const mptcpscope_tap *tapped = (const mptcpscope_tap *)data;

    if (!mptcpscope_count(tap->report, tapped)) {
        return TAP_PACKET_DONT_REDRAW;
    }
    write_live(tap, false, NULL);
    return TAP_PACKET_REDRAW;
}

/* Called by the tap system once, after all frames were read. */
static void report_draw(void *tapdata)
{
    report_tap *tap = (report_tap *)tapdata;
    mps_output *output = tap->output;
    GError *error = NULL;

    if (output == NULL || mptcpscope_tracker() == NULL) {
        return;
    }
    mptcpscope_finish();
    if (!mptcpscope_stat_has_chosen(&tap->stat, &error)) {
        mptcpscope_stat_failed(tap->stat.argument, error);
        exit(1);
    }
    GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
    mptcpscope_file_notes(tap->stat.path, mptcpscope_frame_notes(), notes);
    if (!write_live(tap, true, notes)) {
        const mps_report_document document = document_of(tap, notes);

        mptcpscope_recount(tap->report);
        mps_report_write(tap->report, mptcpscope_tracker(), &document, mps_output_stream(output));
    }
    g_ptr_array_free(notes, TRUE);
    tap->output = NULL;
    if (!mps_output_commit(output, &error)) {
        mptcpscope_stat_failed(tap->stat.argument, error);
        exit(1);
    }
}

/* In Wireshark's window a report is shown as a table, and the summary as text. @return false, with
 * `error` */
static bool open_table(const mptcpscope_stat *stat, GError **error)
{
    const mps_report_options *options = &stat->options;
    bool opened = false;
    char *filter;

    if (options->format == MPS_FORMAT_TEXT && options->file == NULL && options->filter == NULL &&
        strcmp(stat->name, "summary") == 0) {
        mptcpscope_open_summary(options->connection);
        opened = true;
    } else if (options->format == MPS_FORMAT_TEXT && options->file == NULL) {
        filter = options->connection == MPS_NONE
                     ? g_strdup(options->filter)
                     : g_strdup_printf("mptcpscope.connection == %u%s%s%s", options->connection,
                                       options->filter != NULL ? " && (" : "",
                                       options->filter != NULL ? options->filter : "",
                                       options->filter != NULL ? ")" : "");
        opened = mptcpscope_open_table(stat->name, filter);
        g_free(filter);
    }
    if (!opened) {
        g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE, "only tshark takes format= and file=");
    }
    return opened;
}

/* Open the output and register the listener. The tap system keeps the pointer to `tap`.
 * @return false, with `error` */
static bool listen(report_tap *tap, GError **error)
{
    const mps_report_options *options = &tap->stat.options;
    GString *message;

    tap->report = mps_report_new(tap->stat.name, options->connection, error);
    if (tap->report == NULL) {
        return false;
    }
    if (!mptcpscope_set_interval(tap->report, tap->stat.name, options->interval, error)) {
        return false;
    }
    if (mps_path_choice_given(&options->path) &&
        !mps_report_set_path(tap->report, &options->path, error)) {
        return false;
    }
    if (options->zeros && !mps_report_set_zeros(tap->report, error)) {
        return false;
    }
    if (options->table != NULL && !mps_report_set_table(tap->report, options->table, error)) {
        return false;
    }
    mps_report_set_near(tap->report, &options->near);
    mps_report_will_recount(tap->report);
    tap->live = tap->stat.capture == NULL;
    tap->output = mps_output_open(options->file, error);
    if (tap->output == NULL) {
        return false;
    }
    mptcpscope_want_analyses(mps_report_needs(tap->report));
    mptcpscope_want_counted(tap->report);
    message = register_tap_listener(MPTCPSCOPE_TAP, tap, options->filter, 0, report_reset,
                                    report_packet, report_draw, report_finish);
    if (message != NULL) {
        g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE, "%s", message->str);
        g_string_free(message, TRUE);
    }
    return message == NULL;
}

/* Show the reports and their options, in tshark as the only thing that it does. @return true */
static bool show_help(void)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL) {
        return true;
    }
    mps_report_options_help("-z " MPTCPSCOPE_STAT_PREFIX, out);
    fclose(out);
    if (mptcpscope_in_window()) {
        report_failure("%s", text);
    } else {
        fputs(text, stdout);
        mptcpscope_discard_stats();
        exit(0);
    }
    free(text); /* of open_memstream(), not GLib's */
    return true;
}

/* Called by Wireshark, through other_init(), for a -z argument that starts with "mptcp" but not
 * with the name of a report, before anything is read. Wireshark owns `argument`. */
static bool start_other(const char *argument, void *userdata _U_)
{
    const char *rest = argument + strlen("mptcp");
    GError *error = NULL;

    if (*rest == '\0' || strcmp(rest, ",help") == 0 || g_str_has_prefix(rest, ",help,")) {
        return show_help();
    }
    mptcpscope_unknown_report(argument, &error);
    mptcpscope_stat_failed(argument, error);
    return false;
}

/* Called by Wireshark, through report_init(), for -z mptcp,NAME..., when the capture is open and
 * nothing has been read. Wireshark owns `argument`; `userdata` is the name of the report, static.
 * The tap is freed by report_finish(). */
static bool start_report(const char *argument, void *userdata)
{
    report_tap *tap = g_new0(report_tap, 1);
    GError *error = NULL;
    bool started = false, window = mptcpscope_in_window();

    tap->stat.name = (const char *)userdata;
    tap->stat.discard = report_discard;
    if (mptcpscope_stat_begin(&tap->stat, argument, &error)) {
        started = window ? open_table(&tap->stat, &error) : listen(tap, &error);
    }
    if (!started) {
        mptcpscope_stat_failed(argument, error);
    }
    if (!started || window) {
        report_finish(tap);
    }
    return started;
}

DEFINE_STAT_TAP_INIT(report_init, start_report)
DEFINE_STAT_TAP_INIT(other_init, start_other)

static void register_stat(const char *cli, const char *title, stat_tap_init_cb init, void *userdata)
{
    stat_tap_ui ui = {.group = REGISTER_STAT_GROUP_GENERIC,
                      .title = title,
                      .cli_string = cli,
                      .tap_init_cb = init};

    register_stat_tap_ui(&ui, userdata);
}

/* Wireshark compares an argument with the registered names in reverse alphabetical order, so
 * "mptcp" gets the arguments that start with no longer name. */
void mptcpscope_register_reports(void)
{
    for (const char *const *name = mps_report_names(); *name != NULL; name++) {
        char *cli = g_strconcat(MPTCPSCOPE_STAT_PREFIX, *name, NULL);

        register_stat(cli, NULL, report_init, (void *)*name); /* Wireshark's type of userdata */
        g_free(cli);
    }
    register_stat("mptcp", NULL, other_init, NULL);
    register_stat(MPTCPSCOPE_STAT_PREFIX "help", NULL, other_init, NULL);
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
