/* frame_reader.h: what a module offers that reads a capture file which libpcap cannot read.
 *
 * The module is loaded when such a file is read. It is not linked: its libraries would make each
 * start of the command slower.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_FRAME_READER_H
#define MPS_FRAME_READER_H

#include <stddef.h>
#include <stdint.h>

#include <mptcpscope/frame_notes.h>

/* The file name of the module, and the name of the mps_frame_reader that it exports. */
#define MPS_FRAME_READER_MODULE "mptcpscope-wiretap.so"
#define MPS_FRAME_READER_SYMBOL "mps_wiretap_reader"

/* The link type of a frame that holds no packet. */
#define MPS_FRAME_NO_PACKET (-1)

/* A frame as a module gives it. */
typedef struct {
    int link_type;           /* LINKTYPE_*, MPS_LINK_TYPE_UNKNOWN, or MPS_FRAME_NO_PACKET */
    const uint8_t *bytes;    /* `captured` of them, valid until the next frame is read */
    size_t captured, length; /* length: on the wire */
    int64_t seconds;         /* since 1970 */
    int nanoseconds;
} mps_read_frame;

typedef enum {
    MPS_READ_FRAME,   /* a frame */
    MPS_READ_END,     /* the file has ended */
    MPS_READ_CUT_OFF, /* it ends within a block */
    MPS_READ_FAILED,
} mps_read_result;

typedef struct {
    /** Open a pcapng file, which may be a pipe.
     *  @param problem  set to the reason on errors, freed by the caller with g_free()
     *  @return the state of the reader, for the other functions; NULL on errors */
    void *(*open)(const char *path, char **problem);

    /** Read the next frame. @param problem  as in open(), with MPS_READ_FAILED only */
    mps_read_result (*next)(void *state, mps_read_frame *frame, char **problem);

    void (*close)(void *state);
} mps_frame_reader;

#endif
