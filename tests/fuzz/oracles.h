/* oracles.h: what must hold of every input, however broken it is.
 *
 * A check that fails prints what it found and aborts, as a sanitizer does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TEST_ORACLES_H
#define TEST_ORACLES_H

#include <glib.h>
#include <mptcpscope/source.h>
#include <stddef.h>
#include <stdint.h>

/* A segment or an ICMP error. */
typedef struct {
    mps_segment segment; /* owns what it points to */
    mps_icmp_error icmp;
    bool is_icmp; /* `icmp` counts; otherwise `segment` */
} item;

/** @return an empty list (item *), freed by the caller with g_ptr_array_unref() */
GPtrArray *segments_new(void);

/** Append a copy of a segment. */
void segments_add(GPtrArray *segments, const mps_segment *segment);

/** Append a copy of an ICMP error. */
void segments_add_icmp(GPtrArray *segments, const mps_icmp_error *icmp);

/** Append all segments and ICMP errors of a file.
 *  @param source  NULL: it could not be opened, and `error` says why
 *  @return MPS_NEXT_END, or MPS_NEXT_FAILED with `error` */
mps_next segments_read(GPtrArray *segments, mps_source *source, GError **error);

/**
 * Check that
 *  - data, retransmitted, reinjected and unmapped bytes add up to the payload bytes,
 *  - every json document is strictly valid (RFC 8259), without a key that stands twice,
 *  - a report alone says the same as beside all others,
 *  - the segments give the same reports as their own dump does, if there is an MPTCP connection.
 */
void check_segments(const GPtrArray *segments);

/** Write an input to a file of a folder of this process.
 *  @param name  of the file @return its path, freed by the caller */
char *input_file(const char *name, const uint8_t *data, size_t size);

/** Check that a text is a json document, strictly. @param what  for the message */
void check_json(const char *text, const char *what);

#endif
