/* gnuplot_ticks.c: writes the ticks of a panel: a dashed line each, with names beside it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gnuplot.h"

/* Ticks that are closer than this share of the width have one line and one label. */
#define ROOM 0.016

/* Names that a label has at most. */
#define NAMES_MAX 3u

/* A line of an image: the ticks from `first` up to `end`, in the order of their time. */
typedef struct {
    guint first, end;
} tick_group;

static const mps_tick *tick_at(const GArray *ticks, guint i)
{
    return &g_array_index(ticks, mps_tick, i);
}

static gint compare_ticks(gconstpointer a, gconstpointer b)
{
    const mps_tick *x = a, *y = b;
    if (x->x != y->x)
        return x->x < y->x ? -1 : 1;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

/* @return the name of a tick with its subflow */
static char *name_of(const mps_tick *tick)
{
    return tick->of_subflow ? g_strdup_printf("%s %u", tick->name, tick->subflow)
                            : g_strdup(tick->name);
}

/* @return what the label of a group says: each name once, the first few */
static char *label_of(const GArray *ticks, tick_group group)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    GString *label = g_string_new(NULL);
    for (guint i = group.first; i < group.end; i++) {
        char *name = name_of(tick_at(ticks, i));
        if (g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL)) {
            g_free(name);
            continue;
        }
        if (names->len == NAMES_MAX) {
            g_string_append(label, ", ...");
            g_free(name);
            break;
        }
        g_string_append_printf(label, "%s%s", names->len > 0 ? ", " : "", name);
        g_ptr_array_add(names, name);
    }
    g_ptr_array_free(names, TRUE);
    return g_string_free(label, FALSE);
}

/* @param room  that a label needs beside its line */
static void write_group(FILE *script, const mps_gnuplot_panel *p, const GArray *ticks,
                        tick_group group, double room)
{
    const double x = tick_at(ticks, group.first)->x / p->x.size;
    char *label = label_of(ticks, group);
    fputs("set arrow from first ", script);
    mps_gnuplot_number(script, x);
    fputs(", graph 0 to first ", script);
    mps_gnuplot_number(script, x);
    fputs(", graph 1 nohead back linecolor rgb '#999999' dashtype 3\nset label ", script);
    mps_gnuplot_text(script, label);
    fputs(" at first ", script);
    mps_gnuplot_number(script, x);
    fprintf(script,
            ", graph 0.985 rotate by 90 right offset character %s,0 front font ',9' "
            "textcolor rgb '#555555'\n",
            tick_at(ticks, group.first)->x > p->extent.x_high - room ? "-0.6" : "0.6");
    g_free(label);
}

void mps_gnuplot_ticks(FILE *script, const mps_gnuplot_panel *p)
{
    const double room = ROOM * (p->extent.x_high - p->extent.x_low);
    GArray *ticks = g_array_copy(p->picture->ticks);
    g_array_sort(ticks, compare_ticks);
    for (tick_group group = {0, 0}; group.first < ticks->len; group.first = group.end) {
        group.end = group.first + 1;
        while (group.end < ticks->len &&
               tick_at(ticks, group.end)->x < tick_at(ticks, group.first)->x + room)
            group.end++;
        write_group(script, p, ticks, group, room);
    }
    g_array_free(ticks, TRUE);
}
