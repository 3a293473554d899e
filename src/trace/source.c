/* source.c: reads segments from a capture or from a dump.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture/capture.h"
#include "dump/dump_reader.h"
#include <mptcpscope/source.h>

struct mps_source {
    mps_dump *dump; /* one of these two; the other is NULL */
    mps_capture *capture;
    char *name; /* of the capture */
};

mps_source *mps_source_open(const char *path, GError **error)
{
    mps_input *input = mps_input_new(path, error);
    if (!input)
        return NULL;
    mps_source *source = g_new0(mps_source, 1);
    if (mps_dump_begins(input))
        source->dump = mps_dump_from(input, error);
    else
        source->capture = mps_capture_from(input, error);
    if (!source->dump && !source->capture) {
        g_free(source);
        return NULL;
    }
    const char *name = source->dump ? mps_dump_capture(source->dump) : NULL;
    source->name = name ? g_strdup(name) : g_path_get_basename(path);
    return source;
}

int mps_source_next(mps_source *source, mps_segment *segment, GError **error)
{
    return source->dump ? mps_dump_next(source->dump, segment, error)
                        : mps_capture_next(source->capture, segment, error);
}

const char *mps_source_capture(const mps_source *source)
{
    return source->name;
}

void mps_source_close(mps_source *source)
{
    if (!source)
        return;
    mps_dump_close(source->dump);
    mps_capture_close(source->capture);
    g_free(source->name);
    g_free(source);
}
