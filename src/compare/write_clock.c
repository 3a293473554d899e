/* write_clock.c: writes what is known about B's clock against A's, and the evidence for it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "clock_tables.h"
#include "document.h"
#include "table/table_build.h"
#include "table/table_write.h"
#include <math.h>

typedef mps_table *(*mps_clock_table)(const mps_comparison *comparison);

static void write_json_table(FILE *out, const mps_comparison *comparison, mps_clock_table make,
                             const char *key)
{
    mps_table *table = make(comparison);
    fputs(", ", out);
    mps_write_json_table(out, table, key);
    mps_table_free(table);
}

static void write_text_table(mps_text *out, const mps_comparison *comparison, mps_clock_table make,
                             const char *title)
{
    mps_table *table = make(comparison);
    mps_write_text(out, table, title, NULL);
    mps_table_free(table);
}

const char *mps_clock_mode_name(mps_clock_mode mode)
{
    static const char *const names[] = {
        [MPS_CLOCK_NONE] = "none",
        [MPS_CLOCK_OFFSET] = "offset",
        [MPS_CLOCK_SKEW] = "skew",
    };
    return names[mode];
}

static const mps_column columns[] = {
    {NULL, "offset", MPS_VALUE_SECONDS, NULL, NULL, 0},
    {NULL, "offset_low", MPS_VALUE_SECONDS, NULL, NULL, 0},
    {NULL, "offset_high", MPS_VALUE_SECONDS, NULL, NULL, 0},
    {NULL, "skew_ppm", MPS_VALUE_REAL, NULL, NULL, 0},
    {NULL, "skew_ppm_low", MPS_VALUE_REAL, NULL, NULL, 0},
    {NULL, "skew_ppm_high", MPS_VALUE_REAL, NULL, NULL, 0},
    {NULL, "skew_ppm_error", MPS_VALUE_REAL, NULL, NULL, 0},
    {NULL, "skew_ppm_by_weight", MPS_VALUE_REAL, NULL, NULL, 0},
    {NULL, "reference", MPS_VALUE_TIME, NULL, NULL, 0},
    {NULL, "forward", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "backward", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "series", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "corners", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "span", MPS_VALUE_SECONDS, NULL, NULL, 0},
    {NULL, "reason", MPS_VALUE_STRING, NULL, NULL, 0},
};

static void add_ppm(mps_table *table, bool known, double ratio)
{
    mps_table_add(table, known ? MPS_REAL(ratio * 1e6) : MPS_NULL);
}

/* A table of one row with all that is known about the clocks. The caller frees it. */
static mps_table *clock_table(const mps_clock_estimate *clock)
{
    mps_table *table = mps_table_new(columns, G_N_ELEMENTS(columns));
    mps_table_add_ns(table, clock->has_offset, clock->offset);
    mps_table_add_ns(table, clock->has_offset, clock->offset_low);
    mps_table_add_ns(table, clock->has_offset, clock->offset_high);
    add_ppm(table, clock->has_skew, clock->skew);
    add_ppm(table, clock->has_offset, clock->skew_low);
    add_ppm(table, clock->has_offset, clock->skew_high);
    add_ppm(table, clock->has_skew, clock->skew_error);
    add_ppm(table, clock->has_skew, clock->skew_by_weight);
    mps_table_add(table,
                  clock->forward + clock->backward > 0 ? MPS_TIME(clock->reference) : MPS_NULL);
    mps_table_add(table, MPS_UINT(clock->forward));
    mps_table_add(table, MPS_UINT(clock->backward));
    mps_table_add(table, MPS_UINT(clock->series));
    mps_table_add(table, MPS_UINT(clock->supporting));
    mps_table_add(table, MPS_SECONDS(clock->duration));
    mps_table_add_string(table, mps_clock_reason_text(clock->reason));
    mps_table_complete(table);
    return table;
}

void mps_clock_write_json_part(const mps_comparison *comparison, FILE *out)
{
    mps_table *table = clock_table(&comparison->clock);
    fprintf(out, "\"clock\": {\"mode\": \"%s\", \"corrected\": %s, ",
            mps_clock_mode_name(comparison->mode), comparison->corrected ? "true" : "false");
    mps_write_json_members(out, table, 0);
    mps_table_free(table);
    write_json_table(out, comparison, mps_clock_steps_table, "steps");
    write_json_table(out, comparison, mps_clock_rates_table, "rates");
    write_json_table(out, comparison, mps_path_changes_table, "path_changes");
    putc('}', out);
}

/* The columns of what is known of the clocks: a label, then sentences. */
#define LABEL "        %-8s"
#define INDENT 16u
#define EVIDENCE_INDENT 10u

static void add_seconds(GString *text, int64_t ns)
{
    const uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
    g_string_append_printf(text, "%s%" G_GUINT64_FORMAT ".%09u", ns < 0 ? "-" : "",
                           size / 1000000000, (unsigned)(size % 1000000000));
}

/* Write a sentence after a label, which may be empty. @param text  emptied */
static void write_line(mps_text *out, const char *label, GString *text)
{
    char *before = g_strdup_printf(LABEL, label);
    mps_write_labelled(out, before, text->str, INDENT);
    g_string_truncate(text, 0);
    g_free(before);
}

static void write_offset(mps_text *out, const mps_clock_estimate *clock, GString *text)
{
    g_string_append(text, "B's clock minus A's is ");
    add_seconds(text, clock->offset_low);
    g_string_append(text, " to ");
    add_seconds(text, clock->offset_high);
    g_string_append(text, " s at the first matched segment;");
    write_line(out, "Offset:", text);
    g_string_append(text, "estimate ");
    add_seconds(text, clock->offset);
    g_string_append(text, " s.");
    write_line(out, "", text);
}

static void write_estimate(mps_text *out, const mps_clock_estimate *clock, GString *text)
{
    const bool changed = clock->rates && clock->rates->len > 0;
    if (clock->has_offset)
        write_offset(out, clock, text);
    if (clock->has_skew) {
        g_string_printf(text, "B's %s %+.2f ppm %s, likely within %.2f (bounds %+.2f to %+.2f).",
                        changed ? "ran" : "runs", clock->skew * 1e6,
                        changed ? "on average" : "against A's", clock->skew_error * 1e6,
                        clock->skew_low * 1e6, clock->skew_high * 1e6);
        write_line(out, "Skew:", text);
    }
    if (clock->reason != MPS_CLOCK_REASON_NONE) {
        g_string_printf(text, "unknown: %s.", mps_clock_reason_text(clock->reason));
        write_line(out, clock->has_offset ? "Skew:" : "Offset and skew: ", text);
    }
}

static void write_rates(mps_text *out, const mps_comparison *comparison, GString *text)
{
    const int64_t start = mps_comparison_start(comparison);
    for (guint i = 0; comparison->clock.rates && i < comparison->clock.rates->len; i++) {
        const mps_clock_rate *rate = &g_array_index(comparison->clock.rates, mps_clock_rate, i);
        g_string_printf(text, "%.3f to %.3f s after the start B's ran %+.2f ppm (%+.2f to %+.2f).",
                        (double)mps_minus(rate->from, start) / 1e9,
                        (double)mps_minus(rate->until, start) / 1e9, rate->rate * 1e6,
                        rate->low * 1e6, rate->high * 1e6);
        write_line(out, "Rate:", text);
    }
}

/* The words for what happened. A slew that is over within the window looks like a step. */
static const char *words_for(const mps_clock_step *step)
{
    double slewed = MPS_SKEW_MAX * (double)mps_minus(step->until, step->from);
    if (step->suspected)
        return "may have been set";
    return fabs((double)step->size) <= slewed ? "was set or slewed" : "was set";
}

static void write_steps(mps_text *out, const mps_comparison *comparison, GString *text)
{
    const int64_t start = mps_comparison_start(comparison);
    for (guint i = 0; comparison->clock.steps && i < comparison->clock.steps->len; i++) {
        const mps_clock_step *step = &g_array_index(comparison->clock.steps, mps_clock_step, i);
        g_string_printf(text, "a clock %s %.3f to %.3f s after the start;", words_for(step),
                        (double)mps_minus(step->from, start) / 1e9,
                        (double)mps_minus(step->until, start) / 1e9);
        write_line(out, "Step:", text);
        g_string_printf(text, "%sB's clock minus A's changed by ",
                        step->suspected ? "if so, " : "");
        if (!step->suspected) {
            add_seconds(text, step->size);
            g_string_append(text, " s (");
        }
        add_seconds(text, step->size_low);
        g_string_append(text, " to ");
        add_seconds(text, step->size_high);
        g_string_append(text, step->suspected ? " s." : " s).");
        write_line(out, "", text);
    }
}

static void write_changes(mps_text *out, const mps_comparison *comparison, GString *text)
{
    const int64_t start = mps_comparison_start(comparison);
    for (guint i = 0; comparison->clock.path_changes && i < comparison->clock.path_changes->len;
         i++) {
        const mps_path_change *change =
            &g_array_index(comparison->clock.path_changes, mps_path_change, i);
        const guint count = change->subflows->len;
        g_string_printf(text, "delays changed %.3f to %.3f s after the start on ",
                        (double)mps_minus(change->from, start) / 1e9,
                        (double)mps_minus(change->until, start) / 1e9);
        if (count == change->seen)
            g_string_append_printf(text, "all %u subflows (no clock step).", count);
        else
            g_string_append_printf(text, "%u of %u subflows (no clock step).", count, change->seen);
        write_line(out, "Paths:", text);
    }
}

void mps_clock_write_mode(const mps_comparison *comparison, mps_text *out)
{
    static const char *const without[] = {
        [MPS_CLOCK_NONE] = "not corrected.",
        [MPS_CLOCK_OFFSET] = "NOT corrected: the offset is not known.",
        [MPS_CLOCK_SKEW] = "NOT corrected: the skew is not known.",
    };
    const char *sentence = !comparison->corrected ? without[comparison->mode]
                           : comparison->mode == MPS_CLOCK_SKEW
                               ? "corrected by the estimated offset and skew."
                               : "corrected by the estimated offset.";
    mps_write_labelled(out, "Clocks: ", sentence, MPS_CLOCKS_INDENT);
}

void mps_clock_write_text_part(const mps_comparison *comparison, mps_text *out)
{
    GString *text = g_string_new(NULL);
    write_estimate(out, &comparison->clock, text);
    write_rates(out, comparison, text);
    write_steps(out, comparison, text);
    write_changes(out, comparison, text);
    g_string_free(text, TRUE);
}

static void write_csv(FILE *out, const mps_clock_estimate *clock)
{
    mps_table *table = clock_table(clock);
    mps_write_csv(out, table);
    mps_table_free(table);
}

static void write_evidence(mps_text *out, const mps_clock_estimate *clock)
{
    const char *blanks = "          ";
    GString *text = g_string_new(NULL);
    g_string_printf(text, "%zu segments from A to B and %zu back, of %u subflow directions, in ",
                    clock->forward, clock->backward, clock->series);
    add_seconds(text, clock->duration);
    g_string_append(text, " s;");
    mps_write_labelled(out, "Evidence: ", text->str, EVIDENCE_INDENT);
    g_string_printf(text, "%zu of them determine the bounds.", clock->supporting);
    mps_write_labelled(out, blanks, text->str, EVIDENCE_INDENT);
    g_string_printf(text, "With equal weight for each segment the skew would be %+.2f ppm.",
                    clock->skew_by_weight * 1e6);
    if (clock->has_skew)
        mps_write_labelled(out, blanks, text->str, EVIDENCE_INDENT);
    g_string_free(text, TRUE);
}

static void write_document(mps_text *out, const mps_comparison *comparison)
{
    mps_document_names(out, comparison->a, comparison->b);
    fputs("Clocks: B's against A's.\n", out->file);
    mps_clock_write_text_part(comparison, out);
    write_evidence(out, &comparison->clock);
    mps_write_text_notes(out, comparison->notes);
    if (comparison->clock.has_offset)
        write_text_table(out, comparison, mps_clock_evidence_table,
                         "Segments that determine the bounds");
    if (comparison->clock.path_changes && comparison->clock.path_changes->len > 0)
        write_text_table(out, comparison, mps_path_changes_table,
                         "Path changes: shifts of the shortest delays without a clock step");
}

static void write_json_document(FILE *out, const mps_comparison *comparison)
{
    mps_document_json_opening(out, "clock", comparison->a, comparison->b);
    fputs(", ", out);
    mps_clock_write_json_part(comparison, out);
    fputs(",\n", out);
    mps_write_json_notes(out, comparison->notes);
    write_json_table(out, comparison, mps_clock_evidence_table, "evidence");
    fputs("}\n", out);
}

void mps_clock_write(const mps_comparison *comparison, const mps_style *style, FILE *out)
{
    mps_text text = {out, style};
    if (style->format == MPS_FORMAT_CSV)
        write_csv(out, &comparison->clock);
    else if (style->format == MPS_FORMAT_JSON)
        write_json_document(out, comparison);
    else
        write_document(&text, comparison);
}
