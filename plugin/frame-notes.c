/* frame-notes.c: counts the frames in which Wireshark finds no TCP although they may carry it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "frame-notes.h"

#include <wiretap/pcap-encap.h>
#include <wiretap/wtap.h>

/* Link types are numbers below this (LINKTYPE_* in capture files). */
#define LINK_TYPES 400

static GHashTable *link_types; /* WTAP_ENCAP_* -> LINKTYPE_* */

void mptcpscope_frame_notes_init(void)
{
    link_types = g_hash_table_new(NULL, NULL);
    for (int type = LINK_TYPES - 1; type >= 0; type--) { /* the lowest of several wins */
        int encapsulation = wtap_pcap_encap_to_wtap_encap(type);

        if (encapsulation != WTAP_ENCAP_UNKNOWN) {
            g_hash_table_insert(link_types, GINT_TO_POINTER(encapsulation), GINT_TO_POINTER(type));
        }
    }
}

void mptcpscope_frame_notes_take(mps_frame_notes *notes, tvbuff_t *frame, const packet_info *pinfo,
                                 bool has_tcp)
{
    const wtap_packet_header *header = &pinfo->rec->rec_header.packet_header;
    unsigned captured = tvb_captured_length(frame);
    gpointer type;

    if (pinfo->rec->rec_type != REC_TYPE_PACKET) {
        return;
    }
    if (!g_hash_table_lookup_extended(link_types, GINT_TO_POINTER(header->pkt_encap), NULL,
                                      &type)) {
        type = GINT_TO_POINTER(LINK_TYPES); /* one that nobody knows */
    }
    mps_frame_notes_take(notes, GPOINTER_TO_INT(type),
                         captured > 0 ? tvb_get_ptr(frame, 0, (int)captured) : NULL, captured,
                         header->len, has_tcp);
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
