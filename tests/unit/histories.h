/* histories.h: histories of two hosts for tests of the critical path, made segment by segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TEST_HISTORIES_H
#define TEST_HISTORIES_H

#include "analysis/critical_path/critical_path.h"

enum { LOST = -1 };

/* A segment. Numbers are relative: a SYN has 0, the first byte 1. */
typedef struct {
    uint32_t subflow;
    mps_direction direction;
    int64_t left, arrived; /* us; arrived: LOST */
    uint64_t seq;
    uint32_t length;
    uint64_t dsn;                    /* of its first byte; 0: the same as seq */
    uint64_t ack;                    /* 0: none */
    uint64_t data_ack;               /* 0: the same as ack */
    uint32_t window;                 /* bytes; 0: a large one */
    uint64_t sacked_from, sacked_to; /* a SACK block; both 0: none */
    bool syn, join, add_addr;
    bool unmatched; /* it arrived, but the match is not known */
    bool merged;    /* it arrived as a part of the segment that was added before it */
} shot;

typedef struct histories histories;

/** @return empty histories of a connection; freed with histories_free(). */
histories *histories_new(unsigned subflows);
void histories_free(histories *h);

/** Add a segment. Segments may be added in any order. */
void histories_add(histories *h, shot s);

/** Add the handshake of a subflow: the SYN leaves at `left`; each way takes `trip` us, each
 * reaction 100 us. @return when the third ACK left, us */
int64_t histories_open(histories *h, uint32_t subflow, int64_t left, int64_t trip);

/** Move the clock of a host. @param by  us */
void histories_move_clock(histories *h, unsigned host, int64_t by);

/** Let the clock of a host run fast from now on, which is known.
 *  @param fast  a ratio; negative: slow */
void histories_drift(histories *h, unsigned host, double fast);

/** Let the capture of a host begin at a time: it has nothing of before. @param time  us */
void histories_begin(histories *h, unsigned host, int64_t time);

/** Set which byte of the client's a host's capture takes for the first on a subflow. */
void histories_set_base(histories *h, unsigned host, uint32_t subflow, uint64_t base);

/** Let the capture of a host lack the mappings of the client's data on a subflow. */
void histories_unmap(histories *h, unsigned host, uint32_t subflow);

/** Find a path.
 *  @param hosts    bits of the hosts whose history is known
 *  @param subflow  as of mps_critical_walk()
 *  @return freed with mps_critical_path_free() */
mps_critical_path *histories_walk(histories *h, unsigned hosts, mps_direction direction,
                                  uint32_t subflow, const mps_critical_limits *limits);

/** Check that the pieces of a path join and add up. */
void histories_check(const mps_critical_path *path);

/** @return the pieces from the first to the last, one a line: "CAUSE WHY[:DETAIL] SUBFLOW> US",
 * with < for s2c; freed with g_free(). */
char *histories_text(const mps_critical_path *path);

#endif
