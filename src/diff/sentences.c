/* sentences.c: writes what was changed on each subflow and what that means for it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "diff_internal.h"

static bool is_syn(const mps_diff_row *row)
{
    return (row->flags & (MPS_TCP_SYN | MPS_TCP_ACK)) == MPS_TCP_SYN;
}

static bool is_synack(const mps_diff_row *row)
{
    unsigned both = MPS_TCP_SYN | MPS_TCP_ACK;
    return (row->flags & both) == both;
}

/* @return the subflow that a row is about, "Connection 0, subflow 1"; the caller frees it */
static char *subject(const mps_diff *diff, const mps_diff_row *row)
{
    if (row->connection != MPS_NONE)
        return g_strdup_printf("Connection %u, %ssubflow %u", row->connection,
                               row->pair.a == MPS_NONE ? "B's " : "", row->subflow);
    if (row->peer_connection != MPS_NONE)
        return g_strdup_printf("B's connection %u, subflow %u", row->peer_connection,
                               row->peer_subflow);
    mps_subflow_info info;
    bool in_a = row->pair.a != MPS_NONE;
    mps_tracker_subflow(mps_trace_tracker(in_a ? diff->comparison->a : diff->comparison->b),
                        in_a ? row->pair.a : row->pair.b, &info);
    return g_strdup_printf("%sTCP stream %d", in_a ? "" : "B's ", info.tcp_stream);
}

static void add_sentence(mps_diff *diff, const mps_diff_row *row, const char *text,
                         const char *effect)
{
    char *who = subject(diff, row);
    guint kind = row->what * MPS_CHANGE_COUNT + row->change;
    g_array_append_val(diff->kinds, kind);
    g_ptr_array_add(diff->sentences, g_strdup_printf("%s: %s%s%s", who, text, effect ? " " : "",
                                                     effect ? effect : ""));
    g_free(who);
}

/* @return whether a row needs no sentence: most paths do this, or another sentence covers it */
static bool is_ordinary(const mps_diff_row *row)
{
    switch (row->what) {
    case MPS_WHAT_SOURCE_ADDRESS:
    case MPS_WHAT_SOURCE_PORT:
    case MPS_WHAT_DESTINATION_ADDRESS:
    case MPS_WHAT_DESTINATION_PORT:
    case MPS_WHAT_ACKNOWLEDGEMENT:
    case MPS_WHAT_SEGMENTATION:
        return true;
    case MPS_WHAT_SEGMENT:
        return row->change != MPS_CHANGE_ADDED &&
               !(row->change == MPS_CHANGE_MISSING && row->count == row->of);
    case MPS_WHAT_TTL:
        return row->change == MPS_CHANGE_SHIFTED && row->difference < 0;
    default:
        return false;
    }
}

/* Look a connection up, once for all of its rows, because that takes time.
 * @param known  the connection that was looked up last
 * @return NULL if `number` is MPS_NONE */
static const mps_connection_info *look_up(const mps_trace *trace, uint32_t number,
                                          mps_connection_info *known)
{
    if (number == MPS_NONE)
        return NULL;
    if (known->number != number)
        mps_tracker_connection(mps_trace_tracker(trace), number, known);
    return known;
}

/* @return a sentence about the fallback that the captures show, once for each connection; otherwise
 * NULL */
static char *fallback_of(mps_sentences *sentences, const mps_diff_row *row)
{
    const mps_comparison *comparison = sentences->diff->comparison;
    const mps_connection_info *a = look_up(comparison->a, row->connection, &sentences->in_a);
    const mps_connection_info *b = look_up(comparison->b, row->peer_connection, &sentences->in_b);
    bool in_a = a && a->fallback;
    bool reported =
        sentences->fallback_a == row->connection && sentences->fallback_b == row->peer_connection;
    if (reported || (!in_a && !(b && b->fallback)))
        return NULL;
    sentences->fallback_a = row->connection;
    sentences->fallback_b = row->peer_connection;
    return g_strdup_printf("The connection fell back to plain TCP (%s: %s).", in_a ? "A" : "B",
                           mps_fallback_reason(in_a ? a->fallback : b->fallback));
}

static char *join_stripped(const mps_sentences *sentences, const mps_diff_row *row)
{
    mps_subflow_info info;
    mps_tracker_subflow(mps_trace_tracker(sentences->diff->comparison->a), row->pair.a, &info);
    if (info.state == MPS_SUBFLOW_SYN || info.refusal)
        return g_strdup("The subflow never joined.");
    if (info.state != MPS_SUBFLOW_RESET)
        return NULL;
    return g_strdup(row->count == row->of ? "The subflow did not join: it was reset."
                                          : "The subflow was reset.");
}

/* An echo only confirms that an address arrived. */
static char *add_addr_stripped(const mps_diff_row *row)
{
    if (!row->announces_address)
        return NULL;
    return g_strdup(row->count == row->of
                        ? "The peer does not learn of this address."
                        : "The peer learns of this address only if it is announced again.");
}

static char *mptcp_stripped(mps_sentences *sentences, const mps_diff_row *row)
{
    switch (row->what - MPS_WHAT_MPTCP) {
    case MPS_MP_CAPABLE:
    case MPS_DSS:
        return fallback_of(sentences, row);
    case MPS_MP_JOIN:
        return join_stripped(sentences, row);
    case MPS_ADD_ADDR:
        return add_addr_stripped(row);
    default:
        return NULL;
    }
}

static char *option_stripped(const mps_diff_row *row)
{
    const char *receiver = mps_direction_receiver(row->direction);
    switch (row->what - MPS_WHAT_OPTION) {
    case MPS_OPTION_MSS: /* RFC 9293 section 3.7.1 */
        return g_strdup_printf("The %s assumes 536 (1220 with IPv6).", receiver);
    case MPS_OPTION_WINDOW_SCALE: /* RFC 7323 section 2.2 */
        if (is_syn(row))
            return g_strdup("Windows are not scaled: at most 65535 bytes can be in flight.");
        return is_synack(row) ? g_strdup("One end scales windows, and the other does not.") : NULL;
    case MPS_OPTION_SACK_PERMITTED:
        return g_strdup_printf("The %s must not send SACK.", receiver);
    case MPS_OPTION_TIMESTAMPS:
        return is_syn(row) ? g_strdup("The subflow has no timestamps.") : NULL;
    default:
        return NULL;
    }
}

/* Only a DSS checksum detects it (RFC 8684 section 3.3.1). */
static char *payload_altered(mps_sentences *sentences, const mps_diff_row *row)
{
    const mps_connection_info *info =
        look_up(sentences->diff->comparison->a, row->connection, &sentences->in_a);
    return g_strdup(info && info->checksum == 0
                        ? "The path changed content; without DSS checksums MPTCP cannot detect it."
                        : "The path changed content.");
}

static char *altered(mps_sentences *sentences, const mps_diff_row *row)
{
    switch (row->what) {
    case MPS_WHAT_OPTION + MPS_OPTION_MSS:
        return g_strdup_printf("It was %s: the %s sends no larger segments.",
                               row->difference < 0 ? "clamped" : "raised",
                               mps_direction_receiver(row->direction));
    case MPS_WHAT_CONGESTION:
        return g_strdup("The path marked congestion (ECN, RFC 3168).");
    case MPS_WHAT_PAYLOAD:
        return payload_altered(sentences, row);
    default:
        return NULL;
    }
}

/* @return a sentence about the effect of a change, NULL if there is none to report; the caller
 * frees it */
static char *effect_of(mps_sentences *sentences, const mps_diff_row *row)
{
    if (row->change == MPS_CHANGE_ALTERED)
        return altered(sentences, row);
    if (row->change != MPS_CHANGE_STRIPPED)
        return NULL;
    return row->what >= MPS_WHAT_MPTCP ? mptcp_stripped(sentences, row) : option_stripped(row);
}

static void end_text(GString *text, const mps_subflow_info *info, unsigned side)
{
    char address[MPS_ADDRESS_TEXT_MAX];
    bool ipv6 = info->address[side].length > 4;
    g_string_append_printf(text, ipv6 ? "[%s]:%u" : "%s:%u",
                           mps_address_text(&info->address[side], address), info->port[side]);
}

static bool same_end(const mps_subflow_info *a, unsigned side_a, const mps_subflow_info *b,
                     unsigned side_b)
{
    return mps_address_compare(&a->address[side_a], &b->address[side_b]) == 0 &&
           a->port[side_a] == b->port[side_b];
}

/* Add the addresses and ports of each end that differ between the captures. */
static void add_translation(mps_diff *diff, const mps_diff_row *row)
{
    mps_subflow_info a, b;
    mps_tracker_subflow(mps_trace_tracker(diff->comparison->a), row->pair.a, &a);
    mps_tracker_subflow(mps_trace_tracker(diff->comparison->b), row->pair.b, &b);
    for (unsigned side = 0; side < 2; side++) {
        unsigned side_b = row->pair.flipped ? !side : side;
        if (same_end(&a, side, &b, side_b))
            continue;
        GString *in_a = g_string_new(NULL), *in_b = g_string_new(NULL);
        end_text(in_a, &a, side);
        end_text(in_b, &b, side_b);
        char *text = g_strdup_printf("The %s is %s in A and %s in B: the path translates "
                                     "addresses (NAT).",
                                     mps_direction_sender(side), in_a->str, in_b->str);
        add_sentence(diff, row, text, NULL);
        g_free(text);
        g_string_free(in_a, TRUE);
        g_string_free(in_b, TRUE);
    }
}

/* Add the number of hops, if nothing else was changed. */
static void add_hops(mps_diff *diff, guint first)
{
    GString *text = g_string_new("Only the TTL was changed: ");
    bool begun = false;
    for (guint i = first; i < diff->rows->len; i++) {
        const mps_diff_row *row = &g_array_index(diff->rows, mps_diff_row, i);
        if (row->what != MPS_WHAT_TTL)
            continue;
        g_string_append_printf(text, "%s%" G_GINT64_FORMAT " hop%s to the %s", begun ? ", " : "",
                               -row->difference, row->difference == -1 ? "" : "s",
                               mps_direction_receiver(row->direction));
        begun = true;
    }
    g_string_append_c(text, '.');
    add_sentence(diff, &g_array_index(diff->rows, mps_diff_row, first), text->str, NULL);
    g_string_free(text, TRUE);
}

/* Add that no segment of a subflow matches, so that nothing is known about it. */
static void add_unmatched(mps_diff *diff, const mps_comparison_row *subflow)
{
    const mps_diff_row about = {
        .connection = subflow->connection,
        .peer_connection = subflow->peer_connection,
        .subflow = subflow->subflow,
        .peer_subflow = subflow->peer_subflow,
        .pair = subflow->pair,
    };
    add_sentence(diff, &about, "No segment could be compared.", NULL);
}

void mps_sentences_init(mps_sentences *sentences, mps_diff *diff)
{
    *sentences = (mps_sentences){
        .diff = diff,
        .in_a = {.number = MPS_NONE},
        .in_b = {.number = MPS_NONE},
        .fallback_a = MPS_NONE,
        .fallback_b = MPS_NONE,
    };
}

bool mps_sentences_add_subflow(mps_sentences *sentences, const mps_comparison_row *subflow,
                               guint first)
{
    mps_diff *diff = sentences->diff;
    bool changed = false, hops = false;
    const mps_diff_row *rows = (const mps_diff_row *)diff->rows->data;
    if (subflow->pair.translated && first < diff->rows->len) {
        add_translation(diff, &rows[first]);
        changed = true;
    }
    for (guint i = first; i < diff->rows->len; i++) {
        hops |= rows[i].what == MPS_WHAT_TTL;
        if (is_ordinary(&rows[i]))
            continue;
        char *effect = effect_of(sentences, &rows[i]);
        add_sentence(diff, &rows[i], rows[i].text, effect);
        g_free(effect);
        changed = true;
    }
    bool unmatched = subflow[0].alignment.matched + subflow[1].alignment.matched == 0;
    if (unmatched && !changed)
        add_unmatched(diff, subflow);
    else if (hops && !changed)
        add_hops(diff, first);
    return changed || hops || unmatched;
}

void mps_sentences_conclude(mps_diff *diff, unsigned unchanged, unsigned all, uint64_t compared,
                            bool truncated)
{
    const char *limit = truncated ? ", as far as they were captured" : "";
    if (unchanged == all && all > 0) {
        g_ptr_array_add(diff->sentences,
                        g_strdup_printf("Nothing was changed in the %" G_GUINT64_FORMAT
                                        " compared segment%s of %u subflow%s%s.",
                                        compared, compared == 1 ? "" : "s", all,
                                        all == 1 ? "" : "s", limit));
    } else if (unchanged > 0) {
        g_ptr_array_add(diff->sentences,
                        unchanged == 1
                            ? g_strdup_printf("Nothing was changed on the other subflow%s.",
                                              *limit ? ", as far as it was captured" : "")
                            : g_strdup_printf("Nothing was changed on the other %u subflows%s.",
                                              unchanged, limit));
    }
}
