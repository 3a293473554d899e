/* vantage.h: the vantage point: which end of a connection the capture was made near.
 *
 *   vantage_evidence.c  what each segment tells of it, kept while the capture is read
 *   vantage_survey.c    finds the hosts, and adds up what is known of each
 *   vantage.c           decides by all evidence of two hosts together
 *
 * docs/vantage.md explains the rules.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_VANTAGE_H
#define MPS_VANTAGE_H

#include "analysis.h"

extern const mps_analysis_kind mps_vantage_analysis;

/* The marks that a half sends, and how the other half answers them. */
typedef enum {
    MPS_ANSWER_ECHO, /* TSvals, by TSecr (RFC 7323) */
    MPS_ANSWER_ACK,  /* ends of payload, by acknowledgment numbers */
    MPS_ANSWER_KINDS
} mps_answer_kind;

/* How fast the other end answers what one end sends. */
typedef struct {
    bool timing;      /* `mark` was sent at `since` and is not answered yet */
    uint32_t mark;    /* the one that is timed */
    uint32_t answers; /* how many answers were timed; 0: `least` is not valid */
    int64_t since;    /* ns */
    int64_t least;    /* ns: of the fastest one */
} mps_answer_timer;

/* What the segments of a direction of a subflow tell of its sender. */
typedef struct {
    uint32_t in, out, other;   /* segments by mps_way */
    uint32_t fresh, forwarded; /* by TTL: as the sender set it; decremented by routers */
    uint8_t filled, unfilled;  /* segments without payload, by TCP checksum */
    /* By mps_answer_kind. Most of a flood never get so far that something is timed. */
    bool begun[MPS_ANSWER_KINDS];   /* `top` is valid */
    uint32_t top[MPS_ANSWER_KINDS]; /* the highest mark that was sent */
    mps_answer_timer *timers;       /* owned; NULL: nothing was timed */
} mps_half_evidence;

/** Take in a segment. @param own  of the half that sent it  @param peer  of the other; NULL: none
 */
void mps_vantage_take(mps_half_evidence *own, mps_half_evidence *peer, const mps_segment *segment);

/** Free what the evidence of a half holds. */
void mps_vantage_clear(mps_half_evidence *half);

/** @return the evidence of a direction of a subflow, all 0 if there is none; its timers are the
 *  tracker's.
 *  @param half_id  see mps_view.half_id */
mps_half_evidence mps_vantage_evidence(const mps_tracker *tracker, uint32_t half_id);

/* The vantage points of all connections of a capture. */
typedef struct mps_vantages mps_vantages;

/**
 * Find the vantage points by what was captured up to now.
 * @param tracker  with MPS_NEED_VANTAGE
 * @param choice   what the user knows better; NULL: nothing
 * @return freed by the caller with mps_vantages_free()
 */
mps_vantages *mps_vantages_new(const mps_tracker *tracker, const mps_near_choice *choice);
void mps_vantages_free(mps_vantages *vantages);

/** @return which end of a connection the capture is near. @param number  of the connection */
mps_near mps_vantages_near(const mps_vantages *vantages, uint32_t number);

/** Note where the user's choice contradicts the evidence, or is about no connection.
 *  @param connection  number of the only one to note; MPS_NONE: all
 *  @param notes       char *; a sentence is added for each */
void mps_vantages_notes(const mps_vantages *vantages, uint32_t connection, GPtrArray *notes);

/* The vantage point for one direction of data. */
typedef enum {
    MPS_VANTAGE_UNKNOWN,
    MPS_VANTAGE_SENDER,
    MPS_VANTAGE_MIDDLE, /* near neither */
    MPS_VANTAGE_RECEIVER
} mps_vantage;

/** @return the vantage point for a direction. */
mps_vantage mps_vantage_of(mps_near near, mps_direction direction);

#endif
