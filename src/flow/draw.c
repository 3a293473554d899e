/* draw.c: draws the arrows as text: a line for each, from the client on the left to the server on
 * the right, or back.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "arrow_line.h"
#include "base/times.h"
#include "compare/document.h"
#include "flow_internal.h"
#include "table/table_write.h"
#include <inttypes.h>
#include <string.h>

/* Subflows that have a line at the top. */
#define SUBFLOWS_LISTED 64u

/* Decimals of the time that others count from. */
#define START_DECIMALS 9u

/* Before what continues the line of a subflow. */
#define SUBFLOW_INDENT 4u

/* Columns of text. One capture has those of its end only. */
enum {
    LEFT_TIME,
    LEFT_FRAME,
    ARROW,
    RIGHT_FRAME,
    RIGHT_TIME,
    SUBFLOW,
    SEQ,
    ACK,
    DSN,
    DATA_ACK,
    WINDOW,
    COLUMNS,
};

static const char *const headings[COLUMNS] = {"Time", "Frame", "",    "Frame",    "Time",  "Sub",
                                              "Seq",  "Ack",   "DSN", "DATA_ACK", "Window"};

/* A data sequence number of a direction that is shown as 1. */
typedef struct {
    bool known, exact; /* exact: it is the direction's first one */
    uint64_t first;    /* as on the wire */
} dsn_origin;

typedef struct {
    const mps_arrows *arrows;
    mps_text *out;
    size_t widths[COLUMNS]; /* characters; 0: there is no such column */
    dsn_origin origins[2];  /* by direction */
    GString *cells[COLUMNS];
} flow_drawing;

static const mps_arrow *arrow_at(const flow_drawing *drawing, guint index)
{
    return &g_array_index(drawing->arrows->list, mps_arrow, index);
}

/* Is A the capture at the client's end, as far as this arrow shows? */
static bool a_is_left(const mps_arrow *arrow)
{
    return arrow->a_sends == (arrow->direction == MPS_C2S);
}

/* ---- numbers: a line has a dozen, and there may be millions of lines ---- */

/* Append a number, with at least so many digits. */
static void append_digits(GString *cell, uint64_t number, unsigned least)
{
    char text[20];
    size_t first = sizeof text;
    for (; number > 0 || sizeof text - first < least; number /= 10)
        text[--first] = (char)('0' + number % 10);
    g_string_append_len(cell, text + first, (gssize)(sizeof text - first));
}

/* @return its size. Put its sign. */
static uint64_t put_sign(GString *cell, int64_t number)
{
    g_string_assign(cell, number < 0 ? "-" : "");
    return number < 0 ? -(uint64_t)number : (uint64_t)number;
}

static void put_number(GString *cell, int64_t number)
{
    append_digits(cell, put_sign(cell, number), 1);
}

/* Seconds, cut after six decimals. */
static void put_seconds(GString *cell, int64_t ns)
{
    const uint64_t us = put_sign(cell, ns / 1000);
    append_digits(cell, us / 1000000, 1);
    g_string_append_c(cell, '.');
    append_digits(cell, us % 1000000, 6);
}

/* ---- where data sequence numbers begin ---- */

static void note_origin(dsn_origin *origin, const mps_dsn *dsn)
{
    if (!dsn->has_absolute || origin->exact || (origin->known && !dsn->has_relative))
        return;
    origin->known = true;
    origin->exact = dsn->has_relative;
    origin->first = dsn->has_relative ? dsn->absolute - dsn->relative + 1 : dsn->absolute;
}

/* A capture that lacks the keys knows no relative numbers. Those on the wire have 20 digits. */
static void find_origins(flow_drawing *drawing)
{
    dsn_origin *origins = drawing->origins;
    for (guint i = 0; i < drawing->arrows->list->len; i++) {
        const mps_arrow *arrow = arrow_at(drawing, i);
        mps_arrow_facts facts;
        if (origins[0].exact && origins[1].exact)
            return;
        mps_arrow_facts_of(drawing->arrows, arrow, &facts);
        note_origin(&origins[arrow->direction], &facts.dsn);
        note_origin(&origins[!arrow->direction], &facts.data_ack);
    }
}

static void put_dsn(GString *cell, const dsn_origin *origin, const mps_dsn *dsn)
{
    if (dsn->has_relative)
        append_digits(cell, dsn->relative, 1);
    else if (dsn->has_absolute && origin->known)
        put_number(cell, (int64_t)(dsn->absolute - origin->first + 1));
    else
        g_string_assign(cell, "-");
}

/* ---- cells ---- */

static void put_end(const flow_drawing *drawing, const mps_arrow *arrow, unsigned end,
                    GString *time, GString *frame)
{
    int64_t since;
    if (!mps_arrow_time(drawing->arrows, arrow, end, &since))
        return;
    put_seconds(time, since);
    put_number(frame, arrow->at[end]->verdict.frame);
}

static void put_cells(const flow_drawing *drawing, const mps_arrow *arrow,
                      const mps_arrow_facts *facts)
{
    GString *const *cells = drawing->cells;
    const bool two = drawing->arrows->comparison != NULL;
    const unsigned left = two && !a_is_left(arrow) ? 1 : 0;
    for (unsigned i = 0; i < COLUMNS; i++)
        g_string_assign(cells[i], "");
    put_end(drawing, arrow, left, cells[LEFT_TIME], cells[LEFT_FRAME]);
    if (two)
        put_end(drawing, arrow, !left, cells[RIGHT_TIME], cells[RIGHT_FRAME]);
    mps_arrow_label(cells[ARROW], facts->record);
    if (arrow->number != MPS_NONE)
        put_number(cells[SUBFLOW], arrow->number);
    else
        g_string_printf(cells[SUBFLOW], "B%u", arrow->peer_number);
    put_number(cells[SEQ], facts->seq);
    g_string_assign(cells[ACK], "-");
    if (facts->has_ack)
        put_number(cells[ACK], facts->ack);
    put_dsn(cells[DSN], &drawing->origins[arrow->direction], &facts->dsn);
    put_dsn(cells[DATA_ACK], &drawing->origins[!arrow->direction], &facts->data_ack);
    g_string_assign(cells[WINDOW], "-");
    if (facts->window >= 0)
        put_number(cells[WINDOW], facts->window);
}

static void measure(flow_drawing *drawing)
{
    const bool two = drawing->arrows->comparison != NULL;
    for (unsigned i = 0; i < COLUMNS; i++)
        if (two || (i != RIGHT_FRAME && i != RIGHT_TIME))
            drawing->widths[i] = strlen(headings[i]);
    for (guint i = 0; i < drawing->arrows->list->len; i++) {
        mps_arrow_facts facts;
        mps_arrow_facts_of(drawing->arrows, arrow_at(drawing, i), &facts);
        put_cells(drawing, arrow_at(drawing, i), &facts);
        for (unsigned k = 0; k < COLUMNS; k++)
            drawing->widths[k] = MAX(drawing->widths[k], drawing->cells[k]->len);
    }
    drawing->widths[ARROW] = mps_arrow_width(drawing->widths[ARROW]);
}

static size_t line_width(const flow_drawing *drawing)
{
    size_t width = 0;
    for (unsigned i = 0; i < COLUMNS; i++)
        width += drawing->widths[i] > 0 ? drawing->widths[i] + (width > 0) : 0;
    return width;
}

/* Leave out columns for which a narrow terminal has no room, the least wanted ones first. */
static void fit(flow_drawing *drawing)
{
    static const unsigned least_wanted[] = {WINDOW,     ACK,         SEQ, DATA_ACK,
                                            RIGHT_TIME, RIGHT_FRAME, DSN};
    const unsigned width = mps_text_width(drawing->out);
    for (unsigned i = 0; i < G_N_ELEMENTS(least_wanted) && width < MPS_TEXT_WIDTH; i++)
        if (line_width(drawing) > width)
            drawing->widths[least_wanted[i]] = 0;
}

/* ---- lines ---- */

/* Append a cell, aligned to the right. */
static void append_cell(GString *line, const GString *cell, size_t width)
{
    for (size_t i = cell->len; i < width; i++)
        g_string_append_c(line, ' ');
    g_string_append_len(line, cell->str, (gssize)cell->len);
}

/* Write a line of cells and the text after them, which may take further lines. */
static void write_line(const flow_drawing *drawing, const mps_arrow_colours *colours,
                       const char *info)
{
    GString *line = g_string_sized_new(MPS_TEXT_WIDTH);
    size_t arrow_column = 0;
    for (unsigned i = 0; i < COLUMNS; i++) {
        if (drawing->widths[i] == 0)
            continue;
        if (line->len > 0)
            g_string_append_c(line, ' ');
        if (i == ARROW)
            arrow_column = line->len;
        append_cell(line, drawing->cells[i], drawing->widths[i]);
    }
    mps_arrow_line_write(drawing->out, line, arrow_column, colours, info);
    g_string_free(line, TRUE);
}

static void write_headings(const flow_drawing *drawing)
{
    const bool two = drawing->arrows->comparison != NULL;
    const bool a_left = !two || a_is_left(arrow_at(drawing, 0));
    const char *client = !two ? "Client" : a_left ? "Client (A)" : "Client (B)";
    const char *server = !two ? "Server" : a_left ? "Server (B)" : "Server (A)";
    for (unsigned i = 0; i < COLUMNS; i++)
        g_string_assign(drawing->cells[i], headings[i]);
    g_string_printf(drawing->cells[ARROW], "%s%*s", client,
                    (int)(drawing->widths[ARROW] - strlen(client)), server);
    write_line(drawing, &(mps_arrow_colours){.line = MPS_COLOUR_TITLE}, "Info");
}

/* @return the colour of an arrow's line: what was lost and what was sent again stand out */
static mps_colour colour_of(const mps_arrow *arrow, const mps_arrow_facts *facts)
{
    if (arrow->fate == MPS_FATE_LOST)
        return MPS_COLOUR_BAD;
    return facts->verdict.reinjected > 0 || facts->verdict.retransmitted > 0 ? MPS_COLOUR_WARN
                                                                             : MPS_COLOUR_NONE;
}

static void write_arrow(const flow_drawing *drawing, const mps_arrow *arrow)
{
    mps_arrow_facts facts;
    mps_arrow_facts_of(drawing->arrows, arrow, &facts);
    char *info = mps_arrow_info(arrow, &facts);
    const mps_arrow_colours colours = {
        .line = colour_of(arrow, &facts),
        .arrow = arrow->number == MPS_NONE ? MPS_COLOUR_NONE : mps_colour_of_subflow(arrow->number),
        .width = drawing->widths[ARROW],
    };
    put_cells(drawing, arrow, &facts);
    mps_arrow_shape(drawing->cells[ARROW], drawing->widths[ARROW], arrow);
    write_line(drawing, &colours, info);
    g_free(info);
}

/* ---- the top ---- */

static void add_endpoint(GString *text, const mps_subflow_info *info, unsigned side)
{
    char address[MPS_ADDRESS_TEXT_MAX];
    const char *format = info->address[side].length == 16 ? "[%s]:%u" : "%s:%u";
    g_string_append_printf(text, format, mps_address_text(&info->address[side], address),
                           info->port[side]);
}

static void write_subflow(const flow_drawing *drawing, uint32_t number)
{
    const mps_tracker *tracker = mps_trace_tracker(drawing->arrows->trace[0]);
    const char shaft = mps_arrow_shaft(number);
    mps_subflow_info info;
    mps_tracker_subflow(
        tracker, mps_tracker_subflow_id(tracker, drawing->arrows->connection, number), &info);
    GString *text = g_string_new(NULL);
    g_string_append(text, "client ");
    add_endpoint(text, &info, MPS_C2S);
    g_string_append(text, ", server ");
    add_endpoint(text, &info, MPS_S2C);
    g_string_append_printf(text, ", opened by the %s", mps_direction_sender(info.initiator));
    if (info.tcp_stream >= 0)
        g_string_append_printf(text, ", tcp.stream %d", info.tcp_stream);
    char *label = g_strdup_printf("Subflow %u %c%c%c", number, shaft, shaft, shaft);
    const mps_colour colour = mps_colour_of_subflow(number);
    fprintf(drawing->out->file, "%s%s%s: ", mps_colour_begin(drawing->out, colour), label,
            mps_colour_end(drawing->out, colour));
    mps_write_wrapped(drawing->out, text->str, strlen(label) + strlen(": "), SUBFLOW_INDENT);
    g_free(label);
    g_string_free(text, TRUE);
}

static void write_subflows(const flow_drawing *drawing)
{
    const mps_arrows *arrows = drawing->arrows;
    mps_connection_info info;
    mps_tracker_connection(mps_trace_tracker(arrows->trace[0]), arrows->connection, &info);
    const uint32_t count = info.subflow_count;
    if (arrows->subflow != MPS_NONE) {
        write_subflow(drawing, arrows->subflow);
        return;
    }
    for (uint32_t i = 0; i < MIN(count, SUBFLOWS_LISTED); i++)
        write_subflow(drawing, i);
    if (count > SUBFLOWS_LISTED)
        fprintf(drawing->out->file, "and %u more subflows\n", count - SUBFLOWS_LISTED);
}

static void write_origins(const flow_drawing *drawing)
{
    for (unsigned i = 0; i < 2; i++) {
        if (!drawing->origins[i].known || drawing->origins[i].exact)
            continue;
        char *note =
            g_strdup_printf("DSN 1 of %s is %" PRIu64 ", the first one captured: its IDSN was not.",
                            mps_direction_name((mps_direction)i), drawing->origins[i].first);
        mps_write_labelled(drawing->out, "Note: ", note, SUBFLOW_INDENT + 2);
        g_free(note);
    }
}

/* Say what the connection is, and what its times count from. */
static void write_start(const flow_drawing *drawing)
{
    const mps_style *style = drawing->out->style;
    char *start = mps_time_text(drawing->arrows->start, style, START_DECIMALS);
    char *text =
        g_strdup_printf("Connection %u, seconds since %s%s", drawing->arrows->connection, start,
                        style->times == MPS_TIMES_RELATIVE ? " s after the capture's start" : "");
    mps_write_title(drawing->out, text);
    g_free(text);
    g_free(start);
}

static void write_top(const flow_drawing *drawing)
{
    const mps_arrows *arrows = drawing->arrows;
    if (arrows->comparison)
        mps_document_names(drawing->out, arrows->trace[0], arrows->trace[1]);
    else
        mps_write_text_line(drawing->out, "Capture", mps_trace_name(arrows->trace[0]));
    write_start(drawing);
    write_subflows(drawing);
    if (arrows->comparison) {
        mps_write_labelled(
            drawing->out, "Clocks: ",
            !arrows->comparison->corrected ? "B's times are as captured, not corrected."
            : arrows->comparison->mode == MPS_CLOCK_SKEW
                ? "B's times as A's clock shows them, by the estimated offset and skew."
                : "B's times as A's clock shows them, by the estimated offset.",
            MPS_CLOCKS_INDENT);
        mps_clock_write_text_part(arrows->comparison, drawing->out);
    }
    mps_write_text_notes(drawing->out, arrows->notes);
    write_origins(drawing);
    if (arrows->comparison)
        mps_write_wrapped(drawing->out,
                          "Arrows that end, or begin, halfway: x lost, ? not known whether it "
                          "arrived or was sent, : captured at one end only.",
                          0, SUBFLOW_INDENT);
    putc('\n', drawing->out->file);
}

void mps_arrows_draw(const mps_arrows *arrows, mps_text *out)
{
    flow_drawing drawing = {.arrows = arrows, .out = out};
    for (unsigned i = 0; i < COLUMNS; i++)
        drawing.cells[i] = g_string_new(NULL);
    find_origins(&drawing);
    measure(&drawing);
    fit(&drawing);
    write_top(&drawing);
    write_headings(&drawing);
    for (guint i = 0; i < arrows->list->len; i++)
        write_arrow(&drawing, arrow_at(&drawing, i));
    for (unsigned i = 0; i < COLUMNS; i++)
        g_string_free(drawing.cells[i], TRUE);
}
