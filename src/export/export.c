/* export.c: reads a capture or a dump, and writes its segments and flows as tables.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "export_internal.h"
#include <dlfcn.h>
#include <errno.h>
#include <mptcpscope/error.h>
#include <mptcpscope/output.h>
#include <mptcpscope/replay.h>
#include <unistd.h>

struct mps_export {
    mps_export_choice choice;
    const mps_table_file *format;
    mps_output *output;
    mps_tracker *tracker;
    mps_report *flows;
    mps_segment_spool *spool;
};

bool mps_export_fail(GError **error)
{
    g_set_error_literal(error, MPS_ERROR, MPS_ERROR_OUTPUT,
                        errno ? g_strerror(errno) : "libhdf5 cannot write it");
    return false;
}

/* @return what writes the file, static; NULL, with `error` */
static const mps_table_file *load_format(GError **error)
{
    void *module = dlopen(MPS_TABLE_FILE_MODULE, RTLD_NOW | RTLD_LOCAL);
    const mps_table_file *format = module ? dlsym(module, MPS_TABLE_FILE_SYMBOL) : NULL;
    if (!format)
        g_set_error(error, MPS_ERROR, MPS_ERROR_OUTPUT,
                    "the module %s, which writes HDF5, cannot be loaded; it is part of builds with "
                    "Debian's libhdf5-dev",
                    MPS_TABLE_FILE_MODULE);
    return format;
}

/* Nothing was read yet, or all is read again. @return false, with `error` */
static bool begin(mps_export *export, GError **error)
{
    mps_segment_spool_free(export->spool);
    mps_report_free(export->flows);
    export->flows = mps_report_new("flows", export->choice.connection, NULL);
    mps_report_pass_all(export->flows);
    export->spool = mps_segment_spool_new(error);
    return export->spool != NULL;
}

mps_export *mps_export_new(const char *path, const mps_export_choice *choice, GError **error)
{
    mps_export *export = g_new0(mps_export, 1);
    export->choice = *choice;
    export->tracker = mps_tracker_new(MPS_TRACK_MPTCP);
    if ((export->format = load_format(error)) && (export->output = mps_output_open(path, error)) &&
        begin(export, error))
        return export;
    mps_export_discard(export);
    return NULL;
}

static void free_export(mps_export *export)
{
    mps_segment_spool_free(export->spool);
    mps_report_free(export->flows);
    mps_tracker_free(export->tracker);
    g_free(export);
}

void mps_export_discard(mps_export *export)
{
    if (export->output)
        mps_output_discard(export->output);
    free_export(export);
}

const mps_tracker *mps_export_tracker(const mps_export *export)
{
    return export->tracker;
}

/* ---- reading ---- */

static void take(mps_export *export, const mps_segment *segment)
{
    mps_verdict verdict;
    if (mps_tracker_segment(export->tracker, segment, &verdict)) {
        mps_report_count(export->flows, &verdict);
        mps_segment_spool_add(export->spool, segment, &verdict);
        return;
    }
    if (mps_report_wants_plain(export->flows))
        mps_report_count_plain(export->flows, segment);
    if (export->choice.plain_tcp)
        mps_segment_spool_add(export->spool, segment, NULL);
}

/* @return as mps_source_next() */
static mps_next take_all(mps_export *export, mps_source *source, GError **error)
{
    const mps_segment *segment;
    mps_next got;
    while ((got = mps_source_next(source, &segment, error)) > 0) {
        if (got == MPS_NEXT_ICMP_ERROR)
            mps_tracker_icmp(export->tracker, mps_source_icmp_error(source));
        else
            take(export, segment);
    }
    mps_tracker_finish(export->tracker);
    return got;
}

/* Take all in once more, nearer to the order of time. @return as mps_source_next() */
static mps_next take_again(mps_export *export, mps_source *source, GError **error)
{
    mps_tracker *again = mps_source_again(source, export->tracker, error);
    if (!again || !begin(export, error)) {
        mps_tracker_free(again);
        return MPS_NEXT_FAILED;
    }
    mps_tracker_free(export->tracker);
    export->tracker = again;
    return take_all(export, source, error);
}

bool mps_export_read(mps_export *export, mps_source *source, GError **error)
{
    mps_source_sort(source);
    mps_replay_follows(export->tracker);
    mps_next got = take_all(export, source, error);
    while (got == MPS_NEXT_END && mps_source_must_again(source, export->tracker))
        got = take_again(export, source, error);
    return got == MPS_NEXT_END;
}

/* ---- writing ---- */

/* Say what the tables are of, and what a reader of them should know. */
static bool describe(const mps_export *export, const mps_export_file *file, mps_source *source)
{
    GPtrArray *of_file = g_ptr_array_new_with_free_func(g_free);
    mps_source_notes(source, of_file);
    GPtrArray *notes = mps_report_notes(export->flows, export->tracker, of_file);
    g_ptr_array_add(notes, NULL);
    char *text = g_strjoinv("\n", (char **)notes->pdata);
    const bool good =
        file->format->describe(file->state, "schema", "1") &&
        (mps_source_is_live(source) ||
         file->format->describe(file->state, "capture", mps_source_capture(source))) &&
        (!*text || file->format->describe(file->state, "notes", text));
    g_free(text);
    g_ptr_array_free(notes, TRUE);
    g_ptr_array_free(of_file, TRUE);
    return good;
}

/* Write the tables. @param file  is ended  @return false, with `error` */
static bool write_tables(mps_export *export, mps_source *source, const mps_export_file *file,
                         GError **error)
{
    const bool good = mps_segment_table_write(export->spool, file, export->tracker,
                                              export->choice.connection, error) &&
                      ((mps_flow_table_write(file, export->flows, export->tracker) &&
                        describe(export, file, source)) ||
                       mps_export_fail(error));
    const bool closed = file->format->close(file->state);
    return good && (closed || mps_export_fail(error));
}

/* Copy a file to an output. @param fd  of the file, at its end  @return false, with `error`, if it
 * cannot be read */
static bool copy(int fd, FILE *out, GError **error)
{
    char block[1u << 16];
    ssize_t size = lseek(fd, 0, SEEK_SET) == 0 ? 1 : -1;
    while (size > 0 && (size = read(fd, block, sizeof block)) > 0)
        fwrite(block, 1, (size_t)size, out); /* the output keeps errors */
    return size == 0 || mps_export_fail(error);
}

/* Write the file elsewhere and copy it: libhdf5 jumps about in it and needs a name, and the output
 * has none until it is complete, or is a pipe. What is elsewhere loses its name as soon as libhdf5
 * has opened it. @return false, with `error` */
static bool write_file(mps_export *export, mps_source *source, GError **error)
{
    char *path;
    const int fd = g_file_open_tmp("mptcpscope-XXXXXX.h5", &path, error);
    if (fd < 0)
        return false;
    errno = 0;
    const mps_export_file file = {export->format, export->format->open(path)};
    const int problem = errno;
    unlink(path);
    errno = problem;
    const bool good = file.state ? write_tables(export, source, &file, error) &&
                                       copy(fd, mps_output_stream(export->output), error)
                                 : mps_export_fail(error);
    close(fd);
    g_free(path);
    return good;
}

bool mps_export_commit(mps_export *export, mps_source *source, GError **error)
{
    if (!write_file(export, source, error)) {
        mps_export_discard(export);
        return false;
    }
    mps_output *output = export->output;
    free_export(export);
    return mps_output_commit(output, error);
}
