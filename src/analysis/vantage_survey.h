/* vantage_survey.h: the hosts of a capture, and what is known of them and of the paths between
 * them; for vantage.c.
 *
 * A host is what has an address that is an end of a connection. All addresses of an end of one
 * connection are one host.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_VANTAGE_SURVEY_H
#define MPS_VANTAGE_SURVEY_H

#include "vantage.h"

/* By times the capture is near an end if the time from the capture to that end and back is at most
 * 1 / MPS_NEAR_PART of the round-trip time. It includes the time that the host takes to answer:
 * with emulated hosts that alone was up to a fifth. */
#define MPS_NEAR_PART 4

/* ns. Hosts take some 0.1 ms to answer: with a round-trip time that is not much longer, times do
 * not tell the vantage point. */
#define MPS_NEAR_RTT_MIN 1000000

/* A host, by all that it sent and received. */
typedef struct {
    uint64_t sent, received;   /* segments that went out, of those it sent; came in, to it */
    uint64_t contradicts;      /* segments whose way contradicts that it captured */
    uint64_t fresh, forwarded; /* as in mps_half_evidence; what it sent */
    uint64_t filled, unfilled;
} mps_host;

/* Two hosts, by paths between them. ns */
typedef struct {
    int64_t to[2]; /* from the capture to the client, and to the server, and back */
    bool near[2];  /* a path on its own shows that the capture is near it */
} mps_distance;

/* Two hosts. */
typedef struct {
    mps_distance all;  /* by all paths */
    mps_distance sure; /* by those where the slower end answered often enough */
} mps_host_pair;

/* A survey of the capture. */
typedef struct {
    const mps_tracker *tracker;
    GHashTable *addresses; /* index + 1 by mps_address, which flows own */
    GArray *parent;        /* uint32_t by index of an address: another address of its host */
    GArray *hosts;         /* host, by index of the address that stands for all of the host */
    GArray *ends;          /* uint32_t[2] by number of a connection: an address of each end */
    GHashTable *paths;     /* path by two indices of addresses */
    GHashTable *pairs;     /* pair by two hosts */
} mps_survey;

/** Survey the capture. @param survey  filled in; the caller ends it with mps_survey_end() */
void mps_survey_begin(mps_survey *survey, const mps_tracker *tracker);
void mps_survey_end(mps_survey *survey);

/** @return the number of the host at an end of a connection; MPS_NONE: none is known.
 *  @param side  MPS_CLIENT or MPS_SERVER */
uint32_t mps_survey_host_at(const mps_survey *survey, uint32_t connection, unsigned side);

/** @return the number of the host with an address; MPS_NONE: there is none. */
uint32_t mps_survey_host_with(const mps_survey *survey, const mps_address *address);

/** @return a host. */
const mps_host *mps_survey_host(const mps_survey *survey, uint32_t number);

/** @return two hosts, owned by the survey; all 0 if nothing is known of paths between them. */
const mps_host_pair *mps_survey_pair(const mps_survey *survey, uint32_t client, uint32_t server);

#endif
