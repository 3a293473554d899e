/* headers.c: finds the TCP headers of a frame that Wireshark dissected, and decodes them.
 *
 * A protocol tree, even one of a few fields, would add a quarter to the time of dissection. So this
 * file uses what every dissection leaves anyway. The layers (pinfo->layers) show how many TCP
 * headers there are and whether an ICMP message quotes them. Among the buffers (tvbuffs) there is
 * one that starts with each IP header, because each dissector gets a buffer that starts with its
 * header. The library decodes the headers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "headers.h"
#include "compat.h"
#include <epan/conversation.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/ipproto.h>
#include <epan/tvbuff-int.h>
#include <string.h>
#include <wiretap/wtap.h>
#include <wiretap/wtap_opttypes.h>

#define IPV4_HEADER_MIN 20
#define IPV6_HEADER 40
#define TCP_HEADER_MIN 20

static int proto_ip_tcp, proto_icmp, proto_icmpv6, proto_pktap;

/* The current frame. The array `packets` is reused for every frame. */
static struct {
    tvbuff_t *frame;
    unsigned tcp_count; /* TCP headers that are not found yet */
    GPtrArray *packets; /* buffers (tvbuff_t) that may start with the IP header of a TCP segment */
    unsigned next;      /* index of the next one to try */
    mps_link_facts link;
} at;

void mptcpscope_headers_init(void)
{
    proto_ip_tcp = proto_get_id_by_filter_name("tcp");
    proto_icmp = proto_get_id_by_filter_name("icmp");
    proto_icmpv6 = proto_get_id_by_filter_name("icmpv6");
    proto_pktap = proto_get_id_by_filter_name("pktap");
    at.packets = g_ptr_array_new();
}

/* @return the number of dissected TCP headers. Headers after an ICMP header are only quoted. */
static unsigned count_tcp_layers(const packet_info *pinfo)
{
    unsigned count = 0;

    for (wmem_list_frame_t *layer = wmem_list_head(pinfo->layers); layer != NULL;
         layer = wmem_list_frame_next(layer)) {
        int proto = GPOINTER_TO_INT(wmem_list_frame_data(layer));

        if (proto == proto_icmp || proto == proto_icmpv6) {
            break;
        }
        count += proto == proto_ip_tcp;
    }
    return count;
}

/* @return whether a buffer may start with the IP header of a TCP segment */
static bool may_be_packet(tvbuff_t *tvb)
{
    unsigned captured = tvb_captured_length(tvb);
    const uint8_t *bytes;

    if (captured < IPV4_HEADER_MIN + TCP_HEADER_MIN) {
        return false;
    }
    bytes = tvb_get_ptr(tvb, 0, IPV4_HEADER_MIN);
    return bytes[0] >> 4 == 4 ? bytes[9] == IP_PROTO_TCP || bytes[9] == IP_PROTO_AH
                              : bytes[0] >> 4 == 6 && captured >= IPV6_HEADER + TCP_HEADER_MIN;
}

/* @return whether buffer `a` comes before `b`. Buffers are in the order of their bytes in the
 * frame; buffers of other bytes, such as decrypted ones, come after them. */
static bool comes_before(tvbuff_t *a, tvbuff_t *b)
{
    bool a_other = tvb_get_ds_tvb(a) != tvb_get_ds_tvb(at.frame);
    bool b_other = tvb_get_ds_tvb(b) != tvb_get_ds_tvb(at.frame);

    return a_other != b_other ? b_other : tvb_raw_offset(a) < tvb_raw_offset(b);
}

/* Insert a buffer in order, unless there is one that starts at the same byte. */
static void add_packet(tvbuff_t *tvb)
{
    unsigned place = at.packets->len;

    while (place > 0 && comes_before(tvb, (tvbuff_t *)g_ptr_array_index(at.packets, place - 1))) {
        place--;
    }
    if (place > 0) {
        tvbuff_t *previous = (tvbuff_t *)g_ptr_array_index(at.packets, place - 1);

        if (tvb_get_ds_tvb(previous) == tvb_get_ds_tvb(tvb) &&
            tvb_raw_offset(previous) == tvb_raw_offset(tvb)) {
            return;
        }
    }
    g_ptr_array_insert(at.packets, (int)place, tvb);
}

/* @return the kind of a frame's link layer, by its encapsulation (WTAP_ENCAP_*) */
static mps_link_kind link_kind(int encapsulation)
{
    switch (encapsulation) {
    case WTAP_ENCAP_ETHERNET:
        return MPS_LINK_ETHERNET;
    case WTAP_ENCAP_SLL:
        return MPS_LINK_COOKED;
    case WTAP_ENCAP_SLL2:
        return MPS_LINK_COOKED_V2;
    case WTAP_ENCAP_PKTAP:
        return MPS_LINK_PKTAP;
    default:
        return MPS_LINK_OTHER;
    }
}

int mptcpscope_headers_encapsulation(const packet_info *pinfo)
{
    /* The first layer is the frame. */
    wmem_list_frame_t *layer = wmem_list_frame_next(wmem_list_head(pinfo->layers));

    /* Its dissector overwrites the encapsulation with that of what it carries. */
    if (layer != NULL && GPOINTER_TO_INT(wmem_list_frame_data(layer)) == proto_pktap) {
        return WTAP_ENCAP_PKTAP;
    }
    return pinfo->rec->rec_header.packet_header.pkt_encap;
}

mps_link_facts mptcpscope_headers_link(tvbuff_t *frame, const packet_info *pinfo)
{
    const wtap_rec *rec = pinfo->rec;
    const wtap_packet_header *header = &rec->rec_header.packet_header;
    unsigned captured = tvb_captured_length(frame);
    mps_link_facts link = MPS_NO_LINK_FACTS;
    uint32_t flags;

    if (rec->presence_flags & WTAP_HAS_INTERFACE_ID) {
        unsigned section = rec->presence_flags & WTAP_HAS_SECTION_NUMBER ? rec->section_number : 0;

        link.interface = section << 16 | (header->interface_id & 0xffff);
    }
    if (rec->block != NULL && wtap_block_get_uint32_option_value(rec->block, OPT_PKT_FLAGS,
                                                                 &flags) == WTAP_OPTTYPE_SUCCESS) {
        mps_link_facts_take_flags(&link, flags);
    }
    mps_link_facts_take(&link, link_kind(mptcpscope_headers_encapsulation(pinfo)),
                        tvb_get_ptr(frame, 0, (int)captured), captured);
    return link;
}

bool mptcpscope_headers_begin(tvbuff_t *frame, packet_info *pinfo)
{
    at.tcp_count = count_tcp_layers(pinfo);
    if (at.tcp_count == 0) {
        return false;
    }
    at.frame = frame;
    at.next = 0;
    g_ptr_array_set_size(at.packets, 0);
    for (tvbuff_t *tvb = frame; tvb != NULL; tvb = tvb->next) {
        if (may_be_packet(tvb)) {
            add_packet(tvb);
        }
    }
    at.link = mptcpscope_headers_link(frame, pinfo);
    return true;
}

/* @return false if it is not an IP address */
static bool copy_ip_address(mps_address *to, const address *from)
{
    if ((from->type != AT_IPv4 || from->len != 4) && (from->type != AT_IPv6 || from->len != 16)) {
        return false;
    }
    memset(to, 0, sizeof *to);
    to->length = (uint8_t)from->len;
    memcpy(to->bytes, from->data, to->length);
    return true;
}

static bool starts_with_ports(tvbuff_t *tvb, const packet_info *pinfo)
{
    return tvb_captured_length(tvb) >= TCP_HEADER_MIN && tvb_get_ntohs(tvb, 0) == pinfo->srcport &&
           tvb_get_ntohs(tvb, 2) == pinfo->destport;
}

/* Decode the TCP header of a packet that arrived in fragments. It does not follow an IP header; it
 * is at the start of the buffer of the reassembled packet. IP fields that may differ between
 * fragments are set to unknown. */
static bool parse_reassembled(const packet_info *pinfo, mps_segment *segment)
{
    segment->ip_id = -1;
    segment->ttl = 0;
    segment->tos = 0;
    for (tvbuff_t *tvb = at.frame; tvb != NULL; tvb = tvb->next) {
        if (tvb_get_ds_tvb(tvb) != tvb_get_ds_tvb(at.frame) && tvb_raw_offset(tvb) == 0 &&
            starts_with_ports(tvb, pinfo) && copy_ip_address(&segment->source, &pinfo->net_src) &&
            copy_ip_address(&segment->destination, &pinfo->net_dst)) {
            unsigned captured = tvb_captured_length(tvb);

            return mps_segment_parse_tcp(segment, tvb_get_ptr(tvb, 0, (int)captured), captured,
                                         tvb_reported_length(tvb)) == MPS_PARSE_OK;
        }
    }
    return false;
}

static void set_ip_address(address *to, const mps_address *from)
{
    set_address(to, from->length == 4 ? AT_IPv4 : AT_IPv6, from->length, from->bytes);
}

/* @return Wireshark's number of the segment's TCP connection (tcp.stream), or -1. Wireshark looks
 * it up by the addresses in `pinfo`, which are those of another segment if the frame has several.
 * So they are replaced during the call. */
static int32_t tcp_stream(packet_info *pinfo, const mps_segment *segment)
{
    address source = pinfo->src, destination = pinfo->dst;
    uint32_t source_port = pinfo->srcport, destination_port = pinfo->destport;
    const conversation_t *conversation;
    const struct tcp_analysis *analysis = NULL;

    set_ip_address(&pinfo->src, &segment->source);
    set_ip_address(&pinfo->dst, &segment->destination);
    pinfo->srcport = segment->source_port;
    pinfo->destport = segment->destination_port;
    conversation = FIND_TCP_CONVERSATION(pinfo);
    pinfo->src = source;
    pinfo->dst = destination;
    pinfo->srcport = source_port;
    pinfo->destport = destination_port;
    if (conversation != NULL) {
        analysis =
            (const struct tcp_analysis *)conversation_get_proto_data(conversation, proto_ip_tcp);
    }
    return analysis != NULL ? (int32_t)analysis->stream : -1;
}

/* Decode the IP and TCP header at the start of a buffer. Other bytes may look like headers; real
 * ones belong to a connection that Wireshark knows, because it dissected them. */
static bool parse_packet(packet_info *pinfo, tvbuff_t *tvb, mps_segment *segment)
{
    unsigned captured = tvb_captured_length(tvb);

    if (mps_segment_parse_ip(segment, tvb_get_ptr(tvb, 0, (int)captured), captured,
                             tvb_reported_length(tvb)) != MPS_PARSE_OK) {
        return false;
    }
    segment->tcp_stream = tcp_stream(pinfo, segment);
    return segment->tcp_stream >= 0;
}

bool mptcpscope_headers_next(packet_info *pinfo, mps_segment *segment)
{
    bool found = false;

    if (at.tcp_count == 0) {
        return false;
    }
    while (!found && at.next < at.packets->len) {
        found = parse_packet(pinfo, (tvbuff_t *)g_ptr_array_index(at.packets, at.next++), segment);
    }
    at.tcp_count = found ? at.tcp_count - 1 : 0;
    if (!found) {
        if (!parse_reassembled(pinfo, segment)) {
            return false;
        }
        segment->tcp_stream = tcp_stream(pinfo, segment);
    }
    segment->link = at.link;
    segment->frame = pinfo->num;
    segment->time = mps_time_of(pinfo->abs_ts.secs, pinfo->abs_ts.nsecs);
    return true;
}

/*
 * Editor modelines
 *
 * Local Variables:
 * c-basic-offset: 4
 * tab-width: 8
 * indent-tabs-mode: nil
 * End:
 *
 * ex: set shiftwidth=4 tabstop=8 expandtab:
 * :indentSize=4:tabSize=8:noTabs=true:
 */
