/* file-end.h: what a capture file lacks, as notes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_FILE_END_H
#define MPTCPSCOPE_PLUGIN_FILE_END_H

#include <glib.h>
#include <mptcpscope/frame_notes.h>

/** Add the notes on a capture file, those of mps_source_notes() in its order: whether it lacks its
 *  end, what frames were not understood, how many packets its interfaces dropped.
 *  @param path    of the file; NULL: it is not known, or not complete yet
 *  @param frames  those on its frames
 *  @param notes   of sentences, which g_free() frees */
void mptcpscope_file_notes(const char *path, const mps_frame_notes *frames, GPtrArray *notes);

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
