/* words.c: times, shares and counts in sentences; the clocks in a sentence.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "words.h"
#include "base/times.h"
#include <inttypes.h>

#define SECOND INT64_C(1000000000)

void mps_words_add_time(GString *text, int64_t ns)
{
    if (ns <= -SECOND || ns >= SECOND)
        g_string_append_printf(text, "%.3f s", (double)ns / 1e9);
    else
        g_string_append_printf(text, "%.3f ms", (double)ns / 1e6);
}

void mps_words_add_percent(GString *text, int64_t part, int64_t whole)
{
    g_string_append_printf(text, "%.1f %%", 100.0 * (double)part / (double)whole);
}

static void add_offset(GString *text, const mps_comparison *comparison)
{
    const mps_clock_estimate *clock = &comparison->clock;
    g_string_append(text, "B's clock is ");
    mps_words_add_time(text, clock->offset < 0 ? mps_minus(0, clock->offset) : clock->offset);
    g_string_append_printf(text, " %s A's, certainly ", clock->offset < 0 ? "behind" : "ahead of");
    mps_words_add_time(text, clock->offset_low);
    g_string_append(text, " to ");
    mps_words_add_time(text, clock->offset_high);
    g_string_append_printf(text, " (B's minus A's); %s",
                           !comparison->corrected ? "times below are NOT corrected by it."
                           : comparison->mode == MPS_CLOCK_SKEW
                               ? "times below are corrected by it and by the skew."
                               : "times below are corrected by it.");
}

static void add_skew(GString *text, const mps_clock_estimate *clock)
{
    const bool changed = clock->rates && clock->rates->len > 0;
    if (clock->has_skew)
        g_string_append_printf(text, " B's runs %+.2f ppm against A's%s, likely within %.2f.",
                               clock->skew * 1e6, changed ? " on average" : "",
                               clock->skew_error * 1e6);
    else if (clock->has_offset)
        g_string_append_printf(text, " Its rate is not known: %s.",
                               mps_clock_reason_text(clock->reason));
}

/* Append " A clock was set 2 times". */
static void add_times(GString *text, const char *what, guint count)
{
    if (count > 0)
        g_string_append_printf(text, " %s %s; mptcpscope clock shows when.", what,
                               count == 1 ? "once" : "several times");
}

static void add_changes(GString *text, const mps_clock_estimate *clock)
{
    guint sure = 0, suspected = 0;
    for (guint i = 0; clock->steps && i < clock->steps->len; i++) {
        const bool may = g_array_index(clock->steps, mps_clock_step, i).suspected;
        suspected += may;
        sure += !may;
    }
    add_times(text, "A clock was set meanwhile,", sure);
    add_times(text, "A clock may have been set meanwhile,", suspected);
    add_times(text, "Paths changed their delays,",
              clock->path_changes ? clock->path_changes->len : 0);
}

char *mps_words_clocks(const mps_comparison *comparison)
{
    const mps_clock_estimate *clock = &comparison->clock;
    GString *text = g_string_new(NULL);
    if (clock->has_offset)
        add_offset(text, comparison);
    else
        g_string_append_printf(text,
                               "how far they are apart is not known: %s. Times below are NOT "
                               "corrected.",
                               mps_clock_reason_text(clock->reason));
    add_skew(text, clock);
    add_changes(text, clock);
    return g_string_free(text, FALSE);
}

/* Append ", 12 useful" where there are any. @param first  nothing was appended before; cleared */
static void add_bytes(GString *text, uint64_t bytes, const char *words, bool *first)
{
    if (bytes == 0)
        return;
    g_string_append_printf(text, "%s%" PRIu64 " %s", *first ? ": " : ", ", bytes, words);
    *first = false;
}

static void add_segments(GString *text, uint64_t bytes, const char *verb, uint32_t segments)
{
    g_string_append_printf(text, "%" PRIu64 " byte%s %s in %u segment%s", bytes,
                           bytes == 1 ? "" : "s", verb, segments, segments == 1 ? "" : "s");
}

char *mps_words_resent(const mps_resent_sum *sum)
{
    const mps_reinjection_bytes *reinjected = &sum->reinjected;
    const mps_necessity *again = &sum->necessity;
    const uint64_t bytes =
        reinjected->useful + reinjected->redundant + reinjected->lost + reinjected->unknown;
    GString *text = g_string_new(NULL);
    bool first = true;
    if (sum->retransmissions > 0) {
        add_segments(text, sum->retransmitted, "retransmitted", sum->retransmissions);
        add_bytes(text, again->needed, "needed", &first);
        add_bytes(text, again->spurious, "spurious (they arrived anyway)", &first);
        add_bytes(text, again->unknown, "undetermined", &first);
        g_string_append(text, ".");
    }
    first = true;
    if (sum->reinjections > 0) {
        if (text->len > 0)
            g_string_append(text, " ");
        add_segments(text, bytes, "reinjected", sum->reinjections);
        add_bytes(text, reinjected->useful, "useful (they arrived first)", &first);
        add_bytes(text, reinjected->redundant, "redundant (they arrived later)", &first);
        add_bytes(text, reinjected->lost, "lost", &first);
        add_bytes(text, reinjected->unknown, "undetermined", &first);
        g_string_append(text, ".");
        if (reinjected->spurious > 0)
            g_string_append_printf(text,
                                   " %" PRIu64 " of them had arrived before they were "
                                   "reinjected (spurious).",
                                   reinjected->spurious);
    }
    const bool empty = text->len == 0;
    char *words = g_string_free(text, empty);
    return empty ? NULL : words;
}
