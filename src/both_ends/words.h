/* words.h: times, shares and counts in sentences; the clocks in a sentence.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_BOTH_ENDS_WORDS_H
#define MPS_BOTH_ENDS_WORDS_H

#include "compare/comparison.h"
#include "reinjection/resent_sums.h"

/** Append a time: in ms below a second, in s from there on. @param ns  may be negative */
void mps_words_add_time(GString *text, int64_t ns);

/** Append "12.3 %". @param whole  above 0 */
void mps_words_add_percent(GString *text, int64_t part, int64_t whole);

/** @return how far the clocks are apart, how surely that is known, and whether they or the paths
 *  changed meanwhile, in sentences; freed by the caller with g_free(). */
char *mps_words_clocks(const mps_comparison *comparison);

/** @return what one direction sent again, and for what, in sentences; freed by the caller with
 *  g_free(); NULL: nothing. */
char *mps_words_resent(const mps_resent_sum *sum);

#endif
