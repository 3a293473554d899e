/* printable.c: makes text from files safe to show.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <mptcpscope/printable.h>

/* The first character that is no ASCII, and the greatest one that \u can write. */
#define ASCII_END 0x80u
#define BMP_MAX 0xffffu

bool mps_is_printable(gunichar c)
{
    if (c < ASCII_END)
        return c >= ' ' && c != 0x7f;
    GUnicodeType type = g_unichar_type(c);
    return type != G_UNICODE_LINE_SEPARATOR && type != G_UNICODE_PARAGRAPH_SEPARATOR &&
           g_unichar_isprint(c);
}

/* @return whether a text is ASCII and printable, as nearly all are */
static bool is_plain(const char *text)
{
    while (*text >= ' ' && *text < 0x7f)
        text++;
    return *text == '\0';
}

char *mps_printable(const char *text)
{
    if (is_plain(text))
        return g_strdup(text);
    GString *shown = g_string_new(NULL);
    while (*text != '\0') {
        gunichar c = g_utf8_get_char_validated(text, -1);
        bool valid = c != (gunichar)-1 && c != (gunichar)-2;
        const char *next = valid ? g_utf8_next_char(text) : text + 1;
        if (valid && mps_is_printable(c))
            g_string_append_len(shown, text, next - text);
        else if (!valid || c < ASCII_END)
            g_string_append_printf(shown, "\\x%02x", (unsigned char)*text);
        else
            g_string_append_printf(shown, c <= BMP_MAX ? "\\u%04x" : "\\U%08x", c);
        text = next;
    }
    return g_string_free(shown, FALSE);
}

void mps_put_printable(FILE *out, const char *text)
{
    char *shown = mps_printable(text);
    fputs(shown, out);
    g_free(shown);
}
