/* style.c: how text shows points in time and DSNs, and how wide it is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "table_write.h"
#include <string.h>

/* Longer lines of sentences are hard to read, however wide a terminal is. */
#define SENTENCE_WIDTH 100u

const mps_style *mps_plain_style(mps_format format)
{
    static const mps_style styles[] = {
        [MPS_FORMAT_TEXT] = {.format = MPS_FORMAT_TEXT},
        [MPS_FORMAT_CSV] = {.format = MPS_FORMAT_CSV},
        [MPS_FORMAT_JSON] = {.format = MPS_FORMAT_JSON},
    };
    return &styles[format];
}

unsigned mps_text_width(const mps_text *text)
{
    return text->style->width ? text->style->width : MPS_TEXT_WIDTH;
}

unsigned mps_sentence_width(const mps_text *text)
{
    return MIN(mps_text_width(text), SENTENCE_WIDTH);
}

char *mps_seconds_text(int64_t ns, unsigned decimals)
{
    const uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
    char *text = g_strdup_printf("%s%" G_GUINT64_FORMAT ".%09u", ns < 0 ? "-" : "",
                                 size / 1000000000, (unsigned)(size % 1000000000));
    const size_t length = strlen(text) - (9 - decimals);
    text[decimals > 0 ? length : length - 1] = '\0';
    return text;
}

/* @return a time as date and time of day, with its time zone; NULL: there is no such date */
static char *date_text(int64_t time, bool local, unsigned decimals)
{
    const int64_t second = 1000000000;
    const int64_t fraction = (time % second + second) % second;
    const int64_t seconds = (time - fraction) / second;
    GDateTime *date =
        local ? g_date_time_new_from_unix_local(seconds) : g_date_time_new_from_unix_utc(seconds);
    if (!date)
        return NULL;
    char *day = g_date_time_format(date, "%Y-%m-%d %H:%M:%S");
    char *zone = g_date_time_format(date, local ? "%z" : "UTC");
    char *rest = mps_seconds_text(fraction, decimals);
    char *text = g_strdup_printf("%s%s %s", day, decimals > 0 ? rest + 1 : "", zone);
    g_date_time_unref(date);
    g_free(rest);
    g_free(zone);
    g_free(day);
    return text;
}

char *mps_time_text(int64_t time, const mps_style *style, unsigned decimals)
{
    char *text = NULL;
    switch (style->times) {
    case MPS_TIMES_UTC:
    case MPS_TIMES_LOCAL:
        text = date_text(time, style->times == MPS_TIMES_LOCAL, decimals);
        break;
    case MPS_TIMES_RELATIVE:
        return mps_seconds_text(mps_minus(time, style->start), decimals);
    case MPS_TIMES_UNSAID:
    case MPS_TIMES_EPOCH:
        break;
    }
    return text ? text : mps_seconds_text(time, decimals);
}

char *mps_styled_text(const mps_value *value, const mps_column *column, const mps_style *style)
{
    if (value->type == MPS_VALUE_TIME)
        return mps_time_text(value->i, style, MPS_TIME_DECIMALS);
    if (value->type == MPS_VALUE_BIG && style->relative_dsn)
        return value->dsn.relative > 0 ? g_strdup_printf("%" G_GUINT64_FORMAT, value->dsn.relative)
                                       : g_strdup("-");
    return mps_value_text(value, column);
}
