/* mib_internal.h: what the files that count share.
 *
 *   mib.c              what a host's TCP accepts; options, mappings and fallback
 *   handshakes.c       handshakes
 *   checksum_errors.c  wrong checksums
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_MIB_INTERNAL_H
#define MPS_MIB_INTERNAL_H

#include "analysis/hmac.h"
#include "mib.h"

/* What the SYN of a subflow asked for. */
typedef enum {
    MPS_MIB_OPENS_NOTHING,    /* it had no MPTCP option, or was not captured */
    MPS_MIB_OPENS_CONNECTION, /* MP_CAPABLE */
    MPS_MIB_OPENS_SUBFLOW,    /* MP_JOIN */
} mps_mib_opens;

/* What is known of a subflow. Arrays are by half: they are about its sender's host. */
typedef struct {
    mps_mib_opens opens;
    uint32_t syn, synack;       /* frames; 0: not seen */
    uint32_t third;             /* frame of the first ACK with MP_JOIN; 0: not seen */
    uint8_t third_hmac;         /* mps_check: its HMAC */
    bool backup, backup_synack; /* backup flag of the SYN, of the SYN/ACK */
    bool repeated_plain;        /* the SYN was repeated without MP_CAPABLE */
    bool agreed;                /* the SYN/ACK has the option of the SYN */
    bool sent_after_synack;     /* the initiator sent a segment after the SYN/ACK */
    bool established;           /* the initiator received a DATA_ACK or ADD_ADDR */
    bool join_decided;          /* the responder accepted or refused the third ACK */
    bool sent_mptcp[2];         /* the host sent an MPTCP option */
    bool fell_back[2];          /* the host fell back to TCP */
    bool reset[2];              /* the host's socket is gone, by RST */
    uint64_t received_until[2]; /* what the host had received when it fell back or was reset; 0: not
                                   yet */
    uint64_t fin[2];            /* sequence number of the FIN; 0: none seen */
    uint64_t mapped[2];         /* mappings seen reach up to here; 0: none */
} mps_mib_flow;

/* What is known of a host, by the direction of a connection that it sends. */
typedef struct {
    bool has_removal;
    int64_t removal; /* time of the last REMOVE_ADDR that the host accepted, ns */
} mps_mib_host;

typedef struct {
    GArray *events; /* mps_mib_event */
    GArray *flows;  /* mps_mib_flow by id of the subflow */
    GArray *hosts;  /* mps_mib_host by space_id */
} mps_mib_state;

/* The current segment. */
typedef struct {
    mps_mib_state *state;
    const mps_view *view;
    const mps_segment *segment;
    mps_mib_flow *flow;
    unsigned sender, receiver; /* halves */
    uint64_t seq;              /* sequence number of the segment; does not wrap */
    bool options_accepted;     /* the receiver's MPTCP accepts its options */
} mps_mib_segment;

/** Count the current segment, once, at the host of a half. */
void mps_mib_count(const mps_mib_segment *current, mps_mib_counter counter, unsigned half);

/** Likewise for a segment seen before. @param frame  of that segment */
void mps_mib_count_frame(const mps_mib_segment *current, mps_mib_counter counter, unsigned half,
                         uint32_t frame);

/** Append an event at the host of a half. @param event  without its counter and half_id */
void mps_mib_add(const mps_mib_segment *current, mps_mib_counter counter, unsigned half,
                 mps_mib_event event);

/** The host of a half falls back: it uses MPTCP no longer on this subflow. */
void mps_mib_stop_mptcp(const mps_mib_segment *current, unsigned half);

/** @return the end of what was sent in a half from the beginning, without a hole, and of the FIN if
 *  it follows: what the receiver can have received in order. @param fin  mps_mib_flow.fin */
uint64_t mps_mib_received(const mps_flow *flow, unsigned half, uint64_t fin);

/** @return whether a connection has accepted subflows besides this one. */
bool mps_mib_has_others(const mps_flow *flow);

/** Count what a SYN shows. */
void mps_mib_syn(const mps_mib_segment *current);

/** Count what a SYN/ACK shows. */
void mps_mib_synack(const mps_mib_segment *current);

/** Count what any other segment shows of the handshake. */
void mps_mib_handshake(const mps_mib_segment *current);

/** @return the segment's option; NULL: it has none of this subtype. */
static inline const mps_option *mps_mib_option(const mps_mib_segment *current, mps_subtype subtype)
{
    return mps_segment_option(current->segment, subtype);
}

/** @return whether the segment has a TCP flag. @param flag  MPS_TCP_* */
static inline bool mps_mib_has_flag(const mps_mib_segment *current, uint16_t flag)
{
    return (current->segment->flags & flag) != 0;
}

/** @return whether the segment is a RST that answers a SYN: its sequence number is 0 (RFC 9293
 *  section 3.10.7.1). */
static inline bool mps_mib_refuses_syn(const mps_mib_segment *current)
{
    return mps_mib_has_flag(current, MPS_TCP_RST) && mps_mib_has_flag(current, MPS_TCP_ACK) &&
           current->segment->seq == 0;
}

#endif
