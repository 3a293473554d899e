/* mib_internal.h: what the files that count share.
 *
 *   mib.c              what a host's TCP accepts; options, mappings and fallback
 *   handshakes.c       handshakes
 *   checksum_errors.c  wrong checksums
 *   doubts.c           what only the whole capture shows: counters that are not known
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
    uint32_t capable_ack;       /* frame of the first ACK with MP_CAPABLE; 0: not seen */
    uint32_t plain_ack;         /* frame of the initiator's first ACK, if it had no MP_CAPABLE */
    uint32_t confirmed;         /* frame of the responder's first MPTCP option after the SYN/ACK */
    uint32_t plain_answer;      /* frame of its first ACK without one */
    bool no_syn;        /* there was no SYN before the SYN/ACK: `syn` is that of the SYN/ACK */
    uint32_t no_synack; /* frame of the first ACK that shows that the SYN/ACK is missing */
    uint32_t refused;   /* frame of the RST that answered the SYN */
    uint32_t missed;    /* frame of the first option that the responder would have dropped,
                         * had it fallen back for want of MP_CAPABLE */
    bool data_fallback; /* the responder fell back for payload without a mapping, before it
                         * sent a plain answer */
    bool sent_mptcp[2]; /* the host sent an MPTCP option */
    bool fell_back[2];  /* the host fell back to TCP */
    bool reset[2];      /* the host's socket is gone, by RST */
    uint64_t received_until[2]; /* what the host had received when it fell back or was reset; 0: not
                                   yet */
    uint64_t fin[2];            /* sequence number of the FIN; 0: none seen */
    uint64_t mapped[2];         /* mappings seen reach up to here; 0: none */
    uint64_t acked[2];          /* what the other host acknowledged of this half, if the capture
                                 * did not have all of it at that time; 0: it always had */
    uint32_t acked_frame[2];    /* of the first such acknowledgement */
    uint32_t cut[2];            /* frame of the first segment with cut options; 0: none */
    uint32_t cut_reset[2];      /* frame of the first RST with cut options */
    uint32_t last_mptcp[2];     /* frame of the last segment with an MPTCP option */
    uint32_t seen[2];           /* frame of the first segment that is no SYN and no RST */
} mps_mib_flow;

/* What is known of a host, by the direction of a connection that it sends. */
typedef struct {
    bool has_removal;
    int64_t removal;       /* time of the last REMOVE_ADDR that the host accepted, ns */
    uint8_t announced[32]; /* a bit for each address ID that the host announced (ADD_ADDR) */
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
 *  it follows: what the receiver can have received in order. What it acknowledged it has received,
 *  even if the capture lacks it. */
uint64_t mps_mib_received(const mps_flow *flow, const mps_mib_flow *mib, unsigned half);

/** @return whether a connection has accepted subflows besides this one. */
bool mps_mib_has_others(const mps_flow *flow);

/** Count what a SYN shows. */
void mps_mib_syn(const mps_mib_segment *current);

/** Count what a SYN/ACK shows. */
void mps_mib_synack(const mps_mib_segment *current);

/** Count what any other segment shows of the handshake. */
void mps_mib_handshake(const mps_mib_segment *current);

/** @return the segment has a valid MPTCP option. */
static inline bool mps_mib_has_option(const mps_segment *segment)
{
    return segment->mptcp_subtypes != 0;
}

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
