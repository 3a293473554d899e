/* list_text.c: lists in text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "list_text.h"

void mps_add_item(GString *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (text->len > 0)
        g_string_append(text, ", ");
    g_string_append_vprintf(text, format, arguments);
    va_end(arguments);
}
