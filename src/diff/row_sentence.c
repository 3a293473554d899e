/* row_sentence.c: what was found, in a sentence.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "diff_internal.h"

static const char *sender(const mps_diff_row *row)
{
    return row->direction == MPS_C2S ? "client" : "server";
}

static const char *receiver(const mps_diff_row *row)
{
    return row->direction == MPS_C2S ? "server" : "client";
}

static const char *sent_value(const mps_diff_row *row)
{
    return row->a_sends ? row->a : row->b;
}

static const char *received_value(const mps_diff_row *row)
{
    return row->a_sends ? row->b : row->a;
}

/* "in A's frame 12", by who sent it or who received it; nothing where the frame is not known. */
static char *place(const mps_diff_row *row, bool sent)
{
    bool in_a = sent == row->a_sends;
    uint32_t frame = in_a ? row->frame : row->peer_frame;
    return frame ? g_strdup_printf(" in %s's frame %u", in_a ? "A" : "B", frame) : g_strdup("");
}

/* "the MSS (1400)", "MP_JOIN". */
static char *with_value(const char *phrase, const char *value)
{
    return value ? g_strdup_printf("%s (%s)", phrase, value) : g_strdup(phrase);
}

static char *option_sentence(const mps_diff_row *row, const char *phrase, const char *left,
                             const char *reached)
{
    bool stripped = row->change == MPS_CHANGE_STRIPPED;
    const char *value = stripped ? sent_value(row) : received_value(row);
    char *option = with_value(phrase, row->what < MPS_WHAT_MPTCP ? value : NULL);
    char *text =
        stripped
            ? g_strdup_printf("%s left the %s%s, and the segment reached the %s%s without it",
                              option, sender(row), left, receiver(row), reached)
            : g_strdup_printf("the segment that left the %s%s without %s reached the %s%s with it",
                              sender(row), left, option, receiver(row), reached);
    g_free(option);
    return text;
}

/* An option may have lost its value. */
static const char *or_nothing(const char *value)
{
    return value ? value : "without a value";
}

static char *altered_sentence(const mps_diff_row *row, const char *phrase, const char *left,
                              const char *reached)
{
    return g_strdup_printf("%s was %s when the segment left the %s%s, and %s when it reached the "
                           "%s%s",
                           phrase, or_nothing(sent_value(row)), sender(row), left,
                           or_nothing(received_value(row)), receiver(row), reached);
}

static char *hops_sentence(const mps_diff_row *row)
{
    int64_t hops = -row->difference;
    if (hops < 0)
        return g_strdup_printf("the TTL is %" G_GINT64_FORMAT " higher at the %s (%s, then %s): "
                               "something on the path sets it",
                               -hops, receiver(row), sent_value(row), received_value(row));
    return g_strdup_printf("the TTL is %" G_GINT64_FORMAT " lower at the %s: %" G_GINT64_FORMAT
                           " hop%s",
                           hops, receiver(row), hops, hops == 1 ? "" : "s");
}

static char *shifted_sentence(const mps_diff_row *row, const char *phrase)
{
    if (row->what == MPS_WHAT_TTL)
        return hops_sentence(row);
    return g_strdup_printf("%ss from the %s are %" G_GINT64_FORMAT " higher at the %s, modulo 2^32",
                           phrase, sender(row), row->difference, receiver(row));
}

static char *ttl_sentence(const mps_diff_row *row, const char *left, const char *reached)
{
    return g_strdup_printf("the number of hops changed: a segment left the %s%s with a TTL of %s "
                           "and reached the %s%s with %s",
                           sender(row), left, sent_value(row), receiver(row), reached,
                           received_value(row));
}

static char *segment_sentence(const mps_diff_row *row, const char *phrase, const char *left,
                              const char *reached)
{
    const char *many = row->count == 1 ? "" : "s";
    if (row->change == MPS_CHANGE_MISSING && row->count == row->of)
        return g_strdup_printf("nothing that the %s sent reached the %s (%u %s%s%s%s)", sender(row),
                               receiver(row), row->count, phrase, many, *left ? ", the first" : "",
                               left);
    if (row->change == MPS_CHANGE_MISSING)
        return g_strdup_printf("%u %s%s of the %s did not reach the %s%s%s", row->count, phrase,
                               many, sender(row), receiver(row), *left ? ", the first" : "", left);
    if (row->change == MPS_CHANGE_DUPLICATED)
        return g_strdup_printf("%u segment%s of the %s reached the %s again%s%s", row->count, many,
                               sender(row), receiver(row), *reached ? ", the first" : "", reached);
    return g_strdup_printf("%u %s%s reached the %s that the %s is not seen to have sent%s%s: made "
                           "on the path, or missed by %s",
                           row->count, phrase, many, receiver(row), sender(row),
                           *reached ? ", the first" : "", reached, row->a_sends ? "A" : "B");
}

static char *subflow_sentence(const mps_diff_row *row, const char *left, const char *reached)
{
    bool missing = row->change == MPS_CHANGE_MISSING;
    const char *has = missing == row->a_sends ? "A" : "B", *lacks = *has == 'A' ? "B" : "A";
    if (missing)
        return g_strdup_printf("the subflow is in %s only: nothing that the %s sent on it reached "
                               "the %s, as far as %s shows (%u segment%s, the first%s)",
                               has, sender(row), receiver(row), lacks, row->count,
                               row->count == 1 ? "" : "s", left);
    return g_strdup_printf(
        "the subflow is in %s only: what reached the %s on it (%u segment%s, the "
        "first%s) %s did not capture",
        has, receiver(row), row->count, row->count == 1 ? "" : "s", reached, lacks);
}

static char *segmentation_sentence(const mps_diff_row *row, const char *left, const char *reached)
{
    bool split = row->change == MPS_CHANGE_SPLIT;
    return g_strdup_printf("%u segments of the %s were captured %s the %s, the first%s, then%s",
                           row->count, sender(row),
                           split ? "in pieces at" : "within larger ones at", receiver(row), left,
                           reached);
}

static char *checksum_sentence(const mps_diff_row *row, const char *left, const char *reached)
{
    if (row->what == MPS_WHAT_CHECKSUM)
        return g_strdup_printf("the TCP checksum of the segment that left the %s%s was wrong when "
                               "it reached the %s%s",
                               sender(row), left, receiver(row), reached);
    return g_strdup_printf("the TCP checksums%s and%s are not of the same %s: it was changed "
                           "on the way, or one of them is wrong",
                           left, reached,
                           row->what == MPS_WHAT_CUT_CHECKSUM
                               ? "payload and options, which were not captured whole"
                               : "payload");
}

static char *payload_sentence(const mps_diff_row *row, const char *left, const char *reached)
{
    return g_strdup_printf("the payload that left the %s%s was another when it reached the %s%s",
                           sender(row), left, receiver(row), reached);
}

static char *sentence(const mps_diff_row *row, const char *phrase, const char *left,
                      const char *reached)
{
    switch (row->what) {
    case MPS_WHAT_SUBFLOW:
        return subflow_sentence(row, left, reached);
    case MPS_WHAT_SEGMENT:
    case MPS_WHAT_RESET:
        return segment_sentence(row, phrase, left, reached);
    case MPS_WHAT_SEGMENTATION:
        return segmentation_sentence(row, left, reached);
    case MPS_WHAT_CHECKSUM:
    case MPS_WHAT_PAYLOAD_CHECKSUM:
    case MPS_WHAT_CUT_CHECKSUM:
        return checksum_sentence(row, left, reached);
    case MPS_WHAT_PAYLOAD:
        return payload_sentence(row, left, reached);
    default:
        break;
    }
    if (row->change == MPS_CHANGE_SHIFTED)
        return shifted_sentence(row, phrase);
    if (row->change != MPS_CHANGE_ALTERED)
        return option_sentence(row, phrase, left, reached);
    return row->what == MPS_WHAT_TTL ? ttl_sentence(row, left, reached)
                                     : altered_sentence(row, phrase, left, reached);
}

/* How many it happened to, where the sentence does not say so. */
static bool tells_count(const mps_diff_row *row)
{
    return row->what == MPS_WHAT_SUBFLOW || row->what == MPS_WHAT_SEGMENT ||
           row->what == MPS_WHAT_RESET || row->what == MPS_WHAT_SEGMENTATION ||
           row->change == MPS_CHANGE_SHIFTED;
}

char *mps_diff_sentence(const mps_diff_row *row, const char *remark)
{
    char *phrase = mps_what_phrase(row->what);
    char *left = place(row, true), *reached = place(row, false);
    char *said = sentence(row, phrase, left, reached);
    GString *text = g_string_new(said);
    if (remark)
        g_string_append_printf(text, "; %s", remark);
    if (!tells_count(row))
        g_string_append_printf(text, " (%u of %u)", row->count, row->of);
    g_string_append_c(text, '.');
    text->str[0] = g_ascii_toupper(text->str[0]);
    g_free(phrase);
    g_free(left);
    g_free(reached);
    g_free(said);
    return g_string_free(text, FALSE);
}
