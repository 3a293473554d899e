/* write_numerics.c: writes paths, figures and overhead as text, csv and json.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare/document.h"
#include "numerics_internal.h"
#include "table/table_write.h"

/* What json says of the overhead, as its rows have no formula of their own. */
#define OVERHEAD_FORMULA "(bytes of options + padding) / payload"
#define OVERHEAD_CAPTURED "RFC 8684 section 3; padding by RFC 9293 section 3.1"
#define OVERHEAD_DESCRIBED "RFC 8684 section 3.3; padding by RFC 9293 section 3.1"

static const mps_text_choice without_names[] = {
    MPS_TEXT_WITHOUT("name"),
    MPS_TEXT_END,
};
static const mps_text_choice without_connections[] = {
    MPS_TEXT_WITHOUT("connection"),
    MPS_TEXT_WITHOUT("payload"),
    MPS_TEXT_WITHOUT("rtt_p95"),
    MPS_TEXT_END,
};
static const mps_text_choice without_loaded[] = {
    MPS_TEXT_WITHOUT("loaded"),
    MPS_TEXT_END,
};

static void write_form(mps_text *out, const mps_table *table, const char *title,
                       const mps_text_choice *choices, bool below)
{
    const mps_text_form form = {.title = title, .choices = choices, .below = below};
    mps_write_text_form(out, table, &form);
}

/* Write that figures are not known. @param titles  of them  @param reason  NULL: there are none */
static void write_reason(mps_text *out, GString *titles, const char *reason)
{
    if (reason) {
        char *line = g_strdup_printf("Not known: %s: %s.", titles->str, reason);
        mps_write_wrapped(out, line, 0, 4);
        g_free(line);
    }
    g_string_truncate(titles, 0);
}

/* Write which figures of a direction are not known, and why. */
static void write_unknown(mps_text *out, const mps_numerics *numerics,
                          const mps_numerics_direction *direction)
{
    GArray *figures = mps_figures_of_direction(numerics, direction);
    GString *titles = g_string_new(NULL);
    const char *reason = NULL;
    for (guint i = 0; i < figures->len; i++) {
        const mps_numerics_figure *figure = &g_array_index(figures, mps_numerics_figure, i);
        if (mps_is_known(&figure->value) || mps_figure_is_unlimited(figure))
            continue;
        if (reason != figure->value.reason)
            write_reason(out, titles, reason);
        reason = figure->value.reason;
        g_string_append_printf(titles, "%s%s", titles->len > 0 ? ", " : "", figure->title);
        if (figure->path)
            g_string_append_printf(titles, " of path %u", figure->path->subflow);
    }
    write_reason(out, titles, reason);
    g_string_free(titles, TRUE);
    g_array_free(figures, TRUE);
}

static void write_direction(mps_text *out, const mps_numerics *numerics,
                            const mps_numerics_direction *direction)
{
    const char *way = direction->direction == MPS_C2S ? "client to server" : "server to client";
    char *title = direction->connection == MPS_NONE
                      ? g_strdup_printf("Figures, %s", way)
                      : g_strdup_printf("Figures of connection %u, %s", direction->connection, way);
    mps_table *table = mps_numerics_readers_table(numerics, direction);
    write_form(out, table, title, numerics->name ? without_loaded : NULL, false);
    write_unknown(out, numerics, direction);
    mps_table_free(table);
    g_free(title);
}

static void write_heading(mps_text *out, const mps_numerics *numerics)
{
    if (numerics->name)
        mps_write_text_line(out, "Topology", *numerics->name ? numerics->name : "without a name");
    else if (numerics->comparison)
        mps_document_names(out, numerics->traces[0], numerics->traces[1]);
    else
        mps_write_text_line(out, "Capture", mps_trace_name(numerics->traces[0]));
    if (numerics->comparison) {
        mps_clock_write_mode(numerics->comparison, out);
        mps_clock_write_text_part(numerics->comparison, out);
    }
    mps_write_text_notes(out, numerics->notes);
}

static void write_text(mps_text *out, const mps_numerics *numerics)
{
    mps_table *paths = mps_numerics_paths_table(numerics);
    mps_table *overhead = mps_numerics_overhead_table(numerics);
    write_heading(out, numerics);
    write_form(out, paths, "Paths", numerics->name ? without_connections : without_names, false);
    for (guint i = 0; i < numerics->directions->len; i++)
        write_direction(out, numerics,
                        &g_array_index(numerics->directions, mps_numerics_direction, i));
    write_form(out, overhead, "Overhead of MPTCP options", NULL, false);
    char *formula = g_strdup_printf("Overhead: " OVERHEAD_FORMULA ". %s.",
                                    numerics->name ? OVERHEAD_DESCRIBED : OVERHEAD_CAPTURED);
    mps_write_wrapped(out, formula, 0, strlen("Overhead: "));
    g_free(formula);
    mps_table_free(overhead);
    mps_table_free(paths);
}

static void write_json_opening(FILE *out, const mps_numerics *numerics)
{
    if (numerics->comparison) {
        mps_document_json_opening(out, "numerics", numerics->traces[0], numerics->traces[1]);
        fputs(", ", out);
        mps_clock_write_json_part(numerics->comparison, out);
        fputs(",\n", out);
        return;
    }
    fputs("{\"schema\": 1, \"report\": \"numerics\", ", out);
    fputs(numerics->name ? "\"topology\": " : "\"capture\": ", out);
    mps_write_json_string(out,
                          numerics->name ? numerics->name : mps_trace_name(numerics->traces[0]));
    fputs(", ", out);
}

static void write_json(FILE *out, const mps_numerics *numerics)
{
    mps_table *paths = mps_numerics_paths_table(numerics);
    mps_table *overhead = mps_numerics_overhead_table(numerics);
    mps_table *figures = mps_numerics_figures_table(numerics);
    write_json_opening(out, numerics);
    mps_write_json_notes(out, numerics->notes);
    fputs(",\n", out);
    mps_write_json_table(out, paths, "paths");
    fputs(",\n\"overhead_formula\": \"" OVERHEAD_FORMULA "\", \"overhead_reference\": ", out);
    mps_write_json_string(out, numerics->name ? OVERHEAD_DESCRIBED : OVERHEAD_CAPTURED);
    fputs(",\n", out);
    mps_write_json_table(out, overhead, "overhead");
    fputs(",\n", out);
    mps_write_json_rows(out, figures);
    fputs("}\n", out);
    mps_table_free(figures);
    mps_table_free(overhead);
    mps_table_free(paths);
}

void mps_numerics_write(const mps_numerics *numerics, const mps_style *style, FILE *out)
{
    mps_text text = {out, style};
    if (style->format == MPS_FORMAT_TEXT) {
        write_text(&text, numerics);
    } else if (style->format == MPS_FORMAT_CSV) {
        mps_table *figures = mps_numerics_figures_table(numerics);
        mps_write_csv(out, figures);
        mps_table_free(figures);
    } else {
        write_json(out, numerics);
    }
}
