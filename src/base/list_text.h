/* list_text.h: lists in text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_LIST_TEXT_H
#define MPS_LIST_TEXT_H

#include <glib.h>

/** Append an item, after a comma if the text is not empty. @param format  as of printf() */
G_GNUC_PRINTF(2, 3)
void mps_add_item(GString *text, const char *format, ...);

#endif
