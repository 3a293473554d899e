/* row_sentence.c: writes one row as a sentence.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "diff_internal.h"

static const char *sent_value(const mps_diff_row *row)
{
    return row->a_sends ? row->a : row->b;
}

static const char *received_value(const mps_diff_row *row)
{
    return row->a_sends ? row->b : row->a;
}

/* @return " in A's frame 12", where the first segment was sent (@param sent) or received; "" if the
 * frame is not known; the caller frees it */
static char *place(const mps_diff_row *row, bool sent)
{
    bool in_a = sent == row->a_sends;
    uint32_t frame = in_a ? row->frame : row->peer_frame;
    return frame ? g_strdup_printf(" in %s's frame %u", in_a ? "A" : "B", frame) : g_strdup("");
}

/* @return " (the first in A's frame 12)", or without "the first" if it is the only one; the caller
 * frees it. @param at  of place() */
static char *first_place(const mps_diff_row *row, const char *at)
{
    if (*at == '\0')
        return g_strdup("");
    return g_strdup_printf(" (%s%s)", row->count == 1 ? "" : "the first ", at + 1);
}

static const char *plural(uint32_t count)
{
    return count == 1 ? "" : "s";
}

/* @return "the MSS (1400)", or "MP_JOIN" without a value; the caller frees it */
static char *with_value(const char *phrase, const char *value)
{
    return value ? g_strdup_printf("%s (%s)", phrase, value) : g_strdup(phrase);
}

static char *option_sentence(const mps_diff_row *row, const char *phrase, const char *sent_at,
                             const char *received_at)
{
    bool stripped = row->change == MPS_CHANGE_STRIPPED;
    const char *sender = mps_direction_sender(row->direction);
    const char *receiver = mps_direction_receiver(row->direction);
    const char *value = stripped ? sent_value(row) : received_value(row);
    char *option = with_value(phrase, row->what < MPS_WHAT_MPTCP ? value : NULL);
    char *text =
        stripped
            ? g_strdup_printf("the %s sent %s%s; the %s received the segment without it%s", sender,
                              option, sent_at, receiver, received_at)
            : g_strdup_printf("the %s sent a segment without %s%s; the %s received it with %s%s",
                              sender, phrase, sent_at, receiver, option, received_at);
    g_free(option);
    return text;
}

/* An option may have lost its value. */
static const char *or_nothing(const char *value)
{
    return value ? value : "without a value";
}

static char *altered_sentence(const mps_diff_row *row, const char *phrase, const char *sent_at,
                              const char *received_at)
{
    return g_strdup_printf(
        "%s was %s when the %s sent the segment%s, "
        "and %s when the %s received it%s",
        phrase, or_nothing(sent_value(row)), mps_direction_sender(row->direction), sent_at,
        or_nothing(received_value(row)), mps_direction_receiver(row->direction), received_at);
}

static char *hops_sentence(const mps_diff_row *row)
{
    const char *receiver = mps_direction_receiver(row->direction);
    int64_t hops = -row->difference;
    if (hops < 0)
        return g_strdup_printf("the TTL is %" G_GINT64_FORMAT " higher at the %s (%s, then %s): "
                               "something on the path sets it",
                               -hops, receiver, sent_value(row), received_value(row));
    return g_strdup_printf("the TTL is %" G_GINT64_FORMAT " lower at the %s: %" G_GINT64_FORMAT
                           " hop%s",
                           hops, receiver, hops, hops == 1 ? "" : "s");
}

static char *shifted_sentence(const mps_diff_row *row, const char *phrase)
{
    if (row->what == MPS_WHAT_TTL)
        return hops_sentence(row);
    return g_strdup_printf("%ss from the %s are %" G_GINT64_FORMAT " higher at the %s, modulo 2^32",
                           phrase, mps_direction_sender(row->direction), row->difference,
                           mps_direction_receiver(row->direction));
}

static char *ttl_sentence(const mps_diff_row *row, const char *sent_at, const char *received_at)
{
    return g_strdup_printf("the number of hops changed: the %s sent a segment with TTL %s%s, and "
                           "the %s received it with TTL %s%s",
                           mps_direction_sender(row->direction), sent_value(row), sent_at,
                           mps_direction_receiver(row->direction), received_value(row),
                           received_at);
}

static char *missing_sentence(const mps_diff_row *row, const char *phrase, const char *first)
{
    const char *sender = mps_direction_sender(row->direction);
    const char *receiver = mps_direction_receiver(row->direction);
    if (row->count == row->of)
        return g_strdup_printf("nothing that the %s sent reached the %s: %u %s%s%s", sender,
                               receiver, row->count, phrase, plural(row->count), first);
    return g_strdup_printf("%u %s%s from the %s did not reach the %s%s", row->count, phrase,
                           plural(row->count), sender, receiver, first);
}

static char *added_sentence(const mps_diff_row *row, const char *phrase, const char *first)
{
    const char *capture = row->a_sends ? "A" : "B"; /* the sender's */
    const char *them = row->count == 1 ? "it" : "them";
    return g_strdup_printf("%u %s%s that reached the %s%s %s not in %s: the path made %s, or %s "
                           "missed %s",
                           row->count, phrase, plural(row->count),
                           mps_direction_receiver(row->direction), first,
                           row->count == 1 ? "is" : "are", capture, them, capture, them);
}

static char *segment_sentence(const mps_diff_row *row, const char *phrase, const char *sent_at,
                              const char *received_at)
{
    bool missing = row->change == MPS_CHANGE_MISSING;
    char *first = first_place(row, missing ? sent_at : received_at), *text;
    if (missing)
        text = missing_sentence(row, phrase, first);
    else if (row->change == MPS_CHANGE_DUPLICATED)
        text = g_strdup_printf("%u duplicate%s of segments from the %s reached the %s%s",
                               row->count, plural(row->count), mps_direction_sender(row->direction),
                               mps_direction_receiver(row->direction), first);
    else
        text = added_sentence(row, phrase, first);
    g_free(first);
    return text;
}

static char *subflow_sentence(const mps_diff_row *row, const char *sent_at, const char *received_at)
{
    bool missing = row->change == MPS_CHANGE_MISSING;
    const char *receiver = mps_direction_receiver(row->direction);
    const char *has = missing == row->a_sends ? "A" : "B", *lacks = *has == 'A' ? "B" : "A";
    char *first = first_place(row, missing ? sent_at : received_at);
    char *text =
        missing ? g_strdup_printf("the subflow is in %s only: nothing that the %s sent on it "
                                  "reached the %s, as far as %s shows: %u segment%s%s",
                                  has, mps_direction_sender(row->direction), receiver, lacks,
                                  row->count, plural(row->count), first)
                : g_strdup_printf("the subflow is in %s only: %s does not have the %u segment%s "
                                  "that reached the %s on it%s",
                                  has, lacks, row->count, plural(row->count), receiver, first);
    g_free(first);
    return text;
}

static char *segmentation_sentence(const mps_diff_row *row, const char *sent_at,
                                   const char *received_at)
{
    bool split = row->change == MPS_CHANGE_SPLIT, one = row->count == 1;
    return g_strdup_printf(
        "%u segment%s from the %s %s %s when the %s captured %s; "
        "the first was sent%s and received%s",
        row->count, plural(row->count), mps_direction_sender(row->direction), one ? "was" : "were",
        split ? "split into smaller ones" : "merged into larger ones",
        mps_direction_receiver(row->direction), one ? "it" : "them", sent_at, received_at);
}

static char *checksum_sentence(const mps_diff_row *row, const char *sent_at,
                               const char *received_at)
{
    if (row->what == MPS_WHAT_CHECKSUM)
        return g_strdup_printf("the TCP checksum of the segment that the %s sent%s was wrong when "
                               "the %s received it%s",
                               mps_direction_sender(row->direction), sent_at,
                               mps_direction_receiver(row->direction), received_at);
    bool truncated = row->what == MPS_WHAT_CUT_CHECKSUM;
    return g_strdup_printf("the TCP checksums%s and%s do not fit the same payload%s: the path "
                           "changed %s, or a checksum is wrong",
                           sent_at, received_at,
                           truncated ? " and options (not captured whole)" : "",
                           truncated ? "them" : "it");
}

static char *payload_sentence(const mps_diff_row *row, const char *sent_at, const char *received_at)
{
    return g_strdup_printf("the payload that the %s sent%s was different when the %s received it%s",
                           mps_direction_sender(row->direction), sent_at,
                           mps_direction_receiver(row->direction), received_at);
}

static char *sentence(const mps_diff_row *row, const char *phrase, const char *sent_at,
                      const char *received_at)
{
    switch (row->what) {
    case MPS_WHAT_SUBFLOW:
        return subflow_sentence(row, sent_at, received_at);
    case MPS_WHAT_SEGMENT:
    case MPS_WHAT_RESET:
        return segment_sentence(row, phrase, sent_at, received_at);
    case MPS_WHAT_SEGMENTATION:
        return segmentation_sentence(row, sent_at, received_at);
    case MPS_WHAT_CHECKSUM:
    case MPS_WHAT_PAYLOAD_CHECKSUM:
    case MPS_WHAT_CUT_CHECKSUM:
        return checksum_sentence(row, sent_at, received_at);
    case MPS_WHAT_PAYLOAD:
        return payload_sentence(row, sent_at, received_at);
    default:
        break;
    }
    if (row->change == MPS_CHANGE_SHIFTED)
        return shifted_sentence(row, phrase);
    if (row->change != MPS_CHANGE_ALTERED)
        return option_sentence(row, phrase, sent_at, received_at);
    return row->what == MPS_WHAT_TTL ? ttl_sentence(row, sent_at, received_at)
                                     : altered_sentence(row, phrase, sent_at, received_at);
}

/* @return whether the sentence already says how many were changed */
static bool states_count(const mps_diff_row *row)
{
    return row->what == MPS_WHAT_SUBFLOW || row->what == MPS_WHAT_SEGMENT ||
           row->what == MPS_WHAT_RESET || row->what == MPS_WHAT_SEGMENTATION ||
           row->change == MPS_CHANGE_SHIFTED;
}

char *mps_row_sentence(const mps_diff_row *row, const char *remark)
{
    char *phrase = mps_what_phrase(row->what);
    char *sent_at = place(row, true), *received_at = place(row, false);
    char *clause = sentence(row, phrase, sent_at, received_at);
    GString *text = g_string_new(clause);
    if (remark)
        g_string_append_printf(text, "; %s", remark);
    if (!states_count(row))
        g_string_append_printf(text, " (%u of %u)", row->count, row->of);
    g_string_append_c(text, '.');
    text->str[0] = g_ascii_toupper(text->str[0]);
    g_free(phrase);
    g_free(sent_at);
    g_free(received_at);
    g_free(clause);
    return g_string_free(text, FALSE);
}
