/* test_same.c: each report on each shipped capture is the same, byte for byte, as the report on its
 * dump.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib/gstdio.h>
#include <mptcpscope/analysis.h>
#include <mptcpscope/dump.h>
#include <mptcpscope/report.h>
#include <mptcpscope/source.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Run a file through a tracker. @param dump  where to write a dump of it; NULL: nowhere
 * @return all reports, one after the other, freed by the caller */
static char *reports_of(const char *path, const char *dump)
{
    const char *const *names = mps_report_names();
    guint count = g_strv_length((char **)names);
    mps_report **reports = g_new0(mps_report *, count);
    mps_tracker *tracker = mps_tracker_new(MPS_TRACK_MPTCP);
    for (guint i = 0; i < count; i++) {
        reports[i] = mps_report_new(names[i], MPS_NONE, NULL);
        mps_analyses_want(tracker, mps_report_needs(reports[i]));
    }
    mps_source *source = mps_source_open(path, NULL);
    assert_non_null(source);
    mps_dump_writer *writer = NULL;
    if (dump)
        writer = mps_dump_writer_new(dump, mps_source_capture(source), NULL);
    const mps_segment *segment;
    mps_verdict verdict;
    mps_next got;
    while ((got = mps_source_next(source, &segment, NULL)) > 0) {
        if (got == MPS_NEXT_ICMP_ERROR) {
            const mps_icmp_record *record =
                mps_tracker_icmp(tracker, mps_source_icmp_error(source));
            if (record && writer)
                mps_dump_write_icmp(writer, &record->error);
            for (guint i = 0; record && i < count; i++)
                mps_report_count_icmp(reports[i], record);
            continue;
        }
        if (!mps_tracker_segment(tracker, segment, &verdict))
            continue;
        if (writer)
            mps_dump_write(writer, tracker, segment, &verdict);
        for (guint i = 0; i < count; i++)
            mps_report_count(reports[i], &verdict);
    }
    if (writer)
        assert_true(mps_dump_writer_close(writer, tracker, NULL));
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    for (guint i = 0; i < count; i++) {
        const mps_report_document document = {mps_plain_style(MPS_FORMAT_JSON),
                                              mps_source_capture(source), NULL, NULL};
        mps_report_write(reports[i], tracker, &document, out);
        mps_report_free(reports[i]);
    }
    fclose(out);
    g_free(reports);
    mps_source_close(source);
    mps_tracker_free(tracker);
    return text;
}

/* Without an MPTCP connection the notes count TCP segments: a dump holds none of them. */
static bool is_same_line(const char *direct, const char *dumped)
{
    const char *none = strstr(direct, "\"notes\": [\"There is no MPTCP connection");
    return none ? strncmp(direct, dumped, (size_t)(none - direct)) == 0
                : strcmp(direct, dumped) == 0;
}

static void compare(const char *capture, const char *dump)
{
    char *direct = reports_of(capture, dump), *dumped = reports_of(dump, NULL);
    char **lines = g_strsplit(direct, "\n", -1), **same = g_strsplit(dumped, "\n", -1);
    assert_non_null(strstr(direct, "\"report\": \"connections\""));
    for (guint i = 0; lines[i] && same[i]; i++)
        if (!is_same_line(lines[i], same[i]))
            fail_msg("%s: capture: %.300s\ndump: %.300s", capture, lines[i], same[i]);
    assert_int_equal(g_strv_length(lines), g_strv_length(same));
    g_strfreev(lines);
    g_strfreev(same);
    free(direct);
    free(dumped);
}

static void test_shipped_captures(void **state)
{
    (void)state;
    GDir *captures = g_dir_open(CAPTURES, 0, NULL);
    assert_non_null(captures);
    char *dump = NULL;
    int file = g_file_open_tmp("dump-XXXXXX.csv", &dump, NULL);
    assert_true(file >= 0);
    close(file);
    unsigned compared = 0;
    const char *name;
    while ((name = g_dir_read_name(captures))) {
        for (unsigned side = 0; side < 2; side++) {
            char *path =
                g_build_filename(CAPTURES, name, side ? "server.pcapng" : "client.pcapng", NULL);
            if (g_file_test(path, G_FILE_TEST_EXISTS)) {
                compare(path, dump);
                compared++;
            }
            g_free(path);
        }
    }
    assert_true(compared >= 20);
    g_unlink(dump);
    g_free(dump);
    g_dir_close(captures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shipped_captures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
