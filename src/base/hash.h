/* hash.h: a hash for tables whose keys come off the wire.
 *
 * It is keyed at random once a process, so that nobody can choose keys that all fall into one
 * bucket (Aumasson and Bernstein: SipHash, INDOCRYPT 2012). No output may depend on it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_HASH_H
#define MPS_HASH_H

#include <glib.h>

/** @return the hash of some bytes, for a GHashTable. */
guint mps_hash_bytes(gconstpointer bytes, size_t length);

/** @return the hash of the 64 bits that `number` points to, for a GHashTable. */
guint mps_hash_int64(gconstpointer number);

/** @return the hash of a number that GUINT_TO_POINTER() made a pointer of. */
guint mps_hash_number(gconstpointer number);

#endif
