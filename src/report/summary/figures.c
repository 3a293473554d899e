/* figures.c: the lines of figures of a summary.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "figures.h"

const char *const mps_figures_titles[MPS_FIGURES] = {"Payload", "Share %", "Mbit/s",    "New data",
                                                     "Share %", "Mbit/s",  "Retrans.%", "Reinj.%"};

static void set_unknown(char *cell)
{
    g_strlcpy(cell, "-", MPS_DECIMAL_MAX);
}

/* A ratio in percent; negative: not defined. */
static void set_percent(char *cell, double ratio)
{
    if (ratio < 0)
        set_unknown(cell);
    else
        mps_decimal(cell, 100 * ratio, 1);
}

/* Bytes, their share and their rate in Mbit/s, from a cell on.
 * @param bytes  -1: unknown  @param all  0: unknown  @param ns  0: no rate is defined */
static void set_bytes(char (*cells)[MPS_DECIMAL_MAX], int64_t bytes, int64_t all, int64_t ns)
{
    if (bytes < 0)
        set_unknown(cells[0]);
    else
        g_snprintf(cells[0], MPS_DECIMAL_MAX, "%" G_GINT64_FORMAT, bytes);
    set_percent(cells[1], bytes < 0 ? -1 : mps_ratio(bytes, all));
    if (bytes < 0 || ns <= 0)
        set_unknown(cells[2]);
    else
        mps_decimal(cells[2], 8e3 * (double)bytes / (double)ns, 3);
}

/* @param own  of the connection or a subflow  @param whole  of the connection */
static void set_cells(mps_figures_line *line, const mps_counts *own, const mps_counts *whole,
                      int64_t duration)
{
    const int64_t data = mps_counts_data_known(own) ? MAX(own->data, 0) : -1;
    const int64_t all_data = mps_counts_data_known(whole) ? whole->data : 0;
    const int64_t bytes = own->uncaptured ? -1 : own->bytes;
    set_bytes(&line->cells[0], bytes, whole->uncaptured ? 0 : whole->bytes, duration);
    set_bytes(&line->cells[3], data, all_data, duration);
    set_percent(line->cells[6], mps_ratio(own->retransmitted, bytes));
    set_percent(line->cells[7], data < 0 ? -1 : mps_ratio(own->reinjected, own->data));
}

/* A line for each direction; `line` has the name of the first one. */
static void write_counts(const mps_counts own[2], const mps_counts whole[2], int64_t duration,
                         mps_figures_line *line,
                         void (*write)(const mps_figures_line *line, void *data), void *data)
{
    for (mps_direction direction = MPS_C2S; direction <= MPS_S2C; direction++) {
        line->direction = mps_direction_name(direction);
        set_cells(line, &own[direction], &whole[direction], duration);
        write(line, data);
        line->name[0] = '\0';
    }
}

void mps_figures_write(const mps_summary *summary, const mps_shown *shown,
                       void (*write)(const mps_figures_line *line, void *data), void *data)
{
    mps_figures_line line = {.name = "Connection"};
    write_counts(summary->counts, summary->counts, summary->info.duration, &line, write, data);
    for (guint i = 0; i < shown->indexes->len; i++) {
        const mps_summary_subflow *subflow = mps_shown_subflow(summary, shown, i);
        const mps_counts *counts = subflow->counts;
        if (counts[0].bytes + counts[1].bytes == 0 && !counts[0].uncaptured &&
            !counts[1].uncaptured)
            continue; /* it has no figures */
        g_snprintf(line.name, sizeof line.name, "Subflow %u", subflow->info.number);
        write_counts(counts, summary->counts, subflow->info.duration, &line, write, data);
    }
}
