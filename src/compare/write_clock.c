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

static void write_text_table(FILE *out, const mps_comparison *comparison, mps_clock_table make,
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

static void write_json(FILE *out, const mps_comparison *comparison)
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

static void write_seconds(FILE *out, int64_t ns)
{
    mps_value value = MPS_SECONDS(ns);
    mps_write_bare(out, &value);
}

static void write_estimate(FILE *out, const mps_clock_estimate *clock)
{
    if (clock->has_offset) {
        fputs("        Offset: B's clock minus A's is ", out);
        write_seconds(out, clock->offset_low);
        fputs(" to ", out);
        write_seconds(out, clock->offset_high);
        fputs(" s at the first matched segment;\n                estimate ", out);
        write_seconds(out, clock->offset);
        fputs(" s.\n", out);
    }
    bool changed = clock->rates && clock->rates->len > 0;
    if (clock->has_skew)
        fprintf(out,
                "        Skew:   B's %s %+.2f ppm %s, likely within %.2f (bounds %+.2f to "
                "%+.2f).\n",
                changed ? "ran" : "runs", clock->skew * 1e6, changed ? "on average" : "against A's",
                clock->skew_error * 1e6, clock->skew_low * 1e6, clock->skew_high * 1e6);
    if (clock->reason != MPS_CLOCK_REASON_NONE)
        fprintf(out, "        %s unknown: %s.\n",
                clock->has_offset ? "Skew:  " : "Offset and skew:",
                mps_clock_reason_text(clock->reason));
}

static void write_rates(FILE *out, const mps_comparison *comparison)
{
    int64_t start = mps_comparison_start(comparison);
    for (guint i = 0; comparison->clock.rates && i < comparison->clock.rates->len; i++) {
        const mps_clock_rate *rate = &g_array_index(comparison->clock.rates, mps_clock_rate, i);
        fprintf(out,
                "        Rate:   %.3f to %.3f s after the start B's ran %+.2f ppm (%+.2f to "
                "%+.2f).\n",
                (double)mps_minus(rate->from, start) / 1e9,
                (double)mps_minus(rate->until, start) / 1e9, rate->rate * 1e6, rate->low * 1e6,
                rate->high * 1e6);
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

static void write_steps(FILE *out, const mps_comparison *comparison)
{
    int64_t start = mps_comparison_start(comparison);
    for (guint i = 0; comparison->clock.steps && i < comparison->clock.steps->len; i++) {
        const mps_clock_step *step = &g_array_index(comparison->clock.steps, mps_clock_step, i);
        fprintf(out,
                "        Step:   a clock %s %.3f to %.3f s after the start;\n"
                "                %sB's clock minus A's changed by ",
                words_for(step), (double)mps_minus(step->from, start) / 1e9,
                (double)mps_minus(step->until, start) / 1e9, step->suspected ? "if so, " : "");
        if (!step->suspected)
            write_seconds(out, step->size);
        fputs(step->suspected ? "" : " s (", out);
        write_seconds(out, step->size_low);
        fputs(" to ", out);
        write_seconds(out, step->size_high);
        fputs(step->suspected ? " s.\n" : " s).\n", out);
    }
}

static void write_changes(FILE *out, const mps_comparison *comparison)
{
    int64_t start = mps_comparison_start(comparison);
    for (guint i = 0; comparison->clock.path_changes && i < comparison->clock.path_changes->len;
         i++) {
        const mps_path_change *change =
            &g_array_index(comparison->clock.path_changes, mps_path_change, i);
        guint count = change->subflows->len;
        fprintf(out, "        Paths:  delays changed %.3f to %.3f s after the start on ",
                (double)mps_minus(change->from, start) / 1e9,
                (double)mps_minus(change->until, start) / 1e9);
        if (count == change->seen)
            fprintf(out, "all %u subflows (no clock step).\n", count);
        else
            fprintf(out, "%u of %u subflows (no clock step).\n", count, change->seen);
    }
}

static void write_text(FILE *out, const mps_comparison *comparison)
{
    write_estimate(out, &comparison->clock);
    write_rates(out, comparison);
    write_steps(out, comparison);
    write_changes(out, comparison);
}

void mps_clock_write_part(const mps_comparison *comparison, mps_format format, FILE *out)
{
    if (format == MPS_FORMAT_JSON)
        write_json(out, comparison);
    else
        write_text(out, comparison);
}

static void write_csv(FILE *out, const mps_clock_estimate *clock)
{
    mps_table *table = clock_table(clock);
    mps_write_csv(out, table);
    mps_table_free(table);
}

static void write_evidence(FILE *out, const mps_clock_estimate *clock)
{
    fprintf(out, "Evidence: %zu segments from A to B and %zu back, of %u subflow directions, in ",
            clock->forward, clock->backward, clock->series);
    write_seconds(out, clock->duration);
    fprintf(out, " s;\n          %zu of them determine the bounds.\n", clock->supporting);
    if (clock->has_skew)
        fprintf(out, "          With equal weight for each segment the skew would be %+.2f ppm.\n",
                clock->skew_by_weight * 1e6);
}

static void write_document(FILE *out, const mps_comparison *comparison)
{
    mps_document_names(out, comparison->a, comparison->b);
    fputs("Clocks: B's against A's.\n", out);
    write_text(out, comparison);
    write_evidence(out, &comparison->clock);
    mps_write_notes(out, comparison->notes, MPS_FORMAT_TEXT);
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
    write_json(out, comparison);
    fputs(",\n", out);
    mps_write_notes(out, comparison->notes, MPS_FORMAT_JSON);
    write_json_table(out, comparison, mps_clock_evidence_table, "evidence");
    fputs("}\n", out);
}

void mps_clock_write(const mps_comparison *comparison, mps_format format, FILE *out)
{
    if (format == MPS_FORMAT_CSV)
        write_csv(out, &comparison->clock);
    else if (format == MPS_FORMAT_JSON)
        write_json_document(out, comparison);
    else
        write_document(out, comparison);
}
