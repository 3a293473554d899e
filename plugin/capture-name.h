/* capture-name.h: which capture file is read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_CAPTURE_NAME_H
#define MPTCPSCOPE_PLUGIN_CAPTURE_NAME_H

/** @return the path of the capture file that is read, as the program's arguments give it; NULL if
 * it is not known or the capture is live. The caller frees it with g_free(). */
char *mptcpscope_capture_path(void);

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
