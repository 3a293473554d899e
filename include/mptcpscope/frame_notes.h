/* frame_notes.h: notes on frames that are not understood and on what a file lacks, and the ICMP
 * errors in frames, for who reads frames without a source.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_FRAME_NOTES_H
#define MPTCPSCOPE_FRAME_NOTES_H

#include <glib.h>
#include <mptcpscope/icmp_error.h>

/* The link type of a frame that the reader has no number for. */
#define MPS_LINK_TYPE_UNKNOWN (-2)

typedef struct mps_frame_notes mps_frame_notes;

/** @return notes on no frame yet, freed by the caller with mps_frame_notes_free(). */
mps_frame_notes *mps_frame_notes_new(void);
void mps_frame_notes_free(mps_frame_notes *notes);

/**
 * Take a frame. Frames come in the order of the capture.
 * @param link_type  LINKTYPE_* as in a capture file, or MPS_LINK_TYPE_UNKNOWN
 * @param bytes      `captured` of them
 * @param length     bytes on the wire
 * @param has_tcp    TCP was found in it
 * @param icmp       filled in where true is returned, except frame and time; of its link facts,
 *                   those that the link header tells
 * @return whether the frame holds an ICMP error about a TCP segment
 */
bool mps_frame_notes_take(mps_frame_notes *notes, int link_type, const uint8_t *bytes,
                          size_t captured, size_t length, bool has_tcp, mps_icmp_error *icmp);

/** Say which frames were not understood, in the sentences of mps_source_notes().
 *  @param sentences  char *, freed by the array */
void mps_frame_notes_add(const mps_frame_notes *notes, GPtrArray *sentences);

/** @param clause  as mps_source_cut_off() gives it  @return the note on it, freed by the caller */
char *mps_cut_off_note(const char *clause);

/** @param path  of a file in any format
 *  @return how many packets the interfaces dropped, by the statistics blocks of a pcapng file; 0
 * for other files */
uint64_t mps_file_drops(const char *path);

/** @param packets  number of them that the capture lacks because its interfaces dropped them
 *  @return the note on it, freed by the caller */
char *mps_drops_note(uint64_t packets);

#endif
