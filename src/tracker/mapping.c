/* mapping.c: sequence spaces: mappings, and what a segment's payload is (new, retransmitted,
 * reinjected).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tracker_internal.h"

/* An infinite mapping (RFC 8684 section 3.7) ends here: further than any connection gets. */
#define MPS_INFINITE (UINT64_C(1) << 56)

/* Mappings kept while the ISN is not known; more than any window holds. */
#define MPS_WAITING_MAX 65536u

/* Mappings that are kept without looking whether they are still needed. */
#define MPS_MAPS_UNTRIMMED 32u

/* The first number of a space. Inside it lies low, so that 64 bits never run over. */
static void set_reference(mps_space *space, uint64_t number, bool is_64)
{
    space->has_reference = true;
    space->absolute_known = is_64;
    space->reference = MPS_ANCHOR + (uint32_t)number;
    space->offset = is_64 ? number - space->reference : 0;
}

/* Widen a DSN or DATA_ACK: those of 32 bits to the nearest value (RFC 8684 section 3.3.1). */
uint64_t mps_space_extend(mps_space *space, uint64_t number, bool is_64)
{
    uint64_t inside;
    if (!space->has_reference) {
        set_reference(space, number, is_64);
        return space->reference;
    }
    if (is_64 && space->absolute_known) {
        inside = number - space->offset;
    } else {
        int32_t distance = (int32_t)((uint32_t)number - (uint32_t)space->reference);
        inside = space->reference + (uint64_t)(int64_t)distance;
        if (is_64) {
            space->absolute_known = true;
            space->offset = number - inside;
        }
    }
    /* A jump too far for 32-bit numbers to follow is no progress but an error of the sender. */
    uint64_t ahead = inside - space->reference;
    if (ahead < (UINT64_C(1) << 31))
        space->reference = inside;
    return inside;
}

/* The key tells the IDSN, and with it all 64 bits. */
void mps_space_set_key(mps_space *space, uint64_t idsn)
{
    if (space->initial_known)
        return;
    space->initial_known = true;
    if (!space->has_reference) {
        set_reference(space, idsn + 1, true);
        space->initial = space->reference - 1;
    } else if (space->absolute_known) {
        space->initial = idsn - space->offset;
    } else {
        int32_t distance = (int32_t)((uint32_t)idsn - (uint32_t)space->reference);
        space->initial = space->reference + (uint64_t)(int64_t)distance;
        space->absolute_known = true;
        space->offset = idsn - space->initial;
    }
}

/* What a walk over payload needs. */
typedef struct {
    mps_half *half;
    mps_space *space; /* NULL: plain TCP */
    mps_verdict *verdict;
    GArray *pieces;      /* to be told, too; NULL: nobody wants them */
    bool late;           /* it is an earlier segment's payload */
    uint64_t told;       /* data sequence numbers told so far of a stretch */
    uint64_t seen_until; /* subflow sequence numbers told so far of a segment */
} mps_payload_pass;

static void tell_piece(mps_payload_pass *walk, uint64_t dsn, uint64_t end, unsigned kind)
{
    mps_piece piece = {dsn, (uint32_t)(end - dsn), kind, walk->late};
    if (end > dsn)
        g_array_append_val(walk->pieces, piece);
    walk->told = end;
}

static void tell_new_data(uint64_t start, uint64_t end, void *data)
{
    mps_payload_pass *walk = data;
    tell_piece(walk, walk->told, start, MPS_PIECE_REINJECTED);
    tell_piece(walk, start, end, MPS_PIECE_NEW);
}

/* Count payload whose data sequence numbers are known. */
static void count_mapped(mps_payload_pass *walk, uint64_t dsn, uint64_t bytes)
{
    walk->told = dsn;
    uint64_t fresh = mps_runs_add(&walk->space->sent, dsn, dsn + bytes, 0,
                                  walk->pieces ? tell_new_data : NULL, walk);
    if (walk->pieces)
        tell_piece(walk, walk->told, dsn + bytes, MPS_PIECE_REINJECTED);
    walk->verdict->data += (int32_t)fresh;
    walk->verdict->reinjected += (int32_t)(bytes - fresh);
}

/* Tell payload under subflow sequence numbers that were seen before. */
static void tell_retransmission(mps_payload_pass *walk, uint64_t start, uint64_t end)
{
    mps_run map;
    while (start < end && mps_runs_find(&walk->half->maps, start, &map) && map.start < end) {
        uint64_t from = MAX(start, map.start), to = MIN(end, map.end);
        tell_piece(walk, from + map.offset, to + map.offset, MPS_PIECE_RETRANSMITTED);
        start = to;
    }
}

/* Payload under subflow sequence numbers not seen before: data by its mappings. */
static void count_new_payload(uint64_t start, uint64_t end, void *data)
{
    mps_payload_pass *walk = data;
    if (walk->pieces)
        tell_retransmission(walk, walk->seen_until, start);
    walk->seen_until = end;
    while (start < end) {
        mps_run run;
        bool found = walk->space && mps_runs_find(&walk->half->maps, start, &run);
        uint64_t stop = found ? MIN(end, run.start <= start ? run.end : run.start) : end;
        if (found && run.start <= start)
            count_mapped(walk, start + run.offset, stop - start);
        else
            walk->verdict->unmapped += (int32_t)(stop - start);
        start = stop;
    }
}

/* A stretch that had no mapping until now: the payload in it that was seen already, and counted
 * as unmapped, becomes data. */
static void count_late_mapping(uint64_t start, uint64_t end, void *data)
{
    mps_payload_pass *walk = data;
    mps_run map, seen;
    if (!mps_runs_find(&walk->half->maps, start, &map))
        return;
    while (start < end && mps_runs_find(&walk->half->seen, start, &seen) && seen.start < end) {
        uint64_t from = MAX(start, seen.start), to = MIN(end, seen.end);
        walk->verdict->unmapped -= (int32_t)(to - from);
        count_mapped(walk, from + map.offset, to - from);
        start = to;
    }
}

/* Map subflow sequence numbers [start, end) to data sequence numbers from `dsn` on. */
void mps_flow_map(mps_flow *flow, unsigned half, uint64_t start, uint64_t end, uint64_t dsn,
                  mps_verdict *verdict)
{
    mps_half *own = &flow->half[half];
    mps_payload_pass walk = {
        .half = own,
        .space = &flow->connection->space[mps_flow_direction(flow, half)],
        .verdict = verdict,
        .pieces = flow->connection->pieces,
        .late = true,
    };
    uint64_t offset = dsn - start;
    mps_runs_add(&own->maps, MAX(start, own->floor), end, offset, count_late_mapping, &walk);
}

/* Where a relative subflow sequence number lies; its neighbourhood is that of the segment. */
static uint64_t place_ssn(mps_half *half, const mps_segment *segment, uint32_t ssn)
{
    uint64_t at = mps_half_extend(half, segment->seq);
    return at + (uint64_t)(int64_t)(int32_t)(half->isn + ssn - segment->seq);
}

static void apply_mapping(mps_flow *flow, unsigned half, const mps_segment *segment,
                          const mps_option *dss, mps_verdict *verdict)
{
    mps_space *space = &flow->connection->space[mps_flow_direction(flow, half)];
    uint64_t dsn = mps_space_extend(space, dss->dss.dsn, dss->dss.dsn_is_64);
    uint64_t start = place_ssn(&flow->half[half], segment, dss->dss.ssn);
    uint32_t bytes = (uint32_t)dss->dss.data_length - dss->dss.data_fin;
    mps_flow_map(flow, half, start, start + bytes, dsn, verdict);
}

/* The ISN was not captured. A segment lies within the mapping it carries, which bounds it; the
 * first and the last segment of one mapping, or a mapping of one segment, pin it down. */
static void bound_isn(mps_half *half, const mps_segment *segment, const mps_option *dss)
{
    uint32_t bytes = (uint32_t)dss->dss.data_length - dss->dss.data_fin;
    if (segment->length == 0 || segment->length > bytes)
        return;
    uint32_t high = segment->seq - dss->dss.ssn, low = high - (bytes - segment->length);
    if (!half->isn_bounded || (int32_t)(low - half->isn_low) > 0)
        half->isn_low = low;
    if (!half->isn_bounded || (int32_t)(half->isn_high - high) > 0)
        half->isn_high = high;
    half->isn_bounded = true;
    if (half->isn_low == half->isn_high)
        mps_half_set_isn(half, half->isn_low);
}

static void keep_waiting(mps_half *half, const mps_option *dss)
{
    if (!half->waiting)
        half->waiting = g_array_new(FALSE, FALSE, sizeof(mps_option));
    guint count = half->waiting->len;
    const mps_option *last = count ? &g_array_index(half->waiting, mps_option, count - 1) : NULL;
    bool repeated = last && last->dss.ssn == dss->dss.ssn && last->dss.dsn == dss->dss.dsn &&
                    last->dss.data_length == dss->dss.data_length;
    if (!repeated && count < MPS_WAITING_MAX)
        g_array_append_val(half->waiting, *dss);
}

static void apply_waiting(mps_flow *flow, unsigned half, const mps_segment *segment,
                          mps_verdict *verdict)
{
    GArray *waiting = flow->half[half].waiting;
    flow->half[half].waiting = NULL;
    for (guint i = 0; i < waiting->len; i++)
        apply_mapping(flow, half, segment, &g_array_index(waiting, mps_option, i), verdict);
    g_array_free(waiting, TRUE);
}

/* A mapping with bytes in it. */
static void take_mapping(mps_flow *flow, unsigned half, const mps_segment *segment,
                         const mps_option *dss, mps_verdict *verdict)
{
    mps_half *own = &flow->half[half];
    if (!own->isn_known)
        bound_isn(own, segment, dss);
    if (!own->isn_known) {
        keep_waiting(own, dss);
        return;
    }
    if (own->waiting)
        apply_waiting(flow, half, segment, verdict);
    apply_mapping(flow, half, segment, dss, verdict);
}

/* Take in a DSS option: DATA_ACK, mapping, DATA_FIN (RFC 8684 section 3.3). */
void mps_flow_dss(mps_flow *flow, unsigned half, const mps_segment *segment, const mps_option *dss,
                  mps_verdict *verdict)
{
    mps_direction direction = mps_flow_direction(flow, half);
    mps_space *space = &flow->connection->space[direction];
    mps_space *other = &flow->connection->space[!direction];
    if (dss->dss.has_ack) {
        uint64_t ack = mps_space_extend(other, dss->dss.ack, dss->dss.ack_is_64);
        if (!other->has_ack || (int64_t)(ack - other->ack) > 0)
            other->ack = ack;
        other->has_ack = true;
    }
    if (!dss->dss.has_map)
        return;
    flow->half[half].dss_seen = true;
    if (dss->dss.has_checksum)
        flow->connection->checksum = 1;
    uint64_t dsn = mps_space_extend(space, dss->dss.dsn, dss->dss.dsn_is_64);
    if (dss->dss.data_length == 0) {
        if (flow->half[half].isn_known) {
            uint64_t start = place_ssn(&flow->half[half], segment, dss->dss.ssn);
            mps_flow_map(flow, half, start, start + MPS_INFINITE, dsn, verdict);
        }
        bool failed = flow->failed || mps_segment_option(segment, MPS_MP_FAIL);
        mps_flow_fall_back(
            flow, failed ? MPS_FALLBACK_CHECKSUM_FAILED : MPS_FALLBACK_INFINITE_MAPPING, verdict);
        return;
    }
    if (dss->dss.data_fin) { /* takes the last number of the mapping, and no byte */
        space->has_fin = true;
        space->fin = dsn + dss->dss.data_length - 1;
        verdict->data_fin = true;
    }
    if (dss->dss.data_length > dss->dss.data_fin)
        take_mapping(flow, half, segment, dss, verdict);
}

/* Tell the data sequence number of the segment: of its first byte, or of its DATA_FIN. */
static void tell_dsn(mps_flow *flow, unsigned half, const mps_segment *segment, uint64_t start,
                     mps_verdict *verdict)
{
    mps_half *own = &flow->half[half];
    mps_space *space = &flow->connection->space[mps_flow_direction(flow, half)];
    mps_run run;
    if (segment->length == 0) {
        verdict->has_dsn = verdict->data_fin;
        verdict->dsn = space->fin;
        return;
    }
    if (mps_runs_find(&own->maps, start, &run) && run.start <= start) {
        verdict->has_dsn = true;
        verdict->dsn = start + run.offset;
        return;
    }
    const mps_option *dss = mps_segment_option(segment, MPS_DSS);
    if (!own->isn_known || !dss || !dss->dss.has_map || start >= own->floor)
        return; /* below the floor mappings are no longer kept, but may be repeated */
    uint64_t first = place_ssn(own, segment, dss->dss.ssn);
    if (start >= first && start - first < dss->dss.data_length) {
        verdict->has_dsn = true;
        verdict->dsn = mps_space_extend(space, dss->dss.dsn, dss->dss.dsn_is_64) + (start - first);
    }
}

/* Sort the payload into new, retransmitted and reinjected bytes. */
void mps_flow_payload(mps_flow *flow, unsigned half, const mps_segment *segment,
                      mps_verdict *verdict)
{
    mps_half *own = &flow->half[half];
    mps_connection *connection = flow->connection;
    mps_space *space = connection ? &connection->space[mps_flow_direction(flow, half)] : NULL;
    verdict->length = segment->length;
    if (segment->length == 0 || segment->flags & (MPS_TCP_SYN | MPS_TCP_RST)) {
        if (space)
            tell_dsn(flow, half, segment, 0, verdict);
        verdict->unmapped += (int32_t)segment->length;
        return;
    }
    uint64_t start = mps_half_extend(own, segment->seq);
    own->top = MAX(own->top, start + segment->length);
    mps_payload_pass walk = {
        .half = own,
        .space = space,
        .verdict = verdict,
        .pieces = connection ? connection->pieces : NULL,
        .seen_until = start,
    };
    uint64_t fresh =
        mps_runs_add(&own->seen, start, start + segment->length, 0, count_new_payload, &walk);
    if (walk.pieces)
        tell_retransmission(&walk, walk.seen_until, start + segment->length);
    verdict->retransmitted = segment->length - (uint32_t)fresh;
    if (space)
        tell_dsn(flow, half, segment, start, verdict);
}

/* Without mappings the bytes of a half go on from where its last mapping ended, or from the
 * beginning: what the kernel calls an infinite mapping too. */
static void map_onwards(mps_flow *flow, unsigned half, mps_verdict *verdict)
{
    mps_half *own = &flow->half[half];
    mps_space *space = &flow->connection->space[mps_flow_direction(flow, half)];
    uint64_t start = own->isn_known ? mps_half_extend(own, own->isn + 1) : MPS_ANCHOR;
    if (!space->has_reference)
        mps_space_extend(space, 1, false);
    uint64_t dsn = space->initial_known ? space->initial + 1 : space->reference;
    if (!mps_runs_empty(&own->maps)) {
        start = own->maps.top.end;
        dsn = start + own->maps.top.offset;
    }
    if (start < MPS_INFINITE)
        mps_flow_map(flow, half, start, start + MPS_INFINITE, dsn, verdict);
}

/* The connection goes on as plain TCP on this flow (RFC 8684 section 3.7). */
void mps_flow_fall_back(mps_flow *flow, mps_fallback reason, mps_verdict *verdict)
{
    if (flow->connection->fallback)
        return;
    flow->connection->fallback = reason;
    flow->connection->fallback_frame = verdict->frame;
    map_onwards(flow, verdict->half, verdict);
    flow->half[!verdict->half].fallback_pending =
        true; /* what it corrects counts for its own side */
}

void mps_flow_continue_unmapped(mps_flow *flow, unsigned half, mps_verdict *verdict)
{
    flow->half[half].fallback_pending = false;
    map_onwards(flow, half, verdict);
}

/* The end of what is mapped without a hole from `start` on, looked at up to `limit`. */
static uint64_t mapped_until(const mps_runs *maps, uint64_t start, uint64_t limit)
{
    mps_run run;
    while (start < limit && mps_runs_find(maps, start, &run) && run.start <= start)
        start = run.end;
    return start;
}

/* What was sent, mapped and acknowledged without a hole needs its mappings no more. */
void mps_flow_acknowledged(mps_flow *flow, unsigned half)
{
    mps_half *own = &flow->half[half];
    mps_run seen;
    if (mps_runs_count(&own->maps) < MPS_MAPS_UNTRIMMED ||
        (flow->connection && flow->connection->pieces))
        return; /* whoever wants pieces wants those of retransmissions, too */
    uint64_t from = own->floor;
    if (!mps_runs_find(&own->seen, from, &seen))
        return;
    from = MAX(from, seen.start);
    uint64_t limit = MIN(seen.end, own->ack);
    uint64_t until = MIN(mapped_until(&own->maps, from, limit), limit);
    own->floor = MAX(own->floor, until);
    mps_runs_trim(&own->maps, own->floor);
}
