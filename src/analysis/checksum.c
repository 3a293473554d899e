/* checksum.c: verifies DSS checksums.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "checksum.h"
#include "base/sparse.h"

/* A mapping whose payload was not seen completely yet. */
typedef struct {
    uint64_t start, end; /* subflow sequence numbers */
    uint64_t seen;       /* payload bytes seen */
    uint64_t sum;        /* their one's complement sum, not folded */
    guint index;         /* in checksum_state.mappings */
} pending;

/* One direction of a subflow. */
typedef struct {
    GTree *pending;        /* by start; NULL: none yet */
    mps_runs mapped, seen; /* payload whose mapping was seen; payload that was seen */
    bool has_fin;
    uint64_t fin; /* DSN of the last mapping without payload, as on the wire */
} half_state;

typedef struct {
    mps_sparse *halves; /* half_state, by half_id */
    GArray *mappings;   /* mps_checked_mapping */
    uint8_t found;      /* mps_check, of the segment being taken in */
} checksum_state;

static void *begin(void)
{
    checksum_state *s = g_new0(checksum_state, 1);
    s->halves = mps_sparse_new(sizeof(half_state));
    s->mappings = g_array_new(FALSE, FALSE, sizeof(mps_checked_mapping));
    return s;
}

static void end(void *data)
{
    checksum_state *s = data;
    for (guint i = 0; i < s->halves->count; i++) {
        half_state *half = mps_sparse_item(s->halves, i);
        mps_runs_clear(&half->mapped);
        mps_runs_clear(&half->seen);
        if (half->pending)
            g_tree_destroy(half->pending);
    }
    mps_sparse_free(s->halves);
    g_array_free(s->mappings, TRUE);
    g_free(s);
}

static gint compare_starts(gconstpointer a, gconstpointer b, gpointer data)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    (void)data;
    return (x > y) - (x < y);
}

static uint16_t fold(uint64_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

/* Sum of the 16-bit words of a number. */
static uint64_t words(uint64_t number)
{
    return (number >> 48) + (number >> 32 & 0xffff) + (number >> 16 & 0xffff) + (number & 0xffff);
}

/* Verify a mapping once its payload was seen completely. If the checksum is right, payload,
 * pseudo-header and checksum add up to 16 bits of 1. @param sum  of the payload */
static void verify(checksum_state *s, guint index, uint64_t sum, const mps_view *view)
{
    mps_checked_mapping *mapping = &g_array_index(s->mappings, mps_checked_mapping, index);
    if (!mapping->has_dsn)
        return;
    sum += words(mapping->dsn) + words(mapping->ssn) + mapping->length + mapping->checksum;
    mapping->status = fold(sum) == 0xffff ? MPS_CHECK_OK : MPS_CHECK_BAD;
    mapping->checked_frame = view->segment->frame;
    mapping->checked_time = view->segment->time;
    s->found = MAX(s->found, mapping->status);
}

/* Is this mapping seen for the first time? A mapping without payload, only of a DATA_FIN, is
 * identified by its DSN. */
static bool is_new(half_state *half, const mps_checked_mapping *mapping, uint64_t start,
                   uint64_t bytes)
{
    if (bytes > 0)
        return mps_runs_add(&half->mapped, start, start + bytes, 0, NULL, NULL) == bytes;
    bool repeated = half->has_fin && half->fin == mapping->dsn;
    half->has_fin = true;
    half->fin = mapping->dsn;
    return !repeated;
}

static void take_mapping(checksum_state *s, half_state *half, const mps_view *view,
                         const mps_checked_mapping *mapping, uint64_t bytes)
{
    const mps_half *own = view->flow->half[view->half];
    if (!own->isn_known)
        return;
    uint64_t at = mps_half_near(own, view->segment->seq);
    uint64_t start = mps_half_extend_ssn(own, at, view->segment->seq, mapping->ssn);
    if (!is_new(half, mapping, start, bytes))
        return;
    guint index = s->mappings->len;
    g_array_append_vals(s->mappings, mapping, 1);
    if (bytes == 0) {
        verify(s, index, 0, view);
        return;
    }
    pending *item = g_new(pending, 1);
    *item = (pending){.start = start, .end = start + bytes, .index = index};
    if (!half->pending)
        half->pending = g_tree_new_full(compare_starts, NULL, NULL, g_free);
    g_tree_replace(half->pending, &item->start, item);
}

static void take_dss(checksum_state *s, half_state *half, const mps_view *view,
                     const mps_option *option)
{
    const mps_space *space = view->flow->connection->space[view->direction];
    mps_checked_mapping mapping = {
        .frame = view->segment->frame,
        .subflow = view->flow->id,
        .half = (uint8_t)view->half,
        .length = option->dss.data_length,
        .checksum = option->dss.checksum,
        .ssn = option->dss.ssn,
        .has_dsn = option->dss.dsn_is_64 || space->absolute_known,
        .dsn = option->dss.dsn,
    };
    if (!option->dss.dsn_is_64)
        mapping.dsn = mps_nearest(space->reference + space->offset, (uint32_t)option->dss.dsn);
    take_mapping(s, half, view, &mapping, (uint64_t)mapping.length - option->dss.data_fin);
}

/* Data with MP_CAPABLE: the first bytes of both sequence spaces (RFC 8684 section 3.1). */
static void take_capable(checksum_state *s, half_state *half, const mps_view *view,
                         const mps_option *option)
{
    const mps_space *space = view->flow->connection->space[view->direction];
    mps_checked_mapping mapping = {
        .frame = view->segment->frame,
        .subflow = view->flow->id,
        .half = (uint8_t)view->half,
        .length = option->capable.data_length,
        .checksum = option->capable.checksum,
        .ssn = 1,
        .has_dsn = space->initial_known,
        .dsn = space->initial + space->offset + 1,
    };
    take_mapping(s, half, view, &mapping, mapping.length);
}

/* The pending mapping that holds a subflow sequence number, or the next higher one. */
static pending *find(const half_state *half, uint64_t ssn)
{
    if (!half->pending)
        return NULL;
    GTreeNode *next = g_tree_upper_bound(half->pending, &ssn);
    GTreeNode *node = next ? g_tree_node_previous(next) : g_tree_node_last(half->pending);
    pending *item = node ? g_tree_node_value(node) : NULL;
    if (item && item->end > ssn)
        return item;
    return next ? g_tree_node_value(next) : NULL;
}

/* Mappings that hold some of this payload stay unknown: its sum also counts other payload. */
static void give_up(half_state *half, uint64_t from, uint64_t to)
{
    pending *item;
    while ((item = find(half, from)) && item->start < to)
        g_tree_remove(half->pending, &item->start);
}

static void take_payload(checksum_state *s, half_state *half, const mps_view *view)
{
    uint64_t length = view->ssn_end - view->ssn;
    uint64_t fresh = mps_runs_add(&half->seen, view->ssn, view->ssn_end, 0, NULL, NULL);
    pending *item = find(half, view->ssn);
    if (fresh == 0 || !item)
        return;
    if (fresh < length || !view->segment->has_payload_sum || view->ssn < item->start ||
        view->ssn_end > item->end) {
        give_up(half, view->ssn, view->ssn_end);
        return;
    }
    uint16_t sum = view->segment->payload_sum;
    if ((view->ssn - item->start) % 2) /* it begins in the low half of a 16-bit word */
        sum = (uint16_t)(sum << 8 | sum >> 8);
    item->sum += sum;
    item->seen += length;
    if (item->seen == item->end - item->start) {
        verify(s, item->index, item->sum, view);
        g_tree_remove(half->pending, &item->start);
    }
}

/* @return whether an option is a mapping with a checksum */
static bool has_checksum(const mps_option *option)
{
    if (option->subtype == MPS_DSS)
        return option->valid && option->dss.has_checksum && option->dss.data_length > 0;
    return option->subtype == MPS_MP_CAPABLE && option->valid && option->capable.has_checksum &&
           option->capable.data_length > 0;
}

static void take(void *data, const mps_view *view)
{
    checksum_state *s = data;
    s->found = MPS_CHECK_UNKNOWN;
    if (view->flow->connection->checksum == 0)
        return;
    for (unsigned i = 0; i < view->segment->mptcp_count; i++) {
        const mps_option *option = &view->segment->mptcp[i];
        if (!has_checksum(option))
            continue;
        half_state *half = mps_sparse_at(s->halves, view->half_id);
        if (option->subtype == MPS_DSS)
            take_dss(s, half, view, option);
        else
            take_capable(s, half, view, option);
    }
    if (view->has_ssn)
        take_payload(s, mps_sparse_at(s->halves, view->half_id), view);
}

const mps_analysis_kind mps_checksum_analysis = {
    .need = MPS_NEED_CHECKSUMS,
    .begin = begin,
    .segment = take,
    .end = end,
};

const GArray *mps_checked_mappings(const mps_tracker *tracker)
{
    const checksum_state *s = mps_analysis_state(tracker, &mps_checksum_analysis);
    return s ? s->mappings : NULL;
}

mps_check mps_checksum_of_segment(const mps_tracker *tracker)
{
    const checksum_state *s = mps_analysis_state(tracker, &mps_checksum_analysis);
    return s ? s->found : MPS_CHECK_UNKNOWN;
}
