/* blame.h: who took the time of a transfer: the network, the hosts, or both together.
 *
 * Each piece of the critical path is the network's, the hosts', or of both; docs/summary.md says
 * which is whose, and why. The pieces add up to the time elapsed, so these do, too.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_BLAME_H
#define MPS_BLAME_H

#include "analysis/critical_path/critical_path.h"

/* Who took time. */
typedef enum {
    MPS_PARTY_NETWORK,
    MPS_PARTY_HOSTS,
    MPS_PARTY_BOTH,    /* round trips that a window or a buffer of a host asks for: less of either
                        * would have saved time. Data that a host bound to a slow path. Pacing, which
                        * may follow the path's rate */
    MPS_PARTY_UNKNOWN, /* the captures do not show it */
} mps_party;
#define MPS_PARTIES (MPS_PARTY_UNKNOWN + 1)

/* What they took it for. */
typedef enum {
    MPS_PART_RATE,        /* the network: queues and the time that a segment needs on the line */
    MPS_PART_LOSS,        /* until data that the network lost were sent again, and round trips in a
                           * window small after that */
    MPS_PART_HANDSHAKES,  /* ways of SYNs and their answers */
    MPS_PART_WAYS,        /* ways of data that nothing held up */
    MPS_PART_APPLICATION, /* hosts: the sender's application had nothing to send */
    MPS_PART_READER,      /* the receiver's application had not read, and the window was full */
    MPS_PART_LATE_ACKS,   /* the receiver acknowledged late */
    MPS_PART_REACTIONS,   /* a host's reaction to an arrival */
    MPS_PART_CONGESTION_WINDOW, /* both: round trips for it before any loss */
    MPS_PART_RECEIVE_WINDOW,    /* round trips for it */
    MPS_PART_SEND_BUFFER,       /* round trips until there was room in it */
    MPS_PART_NAGLE,             /* round trips of small segments */
    MPS_PART_HELD,              /* the scheduler had bound data to a subflow that could not yet
                                 * send them */
    MPS_PART_PACING,            /* the sender spread its segments */
    MPS_PART_ARRIVED, /* unknown: until data were sent again that had arrived: late, or the receiver
                       * dropped them, or the sender erred */
    MPS_PART_STALLED, /* an idle application, or a subflow without acknowledgements */
    MPS_PART_UNEXPLAINED, /* the captures do not show what was waited for */
} mps_part;
#define MPS_PARTS (MPS_PART_UNEXPLAINED + 1)

typedef struct {
    int64_t elapsed;              /* ns */
    int64_t parts[MPS_PARTS];     /* they add up to `elapsed`, ns */
    int64_t parties[MPS_PARTIES]; /* likewise */
} mps_blame;

/* Whether it was the network. */
typedef enum {
    MPS_ANSWER_NETWORK,
    MPS_ANSWER_HOSTS,   /* it was not */
    MPS_ANSWER_NEITHER, /* neither it nor the hosts alone */
    MPS_ANSWER_UNKNOWN,
} mps_answer;

/* The share of the time elapsed from which on one party has an answer to itself: without all the
 * others the transfer would still have taken three quarters of its time. */
#define MPS_ANSWER_SHARE 0.75

/** @return the word of output, static: "network", "hosts", "both", "unknown". */
const char *mps_party_name(mps_party party);

/** @return the word of output, static: "rate", "receive-window". */
const char *mps_part_name(mps_part part);

/** @return the same in a sentence, static: "the rate of the path". */
const char *mps_part_words(mps_part part);

/** @return whose a part is. */
mps_party mps_party_of(mps_part part);

/** @return the word of output, static: "network", "hosts", "neither"; NULL: unknown. */
const char *mps_answer_name(mps_answer answer);

/* What became of a transmission between both captures. */
typedef enum { MPS_FATE_UNKNOWN, MPS_FATE_LOST, MPS_FATE_ARRIVED } mps_fate;

/* What the comparison knows of the segments of a path. */
typedef struct {
    /* @param piece  a recovery; its `from` is the transmission before
     * @return what became of that */
    mps_fate (*fate_of)(const mps_critical_piece *piece, const void *data);

    /* @param subflow  index  @return whether it certainly lost data of a direction, so that the
     *                        congestion window of their sender was small after loss */
    bool (*lost_data)(uint32_t subflow, mps_direction direction, const void *data);
    const void *data;

    /* A capture is shown to miss segments. What a host seems to have waited for may be one of
     * those: its time is then not explained. */
    bool misses_segments;
} mps_blame_evidence;

/** Gather a path. @param path  one that is known  @param data  the direction of its data */
mps_blame mps_blame_of(const mps_critical_path *path, mps_direction data,
                       const mps_blame_evidence *evidence);

/** Answer whether it was the network.
 *  @param slack  ns by which the time elapsed, and the network's part of it, may be wrong: the
 * error of the clocks. An answer holds for all such times; -1: nothing is known of it */
mps_answer mps_answer_of(const mps_blame *blame, int64_t slack);

/** @return the answer in a sentence, or why there is none. @param slack  as above */
char *mps_answer_text(const mps_blame *blame, int64_t slack);

#endif
