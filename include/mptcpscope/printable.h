/* printable.h: makes text from files safe to show. A name in a file may hold what steers a
 * terminal, or what hides or turns around the text after it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PRINTABLE_H
#define MPTCPSCOPE_PRINTABLE_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

/** @return whether a character can be shown as it is: it is no control or format character (as
 * those that change the direction of text), no line separator, and assigned. */
bool mps_is_printable(gunichar c);

/** @return a copy in which every other character is written as `\x1b` (one byte), `\u202e` or
 *  `\U000e0001`, and every byte that is not UTF-8 as `\xff`; the caller frees it with g_free(). A
 *  backslash stays as it is. */
char *mps_printable(const char *text);

/** Write a text as mps_printable() gives it. */
void mps_put_printable(FILE *out, const char *text);

#endif
