/* test_segment.c: tests of the IP, TCP and MPTCP option parser, on bytes written by hand.
 *
 * Each input is a heap block of its exact size, so that AddressSanitizer reports loads beyond the
 * captured bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "segment/option_parse.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mptcpscope/segment.h"

#define SYN MPS_TCP_SYN
#define ACK MPS_TCP_ACK
#define SYNACK (MPS_TCP_SYN | MPS_TCP_ACK)

#define BYTES(...) ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__})

#define KEY_A 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08
#define KEY_A_VALUE UINT64_C(0x0102030405060708)
#define KEY_B 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8
#define KEY_B_VALUE UINT64_C(0xf1f2f3f4f5f6f7f8)
#define HMAC_20 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20
#define IPV6_A 0xfd, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
#define IPV6_B 0xfd, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2

static mps_segment segment;

/* @return a copy in a heap block of its exact size, freed by the caller */
static uint8_t *exact(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);

    assert_non_null(copy);
    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

/* Parse one whole option. Its raw bytes are freed afterwards. */
static mps_option parse_option(uint16_t flags, const uint8_t *bytes, size_t size)
{
    uint8_t *raw = exact(bytes, size);
    mps_option option;

    assert_int_equal(raw[0], MPS_TCP_OPTION_MPTCP);
    assert_int_equal(raw[1], size);
    memset(&option, 0xa5, sizeof option);
    mps_option_parse(&option, raw, (uint8_t)size, size, flags);
    assert_int_equal(option.subtype, raw[2] >> 4);
    assert_int_equal(option.length, size);
    assert_ptr_equal(option.raw, raw);
    assert_false(option.truncated);
    free(raw);
    option.raw = NULL;
    return option;
}

/* One valid example of a form of an option. No length is valid except its own and `others`. */
typedef struct {
    const char *name;
    uint16_t flags;
    const uint8_t *bytes;
    size_t size;
    const uint8_t *others; /* other valid lengths, ended by 0; NULL: none */
} option_form;

#define OTHERS(...) ((const uint8_t[]){__VA_ARGS__, 0})

static const option_form forms[] = {
    {"capable v1 SYN", SYN, BYTES(30, 4, 0x01, 0x81), OTHERS(12, 20, 22, 24)},
    {"capable v1 SYN/ACK", SYNACK, BYTES(30, 12, 0x01, 0x01, KEY_A), OTHERS(4, 20, 22, 24)},
    {"capable v1 ACK", ACK, BYTES(30, 20, 0x01, 0x01, KEY_A, KEY_B), OTHERS(4, 12, 22, 24)},
    {"capable v1 data", ACK, BYTES(30, 22, 0x01, 0x01, KEY_A, KEY_B, 0x05, 0xb4),
     OTHERS(4, 12, 20, 24)},
    {"capable v1 checksum", ACK, BYTES(30, 24, 0x01, 0x81, KEY_A, KEY_B, 0x05, 0xb4, 0xab, 0xcd),
     OTHERS(4, 12, 20, 22)},
    {"capable v0 SYN", SYN, BYTES(30, 12, 0x00, 0x81, KEY_A), OTHERS(20)},
    {"capable v0 ACK", ACK, BYTES(30, 20, 0x00, 0x01, KEY_A, KEY_B), OTHERS(12)},
    {"join SYN", SYN, BYTES(30, 12, 0x11, 7, 1, 2, 3, 4, 5, 6, 7, 8), NULL},
    {"join SYN/ACK", SYNACK, BYTES(30, 16, 0x10, 9, KEY_A, 5, 6, 7, 8), NULL},
    {"join ACK", ACK, BYTES(30, 24, 0x10, 0, HMAC_20), NULL},
    {"dss empty", ACK, BYTES(30, 4, 0x20, 0x00), NULL},
    {"dss ack", ACK, BYTES(30, 8, 0x20, 0x01, 1, 2, 3, 4), NULL},
    {"dss map", ACK, BYTES(30, 14, 0x20, 0x04, 1, 2, 3, 4, 0, 0, 0, 1, 0, 9), OTHERS(16)},
    {"dss all", ACK, BYTES(30, 28, 0x20, 0x1f, KEY_A, KEY_B, 0, 0, 0, 1, 0, 9, 0xab, 0xcd),
     OTHERS(26)},
    {"add v1 IPv4", ACK, BYTES(30, 16, 0x30, 2, 10, 0, 0, 1, KEY_A), OTHERS(18, 28, 30)},
    {"add v1 IPv6 port", ACK, BYTES(30, 30, 0x30, 2, IPV6_A, 0x13, 0x89, KEY_A),
     OTHERS(16, 18, 28)},
    {"add echo IPv4", ACK, BYTES(30, 8, 0x31, 2, 10, 0, 0, 1), OTHERS(10, 20, 22)},
    {"add echo IPv6 port", ACK, BYTES(30, 22, 0x31, 2, IPV6_A, 0x13, 0x89), OTHERS(8, 10, 20)},
    {"add v0 IPv4", ACK, BYTES(30, 8, 0x34, 2, 10, 0, 0, 1), OTHERS(10)},
    {"add v0 IPv6", ACK, BYTES(30, 20, 0x36, 2, IPV6_A), OTHERS(22)},
    {"prio", ACK, BYTES(30, 3, 0x51), OTHERS(4)},
    {"prio v0", ACK, BYTES(30, 4, 0x51, 3), OTHERS(3)},
    {"fail", ACK, BYTES(30, 12, 0x60, 0, KEY_A), NULL},
    {"fastclose", ACK, BYTES(30, 12, 0x70, 0, KEY_A), NULL},
    {"tcprst", ACK, BYTES(30, 4, 0x81, 3), NULL},
};

#define FORM_COUNT (sizeof forms / sizeof *forms)

static bool is_good_length(const option_form *form, size_t length)
{
    if (length == form->size)
        return true;
    for (const uint8_t *other = form->others; other != NULL && *other != 0; other++)
        if (*other == length)
            return true;
    return false;
}

static void test_lengths(void **state)
{
    (void)state;
    for (size_t i = 0; i < FORM_COUNT; i++) {
        for (size_t length = 3; length <= 40; length++) {
            uint8_t bytes[40] = {0};
            memcpy(bytes, forms[i].bytes, length < forms[i].size ? length : forms[i].size);
            bytes[1] = (uint8_t)length;
            const bool good = is_good_length(&forms[i], length);
            const mps_option option = parse_option(forms[i].flags, bytes, length);
            if (option.valid != good)
                fail_msg("%s: length %zu", forms[i].name, length);
        }
    }
}

static void test_cut_options(void **state)
{
    (void)state;
    for (size_t i = 0; i < FORM_COUNT; i++) {
        for (size_t captured = 3; captured <= forms[i].size; captured++) {
            uint8_t *raw = exact(forms[i].bytes, captured);
            mps_option option;
            mps_option_parse(&option, raw, (uint8_t)forms[i].size, captured, forms[i].flags);
            assert_int_equal(option.subtype, raw[2] >> 4);
            assert_int_equal(option.length, forms[i].size);
            assert_int_equal(option.truncated, captured < forms[i].size);
            assert_int_equal(option.valid, captured == forms[i].size);
            free(raw);
        }
    }
}

static void test_capable(void **state)
{
    (void)state;
    mps_option option = parse_option(SYN, BYTES(30, 4, 0x01, 0xa1));
    assert_true(option.valid);
    assert_int_equal(option.subtype, MPS_MP_CAPABLE);
    assert_int_equal(option.capable.version, 1);
    assert_int_equal(option.capable.flags,
                     MPS_CAPABLE_CHECKSUM | MPS_CAPABLE_NO_JOIN_HERE | MPS_CAPABLE_HMAC);
    assert_int_equal(option.capable.keys, 0);
    assert_false(option.capable.has_data_length);
    assert_false(option.capable.has_checksum);

    option = parse_option(SYNACK, BYTES(30, 12, 0x01, 0x01, KEY_A));
    assert_true(option.valid);
    assert_int_equal(option.capable.keys, 1);
    assert_int_equal(option.capable.sender_key, KEY_A_VALUE);
    assert_int_equal(option.capable.receiver_key, 0);

    option = parse_option(ACK, BYTES(30, 20, 0x01, 0x01, KEY_A, KEY_B));
    assert_true(option.valid);
    assert_int_equal(option.capable.keys, 2);
    assert_int_equal(option.capable.sender_key, KEY_A_VALUE);
    assert_int_equal(option.capable.receiver_key, KEY_B_VALUE);
    assert_false(option.capable.has_data_length);

    option = parse_option(ACK, BYTES(30, 22, 0x01, 0x01, KEY_A, KEY_B, 0x05, 0xb4));
    assert_true(option.valid);
    assert_int_equal(option.capable.keys, 2);
    assert_true(option.capable.has_data_length);
    assert_int_equal(option.capable.data_length, 1460);
    assert_false(option.capable.has_checksum);

    option = parse_option(ACK, BYTES(30, 24, 0x01, 0x81, KEY_A, KEY_B, 0x05, 0xb4, 0xab, 0xcd));
    assert_true(option.valid);
    assert_int_equal(option.capable.sender_key, KEY_A_VALUE);
    assert_int_equal(option.capable.receiver_key, KEY_B_VALUE);
    assert_int_equal(option.capable.data_length, 1460);
    assert_true(option.capable.has_checksum);
    assert_int_equal(option.capable.checksum, 0xabcd);
}

static void test_capable_versions(void **state)
{
    (void)state;
    mps_option option = parse_option(SYN, BYTES(30, 12, 0x00, 0x81, KEY_A));
    assert_true(option.valid);
    assert_int_equal(option.capable.version, 0);
    assert_int_equal(option.capable.flags, 0x81);
    assert_int_equal(option.capable.keys, 1);
    assert_int_equal(option.capable.sender_key, KEY_A_VALUE);

    option = parse_option(ACK, BYTES(30, 20, 0x00, 0x01, KEY_A, KEY_B));
    assert_true(option.valid);
    assert_int_equal(option.capable.keys, 2);
    assert_int_equal(option.capable.receiver_key, KEY_B_VALUE);

    /* Only the beginning of later versions is known. */
    option = parse_option(SYNACK, BYTES(30, 12, 0x02, 0x01, KEY_A));
    assert_true(option.valid);
    assert_int_equal(option.capable.version, 2);
    assert_int_equal(option.capable.flags, 0x01);
    assert_int_equal(option.capable.keys, 0);
    assert_false(parse_option(SYNACK, BYTES(30, 5, 0x0f, 0x01, 0)).valid);
}

static void test_join(void **state)
{
    static const uint8_t hmac[20] = {HMAC_20};
    (void)state;

    mps_option option = parse_option(SYN, BYTES(30, 12, 0x11, 7, 1, 2, 3, 4, 5, 6, 7, 8));
    assert_true(option.valid);
    assert_int_equal(option.subtype, MPS_MP_JOIN);
    assert_int_equal(option.join.form, MPS_JOIN_SYN);
    assert_true(option.join.backup);
    assert_int_equal(option.join.address_id, 7);
    assert_int_equal(option.join.token, 0x01020304);
    assert_int_equal(option.join.nonce, 0x05060708);
    assert_int_equal(option.join.hmac_length, 0);

    option =
        parse_option(SYNACK, BYTES(30, 16, 0x10, 9, 1, 2, 3, 4, 5, 6, 7, 8, 0xa, 0xb, 0xc, 0xd));
    assert_true(option.valid);
    assert_int_equal(option.join.form, MPS_JOIN_SYNACK);
    assert_false(option.join.backup);
    assert_int_equal(option.join.address_id, 9);
    assert_int_equal(option.join.token, 0);
    assert_int_equal(option.join.nonce, 0x0a0b0c0d);
    assert_int_equal(option.join.hmac_length, 8);
    assert_memory_equal(option.join.hmac, hmac, 8);

    /* Bits that mean something only in the SYN and the SYN/ACK. */
    option = parse_option(ACK | MPS_TCP_PSH, BYTES(30, 24, 0x1f, 0xff, HMAC_20));
    assert_true(option.valid);
    assert_int_equal(option.join.form, MPS_JOIN_ACK);
    assert_false(option.join.backup);
    assert_int_equal(option.join.address_id, 0);
    assert_int_equal(option.join.hmac_length, 20);
    assert_memory_equal(option.join.hmac, hmac, 20);
}

static void test_join_flags(void **state)
{
    static const uint16_t all[] = {0, SYN, ACK, SYNACK};
    static const struct {
        uint8_t length;
        uint16_t flags;
    } good[] = {{12, SYN}, {16, SYNACK}, {24, ACK}};
    (void)state;

    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 4; j++) {
            const uint8_t bytes[24] = {30, good[i].length, 0x10};
            const mps_option option = parse_option(all[j], bytes, good[i].length);
            assert_int_equal(option.valid, all[j] == good[i].flags);
        }
    }
}

static void store(uint8_t **at, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        *(*at)++ = (uint8_t)(value >> (8 * (size - 1 - i)));
}

/* One combination of flags, with or without a checksum. */
static void check_dss(uint8_t flags, bool checksum)
{
    const bool map = (flags & 4) != 0;
    const unsigned ack_size = flags & 1 ? (flags & 2 ? 8 : 4) : 0;
    const unsigned dsn_size = flags & 8 ? 8 : 4;
    uint8_t bytes[40] = {30, 0, 0x20, flags};
    uint8_t *at = bytes + 4;

    store(&at, KEY_B_VALUE, ack_size);
    if (map) {
        store(&at, KEY_A_VALUE, dsn_size);
        store(&at, 0xcafebabe, 4);
        store(&at, 1448, 2);
    }
    if (checksum)
        store(&at, 0x1234, 2);
    bytes[1] = (uint8_t)(at - bytes);

    const mps_option option = parse_option(ACK, bytes, bytes[1]);
    assert_int_equal(option.valid, map || !checksum);
    if (!option.valid)
        return;
    assert_int_equal(option.dss.has_ack, ack_size != 0);
    assert_int_equal(option.dss.ack_is_64, ack_size == 8);
    if (ack_size == 4)
        assert_int_equal(option.dss.ack, KEY_B_VALUE & 0xffffffff);
    if (ack_size == 8)
        assert_int_equal(option.dss.ack, KEY_B_VALUE);
    assert_int_equal(option.dss.has_map, map);
    assert_int_equal(option.dss.data_fin, map && (flags & 16) != 0);
    assert_int_equal(option.dss.has_checksum, checksum);
    assert_int_equal(option.dss.dsn_is_64, map && dsn_size == 8);
    if (!map)
        return;
    assert_int_equal(option.dss.dsn, dsn_size == 8 ? KEY_A_VALUE : KEY_A_VALUE & 0xffffffff);
    assert_int_equal(option.dss.ssn, 0xcafebabe);
    assert_int_equal(option.dss.data_length, 1448);
    assert_int_equal(option.dss.checksum, checksum ? 0x1234 : 0);
}

static void test_dss(void **state)
{
    (void)state;
    for (unsigned flags = 0; flags < 32; flags++) {
        check_dss((uint8_t)flags, false);
        check_dss((uint8_t)flags, true);
        check_dss((uint8_t)(flags | 0xe0), true); /* reserved bits are ignored */
    }
    assert_false(parse_option(ACK, BYTES(30, 3, 0x20)).valid);
}

/* One form of ADD_ADDR: the low nibble of its third byte, and the fields after the address. */
static void check_add_addr(uint8_t nibble, uint8_t address_length, bool port, bool hmac)
{
    static const uint8_t address[16] = {IPV6_A};
    uint8_t bytes[40] = {30, 0, (uint8_t)(0x30 | nibble), 5};
    uint8_t *at = bytes + 4;

    memcpy(at, address, address_length);
    at += address_length;
    if (port)
        store(&at, 5001, 2);
    if (hmac)
        store(&at, KEY_A_VALUE, 8);
    bytes[1] = (uint8_t)(at - bytes);

    const mps_option option = parse_option(ACK, bytes, bytes[1]);
    const bool v0 = nibble == 4 || nibble == 6;
    const bool good = (nibble == 0 && hmac) || (nibble == 1 && !hmac) ||
                      (nibble == 4 && !hmac && address_length == 4) ||
                      (nibble == 6 && !hmac && address_length == 16);
    assert_int_equal(option.valid, good);
    if (!good)
        return;
    assert_int_equal(option.add_addr.v0, v0);
    assert_int_equal(option.add_addr.echo, nibble == 1);
    assert_int_equal(option.add_addr.address_id, 5);
    assert_int_equal(option.add_addr.address.length, address_length);
    assert_memory_equal(option.add_addr.address.bytes, address, address_length);
    for (size_t i = address_length; i < 16; i++)
        assert_int_equal(option.add_addr.address.bytes[i], 0);
    assert_int_equal(option.add_addr.has_port, port);
    assert_int_equal(option.add_addr.port, port ? 5001 : 0);
    assert_int_equal(option.add_addr.has_hmac, hmac);
    if (hmac)
        assert_memory_equal(option.add_addr.hmac, ((const uint8_t[]){KEY_A}), 8);
}

static void test_add_addr(void **state)
{
    (void)state;
    for (unsigned nibble = 0; nibble < 16; nibble++)
        for (unsigned i = 0; i < 8; i++)
            check_add_addr((uint8_t)nibble, i & 1 ? 4 : 16, i & 2, i & 4);
}

static void test_remove_addr(void **state)
{
    (void)state;
    mps_option option = parse_option(ACK, BYTES(30, 4, 0x40, 3));
    assert_true(option.valid);
    assert_int_equal(option.remove_addr.count, 1);
    assert_int_equal(option.remove_addr.ids[0], 3);

    option = parse_option(ACK, BYTES(30, 7, 0x40, 3, 1, 4, 255));
    assert_true(option.valid);
    assert_int_equal(option.remove_addr.count, 4);
    assert_memory_equal(option.remove_addr.ids, ((const uint8_t[]){3, 1, 4, 255}), 4);

    const uint8_t most[40] = {30, 40, 0x40, 1};
    option = parse_option(ACK, most, sizeof most);
    assert_true(option.valid);
    assert_int_equal(option.remove_addr.count, 37);
    assert_false(parse_option(ACK, BYTES(30, 3, 0x40)).valid);

    /* Longer than a TCP header can hold: only a direct call can pass it. */
    const uint8_t hostile[255] = {30, 255, 0x40, 1};
    assert_false(parse_option(ACK, hostile, sizeof hostile).valid);
}

static void test_small_options(void **state)
{
    (void)state;
    mps_option option = parse_option(ACK, BYTES(30, 3, 0x51));
    assert_true(option.valid);
    assert_true(option.prio.backup);
    assert_false(option.prio.has_address_id);
    option = parse_option(ACK, BYTES(30, 4, 0x50, 6));
    assert_true(option.valid);
    assert_false(option.prio.backup);
    assert_true(option.prio.has_address_id);
    assert_int_equal(option.prio.address_id, 6);

    option = parse_option(ACK, BYTES(30, 12, 0x60, 0, KEY_B));
    assert_true(option.valid);
    assert_int_equal(option.fail.dsn, KEY_B_VALUE);

    option = parse_option(ACK, BYTES(30, 12, 0x70, 0, KEY_A));
    assert_true(option.valid);
    assert_int_equal(option.fastclose.key, KEY_A_VALUE);

    option = parse_option(MPS_TCP_RST, BYTES(30, 4, 0x8f, 5));
    assert_true(option.valid);
    assert_int_equal(option.tcprst.flags, 0xf);
    assert_int_equal(option.tcprst.reason, 5);

    for (unsigned subtype = 9; subtype < 16; subtype++) {
        const uint8_t bytes[5] = {30, 5, (uint8_t)(subtype << 4), 1, 2};
        assert_true(parse_option(ACK, bytes, sizeof bytes).valid);
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(mps_subtype_name(0), "MP_CAPABLE");
    assert_string_equal(mps_subtype_name(1), "MP_JOIN");
    assert_string_equal(mps_subtype_name(2), "DSS");
    assert_string_equal(mps_subtype_name(3), "ADD_ADDR");
    assert_string_equal(mps_subtype_name(4), "REMOVE_ADDR");
    assert_string_equal(mps_subtype_name(5), "MP_PRIO");
    assert_string_equal(mps_subtype_name(6), "MP_FAIL");
    assert_string_equal(mps_subtype_name(7), "MP_FASTCLOSE");
    assert_string_equal(mps_subtype_name(8), "MP_TCPRST");
    assert_null(mps_subtype_name(9));
    assert_null(mps_subtype_name(255));
    assert_string_equal(mps_tcprst_reason_name(0), "Unspecified error");
    assert_string_equal(mps_tcprst_reason_name(6), "Middlebox interference");
    assert_string_equal(mps_tcprst_reason_name(7), "unknown");
    assert_string_equal(mps_tcprst_reason_name(255), "unknown");
}

static void test_addresses(void **state)
{
    static const char *const texts[] = {"10.0.1.1", "255.255.255.255", "fd00:1::1",
                                        "::", "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"};
    mps_address a, b;
    char text[MPS_ADDRESS_TEXT_MAX];
    (void)state;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_true(mps_address_from_text(&a, texts[i]));
        assert_int_equal(a.length, strchr(texts[i], ':') ? 16 : 4);
        assert_ptr_equal(mps_address_text(&a, text), text);
        assert_true(mps_address_from_text(&b, text));
        assert_int_equal(mps_address_compare(&a, &b), 0);
    }
    assert_true(mps_address_from_text(&a, "10.0.1.1"));
    assert_string_equal(mps_address_text(&a, text), "10.0.1.1");
    assert_true(mps_address_from_text(&b, "10.0.1.2"));
    assert_true(mps_address_compare(&a, &b) < 0);
    assert_true(mps_address_compare(&b, &a) > 0);
    assert_true(mps_address_from_text(&b, "::"));
    assert_true(mps_address_compare(&a, &b) < 0);
    assert_false(mps_address_from_text(&a, "10.0.1"));
    assert_false(mps_address_from_text(&a, ""));
    assert_false(mps_address_from_text(&a, "example.org"));
    memset(&a, 0, sizeof a);
    assert_string_equal(mps_address_text(&a, text), "");
}

/* Set the header length for `space` bytes of options, and parse the captured ones. */
static void parse_options(size_t space, const uint8_t *bytes, size_t captured)
{
    uint8_t *options = exact(bytes, captured);

    memset(&segment, 0xa5, sizeof segment);
    segment.header_length = (uint8_t)(20 + space);
    segment.flags = ACK;
    mps_segment_parse_options(&segment, options, captured);
    free(options);
}

static void test_tcp_options(void **state)
{
    (void)state;
    parse_options(40, BYTES(2, 4, 0x05, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 3, 3, 7, 30,
                            8, 0x20, 1, 9, 8, 7, 6, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0));
    assert_false(segment.options_malformed);
    assert_false(segment.options_truncated);
    assert_int_equal(segment.options_captured, 40);
    assert_int_equal(segment.mss, 1460);
    assert_true(segment.sack_permitted);
    assert_true(segment.has_timestamps);
    assert_int_equal(segment.tsval, 0x01020304);
    assert_int_equal(segment.tsecr, 0x05060708);
    assert_true(segment.has_window_scale);
    assert_int_equal(segment.window_scale, 7);
    assert_int_equal(segment.sack_blocks, 1);
    assert_int_equal(segment.sack[0].left, 1);
    assert_int_equal(segment.sack[0].right, 2);
    assert_int_equal(segment.mptcp_count, 1);
    assert_ptr_equal(segment.mptcp[0].raw, segment.options + 20);
    assert_int_equal(segment.mptcp[0].dss.ack, 0x09080706);
    assert_ptr_equal(mps_segment_option(&segment, MPS_DSS), &segment.mptcp[0]);
    assert_null(mps_segment_option(&segment, MPS_MP_JOIN));

    /* No result of an earlier segment remains. */
    parse_options(0, NULL, 0);
    assert_int_equal(segment.mss, 0);
    assert_false(segment.sack_permitted || segment.has_timestamps || segment.has_window_scale);
    assert_int_equal(segment.tsval, 0);
    assert_int_equal(segment.tsecr, 0);
    assert_false(segment.options_malformed || segment.options_truncated);
    assert_int_equal(segment.sack_blocks, 0);
    assert_int_equal(segment.mptcp_count, 0);
    assert_int_equal(segment.options_captured, 0);
}

static void test_sack(void **state)
{
    uint8_t bytes[36] = {1, 1, 5, 34};
    (void)state;

    for (uint8_t i = 0; i < 8; i++)
        bytes[7 + 4 * i] = (uint8_t)(i + 1);
    parse_options(36, bytes, sizeof bytes);
    assert_int_equal(segment.sack_blocks, 4);
    for (uint8_t i = 0; i < 4; i++) {
        assert_int_equal(segment.sack[i].left, 2 * i + 1);
        assert_int_equal(segment.sack[i].right, 2 * i + 2);
    }
    assert_false(segment.options_malformed);

    /* Lengths that are not a whole number of blocks. */
    for (uint8_t length = 2; length < 34; length++) {
        bytes[3] = length;
        parse_options(36, bytes, sizeof bytes);
        assert_int_equal(segment.sack_blocks, length % 8 == 2 ? length / 8 : 0);
    }
}

static void test_odd_option_lengths(void **state)
{
    (void)state;
    /* Options of a wrong length are ignored. */
    parse_options(20, BYTES(2, 3, 9, 3, 4, 9, 9, 4, 3, 9, 8, 9, 1, 2, 3, 4, 5, 6, 7, 0));
    assert_false(segment.options_malformed);
    assert_int_equal(segment.mss, 0);
    assert_false(segment.has_window_scale || segment.sack_permitted || segment.has_timestamps);

    /* An MPTCP option without a subtype is ignored. */
    parse_options(4, BYTES(30, 2, 4, 2));
    assert_false(segment.options_malformed);
    assert_int_equal(segment.mptcp_count, 0);
    assert_true(segment.sack_permitted);

    /* Bytes after the end of the options are ignored. */
    parse_options(4, BYTES(0, 2, 4, 2));
    assert_false(segment.options_malformed);
    assert_false(segment.sack_permitted);
}

static void test_malformed_options(void **state)
{
    static const uint8_t bad[] = {0, 1, 7, 8, 40, 255};
    (void)state;

    for (size_t i = 0; i < sizeof bad; i++) {
        for (unsigned kind = 2; kind < 256; kind++) {
            const uint8_t bytes[8] = {4, 2, (uint8_t)kind, bad[i], 4, 2, 4, 2};
            parse_options(8, bytes, sizeof bytes);
            assert_true(segment.options_malformed);
            assert_true(segment.sack_permitted); /* earlier options are decoded */
            assert_int_equal(segment.mptcp_count, 0);
        }
    }
    /* A kind without a length is malformed at the end of the header, not where it is cut. */
    parse_options(4, BYTES(1, 1, 1, 30));
    assert_true(segment.options_malformed);
    parse_options(8, BYTES(1, 1, 1, 30));
    assert_false(segment.options_malformed);
    assert_true(segment.options_truncated);
    /* Cut, and with a length that passes the end of the header. */
    parse_options(8, BYTES(30, 9, 0x20));
    assert_true(segment.options_malformed);
    assert_true(segment.options_truncated);
    assert_int_equal(segment.mptcp_count, 0);
}

static void test_many_options(void **state)
{
    uint8_t bytes[40];
    (void)state;

    for (size_t i = 0; i + 3 <= sizeof bytes; i += 3)
        memcpy(bytes + i, (const uint8_t[]){30, 3, 0x51}, 3);
    bytes[39] = 1;
    parse_options(40, bytes, sizeof bytes);
    assert_int_equal(segment.mptcp_count, MPS_MPTCP_OPTIONS_MAX);
    for (size_t i = 0; i < MPS_MPTCP_OPTIONS_MAX; i++)
        assert_true(segment.mptcp[i].valid);

    /* The first valid option is found, even if an invalid one precedes it. */
    parse_options(8, BYTES(30, 4, 0x40, 1, 30, 4, 0x51, 2));
    assert_int_equal(mps_segment_option(&segment, MPS_MP_PRIO)->prio.address_id, 2);
    parse_options(12, BYTES(30, 5, 0x51, 1, 1, 30, 4, 0x50, 3, 0, 0, 0));
    assert_int_equal(segment.mptcp_count, 2);
    assert_false(segment.mptcp[0].valid);
    assert_ptr_equal(mps_segment_option(&segment, MPS_MP_PRIO), &segment.mptcp[1]);
}

/* The options may already be in their place in the segment. */
static void test_options_in_place(void **state)
{
    (void)state;
    memset(&segment, 0, sizeof segment);
    segment.header_length = 24;
    memcpy(segment.options, (const uint8_t[]){30, 4, 0x40, 9}, 4);
    mps_segment_parse_options(&segment, segment.options, 4);
    assert_int_equal(segment.mptcp[0].remove_addr.ids[0], 9);
}

/* A TCP header with a DSS and an MP_PRIO, and five bytes of payload. */
#define TCP_BYTES                                                                                  \
    0x13, 0x89, 0x00, 0x50, 1, 2, 3, 4, 5, 6, 7, 8, 0x8e, 0xd8, 0x12, 0x34, 0xab, 0xcd, 0x00,      \
        0x02, 30, 8, 0x20, 1, 9, 8, 7, 6, 30, 3, 0x51, 1, 'h', 'e', 'l', 'l', 'o'
#define TCP_SIZE 37

static void check_tcp(void)
{
    assert_int_equal(segment.source_port, 5001);
    assert_int_equal(segment.destination_port, 80);
    assert_int_equal(segment.seq, 0x01020304);
    assert_int_equal(segment.ack, 0x05060708);
    assert_int_equal(segment.flags, 0xed8);
    assert_int_equal(segment.window, 0x1234);
    assert_int_equal(segment.checksum, 0xabcd);
    assert_int_equal(segment.urgent, 2);
    assert_int_equal(segment.header_length, 32);
}

static mps_parse_result parse_ip(const uint8_t *bytes, size_t captured, size_t length)
{
    uint8_t *packet = exact(bytes, captured);

    memset(&segment, 0xa5, sizeof segment);
    segment.frame = 77;
    segment.tcp_stream = 78;
    segment.time = 79;
    const mps_parse_result result = mps_segment_parse_ip(&segment, packet, captured, length);
    assert_int_equal(segment.frame, 77);
    assert_int_equal(segment.tcp_stream, 78);
    assert_int_equal(segment.time, 79);
    free(packet);
    return result;
}

static void test_tcp(void **state)
{
    static const uint8_t bytes[] = {TCP_BYTES};
    (void)state;

    for (size_t captured = 0; captured <= sizeof bytes; captured++) {
        uint8_t *header = exact(bytes, captured);
        memset(&segment, 0xa5, sizeof segment);
        const mps_parse_result result =
            mps_segment_parse_tcp(&segment, header, captured, sizeof bytes);
        free(header);
        assert_int_equal(result, captured < 20 ? MPS_PARSE_TRUNCATED : MPS_PARSE_OK);
        if (captured < 20)
            continue;
        check_tcp();
        assert_int_equal(segment.length, 5);
        assert_int_equal(segment.options_captured, captured < 32 ? captured - 20 : 12);
        assert_int_equal(segment.options_truncated, captured < 32);
        assert_false(segment.options_malformed);
        assert_int_equal(segment.mptcp_count, (captured >= 23 ? 1 : 0) + (captured >= 31 ? 1 : 0));
        if (segment.mptcp_count > 0) {
            assert_int_equal(segment.mptcp[0].valid, captured >= 28);
            assert_int_equal(segment.mptcp[0].truncated, captured < 28);
        }
    }
}

static void test_tcp_lengths(void **state)
{
    static const uint8_t bytes[] = {TCP_BYTES};
    uint8_t wrong[sizeof bytes];
    (void)state;

    for (size_t length = 0; length < sizeof bytes; length++) {
        const mps_parse_result result =
            mps_segment_parse_tcp(&segment, bytes, sizeof bytes, length);
        assert_int_equal(result, length < 32 ? MPS_PARSE_MALFORMED : MPS_PARSE_OK);
        if (length >= 32)
            assert_int_equal(segment.length, length - 32);
    }
    memcpy(wrong, bytes, sizeof bytes);
    for (uint8_t offset = 0; offset < 5; offset++) {
        wrong[12] = (uint8_t)(offset << 4);
        assert_int_equal(mps_segment_parse_tcp(&segment, wrong, sizeof wrong, sizeof wrong),
                         MPS_PARSE_MALFORMED);
    }
}

#define IPV4_HEADER(total)                                                                         \
    0x45, 0x2e, (uint8_t)((total) >> 8), (uint8_t)(total), 0xbe, 0xef, 0x40, 0, 63, 6, 0, 0, 10,   \
        0, 1, 1, 10, 0, 1, 2

/* Parse a header of 20 bytes and a payload of which `captured` bytes were captured. */
static void parse_payload(const uint8_t *payload, size_t length, size_t captured)
{
    uint8_t *bytes = calloc(1, 20 + captured);
    assert_non_null(bytes);
    bytes[12] = 5 << 4;
    if (captured > 0)
        memcpy(bytes + 20, payload, captured);
    memset(&segment, 0xa5, sizeof segment);
    assert_int_equal(mps_segment_parse_tcp(&segment, bytes, 20 + captured, 20 + length),
                     MPS_PARSE_OK);
    free(bytes);
}

static uint16_t slow_sum(const uint8_t *bytes, size_t length)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < length; i++) {
        sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)sum;
}

static void test_unfilled_checksum(void **state)
{
    (void)state;
    mps_segment v4 = {.header_length = 32, .length = 1000};
    assert_true(mps_address_from_text(&v4.source, "10.0.0.1"));
    assert_true(mps_address_from_text(&v4.destination, "10.0.255.2"));
    /* 0a00 + 0001 + 0a00 + ff02 + 0006 + 0408 = 1_1711 */
    v4.checksum = 0x1712;
    assert_true(mps_segment_checksum_unfilled(&v4));
    v4.checksum = (uint16_t)~0x1712;
    assert_false(mps_segment_checksum_unfilled(&v4));
    v4.length = 100000; /* merged: 0x186a0 + 0x20 */
    v4.checksum = 0x99ca + 1;
    assert_true(mps_segment_checksum_unfilled(&v4));
    mps_segment v6 = {.header_length = 20, .checksum = 0xfa1d};
    assert_true(mps_address_from_text(&v6.source, "fd00::1"));
    assert_true(mps_address_from_text(&v6.destination, "fd00::2"));
    assert_true(mps_segment_checksum_unfilled(&v6) == false);
    v6.checksum = 0xfa1e; /* fd00 + 1 + fd00 + 2 + 6 + 14 = 1_fa1d */
    assert_true(mps_segment_checksum_unfilled(&v6));
}

static void test_interfaces_apart(void **state)
{
    (void)state;
    const mps_link_facts none = MPS_NO_LINK_FACTS, first = {.interface = 0},
                         second = {.interface = 1},
                         second_of_two = {.interface = 1, .link_index = 7},
                         other = {.interface = 1, .link_index = 8};
    assert_false(mps_link_facts_apart(&none, &first));
    assert_false(mps_link_facts_apart(&first, &first));
    assert_true(mps_link_facts_apart(&first, &second));
    assert_false(mps_link_facts_apart(&second, &second_of_two));
    assert_true(mps_link_facts_apart(&second_of_two, &other));
}

static void test_payload_sum(void **state)
{
    /* The example of RFC 1071 section 3. */
    static const uint8_t example[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    uint8_t bytes[300];
    (void)state;
    parse_payload(example, sizeof example, sizeof example);
    assert_true(segment.has_payload_sum);
    assert_int_equal(segment.payload_sum, 0xddf2);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i < 100 ? 0xff : i * 37);
    for (size_t length = 1; length <= sizeof bytes; length++) {
        parse_payload(bytes, length, length);
        assert_true(segment.has_payload_sum);
        assert_int_equal(segment.payload_sum, slow_sum(bytes, length));
        parse_payload(bytes, length, length - 1); /* cut by the snaplen */
        assert_false(segment.has_payload_sum);
        assert_int_equal(segment.payload_sum, 0);
    }
    parse_payload(bytes, 0, 0);
    assert_false(segment.has_payload_sum);
}

static void test_ipv4(void **state)
{
    static const uint8_t bytes[] = {IPV4_HEADER(57), TCP_BYTES, 'p', 'a', 'd'};
    char text[MPS_ADDRESS_TEXT_MAX];
    (void)state;

    for (size_t captured = 0; captured < 40; captured++)
        assert_int_equal(parse_ip(bytes, captured, sizeof bytes), MPS_PARSE_TRUNCATED);
    for (size_t captured = 40; captured <= sizeof bytes; captured++) {
        assert_int_equal(parse_ip(bytes, captured, sizeof bytes), MPS_PARSE_OK);
        check_tcp();
        assert_int_equal(segment.length, 5);
    }
    assert_string_equal(mps_address_text(&segment.source, text), "10.0.1.1");
    assert_string_equal(mps_address_text(&segment.destination, text), "10.0.1.2");
    assert_int_equal(segment.source.bytes[4], 0); /* unused ones are 0 */
    assert_int_equal(segment.ip_id, 0xbeef);
    assert_int_equal(segment.ttl, 63);
    assert_int_equal(segment.tos, 0x2e);
}

static void test_ipv4_lengths(void **state)
{
    uint8_t bytes[] = {IPV4_HEADER(57), TCP_BYTES};
    (void)state;

    /* Segmentation offload leaves 0; then the length on the wire counts. */
    bytes[3] = 0;
    assert_int_equal(parse_ip(bytes, sizeof bytes, 70052), MPS_PARSE_OK);
    assert_int_equal(segment.length, 70000);
    /* The length in the header counts, even if less was captured, but no more than was on the wire.
     */
    bytes[2] = 0x05, bytes[3] = 0xdc;
    assert_int_equal(parse_ip(bytes, sizeof bytes, sizeof bytes), MPS_PARSE_OK);
    assert_int_equal(segment.length, 5);
    assert_int_equal(parse_ip(bytes, 45, 1500), MPS_PARSE_OK);
    assert_int_equal(segment.length, 1448);
    assert_true(segment.options_truncated);
    bytes[2] = bytes[3] = 0xff;
    assert_int_equal(parse_ip(bytes, sizeof bytes, 70000), MPS_PARSE_OK);
    assert_int_equal(segment.length, 65483);

    for (unsigned total = 1; total < 52; total++) {
        bytes[2] = 0, bytes[3] = (uint8_t)total;
        assert_int_equal(parse_ip(bytes, sizeof bytes, sizeof bytes), MPS_PARSE_MALFORMED);
    }
    bytes[3] = 57;
    for (unsigned words = 0; words < 5; words++) {
        bytes[0] = (uint8_t)(0x40 | words);
        assert_int_equal(parse_ip(bytes, sizeof bytes, sizeof bytes), MPS_PARSE_MALFORMED);
    }
}

static void test_ipv4_options(void **state)
{
    static const uint8_t bytes[] = {0x46, 0, 0, 61, 0, 1, 0x40, 0, 64, 6, 0, 0,        10,
                                    0,    1, 1, 10, 0, 1, 2,    1, 1,  1, 0, TCP_BYTES};
    (void)state;

    assert_int_equal(parse_ip(bytes, sizeof bytes, sizeof bytes), MPS_PARSE_OK);
    check_tcp();
    assert_int_equal(segment.length, 5);
    for (size_t captured = 0; captured < 44; captured++)
        assert_int_equal(parse_ip(bytes, captured, sizeof bytes), MPS_PARSE_TRUNCATED);
}

static void test_not_tcp(void **state)
{
    uint8_t bytes[] = {IPV4_HEADER(57), TCP_BYTES};
    (void)state;

    bytes[7] = 1; /* fragment offset */
    assert_int_equal(parse_ip(bytes, sizeof bytes, sizeof bytes), MPS_PARSE_NOT_TCP);
    bytes[6] = 0x20, bytes[7] = 0; /* the first fragment */
    assert_int_equal(parse_ip(bytes, sizeof bytes, sizeof bytes), MPS_PARSE_NOT_TCP);
    bytes[6] = 0x10, bytes[7] = 0;
    assert_int_equal(parse_ip(bytes, sizeof bytes, sizeof bytes), MPS_PARSE_NOT_TCP);
    bytes[6] = 0;
    bytes[9] = 17;
    assert_int_equal(parse_ip(bytes, sizeof bytes, sizeof bytes), MPS_PARSE_NOT_TCP);
    for (unsigned version = 0; version < 16; version++) {
        bytes[0] = (uint8_t)(version << 4 | 5);
        if (version != 4 && version != 6)
            assert_int_equal(parse_ip(bytes, sizeof bytes, sizeof bytes), MPS_PARSE_NOT_TCP);
    }
    assert_int_equal(parse_ip(bytes, 0, 0), MPS_PARSE_TRUNCATED);
}

#define IPV6_HEADER(payload, next)                                                                 \
    0x62, 0xe1, 0x23, 0x45, (uint8_t)((payload) >> 8), (uint8_t)(payload), next, 61, IPV6_A, IPV6_B

static void check_ipv6(const uint8_t *bytes, size_t size)
{
    const size_t needed = size - TCP_SIZE + 20;

    for (size_t captured = 0; captured <= size; captured++) {
        const mps_parse_result result = parse_ip(bytes, captured, size);
        assert_int_equal(result, captured < needed ? MPS_PARSE_TRUNCATED : MPS_PARSE_OK);
    }
    check_tcp();
    assert_int_equal(segment.length, 5);
    assert_int_equal(segment.ip_id, -1);
    assert_int_equal(segment.ttl, 61);
    assert_int_equal(segment.tos, 0x2e);
}

static void test_ipv6(void **state)
{
    char text[MPS_ADDRESS_TEXT_MAX];
    (void)state;

    check_ipv6(BYTES(IPV6_HEADER(37, 6), TCP_BYTES));
    assert_string_equal(mps_address_text(&segment.source, text), "fd00:1::1");
    assert_string_equal(mps_address_text(&segment.destination, text), "fd00:2::2");
    assert_int_equal(segment.source.length, 16);
}

#define EXTENSION_8(next) next, 0, 1, 4, 0, 0, 0, 0
#define EXTENSION_16(next) next, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
#define EXTENSION_AH(next) next, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0

static void test_ipv6_extensions(void **state)
{
    (void)state;
    check_ipv6(BYTES(IPV6_HEADER(45, 0), EXTENSION_8(6), TCP_BYTES));
    check_ipv6(BYTES(IPV6_HEADER(53, 43), EXTENSION_16(6), TCP_BYTES));
    check_ipv6(BYTES(IPV6_HEADER(45, 60), EXTENSION_8(6), TCP_BYTES));
    check_ipv6(BYTES(IPV6_HEADER(61, 51), EXTENSION_AH(6), TCP_BYTES));
    /* A fragment header of a packet that is whole (RFC 6946). */
    check_ipv6(BYTES(IPV6_HEADER(45, 44), 6, 0, 0, 0, 0, 0, 0, 9, TCP_BYTES));
    check_ipv6(BYTES(IPV6_HEADER(101, 0), EXTENSION_16(60), EXTENSION_8(43), EXTENSION_8(44), 51, 0,
                     0, 0, 0, 0, 0, 9, EXTENSION_AH(6), TCP_BYTES));
}

static void test_ipv6_lengths(void **state)
{
    uint8_t jumbo[] = {IPV6_HEADER(0, 0), EXTENSION_8(6), TCP_BYTES};
    uint8_t bytes[] = {IPV6_HEADER(45, 0), EXTENSION_8(6), TCP_BYTES};
    (void)state;

    assert_int_equal(parse_ip(jumbo, sizeof jumbo, 40 + 8 + 32 + 100000), MPS_PARSE_OK);
    assert_int_equal(segment.length, 100000);
    for (size_t length = 0; length < 80; length++)
        assert_int_equal(parse_ip(jumbo, sizeof jumbo, length), MPS_PARSE_MALFORMED);

    for (uint8_t payload = 1; payload < 40; payload++) {
        bytes[5] = payload;
        assert_int_equal(parse_ip(bytes, sizeof bytes, sizeof bytes), MPS_PARSE_MALFORMED);
    }
    /* An extension header that is longer than the packet. */
    bytes[5] = 45;
    bytes[41] = 255;
    assert_int_equal(parse_ip(bytes, sizeof bytes, sizeof bytes), MPS_PARSE_MALFORMED);
    bytes[4] = 0xff;
    assert_int_equal(parse_ip(bytes, sizeof bytes, 0xffff), MPS_PARSE_TRUNCATED);
}

static void test_ipv6_not_tcp(void **state)
{
    static const uint8_t protocols[] = {17, 50, 58, 59, 132};
    uint8_t fragment[] = {IPV6_HEADER(45, 44), 6, 0, 0, 8, 0, 0, 0, 9, TCP_BYTES};
    (void)state;

    assert_int_equal(parse_ip(fragment, sizeof fragment, sizeof fragment), MPS_PARSE_NOT_TCP);
    for (size_t i = 0; i < sizeof protocols; i++) {
        const uint8_t bytes[] = {IPV6_HEADER(37, protocols[i]), TCP_BYTES};
        assert_int_equal(parse_ip(bytes, sizeof bytes, sizeof bytes), MPS_PARSE_NOT_TCP);
    }
}

/* xorshift64: the same bytes on every system. */
static uint64_t next_random(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

static void check_counts(void)
{
    assert_true(segment.options_captured <= MPS_TCP_OPTIONS_MAX);
    assert_true(segment.mptcp_count <= MPS_MPTCP_OPTIONS_MAX);
    assert_true(segment.sack_blocks <= MPS_SACK_BLOCKS_MAX);
    for (unsigned i = 0; i < segment.mptcp_count; i++) {
        const mps_option *option = &segment.mptcp[i];
        const size_t at = (size_t)(option->raw - segment.options);
        assert_false(option->valid && option->truncated);
        assert_true(at + 3 <= segment.options_captured);
        assert_true(option->truncated || at + option->length <= segment.options_captured);
    }
}

/* Random bytes, enough of them corrected so that the IP header is valid. */
static void test_hostile(void **state)
{
    uint64_t random = UINT64_C(0x9e3779b97f4a7c15);
    unsigned parsed = 0;
    (void)state;

    for (unsigned i = 0; i < 100000; i++) {
        uint8_t bytes[120];
        const size_t size = next_random(&random) % (sizeof bytes + 1);
        const bool v6 = next_random(&random) % 2;
        for (size_t j = 0; j < sizeof bytes; j++)
            bytes[j] = (uint8_t)(next_random(&random) >> 32);
        bytes[0] = v6 ? 0x60 : (uint8_t)(0x45 + (bytes[0] & 1));
        bytes[v6 ? 6 : 9] = 6;
        if (!v6)
            bytes[6] = bytes[7] = 0;
        bytes[v6 ? 52 : 32] |= 0x50;
        /* Known kinds and lengths, at random places. */
        for (size_t j = 40; j + 2 < sizeof bytes; j += 1 + next_random(&random) % 12) {
            bytes[j] = next_random(&random) % 4 ? 30 : (uint8_t)(next_random(&random) % 10);
            bytes[j + 1] = (uint8_t)(next_random(&random) % 32);
        }
        if (parse_ip(bytes, size, next_random(&random) % 200) == MPS_PARSE_OK) {
            check_counts();
            parsed++;
        }
    }
    assert_true(parsed > 10000); /* otherwise this tests little */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_cut_options),
        cmocka_unit_test(test_capable),
        cmocka_unit_test(test_capable_versions),
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_join_flags),
        cmocka_unit_test(test_dss),
        cmocka_unit_test(test_add_addr),
        cmocka_unit_test(test_remove_addr),
        cmocka_unit_test(test_small_options),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_tcp_options),
        cmocka_unit_test(test_sack),
        cmocka_unit_test(test_odd_option_lengths),
        cmocka_unit_test(test_malformed_options),
        cmocka_unit_test(test_many_options),
        cmocka_unit_test(test_options_in_place),
        cmocka_unit_test(test_tcp),
        cmocka_unit_test(test_tcp_lengths),
        cmocka_unit_test(test_payload_sum),
        cmocka_unit_test(test_unfilled_checksum),
        cmocka_unit_test(test_interfaces_apart),
        cmocka_unit_test(test_ipv4),
        cmocka_unit_test(test_ipv4_lengths),
        cmocka_unit_test(test_ipv4_options),
        cmocka_unit_test(test_not_tcp),
        cmocka_unit_test(test_ipv6),
        cmocka_unit_test(test_ipv6_extensions),
        cmocka_unit_test(test_ipv6_lengths),
        cmocka_unit_test(test_ipv6_not_tcp),
        cmocka_unit_test(test_hostile),
    };

    return cmocka_run_group_tests_name("segment", tests, NULL, NULL);
}
