/* test_blocks.c: the follower of pcapng blocks, in pieces of every size.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "capture/blocks.h"

/* Blocks in this byte order, or in the other. */
typedef struct {
    GByteArray *bytes;
    bool swapped;
} file;

static file begin_file(void)
{
    return (file){g_byte_array_new(), false};
}

static void add16(file *to, uint16_t value)
{
    if (to->swapped)
        value = GUINT16_SWAP_LE_BE(value);
    g_byte_array_append(to->bytes, (const guint8 *)&value, sizeof value);
}

static void add32(file *to, uint32_t value)
{
    if (to->swapped)
        value = GUINT32_SWAP_LE_BE(value);
    g_byte_array_append(to->bytes, (const guint8 *)&value, sizeof value);
}

static void add64(file *to, uint64_t value)
{
    if (to->swapped)
        value = GUINT64_SWAP_LE_BE(value);
    g_byte_array_append(to->bytes, (const guint8 *)&value, sizeof value);
}

static void add_section(file *to, bool swapped)
{
    to->swapped = swapped;
    add32(to, 0x0a0d0d0a);
    add32(to, 28);
    add32(to, 0x1a2b3c4d);
    add32(to, 1);
    add64(to, UINT64_MAX);
    add32(to, 28);
}

static void add_interface(file *to, uint16_t link_type, uint32_t snaplen)
{
    add32(to, 1);
    add32(to, 20);
    add16(to, link_type);
    add16(to, 0);
    add32(to, snaplen);
    add32(to, 20);
}

static void add_packet(file *to, uint32_t captured)
{
    const uint8_t packet[256] = {0};
    add32(to, 6);
    add32(to, 32 + captured);
    add32(to, 0);
    add64(to, 0);
    add32(to, captured);
    add32(to, captured);
    g_byte_array_append(to->bytes, packet, captured);
    add32(to, 32 + captured);
}

static void add_block(file *to, uint32_t type)
{
    add32(to, type);
    add32(to, 16);
    add32(to, 0);
    add32(to, 16);
}

static void add_statistics(file *to, uint32_t interface, uint64_t dropped, uint64_t by_system)
{
    add32(to, 5);
    add32(to, 24 + 28);
    add32(to, interface);
    add64(to, 0);
    add16(to, 5); /* isb_ifdrop */
    add16(to, 8);
    add64(to, dropped);
    add16(to, 7); /* isb_osdrop */
    add16(to, 8);
    add64(to, by_system);
    add32(to, 0); /* the end of options */
    add32(to, 24 + 28);
}

/* Follow a file in pieces of each size.
 * @param passed  bytes before the block that libpcap cannot read; all: it can
 * @param again   of these, bytes that the other reader gets again */
static void check(file *whole, size_t passed, size_t again, uint64_t drops)
{
    const size_t size = whole->bytes->len;
    for (size_t piece = 1; piece <= size; piece++) {
        mps_blocks *blocks = mps_blocks_new();
        GByteArray *rest = NULL;
        size_t given = 0;
        for (size_t at = 0; at < size;) {
            at += mps_blocks_follow(blocks, whole->bytes->data + at, MIN(piece, size - at));
            if (!mps_blocks_stopped(blocks))
                continue;
            assert_null(rest);
            rest = mps_blocks_resume(blocks, &given);
            assert_true(given >= 12 && given <= 24);
            assert_int_equal(given, at - passed);
            g_byte_array_append(rest, whole->bytes->data + at, (guint)(size - at));
        }
        assert_int_equal(rest != NULL, passed < size);
        if (rest != NULL) {
            assert_int_equal(rest->len, again + size - passed);
            assert_memory_equal(rest->data, whole->bytes->data, again);
            assert_memory_equal(rest->data + again, whole->bytes->data + passed, size - passed);
            g_byte_array_unref(rest);
        }
        assert_int_equal(mps_blocks_drops(blocks), drops);
        mps_blocks_free(blocks);
    }
    g_byte_array_unref(whole->bytes);
}

static void test_plain(void **state)
{
    (void)state;
    for (int swapped = 0; swapped < 2; swapped++) {
        file made = begin_file();
        add_section(&made, swapped);
        add_interface(&made, 1, 100);
        add_interface(&made, 1, 100);
        add_packet(&made, 100);
        add_block(&made, 4);
        add_statistics(&made, 0, 1, 2);
        add_statistics(&made, 0, 2, 3); /* the last one of an interface holds */
        add_statistics(&made, 1, UINT64_C(1) << 40, 0);
        add_statistics(&made, 7, 99, 99); /* no such interface */
        add_section(&made, swapped);
        add_interface(&made, 1, 100);
        add_statistics(&made, 0, 7, 0);
        add_packet(&made, 0);
        check(&made, made.bytes->len, 0, (UINT64_C(1) << 40) + 12);
    }
}

static void test_saturated(void **state)
{
    file made = begin_file();
    (void)state;
    add_section(&made, false);
    add_interface(&made, 1, 100);
    add_statistics(&made, 0, UINT64_MAX - 1, 2);
    check(&made, made.bytes->len, 0, UINT64_MAX);
}

/* Each block that libpcap cannot read, after one interface and a packet. */
static void test_stops(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 8; kind++) {
        const bool raw = kind == 2;
        file made = begin_file();
        add_section(&made, false);
        add_interface(&made, raw ? 101 : 1, 100);
        const size_t head = made.bytes->len;
        add_packet(&made, 40);
        const size_t passed = made.bytes->len;
        switch (kind) {
        case 0:
            add_interface(&made, 113, 100);
            break;
        case 1:
            add_interface(&made, 1, 200);
            break;
        case 2:
            add_interface(&made, 101, 100);
            break;
        case 3:
            add_packet(&made, 104);
            break;
        case 4:
            add_block(&made, 0xbad);
            break;
        case 5:
            add_block(&made, 0x40000bad);
            break;
        case 6:
            add_block(&made, 9);
            break;
        default:
            add_section(&made, true);
            add_interface(&made, 1, 100);
        }
        add_packet(&made, 40);
        add_statistics(&made, 0, 5, 0);
        add_block(&made, 0xbad); /* stops no more */
        check(&made, passed, head, 5);
    }
}

static void take(mps_blocks *blocks, uint32_t interface)
{
    mps_link_facts facts = MPS_NO_LINK_FACTS;
    mps_blocks_take_packet(blocks, &facts);
    assert_int_equal(facts.interface, interface);
}

/* Follow a packet block of an interface, with zero bytes after it up to `length`. */
static void follow_packet(mps_blocks *blocks, uint32_t interface, uint32_t length)
{
    file made = begin_file();
    const uint32_t words[] = {6, length, interface, 0, 0, 0};
    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++)
        add32(&made, words[i]);
    g_byte_array_set_size(made.bytes, length);
    memset(made.bytes->data + sizeof words, 0, length - sizeof words);
    const size_t piece = sizeof words + 4; /* not a whole block: its head decides */
    assert_int_equal(mps_blocks_follow(blocks, made.bytes->data, piece), piece);
    assert_int_equal(mps_blocks_follow(blocks, made.bytes->data + piece, length - piece),
                     length - piece);
    g_byte_array_unref(made.bytes);
}

/* A reader that is always behind gets the facts of each packet. */
static void test_facts_in_order(void **state)
{
    mps_blocks *blocks = mps_blocks_new();
    file made = begin_file();
    uint32_t taken = 0;
    (void)state;
    add_section(&made, false);
    add_interface(&made, 1, 0);
    mps_blocks_follow(blocks, made.bytes->data, made.bytes->len);
    for (uint32_t i = 0; i < 5000; i++) {
        follow_packet(blocks, i, i == 4000 ? 17u << 20 : 32); /* that one is not read */
        if (i >= 300 || i % 3 == 0)
            take(blocks, taken++);
    }
    while (taken < 5000)
        take(blocks, taken++);
    take(blocks, MPS_NONE);
    g_byte_array_unref(made.bytes);
    mps_blocks_free(blocks);
}

/* What is no pcapng passes, whatever follows. */
static void test_lost(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 3; kind++) {
        file made = begin_file();
        if (kind > 0)
            add_section(&made, false);
        add32(&made, kind == 1 ? 6 : 1);
        add32(&made, kind == 1 ? 11 : 16); /* too short */
        add_block(&made, 0xbad);
        add_block(&made, 0xbad);
        check(&made, made.bytes->len, 0, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain), cmocka_unit_test(test_saturated),
        cmocka_unit_test(test_stops), cmocka_unit_test(test_facts_in_order),
        cmocka_unit_test(test_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
