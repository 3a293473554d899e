/* options.c: the table of all options.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "options.h"
#include <mptcpscope/reinjection.h>
#include <stddef.h>
#include <string.h>

/* Commands on two captures whose clocks may be corrected, and those on A and perhaps B. */
#define CORRECTED_BY_OFFSET                                                                        \
    (MPS_CMD_CRITICAL_PATH | MPS_CMD_SUMMARY | MPS_CMD_PLOT | MPS_CMD_FLOW | MPS_CMD_HTML)
#define NUMBERED_AS_IN_A                                                                           \
    (MPS_CMD_MAP | MPS_CMD_OWD | MPS_CMD_REINJECTIONS | MPS_CMD_DIFF | MPS_CMD_CRITICAL_PATH |     \
     MPS_CMD_SUMMARY | MPS_CMD_HTML | MPS_CMD_NUMERICS)
#define COMPARES (NUMBERED_AS_IN_A | MPS_CMD_CLOCK | MPS_CMD_PLOT | MPS_CMD_FLOW)

/* Commands that write no text. */
#define NO_TEXT (MPS_CMD_PLOT | MPS_CMD_HTML | MPS_CMD_EXPORT)

/* Every option, with its help. "%s" is the list of its words. */
static const mps_cli_option options[] = {
    {.name = "format",
     .letter = 'f',
     .placeholder = "FORMAT",
     .commands = MPS_CMD_ALL & ~NO_TEXT,
     .kind = MPS_VALUE_WORD,
     .words = mps_cli_words_format,
     .set = mps_cli_set_format,
     .help = "text (default), csv or json"},

    {.name = "output",
     .letter = 'o',
     .placeholder = "PATH",
     .commands = MPS_CMD_PLOT,
     .kind = MPS_VALUE_OUTPUT,
     .member = offsetof(mps_cli, output),
     .help = "the image, which ends in .svg, .png or .pdf"},
    {.name = "output",
     .letter = 'o',
     .placeholder = "PATH",
     .commands = MPS_CMD_HTML,
     .kind = MPS_VALUE_OUTPUT,
     .member = offsetof(mps_cli, output),
     .help = "the page"},
    {.name = "output",
     .letter = 'o',
     .placeholder = "PATH",
     .commands = MPS_CMD_EXPORT,
     .kind = MPS_VALUE_OUTPUT,
     .member = offsetof(mps_cli, output),
     .help = "the HDF5 file"},
    {.name = "output",
     .letter = 'o',
     .placeholder = "PATH",
     .commands = MPS_CMD_ALL,
     .kind = MPS_VALUE_OUTPUT,
     .member = offsetof(mps_cli, output),
     .help = "write to PATH instead of standard output"},

    {.name = "data",
     .placeholder = "PATH",
     .commands = MPS_CMD_PLOT,
     .kind = MPS_VALUE_OUTPUT,
     .member = offsetof(mps_cli, data),
     .help = "also write the numbers that are drawn, as csv"},
    {.name = "xplot",
     .placeholder = "PATH",
     .commands = MPS_CMD_PLOT,
     .kind = MPS_VALUE_OUTPUT,
     .member = offsetof(mps_cli, xplot),
     .help = "also write it for xplot: kinds dsn, rtt and inflight"},

    {.name = "connection",
     .letter = 'c',
     .placeholder = "N",
     .commands = MPS_CMD_REPORT | MPS_CMD_EXPORT,
     .kind = MPS_VALUE_CONNECTION,
     .set = mps_cli_set_connection,
     .help = "only this connection"},
    {.name = "connection",
     .letter = 'c',
     .placeholder = "N",
     .commands = MPS_CMD_PLOT,
     .kind = MPS_VALUE_CONNECTION,
     .set = mps_cli_set_connection,
     .help = "only this connection; default: the first with most data"},
    {.name = "connection",
     .letter = 'c',
     .placeholder = "N",
     .commands = MPS_CMD_FLOW,
     .kind = MPS_VALUE_CONNECTION,
     .set = mps_cli_set_connection,
     .help = "only this connection (numbered as in A); default: the first with most data"},
    {.name = "connection",
     .letter = 'c',
     .placeholder = "N",
     .commands = NUMBERED_AS_IN_A,
     .kind = MPS_VALUE_CONNECTION,
     .set = mps_cli_set_connection,
     .help = "only this connection (numbered as in A)"},

    {.name = "interval",
     .placeholder = "S",
     .commands = MPS_CMD_REPORT,
     .kind = MPS_VALUE_NUMBER,
     .set = mps_cli_set_interval,
     .help = "report series: length of an interval in seconds (default 1); report critical-path: "
             "also the classes of each interval"},
    {.name = "interval",
     .placeholder = "S",
     .commands = MPS_CMD_PLOT,
     .kind = MPS_VALUE_NUMBER,
     .set = mps_cli_set_interval,
     .help = "plot rate: length of an interval in seconds (default: by the duration)"},
    {.name = "interval",
     .placeholder = "S",
     .commands = MPS_CMD_OWD | MPS_CMD_CRITICAL_PATH,
     .kind = MPS_VALUE_NUMBER,
     .set = mps_cli_set_interval,
     .help = "also write figures for each interval of S seconds"},

    {.name = "by",
     .placeholder = "WHAT",
     .commands = MPS_CMD_OWD,
     .kind = MPS_VALUE_WORD,
     .words = mps_cli_words_by,
     .set = mps_cli_set_by,
     .help = "one row per subflow (default) or connection, in csv and in intervals"},

    {.name = "clock",
     .placeholder = "MODE",
     .commands = MPS_CMD_OWD | MPS_CMD_NUMERICS,
     .kind = MPS_VALUE_WORD,
     .words = mps_cli_words_clock,
     .set = mps_cli_set_clock,
     .help = "none (default): do not correct the clocks; offset: correct B's by the estimated "
             "offset; skew: by offset and skew"},
    {.name = "clock",
     .placeholder = "MODE",
     .commands = CORRECTED_BY_OFFSET,
     .kind = MPS_VALUE_WORD,
     .words = mps_cli_words_clock,
     .set = mps_cli_set_clock,
     .help = "none: do not correct the clocks; offset (default): correct B's by the estimated "
             "offset; skew: by offset and skew"},

    {.name = "direction",
     .placeholder = "DIR",
     .commands = MPS_CMD_PLOT,
     .kind = MPS_VALUE_WORD,
     .words = mps_cli_words_direction,
     .set = mps_cli_set_direction,
     .help = "only the data of c2s or s2c"},
    {.name = "direction",
     .placeholder = "DIR",
     .commands = MPS_CMD_REPORT,
     .kind = MPS_VALUE_WORD,
     .words = mps_cli_words_direction,
     .set = mps_cli_set_direction,
     .help = "report critical-path: only the paths of c2s or s2c"},
    {.name = "direction",
     .placeholder = "DIR",
     .commands = MPS_CMD_CRITICAL_PATH,
     .kind = MPS_VALUE_WORD,
     .words = mps_cli_words_direction,
     .set = mps_cli_set_direction,
     .help = "only the paths of c2s or s2c"},

    {.name = "end",
     .placeholder = "SUBFLOW",
     .commands = MPS_CMD_REPORT,
     .kind = MPS_VALUE_SUBFLOW,
     .set = mps_cli_set_end,
     .help = "report critical-path: the paths that end with the last data of this subflow"},
    {.name = "end",
     .placeholder = "SUBFLOW",
     .commands = MPS_CMD_CRITICAL_PATH,
     .kind = MPS_VALUE_SUBFLOW,
     .set = mps_cli_set_end,
     .help = "the paths that end with the last data of this subflow"},

    {.name = "pieces",
     .commands = MPS_CMD_REPORT,
     .member = offsetof(mps_cli, pieces),
     .help = "report critical-path: also write every piece of the paths"},
    {.name = "pieces",
     .commands = MPS_CMD_CRITICAL_PATH,
     .member = offsetof(mps_cli, pieces),
     .help = "also write every piece of the paths"},

    {.name = "zeros",
     .commands = MPS_CMD_REPORT,
     .member = offsetof(mps_cli, zeros),
     .help = "report mib: text also has the counters that are 0"},

    {.name = "against",
     .placeholder = "PATH",
     .commands = MPS_CMD_REPORT,
     .kind = MPS_VALUE_INPUT,
     .member = offsetof(mps_cli, against),
     .help = "report mib: only what differs from the output of nstat -asz or -j in PATH"},
    {.name = "host",
     .placeholder = "HOST",
     .commands = MPS_CMD_REPORT,
     .kind = MPS_VALUE_WORD,
     .words = mps_cli_words_host,
     .set = mps_cli_set_host,
     .help = "with --against: where nstat ran, client or server"},
    {.name = "before",
     .placeholder = "PATH",
     .commands = MPS_CMD_REPORT,
     .kind = MPS_VALUE_INPUT,
     .member = offsetof(mps_cli, before),
     .help = "with --against: output of nstat from before the capture, to subtract"},

    {.name = "tcp",
     .placeholder = "WHICH",
     .commands = MPS_CMD_EXPORT,
     .kind = MPS_VALUE_WORD,
     .words = mps_cli_words_tcp,
     .set = mps_cli_set_tcp,
     .help = "segments of which TCP connections: mptcp (default), or all, plain TCP too; flows "
             "always have it"},

    {.name = "subflow",
     .placeholder = "N",
     .commands = MPS_CMD_PLOT | MPS_CMD_FLOW,
     .kind = MPS_VALUE_SUBFLOW,
     .set = mps_cli_set_subflow,
     .help = "only this subflow of the connection"},
    {.name = "from",
     .placeholder = "T",
     .commands = MPS_CMD_PLOT | MPS_CMD_FLOW,
     .kind = MPS_VALUE_NUMBER,
     .set = mps_cli_set_from,
     .help = "only from T on, seconds since the connection's first frame"},
    {.name = "to",
     .placeholder = "T",
     .commands = MPS_CMD_PLOT | MPS_CMD_FLOW,
     .kind = MPS_VALUE_NUMBER,
     .set = mps_cli_set_to,
     .help = "only until T, likewise"},

    {.name = "near",
     .placeholder = "WHERE",
     .commands = MPS_CMD_REPORT,
     .kind = MPS_VALUE_HOST,
     .words = mps_cli_words_near,
     .set = mps_cli_set_near,
     .help = "where FILE was captured, for those who know better: client, server, middle or the "
             "address of a host"},
    {.name = "near",
     .placeholder = "WHERE",
     .commands = COMPARES & ~MPS_CMD_MAP,
     .kind = MPS_VALUE_HOST,
     .words = mps_cli_words_near_of_a,
     .set = mps_cli_set_near_of_a,
     .help = "where A was captured, for those who know better: client, server or the address of a "
             "host"},

    {.name = "files-from",
     .placeholder = "LIST",
     .commands = MPS_CMD_REPORT,
     .kind = MPS_VALUE_INPUT,
     .member = offsetof(mps_cli, files_from),
     .help = "also report the FILEs that LIST names, one a line or up to a NUL, as find -print0 "
             "writes them; - is standard input"},
    {.name = "with-filename",
     .commands = MPS_CMD_REPORT,
     .member = offsetof(mps_cli, with_filename),
     .help = "name the FILE in the first column, capture, as with several FILEs; json has a member "
             "file then"},
    {.name = "jobs",
     .letter = 'j',
     .placeholder = "N",
     .commands = MPS_CMD_REPORT,
     .kind = MPS_VALUE_NUMBER,
     .set = mps_cli_set_jobs,
     .help = "read so many FILEs at once (default: one for each processor)"},

    {.name = "packets",
     .placeholder = "PATH",
     .commands = MPS_CMD_OWD | MPS_CMD_CLOCK | MPS_CMD_CRITICAL_PATH | MPS_CMD_SUMMARY,
     .kind = MPS_VALUE_OUTPUT,
     .member = offsetof(mps_cli, packets),
     .help = "write every matched pair of segments to PATH, as csv"},

    {.name = "table",
     .placeholder = "NAME",
     .commands = MPS_CMD_REINJECTIONS,
     .kind = MPS_VALUE_WORD,
     .words = mps_reinjections_tables,
     .set = mps_cli_set_table,
     .help = "write only this table, as text or csv (json has all): %s"},

    {.name = "topology",
     .placeholder = "PATH",
     .commands = MPS_CMD_NUMERICS,
     .kind = MPS_VALUE_INPUT,
     .member = offsetof(mps_cli, topology),
     .help = "read paths and buffers from PATH, JSON, instead of captures"},
    {.name = "time",
     .placeholder = "HOW",
     .commands = MPS_CMD_ALL & ~NO_TEXT,
     .kind = MPS_VALUE_WORD,
     .words = mps_cli_words_time,
     .set = mps_cli_set_time,
     .help = "how text shows points in time: utc, local, epoch (seconds since 1970) or relative "
             "(seconds since the capture began)"},
    {.name = "dsn",
     .placeholder = "HOW",
     .commands = MPS_CMD_ALL & ~NO_TEXT,
     .kind = MPS_VALUE_WORD,
     .words = mps_cli_words_dsn,
     .set = mps_cli_set_dsn,
     .help = "how text shows data sequence numbers: absolute (default) or relative (the first "
             "byte of a direction has 1)"},
    {.name = "color",
     .placeholder = "WHEN",
     .commands = MPS_CMD_ALL,
     .kind = MPS_VALUE_WORD,
     .words = mps_cli_words_color,
     .set = mps_cli_set_color,
     .help = "text has colours: auto (default: on a terminal), always or never"},
    {.name = "no-pager",
     .commands = MPS_CMD_ALL,
     .member = offsetof(mps_cli, no_pager),
     .help = "do not show the output through a pager"},
    {.name = "no-config",
     .commands = MPS_CMD_ALL,
     .member = offsetof(mps_cli, no_config),
     .help = "do not read the configuration file"},

    {.name = "strict",
     .commands = MPS_CMD_ALL,
     .member = offsetof(mps_cli, strict),
     .help =
         "a FILE that is cut off is an error; otherwise what was whole is used, with a warning"},

    {.name = "help",
     .letter = 'h',
     .commands = MPS_CMD_ALL,
     .member = offsetof(mps_cli, help),
     .help = "show this help"},
};

const mps_cli_option *mps_cli_option_at(unsigned row)
{
    return row < G_N_ELEMENTS(options) ? &options[row] : NULL;
}

const mps_cli_option *mps_cli_option_of(const mps_command *command, const char *name)
{
    for (unsigned row = 0; row < G_N_ELEMENTS(options); row++)
        if ((options[row].commands & command->bit) && strcmp(options[row].name, name) == 0)
            return &options[row];
    return NULL;
}

bool mps_cli_option_is_first(unsigned row)
{
    return row == 0 || strcmp(options[row].name, options[row - 1].name) != 0;
}
