/* tcp_options.c: which TCP options of a segment were taken away, put in, or changed.
 *
 * Padding and the order of options do not count.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/bytes.h"
#include "diff_internal.h"
#include <string.h>

/* An option has two bytes at least; the last one may be a rest of one. */
#define ITEMS_MAX (MPS_TCP_OPTIONS_MAX / 2 + 1)

typedef struct {
    mps_item items[ITEMS_MAX];
    bool settled[ITEMS_MAX];
    uint8_t bytes[MPS_TCP_OPTIONS_MAX]; /* what the items point into */
    unsigned count;
} item_list;

static bool is_whole(const mps_header *header)
{
    return header->options_captured + 20 == header->header_length;
}

static void add_item(item_list *list, unsigned what, const uint8_t *raw, uint8_t length)
{
    list->items[list->count++] = (mps_item){what, raw, length};
}

/* Take the options of a header apart. */
static void read_items(const mps_header *header, item_list *list)
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
        if (length < 2 || length > size - at) {
            add_item(list, MPS_WHAT_OPTION + MPS_OPTION_END, raw, (uint8_t)(size - at));
            return;
        }
        bool mptcp = raw[0] == MPS_TCP_OPTION_MPTCP && length > 2;
        unsigned what =
            mptcp ? MPS_WHAT_MPTCP + (unsigned)(raw[2] >> 4) : MPS_WHAT_OPTION + (unsigned)raw[0];
        add_item(list, what, raw, (uint8_t)length);
        at += length;
    }
}

static void store32(uint8_t *bytes, uint32_t number)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(number >> (24 - 8 * i));
}

/* A path that shifts sequence numbers has to shift SACK blocks, too. */
static void shift_sack(item_list *list, uint32_t shift)
{
    for (unsigned i = 0; i < list->count; i++) {
        uint8_t *raw = list->bytes + (list->items[i].raw - list->bytes);
        if (list->items[i].what != MPS_WHAT_OPTION + MPS_OPTION_SACK)
            continue;
        for (unsigned at = 2; at + 4 <= list->items[i].length; at += 4)
            store32(raw + at, mps_load32(raw + at) + shift);
    }
}

static bool same_bytes(const mps_item *a, const mps_item *b)
{
    return a->length == b->length && memcmp(a->raw, b->raw, a->length) == 0;
}

/* Find an item of the list that is not settled: the same one, or one of the same kind. */
static int find_item(const item_list *list, const mps_item *item, bool same)
{
    for (unsigned i = 0; i < list->count; i++)
        if (!list->settled[i] && list->items[i].what == item->what &&
            (!same || same_bytes(&list->items[i], item)))
            return (int)i;
    return -1;
}

char *mps_bytes_text(const uint8_t *bytes, unsigned length)
{
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < length; i++)
        g_string_append_printf(text, "%02x", bytes[i]);
    return g_string_free(text, FALSE);
}

static char *sack_text(const mps_item *item)
{
    GString *text = g_string_new(NULL);
    for (unsigned at = 2; at + 8 <= item->length; at += 8)
        g_string_append_printf(text, "%s%u-%u", at > 2 ? " " : "", mps_load32(item->raw + at),
                               mps_load32(item->raw + at + 4));
    return g_string_free(text, FALSE);
}

/* What an option says, as text; NULL where its name says it all. */
static char *option_text(const mps_item *item, uint16_t flags)
{
    const uint8_t *raw = item->raw;
    if (item->what >= MPS_WHAT_MPTCP)
        return mps_mptcp_text(item, flags);
    if (item->what == MPS_WHAT_OPTION + MPS_OPTION_END)
        return mps_bytes_text(raw, item->length);
    if (item->length == 2)
        return NULL;
    if (raw[0] == MPS_OPTION_MSS && item->length == 4)
        return g_strdup_printf("%u", mps_load16(raw + 2));
    if (raw[0] == MPS_OPTION_WINDOW_SCALE && item->length == 3)
        return g_strdup_printf("%u", raw[2]);
    if (raw[0] == MPS_OPTION_TIMESTAMPS && item->length == 10)
        return g_strdup_printf("%u %u", mps_load32(raw + 2), mps_load32(raw + 6));
    return raw[0] == MPS_OPTION_SACK ? sack_text(item) : mps_bytes_text(raw + 2, item->length - 2u);
}

static mps_finding *note_altered(mps_tally *tally, const mps_both *both, const mps_item *sent,
                                 const mps_item *received)
{
    unsigned kind = sent->what - MPS_WHAT_OPTION;
    bool same_length = sent->length == received->length;
    int64_t difference;
    if (kind == MPS_OPTION_MSS && same_length && sent->length == 4)
        difference = (int64_t)mps_load16(received->raw + 2) - mps_load16(sent->raw + 2);
    else if (kind == MPS_OPTION_WINDOW_SCALE && same_length && sent->length == 3)
        difference = received->raw[2] - sent->raw[2];
    else if (kind == MPS_OPTION_TIMESTAMPS && same_length && sent->length == 10)
        difference = (int32_t)(mps_load32(received->raw + 2) - mps_load32(sent->raw + 2));
    else
        return mps_tally_note(tally, both, sent->what, MPS_CHANGE_ALTERED);
    return mps_tally_number(tally, both, sent->what, MPS_CHANGE_ALTERED, difference);
}

static void tell_altered(mps_tally *tally, const mps_both *both, const mps_item *sent,
                         const mps_item *received)
{
    mps_finding *finding = note_altered(tally, both, sent, received);
    if (finding->count > 1)
        return;
    if (sent->what >= MPS_WHAT_MPTCP) {
        mps_mptcp_difference(sent, both->sent->flags, received, both->received->flags,
                             &finding->sent, &finding->received);
    } else {
        finding->sent = option_text(sent, both->sent->flags);
        finding->received = option_text(received, both->received->flags);
    }
}

static void tell_one_sided(mps_tally *tally, const mps_both *both, const mps_item *item,
                           mps_change change)
{
    mps_finding *finding = mps_tally_note(tally, both, item->what, change);
    if (finding->count > 1)
        return;
    char *text = option_text(item, both->sent->flags);
    if (change == MPS_CHANGE_STRIPPED)
        finding->sent = text;
    else
        finding->received = text;
}

/* The option as it is in the header, without what was shifted for the comparison. */
static mps_item on_wire(const item_list *list, unsigned index, const mps_header *header)
{
    mps_item item = list->items[index];
    item.raw = header->options + (item.raw - list->bytes);
    return item;
}

/* Settle what is the same first, so that one of several of a kind is told from the others. */
static void settle_same(item_list *sent, item_list *received)
{
    for (unsigned i = 0; i < sent->count; i++) {
        int found = find_item(received, &sent->items[i], true);
        if (found >= 0)
            sent->settled[i] = received->settled[found] = true;
    }
}

static void settle_rest(mps_tally *tally, const mps_both *both, item_list *sent,
                        item_list *received)
{
    for (unsigned i = 0; i < sent->count; i++) {
        if (sent->settled[i])
            continue;
        mps_item item = on_wire(sent, i, both->sent_header);
        int found = find_item(received, &item, false);
        if (found < 0) {
            tell_one_sided(tally, both, &item, MPS_CHANGE_STRIPPED);
            continue;
        }
        tell_altered(tally, both, &item, &received->items[found]);
        received->settled[found] = true;
    }
    for (unsigned i = 0; i < received->count; i++)
        if (!received->settled[i])
            tell_one_sided(tally, both, &received->items[i], MPS_CHANGE_ADDED);
}

/* The only item of a kind; -1: there is none, or there are several. */
static int find_only(const item_list *list, unsigned what)
{
    int found = -1;
    for (unsigned i = 0; i < list->count; i++) {
        if (list->items[i].what != what)
            continue;
        if (found >= 0)
            return -1;
        found = (int)i;
    }
    return found;
}

/* Compare what both ends captured: what one of them lacks may be behind the cut. MPTCP options may
 * be there several times, and so another one than the one that was captured. */
static void compare_cut(mps_tally *tally, const mps_both *both, item_list *sent,
                        item_list *received)
{
    tally->options_cut++;
    shift_sack(sent, both->ack_shift);
    for (unsigned i = 0; i < sent->count; i++) {
        unsigned what = sent->items[i].what;
        int found = find_only(received, what);
        if (what >= MPS_WHAT_MPTCP || what == MPS_WHAT_OPTION + MPS_OPTION_END || found < 0 ||
            find_only(sent, what) < 0)
            continue;
        tally->sent[what]++;
        tally->received[what]++;
        if (same_bytes(&sent->items[i], &received->items[found]))
            continue;
        mps_item item = on_wire(sent, i, both->sent_header);
        tell_altered(tally, both, &item, &received->items[found]);
    }
}

void mps_compare_options(mps_tally *tally, const mps_both *both)
{
    item_list sent, received;
    read_items(both->sent_header, &sent);
    read_items(both->received_header, &received);
    if (!is_whole(both->sent_header) || !is_whole(both->received_header)) {
        compare_cut(tally, both, &sent, &received);
        return;
    }
    for (unsigned i = 0; i < sent.count; i++)
        tally->sent[sent.items[i].what]++;
    for (unsigned i = 0; i < received.count; i++)
        tally->received[received.items[i].what]++;
    shift_sack(&sent, both->ack_shift);
    settle_same(&sent, &received);
    settle_rest(tally, both, &sent, &received);
}

void mps_compare_presence(mps_tally *tally, const mps_both *both)
{
    item_list sent, received;
    if (!is_whole(both->sent_header) || !is_whole(both->received_header)) {
        tally->options_cut++;
        return;
    }
    read_items(both->sent_header, &sent);
    read_items(both->received_header, &received);
    for (unsigned i = 0; i < sent.count; i++) {
        const mps_item *item = &sent.items[i];
        if (item->what < MPS_WHAT_MPTCP)
            continue;
        tally->sent[item->what]++;
        if (find_item(&received, item, false) < 0)
            tell_one_sided(tally, both, item, MPS_CHANGE_STRIPPED);
    }
}
