/* sentences.c: what was changed on a subflow, and what that means for it, for people.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "diff_internal.h"
#include <string.h>

static bool is_syn(const mps_diff_row *row)
{
    return (row->flags & (MPS_TCP_SYN | MPS_TCP_ACK)) == MPS_TCP_SYN;
}

static bool is_synack(const mps_diff_row *row)
{
    unsigned both = MPS_TCP_SYN | MPS_TCP_ACK;
    return (row->flags & both) == both;
}

/* Whom a row is about: "Connection 0, subflow 1". */
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

static void say(mps_diff *diff, const mps_diff_row *row, const char *text, const char *consequence)
{
    char *who = subject(diff, row);
    g_ptr_array_add(diff->sentences,
                    g_strdup_printf("%s: %s%s%s", who, text, consequence ? " " : "",
                                    consequence ? consequence : ""));
    g_free(who);
}

/* Rows that need no sentence: what every path does, or what another row tells already. */
static bool is_plain(const mps_diff_row *row)
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

/* Describe a connection, which is not free of cost, once for all rows of it.
 * @return NULL: there is none of this number */
static const mps_connection_info *describe(const mps_trace *trace, uint32_t number,
                                           mps_connection_info *known)
{
    if (number == MPS_NONE)
        return NULL;
    if (known->number != number)
        mps_tracker_connection(mps_trace_tracker(trace), number, known);
    return known;
}

/* Say what became of the connection, as the captures show it: once. */
static char *fallback_of(mps_teller *teller, const mps_diff_row *row)
{
    const mps_comparison *comparison = teller->diff->comparison;
    const mps_connection_info *a = describe(comparison->a, row->connection, &teller->in_a);
    const mps_connection_info *b = describe(comparison->b, row->peer_connection, &teller->in_b);
    bool in_a = a && a->fallback,
         told = teller->told_a == row->connection && teller->told_b == row->peer_connection;
    if (told || (!in_a && !(b && b->fallback)))
        return NULL;
    teller->told_a = row->connection;
    teller->told_b = row->peer_connection;
    return g_strdup_printf("The connection fell back to plain TCP (%s: %s).", in_a ? "A" : "B",
                           mps_fallback_reason(in_a ? a->fallback : b->fallback));
}

static char *join_stripped(const mps_teller *teller, const mps_diff_row *row)
{
    mps_subflow_info info;
    mps_tracker_subflow(mps_trace_tracker(teller->diff->comparison->a), row->pair.a, &info);
    if (info.state == MPS_SUBFLOW_SYN)
        return g_strdup("The subflow never joined.");
    if (info.state != MPS_SUBFLOW_RESET)
        return NULL;
    return g_strdup(row->count == row->of ? "The subflow did not join: it was reset."
                                          : "The subflow was reset.");
}

/* An echo tells the peer nothing but that the address arrived. */
static char *add_addr_stripped(const mps_diff_row *row)
{
    const char *option = row->a_sends ? row->a : row->b;
    if (!option || !g_str_has_prefix(option, "echo 0"))
        return NULL;
    return g_strdup(row->count == row->of
                        ? "The peer does not learn of this address."
                        : "The peer learns of this address only if it is announced again.");
}

static char *mptcp_stripped(mps_teller *teller, const mps_diff_row *row)
{
    switch (row->what - MPS_WHAT_MPTCP) {
    case MPS_MP_CAPABLE:
    case MPS_DSS:
        return fallback_of(teller, row);
    case MPS_MP_JOIN:
        return join_stripped(teller, row);
    case MPS_ADD_ADDR:
        return add_addr_stripped(row);
    default:
        return NULL;
    }
}

static char *option_stripped(const mps_diff_row *row)
{
    bool to_server = row->direction == MPS_C2S;
    switch (row->what - MPS_WHAT_OPTION) {
    case MPS_OPTION_MSS: /* RFC 9293 section 3.7.1 */
        return g_strdup_printf("The %s takes it to be 536 (1220 with IPv6).",
                               to_server ? "server" : "client");
    case MPS_OPTION_WINDOW_SCALE: /* RFC 7323 section 2.2 */
        if (is_syn(row))
            return g_strdup("Windows are not scaled, and at most 65535 bytes in flight.");
        return is_synack(row) ? g_strdup("One end scales windows, and the other does not.") : NULL;
    case MPS_OPTION_SACK_PERMITTED:
        return g_strdup_printf("The %s must not send SACK.", to_server ? "server" : "client");
    case MPS_OPTION_TIMESTAMPS:
        return is_syn(row) ? g_strdup("The subflow has no timestamps.") : NULL;
    default:
        return NULL;
    }
}

/* DSS checksums are there to notice it (RFC 8684 section 3.3.1). */
static char *payload_altered(mps_teller *teller, const mps_diff_row *row)
{
    const mps_connection_info *info =
        describe(teller->diff->comparison->a, row->connection, &teller->in_a);
    return g_strdup(info && info->checksum == 0
                        ? "Content was changed on the way, and no DSS checksum could tell."
                        : "Content was changed on the way.");
}

static char *altered(mps_teller *teller, const mps_diff_row *row)
{
    switch (row->what) {
    case MPS_WHAT_OPTION + MPS_OPTION_MSS:
        return g_strdup_printf("It was %s: the %s sends no larger segments.",
                               row->difference < 0 ? "clamped" : "raised",
                               row->direction == MPS_C2S ? "server" : "client");
    case MPS_WHAT_CONGESTION:
        return g_strdup("The path marks congestion, as ECN is meant to.");
    case MPS_WHAT_PAYLOAD:
        return payload_altered(teller, row);
    default:
        return NULL;
    }
}

/* What a change leads to, in a sentence; NULL where there is nothing more to say. */
static char *consequence(mps_teller *teller, const mps_diff_row *row)
{
    if (row->change == MPS_CHANGE_ALTERED)
        return altered(teller, row);
    if (row->change != MPS_CHANGE_STRIPPED)
        return NULL;
    return row->what >= MPS_WHAT_MPTCP ? mptcp_stripped(teller, row) : option_stripped(row);
}

static void end_text(GString *text, const mps_subflow_info *info, unsigned side)
{
    char address[MPS_ADDRESS_TEXT_MAX];
    bool ipv6 = info->address[side].length > 4;
    g_string_append_printf(text, ipv6 ? "[%s]:%u" : "%s:%u",
                           mps_address_text(&info->address[side], address), info->port[side]);
}

/* Say what an end that is translated is called in both captures. */
static void tell_translation(mps_diff *diff, const mps_diff_row *row)
{
    mps_subflow_info a, b;
    mps_tracker_subflow(mps_trace_tracker(diff->comparison->a), row->pair.a, &a);
    mps_tracker_subflow(mps_trace_tracker(diff->comparison->b), row->pair.b, &b);
    for (unsigned side = 0; side < 2; side++) {
        GString *in_a = g_string_new(NULL), *in_b = g_string_new(NULL);
        end_text(in_a, &a, side);
        end_text(in_b, &b, row->pair.flipped ? !side : side);
        if (strcmp(in_a->str, in_b->str) != 0) {
            char *text = g_strdup_printf("The %s is %s in A and %s in B: addresses are translated "
                                         "(NAT).",
                                         side ? "server" : "client", in_a->str, in_b->str);
            say(diff, row, text, NULL);
            g_free(text);
        }
        g_string_free(in_a, TRUE);
        g_string_free(in_b, TRUE);
    }
}

/* Nothing but that the path has hops. */
static void tell_hops(mps_diff *diff, guint first)
{
    GString *text = g_string_new("Nothing was changed but the TTL: ");
    bool begun = false;
    for (guint i = first; i < diff->rows->len; i++) {
        const mps_diff_row *row = &g_array_index(diff->rows, mps_diff_row, i);
        if (row->what != MPS_WHAT_TTL)
            continue;
        g_string_append_printf(text, "%s%" G_GINT64_FORMAT " hop%s to the %s", begun ? ", " : "",
                               -row->difference, row->difference == -1 ? "" : "s",
                               row->direction == MPS_C2S ? "server" : "client");
        begun = true;
    }
    g_string_append_c(text, '.');
    say(diff, &g_array_index(diff->rows, mps_diff_row, first), text->str, NULL);
    g_string_free(text, TRUE);
}

/* Nothing is known of a subflow of which no segment matches. */
static void tell_unmatched(mps_diff *diff, const mps_comparison_row *subflow)
{
    const mps_diff_row about = {
        .connection = subflow->connection,
        .peer_connection = subflow->peer_connection,
        .subflow = subflow->subflow,
        .peer_subflow = subflow->peer_subflow,
        .pair = subflow->pair,
    };
    say(diff, &about, "No segment could be compared.", NULL);
}

void mps_teller_init(mps_teller *teller, mps_diff *diff)
{
    *teller = (mps_teller){
        .diff = diff,
        .in_a = {.number = MPS_NONE},
        .in_b = {.number = MPS_NONE},
        .told_a = MPS_NONE,
        .told_b = MPS_NONE,
    };
}

bool mps_diff_tell(mps_teller *teller, const mps_comparison_row *subflow, guint first)
{
    mps_diff *diff = teller->diff;
    bool changed = false, hops = false;
    const mps_diff_row *rows = (const mps_diff_row *)diff->rows->data;
    if (subflow->pair.translated && first < diff->rows->len) {
        tell_translation(diff, &rows[first]);
        changed = true;
    }
    for (guint i = first; i < diff->rows->len; i++) {
        hops |= rows[i].what == MPS_WHAT_TTL;
        if (is_plain(&rows[i]))
            continue;
        char *further = consequence(teller, &rows[i]);
        say(diff, &rows[i], rows[i].text, further);
        g_free(further);
        changed = true;
    }
    bool unmatched = subflow[0].alignment.matched + subflow[1].alignment.matched == 0;
    if (unmatched && !changed)
        tell_unmatched(diff, subflow);
    else if (hops && !changed)
        tell_hops(diff, first);
    return changed || hops || unmatched;
}

void mps_diff_conclude(mps_diff *diff, unsigned unchanged, unsigned all, const mps_gaps *gaps)
{
    const char *limit = gaps->cut > 0 ? ", as far as they were captured" : "";
    if (unchanged == all && all > 0) {
        g_ptr_array_add(diff->sentences,
                        g_strdup_printf("Nothing was changed in %" G_GUINT64_FORMAT
                                        " segments that were compared, of %u subflow%s%s.",
                                        gaps->compared, all, all == 1 ? "" : "s", limit));
    } else if (unchanged > 0) {
        g_ptr_array_add(diff->sentences,
                        unchanged == 1
                            ? g_strdup_printf("Nothing was changed on the other subflow%s.",
                                              *limit ? ", as far as it was captured" : "")
                            : g_strdup_printf("Nothing was changed on the other %u subflows%s.",
                                              unchanged, limit));
    }
}
