/* diff.c: compares matched segments, makes rows of the changes, counts what was not compared.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "diff_internal.h"
#include "segment/option_parse.h"

/* One direction of a subflow that is in both captures. */
typedef struct {
    const mps_comparison_row *row;
    mps_align_lists lists;
    mps_flow_ends sent_flow, received_flow;
    const mps_header *sent_headers, *received_headers;
    uint16_t mss; /* MSS that the receiver announced, as it reached the sender; 0: unknown */
} direction_view;

static void ends_of(const mps_trace *trace, uint32_t id, mps_direction direction,
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

/* @return the MSS option of the first segment of a direction; 0: it is not a SYN, or has none */
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
    ends_of(comparison->a, row->pair.a, row->direction, &flow_a);
    ends_of(comparison->b, row->pair.b, in_b, &flow_b);
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

static void segment_of(const direction_view *view, const mps_match *match,
                       mps_matched_segment *segment)
{
    *segment = (mps_matched_segment){
        .sent = &view->lists.sent[match->sent],
        .received = &view->lists.received[match->received],
        .sent_header = &view->sent_headers[match->sent],
        .received_header = &view->received_headers[match->received],
        .sent_flow = &view->sent_flow,
        .received_flow = &view->received_flow,
        .ack_shift = view->lists.ack_shift,
    };
}

static void set_numbers(mps_finding *finding, uint32_t sent, uint32_t received)
{
    finding->sent = g_strdup_printf("%u", sent);
    finding->received = g_strdup_printf("%u", received);
}

static void note_addresses(mps_tally *tally, const mps_matched_segment *segment, unsigned what,
                           uint32_t count, const mps_address *sent, const mps_address *received)
{
    char text[MPS_ADDRESS_TEXT_MAX];
    if (mps_address_compare(sent, received) == 0)
        return;
    mps_finding *finding = mps_tally_note(tally, segment, what, MPS_CHANGE_ALTERED);
    finding->count = count;
    finding->sent = g_strdup(mps_address_text(sent, text));
    finding->received = g_strdup(mps_address_text(received, text));
}

/* Note a number that was changed in the same way in `count` segments. Shifts are modulo 2^32. */
static void note_same_change(mps_tally *tally, const mps_matched_segment *segment, unsigned what,
                             mps_change change, uint32_t count, uint32_t sent, uint32_t received)
{
    int64_t difference = change == MPS_CHANGE_SHIFTED ? (int64_t)(uint32_t)(received - sent)
                                                      : (int64_t)received - (int64_t)sent;
    if (sent == received)
        return;
    mps_finding *finding = mps_tally_number(tally, segment, what, change, difference);
    finding->count = count;
    set_numbers(finding, sent, received);
}

/* Compare what is the same in all segments of a direction: otherwise they would not match. */
static void compare_flow_ends(mps_tally *tally, const direction_view *view,
                              const mps_matched_segment *first)
{
    const mps_flow_ends *sent = &view->sent_flow, *received = &view->received_flow;
    uint32_t count = view->row->alignment.matched;
    note_addresses(tally, first, MPS_WHAT_SOURCE_ADDRESS, count, &sent->source, &received->source);
    note_same_change(tally, first, MPS_WHAT_SOURCE_PORT, MPS_CHANGE_ALTERED, count,
                     sent->source_port, received->source_port);
    note_addresses(tally, first, MPS_WHAT_DESTINATION_ADDRESS, count, &sent->destination,
                   &received->destination);
    note_same_change(tally, first, MPS_WHAT_DESTINATION_PORT, MPS_CHANGE_ALTERED, count,
                     sent->destination_port, received->destination_port);
    if (view->lists.seq_shift != 0)
        note_same_change(tally, first, MPS_WHAT_SEQUENCE, MPS_CHANGE_SHIFTED, count,
                         first->sent->seq, first->received->seq);
}

/* Without the ACK flag, as in a SYN, the number has no meaning. */
static void compare_acknowledgement(mps_tally *tally, const mps_matched_segment *segment)
{
    uint32_t sent = segment->sent->ack, received = segment->received->ack;
    if (!(segment->sent->flags & MPS_TCP_ACK) || received == sent)
        return;
    mps_finding *finding = mps_tally_number(tally, segment, MPS_WHAT_ACKNOWLEDGEMENT,
                                            MPS_CHANGE_SHIFTED, (uint32_t)(received - sent));
    if (finding->count == 1)
        set_numbers(finding, sent, received);
}

static void compare_exact(mps_tally *tally, const mps_matched_segment *segment)
{
    tally->compared++;
    mps_compare_header_fields(tally, segment);
    compare_acknowledgement(tally, segment);
    mps_compare_tcp_options(tally, segment);
    mps_compare_payload(tally, segment);
}

/* A segment larger than the MSS was not on the wire in this form: the host that captured it has
 * segmentation or receive offload. @return a remark that says so, or NULL */
static char *segmentation_remark(const direction_view *view, const mps_matched_segment *segment,
                                 bool split)
{
    uint32_t larger = split ? segment->sent->length : segment->received->length;
    if (view->mss == 0 || larger <= view->mss)
        return NULL;
    return g_strdup_printf("%u bytes exceed the MSS of %u: offload at the %s", larger, view->mss,
                           split ? mps_direction_sender(view->row->direction)
                                 : mps_direction_receiver(view->row->direction));
}

/* Note a sent segment that was captured at the receiver as smaller ones, or in a larger one. */
static void note_segmentation(mps_tally *tally, const direction_view *view,
                              const mps_matched_segment *segment, bool split)
{
    mps_finding *finding = mps_tally_note(tally, segment, MPS_WHAT_SEGMENTATION,
                                          split ? MPS_CHANGE_SPLIT : MPS_CHANGE_MERGED);
    if (finding->count > 1)
        return;
    finding->sent = g_strdup_printf("%u bytes", segment->sent->length);
    finding->received = g_strdup_printf("%u bytes", segment->received->length);
    finding->remark = segmentation_remark(view, segment, split);
}

static void compare_resegmented(mps_tally *tally, const direction_view *view,
                                const mps_matched_segment *segment, mps_match_kind kind)
{
    note_segmentation(tally, view, segment, kind == MPS_MATCH_SPLIT);
    mps_compare_mptcp_presence(tally, segment);
}

static void compare_matches(mps_tally *tally, const direction_view *view)
{
    const GArray *matches = view->row->alignment.matches;
    uint32_t last = MPS_NONE; /* a split segment has several matches and counts once */
    for (guint i = 0; i < matches->len; i++) {
        const mps_match *match = &g_array_index(matches, mps_match, i);
        mps_matched_segment segment;
        segment_of(view, match, &segment);
        if (i == 0)
            compare_flow_ends(tally, view, &segment);
        if (match->kind == MPS_MATCH_EXACT)
            compare_exact(tally, &segment);
        else if (match->sent != last)
            compare_resegmented(tally, view, &segment, match->kind);
        last = match->sent;
    }
}

/* If the sender's own checksums are wrong, a checksum shows nothing about the payload. */
static bool is_proven(const mps_tally *tally, const mps_finding *finding)
{
    return tally->checksums_wrong == 0 ||
           (finding->what != MPS_WHAT_PAYLOAD_CHECKSUM && finding->what != MPS_WHAT_CUT_CHECKSUM);
}

/* Segments of all directions: those compared, and those not compared or only in part, by reason. */
typedef struct {
    uint64_t compared;
    uint64_t options_truncated, payload_unknown, checksum_offloaded, checksum_wrong;
    uint64_t ambiguous, undetermined, outside_capture, missing_at_sender, missing_at_receiver;
} coverage;

/* State while rows are made. */
typedef struct {
    mps_diff *diff;
    mps_tally *tally;
    coverage coverage;
    mps_sentences sentences;
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
        .difference_kind = finding->difference_kind,
        .difference = finding->difference,
        .announces_address = finding->announces_address,
    };
    finding->sent = finding->received = NULL; /* the row owns them now */
    row.text = mps_row_sentence(&row, finding->remark);
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
        if (is_proven(m->tally, finding))
            add_row(m, from, finding);
    }
}

static void count_coverage(coverage *sum, const mps_tally *tally, const mps_alignment *alignment)
{
    sum->compared += tally->compared;
    sum->options_truncated += tally->options_truncated;
    sum->payload_unknown += tally->payloads_unknown;
    sum->checksum_offloaded += tally->checksums_offloaded;
    sum->checksum_wrong += tally->checksums_wrong;
    sum->ambiguous += alignment->ambiguous;
    sum->undetermined += alignment->undetermined;
    sum->missing_at_sender += tally->missing_at_sender;
    sum->outside_capture += alignment->outside + tally->outside_capture;
    sum->missing_at_receiver += alignment->uncaptured + tally->missing_at_receiver;
}

static void note(GPtrArray *notes, uint64_t count, const char *text)
{
    if (count > 0)
        g_ptr_array_add(notes, g_strdup_printf("Segments %s: %" G_GUINT64_FORMAT ".", text, count));
}

/* Add a note for each reason for which segments were not compared, or only in part. */
static void note_gaps(const coverage *sum, GPtrArray *notes)
{
    note(notes, sum->options_truncated, "whose options were not captured whole (compared in part)");
    note(notes, sum->payload_unknown,
         "whose payload is not known at one end (payload not compared)");
    note(notes, sum->checksum_offloaded, "captured before checksum offload set their checksum");
    note(notes, sum->checksum_wrong, "whose checksum was already wrong in the sender's capture");
    note(notes, sum->ambiguous, "that match more than one other segment (not compared)");
    note(notes, sum->outside_capture, "outside the time of the other capture");
    note(notes, sum->missing_at_receiver,
         "that the receiver acknowledged but its capture does not have");
    note(notes, sum->missing_at_sender, "that arrived and that the sender's capture missed");
    note(notes, sum->undetermined, "that were lost or that the receiver's capture missed");
}

static void compare_direction(const mps_comparison *comparison, const mps_comparison_row *row,
                              const mps_comparison_row *back, mps_tally *tally)
{
    direction_view view;
    if (!mps_pair_in_both(&row->pair)) {
        mps_find_one_sided_subflow(tally, comparison, row);
        return;
    }
    view_init(&view, comparison, row);
    compare_matches(tally, &view);
    mps_find_one_sided_segments(tally, comparison, row, back, &view.lists, view.received_headers);
}

/* Compare both directions of a subflow. @param rows  its two rows, one after the other
 * @return whether anything was changed */
static bool compare_subflow(maker *m, const mps_comparison_row *rows)
{
    guint first = m->diff->rows->len;
    for (unsigned i = 0; i < 2; i++) {
        mps_tally_reset(m->tally);
        compare_direction(m->diff->comparison, &rows[i], &rows[!i], m->tally);
        add_rows(m, &rows[i]);
        count_coverage(&m->coverage, m->tally, &rows[i].alignment);
    }
    return mps_sentences_add_subflow(&m->sentences, rows, first);
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
    mps_sentences_conclude(m->diff, unchanged, subflows, m->coverage.compared,
                           m->coverage.options_truncated > 0);
    note_gaps(&m->coverage, m->diff->notes);
}

mps_diff *mps_diff_new(const mps_comparison *comparison, uint32_t connection)
{
    mps_diff *diff = g_new0(mps_diff, 1);
    diff->comparison = comparison;
    diff->rows = g_array_new(FALSE, FALSE, sizeof(mps_diff_row));
    diff->sentences = g_ptr_array_new_with_free_func(g_free);
    diff->kinds = g_array_new(FALSE, FALSE, sizeof(guint));
    diff->notes = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < comparison->notes->len; i++)
        g_ptr_array_add(diff->notes, g_strdup(comparison->notes->pdata[i]));
    maker m = {.diff = diff, .tally = mps_tally_new()};
    mps_sentences_init(&m.sentences, diff);
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
    g_array_free(diff->kinds, TRUE);
    g_ptr_array_free(diff->notes, TRUE);
    g_free(diff);
}
