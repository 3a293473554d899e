/* blocks.c: follows the blocks of a pcapng file as its bytes pass.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <limits.h>
#include <string.h>

#include "blocks.h"
#include "capture_internal.h"

/* Block types (draft-ietf-opsawg-pcapng section 4; those of Sysdig are in its Appendix). */
enum {
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 2, /* obsolete */
    BLOCK_SIMPLE_PACKET = 3,
    BLOCK_STATISTICS = 5,
    BLOCK_ENHANCED_PACKET = 6,
    BLOCK_JOURNAL = 9,
    BLOCK_SYSDIG_FIRST = 0x201,
    BLOCK_SYSDIG_LAST = 0x2ff,
    BLOCK_CUSTOM = 0xbad,
    BLOCK_CUSTOM_NO_COPY = 0x40000bad,
    BLOCK_SECTION = 0x0a0d0d0a,
};

#define BYTE_ORDER_MAGIC 0x1a2b3c4du

/* Bytes of a block that decide: the last four are the captured length of a packet block. */
#define HEAD_SIZE 24u

/* The smallest block: type, length and length again. */
#define BLOCK_MIN 12u

/* Bytes of a packet block without a packet. */
#define PACKET_MIN 32u

/* Bytes of a block that is read: the smallest has an interface's link type and snaplen; libpcap
 * refuses larger ones than the largest. */
#define KEPT_MIN 20u
#define KEPT_MAX (16u << 20)

/* The longest packet that libpcap takes where the interface sets no limit. */
#define CAPTURED_MAX 262144u

/* Options of a statistics block. */
#define OPTION_IFDROP 5u
#define OPTION_OSDROP 7u

/* Of a packet block: bytes before the packet, and options (sections 4.3 and A). */
#define PACKET_HEAD 28u
#define OPTION_END 0u
#define OPTION_FLAGS 2u

/* What libpcap does not pass on of a packet. */
typedef struct {
    uint32_t interface; /* as in mps_link_facts */
    uint32_t flags;     /* epb_flags; 0: none */
} packet_facts;

struct mps_blocks {
    bool swapped;       /* this section is not in the byte order of this host */
    bool first_swapped; /* nor is the first section */
    bool has_section, has_interface;
    bool lost;                   /* this is not pcapng, or damaged: blocks are no longer followed */
    bool stopped;                /* libpcap cannot read on */
    bool resumed;                /* another reader does */
    bool is_kept;                /* the block that passes is read, not skipped */
    uint32_t link_type, snaplen; /* of the first interface */
    uint32_t captured_max;       /* bytes of a packet that libpcap takes */
    uint8_t head[HEAD_SIZE];
    uint32_t type, length, at; /* of the block that passes: at: bytes that passed */
    GByteArray *kept;          /* of a block that is read: what passed of it */
    GByteArray *section;       /* header and interfaces of this section */
    GArray *drops;             /* uint64_t, by interface of this section */
    uint64_t earlier_drops;    /* of other sections */
    uint32_t sections;         /* that began */
    packet_facts *packets;     /* of packets that were not taken yet: from first to end */
    size_t first, end, space;
};

mps_blocks *mps_blocks_new(void)
{
    mps_blocks *blocks = g_new0(mps_blocks, 1);
    blocks->kept = g_byte_array_new();
    blocks->section = g_byte_array_new();
    blocks->drops = g_array_new(FALSE, TRUE, sizeof(uint64_t));
    return blocks;
}

void mps_blocks_free(mps_blocks *blocks)
{
    if (blocks == NULL)
        return;
    g_byte_array_unref(blocks->kept);
    g_byte_array_unref(blocks->section);
    g_array_unref(blocks->drops);
    g_free(blocks->packets);
    g_free(blocks);
}

/* ---- numbers in the byte order of the section ---- */

static uint16_t load16(const mps_blocks *blocks, const uint8_t *from)
{
    uint16_t value;
    memcpy(&value, from, sizeof value);
    return (uint16_t)(blocks->swapped ? GUINT16_SWAP_LE_BE(value) : value);
}

static uint32_t load32(const mps_blocks *blocks, const uint8_t *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return blocks->swapped ? GUINT32_SWAP_LE_BE(value) : value;
}

static uint64_t load64(const mps_blocks *blocks, const uint8_t *from)
{
    uint64_t value;
    memcpy(&value, from, sizeof value);
    return blocks->swapped ? GUINT64_SWAP_LE_BE(value) : value;
}

/* ---- drops ---- */

static uint64_t add_saturated(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* A statistics block counts from the start of the capture: the last one of an interface holds. */
static void take_statistics(mps_blocks *blocks)
{
    const uint8_t *block = blocks->kept->data;
    const uint32_t end = blocks->length - 4;
    if (end < 20)
        return;
    const uint32_t interface = load32(blocks, block + 8);
    if (interface >= blocks->drops->len)
        return;
    uint64_t dropped = 0;
    for (uint32_t at = 20; at + 4 <= end;) {
        const uint16_t option = load16(blocks, block + at);
        const uint32_t size = load16(blocks, block + at + 2);
        at += 4;
        if (size > end - at)
            break;
        if ((option == OPTION_IFDROP || option == OPTION_OSDROP) && size == 8)
            dropped = add_saturated(dropped, load64(blocks, block + at));
        at += (size + 3) & ~3u;
    }
    g_array_index(blocks->drops, uint64_t, interface) = dropped;
}

uint64_t mps_blocks_drops(const mps_blocks *blocks)
{
    uint64_t sum = blocks->earlier_drops;
    for (guint i = 0; i < blocks->drops->len; i++)
        sum = add_saturated(sum, g_array_index(blocks->drops, uint64_t, i));
    return sum;
}

unsigned mps_blocks_interfaces(const mps_blocks *blocks)
{
    return blocks->drops->len;
}

/* ---- packets ---- */

static bool is_packet(uint32_t type)
{
    return type == BLOCK_PACKET || type == BLOCK_SIMPLE_PACKET || type == BLOCK_ENHANCED_PACKET;
}

/* @return epb_flags among the options of a packet block, or 0 */
static uint32_t find_flags(const mps_blocks *blocks, const uint8_t *block, uint32_t end)
{
    uint64_t at = PACKET_HEAD + (((uint64_t)load32(blocks, block + 20) + 3) & ~UINT64_C(3));
    while (at + 4 <= end) {
        const uint16_t option = load16(blocks, block + at);
        const uint32_t size = load16(blocks, block + at + 2);
        at += 4;
        if (option == OPTION_END || size > end - at)
            break;
        if (option == OPTION_FLAGS && size == 4)
            return load32(blocks, block + at);
        at += (size + 3) & ~3u;
    }
    return 0;
}

/* Keep the facts of a packet of this section. */
static void keep_facts(mps_blocks *blocks, uint32_t interface, uint32_t flags)
{
    if (blocks->end == blocks->space) {
        blocks->space = MAX(2 * blocks->space, 256);
        blocks->packets = g_renew(packet_facts, blocks->packets, blocks->space);
    }
    blocks->packets[blocks->end++] =
        (packet_facts){(blocks->sections - 1) << 16 | (interface & 0xffff), flags};
}

/* A packet block has passed. Of one that is not kept the flags are not known. */
static void keep_packet(mps_blocks *blocks)
{
    const uint8_t *interface = blocks->head + 8;
    if (blocks->type == BLOCK_SIMPLE_PACKET) /* it is always of the first interface */
        keep_facts(blocks, 0, 0);
    else if (blocks->length >= PACKET_HEAD + 4)
        keep_facts(
            blocks,
            blocks->type == BLOCK_PACKET ? load16(blocks, interface) : load32(blocks, interface),
            blocks->is_kept ? find_flags(blocks, blocks->kept->data, blocks->length - 4) : 0);
}

/* The facts before `first` were taken. Give their room back, so that memory grows only with the
 * packets that wait, and each is moved a few times at most. */
static void drop_taken(mps_blocks *blocks)
{
    if (blocks->first < blocks->end && blocks->first <= blocks->space / 2)
        return;
    blocks->end -= blocks->first;
    memmove(blocks->packets, blocks->packets + blocks->first,
            blocks->end * sizeof *blocks->packets);
    blocks->first = 0;
}

void mps_blocks_take_packet(mps_blocks *blocks, mps_link_facts *facts)
{
    if (blocks->first == blocks->end)
        return;
    const packet_facts packet = blocks->packets[blocks->first++];
    facts->interface = packet.interface;
    if (packet.flags != 0)
        mps_link_facts_take_flags(facts, packet.flags);
    drop_taken(blocks);
}

/* ---- blocks ---- */

/* The block begins a section. */
static void begin_section(mps_blocks *blocks)
{
    blocks->earlier_drops = mps_blocks_drops(blocks);
    g_array_set_size(blocks->drops, 0);
    g_byte_array_set_size(blocks->section, 0);
    blocks->sections++;
}

static void end_block(mps_blocks *blocks)
{
    if (blocks->type == BLOCK_SECTION)
        begin_section(blocks);
    if (blocks->type == BLOCK_SECTION || blocks->type == BLOCK_INTERFACE)
        g_byte_array_append(blocks->section, blocks->kept->data, blocks->kept->len);
    if (blocks->type == BLOCK_INTERFACE)
        g_array_set_size(blocks->drops, blocks->drops->len + 1);
    if (blocks->type == BLOCK_STATISTICS)
        take_statistics(blocks);
    if (is_packet(blocks->type))
        keep_packet(blocks);
    blocks->at = 0;
}

/* Can libpcap read an interface beside the first one? Up to 1.10 it takes only one of a link type
 * that has another number in memory. */
static bool suits_interface(mps_blocks *blocks)
{
    const uint32_t link_type = load16(blocks, blocks->head + 8);
    const uint32_t snaplen = load32(blocks, blocks->head + 12);
    if (blocks->has_interface)
        return link_type == blocks->link_type && snaplen == blocks->snaplen &&
               mps_link_of_file((int)link_type) == (int)link_type;
    blocks->has_interface = true;
    blocks->link_type = link_type;
    blocks->snaplen = snaplen;
    blocks->captured_max = snaplen > 0 && snaplen <= INT_MAX ? snaplen : CAPTURED_MAX;
    return true;
}

/* @return whether libpcap reads the block whose head is known as Wireshark does */
static bool suits_libpcap(mps_blocks *blocks)
{
    if (blocks->length % 4 != 0)
        return false;
    switch (blocks->type) {
    case BLOCK_SECTION:
        return blocks->swapped == blocks->first_swapped;
    case BLOCK_INTERFACE:
        return suits_interface(blocks);
    case BLOCK_PACKET:
    case BLOCK_ENHANCED_PACKET:
        return blocks->length < PACKET_MIN ||
               load32(blocks, blocks->head + 20) <= blocks->captured_max;
    case BLOCK_JOURNAL: /* Wireshark numbers these as frames; libpcap skips them */
    case BLOCK_CUSTOM:
    case BLOCK_CUSTOM_NO_COPY:
        return false;
    default:
        return blocks->type < BLOCK_SYSDIG_FIRST || blocks->type > BLOCK_SYSDIG_LAST;
    }
}

/* The first BLOCK_MIN bytes of a block are known. */
static void read_start(mps_blocks *blocks)
{
    memcpy(&blocks->type, blocks->head, sizeof blocks->type);
    if (blocks->type == BLOCK_SECTION) { /* its type is the same in both byte orders */
        blocks->swapped = false;
        blocks->swapped = load32(blocks, blocks->head + 8) != BYTE_ORDER_MAGIC;
        blocks->lost = load32(blocks, blocks->head + 8) != BYTE_ORDER_MAGIC;
        if (!blocks->has_section)
            blocks->first_swapped = blocks->swapped;
        blocks->has_section = true;
    }
    blocks->type = load32(blocks, blocks->head);
    blocks->length = load32(blocks, blocks->head + 4);
    const bool is_needed = blocks->type == BLOCK_SECTION || blocks->type == BLOCK_INTERFACE ||
                           blocks->type == BLOCK_STATISTICS;
    blocks->is_kept = is_needed || (is_packet(blocks->type) && blocks->length <= KEPT_MAX);
    if (!blocks->has_section || blocks->length < BLOCK_MIN ||
        (is_needed && (blocks->length < KEPT_MIN || blocks->length > KEPT_MAX)))
        blocks->lost = true;
}

/* The bytes of a block that decide about it are known. */
static void end_head(mps_blocks *blocks)
{
    blocks->stopped = !blocks->resumed && !suits_libpcap(blocks);
    blocks->lost = blocks->length % 4 != 0; /* where the next block begins is not certain */
    g_byte_array_set_size(blocks->kept, 0);
    if (blocks->is_kept)
        g_byte_array_append(blocks->kept, blocks->head, blocks->at);
}

static uint32_t head_size(const mps_blocks *blocks)
{
    return blocks->at < BLOCK_MIN ? BLOCK_MIN : MIN(HEAD_SIZE, blocks->length);
}

/* Pass over whole packets that libpcap can read, which most of a file is. The next block begins at
 * `bytes`. @return their bytes */
static size_t follow_packets(mps_blocks *blocks, const uint8_t *bytes, size_t size)
{
    size_t used = 0;
    while (size - used >= PACKET_MIN && load32(blocks, bytes + used) == BLOCK_ENHANCED_PACKET) {
        const uint8_t *block = bytes + used;
        const uint32_t length = load32(blocks, block + 4), captured = load32(blocks, block + 20);
        if (length < PACKET_MIN || length % 4 != 0 || length > size - used ||
            captured > blocks->captured_max)
            break;
        const bool has_options = length != PACKET_MIN + ((captured + 3) & ~3u);
        keep_facts(blocks, load32(blocks, block + 8),
                   has_options ? find_flags(blocks, block, length - 4) : 0);
        used += length;
    }
    return used;
}

size_t mps_blocks_follow(mps_blocks *blocks, const uint8_t *bytes, size_t size)
{
    size_t used = 0;
    while (used < size && !blocks->stopped && !blocks->lost) {
        if (blocks->at == 0 && blocks->has_section)
            used += follow_packets(blocks, bytes + used, size - used);
        if (used == size)
            break;
        const bool in_head = blocks->at < head_size(blocks);
        const uint32_t end = in_head ? head_size(blocks) : blocks->length;
        const uint32_t taken = (uint32_t)MIN(size - used, end - blocks->at);
        if (in_head)
            memcpy(blocks->head + blocks->at, bytes + used, taken);
        else if (blocks->is_kept)
            g_byte_array_append(blocks->kept, bytes + used, taken);
        blocks->at += taken;
        used += taken;
        if (blocks->at == BLOCK_MIN && in_head)
            read_start(blocks);
        if (in_head && !blocks->lost && blocks->at >= BLOCK_MIN && blocks->at == head_size(blocks))
            end_head(blocks);
        if (blocks->at >= BLOCK_MIN && blocks->at == blocks->length && !blocks->stopped)
            end_block(blocks);
    }
    return blocks->lost ? size : used;
}

bool mps_blocks_empty(const mps_blocks *blocks)
{
    return blocks->has_section && blocks->at == 0 && !blocks->has_interface && !blocks->lost;
}

bool mps_blocks_stopped(const mps_blocks *blocks)
{
    return blocks->stopped;
}

GByteArray *mps_blocks_resume(mps_blocks *blocks, size_t *given)
{
    *given = blocks->at;
    GByteArray *again = g_byte_array_new();
    g_byte_array_append(again, blocks->section->data, blocks->section->len);
    g_byte_array_append(again, blocks->head, blocks->at);
    blocks->stopped = false;
    blocks->resumed = true;
    if (blocks->at == blocks->length)
        end_block(blocks);
    return again;
}
