/* mapping.c: mappings from subflow to data sequence numbers, and payload by them: new,
 * retransmitted, reinjected.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/likely.h"
#include "tracker_internal.h"

/* Mappings kept while the ISN is not known: more than a receive window holds. */
#define MPS_WAITING_MAX 65536u

/* As long as a half has fewer mappings, none is forgotten: looking for those that are no longer
 * needed would cost more than it saves. */
#define MPS_MAPS_UNTRIMMED 32u

/* The reference of a space moves up by less than this at a time: half of what 32-bit numbers
 * distinguish. */
#define MPS_REFERENCE_STEP (UINT64_C(1) << 31)

/* Extended numbers begin with the first one seen, which is made small: they never overflow. */
static void set_reference(mps_space *space, uint64_t number, bool is_64)
{
    space->has_reference = true;
    space->absolute_known = is_64;
    space->reference = MPS_ANCHOR + (uint32_t)number;
    space->offset = is_64 ? number - space->reference : 0;
}

uint64_t mps_space_extend(mps_space *space, uint64_t number, bool is_64)
{
    uint64_t extended;
    if (MPS_UNLIKELY(!space->has_reference)) {
        set_reference(space, number, is_64);
        return space->reference;
    }
    if (is_64 && space->absolute_known) {
        extended = number - space->offset;
    } else {
        extended = mps_nearest(space->reference, (uint32_t)number);
        if (is_64) {
            space->absolute_known = true;
            space->offset = number - extended;
        }
    }
    /* A number so far ahead that 32-bit ones could not follow is an error of the sender. */
    uint64_t ahead = extended - space->reference;
    if (ahead < MPS_REFERENCE_STEP)
        space->reference = extended;
    return extended;
}

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
        space->initial = mps_nearest(space->reference, (uint32_t)idsn);
        space->absolute_known = true;
        space->offset = idsn - space->initial;
    }
}

/* A verdict corrects at most so many bytes whose mapping comes late: the counts of a verdict have
 * 32 bits. More stay unmapped. */
#define MPS_LATE_MAX (MPS_PAYLOAD_MAX - 1)

/* One pass over the payload of a segment. */
typedef struct {
    mps_half *half;
    mps_space *space; /* NULL: plain TCP */
    mps_verdict *verdict;
    mps_pieces *pieces; /* the pieces are appended to it; NULL: there is no hook */
    bool late;          /* it is an earlier segment's payload */
    uint64_t dsn_done;  /* data of one mapping below this is in pieces */
    uint64_t ssn_done;  /* payload of the segment below this is in pieces, or new */
} mps_payload_pass;

static void add_piece(mps_payload_pass *pass, uint64_t dsn, uint64_t end, unsigned kind)
{
    mps_pieces *pieces = pass->pieces;
    pass->dsn_done = end;
    if (end <= dsn)
        return;
    if (pieces->count == pieces->room) {
        pieces->room = 2 * pieces->room + 8;
        pieces->list = g_renew(mps_piece, pieces->list, pieces->room);
    }
    pieces->list[pieces->count++] = (mps_piece){dsn, (uint32_t)(end - dsn), kind, pass->late};
}

/* Called for each stretch of new data. Data before it was sent before. */
static void add_new_data(uint64_t start, uint64_t end, void *data)
{
    mps_payload_pass *pass = data;
    add_piece(pass, pass->dsn_done, start, MPS_PIECE_REINJECTED);
    add_piece(pass, start, end, MPS_PIECE_NEW);
}

/* Count payload under new subflow sequence numbers, whose data sequence numbers are known. */
static void count_mapped(mps_payload_pass *pass, uint64_t dsn, uint64_t bytes)
{
    pass->dsn_done = dsn;
    uint64_t fresh = mps_runs_add(&pass->space->sent, dsn, dsn + bytes, 0,
                                  pass->pieces ? add_new_data : NULL, pass);
    if (pass->pieces)
        add_piece(pass, pass->dsn_done, dsn + bytes, MPS_PIECE_REINJECTED);
    pass->verdict->data += (int32_t)fresh;
    pass->verdict->reinjected += (int32_t)(bytes - fresh);
}

/* Add pieces for payload under subflow sequence numbers that were seen before. */
static void add_retransmission(mps_payload_pass *pass, uint64_t start, uint64_t end)
{
    mps_pieces *pieces = pass->pieces;
    mps_run map;
    while (start < end && mps_runs_find(&pass->half->maps, start, &map) && map.start < end) {
        if (pieces->retransmitted == MPS_RETRANSMITTED_PIECES_MAX) {
            pieces->cut = true;
            return;
        }
        pieces->retransmitted++;
        uint64_t from = MAX(start, map.start), to = MIN(end, map.end);
        add_piece(pass, from + map.offset, to + map.offset, MPS_PIECE_RETRANSMITTED);
        start = to;
    }
}

/* The first payload byte has a mapping. */
static void set_first_dsn(mps_verdict *verdict, uint64_t dsn)
{
    verdict->has_dsn = true;
    verdict->dsn = dsn;
}

/* Called for each stretch of payload under new subflow sequence numbers: divides it by its
 * mappings. */
static void count_new_payload(uint64_t start, uint64_t end, void *data)
{
    mps_payload_pass *pass = data;
    bool first = start == pass->ssn_done; /* it begins with the segment */
    if (pass->pieces && !first)
        add_retransmission(pass, pass->ssn_done, start);
    pass->ssn_done = end;
    while (start < end) {
        mps_run run;
        bool found = pass->space && mps_runs_find(&pass->half->maps, start, &run);
        uint64_t stop = found ? MIN(end, run.start <= start ? run.end : run.start) : end;
        if (found && run.start <= start) {
            count_mapped(pass, start + run.offset, stop - start);
            if (first)
                set_first_dsn(pass->verdict, start + run.offset);
        } else {
            pass->verdict->unmapped += (int32_t)(stop - start);
        }
        first = false;
        start = stop;
    }
}

/* Called for each stretch that has a mapping from now on. Its payload that was seen before was
 * counted as unmapped; now it is counted as data. */
static void count_late_mapping(uint64_t start, uint64_t end, void *data)
{
    mps_payload_pass *pass = data;
    mps_run map, seen;
    if (!mps_runs_find(&pass->half->maps, start, &map))
        return;
    while (start < end && mps_runs_find(&pass->half->seen, start, &seen) && seen.start < end) {
        uint64_t from = MAX(start, seen.start), to = MIN(end, seen.end);
        if (to - from > MPS_LATE_MAX + (uint64_t)(int64_t)pass->verdict->unmapped)
            return;
        pass->verdict->unmapped -= (int32_t)(to - from);
        count_mapped(pass, from + map.offset, to - from);
        start = to;
    }
}

void mps_flow_map(mps_flow *flow, unsigned half, uint64_t start, uint64_t end, uint64_t dsn,
                  mps_verdict *verdict)
{
    mps_half *own = flow->half[half];
    const uint64_t from = MAX(start, own->settled_below), offset = dsn - start;
    if (mps_runs_top_covers(&own->maps, from, end))
        return; /* all of it is mapped, and keeps its mapping */
    mps_payload_pass pass = {
        .half = own,
        .space = mps_connection_space(flow->connection, mps_flow_direction(flow, half)),
        .verdict = verdict,
        .pieces = flow->connection->pieces,
        .late = true,
    };
    mps_runs_add(&own->maps, from, end, offset, count_late_mapping, &pass);
}

/* Extend the relative subflow sequence number of a DSS in the segment. */
static uint64_t extend_ssn(mps_half *half, const mps_segment *segment, uint32_t ssn)
{
    uint64_t at = mps_half_extend(half, segment->seq);
    return mps_half_extend_ssn(half, at, segment->seq, ssn);
}

/* @param dsn  where the mapping begins, extended */
static void apply_mapping(mps_flow *flow, unsigned half, const mps_segment *segment,
                          const mps_option *dss, uint64_t dsn, mps_verdict *verdict)
{
    uint64_t start = extend_ssn(flow->half[half], segment, dss->dss.ssn);
    uint32_t bytes = (uint32_t)dss->dss.data_length - dss->dss.data_fin;
    mps_flow_map(flow, half, start, start + bytes, dsn, verdict);
}

/* Find an ISN that was not captured. The payload of a segment lies within the mapping that it
 * carries: this bounds the ISN. The first and the last segment of a mapping together give it, and
 * so does a mapping of one segment. */
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
    GArray *waiting = flow->half[half]->waiting;
    mps_space *space = mps_connection_space(flow->connection, mps_flow_direction(flow, half));
    flow->half[half]->waiting = NULL;
    for (guint i = 0; i < waiting->len; i++) {
        const mps_option *dss = &g_array_index(waiting, mps_option, i);
        uint64_t dsn = mps_space_extend(space, dss->dss.dsn, dss->dss.dsn_is_64);
        apply_mapping(flow, half, segment, dss, dsn, verdict);
    }
    g_array_free(waiting, TRUE);
}

/* Take in a mapping of at least one byte. @param dsn  where it begins, extended */
static void take_mapping(mps_flow *flow, unsigned half, const mps_segment *segment,
                         const mps_option *dss, uint64_t dsn, mps_verdict *verdict)
{
    mps_half *own = flow->half[half];
    if (MPS_UNLIKELY(!own->isn_known))
        bound_isn(own, segment, dss);
    if (MPS_UNLIKELY(!own->isn_known)) {
        keep_waiting(own, dss);
        return;
    }
    if (MPS_UNLIKELY(own->waiting != NULL))
        apply_waiting(flow, half, segment, verdict);
    apply_mapping(flow, half, segment, dss, dsn, verdict);
}

void mps_flow_dss(mps_flow *flow, unsigned half, const mps_segment *segment, const mps_option *dss,
                  mps_verdict *verdict)
{
    mps_direction direction = mps_flow_direction(flow, half);
    if (MPS_LIKELY(dss->dss.has_ack)) {
        mps_space *other = mps_connection_space(flow->connection, !direction);
        uint64_t ack = mps_space_extend(other, dss->dss.ack, dss->dss.ack_is_64);
        if (!other->has_ack || (int64_t)(ack - other->ack) > 0)
            other->ack = ack;
        other->has_ack = true;
    }
    if (!dss->dss.has_map)
        return;
    mps_space *space = mps_connection_space(flow->connection, direction);
    flow->half[half]->dss_seen = true;
    if (dss->dss.has_checksum)
        flow->connection->checksum = 1;
    uint64_t dsn = mps_space_extend(space, dss->dss.dsn, dss->dss.dsn_is_64);
    if (MPS_UNLIKELY(dss->dss.data_length == 0)) {
        if (flow->half[half]->isn_known) {
            uint64_t start = extend_ssn(flow->half[half], segment, dss->dss.ssn);
            mps_flow_map(flow, half, start, start + MPS_INFINITE, dsn, verdict);
        }
        bool failed = flow->failed || mps_segment_option(segment, MPS_MP_FAIL);
        mps_flow_fall_back(
            flow, failed ? MPS_FALLBACK_CHECKSUM_FAILED : MPS_FALLBACK_INFINITE_MAPPING, verdict);
        return;
    }
    if (MPS_UNLIKELY(dss->dss.data_fin)) { /* it has the last number of the mapping, and no byte */
        space->has_fin = true;
        space->fin = dsn + dss->dss.data_length - 1;
        verdict->data_fin = true;
    }
    if (dss->dss.data_length > dss->dss.data_fin)
        take_mapping(flow, half, segment, dss, dsn, verdict);
}

/* Set the verdict's data sequence number: that of the first payload byte, which was seen before or
 * has no mapping now. @param start  of the payload */
static void set_dsn(mps_flow *flow, unsigned half, const mps_segment *segment, uint64_t start,
                    mps_verdict *verdict)
{
    mps_half *own = flow->half[half];
    mps_run run;
    if (mps_runs_find(&own->maps, start, &run) && run.start <= start) {
        set_first_dsn(verdict, start + run.offset);
        return;
    }
    const mps_option *dss = mps_segment_option(segment, MPS_DSS);
    if (!own->isn_known || !dss || !dss->dss.has_map || start >= own->settled_below)
        return; /* a mapping was forgotten only if it lies below */
    uint64_t first = extend_ssn(own, segment, dss->dss.ssn);
    if (start >= first && start - first < dss->dss.data_length) {
        mps_space *space = mps_connection_space(flow->connection, mps_flow_direction(flow, half));
        set_first_dsn(verdict,
                      mps_space_extend(space, dss->dss.dsn, dss->dss.dsn_is_64) + (start - first));
    }
}

/* The payload of a SYN lies after its number. No mapping covers it, unless the receiver refuses it
 * and it is sent again (RFC 8684 appendix B.3). */
static void count_syn_payload(mps_half *half, const mps_segment *segment, mps_verdict *verdict)
{
    if (segment->length == 0)
        return;
    uint64_t start = mps_half_extend(half, segment->seq + 1), end = start + segment->length;
    half->top = MAX(half->top, end);
    uint64_t fresh = mps_runs_add(&half->seen, start, end, 0, NULL, NULL);
    verdict->retransmitted = segment->length - (uint32_t)fresh;
    verdict->unmapped += (int32_t)fresh;
}

void mps_flow_payload(mps_flow *flow, unsigned half, const mps_segment *segment,
                      mps_verdict *verdict)
{
    mps_half *own = flow->half[half];
    mps_connection *connection = flow->connection;
    verdict->length = segment->length;
    if (segment->length == 0 || segment->flags & (MPS_TCP_SYN | MPS_TCP_RST)) {
        if (connection && segment->length == 0) { /* a DATA_FIN has a number, too */
            verdict->has_dsn = verdict->data_fin;
            verdict->dsn = connection->space[mps_flow_direction(flow, half)]->fin;
        } else if (connection) {
            set_dsn(flow, half, segment, 0, verdict);
        }
        if (segment->flags & MPS_TCP_SYN)
            count_syn_payload(own, segment, verdict);
        else
            verdict->unmapped += (int32_t)segment->length;
        return;
    }
    uint64_t start = mps_half_extend(own, segment->seq);
    own->top = MAX(own->top, start + segment->length);
    mps_payload_pass pass = {
        .half = own,
        .space =
            connection ? mps_connection_space(connection, mps_flow_direction(flow, half)) : NULL,
        .verdict = verdict,
        .pieces = connection ? connection->pieces : NULL,
        .ssn_done = start,
    };
    uint64_t fresh =
        mps_runs_add(&own->seen, start, start + segment->length, 0, count_new_payload, &pass);
    if (pass.pieces)
        add_retransmission(&pass, pass.ssn_done, start + segment->length);
    verdict->retransmitted = segment->length - (uint32_t)fresh;
    if (connection && MPS_UNLIKELY(!verdict->has_dsn))
        set_dsn(flow, half, segment, start, verdict);
}

/* Map all further payload of a half. It continues where the half's last mapping ended, or at the
 * beginning if there was none. Linux calls this an infinite mapping, too. */
static void map_to_infinity(mps_flow *flow, unsigned half, mps_verdict *verdict)
{
    mps_half *own = flow->half[half];
    mps_space *space = mps_connection_space(flow->connection, mps_flow_direction(flow, half));
    uint64_t start = own->isn_known ? mps_half_extend(own, mps_half_ssn_base(own) + 1) : MPS_ANCHOR;
    if (!space->has_reference)
        mps_space_extend(space, 1, false);
    uint64_t dsn = space->initial_known ? space->initial + 1 : space->reference;
    if (!mps_runs_empty(&own->maps)) {
        start = mps_runs_top(&own->maps)->end;
        dsn = start + mps_runs_top(&own->maps)->offset;
    }
    if (start < MPS_INFINITE)
        mps_flow_map(flow, half, start, start + MPS_INFINITE, dsn, verdict);
}

void mps_flow_fall_back(mps_flow *flow, mps_fallback reason, mps_verdict *verdict)
{
    if (flow->connection->fallback)
        return;
    flow->connection->fallback = reason;
    flow->connection->fallback_frame = verdict->frame;
    map_to_infinity(flow, verdict->half, verdict);
    /* Corrections of the other half's counts must go to one of its own verdicts. */
    mps_flow_half(flow, !verdict->half)->fallback_pending = true;
}

void mps_flow_continue_unmapped(mps_flow *flow, unsigned half, mps_verdict *verdict)
{
    flow->half[half]->fallback_pending = false;
    map_to_infinity(flow, half, verdict);
}

/* The end of what is mapped without a gap from `start` on. Mappings above `limit` are not
 * examined. */
static uint64_t mapped_until(const mps_runs *maps, uint64_t start, uint64_t limit)
{
    mps_run run;
    while (start < limit && mps_runs_find(maps, start, &run) && run.start <= start)
        start = run.end;
    return start;
}

/* Payload no longer needs its mapping once everything up to its end was seen, mapped and
 * acknowledged. */
void mps_flow_acknowledged(mps_flow *flow, unsigned half)
{
    mps_half *own = flow->half[half];
    mps_run seen;
    if ((flow->connection && flow->connection->pieces) ||
        mps_runs_count(&own->maps) < MPS_MAPS_UNTRIMMED)
        return; /* with a hook, retransmissions need their mappings, too */
    uint64_t from = own->settled_below;
    if (!mps_runs_find(&own->seen, from, &seen))
        return;
    from = MAX(from, seen.start);
    uint64_t limit = MIN(seen.end, own->ack);
    uint64_t until = MIN(mapped_until(&own->maps, from, limit), limit);
    own->settled_below = MAX(own->settled_below, until);
    mps_runs_trim(&own->maps, own->settled_below);
}
