/* option_values.c: reads the values of options.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "options.h"
#include <mptcpscope/error.h>
#include <mptcpscope/reinjection.h>
#include <string.h>

/* Files that may be read at once: each has a process. */
#define JOBS_MAX 1024

/* Set `error`. @param fault  what is wrong, with what is allowed  @return false */
static bool wrong(GError **error, const char *fault)
{
    g_set_error_literal(error, MPS_ERROR, MPS_ERROR_USAGE, fault);
    return false;
}

/* @return the place of a word in a list that NULL ends, or -1 */
static int place_of(const char *const *words, const char *word)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}

/* Read a number that may have an object of the tracker. */
static bool read_number(const char *text, uint32_t *number, const char *fault, GError **error)
{
    guint64 value;
    if (!g_ascii_string_to_unsigned(text, 10, 0, MPS_NONE - 1, &value, NULL))
        return wrong(error, fault);
    *number = (uint32_t)value;
    return true;
}

/* Read a time since the connection's first frame. One before it is negative: the clock of a capture
 * may be set back. */
static bool read_time(const char *text, int64_t *time, const char *fault, GError **error)
{
    const bool negative = *text == '-';
    int64_t ns;
    if (!mps_seconds_from_text(text + negative, &ns))
        return wrong(error, fault);
    *time = negative ? -ns : ns;
    return true;
}

const char *const *mps_cli_words_format(void)
{
    static const char *const words[] = {"text", "csv", "json", NULL};
    return words;
}

bool mps_cli_set_format(mps_cli *cli, const char *text, GError **error)
{
    cli->format_given = true;
    return mps_format_from_name(text, &cli->style.format, error);
}

bool mps_cli_set_jobs(mps_cli *cli, const char *text, GError **error)
{
    guint64 number;
    if (!g_ascii_string_to_unsigned(text, 10, 1, JOBS_MAX, &number, NULL))
        return wrong(error, "--jobs must be a number from 1 to " G_STRINGIFY(JOBS_MAX));
    cli->jobs = (unsigned)number;
    return true;
}

bool mps_cli_set_connection(mps_cli *cli, const char *text, GError **error)
{
    return read_number(text, &cli->connection, "--connection must be the number of a connection",
                       error);
}

bool mps_cli_set_end(mps_cli *cli, const char *text, GError **error)
{
    return read_number(text, &cli->end_subflow, "--end must be the number of a subflow", error);
}

bool mps_cli_set_subflow(mps_cli *cli, const char *text, GError **error)
{
    return read_number(text, &cli->subflow, "--subflow must be the number of a subflow", error);
}

bool mps_cli_set_from(mps_cli *cli, const char *text, GError **error)
{
    return read_time(text, &cli->from, "--from must be a number of seconds, up to 1000000000",
                     error);
}

bool mps_cli_set_to(mps_cli *cli, const char *text, GError **error)
{
    return read_time(text, &cli->to, "--to must be a number of seconds, up to 1000000000", error);
}

bool mps_cli_set_interval(mps_cli *cli, const char *text, GError **error)
{
    return mps_interval_from_text(text, &cli->interval, error);
}

const char *const *mps_cli_words_clock(void)
{
    static const char *const words[] = {[MPS_CLOCK_NONE] = "none",
                                        [MPS_CLOCK_OFFSET] = "offset",
                                        [MPS_CLOCK_SKEW] = "skew",
                                        [MPS_CLOCK_MODES] = NULL};
    return words;
}

bool mps_cli_set_clock(mps_cli *cli, const char *text, GError **error)
{
    const int mode = place_of(mps_cli_words_clock(), text);
    if (mode < 0)
        return wrong(error, "--clock must be none, offset or skew");
    cli->clock = (mps_clock_mode)mode;
    cli->clock_given = true;
    return true;
}

const char *const *mps_cli_words_color(void)
{
    static const char *const words[] = {"auto", "always", "never", NULL};
    return words;
}

bool mps_cli_set_color(mps_cli *cli, const char *text, GError **error)
{
    const int color = place_of(mps_cli_words_color(), text);
    if (color < 0)
        return wrong(error, "--color must be auto, always or never");
    cli->color = (mps_color_choice)(MPS_COLOR_AUTO + color);
    return true;
}

const char *const *mps_cli_words_time(void)
{
    static const char *const words[] = {"utc", "local", "epoch", "relative", NULL};
    return words;
}

bool mps_cli_set_time(mps_cli *cli, const char *text, GError **error)
{
    const int times = place_of(mps_cli_words_time(), text);
    if (times < 0)
        return wrong(error, "--time must be utc, local, epoch or relative");
    cli->style.times = (mps_time_style)(MPS_TIMES_UTC + times);
    return true;
}

const char *const *mps_cli_words_dsn(void)
{
    static const char *const words[] = {"absolute", "relative", NULL};
    return words;
}

bool mps_cli_set_dsn(mps_cli *cli, const char *text, GError **error)
{
    const int relative = place_of(mps_cli_words_dsn(), text);
    if (relative < 0)
        return wrong(error, "--dsn must be absolute or relative");
    cli->style.relative_dsn = relative == 1;
    cli->dsn_given = true;
    return true;
}

const char *const *mps_cli_words_by(void)
{
    static const char *const words[] = {
        [MPS_OWD_BY_SUBFLOW] = "subflow", [MPS_OWD_BY_CONNECTION] = "connection", NULL};
    return words;
}

bool mps_cli_set_by(mps_cli *cli, const char *text, GError **error)
{
    const int by = place_of(mps_cli_words_by(), text);
    if (by < 0)
        return wrong(error, "--by must be subflow or connection");
    cli->by = (mps_owd_by)by;
    return true;
}

const char *const *mps_cli_words_tcp(void)
{
    static const char *const words[] = {"mptcp", "all", NULL};
    return words;
}

bool mps_cli_set_tcp(mps_cli *cli, const char *text, GError **error)
{
    const int which = place_of(mps_cli_words_tcp(), text);
    cli->plain_tcp = which > 0;
    return which >= 0 || wrong(error, "--tcp must be mptcp or all");
}

const char *const *mps_cli_words_direction(void)
{
    static const char *const words[] = {[MPS_C2S] = "c2s", [MPS_S2C] = "s2c", [MPS_S2C + 1] = NULL};
    return words;
}

bool mps_cli_set_direction(mps_cli *cli, const char *text, GError **error)
{
    const int direction = place_of(mps_cli_words_direction(), text);
    if (direction < 0)
        return wrong(error, "--direction must be c2s or s2c");
    cli->directions = 1u << direction;
    return true;
}

const char *const *mps_cli_words_near(void)
{
    static const char *const words[] = {"client", "server", "middle", NULL};
    return words;
}

bool mps_cli_set_near(mps_cli *cli, const char *text, GError **error)
{
    return mps_near_choice_from_text(text, &cli->near, error);
}

const char *const *mps_cli_words_near_of_a(void)
{
    static const char *const words[] = {"client", "server", NULL};
    return words;
}

bool mps_cli_set_near_of_a(mps_cli *cli, const char *text, GError **error)
{
    if (!mps_cli_set_near(cli, text, error))
        return false;
    return cli->near.near != MPS_NEAR_MIDDLE || /* that would not tell the order of A and B */
           wrong(error, "--near of A must be client, server or the address of a host");
}

const char *const *mps_cli_words_host(void)
{
    static const char *const words[] = {"client", "server", NULL};
    return words;
}

bool mps_cli_set_host(mps_cli *cli, const char *text, GError **error)
{
    cli->host = text;
    return place_of(mps_cli_words_host(), text) >= 0 ||
           wrong(error, "--host must be client or server");
}

static bool set_table(mps_cli *cli, const char *const *known, const char *text, GError **error)
{
    cli->table = text;
    if (place_of(known, text) >= 0)
        return true;
    char *names = mps_names_text(known);
    g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE, "unknown table \"%s\"; known tables: %s", text,
                names);
    g_free(names);
    return false;
}

bool mps_cli_set_table(mps_cli *cli, const char *text, GError **error)
{
    return set_table(cli, mps_reinjections_tables(), text, error);
}

bool mps_cli_set_report_table(mps_cli *cli, const char *text, GError **error)
{
    return set_table(cli, mps_report_tables_of_all(), text, error);
}
