/* segment_table.c: the table "segments": what the dump has, with types.
 *
 * The rows are made of those of the dump, so both have the same facts. Until the verdicts are final
 * and the longest texts are known, they are kept in a temporary file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/input.h"
#include "base/output_spool.h"
#include "base/times.h"
#include "dump/dump_row.h"
#include "export_internal.h"
#include <errno.h>
#include <string.h>

/* The columns: those of the dump, in its order (docs/dump-format.md), and the last one. */
static const mps_stored_spec specs[] = {
    {"frame", MPS_STORED_U32, false},
    {"time_ns", MPS_STORED_I64, false},
    {"tcp_stream", MPS_STORED_U32, true},
    {"source", MPS_STORED_TEXT, false},
    {"source_port", MPS_STORED_U16, false},
    {"destination", MPS_STORED_TEXT, false},
    {"destination_port", MPS_STORED_U16, false},
    {"ip_id", MPS_STORED_U16, true},
    {"ttl", MPS_STORED_U8, false},
    {"tos", MPS_STORED_U8, false},
    {"seq", MPS_STORED_U32, false},
    {"ack", MPS_STORED_U32, false},
    {"flags", MPS_STORED_U16, false},
    {"window", MPS_STORED_U16, false},
    {"checksum", MPS_STORED_U16, false},
    {"urgent", MPS_STORED_U16, false},
    {"header_length", MPS_STORED_U8, false},
    {"length", MPS_STORED_U32, false},
    {"tcp_options", MPS_STORED_TEXT, false},
    {"payload_sum", MPS_STORED_U16, true},
    {"interface", MPS_STORED_U32, true},
    {"link_index", MPS_STORED_U32, true},
    {"way", MPS_STORED_TEXT, false},
    {"link_source", MPS_STORED_TEXT, false},
    {"link_destination", MPS_STORED_TEXT, false},
    {"tsval", MPS_STORED_U32, true},
    {"tsecr", MPS_STORED_U32, true},
    {"sack", MPS_STORED_TEXT, false},
    {"mptcp", MPS_STORED_TEXT, false},
    {"dss_ack", MPS_STORED_U64, true},
    {"dss_dsn", MPS_STORED_U64, true},
    {"dss_ssn", MPS_STORED_U32, true},
    {"dss_length", MPS_STORED_U16, true},
    {"dss_data_fin", MPS_STORED_U8, true},
    {"connection", MPS_STORED_U32, true},
    {"subflow", MPS_STORED_U32, true},
    {"direction", MPS_STORED_TEXT, false},
    {"copy_of", MPS_STORED_U32, true},
    {"dsn", MPS_STORED_U64, true},
    {"dsn_relative", MPS_STORED_U64, true},
    {"data_bytes", MPS_STORED_I32, true},
    {"retransmitted_bytes", MPS_STORED_U32, true},
    {"reinjected_bytes", MPS_STORED_I32, true},
    {"unmapped_bytes", MPS_STORED_I32, true},
    {"data_fin", MPS_STORED_U8, true},
    {"time", MPS_STORED_REAL, false}, /* since the earliest segment of the table, s */
};

/* Cells before the first that depends on the verdict, and the column with c2s and s2c. */
enum { FACTS = 34, DIRECTION = 36, DUMP_CELLS = G_N_ELEMENTS(specs) - 1 };

/* What is kept of a segment; its text follows: the cells before the verdict. */
typedef struct {
    mps_verdict verdict;
    bool has_verdict;
    uint32_t length; /* of the text, bytes */
    int64_t time;
} kept_segment;

struct mps_segment_spool {
    mps_output *output;
    mps_row_addresses addresses;
    size_t widths[G_N_ELEMENTS(specs)]; /* the longest texts */
};

mps_segment_spool *mps_segment_spool_new(GError **error)
{
    mps_output *output = mps_output_spool(error);
    if (!output)
        return NULL;
    mps_segment_spool *spool = g_new0(mps_segment_spool, 1);
    spool->output = output;
    spool->widths[DIRECTION] = strlen(mps_direction_name(MPS_C2S));
    return spool;
}

void mps_segment_spool_free(mps_segment_spool *spool)
{
    if (!spool)
        return;
    mps_output_discard(spool->output);
    g_free(spool);
}

/* Note how long the texts are. @param text  the cells before the verdict, each with a comma */
static void measure(mps_segment_spool *spool, const char *text)
{
    for (unsigned cell = 0; cell < FACTS; cell++) {
        const char *comma = strchr(text, ',');
        if (specs[cell].type == MPS_STORED_TEXT)
            spool->widths[cell] = MAX(spool->widths[cell], (size_t)(comma - text));
        text = comma + 1;
    }
}

void mps_segment_spool_add(mps_segment_spool *spool, const mps_segment *segment,
                           const mps_verdict *verdict)
{
    FILE *out = mps_output_stream(spool->output);
    kept_segment kept;
    char text[MPS_ROW_MAX];
    char *end = mps_row_put_facts(text, &spool->addresses, segment);
    end = mps_row_put_decoded(end, segment);
    memset(&kept, 0, sizeof kept);
    kept.time = segment->time;
    kept.length = (uint32_t)(end - text);
    kept.has_verdict = verdict != NULL;
    if (verdict)
        kept.verdict = *verdict;
    *end = '\0';
    measure(spool, text);
    fwrite(&kept, sizeof kept, 1, out); /* the output keeps errors */
    fwrite(text, 1, kept.length, out);
}

/* The rows are written: first it is found out when they begin. */
typedef struct {
    const mps_tracker *tracker;
    uint32_t connection; /* the only one; MPS_NONE: all */
    int64_t first;       /* time of the earliest segment, ns */
    mps_stored_rows *rows;
} table_job;

static bool is_wanted(const table_job *job, const kept_segment *kept)
{
    uint32_t connection = MPS_NONE, subflow;
    if (job->connection == MPS_NONE)
        return true;
    if (kept->has_verdict)
        mps_tracker_numbers(job->tracker, kept->verdict.subflow, &connection, &subflow);
    return connection == job->connection;
}

/* @param text  the cells before the verdict; there is room for the others */
static void write_row(const table_job *job, const kept_segment *kept, char *text)
{
    char *end = text + kept->length;
    if (kept->has_verdict) {
        const mps_verdict *verdict = mps_tracker_final(job->tracker, &kept->verdict);
        end = mps_row_put_numbers(end, job->tracker, verdict);
        end = mps_row_put_verdict(end, job->tracker, verdict);
    } else {
        end = mps_row_put_no_verdict(end);
    }
    *end = '\0';
    for (unsigned cell = 0; cell < DUMP_CELLS; cell++) {
        const size_t length = strcspn(text, ",");
        mps_stored_put_text(job->rows, text, length);
        text += length + 1;
    }
    mps_stored_put_real(job->rows, (double)mps_minus(kept->time, job->first) / 1e9);
}

/* Read so many bytes, which may come in pieces. @return how many there were, or -1 */
static ssize_t read_whole(mps_input *input, void *to, size_t size)
{
    size_t done = 0;
    ssize_t got = 1;
    while (done < size && (got = mps_input_read(input, (char *)to + done, size - done)) > 0)
        done += (size_t)got;
    return got < 0 ? -1 : (ssize_t)done;
}

/* Go through what is kept. @return false, with `error` */
static bool each_segment(const mps_segment_spool *spool, table_job *job, GError **error)
{
    mps_input *input = mps_input_new(mps_output_temporary(spool->output), error);
    kept_segment kept;
    char text[MPS_ROW_MAX];
    bool good = input != NULL;
    while (good) {
        const ssize_t size = read_whole(input, &kept, sizeof kept);
        if (size == 0)
            break;
        good = size == sizeof kept && kept.length < sizeof text - MPS_ROW_CHANGING_MAX &&
               read_whole(input, text, kept.length) == (ssize_t)kept.length;
        if (!good || !is_wanted(job, &kept))
            continue;
        if (job->rows)
            write_row(job, &kept, text);
        else
            job->first = MIN(job->first, kept.time);
    }
    mps_input_free(input);
    if (!good && input)
        errno = EIO;
    return good || !input || mps_export_fail(error);
}

bool mps_segment_table_write(mps_segment_spool *spool, const mps_export_file *file,
                             const mps_tracker *tracker, uint32_t connection, GError **error)
{
    table_job job = {.tracker = tracker, .connection = connection, .first = INT64_MAX};
    if (!mps_output_end(spool->output, error) || !each_segment(spool, &job, error))
        return false;
    job.rows = mps_stored_rows_begin(file, "segments", "TCP segments", specs, G_N_ELEMENTS(specs),
                                     spool->widths);
    if (!job.rows)
        return mps_export_fail(error);
    const bool read = each_segment(spool, &job, error);
    const bool written = mps_stored_rows_end(job.rows);
    return read && (written || mps_export_fail(error));
}
