/* align_internal.h: two lists while they are aligned.
 *
 *   work.c      the lists, sorted by what segments say, and what is matched and refused
 *   groups.c    matches what is told by what it says
 *   conduct.c   how path and captures behave
 *   order.c     matches what is told by its place
 *   ranges.c    matches payload that is cut differently at the two ends; overlaps.c, resent.c
 *   acked.c     what arrived though no capture has it
 *   align.c     all of it, step by step
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_ALIGN_INTERNAL_H
#define MPS_ALIGN_INTERNAL_H

#include "align.h"

/* A segment in a list that is sorted by what it says. */
typedef struct {
    uint64_t digest;
    uint32_t index;
} mps_align_entry;

/* Entries that say the same: a stretch of each sorted list. */
typedef struct {
    const mps_align_entry *sent, *received;
    size_t sent_count, received_count;
} mps_align_group;

typedef struct {
    const mps_align_lists *lists;
    mps_align_entry *sent, *received; /* sorted by digest, then index */
    size_t sent_count, received_count;
    bool cut;                /* options of a segment were cut by the snaplen, at either end */
    bool kept[MPS_BY_COUNT]; /* the path leaves it alone: tells apart what is alike */
    bool sure[MPS_BY_COUNT]; /* so surely that what differs is another segment */
    uint32_t *receiver_of;   /* for each sent one: the received one, or MPS_NONE */
    uint32_t *sender_of;     /* for each received one: the sent one, or MPS_NONE */
    uint8_t *sent_excluded;  /* mps_sent_outcome of sent ones that were refused: no part of them
                              * matches either; 0: free */
    uint8_t *excluded;       /* mps_received_outcome of received ones, likewise, and duplicates */
    bool *unmatched;         /* received ones that nothing sent says the same as */
    uint32_t refused_count, received_refused, duplicated;
    bool complete[2];     /* without payload, and with: the sender's capture misses nothing, so that
                           * what arrives twice is a copy */
    bool pieces_doubtful; /* payload that is cut differently may be of a transmission that was not
                           * captured */
    mps_path_model path_model;
    GArray *refused; /* mps_align_group, owned: those that order may tell */
} mps_align_state;

/** Prepare two lists, of which no more than `limit` segments are looked at. */
void mps_align_state_init(mps_align_state *state, const mps_align_lists *lists, size_t limit);
void mps_align_state_clear(mps_align_state *state);

/** @return a digest with one more value in it. */
static inline uint64_t mps_mix(uint64_t digest, uint64_t value)
{
    digest = (digest ^ value) * UINT64_C(0x9e3779b97f4a7c15); /* 2^64 / golden ratio */
    return digest ^ digest >> 29;
}

typedef void (*mps_align_group_visitor)(mps_align_state *state, const mps_align_group *group,
                                        void *data);

/** Walk two sorted lists, a group of equal entries at a time. */
void mps_align_each_group(mps_align_state *state, const mps_align_group *all,
                          mps_align_group_visitor visit, void *data);

/** Free the entries of a group that owns them. */
void mps_align_group_clear(const mps_align_group *group);

/** Order by digest, then index. */
void mps_align_sort(mps_align_entry *entries, size_t count);

/** @return what a segment says that may tell it from others that are alike. @param by  MPS_BY_* */
uint64_t mps_packet_property(const mps_packet *packet, unsigned by);

/** Two segments are the same. */
void mps_align_state_match(mps_align_state *state, uint32_t sent, uint32_t received);

/** What was sent once arrived several times: the rest are copies of the path. */
void mps_align_state_match_first(mps_align_state *state, const mps_align_group *group);

/** The members of a group cannot be told from one another. */
void mps_align_state_refuse(mps_align_state *state, const mps_align_group *group);

/** A match is taken back: which of several transmissions it is of cannot be told. */
void mps_align_state_refuse_match(mps_align_state *state, uint32_t sent);

/** @return whether the IP ID tells this sent segment from all others, copies of the path included
 */
bool mps_align_ip_id_is_unique(const mps_align_state *state, uint32_t sent);

/** @return how many matches precede each segment of a list; to be freed by the caller.
 *  @param partner  of each segment: receiver_of, or sender_of */
uint32_t *mps_align_ranks(const uint32_t *partner, size_t count);

/** @return the sums of segments without payload, and with. */
mps_path_statistics mps_path_model_sums(const mps_path_model *path_model);

/** Learn which properties the path leaves alone. @param prior  as for mps_align() */
void mps_path_model_learn(mps_align_state *state, const mps_preserved_fields *prior);

/**
 * Match what is told by what it says; leave copies in `refused`, and what was seen of the path in
 * `conduct`.
 */
void mps_align_unique(mps_align_state *state);

/** Learn from what is matched how the path and the captures behave: completes `conduct`. */
void mps_path_model_observe(mps_align_state *state);

/** Tell whether the sender's capture is complete, and take back matches of which some are likely to
 * be of copies that were not captured.
 *  @param prior  as for mps_align() */
void mps_path_model_refuse_doubtful(mps_align_state *state, const mps_path_model *prior);

/** @return share of the sent payload that overlaps other payload, sent with the same timestamps and
 *  acknowledgement number. */
double mps_align_share_resent(const mps_align_state *state);

/** Match copies that their place among the others tells, and refuse the rest. */
void mps_align_by_order(mps_align_state *state, const mps_path_model *prior);

/**
 * Match unmatched payload by its bytes: those that one transmission only can be. A segment that is
 * sent whole and received in pieces has a match for each piece. What could be of several is
 * refused, with matches of which the same is true.
 * @return mps_match, by `sent`; to be freed by the caller
 */
GArray *mps_align_by_bytes(mps_align_state *state);

/** Find data that the receiver acknowledged though no capture has its arrival.
 *  @param matches  mps_match, by `sent`
 *  @param fates    of the sent ones: set
 *  @return how many */
uint32_t mps_align_find_acked(const mps_align_lists *lists, const GArray *matches,
                              uint8_t *outcomes);

#endif
