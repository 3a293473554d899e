/* mib_internal.h: what the parts of counting share.
 *
 *   mib.c            options, mappings, falling back, and what a host's TCP takes in
 *   mib-handshake.c  handshakes
 *   mib-checksum.c   checksums
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_MIB_INTERNAL_H
#define MPS_MIB_INTERNAL_H

#include "analysis/hmac.h"
#include "mib.h"

typedef enum { OPENS_NOTHING, OPENS_CONNECTION, OPENS_SUBFLOW } mps_mib_opens;

/* What is known of a subflow. Arrays are by half: its sender's host. */
typedef struct {
    mps_mib_opens opens;  /* what its SYN asked for */
    uint32_t syn, synack; /* frames; 0: not seen */
    uint32_t third;       /* the first ACK with MP_JOIN; 0: not seen */
    uint8_t third_hmac;   /* mps_check */
    bool backup, backup_synack;
    bool gave_up;       /* the SYN was repeated without MP_CAPABLE */
    bool agreed;        /* the SYN/ACK had the SYN's option */
    bool spoke;         /* the initiator did, behind the SYN/ACK */
    bool established;   /* at the initiator: heard from the responder what only MPTCP says */
    bool judged;        /* the responder let the third ACK in, or did not */
    bool speaks[2];     /* the host sent an MPTCP option */
    bool plain[2];      /* the host fell back to TCP */
    bool dead[2];       /* the host's socket is gone, by RST */
    uint64_t until[2];  /* if plain or dead: what the host had received by then */
    uint64_t fin[2];    /* the number of the FIN; 0: none seen */
    uint64_t mapped[2]; /* mappings seen reach up to here; 0: none */
} mps_mib_flow;

/* What is known of a direction of a connection: of its sender's host. */
typedef struct {
    bool has_removal;
    int64_t removal; /* time of the last REMOVE_ADDR that reached the host */
} mps_mib_host;

typedef struct {
    GArray *events; /* mps_mib_event */
    GArray *flows;  /* mib_flow, by the subflow's id */
    GArray *hosts;  /* mib_host, by space_id */
} mps_mib_state;

/* A segment at hand. */
typedef struct {
    mps_mib_state *state;
    const mps_view *view;
    const mps_segment *segment;
    mps_mib_flow *flow;
    unsigned sender, receiver; /* halves */
    uint64_t seq;              /* of the segment, without wrap */
    bool heard;                /* the receiver's MPTCP takes its options in */
} mps_mib_segment;

/* The host of a half counted something: the segment at hand, or one seen before. */
void mps_mib_count(const mps_mib_segment *look, mps_mib_counter counter, unsigned half);
void mps_mib_count_frame(const mps_mib_segment *look, mps_mib_counter counter, unsigned half,
                         uint32_t frame);
void mps_mib_add(const mps_mib_segment *look, mps_mib_counter counter, unsigned half,
                 mps_mib_event event);

/* The host of a half does not speak MPTCP on this subflow any more. */
void mps_mib_go_plain(const mps_mib_segment *look, unsigned half);

/* The number behind all that was sent in a half, and can be read on from there without a hole. */
uint64_t mps_mib_received(const mps_flow *flow, unsigned half, uint64_t fin);

/* Whether a connection has subflows that were accepted besides this one. */
bool mps_mib_has_others(const mps_flow *flow);

/* Take in a SYN, a SYN/ACK, and what any other segment says of the handshake. */
void mps_mib_syn(const mps_mib_segment *look);
void mps_mib_synack(const mps_mib_segment *look);
void mps_mib_handshake(const mps_mib_segment *look);

static inline const mps_option *mps_mib_option(const mps_mib_segment *look, mps_subtype subtype)
{
    return mps_segment_option(look->segment, subtype);
}

static inline bool mps_mib_has_flag(const mps_mib_segment *look, uint16_t flag)
{
    return (look->segment->flags & flag) != 0;
}

/* A RST that answers a SYN: there is no number to go on from. */
static inline bool mps_mib_refuses_syn(const mps_mib_segment *look)
{
    return mps_mib_has_flag(look, MPS_TCP_RST) && mps_mib_has_flag(look, MPS_TCP_ACK) &&
           look->segment->seq == 0;
}

#endif
