/* icmp_error.c: decodes ICMP errors about TCP segments, and names them.
 *
 * Anybody can send one, with any quotation: no length in it is trusted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "mptcpscope/icmp_error.h"

#include <string.h>

#include "base/bytes.h"
#include "ip_header.h"

/* Bytes of TCP up to the end of the sequence number. */
#define TCP_QUOTED_MIN 8u

/* Types of ICMP errors (RFC 792) and of ICMPv6 errors (RFC 4443). */
enum {
    ICMP_UNREACHABLE = 3,
    ICMP_SOURCE_QUENCH = 4,
    ICMP_TIME_EXCEEDED = 11,
    ICMP_PARAMETER_PROBLEM = 12,
    ICMPV6_UNREACHABLE = 1,
    ICMPV6_TOO_BIG = 2,
    ICMPV6_TIME_EXCEEDED = 3,
    ICMPV6_PARAMETER_PROBLEM = 4,
};

/* The code of a destination unreachable that only asks for smaller packets. */
#define ICMP_FRAGMENTATION_NEEDED 4u

/* Codes that have a name of their own, at most. */
#define CODES_MAX 16u

/* The words of a type, and of its codes. */
typedef struct {
    uint8_t type;
    const char *name;
    const char *codes[CODES_MAX]; /* NULL: those of the type */
} type_words;

static const type_words icmp_words[] = {
    {ICMP_UNREACHABLE,
     "destination unreachable",
     {"network unreachable", "host unreachable", "protocol unreachable", "port unreachable",
      "fragmentation needed", "source route failed", "destination network unknown",
      "destination host unknown", "source host isolated", "network administratively prohibited",
      "host administratively prohibited", "network unreachable for type of service",
      "host unreachable for type of service", "communication administratively prohibited",
      "host precedence violation", "precedence cutoff in effect"}},
    {ICMP_SOURCE_QUENCH, "source quench", {NULL}},
    {ICMP_TIME_EXCEEDED,
     "time exceeded",
     {"time to live exceeded in transit", "fragment reassembly time exceeded"}},
    {ICMP_PARAMETER_PROBLEM, "parameter problem", {NULL}},
};

static const type_words icmpv6_words[] = {
    {ICMPV6_UNREACHABLE,
     "destination unreachable",
     {"no route to destination", "communication administratively prohibited",
      "beyond scope of source address", "address unreachable", "port unreachable",
      "source address failed ingress/egress policy", "reject route to destination",
      "error in source routing header", "headers too long"}},
    {ICMPV6_TOO_BIG, "packet too big", {NULL}},
    {ICMPV6_TIME_EXCEEDED,
     "time exceeded",
     {"hop limit exceeded in transit", "fragment reassembly time exceeded"}},
    {ICMPV6_PARAMETER_PROBLEM, "parameter problem", {NULL}},
};

static bool is_version_6(const mps_icmp_error *error)
{
    return error->sender.length == 16;
}

/* The words of a type of errors; NULL: it has none. */
static const type_words *words_of(bool v6, uint8_t type)
{
    const type_words *words = v6 ? icmpv6_words : icmp_words;
    size_t count =
        v6 ? sizeof icmpv6_words / sizeof *icmpv6_words : sizeof icmp_words / sizeof *icmp_words;
    for (; count > 0; count--, words++)
        if (words->type == type)
            return words;
    return NULL;
}

bool mps_icmp_is_error(bool v6, uint8_t type)
{
    return words_of(v6, type) != NULL;
}

bool mps_icmp_error_known(const mps_icmp_error *error)
{
    return mps_icmp_is_error(is_version_6(error), error->type);
}

const char *mps_icmp_error_name(const mps_icmp_error *error)
{
    const type_words *words = words_of(is_version_6(error), error->type);
    if (words == NULL)
        return "unknown";
    const char *code = error->code < CODES_MAX ? words->codes[error->code] : NULL;
    return code != NULL ? code : words->name;
}

bool mps_icmp_error_refuses(const mps_icmp_error *error)
{
    if (is_version_6(error))
        return error->type != ICMPV6_TOO_BIG;
    if (error->type == ICMP_UNREACHABLE)
        return error->code != ICMP_FRAGMENTATION_NEEDED;
    return error->type != ICMP_SOURCE_QUENCH;
}

/* ---- decoding ---- */

static unsigned version_of(const uint8_t *packet, size_t captured)
{
    return captured > 0 ? packet[0] >> 4 : 0;
}

/* Take the quoted segment. @return false: it is none of TCP, or is cut too early */
static bool take_quoted(mps_icmp_error *error, const uint8_t *packet, size_t captured)
{
    mps_ip_place place;
    if (!mps_ip_walk(packet, captured, true, &place) || place.protocol != MPS_PROTOCOL_TCP ||
        place.at + TCP_QUOTED_MIN > captured)
        return false;
    const bool v6 = version_of(packet, captured) == 6;
    const uint8_t *tcp = packet + place.at, *addresses = packet + (v6 ? 8 : 12);
    const uint8_t length = v6 ? 16 : 4;
    mps_address_set(&error->source, addresses, length);
    mps_address_set(&error->destination, addresses + length, length);
    error->source_port = mps_load16(tcp);
    error->destination_port = mps_load16(tcp + 2);
    error->seq = mps_load32(tcp + 4);
    return true;
}

/* @return the MTU that an error tells (RFC 1191 section 4, RFC 4443 section 3.2); 0: none */
static uint32_t mtu_of(const mps_icmp_error *error, const uint8_t *icmp)
{
    if (is_version_6(error))
        return error->type == ICMPV6_TOO_BIG ? mps_load32(icmp + 4) : 0;
    const bool tells = error->type == ICMP_UNREACHABLE && error->code == ICMP_FRAGMENTATION_NEEDED;
    return tells ? mps_load16(icmp + 6) : 0;
}

bool mps_icmp_error_parse(mps_icmp_error *error, const uint8_t *packet, size_t captured)
{
    mps_ip_place place;
    const bool v6 = version_of(packet, captured) == 6;
    if (!mps_ip_walk(packet, captured, false, &place) ||
        place.protocol != (v6 ? MPS_PROTOCOL_ICMPV6 : MPS_PROTOCOL_ICMP))
        return false;
    const size_t at = place.at;
    const size_t announced = v6 ? MPS_IPV6_HEADER + mps_load16(packet + 4) : mps_load16(packet + 2);
    if (announced > at && announced < captured)
        captured = announced; /* the rest is padding of the link layer */
    if (at + MPS_ICMP_HEADER > captured)
        return false;

    const uint8_t *icmp = packet + at;
    mps_address_set(&error->sender, packet + (v6 ? 8 : 12), v6 ? 16 : 4);
    error->ttl = packet[v6 ? 7 : 8];
    error->type = icmp[0];
    error->code = icmp[1];
    error->mtu = mtu_of(error, icmp);
    const uint8_t *quoted = icmp + MPS_ICMP_HEADER;
    const size_t quoted_captured = captured - at - MPS_ICMP_HEADER;
    return mps_icmp_error_known(error) && version_of(quoted, quoted_captured) == (v6 ? 6 : 4) &&
           take_quoted(error, quoted, quoted_captured);
}
