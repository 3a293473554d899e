/* tcp_options.c: finds TCP options that the path stripped, added or altered.
 *
 * Differences in padding and in the order of options are ignored.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/bytes.h"
#include "diff_internal.h"
#include <string.h>

/* The smallest option: kind and length (RFC 9293 section 3.1). */
#define OPTION_MIN 2

/* Options of the smallest size fill the header; one more is a malformed last byte. */
#define OPTIONS_MAX (MPS_TCP_OPTIONS_MAX / OPTION_MIN + 1)

/* Lengths of options whose values are shown as numbers (RFC 9293, RFC 7323). */
enum { MSS_LENGTH = 4, WINDOW_SCALE_LENGTH = 3, TIMESTAMPS_LENGTH = 10 };

typedef struct {
    mps_raw_option options[OPTIONS_MAX];
    bool settled[OPTIONS_MAX];          /* has its counterpart at the other end */
    uint8_t bytes[MPS_TCP_OPTIONS_MAX]; /* a copy, which options[].raw points into */
    unsigned count;
} option_list;

bool mps_options_captured_whole(const mps_header *header)
{
    return header->options_captured + MPS_TCP_HEADER_MIN == header->header_length;
}

static void add_option(option_list *list, unsigned what, const uint8_t *raw, uint8_t length)
{
    list->options[list->count++] = (mps_raw_option){what, raw, length};
}

/* Split the options field of a header into options. */
static void read_options(const mps_header *header, option_list *list)
{
    unsigned size = header->options_captured, at = 0;
    list->count = 0;
    memset(list->settled, 0, sizeof list->settled);
    memcpy(list->bytes, header->options, size);
    while (at < size && list->bytes[at] != MPS_OPTION_END) {
        const uint8_t *raw = list->bytes + at;
        unsigned length = at + 1 < size ? raw[1] : 0;
        if (raw[0] == MPS_OPTION_NOP) {
            at++;
            continue;
        }
        if (length < OPTION_MIN || length > size - at) {
            add_option(list, MPS_WHAT_OPTION + MPS_OPTION_END, raw, (uint8_t)(size - at));
            return;
        }
        bool mptcp = raw[0] == MPS_TCP_OPTION_MPTCP && length > OPTION_MIN;
        unsigned what =
            mptcp ? MPS_WHAT_MPTCP + (unsigned)(raw[2] >> 4) : MPS_WHAT_OPTION + (unsigned)raw[0];
        add_option(list, what, raw, (uint8_t)length);
        at += length;
    }
}

static void store32(uint8_t *bytes, uint32_t number)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(number >> (24 - 8 * i));
}

/* A path that shifts sequence numbers must shift the edges of SACK blocks by the same amount. */
static void shift_sack(option_list *list, uint32_t shift)
{
    for (unsigned i = 0; i < list->count; i++) {
        uint8_t *raw = list->bytes + (list->options[i].raw - list->bytes);
        if (list->options[i].what != MPS_WHAT_OPTION + MPS_OPTION_SACK)
            continue;
        for (unsigned at = OPTION_MIN; at + 4 <= list->options[i].length; at += 4)
            store32(raw + at, mps_load32(raw + at) + shift);
    }
}

static bool same_bytes(const mps_raw_option *a, const mps_raw_option *b)
{
    return a->length == b->length && memcmp(a->raw, b->raw, a->length) == 0;
}

/* @return the index of an option of the list that is not settled and is of the same kind, or -1.
 * @param same  it must also have the same bytes */
static int find_option(const option_list *list, const mps_raw_option *option, bool same)
{
    for (unsigned i = 0; i < list->count; i++)
        if (!list->settled[i] && list->options[i].what == option->what &&
            (!same || same_bytes(&list->options[i], option)))
            return (int)i;
    return -1;
}

static char *sack_text(const mps_raw_option *option)
{
    GString *text = g_string_new(NULL);
    for (unsigned at = OPTION_MIN; at + 8 <= option->length; at += 8)
        g_string_append_printf(text, "%s%u-%u", at > OPTION_MIN ? " " : "",
                               mps_load32(option->raw + at), mps_load32(option->raw + at + 4));
    return g_string_free(text, FALSE);
}

/* @return the value of an option as text, NULL if it has no value; the caller frees it */
static char *option_text(const mps_raw_option *option, uint16_t flags)
{
    const uint8_t *raw = option->raw;
    if (option->what >= MPS_WHAT_MPTCP)
        return mps_mptcp_text(option, flags);
    if (option->what == MPS_WHAT_OPTION + MPS_OPTION_END)
        return mps_bytes_text(raw, option->length);
    if (option->length == OPTION_MIN)
        return NULL;
    if (raw[0] == MPS_OPTION_MSS && option->length == MSS_LENGTH)
        return g_strdup_printf("%u", mps_load16(raw + 2));
    if (raw[0] == MPS_OPTION_WINDOW_SCALE && option->length == WINDOW_SCALE_LENGTH)
        return g_strdup_printf("%u", raw[2]);
    if (raw[0] == MPS_OPTION_TIMESTAMPS && option->length == TIMESTAMPS_LENGTH)
        return g_strdup_printf("%u %u", mps_load32(raw + 2), mps_load32(raw + 6));
    if (raw[0] == MPS_OPTION_SACK)
        return sack_text(option);
    return mps_bytes_text(raw + OPTION_MIN, option->length - (unsigned)OPTION_MIN);
}

/* Count an altered option. MSS, window scale and TSval are compared as numbers. */
static mps_finding *count_altered(mps_tally *tally, const mps_matched_segment *segment,
                                  const mps_raw_option *sent, const mps_raw_option *received)
{
    unsigned kind = sent->what - MPS_WHAT_OPTION;
    bool same_length = sent->length == received->length;
    int64_t difference;
    if (kind == MPS_OPTION_MSS && same_length && sent->length == MSS_LENGTH)
        difference = (int64_t)mps_load16(received->raw + 2) - mps_load16(sent->raw + 2);
    else if (kind == MPS_OPTION_WINDOW_SCALE && same_length && sent->length == WINDOW_SCALE_LENGTH)
        difference = received->raw[2] - sent->raw[2];
    else if (kind == MPS_OPTION_TIMESTAMPS && same_length && sent->length == TIMESTAMPS_LENGTH)
        difference = (int32_t)(mps_load32(received->raw + 2) - mps_load32(sent->raw + 2));
    else
        return mps_tally_note(tally, segment, sent->what, MPS_CHANGE_ALTERED);
    return mps_tally_number(tally, segment, sent->what, MPS_CHANGE_ALTERED, difference);
}

static void note_altered(mps_tally *tally, const mps_matched_segment *segment,
                         const mps_raw_option *sent, const mps_raw_option *received)
{
    mps_finding *finding = count_altered(tally, segment, sent, received);
    if (finding->count > 1)
        return;
    if (sent->what >= MPS_WHAT_MPTCP) {
        mps_mptcp_difference(sent, segment->sent->flags, received, segment->received->flags,
                             &finding->sent, &finding->received);
    } else {
        finding->sent = option_text(sent, segment->sent->flags);
        finding->received = option_text(received, segment->received->flags);
    }
}

static void note_one_sided(mps_tally *tally, const mps_matched_segment *segment,
                           const mps_raw_option *option, mps_change change)
{
    mps_finding *finding = mps_tally_note(tally, segment, option->what, change);
    if (finding->count > 1)
        return;
    char *text = option_text(option, segment->sent->flags);
    finding->announces_address = mps_mptcp_announces_address(option, segment->sent->flags);
    if (change == MPS_CHANGE_STRIPPED)
        finding->sent = text;
    else
        finding->received = text;
}

/* @return an option as the header has it, before shift_sack() changed the copy */
static mps_raw_option on_wire(const option_list *list, unsigned index, const mps_header *header)
{
    mps_raw_option option = list->options[index];
    option.raw = header->options + (option.raw - list->bytes);
    return option;
}

/* Settle options that did not change. This comes first, so that of several options of one kind only
 * the changed ones remain. */
static void settle_same(option_list *sent, option_list *received)
{
    for (unsigned i = 0; i < sent->count; i++) {
        int found = find_option(received, &sent->options[i], true);
        if (found >= 0)
            sent->settled[i] = received->settled[found] = true;
    }
}

/* Report the options that settle_same() left: altered, stripped or added. */
static void report_rest(mps_tally *tally, const mps_matched_segment *segment, option_list *sent,
                        option_list *received)
{
    for (unsigned i = 0; i < sent->count; i++) {
        if (sent->settled[i])
            continue;
        mps_raw_option option = on_wire(sent, i, segment->sent_header);
        int found = find_option(received, &option, false);
        if (found < 0) {
            note_one_sided(tally, segment, &option, MPS_CHANGE_STRIPPED);
            continue;
        }
        note_altered(tally, segment, &option, &received->options[found]);
        received->settled[found] = true;
    }
    for (unsigned i = 0; i < received->count; i++)
        if (!received->settled[i])
            note_one_sided(tally, segment, &received->options[i], MPS_CHANGE_ADDED);
}

/* @return the index of the only option of a kind; -1: there are none or several */
static int find_only(const option_list *list, unsigned what)
{
    int found = -1;
    for (unsigned i = 0; i < list->count; i++) {
        if (list->options[i].what != what)
            continue;
        if (found >= 0)
            return -1;
        found = (int)i;
    }
    return found;
}

/* Compare the options that both ends captured. An option that only one end captured may have been
 * truncated at the other. MPTCP options are skipped: a header may have several of one subtype, so
 * that the two that were captured need not be the same one. */
static void compare_truncated(mps_tally *tally, const mps_matched_segment *segment,
                              option_list *sent, option_list *received)
{
    tally->options_truncated++;
    shift_sack(sent, segment->ack_shift);
    for (unsigned i = 0; i < sent->count; i++) {
        unsigned what = sent->options[i].what;
        int found = find_only(received, what);
        if (what >= MPS_WHAT_MPTCP || what == MPS_WHAT_OPTION + MPS_OPTION_END || found < 0 ||
            find_only(sent, what) < 0)
            continue;
        tally->sent[what]++;
        tally->received[what]++;
        if (same_bytes(&sent->options[i], &received->options[found]))
            continue;
        mps_raw_option option = on_wire(sent, i, segment->sent_header);
        note_altered(tally, segment, &option, &received->options[found]);
    }
}

void mps_compare_tcp_options(mps_tally *tally, const mps_matched_segment *segment)
{
    option_list sent, received;
    read_options(segment->sent_header, &sent);
    read_options(segment->received_header, &received);
    if (!mps_options_captured_whole(segment->sent_header) ||
        !mps_options_captured_whole(segment->received_header)) {
        compare_truncated(tally, segment, &sent, &received);
        return;
    }
    for (unsigned i = 0; i < sent.count; i++)
        tally->sent[sent.options[i].what]++;
    for (unsigned i = 0; i < received.count; i++)
        tally->received[received.options[i].what]++;
    shift_sack(&sent, segment->ack_shift);
    settle_same(&sent, &received);
    report_rest(tally, segment, &sent, &received);
}

void mps_compare_mptcp_presence(mps_tally *tally, const mps_matched_segment *segment)
{
    option_list sent, received;
    if (!mps_options_captured_whole(segment->sent_header) ||
        !mps_options_captured_whole(segment->received_header)) {
        tally->options_truncated++;
        return;
    }
    read_options(segment->sent_header, &sent);
    read_options(segment->received_header, &received);
    for (unsigned i = 0; i < sent.count; i++) {
        const mps_raw_option *option = &sent.options[i];
        if (option->what < MPS_WHAT_MPTCP)
            continue;
        tally->sent[option->what]++;
        if (find_option(&received, option, false) < 0)
            note_one_sided(tally, segment, option, MPS_CHANGE_STRIPPED);
    }
}
