/* copies.h: segments that the capture shows more than once: on several interfaces, before and after
 * NAT, at both ends of the path.
 *
 *   sights.c       what was captured lately; finds the other sights of a segment
 *   place.c        which place counts
 *   copies.c       which sight of a segment counts
 *   held.c         segments that wait for that decision
 *   copies_info.c  tells callers of the library what was decided
 *
 * A *sight* is a segment as one frame shows it. The sights of one segment form a group; one of them
 * counts, the others are copies. A *place* is where a sight was captured: interface, way, link
 * addresses, and the addresses that NAT changes. A segment that comes to one place twice is no
 * copy, because the network duplicated it, or the sender sent it again. Only where nearly every
 * segment comes twice although nothing tells the places apart, those are copies, too.
 *
 * The sight that counts is that nearest to the client, or to the server where the capture was made
 * on it: so all times of a connection are of one place. What the other end sends passes that place
 * last. Its earlier sights are held back until the one that counts comes, or it is answered without
 * it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_COPIES_H
#define MPS_COPIES_H

#include "tracker_internal.h"

/* Sights that are remembered: more than the segments under way on a path of 1 Gbit/s and 100 ms,
 * both directions. A power of two. */
#define MPS_SIGHTS 16384u

/* Four times as many buckets as sights, so that most segments find theirs empty. */
#define MPS_SIGHT_BUCKETS (4 * MPS_SIGHTS)

/* Where nothing but the order tells places apart, it matters which one counts only from here on,
 * ns. */
#define MPS_SPREAD_NS 1000000

/* How well the looks of a segment tell it from others that are sent soon. */
typedef enum {
    MPS_SIGHT_ACK,  /* an ACK without timestamp and IP ID: not at all */
    MPS_SIGHT_DATA, /* payload or SYN without both */
    MPS_SIGHT_FIRM,
} mps_sight_weight;

/* A segment as one frame shows it. Sights are numbered; numbers are compared by their difference.
 */
typedef struct {
    mps_link_facts link;
    int64_t time;
    uint64_t options;           /* digest, where it is needed to tell segments apart; else 0 */
    uint32_t half_id;           /* of the sender, as in mps_view */
    uint32_t seq, length;       /* in one place with half_id: mps_sights_cover() compares them */
    uint32_t ack, tsval, tsecr; /* 0 where the segment has none */
    int32_t ip_id;
    uint16_t flags, window;
    uint8_t ttl;
    bool has_timestamps;
    bool cut;          /* the snaplen cut options, timestamps perhaps among them */
    uint8_t size;      /* of an original: sights in its group */
    bool apart;        /* of an original: its group has sights at several places */
    bool repeated;     /* of an original: its group has several sights at one place */
    uint32_t ends;     /* mps_ends.number */
    uint32_t frame;    /* of an original: that counts */
    uint32_t original; /* the first sight of the group */
    uint32_t record;   /* of an original: its mps_copy while it is held; 0: it is not */
    uint32_t number;   /* of an original: among those of its half, from 1 */
} mps_sight;

/* What leads to a sight. Most sights in the bucket of a segment do not look like it. They are in no
 * cache any more; these are. */
typedef struct {
    uint32_t older; /* the next older sight in this bucket, or one that is forgotten */
    uint32_t tag;   /* equal where the sights look the same, and hardly ever where they do not */
} mps_sight_link;

/* The sights of a segment that were found. */
typedef struct {
    mps_sight *elsewhere; /* the original of a group that this place has not shown yet; or NULL */
    mps_sight *here;      /* the original of the latest group that this place has shown; or NULL */
} mps_sights_found;

/* A segment that did not count when it came. */
typedef struct {
    uint32_t frame;
    uint32_t of;   /* frame that counts in its place; 0: not known (yet), or it counts itself */
    uint32_t via;  /* mps_copy of the original that was held: both stand for the same; 0: none */
    uint32_t late; /* its verdict in `late` after all, from 1; 0: none */
    GList *far; /* where it waits for a nearer sight, in mps_flow_copies.far; NULL: it does not */
} mps_copy;

/* A segment that waits for the decision whether it counts. */
typedef struct {
    mps_flow *flow;
    unsigned half;
    uint32_t sight;  /* its number */
    uint32_t record; /* mps_copy */
    mps_segment segment;
} mps_held;

struct mps_copies {
    uint32_t next;                     /* number of the next sight */
    GArray *records;                   /* mps_copy, from 1 */
    GArray *late;                      /* mps_verdict of segments that count after all */
    GPtrArray *fed;                    /* their mps_held since the last segment */
    unsigned held;                     /* segments of all flows */
    uint8_t near_side;                 /* of the latest flow that chose one; flows begin with it */
    bool repeats;                      /* in one TCP connection nearly every segment came twice */
    uint32_t heads[MPS_SIGHT_BUCKETS]; /* by hash: the latest sight */
    mps_sight_link links[MPS_SIGHTS];  /* of `sights` */
    mps_sight sights[MPS_SIGHTS];      /* ring */
};

/* sights.c */

/** Remember a segment, as the original of a group of its own.
 *  @param half_id  of its sender @param ends  number of its ends
 *  @return the sight, kept until MPS_SIGHTS more are added */
mps_sight *mps_sights_add(mps_copies *copies, const mps_segment *segment, uint32_t half_id,
                          uint32_t ends);

/** @return whether it is known on which interface a segment was captured. */
bool mps_sight_interface_known(const mps_sight *sight);

/** @return how well the looks of a segment tell it from others. */
mps_sight_weight mps_sight_weight_of(const mps_sight *sight);

/** @return a hash of where a sight was captured, the same for both directions. */
uint64_t mps_sight_location(const mps_sight *sight);

/** @return whether nothing tells the places of two sights apart. */
bool mps_sights_at_same_place(const mps_sight *a, const mps_sight *b);

/** Find the earlier sights of a segment. @param proven  MPS_SIGHT_ACK counts, too */
mps_sights_found mps_sights_find(mps_copies *copies, const mps_sight *sight, bool proven);

/** Find a sight of a segment that has other ends, so that its half is not known.
 *  @return NULL: there is none */
const mps_sight *mps_sights_find_any(mps_copies *copies, const mps_segment *segment);

/** Find a sight at another place that carries payload of a sight in other boundaries: segmentation
 *  offload differs by place. @return NULL: there is none, or the payload was sent again */
const mps_sight *mps_sights_cover(mps_copies *copies, const mps_sight *sight);

/** Find an original that carries payload of a sight in other boundaries, of which it is not known
 *  whether its place is another: by timestamps and IP ID both are of one segment that was sent.
 *  @param after  only older ones are looked at: `sight`, or the one that was found last; NULL: all
 *  @return NULL: there is none */
mps_sight *mps_sights_part(mps_copies *copies, const mps_sight *sight, const mps_sight *after);

/** @return whether a sight is not forgotten. */
static inline bool mps_sight_kept(mps_copies *copies, uint32_t number)
{
    return copies->next - number - 1 < MPS_SIGHTS;
}

/** @return the number of the next older sight in the bucket of a sight; it may be forgotten. */
static inline uint32_t mps_sight_older(const mps_copies *copies, const mps_sight *sight)
{
    return copies->links[sight - copies->sights].older;
}

/** @return a sight; NULL: it is forgotten. */
mps_sight *mps_sight_at(mps_copies *copies, uint32_t number);

/** @return the number of a sight. */
uint32_t mps_sight_number(mps_copies *copies, const mps_sight *sight);

/* place.c */

/** A segment was captured at two places: learn which one counts, and expect more.
 *  @param first, second  its sights, in the order of the file
 *  @param segment        of the second one */
void mps_place_learn(mps_tracker *tracker, mps_flow *flow, unsigned half, const mps_sight *first,
                     const mps_sight *second, const mps_segment *segment);

/** The server sends the first segment since two sights of what the client sent were captured. If
 *  the capture shows that it is its own host that sends, or that no router is on the way from the
 *  server, it was made there: the place nearest to the server counts. @param sight  of the segment
 */
void mps_place_settle(mps_copies *copies, mps_flow *flow, const mps_sight *sight);

/** @return whether a segment, of which no other sight is known, is to pass a nearer place yet. */
bool mps_place_is_far(const mps_tracker *tracker, const mps_flow *flow, unsigned half,
                      const mps_sight *sight);

/** @return whether the latest sight of a segment is the nearest one. */
bool mps_place_is_nearest(const mps_flow *flow, const mps_sight *original, const mps_sight *sight);

/* copies.c */

mps_copies *mps_copies_new(void);
void mps_copies_free(mps_copies *copies);

/**
 * Decide whether a segment counts. Segments that were held and count after all are taken in.
 * @param ends  by which its flow was found
 * @return 0: it counts; else its number in `records`
 */
uint32_t mps_copies_take(mps_tracker *tracker, const mps_ends *ends, unsigned half,
                         const mps_segment *segment);

/** @return whether nearly all segments of a half came twice, up to the latest one that did. */
bool mps_copies_nearly_all(const mps_flow_copies *state, unsigned half);

/** @return whether so many segments of a half came only once for so long that copies are not to be
 *  expected any more. @param time  of the present segment, ns */
bool mps_copies_came_once(const mps_flow *flow, unsigned half, int64_t time);

/** @return what is known of the copies of a flow before anything is; not to be written. */
mps_flow_copies *mps_flow_no_copies(void);

/** @return what is known of the copies of a flow, to be written: not what flows share. */
mps_flow_copies *mps_flow_copies_of(mps_flow *flow);

/** Free what is known of the copies of a flow, unless flows share it. */
void mps_flow_copies_free(mps_flow_copies *state);

/* held.c */

/** Hold a segment that is to pass a nearer place yet, or that may be a duplicate of the network.
 *  @param queue  one of the flow's, for the half: `far` or `undecided`
 *  @param sight  its number
 *  @return its number in `records`; 0: too many are held, it counts */
uint32_t mps_hold(mps_copies *copies, GQueue *queue, mps_flow *flow, unsigned half,
                  const mps_segment *segment, uint32_t sight);

/** A segment counts: take in those that it answers, and those that have waited too long. */
void mps_held_release(mps_tracker *tracker, mps_flow *flow, unsigned half,
                      const mps_segment *segment);

/** A nearer sight of a segment that is held came.
 *  @param original  of the segment
 *  @param of        frame of the nearer sight
 *  @param certain   false: it is not known yet whether they are copies */
void mps_held_replace(mps_copies *copies, mps_flow *flow, unsigned half, mps_sight *original,
                      uint32_t of, bool certain);

/** Decide about all repeats that a half of a flow holds.
 *  @param decided  MPS_REPEATS_ARE_COPIES or MPS_REPEATS_ARE_DUPLICATES */
void mps_held_decide(mps_tracker *tracker, mps_flow *flow, unsigned half, mps_repeats decided);

/** Decide about everything that is held, at the end. */
void mps_held_finish(mps_tracker *tracker);

#endif
