/* suggest.h: what the user may have meant by a name that does not exist.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_SUGGEST_H
#define MPS_SUGGEST_H

#include <glib.h>

/** @return the name that is nearest to a word: it differs in a few letters (Damerau's edits), or
 * the word is the beginning of it and of no other. One of `names`; NULL: none is near.
 *  @param names  ended by NULL */
const char *mps_cli_nearest(const char *word, const char *const *names);

#endif
