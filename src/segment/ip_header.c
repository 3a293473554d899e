/* ip_header.c: the walk through IP headers to what a packet carries.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ip_header.h"

/* Does another fragment have the beginning? @param place  the field that has the fragment offset */
static bool lacks_start(uint16_t place, bool quoted, uint16_t offset, uint16_t more)
{
    return (place & (quoted ? offset : offset | more)) != 0;
}

/* Go to what follows the header of IPv4, or the fixed one of IPv6. */
static bool begin_walk(const uint8_t *packet, size_t captured, bool quoted, mps_ip_place *place)
{
    const unsigned version = captured > 0 ? packet[0] >> 4 : 0;
    if (version == 4 && captured >= MPS_IPV4_HEADER_MIN) {
        *place = mps_ipv4_first(packet);
        return place->at >= MPS_IPV4_HEADER_MIN &&
               !lacks_start(mps_load16(packet + 6), quoted, MPS_IPV4_OFFSET, MPS_IPV4_MORE);
    }
    if (version != 6 || captured < MPS_IPV6_HEADER)
        return false;
    *place = mps_ipv6_first(packet);
    return true;
}

bool mps_ip_walk(const uint8_t *packet, size_t captured, bool quoted, mps_ip_place *place)
{
    if (!begin_walk(packet, captured, quoted, place))
        return false;
    for (; mps_ip_has_next(place); mps_ip_next(place, packet))
        if (!mps_ip_can_pass(place, captured) ||
            (place->protocol == MPS_PROTOCOL_FRAGMENT &&
             lacks_start(mps_load16(packet + place->at + 2), quoted, MPS_IPV6_OFFSET,
                         MPS_IPV6_MORE)))
            return false;
    return true;
}
