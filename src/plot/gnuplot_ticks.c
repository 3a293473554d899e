/* gnuplot_ticks.c: writes the ticks of a panel: a dashed line each, with names beside it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gnuplot.h"

/* Ticks that are closer than this share of the width have one line and one label. */
#define ROOM 0.016

/* Names that a label has at most, and numbers of subflows after a name. */
#define NAMES_MAX 3u
#define NUMBERS_MAX 4u

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

/* A name in a label, with the direction, or the numbers of the subflows, that it concerns. */
typedef struct {
    const char *text, *direction; /* direction: NULL: none */
    uint32_t numbers[NUMBERS_MAX];
    guint count;
    bool more;
} tick_name;

static void add_number(tick_name *name, const mps_tick *tick)
{
    for (guint i = 0; i < name->count; i++)
        if (name->numbers[i] == tick->subflow)
            return;
    if (!tick->of_subflow)
        return;
    if (name->count < NUMBERS_MAX)
        name->numbers[name->count++] = tick->subflow;
    else
        name->more = true;
}

/* @return the place of a tick's name among others, or their number */
static guint name_place(const GArray *names, const mps_tick *tick, const char *direction)
{
    guint k = 0;
    while (k < names->len && (g_array_index(names, tick_name, k).text != tick->name ||
                              g_array_index(names, tick_name, k).direction != direction))
        k++;
    return k;
}

/* @return the first few names of a group (tick_name), each once; the caller frees the array
 * @param more  set to whether there are others */
static GArray *names_of(const GArray *ticks, tick_group group, bool *more)
{
    GArray *names = g_array_new(FALSE, TRUE, sizeof(tick_name));
    *more = false;
    for (guint i = group.first; i < group.end; i++) {
        const mps_tick *tick = tick_at(ticks, i);
        const char *direction = tick->of_direction ? mps_direction_name(tick->direction) : NULL;
        const guint k = name_place(names, tick, direction);
        if (k == NAMES_MAX) {
            *more = true;
            continue;
        }
        if (k == names->len) {
            const tick_name name = {.text = tick->name, .direction = direction};
            g_array_append_val(names, name);
        }
        add_number(&g_array_index(names, tick_name, k), tick);
    }
    return names;
}

/* @return what the label of a group says ("ADD_ADDR, MP_JOIN 1 2") */
static char *label_of(const GArray *ticks, tick_group group)
{
    bool more;
    GArray *names = names_of(ticks, group, &more);
    GString *label = g_string_new(NULL);
    for (guint k = 0; k < names->len; k++) {
        const tick_name *name = &g_array_index(names, tick_name, k);
        g_string_append_printf(label, "%s%s", k > 0 ? ", " : "", name->text);
        if (name->direction)
            g_string_append_printf(label, " %s", name->direction);
        for (guint i = 0; i < name->count; i++)
            g_string_append_printf(label, " %u", name->numbers[i]);
        g_string_append(label, name->more ? " ..." : "");
    }
    g_string_append(label, more ? ", ..." : "");
    g_array_free(names, TRUE);
    return g_string_free(label, FALSE);
}

/* Write the line of a group and its label: on the left at the top of the panel, on the right at its
 * bottom, where data that grows leaves room.
 * @param room  that a label needs beside its line */
static void write_group(FILE *script, const mps_gnuplot_panel *p, const GArray *ticks,
                        tick_group group, double room)
{
    const double place = tick_at(ticks, group.first)->x, x = place / p->x.size;
    const bool is_right = place > (p->extent.x_low + p->extent.x_high) / 2;
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
            ", graph %s rotate by 90 %s offset character %s,0 front font ',9' "
            "textcolor rgb '#555555'\n",
            is_right ? "0.015" : "0.985", is_right ? "left" : "right",
            place > p->extent.x_high - room ? "-0.6" : "0.6");
    g_free(label);
}

/* @return whether a tick belongs to a group that begins at `first`: labels would overlap. That of a
 * line at the right edge is on the left of it, so that it takes twice the room. */
static bool is_close(const mps_tick *tick, double first, double right, double room)
{
    return tick->x < first + (tick->x > right - room ? 2 * room : room);
}

void mps_gnuplot_ticks(FILE *script, const mps_gnuplot_panel *p)
{
    const double room = ROOM * (p->extent.x_high - p->extent.x_low);
    GArray *ticks = g_array_copy(p->picture->ticks);
    g_array_sort(ticks, compare_ticks);
    for (tick_group group = {0, 0}; group.first < ticks->len; group.first = group.end) {
        group.end = group.first + 1;
        while (group.end < ticks->len &&
               is_close(tick_at(ticks, group.end), tick_at(ticks, group.first)->x, p->extent.x_high,
                        room))
            group.end++;
        write_group(script, p, ticks, group, room);
    }
    g_array_free(ticks, TRUE);
}
