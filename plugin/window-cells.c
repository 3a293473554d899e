/* window-cells.c: the headings and cells of tables in windows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "window-cells.h"
#include "packet-mptcpscope.h"
#include <mptcpscope/style.h>
#include <string.h>
#include <wiretap/wtap.h>

mptcpscope_clock mptcpscope_clock_of(const packet_info *pinfo)
{
    return (mptcpscope_clock){mptcpscope_first_time(), CLAMP(pinfo->rec->tsprec, 0, 9)};
}

bool mptcpscope_column_is_shown(const mps_column *column)
{
    /* Only reports on two captures have these. */
    static const char *const of_two[] = {"plain_stream", "from_capture", "to_capture", NULL};

    return column->type == MPS_VALUE_TIME ||
           (column->title != NULL && !g_str_has_suffix(column->name, "_relative") &&
            !g_strv_contains(of_two, column->name));
}

bool mptcpscope_column_is_number(const mps_column *column)
{
    return column->type != MPS_VALUE_STRING && column->type != MPS_VALUE_BOOL &&
           column->type != MPS_VALUE_JSON;
}

/* Append a word of a key as it is written in a sentence. */
static void append_word(GString *heading, const char *word)
{
    static const char *const capitals[] = {"dsn", "hmac", "icmp", "id", "rtt", "tcp", NULL};
    static const char *const small[] = {"c2s", "s2c", NULL};
    char *changed = g_strdup(word);

    if (g_strv_contains(capitals, word)) {
        g_free(changed);
        changed = g_ascii_strup(word, -1);
    } else if (heading->len == 0 && !g_strv_contains(small, word)) {
        changed[0] = g_ascii_toupper(changed[0]);
    }
    g_string_append_printf(heading, "%s%s", heading->len > 0 ? " " : "", changed);
    g_free(changed);
}

/* Append the words of a part of a key. */
static void append_words(GString *heading, const char *key)
{
    char **words = g_strsplit(key, "_", -1);

    for (unsigned i = 0; words[i] != NULL; i++) {
        append_word(heading, words[i]);
    }
    g_strfreev(words);
}

/* @return what stands after the words: the unit, or what a list has; NULL: nothing */
static const char *unit_of(const mps_column *column)
{
    const char *list = column->type == MPS_VALUE_JSON ? column->title : NULL;

    if (list != NULL && strchr(list, ':') != NULL) { /* "Earlier: frame/subflow:length" */
        const char *colon = strstr(list, ": ");

        return colon != NULL ? colon + 2 : list;
    }
    if (column->unit == NULL &&
        (column->type == MPS_VALUE_TIME || column->type == MPS_VALUE_SECONDS)) {
        return "s";
    }
    return column->unit;
}

char *mptcpscope_heading(const mps_column *column)
{
    GString *heading = g_string_new(NULL);
    const char *unit = unit_of(column);

    if (column->group != NULL) {
        append_words(heading, column->group);
    }
    append_words(heading, column->name);
    if (unit != NULL) {
        g_string_append_printf(heading, " (%s)", unit);
    }
    return g_string_free(heading, FALSE);
}

char *mptcpscope_cell_text(const mps_value *value, const mps_column *column,
                           const mptcpscope_clock *clock)
{
    static const mps_style style = {.relative_dsn = true};
    char *text;

    if (value->type == MPS_VALUE_TIME) {
        return mps_seconds_text(value->i - clock->first, (unsigned)clock->decimals);
    }
    text = mps_styled_text(value, column, &style);
    g_strdelimit(text, "\"", '\''); /* Wireshark saves csv without escaping them */
    return text;
}

/*
 * Editor modelines
 *
 * Local Variables:
 * c-basic-offset: 4
 * tab-width: 8
 * indent-tabs-mode: nil
 * End:
 *
 * ex: set shiftwidth=4 tabstop=8 expandtab:
 * :indentSize=4:tabSize=8:noTabs=true:
 */
