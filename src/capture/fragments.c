/* fragments.c: puts IP packets together that were sent in fragments (RFC 791 section 3.2, RFC 8200
 * section 4.5), in any order.
 *
 * As in Wireshark, only fragments that were captured whole and whose IPv4 header checksum is right
 * take part. Pending fragments are kept until their packet is complete, so that memory is bounded
 * by what was captured.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/bytes.h"
#include "base/hash.h"
#include "capture_internal.h"
#include "segment/ip_header.h"
#include <glib.h>
#include <string.h>

/* More fragments than a packet can have, each of 8 bytes: an attack. */
#define FRAGMENTS_MAX 8192u

/* No packet is longer: its length has 16 bits. */
#define PACKET_MAX 65535u

/* What the fragments of one packet have in common. */
typedef struct {
    uint8_t source[16], destination[16];
    uint32_t id;
    uint8_t version, protocol;
    uint8_t padding[2];
} fragment_key;

/* Bytes of the packet from `start` on. */
typedef struct {
    uint32_t start, length;
    uint8_t *bytes;
} fragment;

typedef struct {
    fragment_key key;
    GArray *fragments; /* fragment, by start; the bytes are owned */
    uint8_t *header;   /* of the first fragment, ready for the whole packet; NULL: not seen */
    uint32_t header_length;
    uint32_t total; /* bytes of the payload; 0: the last fragment was not seen */
    uint64_t taken; /* fragments, repeated ones included */
} pending_packet;

struct mps_fragments {
    GHashTable *pending; /* fragment_key → pending_packet, which it is the first member of */
    mps_fragment_counts counts;
    uint8_t whole[PACKET_MAX];
};

/* A fragment as its header describes it. */
typedef struct {
    fragment_key key;
    uint32_t offset;
    bool more;
    const uint8_t *payload;
    uint32_t length;
    uint32_t header_length;  /* of what precedes the payload in the whole packet */
    uint32_t next_header_at; /* IPv6: the byte of the header that must name what follows */
    uint8_t next_header;     /* of what the packet carries */
} fragment_info;

static guint hash_key(gconstpointer key)
{
    return mps_hash_bytes(key, sizeof(fragment_key));
}

static gboolean equal_keys(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(fragment_key)) == 0;
}

static void clear_fragment(gpointer data)
{
    g_free(((fragment *)data)->bytes);
}

static void free_pending(gpointer data)
{
    pending_packet *packet = data;
    g_array_free(packet->fragments, TRUE);
    g_free(packet->header);
    g_free(packet);
}

mps_fragments *mps_fragments_new(void)
{
    mps_fragments *fragments = g_new(mps_fragments, 1);
    fragments->counts = (mps_fragment_counts){0};
    fragments->pending = g_hash_table_new_full(hash_key, equal_keys, NULL, free_pending);
    return fragments;
}

void mps_fragments_free(mps_fragments *fragments)
{
    if (!fragments)
        return;
    g_hash_table_destroy(fragments->pending);
    g_free(fragments);
}

/* The sum of a header with a right checksum is all ones (RFC 1071). */
static bool header_sum_is_right(const uint8_t *header, size_t length)
{
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < length; i += 2)
        sum += mps_load16(header + i);
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum == 0xffff;
}

/* May a packet of this protocol carry TCP? UDP carries it seldom, and is often sent in fragments.
 */
static bool may_carry_tcp(uint8_t protocol)
{
    return protocol == MPS_PROTOCOL_TCP || protocol == MPS_PROTOCOL_IPV4 ||
           protocol == MPS_PROTOCOL_IPV6 || protocol == MPS_PROTOCOL_GRE;
}

static mps_fragment_result read_ipv4(mps_fragments *fragments, const uint8_t *packet,
                                     size_t captured, fragment_info *info)
{
    if (captured < MPS_IPV4_HEADER_MIN || !mps_ipv4_is_fragment(packet))
        return MPS_FRAGMENT_NONE;
    const uint32_t header_length = (packet[0] & 0x0fu) * 4, total = mps_load16(packet + 2);
    const uint64_t counted = may_carry_tcp(packet[9]);
    if (header_length < MPS_IPV4_HEADER_MIN || total <= header_length)
        return MPS_FRAGMENT_UNUSABLE;
    if (total > captured) {
        fragments->counts.cut += counted;
        return MPS_FRAGMENT_UNUSABLE;
    }
    if (!header_sum_is_right(packet, header_length)) {
        fragments->counts.bad_checksum += counted;
        return MPS_FRAGMENT_UNUSABLE;
    }
    info->next_header = packet[9];
    info->key.version = 4;
    info->key.protocol = packet[9];
    info->key.id = mps_load16(packet + 4);
    memcpy(info->key.source, packet + 12, 4);
    memcpy(info->key.destination, packet + 16, 4);
    info->offset = (mps_load16(packet + 6) & MPS_IPV4_OFFSET) * 8u;
    info->more = mps_load16(packet + 6) & MPS_IPV4_MORE;
    info->payload = packet + header_length;
    info->length = total - header_length;
    info->header_length = header_length;
    return MPS_FRAGMENT_WAITING;
}

static mps_fragment_result read_ipv6(mps_fragments *fragments, const uint8_t *packet,
                                     size_t captured, fragment_info *info)
{
    if (captured < MPS_IPV6_HEADER)
        return MPS_FRAGMENT_NONE;
    mps_ip_place place = mps_ipv6_first(packet);
    while (mps_ip_has_next(&place) && place.protocol != MPS_PROTOCOL_FRAGMENT &&
           mps_ip_can_pass(&place, captured))
        mps_ip_next(&place, packet);
    if (place.protocol != MPS_PROTOCOL_FRAGMENT || !mps_ip_can_pass(&place, captured) ||
        !mps_ipv6_is_fragment(packet + place.at))
        return MPS_FRAGMENT_NONE;
    const uint32_t at = (uint32_t)place.at, offset = mps_load16(packet + at + 2);
    const uint32_t total = MPS_IPV6_HEADER + mps_load16(packet + 4);
    if (total <= at + 8)
        return MPS_FRAGMENT_UNUSABLE;
    if (total > captured) {
        fragments->counts.cut += may_carry_tcp(packet[at]);
        return MPS_FRAGMENT_UNUSABLE;
    }
    info->key.version = 6;
    info->key.id = mps_load32(packet + at + 4);
    memcpy(info->key.source, packet + 8, 16);
    memcpy(info->key.destination, packet + 24, 16);
    info->offset = offset & MPS_IPV6_OFFSET;
    info->more = offset & MPS_IPV6_MORE;
    info->payload = packet + at + 8;
    info->length = total - (at + 8);
    info->header_length = at;
    info->next_header_at = (uint32_t)place.named_at;
    info->next_header = packet[at];
    return MPS_FRAGMENT_WAITING;
}

/* Keep the header of the first fragment as that of the whole packet, but for its length. */
static void keep_header(pending_packet *pending, const uint8_t *packet, const fragment_info *info)
{
    if (pending->header)
        return;
    pending->header_length = info->header_length;
    pending->header = g_memdup2(packet, info->header_length);
    if (info->key.version == 4)
        pending->header[6] = pending->header[7] = 0;
    else
        pending->header[info->next_header_at] = info->next_header;
}

/* Add a fragment in its place; a repeated one is left out. */
static void add_fragment(pending_packet *pending, const fragment_info *info)
{
    guint place = pending->fragments->len;
    while (place > 0 &&
           g_array_index(pending->fragments, fragment, place - 1).start >= info->offset)
        place--;
    if (place < pending->fragments->len) {
        const fragment *next = &g_array_index(pending->fragments, fragment, place);
        if (next->start == info->offset && next->length >= info->length)
            return;
    }
    fragment added = {info->offset, info->length, g_memdup2(info->payload, info->length)};
    g_array_insert_val(pending->fragments, place, added);
}

/* Copy the payload together. @return false: bytes are missing */
static bool assemble(const pending_packet *pending, uint8_t *payload)
{
    uint32_t end = 0;
    for (guint i = 0; i < pending->fragments->len; i++) {
        const fragment *one = &g_array_index(pending->fragments, fragment, i);
        if (one->start > end)
            return false;
        if (one->start + one->length <= end || end >= pending->total)
            continue;
        const uint32_t skipped = end - one->start;
        const uint32_t length = MIN(one->length - skipped, pending->total - end);
        memcpy(payload + end, one->bytes + skipped, length);
        end += length;
    }
    return end == pending->total;
}

static void store16(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

/* Put the packet together. @return its length; 0: it is not complete, or too long */
static size_t complete(mps_fragments *fragments, const pending_packet *pending)
{
    const uint32_t total = pending->header_length + pending->total;
    if (!pending->header || pending->total == 0 || total > PACKET_MAX ||
        !assemble(pending, fragments->whole + pending->header_length))
        return 0;
    memcpy(fragments->whole, pending->header, pending->header_length);
    if (pending->key.version == 4)
        store16(fragments->whole + 2, total);
    else
        store16(fragments->whole + 4, total - MPS_IPV6_HEADER);
    return total;
}

static pending_packet *pending_of(mps_fragments *fragments, const fragment_key *key)
{
    pending_packet *pending = g_hash_table_lookup(fragments->pending, key);
    if (!pending) {
        pending = g_new0(pending_packet, 1);
        pending->key = *key;
        pending->fragments = g_array_new(FALSE, FALSE, sizeof(fragment));
        g_array_set_clear_func(pending->fragments, clear_fragment);
        g_hash_table_insert(fragments->pending, &pending->key, pending);
    }
    return pending;
}

mps_fragment_result mps_fragments_take(mps_fragments *fragments, const uint8_t *packet,
                                       size_t captured, const uint8_t **whole, size_t *length)
{
    fragment_info info = {.offset = 0};
    const unsigned version = captured > 0 ? packet[0] >> 4 : 0;
    mps_fragment_result result = MPS_FRAGMENT_NONE;
    if (version == 4)
        result = read_ipv4(fragments, packet, captured, &info);
    else if (version == 6)
        result = read_ipv6(fragments, packet, captured, &info);
    if (result != MPS_FRAGMENT_WAITING)
        return result;
    if (info.offset + info.length > PACKET_MAX)
        return MPS_FRAGMENT_UNUSABLE;
    pending_packet *pending = pending_of(fragments, &info.key);
    if (pending->fragments->len >= FRAGMENTS_MAX)
        return MPS_FRAGMENT_UNUSABLE;
    if (info.offset == 0)
        keep_header(pending, packet, &info);
    if (!info.more)
        pending->total = info.offset + info.length;
    add_fragment(pending, &info);
    pending->taken += may_carry_tcp(info.next_header);
    fragments->counts.missing += may_carry_tcp(info.next_header);
    *whole = fragments->whole;
    *length = complete(fragments, pending);
    if (*length == 0)
        return MPS_FRAGMENT_WAITING;
    fragments->counts.missing -= pending->taken;
    g_hash_table_remove(fragments->pending, &info.key);
    return MPS_FRAGMENT_WHOLE;
}

mps_fragment_counts mps_fragments_counts(const mps_fragments *fragments)
{
    return fragments->counts;
}
