/* tracker_internal.h: the tracker's state, shared by its parts.
 *
 *   tracker.c     takes segments in: finds their flow, runs them through the parts below
 *   flow.c        TCP: the table of flows, ends, handshake, closing
 *   connection.c  connections: tokens and keys, joining, merging, numbers
 *   option.c      what each MPTCP option says to the flow and its connection
 *   data.c        sequence spaces: mappings, new / retransmitted / reinjected
 *   info.c        describes connections and subflows to the outside
 *
 * What reports need beyond verdicts is not kept here but in ../analysis.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TRACKER_INTERNAL_H
#define MPS_TRACKER_INTERNAL_H

#define MPS_TRACKER_STATE /* writable here */
#include "tracker_state.h"

/* The two ends of a TCP connection in canonical order. */
typedef struct {
    uint8_t address[2][16];
    uint16_t port[2];
    uint8_t length;
    uint8_t padding[3];
} mps_flow_key;

/* The numbers of connections. They are put right when somebody asks for one: merging is rare,
 * asking is not. That changes no connection, so that a const tracker may do it. */
typedef struct {
    GPtrArray *alive; /* mps_connection that were not merged into another, by number */
    bool valid;
} mps_numbering;

struct mps_tracker {
    mps_track what;
    GHashTable *table;      /* mps_flow_key → mps_flow, the latest one */
    GPtrArray *flows;       /* by id */
    GPtrArray *connections; /* by order; NULL where one was merged into another */
    mps_numbering *numbering;
    GHashTable *tokens;    /* token → GPtrArray of mps_connection */
    mps_tracker_hook hook; /* all zero: none is set */
    GArray *pieces;        /* mps_piece of the segment at hand; NULL: nobody wants them */
    uint32_t orders;       /* connections ever begun */
    uint32_t generation;
    mps_flow_key last_key; /* the flow of the segment before, for bursts */
    mps_flow *last_flow;
};

/* flow.c */
mps_flow *mps_flow_of(mps_tracker *tracker, const mps_segment *segment, unsigned *half);
void mps_flow_free(mps_flow *flow);
void mps_flow_segment(mps_flow *flow, unsigned half, const mps_segment *segment);
void mps_flow_close(mps_flow *flow, unsigned half, const mps_segment *segment);
mps_subflow_state mps_flow_state(const mps_flow *flow);
/* view.c */
void mps_view_segment(mps_tracker *tracker, mps_flow *flow, unsigned half,
                      const mps_segment *segment, const mps_verdict *verdict, mps_view *view);

/* flow.c, sequence numbers */
uint64_t mps_half_extend(mps_half *half, uint32_t seq);
void mps_half_set_isn(mps_half *half, uint32_t isn);

/* connection.c */
mps_connection *mps_connection_new(mps_tracker *tracker, mps_flow *flow, mps_roles roles);
void mps_connection_free(mps_connection *connection);
void mps_connection_set_key(mps_tracker *tracker, mps_flow *flow, unsigned side, uint64_t key);
void mps_connection_set_token(mps_tracker *tracker, mps_connection *connection, unsigned side,
                              uint32_t token);
mps_connection *mps_connection_by_token(const mps_tracker *tracker, uint32_t token);
void mps_connection_attach(mps_connection *connection, mps_flow *flow);
mps_connection *mps_connection_merge(mps_tracker *tracker, mps_connection *a, mps_connection *b,
                                     bool flip);
void mps_connection_seek(mps_tracker *tracker, mps_flow *flow, unsigned half,
                         const mps_option *dss);
bool mps_connection_ended(const mps_connection *connection);
void mps_tracker_renumber(const mps_tracker *tracker);

/* option.c */
void mps_flow_options(mps_tracker *tracker, mps_flow *flow, unsigned half,
                      const mps_segment *segment, mps_verdict *verdict);

/* data.c */
uint64_t mps_space_extend(mps_space *space, uint64_t number, bool is_64);
void mps_space_set_key(mps_space *space, uint64_t idsn);
void mps_flow_map(mps_flow *flow, unsigned half, uint64_t start, uint64_t end, uint64_t dsn,
                  mps_verdict *verdict);
void mps_flow_dss(mps_flow *flow, unsigned half, const mps_segment *segment, const mps_option *dss,
                  mps_verdict *verdict);
void mps_flow_payload(mps_flow *flow, unsigned half, const mps_segment *segment,
                      mps_verdict *verdict);
void mps_flow_fall_back(mps_flow *flow, mps_fallback reason, mps_verdict *verdict);
void mps_flow_continue_unmapped(mps_flow *flow, unsigned half, mps_verdict *verdict);
void mps_flow_acknowledged(mps_flow *flow, unsigned half);

#endif
