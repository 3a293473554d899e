/* report_options.c: the options after a report's name in a call: "format=csv,connection=2,FILTER".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "report_internal.h"
#include <mptcpscope/error.h>
#include <string.h>

/* @return the length of the option's name if the text begins with NAME=VALUE; 0: it does not. A
 * name is a plain word: "tcp.port==80" is a filter. */
static size_t option_name_length(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz_");
    return length > 0 && text[length] == '=' && text[length + 1] != '=' ? length : 0;
}

/* Set `error`. @param format  with two strings  @return false */
static bool wrong(GError **error, const char *format, const char *value, const char *allowed)
{
    g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE, format, value, allowed);
    return false;
}

static bool set_connection(mps_report_options *options, const char *value, GError **error)
{
    guint64 number;
    if (!g_ascii_string_to_unsigned(value, 10, 0, MPS_NONE - 1, &number, NULL))
        return wrong(error, "connection=\"%s\": %s", value, "expected the number of a connection");
    options->connection = (uint32_t)number;
    return true;
}

bool mps_interval_from_text(const char *text, int64_t *interval, GError **error)
{
    int64_t ns;
    if (!mps_seconds_from_text(text, &ns) || ns == 0)
        return wrong(error, "interval=\"%s\": %s", text,
                     "expected seconds, from 0.000000001 to 1000000000");
    *interval = ns;
    return true;
}

static bool set_direction(mps_path_choice *path, const char *value, GError **error)
{
    for (unsigned i = 0; i < 2; i++)
        if (strcmp(value, mps_direction_name(i)) == 0) {
            path->directions = 1u << i;
            return true;
        }
    return wrong(error, "direction=\"%s\": %s", value, "expected c2s or s2c");
}

static bool set_end(mps_path_choice *path, const char *value, GError **error)
{
    guint64 number;
    if (!g_ascii_string_to_unsigned(value, 10, 0, MPS_NONE - 1, &number, NULL))
        return wrong(error, "end=\"%s\": %s", value, "expected the number of a subflow");
    path->end_subflow = (uint32_t)number;
    return true;
}

static bool set_pieces(mps_path_choice *path, const char *value, GError **error)
{
    path->pieces = strcmp(value, "1") == 0;
    return path->pieces || wrong(error, "pieces=\"%s\": %s", value, "expected pieces=1");
}

/* @param report  its name; that of no report is allowed */
static bool has_intervals(const char *report)
{
    const mps_report_kind *kind = mps_report_kind_of(report);
    return kind && kind->takes_interval;
}

static bool has_paths(const char *report)
{
    const mps_report_kind *kind = mps_report_kind_of(report);
    return kind && kind->takes_path;
}

/* @return the options that a report takes. */
static const char *options_of(const char *report)
{
    if (strcmp(report, "dump") == 0)
        return "file, connection, tcp";
    if (has_paths(report))
        return "format, file, connection, near, interval, direction, end, pieces";
    if (has_intervals(report))
        return "format, file, connection, near, interval";
    return "format, file, connection, near";
}

static bool set_option(mps_report_options *options, const char *report, const char *name,
                       const char *value, GError **error)
{
    bool dump = strcmp(report, "dump") == 0;
    if (strcmp(name, "file") == 0) {
        if (!*value)
            return wrong(error, "file=%s: %s", value, "expected the path of a file");
        g_free(options->file);
        options->file = g_strdup(value);
        return true;
    }
    if (strcmp(name, "connection") == 0)
        return set_connection(options, value, error);
    if (!dump && strcmp(name, "format") == 0)
        return mps_format_from_name(value, &options->format, error);
    if (!dump && strcmp(name, "near") == 0)
        return mps_near_choice_from_text(value, &options->near, error);
    if (strcmp(name, "interval") == 0 && has_intervals(report))
        return mps_interval_from_text(value, &options->interval, error);
    if (strcmp(name, "direction") == 0 && has_paths(report))
        return set_direction(&options->path, value, error);
    if (strcmp(name, "end") == 0 && has_paths(report))
        return set_end(&options->path, value, error);
    if (strcmp(name, "pieces") == 0 && has_paths(report))
        return set_pieces(&options->path, value, error);
    if (dump && strcmp(name, "tcp") == 0) {
        if (strcmp(value, "all") != 0)
            return wrong(error, "tcp=\"%s\": %s", value, "expected tcp=all");
        options->tcp_all = true;
        return true;
    }
    return wrong(error, "unknown option \"%s\"; known options: %s", name, options_of(report));
}

/* Read options up to the first text that is not an option. That text is the filter. */
static bool parse(mps_report_options *options, const char *report, const char *text, GError **error)
{
    size_t length;
    while ((length = option_name_length(text)) > 0) {
        char *name = g_strndup(text, length);
        const char *start = text + length + 1;
        size_t size = strcspn(start, ",");
        char *value = g_strndup(start, size);
        bool ok = set_option(options, report, name, value, error);
        g_free(name);
        g_free(value);
        if (!ok)
            return false;
        text = start + size;
        if (*text == ',')
            text++;
    }
    if (*text)
        options->filter = g_strdup(text);
    return true;
}

bool mps_report_options_parse(mps_report_options *options, const char *report, const char *text,
                              GError **error)
{
    bool dump = g_strcmp0(report, "dump") == 0;
    *options = (mps_report_options){
        .format = MPS_FORMAT_TEXT, .connection = MPS_NONE, .path = MPS_PATH_CHOICE_NONE};
    if (text && *text == ',')
        text++;
    bool ok = parse(options, report ? report : "", text ? text : "", error);
    if (ok && dump && !options->file)
        ok = wrong(error, "%s: %s", report, "file=PATH is required");
    if (!ok)
        mps_report_options_clear(options);
    return ok;
}

void mps_report_options_clear(mps_report_options *options)
{
    g_free(options->file);
    g_free(options->filter);
    options->file = options->filter = NULL;
}
