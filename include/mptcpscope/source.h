/* source.h: reads segments and ICMP errors from a file, which is a capture or a dump; its content
 * decides which.
 *
 * Segments come in the order of the file, but for mps_source_sort(). If that is not the order of
 * time, mps_source_must_again() says so in the end, and mps_source_again() gives them again.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_SOURCE_H
#define MPTCPSCOPE_SOURCE_H

#include <glib.h>
#include <mptcpscope/tracker.h>

/* An open capture or dump. */
typedef struct mps_source mps_source;

/** Open a dump or a capture, compressed or not. @param path  "-": standard input
 *  @return the source, closed by the caller with mps_source_close(); NULL, with `error`, when the
 *  file cannot be read or is neither */
mps_source *mps_source_open(const char *path, GError **error);

/** Read the next TCP segment or ICMP error about one. A file that is cut off ends with its last
 *  whole segment; see mps_source_cut_off().
 *  @param segment  set, where MPS_NEXT_SEGMENT is returned, to the segment, which `source` owns;
 *                  valid until the next call
 *  @return MPS_NEXT_FAILED: `error` */
mps_next mps_source_next(mps_source *source, const mps_segment **segment, GError **error);

/** @return the ICMP error, after mps_source_next() came to one; owned by `source`. */
const mps_icmp_error *mps_source_icmp_error(const mps_source *source);

/** Before the first segment: bring the segments of several interfaces into the order of time as
 * they are read. From now on the segments of a file that can be read only once are kept instead,
 * for mps_source_again(); other files are read again. Reading ends early where a file turns out to
 * be in another order, for mps_source_must_again() to tell. */
void mps_source_sort(mps_source *source);

/** After MPS_NEXT_END: must all segments be taken in again, by mps_source_again()? Then the same is
 * asked at their end. @param read  took them in; mps_replay_follows() told it */
bool mps_source_must_again(const mps_source *source, const mps_tracker *read);

/** After MPS_NEXT_END: give all segments once more, nearer to the order of time.
 *  @param read  took them in
 *  @return the tracker that shall take them in now, which the caller frees; NULL, with `error`, if
 *  the file cannot be read again */
mps_tracker *mps_source_again(mps_source *source, const mps_tracker *read, GError **error);

/** @return where the file is cut off, as a clause ("the file is cut off after frame 7"), owned by
 *  `source`; NULL: it is not, as far as it was read. */
const char *mps_source_cut_off(const mps_source *source);

/** @return the time at which the capture begins, that of its first frame (of a dump: of its first
 *  segment), ns since the epoch; valid once a segment was read. */
int64_t mps_source_start(const mps_source *source);

/* How far a file was read. Any thread may look. */
typedef struct mps_position mps_position;

/** @return how far the file was read, which goes on as it is read; the caller ends its use with
 *  mps_position_unref(), also after the source was closed. */
mps_position *mps_source_position(const mps_source *source);

/** @return bytes of the file that were read. @param size  set to the bytes of the file; 0: not
 * known */
uint64_t mps_position_read(const mps_position *position, uint64_t *size);

/** Use a position no longer. */
void mps_position_unref(mps_position *position);

/** @return the name of the capture, owned by `source`: the name of the file without its folder
 * ("-": standard input), or the name that the dump gives. */
const char *mps_source_capture(const mps_source *source);

/** @return whether that is no name of a file: of a capture that comes through a pipe. */
bool mps_source_is_live(const mps_source *source);

/** @return how many packets the capture's interfaces report as dropped (isb_ifdrop and isb_osdrop
 * of pcapng), complete once mps_source_next() has returned 0; 0: none reported, and for dumps */
uint64_t mps_source_drops(const mps_source *source);

/** Append what a reader of any report on the file should know of it, as far as it was read.
 *  @param notes  char *, one sentence each, which the array frees with g_free() */
void mps_source_notes(const mps_source *source, GPtrArray *notes);

/** @return whether the file is a pipe, a terminal or the like, whose segments may still be captured
 *  while it is read. */
bool mps_source_is_stream(const mps_source *source);

/** Let a descriptor end such a source: as soon as it is readable, what the source holds by then is
 *  read, and that is the end. @param descriptor  stays open while the source is read */
void mps_source_stop_at(mps_source *source, int descriptor);

/** Close a source; NULL is allowed. */
void mps_source_close(mps_source *source);

#endif
