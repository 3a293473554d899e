/* write_clock.c: what is known of B's clock against A's, and on what evidence.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../report/report-internal.h"
#include "../report/write.h"
#include "clock_tables.h"
#include "write.h"

static void write_ns(FILE *out, bool known, int64_t ns)
{
    mps_value value = MPS_SECONDS(ns);
    if (known)
        mps_write_bare(out, &value);
    else
        fputs("null", out);
}

static void write_ppm(FILE *out, bool known, double ratio)
{
    mps_value value = MPS_REAL(ratio * 1e6);
    if (known)
        mps_write_bare(out, &value);
    else
        fputs("null", out);
}

typedef mps_table *(*mps_clock_table)(const mps_owd *owd);

static void write_json_table(FILE *out, const mps_owd *owd, mps_clock_table make, const char *key)
{
    mps_table *table = make(owd);
    fputs(", ", out);
    mps_write_json_table(out, table, key);
    mps_table_free(table);
}

static void write_text_table(FILE *out, const mps_owd *owd, mps_clock_table make, const char *title)
{
    mps_table *table = make(owd);
    mps_write_text(out, table, title, NULL);
    mps_table_free(table);
}

static const char *mode_name(mps_clock_mode mode)
{
    static const char *const names[] = {"none", "offset", "skew"};
    return names[mode];
}

static void write_json(FILE *out, const mps_owd *owd)
{
    const mps_clock_estimate *clock = &owd->clock;
    bool offset = clock->has_offset;
    fprintf(out,
            "\"clock\": {\"mode\": \"%s\", \"corrected\": %s, \"offset\": ", mode_name(owd->mode),
            owd->corrected ? "true" : "false");
    write_ns(out, offset, clock->offset);
    fputs(", \"offset_low\": ", out);
    write_ns(out, offset, clock->offset_low);
    fputs(", \"offset_high\": ", out);
    write_ns(out, offset, clock->offset_high);
    fputs(", \"skew_ppm\": ", out);
    write_ppm(out, clock->has_skew, clock->skew);
    fputs(", \"skew_ppm_low\": ", out);
    write_ppm(out, offset, clock->skew_low);
    fputs(", \"skew_ppm_high\": ", out);
    write_ppm(out, offset, clock->skew_high);
    fputs(", \"skew_ppm_error\": ", out);
    write_ppm(out, clock->has_skew, clock->skew_error);
    fputs(", \"skew_ppm_by_weight\": ", out);
    write_ppm(out, clock->has_skew, clock->skew_by_weight);
    fprintf(out, ", \"forward\": %zu, \"backward\": %zu, \"series\": %u, \"corners\": %zu",
            clock->forward, clock->backward, clock->series, clock->touched);
    fputs(", \"span\": ", out);
    write_ns(out, true, clock->span);
    fputs(", \"reason\": ", out);
    if (clock->reason)
        mps_write_json_string(out, clock->reason);
    else
        fputs("null", out);
    write_json_table(out, owd, mps_clock_steps_table, "steps");
    write_json_table(out, owd, mps_path_changes_table, "path_changes");
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
        fputs("        B's clock is ahead of A's by ", out);
        write_seconds(out, clock->offset_low);
        fputs(" to ", out);
        write_seconds(out, clock->offset_high);
        fputs(" s at the first matched segment; estimate ", out);
        write_seconds(out, clock->offset);
        fputs(" s.\n", out);
    }
    if (clock->has_skew)
        fprintf(out,
                "        It runs %+.2f ppm against A's, likely within %.2f ppm (bounds %+.2f to "
                "%+.2f).\n",
                clock->skew * 1e6, clock->skew_error * 1e6, clock->skew_low * 1e6,
                clock->skew_high * 1e6);
    if (clock->reason)
        fprintf(out, "        Not known: %s.\n", clock->reason);
}

static void write_steps(FILE *out, const mps_owd *owd)
{
    int64_t start = mps_owd_start(owd);
    for (guint i = 0; owd->clock.steps && i < owd->clock.steps->len; i++) {
        const mps_clock_step *step = &g_array_index(owd->clock.steps, mps_clock_step, i);
        if (step->doubtful)
            continue;
        fprintf(out, "        A clock was set %.3f to %.3f s after the start: B's is ahead by ",
                (double)(step->from - start) / 1e9, (double)(step->until - start) / 1e9);
        write_seconds(out, step->size);
        fputs(" s more from there on (at least ", out);
        write_seconds(out, step->size_low);
        fputs(", at most ", out);
        write_seconds(out, step->size_high);
        fputs(").\n", out);
    }
}

static void write_changes(FILE *out, const mps_owd *owd)
{
    int64_t start = mps_owd_start(owd);
    for (guint i = 0; owd->clock.path_changes && i < owd->clock.path_changes->len; i++) {
        const mps_path_change *change = &g_array_index(owd->clock.path_changes, mps_path_change, i);
        guint count = change->subflows->len;
        fprintf(out,
                "        Paths changed %.3f to %.3f s after the start, on %s%u of %u subflows: "
                "no step of a clock.\n",
                (double)(change->from - start) / 1e9, (double)(change->until - start) / 1e9,
                count == change->seen ? "all " : "", count, change->seen);
    }
}

static void write_text(FILE *out, const mps_owd *owd)
{
    if (!owd->corrected)
        fputs(owd->mode == MPS_CLOCK_NONE
                  ? "Clocks: taken as they are, not corrected.\n"
                  : "Clocks: NOT corrected, for what that takes is not known.\n",
              out);
    else
        fprintf(out,
                "Clocks: corrected by the estimated offset%s; every delay is uncertain by "
                "the bounds of it.\n",
                owd->mode == MPS_CLOCK_SKEW ? " and skew" : "");
    write_estimate(out, &owd->clock);
    write_steps(out, owd);
    write_changes(out, owd);
}

void mps_owd_write_clock(const mps_owd *owd, mps_format format, FILE *out)
{
    if (format == MPS_FORMAT_JSON)
        write_json(out, owd);
    else
        write_text(out, owd);
}

static const mps_column columns[] = {
    {NULL, "offset", MPS_VALUE_SECONDS, NULL, NULL, 0},
    {NULL, "offset_low", MPS_VALUE_SECONDS, NULL, NULL, 0},
    {NULL, "offset_high", MPS_VALUE_SECONDS, NULL, NULL, 0},
    {NULL, "skew_ppm", MPS_VALUE_REAL, NULL, NULL, 0},
    {NULL, "skew_ppm_low", MPS_VALUE_REAL, NULL, NULL, 0},
    {NULL, "skew_ppm_high", MPS_VALUE_REAL, NULL, NULL, 0},
    {NULL, "reference", MPS_VALUE_TIME, NULL, NULL, 0},
    {NULL, "forward", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "backward", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "reason", MPS_VALUE_STRING, NULL, NULL, 0},
};

static void write_csv(FILE *out, const mps_clock_estimate *clock)
{
    mps_table *table = mps_table_new(columns, G_N_ELEMENTS(columns));
    const int64_t offsets[] = {clock->offset, clock->offset_low, clock->offset_high};
    const double skews[] = {clock->skew, clock->skew_low, clock->skew_high};
    for (unsigned i = 0; i < 3; i++)
        mps_table_add(table, clock->has_offset ? MPS_SECONDS(offsets[i]) : MPS_NULL);
    for (unsigned i = 0; i < 3; i++)
        mps_table_add(table, (i ? clock->has_offset : clock->has_skew) ? MPS_REAL(skews[i] * 1e6)
                                                                       : MPS_NULL);
    mps_table_add(table, MPS_TIME(clock->reference));
    mps_table_add(table, MPS_UINT(clock->forward));
    mps_table_add(table, MPS_UINT(clock->backward));
    mps_table_add_string(table, clock->reason);
    mps_table_complete(table);
    mps_write_csv(out, table);
    mps_table_free(table);
}

static void write_evidence(FILE *out, const mps_clock_estimate *clock)
{
    fprintf(out, "Evidence: %zu segments from A to B, %zu back, of %u directions of subflows, in ",
            clock->forward, clock->backward, clock->series);
    write_seconds(out, clock->span);
    fprintf(out, " s;\n          the bounds rest on %zu of them.\n", clock->touched);
    if (clock->has_skew)
        fprintf(out, "          By segments, not directions, the rate is %+.2f ppm.\n",
                clock->skew_by_weight * 1e6);
}

void mps_clock_write(const mps_owd *owd, mps_format format, FILE *out)
{
    if (format == MPS_FORMAT_CSV) {
        write_csv(out, &owd->clock);
    } else if (format == MPS_FORMAT_JSON) {
        fputs("{\"schema\": 1, \"report\": \"clock\", ", out);
        mps_owd_write_captures(out, owd->a, owd->b);
        fputs(", ", out);
        write_json(out, owd);
        write_json_table(out, owd, mps_clock_evidence_table, "evidence");
        fputs("}\n", out);
    } else {
        fprintf(out, "A: %s\nB: %s\n", mps_trace_name(owd->a), mps_trace_name(owd->b));
        write_text(out, owd);
        write_evidence(out, &owd->clock);
        if (owd->clock.has_offset)
            write_text_table(out, owd, mps_clock_evidence_table, "What the bounds rest on");
        if (owd->clock.path_changes->len > 0)
            write_text_table(out, owd, mps_path_changes_table,
                             "Changes of the shortest delays that are no clock's");
    }
}
