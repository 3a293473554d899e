/* hash.c: a keyed hash, by libsodium.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hash.h"
#include <sodium.h>
#include <string.h>

/* A GHashTable hands its hash function nothing but the key, hence one secret for all tables. */
static const unsigned char *secret(void)
{
    static unsigned char bytes[crypto_shorthash_KEYBYTES];
    static gsize made;
    if (g_once_init_enter(&made)) {
        if (sodium_init() < 0)
            g_error("libsodium finds no random numbers");
        crypto_shorthash_keygen(bytes);
        g_once_init_leave(&made, 1);
    }
    return bytes;
}

guint mps_hash_bytes(gconstpointer bytes, size_t length)
{
    unsigned char hash[crypto_shorthash_BYTES];
    guint result;
    crypto_shorthash(hash, bytes, length, secret());
    memcpy(&result, hash, sizeof result);
    return result;
}

guint mps_hash_number(gconstpointer number)
{
    guint value = GPOINTER_TO_UINT(number);
    return mps_hash_bytes(&value, sizeof value);
}

guint mps_hash_int64(gconstpointer number)
{
    return mps_hash_bytes(number, sizeof(gint64));
}
