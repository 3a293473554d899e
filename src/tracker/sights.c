/* sights.c: what was captured lately; finds the other sights of a segment (copies.h).
 *
 * Sights are in a ring, chained by a hash of what does not change on the way. Looking up and adding
 * one takes constant time. Every segment pays for it, so a sight holds plain members, and they are
 * compared only where the hashes are equal.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/bytes.h"
#include "base/likely.h"
#include "base/times.h"
#include "copies.h"
#include <string.h>

/* Sights of one bucket that are looked at: more would be an attack. */
#define STEPS_MAX 64u

/* Sights that are looked at for payload in other boundaries. */
#define COVER_STEPS_MAX 1024u

/* How far two sights of a segment can be apart, ns. With a timestamp or an IP ID nothing else looks
 * like it: the time is that of a long path, and of clocks that differ. Other data can be sent again
 * after a retransmission timeout (RFC 6298: at least 1 s; Linux: 200 ms), and an ACK at any time.
 */
static const int64_t apart_max[] = {
    [MPS_SIGHT_ACK] = 10000000,
    [MPS_SIGHT_DATA] = 150000000,
    [MPS_SIGHT_FIRM] = 10000000000,
};

/* The random numbers of a SYN: two SYNs of a host whose ISN and IP ID are alike differ in them. 0:
 * it has none, or the path removed the option. */
static uint64_t handshake_numbers(const mps_segment *segment)
{
    const mps_option *join = mps_segment_option(segment, MPS_MP_JOIN);
    const mps_option *capable = mps_segment_option(segment, MPS_MP_CAPABLE);
    if (join)
        return MAX((uint64_t)join->join.token << 32 | join->join.nonce, 1);
    return capable && capable->capable.keys > 0 ? MAX(capable->capable.sender_key, 1) : 0;
}

/* What tells segments apart that are alike otherwise. Of ACKs it is the end of the options:
 * DATA_ACK or mapping of a DSS are there. It is needed only where nothing else does: some paths
 * remove options. */
static uint64_t options_of(const mps_segment *segment)
{
    uint64_t end = 0;
    if (MPS_UNLIKELY(segment->flags & MPS_TCP_SYN))
        return handshake_numbers(segment);
    if (segment->ip_id <= 0 && segment->options_captured >= sizeof end &&
        !segment->options_truncated)
        memcpy(&end, segment->options + segment->options_captured - sizeof end, sizeof end);
    return end;
}

static inline void fill(mps_sight *sight, const mps_segment *segment)
{
    sight->link = segment->link;
    sight->time = segment->time;
    sight->options = options_of(segment);
    sight->seq = segment->seq;
    sight->ack = segment->flags & MPS_TCP_ACK ? segment->ack : 0;
    sight->tsval = segment->tsval;
    sight->tsecr = segment->tsecr;
    sight->length = segment->length;
    sight->ip_id = segment->ip_id;
    sight->flags = segment->flags;
    sight->window = segment->window;
    sight->ttl = segment->ttl;
    sight->has_timestamps = segment->has_timestamps;
    sight->cut = segment->options_truncated && !segment->has_timestamps;
    sight->frame = segment->frame;
}

/* Linux cooked v1 and PKTAP frames are of several interfaces, as a rule, and do not tell of which.
 * They are those that have a way, but no destination. */
bool mps_sight_interface_known(const mps_sight *sight)
{
    const mps_link_facts *link = &sight->link;
    const bool several = link->way != MPS_WAY_UNKNOWN && link->destination == 0;
    return link->link_index != 0 || (link->interface != MPS_NONE && !several);
}

mps_sight_weight mps_sight_weight_of(const mps_sight *sight)
{
    if (sight->has_timestamps || sight->ip_id > 0)
        return MPS_SIGHT_FIRM;
    return sight->length > 0 || sight->flags & MPS_TCP_SYN ? MPS_SIGHT_DATA : MPS_SIGHT_ACK;
}

/* The link addresses, the same for both directions; 0 unless both are known. */
static uint64_t link_pair(const mps_sight *sight)
{
    const mps_link_facts *link = &sight->link;
    return link->source != 0 && link->destination != 0 ? link->source ^ link->destination : 0;
}

uint64_t mps_sight_location(const mps_sight *sight)
{
    const uint64_t interface = (uint64_t)sight->link.interface << 32 | sight->link.link_index;
    return ((interface ^ sight->ends * MPS_FNV_PRIME_64) * MPS_GOLDEN_RATIO_64) ^ link_pair(sight);
}

/* Where no interface is known, another TTL shows that a router was passed. */
bool mps_sights_at_same_place(const mps_sight *a, const mps_sight *b)
{
    return a->ends == b->ends && mps_link_facts_equal(&a->link, &b->link) &&
           (a->ttl == b->ttl || mps_sight_interface_known(a));
}

static bool options_agree(const mps_sight *a, const mps_sight *b)
{
    return a->options == b->options ||
           (a->flags & MPS_TCP_SYN && (a->options == 0 || b->options == 0));
}

/* The snaplen can cut more at one place than at another, where a tunnel begins or ends. */
static bool timestamps_agree(const mps_sight *a, const mps_sight *b)
{
    return (a->tsval == b->tsval && a->tsecr == b->tsecr) || a->cut || b->cut;
}

/* Neither addresses, ports, checksum nor TTL are compared: NAT and routers change them. */
static bool looks_same(const mps_sight *a, const mps_sight *b)
{
    return a->seq == b->seq && a->ack == b->ack && timestamps_agree(a, b) && a->ip_id == b->ip_id &&
           a->length == b->length && a->flags == b->flags && a->window == b->window &&
           options_agree(a, b) && mps_apart(a->time, b->time) <= apart_max[mps_sight_weight_of(a)];
}

mps_sight *mps_sight_at(mps_copies *copies, uint32_t number)
{
    return mps_sight_kept(copies, number) ? &copies->sights[number % MPS_SIGHTS] : NULL;
}

uint32_t mps_sight_number(mps_copies *copies, const mps_sight *sight)
{
    return copies->next - (copies->next - (uint32_t)(sight - copies->sights)) % MPS_SIGHTS;
}

/* Do numbers and IP ID tell it from others? If not, its timestamp does. */
static bool tells_id(const mps_sight *sight)
{
    return sight->ip_id > 0 || sight->flags & MPS_TCP_SYN;
}

static uint64_t hash_of(const mps_sight *sight)
{
    const uint64_t numbers = (uint64_t)sight->seq << 32 | sight->ack;
    const uint64_t others = tells_id(sight) ? (uint32_t)sight->ip_id : (uint64_t)sight->tsval << 24;
    return (numbers ^ others) * MPS_GOLDEN_RATIO_64;
}

/* Hosts count the IP ID up. So segments that follow one another have neighbouring buckets, and most
 * of those that are needed next are in a processor's cache. */
static inline uint32_t bucket_of(const mps_sight *sight)
{
    if (MPS_LIKELY(sight->ip_id > 0))
        return (((sight->seq + sight->ack) >> 8) + (uint32_t)sight->ip_id) % MPS_SIGHT_BUCKETS;
    return (uint32_t)(hash_of(sight) >> 48) % MPS_SIGHT_BUCKETS;
}

static uint32_t tag_of(const mps_sight *sight)
{
    return (uint32_t)(hash_of(sight) >> 16);
}

/* The next sight at `number` or older that looks like the segment.
 * @param steps  sights that may be looked at; what is left of them */
static mps_sight *next_like(mps_copies *copies, const mps_sight *sight, uint32_t number,
                            unsigned *steps)
{
    const uint32_t tag = tag_of(sight);
    while (*steps > 0 && mps_sight_kept(copies, number)) {
        const mps_sight_link *link = &copies->links[number % MPS_SIGHTS];
        mps_sight *other = &copies->sights[number % MPS_SIGHTS];
        --*steps;
        if (link->tag == tag && looks_same(other, sight))
            return other;
        number = link->older;
    }
    return NULL;
}

/* The latest sight of the same segment at the same place. */
static const mps_sight *find_here(mps_copies *copies, const mps_sight *sight,
                                  const mps_sight *other)
{
    unsigned steps = STEPS_MAX;
    while (other && (other->half_id != sight->half_id || !mps_sights_at_same_place(other, sight)))
        other = next_like(copies, sight, mps_sight_older(copies, other), &steps);
    return other;
}

/* Every place shows the same segments in the same order. So the segment is the oldest one that this
 * place has not shown. */
mps_sights_found mps_sights_find(mps_copies *copies, const mps_sight *sight, bool proven)
{
    mps_sights_found found = {0};
    unsigned steps = STEPS_MAX;
    mps_sight *other = next_like(copies, sight, mps_sight_older(copies, sight), &steps);
    if (!other)
        return found;
    const mps_sight *here = find_here(copies, sight, other);
    if (here)
        found.here = mps_sight_at(copies, here->original);
    if (mps_sight_weight_of(sight) == MPS_SIGHT_ACK && !proven)
        return found;
    for (; other; other = next_like(copies, sight, mps_sight_older(copies, other), &steps)) {
        mps_sight *original = mps_sight_at(copies, other->original);
        if (original && other->half_id == sight->half_id &&
            (!here || (int32_t)(other->original - here->original) > 0))
            found.elsewhere = original;
    }
    return found;
}

/* Nothing but the ends of two sights differs. */
static bool at_same_spot(const mps_sight *a, const mps_sight *b)
{
    return a->ttl == b->ttl && mps_link_facts_equal(&a->link, &b->link);
}

const mps_sight *mps_sights_find_any(mps_copies *copies, const mps_segment *segment)
{
    unsigned steps = STEPS_MAX;
    mps_sight sight;
    fill(&sight, segment);
    if (mps_sight_weight_of(&sight) == MPS_SIGHT_ACK)
        return NULL;
    const uint32_t latest = copies->heads[bucket_of(&sight)];
    const mps_sight *other = next_like(copies, &sight, latest, &steps);
    /* A host that does not choose its numbers at random sends SYNs that look the same, too. */
    while (other && at_same_spot(other, &sight))
        other = next_like(copies, &sight, mps_sight_older(copies, other), &steps);
    return other;
}

/* A step back in the ring. */
static inline const mps_sight *before(const mps_copies *copies, const mps_sight *sight)
{
    return sight == copies->sights ? &copies->sights[MPS_SIGHTS - 1] : sight - 1;
}

/* Does a sight have some of these payload bytes? */
static inline bool overlap(const mps_sight *sight, uint32_t seq, uint32_t length)
{
    return (sight->seq - seq < length && sight->length > 0) || seq - sight->seq < sight->length;
}

/* Could both be cut from, or merged to, the same super-segment? The pieces of one have its IP ID
 * and those that follow (Linux: inet_gso_segment()); what is sent again has a later one. */
static bool ids_agree(const mps_sight *a, const mps_sight *b)
{
    const uint32_t bytes = b->seq - a->seq, ids = (uint32_t)(b->ip_id - a->ip_id) & 0xffff;
    if ((int32_t)bytes < 0)
        return ids_agree(b, a);
    return a->ip_id <= 0 || b->ip_id <= 0 ? a->ip_id == b->ip_id
                                          : ids <= bytes / MIN(a->length, b->length);
}

static bool sent_as_one(const mps_sight *a, const mps_sight *b)
{
    return a->ack == b->ack && timestamps_agree(a, b) && ids_agree(a, b);
}

const mps_sight *mps_sights_cover(mps_copies *copies, const mps_sight *sight)
{
    const uint32_t half_id = sight->half_id, seq = sight->seq, length = sight->length;
    const mps_sight *found = NULL, *other = &copies->sights[copies->next % MPS_SIGHTS];
    for (unsigned i = 0; i < COVER_STEPS_MAX; i++) {
        other = before(copies, other);
        if (other->half_id != half_id || !overlap(other, seq, length) ||
            other->original == sight->original)
            continue;
        const bool here = mps_sight_location(other) == mps_sight_location(sight);
        if (here && !mps_sight_interface_known(sight) && sent_as_one(other, sight))
            continue; /* it is another interface, perhaps */
        if (here || (other->seq == seq && other->length == length))
            return NULL; /* it was sent again */
        found = other;
    }
    return found;
}

mps_sight *mps_sights_part(mps_copies *copies, const mps_sight *sight, const mps_sight *after)
{
    const int64_t apart = apart_max[mps_sight_weight_of(sight)];
    const uint32_t first = after ? copies->next - mps_sight_number(copies, after) : 0;
    for (uint32_t i = first + 1; i <= COVER_STEPS_MAX; i++) {
        mps_sight *other = mps_sight_at(copies, copies->next - i);
        if (!other || mps_apart(other->time, sight->time) > apart)
            return NULL;
        if (other->half_id == sight->half_id && overlap(other, sight->seq, sight->length) &&
            other != sight && other->original == copies->next - i && sent_as_one(other, sight) &&
            mps_sight_location(other) == mps_sight_location(sight))
            return other;
    }
    return NULL;
}

mps_sight *mps_sights_add(mps_copies *copies, const mps_segment *segment, uint32_t half_id,
                          uint32_t ends)
{
    mps_sight *sight = &copies->sights[copies->next % MPS_SIGHTS];
    fill(sight, segment);
    uint32_t *bucket = &copies->heads[bucket_of(sight)];
    copies->links[copies->next % MPS_SIGHTS] = (mps_sight_link){*bucket, tag_of(sight)};
    sight->half_id = half_id;
    sight->ends = ends;
    sight->original = copies->next;
    sight->record = 0;
    sight->size = 1;
    sight->apart = sight->repeated = false;
    *bucket = copies->next++;
    return sight;
}
