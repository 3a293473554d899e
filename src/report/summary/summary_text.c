/* summary_text.c: the text form of the report "summary": sentences and small tables.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "figures.h"
#include "one_end.h"
#include "table/colours.h"
#include "table/table_write.h"
#include <string.h>

/* Characters before a line. */
#define INDENT 2u

/* Items of a list are indented further. */
#define ITEM_INDENT (INDENT + 2)

/* The columns of a problem: its severity ("Warning" is the longest), and a frame up to 999999. The
 * text goes on below its own beginning, after "Warning  frame 123456 ". */
#define SEVERITY_WIDTH 7
#define FRAME_WIDTH 6
#define PROBLEM_INDENT (ITEM_INDENT + SEVERITY_WIDTH + 8 + FRAME_WIDTH + 1)

/* The columns of the table of figures. They have room for their titles, the names "Connection" and
 * "Subflow 999", bytes of 12 digits, 100.0 % and 99999.999 Mbit/s. Indented, they fill a line. */
#define NAME_WIDTH 12
#define DIRECTION_WIDTH 3 /* "c2s" */
#define BYTES_WIDTH 13
#define SHARE_WIDTH 8
#define RATE_WIDTH 10
#define RATIO_WIDTH 10

/* @return "10.0.1.1:5001" or "[fd00::1]:5001"; to be freed with g_free() */
static char *end_text(const mps_address *address, uint16_t port)
{
    char text[MPS_ADDRESS_TEXT_MAX];
    mps_address_text(address, text);
    return g_strdup_printf(address->length == 4 ? "%s:%u" : "[%s]:%u", text, port);
}

static char *ends_text(const mps_address *client, uint16_t client_port, const mps_address *server,
                       uint16_t server_port)
{
    char *a = end_text(client, client_port), *b = end_text(server, server_port);
    char *text = g_strdup_printf("%s > %s", a, b);
    g_free(a);
    g_free(b);
    return text;
}

static void add_milliseconds(GString *text, const char *format, int64_t ns)
{
    char number[MPS_DECIMAL_MAX];
    if (ns >= 0)
        g_string_append_printf(text, format, mps_decimal(number, (double)ns / 1e6, 3));
}

static void add_state(GString *text, const mps_summary_subflow *subflow)
{
    const mps_subflow_info *info = &subflow->info;
    static const char *const names[] = {
        [MPS_SUBFLOW_SYN] = "never answered",
        [MPS_SUBFLOW_OPEN] = "open at the end",
        [MPS_SUBFLOW_CLOSED] = "closed",
        [MPS_SUBFLOW_RESET] = "reset",
    };
    if (!subflow->accepted && info->state != MPS_SUBFLOW_SYN && info->handshake_seen)
        g_string_append(text, ", not accepted");
    if (info->refusal) {
        char *refusal = mps_icmp_error_text(info->refusal);
        g_string_append_printf(text, ", refused by ICMP: %s", refusal);
        g_free(refusal);
        return;
    }
    g_string_append_printf(text, ", %s", names[info->state]);
    if (info->reset_reason >= 0)
        g_string_append_printf(text, " (%s)", mps_reset_reason_text(info));
    if (subflow->accepted && !subflow->has_payload)
        g_string_append(text, ", unused");
}

char *mps_subflow_text(const mps_summary_subflow *subflow)
{
    const mps_subflow_info *info = &subflow->info;
    char *ends = ends_text(&info->address[0], info->port[0], &info->address[1], info->port[1]);
    GString *text = g_string_new(ends);
    g_free(ends);
    if (info->initial == 1)
        g_string_append(text, ", initial");
    else if (info->handshake_seen)
        g_string_append_printf(text, ", opened by %s", mps_direction_sender(info->initiator));
    add_milliseconds(text, " after %s ms", info->join_delay);
    add_milliseconds(text, ", RTT %s ms", info->handshake_rtt);
    if (info->backup == 1)
        g_string_append(text, ", backup");
    add_state(text, subflow);
    return g_string_free(text, FALSE);
}

/* @param sentence  freed */
static void write_sentence(mps_text *out, char *sentence)
{
    fprintf(out->file, "%*s", (int)INDENT, "");
    mps_write_wrapped(out, sentence, INDENT, INDENT);
    g_free(sentence);
}

char *mps_summary_ends(const mps_connection_info *info)
{
    return ends_text(&info->client, info->client_port, &info->server, info->server_port);
}

char *mps_summary_heading(const mps_connection_info *info)
{
    char *ends = mps_summary_ends(info);
    char *version = info->version < 0 ? g_strdup("MPTCP of unknown version")
                                      : g_strdup_printf("MPTCP version %d", info->version);
    char *heading = g_strdup_printf("Connection %u: %s, %s%s", info->number, ends, version,
                                    info->checksum > 0 ? ", DSS checksums" : "");
    g_free(version);
    g_free(ends);
    return heading;
}

static void write_heading(mps_text *out, const mps_connection_info *info)
{
    char *heading = mps_summary_heading(info);
    mps_write_in_colour(out, MPS_COLOUR_TITLE, heading, 0, INDENT);
    g_free(heading);
}

/* @return when a connection started, in words, freed by the caller: a date without anything else is
 * said */
static char *start_text(int64_t start, const mps_style *style)
{
    mps_style dated = *style;
    if (dated.times == MPS_TIMES_UNSAID)
        dated.times = MPS_TIMES_UTC;
    const bool is_date = dated.times == MPS_TIMES_UTC || dated.times == MPS_TIMES_LOCAL;
    char *time = mps_time_text(start, &dated, is_date ? 0 : MPS_TIME_DECIMALS);
    if (dated.times != MPS_TIMES_RELATIVE)
        return time;
    char *words = g_strdup_printf("%s s after the capture began,", time);
    g_free(time);
    return words;
}

char *mps_life_text(const mps_connection_info *info, const char *ended, const mps_style *style)
{
    char duration[MPS_DECIMAL_MAX];
    char *start = start_text(info->start, style);
    char *life = info->duration < 0
                     ? g_strdup_printf("Started %s in frame %u; the clock leapt meanwhile; %s.",
                                       start, info->frame, ended)
                     : g_strdup_printf("Started %s in frame %u and lasted %s s; %s.", start,
                                       info->frame, mps_seconds(duration, info->duration), ended);
    g_free(start);
    return life;
}

/* Write how many items were left out. @param column  where it begins @param indent  of its next
 * lines */
static void write_left_out(mps_text *out, const mps_shown *shown, size_t column, unsigned indent)
{
    for (guint i = 0; i < shown->left_out->len; i++) {
        fprintf(out->file, "%*s", (int)column, "");
        mps_write_wrapped(out, shown->left_out->pdata[i], column, indent);
    }
}

char *mps_summary_subflow_counts(const mps_summary *summary)
{
    return g_strdup_printf("Subflows: %u tried, %u accepted, %u of them unused.",
                           summary->info.subflow_count, summary->info.accepted, summary->unused);
}

static void write_subflows(mps_text *out, const mps_summary *summary, const mps_shown *shown)
{
    write_sentence(out, mps_summary_subflow_counts(summary));
    for (guint i = 0; i < shown->indexes->len; i++) {
        const mps_summary_subflow *subflow = mps_shown_subflow(summary, shown, i);
        char *sentence = mps_subflow_text(subflow);
        mps_write_subflow(out, ITEM_INDENT, "", subflow->info.number, sentence);
        g_free(sentence);
    }
    write_left_out(out, shown, ITEM_INDENT, ITEM_INDENT + MPS_SUBFLOW_INDENT);
}

/* Where lines of the table of figures are written, and which of the cells they have. */
typedef struct {
    mps_text *out;
    unsigned from, to;
} figures_part;

static const int cell_widths[MPS_FIGURES] = {BYTES_WIDTH, SHARE_WIDTH, RATE_WIDTH,  BYTES_WIDTH,
                                             SHARE_WIDTH, RATE_WIDTH,  RATIO_WIDTH, RATIO_WIDTH};

/* @return the first cell that has no room on a line with those from `from` on; at least one has */
static unsigned end_of_part(const mps_text *out, unsigned from)
{
    unsigned width = INDENT + NAME_WIDTH + 1 + DIRECTION_WIDTH, i = from;
    while (i < MPS_FIGURES &&
           (i == from || width + (unsigned)cell_widths[i] <= mps_sentence_width(out)))
        width += (unsigned)cell_widths[i++];
    return i;
}

static void write_line(const mps_figures_line *line, void *data)
{
    const figures_part *part = data;
    FILE *file = part->out->file;
    fprintf(file, "%*s%-*s %-*s", (int)INDENT, "", NAME_WIDTH, line->name, DIRECTION_WIDTH,
            line->direction);
    for (unsigned i = part->from; i < part->to; i++)
        fprintf(file, "%*s", cell_widths[i], line->cells[i]);
    putc('\n', file);
}

/* Write the table of figures, in as many parts as the width asks for. */
static void write_figures(mps_text *out, const mps_summary *summary, const mps_shown *shown)
{
    figures_part part = {.out = out};
    for (; part.to < MPS_FIGURES; part.from = part.to) {
        part.to = end_of_part(out, part.from);
        fprintf(out->file, "\n%*s%s", (int)INDENT + NAME_WIDTH + 1 + DIRECTION_WIDTH, "",
                mps_colour_begin(out, MPS_COLOUR_TITLE));
        for (unsigned i = part.from; i < part.to; i++)
            fprintf(out->file, "%*s", cell_widths[i], mps_figures_titles[i]);
        fprintf(out->file, "%s\n", mps_colour_end(out, MPS_COLOUR_TITLE));
        mps_figures_write(summary, shown, write_line, &part);
    }
    putc('\n', out->file);
}

static void write_problem(mps_text *out, const mps_problem *problem)
{
    GString *text = g_string_new(NULL);
    if (problem->subflow != MPS_NONE)
        g_string_append_printf(text, "subflow %u: ", problem->subflow);
    g_string_append(text, problem->text);
    if (problem->count > 1)
        g_string_append_printf(text, " (the first of %u)", problem->count);
    const mps_colour colour = problem->severity == MPS_WARNING ? MPS_COLOUR_BAD : MPS_COLOUR_NONE;
    char *place = g_strdup_printf("frame %-*u ", FRAME_WIDTH, problem->frame);
    fprintf(out->file, "%*s%s%-*s%s  %s", (int)ITEM_INDENT, "", mps_colour_begin(out, colour),
            SEVERITY_WIDTH, mps_severity_title(problem->severity), mps_colour_end(out, colour),
            place);
    mps_write_wrapped(out, text->str, ITEM_INDENT + SEVERITY_WIDTH + 2 + strlen(place),
                      MIN(PROBLEM_INDENT, mps_sentence_width(out) / 3));
    g_free(place);
    g_string_free(text, TRUE);
}

static void write_problems(mps_text *out, const mps_summary *summary)
{
    const mps_colour colour = summary->problems->len ? MPS_COLOUR_NONE : MPS_COLOUR_GOOD;
    fprintf(out->file, "%*s%s%s%s\n", (int)INDENT, "", mps_colour_begin(out, colour),
            summary->problems->len ? "Problems:" : "No problems found.",
            mps_colour_end(out, colour));
    mps_shown shown = mps_shown_problems(summary);
    for (guint i = 0; i < shown.indexes->len; i++)
        write_problem(out, &g_array_index(summary->problems, mps_problem,
                                          g_array_index(shown.indexes, guint, i)));
    write_left_out(out, &shown, ITEM_INDENT, PROBLEM_INDENT);
    mps_shown_clear(&shown);
}

static void write_summary(mps_text *out, const mps_summary *summary)
{
    mps_shown subflows = mps_shown_subflows(summary);
    write_heading(out, &summary->info);
    write_sentence(out, mps_life_text(&summary->info, summary->ended, out->style));
    write_subflows(out, summary, &subflows);
    write_figures(out, summary, &subflows);
    mps_shown_clear(&subflows);
    write_problems(out, summary);
}

void mps_summary_text(const mps_report *report, const mps_tracker *tracker, const char *filter,
                      mps_text *out)
{
    mps_shown_connections shown = mps_shown_connections_new();
    mps_summaries_visit(report, tracker, mps_shown_connections_add, &shown);
    char *left_out = mps_shown_connections_finish(&shown);
    mps_write_rule(out, '=', mps_sentence_width(out));
    mps_write_title(out, mps_report_title(report));
    if (report->file)
        mps_write_text_line(out, "Capture", report->file);
    mps_write_text_line(out, "Filter", filter ? filter : "<none>");
    for (guint i = 0; i < shown.summaries->len; i++) {
        mps_write_rule(out, '-', mps_sentence_width(out));
        write_summary(out, &g_array_index(shown.summaries, mps_summary, i));
    }
    mps_write_rule(out, left_out ? '-' : '=', mps_sentence_width(out));
    if (left_out) {
        mps_write_wrapped(out, left_out, 0, 0);
        mps_write_rule(out, '=', mps_sentence_width(out));
    }
    g_free(left_out);
    g_array_free(shown.summaries, TRUE);
}
