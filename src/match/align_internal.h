/* align_internal.h: the state of two lists while they are aligned.
 *
 *   align.c             runs all steps and composes the result
 *   align_state.c       the lists sorted by digest, and what is matched or refused so far
 *   align_unique.c      matches segments that their header fields determine
 *   align_path_model.c  learns which fields the path preserves, and how path and captures behave
 *   align_by_order.c    matches indistinguishable segments by their position
 *   align_by_bytes.c    matches payload that the two captures cut differently
 *   align_overlaps.c    finds the sent payload that overlaps a range of bytes
 *   byte_cover.c        which bytes of a stream a list of segments holds
 *   partners.h          an index from one capture to the other
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_ALIGN_INTERNAL_H
#define MPS_ALIGN_INTERNAL_H

#include "align.h"
#include "base/bytes.h"

/* A segment in a list that is sorted by a digest of some of its header fields. */
typedef struct {
    uint64_t digest;
    uint32_t index; /* in mps_align_lists */
} mps_align_entry;

/* Entries with equal digests: a run of each sorted list. */
typedef struct {
    mps_align_entry *sent, *received;
    size_t sent_count, received_count;
} mps_align_group;

/* Segment numbers are indices into mps_align_lists. */
typedef struct {
    const mps_align_lists *lists;
    mps_align_entry *sent, *received; /* sorted by digest, then index */
    size_t sent_count, received_count;
    bool options_cut; /* the snaplen cut the options of a segment, at either end */
    bool preserved[MPS_PATH_FIELD_COUNT]; /* the path preserves the field: a pair in which it
                                           * differs is refused */
    bool decisive[MPS_PATH_FIELD_COUNT];  /* it does so nearly always: segments in which it differs
                                           * are different segments */
    uint32_t *receiver_of;                /* received segment of each sent one, or MPS_NONE */
    uint32_t *sender_of;                  /* sent segment of each received one, or MPS_NONE */
    uint8_t *sent_excluded;     /* by sent segment: 0, or the mps_sent_outcome of a refused one,
                                 * which no later step may match, not even in part */
    uint8_t *received_excluded; /* by received segment: 0, or the mps_received_outcome of a refused
                                 * one or of a duplicate */
    bool *unmatched;            /* by received segment: no sent segment has equal fields */
    uint32_t sent_ambiguous, received_ambiguous, duplicated; /* counts of segments */
    bool complete[2];  /* [0]: without payload, [1]: with: the sender's capture misses nothing, so
                        * that a segment that arrives twice was duplicated by the path */
    bool bytes_unsafe; /* payload that is cut differently may belong to a transmission that was not
                        * captured */
    mps_path_model path_model;
    GArray *undetermined; /* mps_align_group, each owning its entries: groups whose members only
                           * order may tell apart */
} mps_align_state;

/** Prepare to align two lists.
 *  @param limit  how many segments of each list are used at most
 *  @param state  set; the caller clears it with mps_align_state_clear() */
void mps_align_state_init(mps_align_state *state, const mps_align_lists *lists, size_t limit);

/** Free what a state owns. */
void mps_align_state_clear(mps_align_state *state);

/** @return a digest that includes one more value. */
static inline uint64_t mps_mix(uint64_t digest, uint64_t value)
{
    digest = (digest ^ value) * MPS_GOLDEN_RATIO_64;
    return digest ^ digest >> 29;
}

/** Called for each group. @param data  as given to mps_align_each_group() */
typedef void (*mps_align_group_visitor)(mps_align_state *state, const mps_align_group *group,
                                        void *data);

/** Visit the groups of equal digests of two sorted lists, in ascending order of the digest. One
 *  side of a group may be empty. */
void mps_align_each_group(mps_align_state *state, const mps_align_group *all,
                          mps_align_group_visitor visit, void *data);

/** Free the entries of a group that owns them. */
void mps_align_group_clear(const mps_align_group *group);

/** Sort by digest, then index. */
void mps_align_sort(mps_align_entry *entries, size_t count);

/** @return the value of a field, or a digest of it. Options that are absent give 0. */
static inline uint64_t mps_path_field_value(const mps_packet *packet, mps_path_field field)
{
    switch (field) {
    case MPS_PATH_FIELD_IP_ID:
        return (uint64_t)(int64_t)packet->ip_id;
    case MPS_PATH_FIELD_TIMESTAMPS:
        return (uint64_t)packet->tsval << 32 | packet->tsecr;
    case MPS_PATH_FIELD_WINDOW:
        return packet->window;
    case MPS_PATH_FIELD_PUSH:
        return packet->flags & MPS_TCP_PSH;
    case MPS_PATH_FIELD_OPTIONS:
        return packet->options;
    default:
        return packet->sack;
    }
}

/** Record that two segments are the same. */
void mps_align_state_match(mps_align_state *state, uint32_t sent, uint32_t received);

/** Match a segment that was sent once and arrived several times: the first arrival is the segment,
 *  the others are duplicates that the path made. */
void mps_align_state_match_first(mps_align_state *state, const mps_align_group *group);

/** Refuse the members of a group, which cannot be told apart. If the group is empty at one end,
 *  nothing is refused. */
void mps_align_state_refuse(mps_align_state *state, const mps_align_group *group);

/** Refuse a match made earlier: it cannot be determined which of several transmissions arrived. */
void mps_align_state_refuse_match(mps_align_state *state, uint32_t sent);

/** Refuse a received segment that has no match. */
void mps_align_state_refuse_received(mps_align_state *state, uint32_t received);

/** @return whether the IP ID can distinguish this sent segment: the path preserves the field, and
 *  the segment has an IP ID other than 0. The IDs of other segments are not examined. */
bool mps_align_ip_id_is_unique(const mps_align_state *state, uint32_t sent);

/** Count the matches that precede each segment of a list.
 *  @param partner  receiver_of or sender_of
 *  @return counts by segment; the caller frees them with g_free() */
uint32_t *mps_align_ranks(const uint32_t *partner, size_t count);

/** @return the sums over segments with and without payload. */
mps_path_statistics mps_path_model_sums(const mps_path_model *path_model);

/** Learn which fields the path preserves: sets `preserved` and `decisive`.
 *  @param prior  as for mps_align() */
void mps_path_model_learn(mps_align_state *state, const mps_preserved_fields *prior);

/** Match segments that their fields determine. Indistinguishable ones go to `undetermined`, and
 *  what the fields show about the path goes to `path_model`. */
void mps_align_unique(mps_align_state *state);

/** Learn from the matches how path and captures behave: completes `path_model`. */
void mps_path_model_observe(mps_align_state *state);

/** Decide whether the sender's capture is complete, and refuse matches if some of them are likely
 *  to pair one transmission with another that was not captured.
 *  @param prior  as for mps_align() */
void mps_path_model_refuse_doubtful(mps_align_state *state, const mps_path_model *prior);

/** Match indistinguishable segments that their position determines, and refuse the others.
 *  @param prior  as for mps_align() */
void mps_align_by_order(mps_align_state *state, const mps_path_model *prior);

/**
 * Match the remaining payload by its bytes, where only one transmission can be meant. A segment
 * that is sent whole and received in parts gets a match for each part. Payload that could belong to
 * several transmissions is refused, and so are earlier matches for which the same holds.
 * @return mps_match, by `sent`; the caller frees it
 */
GArray *mps_align_by_bytes(mps_align_state *state);

#endif
