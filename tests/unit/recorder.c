/* recorder.c: captures for tests, written as dumps and loaded as traces.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "recorder.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glib/gstdio.h>
#include <mptcpscope/dump.h>

struct recorder {
    char path[sizeof "/tmp/mptcpscope-test-XXXXXX"];
    mps_tracker *tracker;
    mps_dump_writer *writer;
};

recorder *recorder_new(mps_track what)
{
    recorder *r = g_new0(recorder, 1);
    g_strlcpy(r->path, "/tmp/mptcpscope-test-XXXXXX", sizeof r->path);
    int file = g_mkstemp(r->path);
    assert_true(file >= 0);
    g_close(file, NULL);
    r->tracker = mps_tracker_new(what);
    r->writer = mps_dump_writer_new(r->path, "capture.pcap", NULL);
    assert_non_null(r->writer);
    return r;
}

void recorder_add(recorder *r, const mps_segment *segment)
{
    mps_verdict verdict;
    bool taken = mps_tracker_segment(r->tracker, segment, &verdict);
    mps_dump_write(r->writer, r->tracker, segment, taken ? &verdict : NULL);
}

mps_trace *recorder_end(recorder *r, unsigned needs)
{
    assert_true(mps_dump_writer_close(r->writer, r->tracker, NULL));
    mps_tracker_free(r->tracker);
    mps_trace *trace = mps_trace_load(r->path, needs, NULL);
    assert_non_null(trace);
    g_unlink(r->path);
    g_free(r);
    return trace;
}
