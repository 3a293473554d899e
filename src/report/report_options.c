/* report_options.c: the options after a report's name in a call: "format=csv,connection=2,FILTER".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/list_text.h"
#include "report_internal.h"
#include <mptcpscope/error.h>
#include <string.h>

#define DUMP "dump"

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

static bool set_format(mps_report_options *options, const char *value, GError **error)
{
    return mps_format_from_name(value, &options->format, error);
}

static bool set_file(mps_report_options *options, const char *value, GError **error)
{
    if (!*value)
        return wrong(error, "file=%s: %s", value, "expected the path of a file");
    g_free(options->file);
    options->file = g_strdup(value);
    return true;
}

static bool set_connection(mps_report_options *options, const char *value, GError **error)
{
    guint64 number;
    if (!g_ascii_string_to_unsigned(value, 10, 0, MPS_NONE - 1, &number, NULL))
        return wrong(error, "connection=\"%s\": %s", value, "expected the number of a connection");
    options->connection = (uint32_t)number;
    return true;
}

static bool set_near(mps_report_options *options, const char *value, GError **error)
{
    return mps_near_choice_from_text(value, &options->near, error);
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

static bool set_interval(mps_report_options *options, const char *value, GError **error)
{
    return mps_interval_from_text(value, &options->interval, error);
}

static bool set_direction(mps_report_options *options, const char *value, GError **error)
{
    for (unsigned i = 0; i < 2; i++)
        if (strcmp(value, mps_direction_name(i)) == 0) {
            options->path.directions = 1u << i;
            return true;
        }
    return wrong(error, "direction=\"%s\": %s", value, "expected c2s or s2c");
}

static bool set_end(mps_report_options *options, const char *value, GError **error)
{
    guint64 number;
    if (!g_ascii_string_to_unsigned(value, 10, 0, MPS_NONE - 1, &number, NULL))
        return wrong(error, "end=\"%s\": %s", value, "expected the number of a subflow");
    options->path.end_subflow = (uint32_t)number;
    return true;
}

/* Set what is set or not: NAME=1. */
static bool set_flag(bool *flag, const char *name, const char *value, GError **error)
{
    *flag = strcmp(value, "1") == 0;
    if (!*flag)
        g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE, "%s=\"%s\": expected %s=1", name, value,
                    name);
    return *flag;
}

static bool set_pieces(mps_report_options *options, const char *value, GError **error)
{
    return set_flag(&options->path.pieces, "pieces", value, error);
}

static bool set_zeros(mps_report_options *options, const char *value, GError **error)
{
    return set_flag(&options->zeros, "zeros", value, error);
}

static bool set_table(mps_report_options *options, const char *value, GError **error)
{
    const char *const *names = mps_report_tables_of_all();
    while (*names && strcmp(*names, value) != 0)
        names++;
    options->table = *names;
    if (*names)
        return true;
    char *known = mps_names_text(mps_report_tables_of_all());
    wrong(error, "unknown table \"%s\"; known tables: %s", value, known);
    g_free(known);
    return false;
}

static bool set_tcp(mps_report_options *options, const char *value, GError **error)
{
    options->tcp = strcmp(value, "all") == 0     ? MPS_DUMP_TCP_ALL
                   : strcmp(value, "mptcp") == 0 ? MPS_DUMP_TCP_MPTCP
                                                 : MPS_DUMP_TCP_UNSAID;
    return options->tcp != MPS_DUMP_TCP_UNSAID ||
           wrong(error, "tcp=\"%s\": %s", value, "expected tcp=all or tcp=mptcp");
}

/* Which reports take an option. `kind` is NULL for the dump and for what is no report. */

static bool every_report(const mps_report_kind *kind)
{
    return kind != NULL;
}

static bool reports_and_dump(const mps_report_kind *kind G_GNUC_UNUSED)
{
    return true;
}

static bool only_dump(const mps_report_kind *kind)
{
    return kind == NULL;
}

static bool with_intervals(const mps_report_kind *kind)
{
    return kind && kind->takes_interval;
}

static bool with_paths(const mps_report_kind *kind)
{
    return kind && kind->takes_path;
}

static bool with_tables(const mps_report_kind *kind)
{
    return kind && kind->totals;
}

static bool with_zeros(const mps_report_kind *kind)
{
    return kind && kind->takes_zeros;
}

/* An option. */
static const struct {
    const char *name, *values, *help; /* the last two for the help */
    bool (*takes)(const mps_report_kind *kind);
    bool (*set)(mps_report_options *options, const char *value, GError **error);
} kinds[] = {
    {"format", "text|csv|json", "text (default), csv or json", every_report, set_format},
    {"file", "PATH", "write to PATH, not to standard output", reports_and_dump, set_file},
    {"connection", "N", "only this connection", reports_and_dump, set_connection},
    {"near", "WHERE", "where it was captured: client, server, middle or the address of a host",
     every_report, set_near},
    {"interval", "SECONDS", "length of an interval (series: 1)", with_intervals, set_interval},
    {"direction", "c2s|s2c", "only the paths of this direction", with_paths, set_direction},
    {"end", "SUBFLOW", "the paths that end with the last data of this subflow", with_paths,
     set_end},
    {"pieces", "1", "also every piece of the paths", with_paths, set_pieces},
    {"zeros", "1", "text also has the counters that are 0", with_zeros, set_zeros},
    {"table", "NAME", "text, csv: only this table (key in json)", with_tables, set_table},
    {"tcp", "all|mptcp", "plain TCP, too, or not (default)", only_dump, set_tcp},
};

/* @return the options that a report takes; freed by the caller */
static char *options_of(const mps_report_kind *report)
{
    GString *names = g_string_new(NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (kinds[i].takes(report))
            mps_add_item(names, "%s", kinds[i].name);
    return g_string_free(names, FALSE);
}

static bool set_option(mps_report_options *options, const char *report, const char *name,
                       const char *value, GError **error)
{
    const mps_report_kind *kind = mps_report_kind_of(report);
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(name, kinds[i].name) == 0 && kinds[i].takes(kind))
            return kinds[i].set(options, value, error);
    char *known = options_of(kind);
    wrong(error, "unknown option \"%s\"; known options: %s", name, known);
    g_free(known);
    return false;
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
    bool dump = g_strcmp0(report, DUMP) == 0;
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

/* @return the names of the reports that take an option, with what separates it from the help before
 * it; "" if most do; freed by the caller */
static char *takers_of(bool (*takes)(const mps_report_kind *kind))
{
    GString *takers = g_string_new(NULL);
    if (takes == every_report || takes == reports_and_dump)
        return g_string_free(takers, FALSE);
    for (const char *const *name = mps_report_names(); *name; name++)
        if (takes(mps_report_kind_of(*name)))
            mps_add_item(takers, "%s", *name);
    if (takes(NULL))
        mps_add_item(takers, DUMP);
    g_string_prepend(takers, "; only ");
    return g_string_free(takers, FALSE);
}

void mps_report_options_help(const char *call, FILE *out)
{
    fprintf(out, "Usage: %sREPORT[,OPTION=VALUE]...[,FILTER]\n\nREPORT is one of:\n", call);
    mps_report_list(2, out);
    fprintf(out, "  %-13s  a file with a row for each TCP segment, for mptcpscope\n", DUMP);
    fputs("\nOPTION=VALUE:\n", out);
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        char *takers = takers_of(kinds[i].takes);
        char *option = g_strconcat(kinds[i].name, "=", kinds[i].values, NULL);
        fprintf(out, "  %-20s  %s%s\n", option, kinds[i].help, takers);
        g_free(option);
        g_free(takers);
    }
    fputs("\nFILTER is a display filter: only segments that pass it count, though all are "
          "analysed. It "
          "comes\nlast and may hold commas.\n",
          out);
}

/* @return whether a text looks like the path of a file */
static bool is_path(const char *text)
{
    static const char *const ends[] = {".csv", ".json", ".txt", ".gz", ".zst"};
    for (unsigned i = 0; i < G_N_ELEMENTS(ends); i++)
        if (g_str_has_suffix(text, ends[i]))
            return true;
    return *text == '/' || g_str_has_prefix(text, "./") || g_str_has_prefix(text, "../");
}

/* @return the option that has a text as its value, static; NULL: none */
static const char *option_of_value(const mps_report_kind *report, const char *value)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        mps_report_options unused = {0};
        const bool is_file = kinds[i].set == set_file;
        if (!kinds[i].takes(report) || (is_file && !is_path(value)))
            continue;
        const bool fits = is_file || kinds[i].set(&unused, value, NULL);
        if (fits)
            return kinds[i].name;
    }
    return NULL;
}

/* @return the option of a report that comes after the first comma of a filter, static; NULL: none
 */
static const char *option_behind(const mps_report_kind *report, const char *filter)
{
    while ((filter = strchr(filter, ','))) {
        const size_t length = option_name_length(++filter);
        for (unsigned i = 0; length > 0 && i < G_N_ELEMENTS(kinds); i++)
            if (strlen(kinds[i].name) == length && kinds[i].takes(report) &&
                strncmp(kinds[i].name, filter, length) == 0)
                return kinds[i].name;
    }
    return NULL;
}

char *mps_report_filter_hint(const char *report, const char *filter)
{
    const mps_report_kind *kind = mps_report_kind_of(report);
    char *first = g_strndup(filter, strcspn(filter, ",")), *hint = NULL;
    const char *name = option_of_value(kind, first), *behind = option_behind(kind, filter);
    if (name)
        hint = g_strdup_printf("\"%s\" is taken for a display filter; the option is %s=%s", first,
                               name, first);
    else if (behind)
        hint = g_strdup_printf(
            "%s= is taken for a part of the display filter; options come before it", behind);
    g_free(first);
    return hint;
}

void mps_report_options_clear(mps_report_options *options)
{
    g_free(options->file);
    g_free(options->filter);
    options->file = options->filter = NULL;
}
