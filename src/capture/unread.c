/* unread.c: names and counts what frames carry that is not decoded, though it may hold TCP.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "unread.h"

#include <pcap/pcap.h>

#include "base/bytes.h"
#include "capture_internal.h"
#include "segment/ip_header.h"
#include <mptcpscope/frame_notes.h>

/* What is not decoded. */
typedef enum {
    NOTHING,
    WLAN_ENCRYPTED,
    WLAN_AGGREGATE,
    MACSEC,
    NSH,
    VN_TAG,
    E_TAG,
    PBB,
    TRILL,
    MPLS,
    ESP,
    L2TP,
    ETHERIP,
    IPCOMP,
    MPLS_IN_IP,
    ERSPAN,
    GRE,
    TEREDO,
    VXLAN_GPE,
    VXLAN_OLD,
    GRE_IN_UDP,
    MPLS_IN_UDP,
    LISP,
    CAPWAP,
    WIREGUARD,
    KINDS
} kind;

static const char *const words[KINDS] = {
    [WLAN_ENCRYPTED] = "encrypted IEEE 802.11",
    [WLAN_AGGREGATE] = "IEEE 802.11 A-MSDU",
    [MACSEC] = "MACsec",
    [NSH] = "NSH",
    [VN_TAG] = "VN-Tag",
    [E_TAG] = "IEEE 802.1BR E-Tag",
    [PBB] = "IEEE 802.1ah",
    [TRILL] = "TRILL",
    [MPLS] = "what these MPLS labels lead to",
    [ESP] = "IPsec ESP",
    [L2TP] = "L2TP",
    [ETHERIP] = "EtherIP",
    [IPCOMP] = "IPComp",
    [MPLS_IN_IP] = "MPLS in IP",
    [ERSPAN] = "ERSPAN",
    [GRE] = "what this GRE carries",
    [TEREDO] = "Teredo",
    [VXLAN_GPE] = "VXLAN-GPE",
    [VXLAN_OLD] = "VXLAN on UDP port 8472",
    [GRE_IN_UDP] = "GRE in UDP",
    [MPLS_IN_UDP] = "MPLS in UDP",
    [LISP] = "LISP",
    [CAPWAP] = "CAPWAP",
    [WIREGUARD] = "WireGuard",
};

typedef struct {
    uint16_t number;
    kind kind;
} named;

/* EtherTypes (IEEE 802 Numbers of IANA). */
static const named ethertypes[] = {
    {0x88e5, MACSEC}, {0x894f, NSH},   {0x8926, VN_TAG}, {0x893f, E_TAG},
    {0x88e7, PBB},    {0x22f3, TRILL}, {0x8847, MPLS},   {0x8848, MPLS},
};

/* IP protocol numbers (IANA). */
static const named protocols[] = {
    {50, ESP}, {97, ETHERIP}, {108, IPCOMP}, {115, L2TP}, {137, MPLS_IN_IP},
};

/* UDP ports (IANA; 8472 is what Linux took for VXLAN first, 51820 that of WireGuard's examples). */
static const named ports[] = {
    {1701, L2TP},        {3544, TEREDO}, {4500, ESP},    {4790, VXLAN_GPE}, {4754, GRE_IN_UDP},
    {6635, MPLS_IN_UDP}, {4341, LISP},   {5247, CAPWAP}, {8472, VXLAN_OLD}, {51820, WIREGUARD},
};

/* What GRE carries (RFC 2784: EtherTypes) and is decoded. */
static const uint16_t in_gre[] = {0, 0x0800, 0x86dd, 0x6558, 0x880b, 0x8847, 0x8848};
#define ETHERTYPE_ERSPAN 0x88beu
#define ETHERTYPE_ERSPAN_3 0x22ebu

#define UDP_HEADER 8u

struct mps_unread {
    uint64_t frames[KINDS];
    GHashTable *link_types; /* DLT_* -> uint64_t *, frames of a link type that is not known */
};

mps_unread *mps_unread_new(void)
{
    mps_unread *unread = g_new0(mps_unread, 1);
    unread->link_types = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    return unread;
}

void mps_unread_free(mps_unread *unread)
{
    if (unread == NULL)
        return;
    g_hash_table_unref(unread->link_types);
    g_free(unread);
}

static kind find_kind(const named *list, size_t length, uint16_t number)
{
    for (size_t i = 0; i < length; i++)
        if (list[i].number == number)
            return list[i].kind;
    return NOTHING;
}

/* ---- frames ---- */

/* Data frames that mps_link_find_ip() does not look into. @param at  where IEEE 802.11 begins */
static kind kind_of_80211(const uint8_t *frame, size_t captured, size_t at)
{
    if (captured < at + 26 || (frame[at] & 0x4f) != 0x08) /* version 0, data, not without data */
        return NOTHING;
    if (frame[at + 1] & 0x40)
        return WLAN_ENCRYPTED;
    const size_t control = at + ((frame[at + 1] & 0x03) == 0x03 ? 30 : 24);
    return frame[at] & 0x80 && captured > control && frame[control] & 0x80 ? WLAN_AGGREGATE
                                                                           : NOTHING;
}

static kind kind_of_frame(int link_type, const uint8_t *frame, size_t captured)
{
    switch (link_type) {
    case DLT_IEEE802_11:
        return kind_of_80211(frame, captured, 0);
    case DLT_IEEE802_11_RADIO:
        return captured < 4 ? NOTHING
                            : kind_of_80211(frame, captured, frame[2] | (size_t)frame[3] << 8);
    default:
        return find_kind(ethertypes, G_N_ELEMENTS(ethertypes),
                         mps_link_last_type(link_type, frame, captured));
    }
}

void mps_unread_frame(mps_unread *unread, int link_type, const uint8_t *frame, size_t captured)
{
    if (mps_link_known(link_type)) {
        unread->frames[kind_of_frame(link_type, frame, captured)]++;
        return;
    }
    uint64_t *count = g_hash_table_lookup(unread->link_types, GINT_TO_POINTER(link_type));
    if (count == NULL) {
        count = g_new0(uint64_t, 1);
        g_hash_table_insert(unread->link_types, GINT_TO_POINTER(link_type), count);
    }
    ++*count;
}

/* ---- packets ---- */

/* Does this UDP carry a packet, or what manages the tunnel? */
static bool carries_packet(kind found, const uint8_t *payload, size_t captured)
{
    switch (found) {
    case ESP: /* IKE has an SPI of 0 there (RFC 3948 section 2.2); a single byte keeps NAT alive */
        return captured >= 4 && mps_load32(payload) != 0;
    case L2TP: /* RFC 2661 section 3.1: the bit of control messages */
        return captured >= 1 && (payload[0] & 0x80) == 0;
    case WIREGUARD: /* data are its message type 4, in little endian */
        return captured >= 4 && mps_load32(payload) == 0x04000000;
    default:
        return true;
    }
}

static kind kind_of_udp(const uint8_t *packet, size_t captured, size_t at)
{
    if (captured < at + UDP_HEADER)
        return NOTHING;
    for (unsigned i = 2; i-- > 0;) {
        const kind found = find_kind(ports, G_N_ELEMENTS(ports), mps_load16(packet + at + 2u * i));
        if (found != NOTHING)
            return carries_packet(found, packet + at + UDP_HEADER, captured - at - UDP_HEADER)
                       ? found
                       : NOTHING;
    }
    return NOTHING;
}

static kind kind_of_gre(const uint8_t *packet, size_t captured, size_t at)
{
    if (captured < at + 4)
        return NOTHING;
    const uint16_t type = mps_load16(packet + at + 2);
    for (unsigned i = 0; i < G_N_ELEMENTS(in_gre); i++)
        if (in_gre[i] == type)
            return NOTHING;
    return type == ETHERTYPE_ERSPAN || type == ETHERTYPE_ERSPAN_3 ? ERSPAN : GRE;
}

void mps_unread_packet(mps_unread *unread, const uint8_t *packet, size_t captured)
{
    size_t at = 0;
    kind found = NOTHING;
    const int protocol = mps_tunnel_payload(packet, captured, &at);
    if (protocol == MPS_PROTOCOL_UDP)
        found = kind_of_udp(packet, captured, at);
    else if (protocol == MPS_PROTOCOL_GRE)
        found = kind_of_gre(packet, captured, at);
    else if (protocol >= 0)
        found = find_kind(protocols, G_N_ELEMENTS(protocols), (uint16_t)protocol);
    unread->frames[found]++;
}

/* ---- notes ---- */

static void add_note(GPtrArray *notes, uint64_t frames, const char *what)
{
    g_ptr_array_add(notes, g_strdup_printf("%" G_GUINT64_FORMAT " frame%s left out: %s is not "
                                           "decoded.",
                                           frames, frames == 1 ? " is" : "s are", what));
}

static gint compare_numbers(gconstpointer a, gconstpointer b)
{
    return GPOINTER_TO_INT(a) - GPOINTER_TO_INT(b);
}

/* @return freed by the caller */
static char *name_link_type(int link_type)
{
    const char *name = pcap_datalink_val_to_name(link_type);
    if (link_type == MPS_LINK_TYPE_UNKNOWN)
        return g_strdup("a link type that Wireshark does not know");
    return name != NULL ? g_strdup_printf("link type %s", name)
                        : g_strdup_printf("link type %d", link_type);
}

void mps_unread_notes(const mps_unread *unread, GPtrArray *notes)
{
    GList *types = g_list_sort(g_hash_table_get_keys(unread->link_types), compare_numbers);
    for (const GList *type = types; type != NULL; type = type->next) {
        const uint64_t *count = g_hash_table_lookup(unread->link_types, type->data);
        char *what = name_link_type(GPOINTER_TO_INT(type->data));
        add_note(notes, *count, what);
        g_free(what);
    }
    g_list_free(types);
    for (unsigned i = NOTHING + 1; i < KINDS; i++)
        if (unread->frames[i] > 0)
            add_note(notes, unread->frames[i], words[i]);
}
