/* tap-dump.c: the dump of tshark: a csv file with one row per TCP segment.
 *
 *   -z mptcp,dump,file=PATH[,tcp=all|mptcp][,connection=N][,FILTER]
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compat.h"
#include "packet-mptcpscope.h"
#include "preferences.h"
#include "statistics.h"
#include "taps.h"
#include "window.h"
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <mptcpscope/dump.h>
#include <mptcpscope/error.h>

#define DUMP "dump"

typedef struct {
    mptcpscope_stat stat;
    mps_dump_writer *writer;    /* NULL: closed or discarded */
    bool plain_tcp;             /* has plain TCP, too */
    const mps_tracker *tracker; /* that gave the verdicts of the rows; NULL: there are none */
} dump_tap;

/* Called by mptcpscope_stat_end() and mptcpscope_stat_failed(), possibly both. The statistic stays
 * with its tap. */
static void dump_discard(mptcpscope_stat *stat)
{
    dump_tap *tap = (dump_tap *)stat;

    if (tap->writer != NULL) {
        mps_dump_writer_discard(tap->writer);
        tap->writer = NULL;
    }
}

/* Called by the tap system when it removes the listener at the end of the program, and by
 * start_dump() after an error. Frees what start_dump() allocated. */
static void dump_finish(void *tapdata)
{
    dump_tap *tap = (dump_tap *)tapdata;

    mptcpscope_stat_end(&tap->stat);
    g_free(tap);
}

/* @return whether a segment or ICMP error is written. With connection=N its connection must be
 * known when it passes; in a second pass (-2) the connections of all segments are known. */
static bool is_wanted(const dump_tap *dump, const mptcpscope_tap *tap)
{
    const mps_report_options *options = &dump->stat.options;
    uint32_t connection = MPS_NONE, subflow;
    const mps_icmp_record *icmp = tap->icmp;

    if (icmp == NULL && (tap->segment == NULL || (tap->verdict == NULL && !dump->plain_tcp))) {
        return false;
    }
    if (options->connection == MPS_NONE) {
        return true;
    }
    if (tap->verdict != NULL || icmp != NULL) {
        mps_tracker_numbers(tap->tracker, icmp != NULL ? icmp->subflow : tap->verdict->subflow,
                            &connection, &subflow);
    }
    return connection == options->connection;
}

/* Called by the tap system for each segment and ICMP error that passes the filter. The
 * post-dissector owns `data`, which is valid during the call. */
static tap_packet_status dump_packet(void *tapdata, packet_info *pinfo _U_, epan_dissect_t *edt _U_,
                                     const void *data, tap_flags_t flags _U_)
{
    dump_tap *tap = (dump_tap *)tapdata;
    const mptcpscope_tap *row = (const mptcpscope_tap *)data;

    if (tap->writer == NULL || !is_wanted(tap, row)) {
        return TAP_PACKET_DONT_REDRAW;
    }
    if (row->icmp != NULL) {
        mps_dump_write_icmp(tap->writer, &row->icmp->error);
    } else {
        mps_dump_write(tap->writer, row->tracker, row->segment, row->verdict);
        tap->tracker = row->tracker;
    }
    return TAP_PACKET_DONT_REDRAW;
}

/* Called by the tap system once, after all frames were read. */
static void dump_draw(void *tapdata)
{
    dump_tap *tap = (dump_tap *)tapdata;
    mps_dump_writer *writer = tap->writer;
    GError *error = NULL;

    if (writer == NULL || mptcpscope_tracker() == NULL) {
        return;
    }
    mptcpscope_finish();
    if (tap->tracker == NULL) {
        tap->tracker = mptcpscope_tracker();
    }
    if (!mptcpscope_stat_has_chosen(&tap->stat, &error)) {
        mptcpscope_stat_failed(tap->stat.argument, error);
        exit(1);
    }
    tap->writer = NULL;
    if (!mps_dump_writer_close(writer, tap->tracker, &error)) {
        mptcpscope_stat_failed(tap->stat.argument, error);
        exit(1);
    }
}

/* Open the output and register the listener. The tap system keeps the pointer to `tap`.
 * @return false, with `error` */
static bool listen(dump_tap *tap, GError **error)
{
    GString *message;

    tap->writer = mps_dump_writer_new(tap->stat.options.file, tap->stat.capture, error);
    if (tap->writer == NULL) {
        return false;
    }
    mptcpscope_want_segments();
    tap->plain_tcp = tap->stat.options.tcp == MPS_DUMP_TCP_UNSAID
                         ? mptcpscope_prefers_plain_tcp()
                         : tap->stat.options.tcp == MPS_DUMP_TCP_ALL;
    if (tap->plain_tcp) {
        mptcpscope_want_plain_tcp();
    }
    message = register_tap_listener(MPTCPSCOPE_TAP, tap, tap->stat.options.filter, 0, NULL,
                                    dump_packet, dump_draw, dump_finish);
    if (message != NULL) {
        g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE, "%s", message->str);
        g_string_free(message, TRUE);
    }
    return message == NULL;
}

/* Called by Wireshark, through dump_init(), for -z mptcp,dump..., when the capture is open and
 * nothing has been read. Wireshark owns `argument`. The tap is freed by dump_finish(). */
static bool start_dump(const char *argument, void *userdata _U_)
{
    dump_tap *tap = g_new0(dump_tap, 1);
    GError *error = NULL;
    bool started = false;

    tap->stat.name = DUMP;
    tap->stat.discard = dump_discard;
    if (mptcpscope_in_window()) {
        g_set_error(&error, MPS_ERROR, MPS_ERROR_USAGE, "only tshark writes a dump");
    } else if (mptcpscope_stat_begin(&tap->stat, argument, &error)) {
        started = listen(tap, &error);
    }
    if (!started) {
        mptcpscope_stat_failed(argument, error);
        dump_finish(tap);
    }
    return started;
}

DEFINE_STAT_TAP_INIT(dump_init, start_dump)

void mptcpscope_register_dump(void)
{
    stat_tap_ui ui = {.group = REGISTER_STAT_GROUP_GENERIC,
                      .cli_string = MPTCPSCOPE_STAT_PREFIX DUMP,
                      .tap_init_cb = dump_init};

    register_stat_tap_ui(&ui, NULL);
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
