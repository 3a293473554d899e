/* oracles.c: what must hold of every input, however broken it is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "oracles.h"

#include <glib/gstdio.h>
#include <jansson.h>
#include <mptcpscope/analysis.h>
#include <mptcpscope/dump.h>
#include <mptcpscope/report.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Name of the capture in all documents. */
static const char capture_name[] = "capture";

/* ---- files ---- */

static char *folder;

static void remove_folder(void)
{
    g_rmdir(folder);
    g_free(folder);
}

/* @return the path of a file in a folder that this process removes at its end */
static char *path_of(const char *name)
{
    if (!folder) {
        folder = g_dir_make_tmp("mptcpscope-fuzz-XXXXXX", NULL);
        if (!folder)
            abort();
        atexit(remove_folder);
    }
    return g_build_filename(folder, name, NULL);
}

char *input_file(const char *name, const uint8_t *data, size_t size)
{
    char *path = path_of(name);
    if (!g_file_set_contents_full(path, (const char *)data, (gssize)size, G_FILE_SET_CONTENTS_NONE,
                                  0600, NULL))
        abort();
    return path;
}

/* ---- segments ---- */

GPtrArray *segments_new(void)
{
    return g_ptr_array_new_with_free_func(g_free);
}

void segments_add(GPtrArray *segments, const mps_segment *segment)
{
    item *added = g_new0(item, 1);
    mps_segment *copy = &added->segment;
    *copy = *segment;
    for (unsigned i = 0; i < copy->mptcp_count; i++)
        copy->mptcp[i].raw = copy->options + (segment->mptcp[i].raw - segment->options);
    g_ptr_array_add(segments, added);
}

void segments_add_icmp(GPtrArray *segments, const mps_icmp_error *icmp)
{
    item *added = g_new0(item, 1);
    added->is_icmp = true;
    added->icmp = *icmp;
    g_ptr_array_add(segments, added);
}

mps_next segments_read(GPtrArray *segments, mps_source *source, GError **error)
{
    const mps_segment *segment;
    mps_next got = MPS_NEXT_FAILED;
    while (source && (got = mps_source_next(source, &segment, error)) > 0)
        if (got == MPS_NEXT_ICMP_ERROR)
            segments_add_icmp(segments, mps_source_icmp_error(source));
        else
            segments_add(segments, segment);
    return got;
}

/* ---- checks ---- */

void check_json(const char *text, const char *what)
{
    json_error_t error;
    json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!document) {
        fprintf(stderr, "%s: %s at %d: %s\n", what, error.text, error.position, text);
        abort();
    }
    json_decref(document);
}

static void check_same(const char *what, const char *a, const char *b)
{
    if (strcmp(a, b) == 0)
        return;
    fprintf(stderr, "%s\n--- first\n%s\n--- second\n%s\n", what, a, b);
    abort();
}

/* Reports on the same segments. */
typedef struct {
    mps_tracker *tracker;
    mps_report **reports;
    guint count;
    int64_t length, explained; /* payload bytes; the sum of the four kinds */
} analysis;

/* @param only  name of the one report; NULL: all */
static analysis analysis_new(const char *only)
{
    const char *const *names = mps_report_names();
    const char *const one[] = {only, NULL};
    analysis a = {.tracker = mps_tracker_new(MPS_TRACK_MPTCP)};
    if (only)
        names = one;
    a.count = g_strv_length((char **)names);
    a.reports = g_new0(mps_report *, a.count);
    for (guint i = 0; i < a.count; i++) {
        a.reports[i] = mps_report_new(names[i], MPS_NONE, NULL);
        mps_analyses_want(a.tracker, mps_report_needs(a.reports[i]));
    }
    return a;
}

static void analysis_free(analysis *a)
{
    for (guint i = 0; i < a->count; i++)
        mps_report_free(a->reports[i]);
    g_free(a->reports);
    mps_tracker_free(a->tracker);
}

/* @param writer  of a dump; NULL: none is written */
static void analysis_take_icmp(analysis *a, const mps_icmp_error *icmp, mps_dump_writer *writer)
{
    const mps_icmp_record *record = mps_tracker_icmp(a->tracker, icmp);
    if (record && writer)
        mps_dump_write_icmp(writer, icmp);
    for (guint i = 0; record && i < a->count; i++)
        mps_report_count_icmp(a->reports[i], record);
}

/* @param writer  as of analysis_take_icmp() */
static void analysis_take(analysis *a, const GPtrArray *segments, mps_dump_writer *writer)
{
    for (guint i = 0; i < segments->len; i++) {
        const item *one = segments->pdata[i];
        mps_verdict verdict;
        if (one->is_icmp) {
            analysis_take_icmp(a, &one->icmp, writer);
            continue;
        }
        if (!mps_tracker_segment(a->tracker, &one->segment, &verdict))
            continue;
        a->length += verdict.length;
        a->explained +=
            (int64_t)verdict.data + verdict.retransmitted + verdict.reinjected + verdict.unmapped;
        if (writer)
            mps_dump_write(writer, a->tracker, &one->segment, &verdict);
        for (guint k = 0; k < a->count; k++)
            mps_report_count(a->reports[k], &verdict);
    }
}

/* @return the report, freed by the caller with free() */
static char *written(const analysis *a, guint index, mps_format format)
{
    const mps_report_document document = {.style = mps_plain_style(format),
                                          .capture = capture_name};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        abort();
    mps_report_write(a->reports[index], a->tracker, &document, out);
    fclose(out);
    return text;
}

/* Read a dump that we wrote. */
static GPtrArray *read_dump(const char *path)
{
    GError *error = NULL;
    GPtrArray *segments = segments_new();
    mps_source *source = mps_source_open(path, &error);
    if (segments_read(segments, source, &error) < 0) {
        fprintf(stderr, "our own dump: %s\n", error->message);
        abort();
    }
    mps_source_close(source);
    return segments;
}

static void check_dump(const analysis *all, const char *path)
{
    GPtrArray *segments = read_dump(path);
    analysis again = analysis_new(NULL);
    analysis_take(&again, segments, NULL);
    for (guint i = 0; i < all->count; i++) {
        char *direct = written(all, i, MPS_FORMAT_JSON),
             *dumped = written(&again, i, MPS_FORMAT_JSON);
        check_same("capture and dump", direct, dumped);
        free(direct);
        free(dumped);
    }
    analysis_free(&again);
    g_ptr_array_unref(segments);
}

static void check_alone(const analysis *all, const GPtrArray *segments)
{
    for (guint i = 0; i < all->count; i++) {
        analysis alone = analysis_new(mps_report_names()[i]);
        analysis_take(&alone, segments, NULL);
        for (mps_format format = MPS_FORMAT_TEXT; format <= MPS_FORMAT_JSON; format++) {
            char *one = written(&alone, 0, format), *beside = written(all, i, format);
            check_same("alone and beside others", one, beside);
            if (format == MPS_FORMAT_JSON)
                check_json(one, mps_report_names()[i]);
            free(one);
            free(beside);
        }
        analysis_free(&alone);
    }
}

void check_segments(const GPtrArray *segments)
{
    char *path = path_of("dump.csv");
    mps_dump_writer *writer = mps_dump_writer_new(path, capture_name, NULL);
    if (!writer)
        abort();
    analysis all = analysis_new(NULL);
    analysis_take(&all, segments, writer);
    if (!mps_dump_writer_close(writer, all.tracker, NULL))
        abort();
    if (all.length != all.explained) {
        fprintf(stderr, "%" G_GINT64_FORMAT " payload bytes, %" G_GINT64_FORMAT " explained\n",
                all.length, all.explained);
        abort();
    }
    check_alone(&all, segments);
    if (mps_tracker_connections(all.tracker) > 0) /* a dump holds no other TCP segments */
        check_dump(&all, path);
    analysis_free(&all);
    g_unlink(path);
    g_free(path);
}
