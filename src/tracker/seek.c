/* seek.c: which connection a flow belongs to whose handshake was not captured, by its numbers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/likely.h"
#include "tracker_internal.h"

/* A subflow belongs to a connection if its data sequence numbers and DATA_ACKs are less than this
 * far from the highest ones of the connection. One number of 64 bits is enough: a random one is so
 * near in 1 of 2^37 cases. Numbers of 32 bits must be nearer, and in both directions: 1 of 2^20. */
#define MPS_NEAR_64 (INT64_C(1) << 26)
#define MPS_NEAR_32 (INT64_C(1) << 21)

/* A subflow is compared with so many of the latest connections, by so many of its DSS options at
 * most. This bounds the time that segments which fit nowhere can cost. */
#define MPS_SEEK_CONNECTIONS 1024u
#define MPS_SEEK_OPTIONS 16u

/* Whether a number can belong to a data sequence space. Those of both directions are added up. */
typedef enum {
    MPS_MATCH_NONE = -1,   /* it is far from the numbers of the space */
    MPS_MATCH_UNKNOWN = 0, /* nothing is known of the space */
    MPS_MATCH_32 = 1,      /* it is near in the low 32 bits; the high ones are unknown */
    MPS_MATCH_64 = 2,      /* it is near in all 64 bits */
} mps_number_match;

static bool is_near(int64_t distance, int64_t most)
{
    return -most < distance && distance < most;
}

static mps_number_match match_number(const mps_space *space, uint64_t number, bool is_64)
{
    if (!space->has_reference)
        return MPS_MATCH_UNKNOWN;
    if (is_64 && space->absolute_known) {
        int64_t distance = (int64_t)(number - space->offset - space->reference);
        return is_near(distance, MPS_NEAR_64) ? MPS_MATCH_64 : MPS_MATCH_NONE;
    }
    int64_t distance = (int32_t)((uint32_t)number - (uint32_t)space->reference);
    return is_near(distance, MPS_NEAR_32) ? MPS_MATCH_32 : MPS_MATCH_NONE;
}

/* Do the numbers of a DSS that was sent in `direction` fit the connection? One of 64 bits must, or
 * two of 32 bits. */
static bool fits(const mps_connection *connection, mps_direction direction, const mps_option *dss)
{
    mps_number_match own = MPS_MATCH_UNKNOWN, other = MPS_MATCH_UNKNOWN;
    if (dss->dss.has_map)
        own = match_number(connection->space[direction], dss->dss.dsn, dss->dss.dsn_is_64);
    if (dss->dss.has_ack)
        other = match_number(connection->space[!direction], dss->dss.ack, dss->dss.ack_is_64);
    return own != MPS_MATCH_NONE && other != MPS_MATCH_NONE &&
           (int)own + (int)other >= (int)MPS_MATCH_64;
}

static bool sent_data(const mps_connection *connection)
{
    return !mps_runs_empty(&connection->space[0]->sent) ||
           !mps_runs_empty(&connection->space[1]->sent);
}

void mps_seek_connection(mps_tracker *tracker, mps_flow *flow, unsigned half, const mps_option *dss)
{
    mps_connection *stray = flow->connection;
    if (MPS_LIKELY(stray->roles == MPS_ROLES_HANDSHAKE) || flow->dss_compared >= MPS_SEEK_OPTIONS ||
        sent_data(stray))
        return;
    flow->dss_compared++;
    mps_direction direction = mps_flow_direction(flow, half);
    unsigned tried = 0;
    for (GList *link = tracker->left.tail; link && tried < MPS_SEEK_CONNECTIONS;
         link = link->prev, tried++) {
        mps_connection *other = link->data;
        if (other == stray || (stray->has_key[0] && other->has_key[0]))
            continue;
        bool same = fits(other, direction, dss), flipped = fits(other, !direction, dss);
        if (same != flipped) {
            mps_connection_merge(tracker, other, stray, flipped);
            return;
        }
    }
}
