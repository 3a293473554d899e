/* hmac.c: verifies the HMACs of MP_JOIN and ADD_ADDR by the keys.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hmac.h"
#include "tracker/tracker_state.h"
#include <string.h>

/* Bytes of the longest digest, SHA-256. */
#define DIGEST_MAX 32u

/* Bytes of the HMAC in an ADD_ADDR (RFC 8684 section 3.4.1). */
#define ADD_ADDR_HMAC 8u

/* Bytes that an ADD_ADDR authenticates at most: address ID, address, port. */
#define MESSAGE_MAX (1u + 16u + 2u)

static uint8_t *put(uint8_t *at, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        *at++ = (uint8_t)(value >> (8 * (size - 1 - i)));
    return at;
}

/* HMAC-SHA256 in version 1, HMAC-SHA1 in version 0. The key is the sender's key, then the other.
 * @return the length of the digest, bytes */
static gsize sign(const mps_connection *connection, unsigned sender, const uint8_t *message,
                  size_t length, uint8_t digest[DIGEST_MAX])
{
    uint8_t keys[16];
    gsize digest_length = DIGEST_MAX;
    put(put(keys, connection->key[sender], 8), connection->key[!sender], 8);
    GHmac *hmac = g_hmac_new(connection->version == 0 ? G_CHECKSUM_SHA1 : G_CHECKSUM_SHA256, keys,
                             sizeof keys);
    g_hmac_update(hmac, message, (gssize)length);
    g_hmac_get_digest(hmac, digest, &digest_length);
    g_hmac_unref(hmac);
    return digest_length;
}

static mps_check compare(const uint8_t *found, const uint8_t *expected, size_t length)
{
    return memcmp(found, expected, length) == 0 ? MPS_CHECK_OK : MPS_CHECK_BAD;
}

/* MP_JOIN has the first bytes of the HMAC of the sender's nonce, then the other (RFC 8684 section
 * 3.2). */
static mps_check check_join(const mps_flow *flow, unsigned half, const mps_option *option)
{
    const mps_half *own = flow->half[half], *peer = flow->half[!half];
    bool has_nonce = option->join.form == MPS_JOIN_SYNACK;
    uint32_t nonce = has_nonce ? option->join.nonce : own->nonce;
    uint8_t message[8], digest[DIGEST_MAX];
    if (option->join.hmac_length == 0 || !peer->has_nonce || !(own->has_nonce || has_nonce))
        return MPS_CHECK_UNKNOWN;
    put(put(message, nonce, 4), peer->nonce, 4);
    sign(flow->connection, mps_flow_side(flow, half), message, sizeof message, digest);
    return compare(option->join.hmac, digest, option->join.hmac_length);
}

/* ADD_ADDR has the last bytes of the HMAC of its own content; early versions of Linux sent the
 * first ones. A port that it lacks counts as 0. */
static mps_check check_add_addr(const mps_flow *flow, unsigned half, const mps_option *option)
{
    uint8_t message[MESSAGE_MAX], digest[DIGEST_MAX], *end = message;
    const mps_address *address = &option->add_addr.address;
    if (!option->add_addr.has_hmac || flow->connection->version != 1)
        return MPS_CHECK_UNKNOWN;
    *end++ = option->add_addr.address_id;
    memcpy(end, address->bytes, address->length);
    end = put(end + address->length, option->add_addr.has_port ? option->add_addr.port : 0, 2);
    gsize length =
        sign(flow->connection, mps_flow_side(flow, half), message, (size_t)(end - message), digest);
    if (memcmp(option->add_addr.hmac, digest, ADD_ADDR_HMAC) == 0)
        return MPS_CHECK_LEFTMOST;
    return compare(option->add_addr.hmac, digest + length - ADD_ADDR_HMAC, ADD_ADDR_HMAC);
}

mps_check mps_hmac_check(const mps_tracker *tracker, uint32_t subflow, unsigned half,
                         const mps_option *option)
{
    const mps_flow *flow = mps_tracker_flow(tracker, subflow);
    const mps_connection *connection = flow->connection;
    bool known = connection && connection->has_key[0] && connection->has_key[1] &&
                 (connection->version == 0 || connection->version == 1);
    if (known && option->subtype == MPS_MP_JOIN)
        return check_join(flow, half, option);
    if (known && option->subtype == MPS_ADD_ADDR)
        return check_add_addr(flow, half, option);
    return MPS_CHECK_UNKNOWN;
}
