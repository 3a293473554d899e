/* fuzz_file.c: reads an input as a file, which is a capture or a dump.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "oracles.h"

#include <glib/gstdio.h>
#include <mptcpscope/source.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GError *error = NULL;
    char *path = input_file("input", data, size);
    mps_source *source = mps_source_open(path, &error);
    GPtrArray *segments = segments_new();
    const mps_next got = segments_read(segments, source, &error);
    if ((got < 0) != (error != NULL)) /* an error has a message, and only an error */
        abort();
    g_clear_error(&error);
    mps_source_close(source);
    check_segments(segments);
    g_ptr_array_unref(segments);
    g_unlink(path);
    g_free(path);
    return 0;
}
