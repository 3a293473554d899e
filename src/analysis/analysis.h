/* analysis.h: what reports need beyond verdicts; the interface that all analyses share.
 *
 *   analysis.c       the list of analyses; passes each segment to those that were asked for
 *   events.c         options that announce something, fallback, acknowledgement of the DATA_FIN
 *   checksum.c       DSS checksums, verified
 *   hmac.c           HMACs of MP_JOIN and ADD_ADDR, verified (no analysis: called by reports)
 *   transmissions.c  every transmission of data bytes, and which of them carry the same bytes
 *   data_ack.c       how much was acknowledged at connection level, and when
 *   milestones.c     first and last segments, first retransmission, FIN, RST, what was acknowledged
 *   new_data.c       when new data came, and over which subflow
 *   first_seen.c     when each data byte was captured first
 *   rtt.c            round-trip times of subflows and at data level
 *   answers.c        which transmission an acknowledgement answers; for rtt.c
 *   flight.c         what was sent and is not acknowledged yet; for answers.c
 *   series.c         progress of each segment, for intervals
 *   reordering.c     the order in which bytes arrive
 *   arrival_notes.c  what a replay of arrivals needs of each segment; for reordering.c
 *   held_data.c      how much data came before data that precedes it; for reordering.c
 *   held_heap.c      what arrived above a gap; for held_data.c and reassembly.c
 *   record_merge.c   reads what was kept of segments in the order of time
 *   reassembly.c     the receiver's reassembly queue; for reordering.c and field_records.c
 *   vantage.c        which end of each connection the capture is near; vantage.h has its files
 *   notes.c          what a reader of any report should know of the segments (no analysis)
 *   field_records.c  a record per segment, for mps_fields_of()
 *   critical_path/   what each moment of a transfer waited for
 *   limits/          what the sender waited for
 *   mib/             the counters of Linux's MPTCP
 *
 * An analysis sees every segment right after the tracker took it in. It keeps what a report needs
 * as items with the number of the frame that they belong to, so that a filter can choose among them
 * at the end. An analysis runs only if a report asks for it (mps_analyses_want()).
 *
 * Items of a direction of a subflow are kept by mps_view.half_id, items of a direction of a
 * connection by mps_view.space_id. Both are small numbers that stay the same when connections are
 * merged or client and server are swapped. Sequence numbers are extended (see tracker_state.h),
 * except where a comment says "as on the wire".
 *
 * A new analysis is a file here and an entry in the list of analysis.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_ANALYSIS_H
#define MPS_ANALYSIS_H

#include "tracker/tracker_state.h"
#include <mptcpscope/analysis.h>

/* An analysis. analysis.c calls the functions. */
typedef struct {
    unsigned need;                                      /* MPS_NEED_* bits that ask for it */
    bool plain;                                         /* it takes plain TCP in, too */
    void *(*begin)(void);                               /* returns a new state */
    void (*segment)(void *state, const mps_view *view); /* takes in a segment */
    void (*end)(void *state);                           /* frees the state */
} mps_analysis_kind;

/** @return the state of an analysis, owned by the tracker; NULL: it was not asked for */
void *mps_analysis_state(const mps_tracker *tracker, const mps_analysis_kind *kind);

/** @return the space_id of a connection's direction. @param number  of the connection */
uint32_t mps_analysis_space(const mps_tracker *tracker, uint32_t number, mps_direction direction);

/** @return the half_id of a subflow's direction. @param id  of the subflow */
uint32_t mps_analysis_half(const mps_tracker *tracker, uint32_t id, mps_direction direction);

/** Describe a data sequence number.
 *  @param id    of the subflow
 *  @param half  of the subflow, that sends the data
 *  @param dsn   64 bits, as on the wire */
mps_dsn mps_analysis_dsn(const mps_tracker *tracker, uint32_t id, unsigned half, uint64_t dsn);

/** @return the address of an element of an array, which owns it and grows as needed; valid until it
 *  grows.
 *  @param array  made with `clear`: new elements are all zero */
void *mps_analysis_slot(GArray *array, uint32_t index);

/** `begin` of an analysis that keeps one array for each space_id. @return a GArray of GArray * */
void *mps_analysis_begin_arrays(void);

/** `end` of such an analysis: frees all arrays. */
void mps_analysis_end_arrays(void *state);

/** @return the array of a space, to append to; created if there is none yet. The state owns it.
 *  @param spaces  the state of such an analysis
 *  @param size    of an element, bytes */
GArray *mps_analysis_array_slot(GArray *spaces, uint32_t space_id, guint size);

/** @return the array of a space of such an analysis, owned by the tracker; NULL: nothing was kept
 */
const GArray *mps_analysis_array(const mps_tracker *tracker, const mps_analysis_kind *kind,
                                 uint32_t space_id);

#endif
