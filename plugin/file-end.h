/* file-end.h: what a capture file lacks: its end, and packets that its interfaces dropped.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_FILE_END_H
#define MPTCPSCOPE_PLUGIN_FILE_END_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    bool cut_off;     /* something that is not whole follows the frames */
    uint32_t frames;  /* number of whole ones */
    uint64_t dropped; /* packets, as the statistics blocks of pcapng say */
} mptcpscope_file_end;

/** Read a file to its end.
 *  @return what it lacks; nothing if it cannot be read */
mptcpscope_file_end mptcpscope_file_end_of(const char *path);

#endif

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
