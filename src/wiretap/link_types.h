/* link_types.h: the link type of a frame as a capture file numbers it, from wiretap's own number.
 *
 * For those who read frames through wiretap: the reader in this folder and the plugin.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_LINK_TYPES_H
#define MPS_LINK_TYPES_H

#include <glib.h>
#include <wiretap/pcap-encap.h>
#include <wiretap/wtap.h>

/* Link types are numbers below this (LINKTYPE_* in capture files). */
#define MPS_LINK_TYPES 400

/** @return the link types by what wiretap makes of them: WTAP_ENCAP_* -> LINKTYPE_*, freed by the
 *          caller with g_hash_table_unref(). Wiretap has this table, but exports only its inverse.
 */
static inline GHashTable *mps_link_types_new(void)
{
    GHashTable *types = g_hash_table_new(NULL, NULL);
    for (int type = MPS_LINK_TYPES - 1; type >= 0; type--) { /* the lowest of several wins */
        const int encapsulation = wtap_pcap_encap_to_wtap_encap(type);
        if (encapsulation != WTAP_ENCAP_UNKNOWN)
            g_hash_table_insert(types, GINT_TO_POINTER(encapsulation), GINT_TO_POINTER(type));
    }
    return types;
}

/** @param unknown  the answer for a link type that wiretap does not know
 *  @return LINKTYPE_* of WTAP_ENCAP_*. */
static inline int mps_link_types_find(GHashTable *types, int encapsulation, int unknown)
{
    gpointer type;
    return g_hash_table_lookup_extended(types, GINT_TO_POINTER(encapsulation), NULL, &type)
               ? GPOINTER_TO_INT(type)
               : unknown;
}

#endif
