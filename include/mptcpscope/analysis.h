/* analysis.h: analyses: what reports, fields and comparisons need beyond verdicts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_ANALYSIS_H
#define MPTCPSCOPE_ANALYSIS_H

#include <glib.h>
#include <mptcpscope/tracker.h>

/* What can be kept of each segment. The bits can be combined. */
enum {
    MPS_NEED_EVENTS = 1 << 0,         /* options that announce something, fallback */
    MPS_NEED_TRANSMISSIONS = 1 << 1,  /* every transmission of data bytes */
    MPS_NEED_RTT = 1 << 2,            /* round-trip times of subflows and of data */
    MPS_NEED_REORDERING = 1 << 3,     /* data in the order of its arrival */
    MPS_NEED_INTERARRIVAL = 1 << 4,   /* when new data came */
    MPS_NEED_SERIES = 1 << 5,         /* progress of each segment, for intervals */
    MPS_NEED_LIMITS = 1 << 6,         /* what the sender waited for */
    MPS_NEED_CHECKSUMS = 1 << 7,      /* DSS checksums, verified */
    MPS_NEED_MIB = 1 << 8,            /* the kernel's counters */
    MPS_NEED_MILESTONES = 1 << 9,     /* first and last segments, FIN, RST, what was acknowledged */
    MPS_NEED_FIELDS = 1 << 10,        /* a record per segment, for mps_fields_of() */
    MPS_NEED_FIRST_SEEN = 1 << 11,    /* when data bytes were captured */
    MPS_NEED_HEADERS = 1 << 12,       /* headers; only mps_trace_load() keeps them */
    MPS_NEED_VANTAGE = 1 << 13,       /* which end the capture was made near */
    MPS_NEED_CRITICAL_PATH = 1 << 14, /* what the critical path needs of each segment */
    /* Everything that mps_fields_of() returns. */
    MPS_NEED_ALL_FIELDS = MPS_NEED_FIELDS | MPS_NEED_EVENTS | MPS_NEED_TRANSMISSIONS |
                          MPS_NEED_RTT | MPS_NEED_CHECKSUMS,
};

/**
 * Start analyses: they see each segment that the tracker takes in from now on, which costs time and
 * memory for each segment. Call it before the first one.
 * @param tracker  owns the analyses
 * @param needs    MPS_NEED_* bits, or 0; a further call can add more
 */
void mps_analyses_want(mps_tracker *tracker, unsigned needs);

/* Of which segments fields are kept. */
typedef enum {
    MPS_FIELDS_OF_ALL,
    MPS_FIELDS_OF_NOTABLE, /* that have events or checks, or reinject data */
    MPS_FIELDS_OF_LATEST,  /* until the next one is taken in */
} mps_fields_kept;

/** Before the first segment: keep the fields (mps_fields_of()) of some segments only. That saves
 * memory, and what is found by looking at all segments stays unknown: mappings, out_of_order, hold,
 * data_in_flight, unseen. Does nothing without MPS_NEED_FIELDS. */
void mps_fields_keep(const mps_tracker *tracker, mps_fields_kept kept);

/* The result of verifying an HMAC or a checksum. */
typedef enum {
    MPS_CHECK_UNKNOWN, /* there was none, or a key, a nonce or payload was not captured */
    MPS_CHECK_OK,
    MPS_CHECK_BAD,
    MPS_CHECK_LEFTMOST, /* the HMAC of an ADD_ADDR is right, but cut to its first bytes, not its
                         * last ones */
} mps_check;

/** @return "ok", "bad" or "leftmost", static; NULL for MPS_CHECK_UNKNOWN. */
const char *mps_check_name(mps_check check);

/* The kinds of events. */
typedef enum {
    MPS_EVENT_MP_CAPABLE,
    MPS_EVENT_MP_JOIN,
    MPS_EVENT_ADD_ADDR,
    MPS_EVENT_ADD_ADDR_ECHO,
    MPS_EVENT_REMOVE_ADDR,
    MPS_EVENT_MP_PRIO,
    MPS_EVENT_MP_FAIL,
    MPS_EVENT_MP_FASTCLOSE,
    MPS_EVENT_MP_TCPRST,
    MPS_EVENT_DATA_FIN,
    MPS_EVENT_FALLBACK,
    MPS_EVENT_DSS_CHECKSUM, /* a wrong one */
    MPS_EVENT_ICMP_ERROR,   /* about a segment of a subflow */
    MPS_EVENT_OTHER,        /* an option that has no name here */
} mps_event_kind;

/** @return the event's name in reports, static ("ADD_ADDR echo"); NULL for MPS_EVENT_OTHER. */
const char *mps_event_name(mps_event_kind kind);

/* The step of a handshake that an option belongs to (RFC 8684 sections 3.1 and 3.2). */
typedef enum {
    MPS_STEP_NONE, /* it belongs to no handshake */
    MPS_STEP_SYN,
    MPS_STEP_SYNACK,
    MPS_STEP_ACK,
    MPS_STEP_DATA, /* MP_CAPABLE on the first data */
} mps_handshake_step;

/** @return "SYN", "SYN/ACK", "ACK" or "data", static; NULL for MPS_STEP_NONE. */
const char *mps_handshake_step_name(mps_handshake_step step);

/* Which end of a connection a capture was made near. */
typedef enum {
    MPS_NEAR_UNKNOWN,
    MPS_NEAR_CLIENT,
    MPS_NEAR_MIDDLE, /* near neither */
    MPS_NEAR_SERVER,
} mps_near;

/** @return "client", "middle" or "server", static; NULL for MPS_NEAR_UNKNOWN. */
const char *mps_near_name(mps_near near);

/* What a user knows of it: an end, or the host with an address; nothing where both are unset. */
typedef struct {
    mps_near near;       /* of all connections; MPS_NEAR_UNKNOWN: `address` counts */
    mps_address address; /* of the host that was near; connections of other hosts are not meant */
} mps_near_choice;

/** @return whether a choice says anything. */
static inline bool mps_near_choice_given(const mps_near_choice *choice)
{
    return choice->near != MPS_NEAR_UNKNOWN || choice->address.length > 0;
}

/** Read a choice: client, server, middle or an address.
 *  @param choice  set  @return false, with `error` MPS_ERROR_USAGE that says what is allowed */
bool mps_near_choice_from_text(const char *text, mps_near_choice *choice, GError **error);

#endif
