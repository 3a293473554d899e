/* window-frames.h: the numbers of frames in a text, and going from one to the next.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_WINDOW_FRAMES_H
#define MPTCPSCOPE_PLUGIN_WINDOW_FRAMES_H

#include <glib.h>
#include <stdint.h>

/* Starts all zero. */
typedef struct {
    GArray *numbers; /* uint32_t, in the order of the text; NULL: none */
    int at;          /* index of the one that was gone to; -1: none yet */
} mptcpscope_frames;

/** Find the numbers in a text: those after "frame", and all in a list after "frames". */
void mptcpscope_frames_find(mptcpscope_frames *frames, const char *text);

/** Free what is held. */
void mptcpscope_frames_clear(mptcpscope_frames *frames);

/**
 * Go to the next or previous number of the text. If the user has gone to another frame meanwhile,
 * and the text has it, go on from there.
 * @param selected  the frame that is selected now  @param step  1 or -1
 * @return its number; 0: there is no other in this direction
 */
uint32_t mptcpscope_frames_go(mptcpscope_frames *frames, uint32_t selected, int step);

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
