/* mptcp_option.c: decodes MPTCP options (RFC 8684, and RFC 6824 for version 0).
 *
 * The length decides whether an option is valid: each form has its own, and an option is decoded
 * only after its length was found to be that of a form. So no load can pass the end of the option.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "mptcpscope/segment.h"
#include "option_parse.h"

#include <glib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/likely.h"

/* DSS flags (RFC 8684 section 3.3). */
#define DSS_ACK 0x01u
#define DSS_ACK_64 0x02u
#define DSS_MAP 0x04u
#define DSS_DSN_64 0x08u
#define DSS_DATA_FIN 0x10u

/* Flag B of MP_JOIN and of MP_PRIO (RFC 8684 sections 3.2 and 3.3.8). */
#define JOIN_BACKUP 0x1u
#define PRIO_BACKUP 0x1u

/* Bytes of the truncated HMAC and of the port of ADD_ADDR (RFC 8684 section 3.4.1). */
#define ADD_ADDR_HMAC_LENGTH 8u
#define ADD_ADDR_PORT_LENGTH 2u

/* Reasons of MP_TCPRST (RFC 8684 section 3.6). */
enum {
    TCPRST_UNSPECIFIED = 0x00,
    TCPRST_MPTCP_ERROR = 0x01,
    TCPRST_RESOURCES = 0x02,
    TCPRST_PROHIBITED = 0x03,
    TCPRST_OUTSTANDING_DATA = 0x04,
    TCPRST_PERFORMANCE = 0x05,
    TCPRST_MIDDLEBOX = 0x06,
};

/* The length alone decides the form of MP_CAPABLE. The parser does not enforce the lengths that
 * SYN, SYN/ACK and ACK should have: the tracker judges them. */
static bool capable_length_fits(uint8_t version, uint8_t length)
{
    switch (length) {
    case 12:
    case 20:
        return true;
    case 4:  /* the SYN of version 1 carries no key */
    case 22: /* an ACK with data carries their length, and then maybe a checksum (24) */
    case 24:
        return version != 0;
    default:
        return false;
    }
}

static bool parse_capable(mps_option *option)
{
    const uint8_t *raw = option->raw;
    const uint8_t version = raw[2] & 0x0f;

    if (!capable_length_fits(version, option->length))
        return false;
    option->capable.version = version;
    option->capable.flags = raw[3];
    /* The fields after the flags are not known for later versions. */
    if (version > 1)
        return true;

    if (option->length >= 12) {
        option->capable.keys = 1;
        option->capable.sender_key = mps_load64(raw + 4);
    }
    if (option->length >= 20) {
        option->capable.keys = 2;
        option->capable.receiver_key = mps_load64(raw + 12);
    }
    if (option->length >= 22) {
        option->capable.has_data_length = true;
        option->capable.data_length = mps_load16(raw + 20);
    }
    if (option->length >= 24) {
        option->capable.has_checksum = true;
        option->capable.checksum = mps_load16(raw + 22);
    }
    return true;
}

static void copy_join_hmac(mps_option *option, uint8_t length)
{
    option->join.hmac_length = length;
    memcpy(option->join.hmac, option->raw + 4, length);
}

static bool parse_join(mps_option *option, uint16_t tcp_flags)
{
    const uint8_t *raw = option->raw;
    const unsigned handshake = tcp_flags & (MPS_TCP_SYN | MPS_TCP_ACK);

    if (option->length == 24 && handshake == MPS_TCP_ACK) {
        option->join.form = MPS_JOIN_ACK;
        copy_join_hmac(option, 20);
        return true;
    }

    if (option->length == 12 && handshake == MPS_TCP_SYN) {
        option->join.form = MPS_JOIN_SYN;
        option->join.token = mps_load32(raw + 4);
        option->join.nonce = mps_load32(raw + 8);
    } else if (option->length == 16 && handshake == (MPS_TCP_SYN | MPS_TCP_ACK)) {
        option->join.form = MPS_JOIN_SYNACK;
        copy_join_hmac(option, 8);
        option->join.nonce = mps_load32(raw + 12);
    } else {
        return false;
    }
    option->join.backup = (raw[2] & JOIN_BACKUP) != 0;
    option->join.address_id = raw[3];
    return true;
}

/* Bytes of a DSS option with these flags, without a checksum (RFC 8684 section 3.3). */
static unsigned dss_length(uint8_t flags)
{
    unsigned length = 4;

    if (flags & DSS_ACK)
        length += flags & DSS_ACK_64 ? 8 : 4;
    if (flags & DSS_MAP)
        length += (flags & DSS_DSN_64 ? 8u : 4u) + 4 + 2; /* DSN, SSN, length */
    return length;
}

static bool parse_dss(mps_option *option)
{
    const uint8_t flags = option->length >= 4 ? option->raw[3] : 0;
    const unsigned length = dss_length(flags);
    const uint8_t *at = option->raw + 4;

    /* A checksum covers a mapping, so only a mapping has one. */
    option->dss.has_map = (flags & DSS_MAP) != 0;
    option->dss.has_checksum = option->dss.has_map && option->length == length + 2;
    if (MPS_UNLIKELY(option->length != length) && !option->dss.has_checksum)
        return false;

    if (flags & DSS_ACK) {
        option->dss.has_ack = true;
        option->dss.ack_is_64 = (flags & DSS_ACK_64) != 0;
        option->dss.ack = option->dss.ack_is_64 ? mps_load64(at) : mps_load32(at);
        at += option->dss.ack_is_64 ? 8 : 4;
    }
    if (!option->dss.has_map)
        return true;

    option->dss.dsn_is_64 = (flags & DSS_DSN_64) != 0;
    option->dss.dsn = option->dss.dsn_is_64 ? mps_load64(at) : mps_load32(at);
    at += option->dss.dsn_is_64 ? 8 : 4;
    option->dss.ssn = mps_load32(at);
    option->dss.data_length = mps_load16(at + 4);
    if (MPS_UNLIKELY(option->dss.has_checksum))
        option->dss.checksum = mps_load16(at + 6);
    /* A DATA_FIN occupies a DSN, which only a mapping gives. */
    option->dss.data_fin = (flags & DSS_DATA_FIN) != 0;
    return true;
}

/* Bytes of the address in an ADD_ADDR; 0: the length is invalid. @param length  without the HMAC */
static uint8_t add_addr_address_length(unsigned length, bool *has_port)
{
    *has_port = length == 4 + 4 + ADD_ADDR_PORT_LENGTH || length == 4 + 16 + ADD_ADDR_PORT_LENGTH;
    if (*has_port)
        length -= ADD_ADDR_PORT_LENGTH;
    return length == 4 + 4 || length == 4 + 16 ? (uint8_t)(length - 4) : 0;
}

static bool parse_add_addr(mps_option *option)
{
    const uint8_t *at = option->raw + 4;
    const uint8_t low = option->raw[2] & 0x0f;
    const bool v0 = low == 4 || low == 6;
    const bool echo = low == 1;
    /* In version 1 an announced address has an HMAC, and an echo has none. */
    const bool has_hmac = !v0 && !echo;
    const unsigned hmac_length = has_hmac ? ADD_ADDR_HMAC_LENGTH : 0;
    bool has_port;
    uint8_t address_length;

    if (!v0 && low > 1)
        return false;
    if (option->length < hmac_length)
        return false;
    address_length = add_addr_address_length(option->length - hmac_length, &has_port);
    if (address_length == 0 || (v0 && address_length != (low == 4 ? 4 : 16)))
        return false;

    option->add_addr.v0 = v0;
    option->add_addr.echo = echo;
    option->add_addr.has_port = has_port;
    option->add_addr.has_hmac = has_hmac;
    option->add_addr.address_id = option->raw[3];
    option->add_addr.address.length = address_length;
    memcpy(option->add_addr.address.bytes, at, address_length);
    at += address_length;
    if (has_port) {
        option->add_addr.port = mps_load16(at);
        at += ADD_ADDR_PORT_LENGTH;
    }
    memcpy(option->add_addr.hmac, at, hmac_length);
    return true;
}

static bool parse_remove_addr(mps_option *option)
{
    if (option->length < 4 || option->length > MPS_TCP_OPTIONS_MAX)
        return false;
    option->remove_addr.count = (uint8_t)(option->length - 3);
    memcpy(option->remove_addr.ids, option->raw + 3, option->remove_addr.count);
    return true;
}

static bool parse_prio(mps_option *option)
{
    if (option->length != 3 && option->length != 4)
        return false;
    option->prio.backup = (option->raw[2] & PRIO_BACKUP) != 0;
    option->prio.has_address_id = option->length == 4;
    if (option->prio.has_address_id)
        option->prio.address_id = option->raw[3];
    return true;
}

static bool parse_fail(mps_option *option)
{
    if (option->length != 12)
        return false;
    option->fail.dsn = mps_load64(option->raw + 4);
    return true;
}

static bool parse_fastclose(mps_option *option)
{
    if (option->length != 12)
        return false;
    option->fastclose.key = mps_load64(option->raw + 4);
    return true;
}

static bool parse_tcprst(mps_option *option)
{
    if (option->length != 4)
        return false;
    option->tcprst.flags = option->raw[2] & 0x0f;
    option->tcprst.reason = option->raw[3];
    return true;
}

/* Nearly every option is a DSS. This decodes the others. */
static G_GNUC_NO_INLINE bool parse_other(mps_option *option, uint16_t tcp_flags)
{
    switch (option->subtype) {
    case MPS_MP_CAPABLE:
        return parse_capable(option);
    case MPS_MP_JOIN:
        return parse_join(option, tcp_flags);
    case MPS_ADD_ADDR:
        return parse_add_addr(option);
    case MPS_REMOVE_ADDR:
        return parse_remove_addr(option);
    case MPS_MP_PRIO:
        return parse_prio(option);
    case MPS_MP_FAIL:
        return parse_fail(option);
    case MPS_MP_FASTCLOSE:
        return parse_fastclose(option);
    case MPS_MP_TCPRST:
        return parse_tcprst(option);
    default:
        return true;
    }
}

void mps_option_parse(mps_option *option, const uint8_t *raw, uint8_t length, size_t captured,
                      uint16_t tcp_flags)
{
    memset(option, 0, sizeof *option);
    option->subtype = raw[2] >> 4;
    option->length = length;
    option->raw = raw;
    option->truncated = captured < length;
    if (MPS_LIKELY(!option->truncated))
        option->valid = MPS_LIKELY(option->subtype == MPS_DSS) ? parse_dss(option)
                                                               : parse_other(option, tcp_flags);
}

const char *mps_subtype_name(uint8_t subtype)
{
    static const char *const names[] = {
        [MPS_MP_CAPABLE] = "MP_CAPABLE",
        [MPS_MP_JOIN] = "MP_JOIN",
        [MPS_DSS] = "DSS",
        [MPS_ADD_ADDR] = "ADD_ADDR",
        [MPS_REMOVE_ADDR] = "REMOVE_ADDR",
        [MPS_MP_PRIO] = "MP_PRIO",
        [MPS_MP_FAIL] = "MP_FAIL",
        [MPS_MP_FASTCLOSE] = "MP_FASTCLOSE",
        [MPS_MP_TCPRST] = "MP_TCPRST",
    };

    return subtype < sizeof names / sizeof *names ? names[subtype] : NULL;
}

const char *mps_tcprst_reason_name(uint8_t reason)
{
    static const char *const names[] = {
        [TCPRST_UNSPECIFIED] = "Unspecified error",
        [TCPRST_MPTCP_ERROR] = "MPTCP-specific error",
        [TCPRST_RESOURCES] = "Lack of resources",
        [TCPRST_PROHIBITED] = "Administratively prohibited",
        [TCPRST_OUTSTANDING_DATA] = "Too much outstanding data",
        [TCPRST_PERFORMANCE] = "Unacceptable performance",
        [TCPRST_MIDDLEBOX] = "Middlebox interference",
    };

    return reason < sizeof names / sizeof *names ? names[reason] : "unknown";
}
