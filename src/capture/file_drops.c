/* file_drops.c: what the interfaces of a capture file dropped, for who reads it without a source.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/input.h"
#include "blocks.h"
#include <mptcpscope/frame_notes.h>

#define CHUNK 65536u

/* Follow the next bytes past the blocks that libpcap cannot read. */
static void follow(mps_blocks *blocks, const uint8_t *bytes, size_t size)
{
    const size_t used = mps_blocks_follow(blocks, bytes, size);
    size_t given;
    if (!mps_blocks_stopped(blocks))
        return;
    g_byte_array_unref(mps_blocks_resume(blocks, &given));
    mps_blocks_follow(blocks, bytes + used, size - used);
}

uint64_t mps_file_drops(const char *path)
{
    mps_input *input = mps_input_new(path, NULL);
    if (input == NULL)
        return 0;
    mps_blocks *blocks = mps_blocks_new();
    uint8_t *bytes = g_malloc(CHUNK);
    ssize_t got;
    while ((got = mps_input_read(input, bytes, CHUNK)) > 0)
        follow(blocks, bytes, (size_t)got);
    const uint64_t drops = mps_blocks_drops(blocks);
    g_free(bytes);
    mps_blocks_free(blocks);
    mps_input_free(input);
    return drops;
}
