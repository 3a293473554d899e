/* frame-notes.c: counts the frames in which Wireshark finds no TCP although they may carry it, and
 * finds the ICMP errors in frames. The library looks at the bytes, so that the command finds the
 * same.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "frame-notes.h"
#include "headers.h"

#include "wiretap/link_types.h"

static GHashTable *link_types; /* of mps_link_types_new() */

void mptcpscope_frame_notes_init(void)
{
    link_types = mps_link_types_new();
}

bool mptcpscope_frame_notes_take(mps_frame_notes *notes, tvbuff_t *frame, const packet_info *pinfo,
                                 bool has_tcp, mps_icmp_error *icmp)
{
    const wtap_packet_header *header = &pinfo->rec->rec_header.packet_header;
    unsigned captured = tvb_captured_length(frame);
    int link_type;

    if (pinfo->rec->rec_type != REC_TYPE_PACKET) {
        return false;
    }
    link_type = mps_link_types_find(link_types, mptcpscope_headers_encapsulation(pinfo),
                                    MPS_LINK_TYPE_UNKNOWN);
    if (!mps_frame_notes_take(notes, link_type,
                              captured > 0 ? tvb_get_ptr(frame, 0, (int)captured) : NULL, captured,
                              header->len, has_tcp, icmp)) {
        return false;
    }
    icmp->frame = pinfo->num;
    icmp->time = mps_time_of(pinfo->abs_ts.secs, pinfo->abs_ts.nsecs);
    icmp->link = mptcpscope_headers_link(frame, pinfo);
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
