/* replay.c: runs a fuzz target on files, where it is built without a fuzzer: on its corpus, or on a
 * finding.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        GError *error = NULL;
        char *data;
        gsize size;
        if (!g_file_get_contents(argv[i], &data, &size, &error)) {
            fprintf(stderr, "%s\n", error->message);
            g_error_free(error);
            return 1;
        }
        LLVMFuzzerTestOneInput((const uint8_t *)data, size);
        g_free(data);
    }
    return 0;
}
