/* diff.c: compares matched segments and makes rows of what was changed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "diff_internal.h"

/* One direction of a subflow that both captures have. */
typedef struct {
    const mps_comparison_row *row;
    mps_align_lists lists;
    mps_flow_ends sent_flow, received_flow;
    const mps_header *sent_headers, *received_headers;
    uint16_t mss; /* that the receiver announced, as it reached the sender; 0: not known */
} direction_view;

static void flow_of(const mps_trace *trace, uint32_t id, mps_direction direction,
                    mps_flow_ends *flow)
{
    mps_subflow_info info;
    mps_tracker_subflow(mps_trace_tracker(trace), id, &info);
    *flow = (mps_flow_ends){
        .source = info.address[direction],
        .destination = info.address[!direction],
        .source_port = info.port[direction],
        .destination_port = info.port[!direction],
    };
}

/* The MSS in what begins a list, if it is a SYN. */
static uint16_t announced_mss(const mps_trace *trace, uint32_t id, mps_direction direction)
{
    size_t count;
    const mps_packet *packets = mps_trace_packets(trace, id, direction, &count);
    if (count == 0 || !(packets->flags & MPS_TCP_SYN))
        return 0;
    const mps_header *header = mps_trace_headers(trace, id, direction);
    mps_segment segment = {.header_length = header->header_length, .flags = packets->flags};
    mps_segment_parse_options(&segment, header->options, header->options_captured);
    return segment.mss;
}

static void view_init(direction_view *view, const mps_comparison *comparison,
                      const mps_comparison_row *row)
{
    mps_direction in_b = row->pair.flipped ? !row->direction : row->direction;
    const mps_header *a = mps_trace_headers(comparison->a, row->pair.a, row->direction);
    const mps_header *b = mps_trace_headers(comparison->b, row->pair.b, in_b);
    mps_flow_ends flow_a, flow_b;
    flow_of(comparison->a, row->pair.a, row->direction, &flow_a);
    flow_of(comparison->b, row->pair.b, in_b, &flow_b);
    view->row = row;
    mps_pair_lists(comparison->a, comparison->b, &row->pair, row->direction, row->a_sends,
                   &view->lists);
    view->sent_flow = row->a_sends ? flow_a : flow_b;
    view->received_flow = row->a_sends ? flow_b : flow_a;
    view->sent_headers = row->a_sends ? a : b;
    view->received_headers = row->a_sends ? b : a;
    view->mss = row->a_sends ? announced_mss(comparison->a, row->pair.a, !row->direction)
                             : announced_mss(comparison->b, row->pair.b, !in_b);
}

static void both_of(const direction_view *view, const mps_match *match, mps_both *both)
{
    *both = (mps_both){
        .sent = &view->lists.sent[match->sent],
        .received = &view->lists.received[match->received],
        .sent_header = &view->sent_headers[match->sent],
        .received_header = &view->received_headers[match->received],
        .sent_flow = &view->sent_flow,
        .received_flow = &view->received_flow,
        .ack_shift = view->lists.ack_shift,
    };
}

static void note_addresses(mps_tally *tally, const mps_both *both, unsigned what, uint32_t count,
                           const mps_address *sent, const mps_address *received)
{
    char text[MPS_ADDRESS_TEXT_MAX];
    if (mps_address_compare(sent, received) == 0)
        return;
    mps_finding *finding = mps_tally_note(tally, both, what, MPS_CHANGE_ALTERED);
    finding->count = count;
    finding->sent = g_strdup(mps_address_text(sent, text));
    finding->received = g_strdup(mps_address_text(received, text));
}

/* A number that is changed alike in all segments; what is shifted is so modulo 2^32. */
static void note_alike(mps_tally *tally, const mps_both *both, unsigned what, mps_change change,
                       uint32_t count, uint32_t sent, uint32_t received)
{
    int64_t difference = change == MPS_CHANGE_SHIFTED ? (int64_t)(uint32_t)(received - sent)
                                                      : (int64_t)received - (int64_t)sent;
    if (sent == received)
        return;
    mps_finding *finding = mps_tally_number(tally, both, what, change, difference);
    finding->count = count;
    finding->sent = g_strdup_printf("%u", sent);
    finding->received = g_strdup_printf("%u", received);
}

/* What is the same for all segments of a direction, because else they would not match. */
static void compare_flows(mps_tally *tally, const direction_view *view, const mps_both *first)
{
    const mps_flow_ends *sent = &view->sent_flow, *received = &view->received_flow;
    uint32_t count = view->row->alignment.matched;
    note_addresses(tally, first, MPS_WHAT_SOURCE_ADDRESS, count, &sent->source, &received->source);
    note_alike(tally, first, MPS_WHAT_SOURCE_PORT, MPS_CHANGE_ALTERED, count, sent->source_port,
               received->source_port);
    note_addresses(tally, first, MPS_WHAT_DESTINATION_ADDRESS, count, &sent->destination,
                   &received->destination);
    note_alike(tally, first, MPS_WHAT_DESTINATION_PORT, MPS_CHANGE_ALTERED, count,
               sent->destination_port, received->destination_port);
    if (view->lists.seq_shift != 0)
        note_alike(tally, first, MPS_WHAT_SEQUENCE, MPS_CHANGE_SHIFTED, count, first->sent->seq,
                   first->received->seq);
}

/* A SYN has nothing to acknowledge. */
static void compare_acknowledgement(mps_tally *tally, const mps_both *both)
{
    uint32_t sent = both->sent->ack, received = both->received->ack;
    if (!(both->sent->flags & MPS_TCP_ACK) || received == sent)
        return;
    mps_finding *finding = mps_tally_number(tally, both, MPS_WHAT_ACKNOWLEDGEMENT,
                                            MPS_CHANGE_SHIFTED, (uint32_t)(received - sent));
    if (finding->count > 1)
        return;
    finding->sent = g_strdup_printf("%u", sent);
    finding->received = g_strdup_printf("%u", received);
}

static void compare_exact(mps_tally *tally, const mps_both *both)
{
    tally->compared++;
    mps_compare_fields(tally, both);
    compare_acknowledgement(tally, both);
    mps_compare_options(tally, both);
    mps_compare_payload(tally, both);
}

/* What is larger than a segment can be was not on the wire so. */
static char *segmentation_remark(const direction_view *view, const mps_both *both, bool split)
{
    uint32_t larger = split ? both->sent->length : both->received->length;
    bool client = (view->row->direction == MPS_C2S) == split;
    if (view->mss == 0 || larger <= view->mss)
        return NULL;
    return g_strdup_printf("%u bytes are more than the MSS of %u: offload at the %s", larger,
                           view->mss, client ? "client" : "server");
}

/* A sent segment that was captured in pieces, or in a larger one. */
static void note_segmentation(mps_tally *tally, const direction_view *view, const mps_both *both,
                              bool split)
{
    mps_finding *finding = mps_tally_note(tally, both, MPS_WHAT_SEGMENTATION,
                                          split ? MPS_CHANGE_SPLIT : MPS_CHANGE_MERGED);
    if (finding->count > 1)
        return;
    finding->sent = g_strdup_printf("%u bytes", both->sent->length);
    finding->received = g_strdup_printf("%u bytes", both->received->length);
    finding->remark = segmentation_remark(view, both, split);
}

static void compare_pieces(mps_tally *tally, const direction_view *view, const mps_both *both,
                           mps_match_kind kind)
{
    note_segmentation(tally, view, both, kind == MPS_MATCH_SPLIT);
    mps_compare_presence(tally, both);
}

static void compare_matches(mps_tally *tally, const direction_view *view)
{
    const GArray *matches = view->row->alignment.matches;
    uint32_t last = MPS_NONE; /* a segment in pieces counts once */
    for (guint i = 0; i < matches->len; i++) {
        const mps_match *match = &g_array_index(matches, mps_match, i);
        mps_both both;
        both_of(view, match, &both);
        if (i == 0)
            compare_flows(tally, view, &both);
        if (match->kind == MPS_MATCH_EXACT)
            compare_exact(tally, &both);
        else if (match->sent != last)
            compare_pieces(tally, view, &both, match->kind);
        last = match->sent;
    }
}

/* A checksum at the sender's end that was never right says nothing of the payload. */
static bool is_told(const mps_tally *tally, const mps_finding *finding)
{
    return tally->wrong == 0 ||
           (finding->what != MPS_WHAT_PAYLOAD_CHECKSUM && finding->what != MPS_WHAT_CUT_CHECKSUM);
}

/* While rows are made. */
typedef struct {
    mps_diff *diff;
    mps_tally *tally;
    mps_gaps gaps;
    mps_teller teller;
} maker;

static void add_row(const maker *m, const mps_comparison_row *from, mps_finding *finding)
{
    bool a_sends = from->a_sends;
    mps_diff_row row = {
        .connection = from->connection,
        .peer_connection = from->peer_connection,
        .subflow = from->subflow,
        .peer_subflow = from->peer_subflow,
        .pair = from->pair,
        .direction = from->direction,
        .a_sends = a_sends,
        .what = finding->what,
        .change = finding->change,
        .a = a_sends ? finding->sent : finding->received,
        .b = a_sends ? finding->received : finding->sent,
        .frame = a_sends ? finding->sent_frame : finding->received_frame,
        .peer_frame = a_sends ? finding->received_frame : finding->sent_frame,
        .flags = finding->flags,
        .count = finding->count,
        .of = mps_tally_of(m->tally, finding, &from->alignment),
        .constant = finding->constant,
        .difference = finding->difference,
    };
    finding->sent = finding->received = NULL; /* the row's now */
    row.text = mps_diff_sentence(&row, finding->remark);
    g_array_append_val(m->diff->rows, row);
}

static gint compare_findings(gconstpointer a, gconstpointer b)
{
    const mps_finding *x = a, *y = b;
    if (x->what != y->what)
        return x->what < y->what ? -1 : 1;
    return (int)x->change - (int)y->change;
}

static void add_rows(const maker *m, const mps_comparison_row *from)
{
    GArray *findings = m->tally->findings;
    g_array_sort(findings, compare_findings);
    for (guint i = 0; i < findings->len; i++) {
        mps_finding *finding = &g_array_index(findings, mps_finding, i);
        if (is_told(m->tally, finding))
            add_row(m, from, finding);
    }
}

static void compare_direction(const mps_comparison *comparison, const mps_comparison_row *row,
                              const mps_comparison_row *back, mps_tally *tally)
{
    direction_view view;
    if (!mps_pair_in_both(&row->pair)) {
        mps_find_one_sided(tally, comparison, row);
        return;
    }
    view_init(&view, comparison, row);
    compare_matches(tally, &view);
    mps_find_alone(tally, &view.lists, &row->alignment, &back->alignment, view.received_headers);
}

/* Compare both directions of a subflow, which stand beside one another. @return whether anything
 * was changed */
static bool compare_subflow(maker *m, const mps_comparison_row *there)
{
    guint first = m->diff->rows->len;
    for (unsigned i = 0; i < 2; i++) {
        mps_tally_reset(m->tally);
        compare_direction(m->diff->comparison, &there[i], &there[!i], m->tally);
        add_rows(m, &there[i]);
        mps_gaps_add(&m->gaps, m->tally, &there[i].alignment);
    }
    return mps_diff_tell(&m->teller, there, first);
}

static void compare_all(maker *m, uint32_t connection)
{
    const GArray *rows = m->diff->comparison->rows;
    unsigned subflows = 0, unchanged = 0;
    for (guint i = 0; i + 1 < rows->len; i += 2) {
        const mps_comparison_row *row = &g_array_index(rows, mps_comparison_row, i);
        if (connection != MPS_NONE && row->connection != connection)
            continue;
        subflows++;
        unchanged += !compare_subflow(m, row);
    }
    mps_diff_conclude(m->diff, unchanged, subflows, &m->gaps);
    mps_gaps_note(&m->gaps, m->diff->notes);
}

mps_diff *mps_diff_new(const mps_comparison *comparison, uint32_t connection)
{
    mps_diff *diff = g_new0(mps_diff, 1);
    diff->comparison = comparison;
    diff->rows = g_array_new(FALSE, FALSE, sizeof(mps_diff_row));
    diff->sentences = g_ptr_array_new_with_free_func(g_free);
    diff->notes = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < comparison->notes->len; i++)
        g_ptr_array_add(diff->notes, g_strdup(comparison->notes->pdata[i]));
    maker m = {.diff = diff, .tally = mps_tally_new()};
    mps_teller_init(&m.teller, diff);
    compare_all(&m, connection);
    mps_tally_free(m.tally);
    return diff;
}

void mps_diff_free(mps_diff *diff)
{
    if (!diff)
        return;
    for (guint i = 0; i < diff->rows->len; i++) {
        mps_diff_row *row = &g_array_index(diff->rows, mps_diff_row, i);
        g_free(row->a);
        g_free(row->b);
        g_free(row->text);
    }
    g_array_free(diff->rows, TRUE);
    g_ptr_array_free(diff->sentences, TRUE);
    g_ptr_array_free(diff->notes, TRUE);
    g_free(diff);
}

void mps_gaps_add(mps_gaps *gaps, const mps_tally *tally, const mps_alignment *alignment)
{
    gaps->compared += tally->compared;
    gaps->cut += tally->options_cut;
    gaps->unknown += tally->payloads_unknown;
    gaps->unfilled += tally->unfilled;
    gaps->wrong += tally->wrong;
    gaps->ambiguous += alignment->ambiguous;
    gaps->outside += alignment->outside + tally->outside;
    gaps->uncaptured += alignment->uncaptured + tally->uncaptured;
}

static void note(GPtrArray *notes, uint64_t count, const char *text)
{
    if (count > 0)
        g_ptr_array_add(notes, g_strdup_printf("Segments %s: %" G_GUINT64_FORMAT ".", text, count));
}

void mps_gaps_note(const mps_gaps *gaps, GPtrArray *notes)
{
    note(notes, gaps->cut, "captured without all of their options, which are compared in part");
    note(notes, gaps->unknown,
         "of whose payload one end tells nothing, so that it is not compared");
    note(notes, gaps->unfilled, "captured before their checksum was filled in (offload)");
    note(notes, gaps->wrong, "whose checksum was wrong already when they were sent, as captured");
    note(notes, gaps->ambiguous, "that could be one of several, and are not compared");
    note(notes, gaps->outside, "that went by before or after the other capture");
    note(notes, gaps->uncaptured, "that the receiver acknowledged, and its capture missed");
}
