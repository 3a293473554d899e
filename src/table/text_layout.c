/* text_layout.c: lays out a table as text: its columns, their widths, and what fits on a line.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "text_layout.h"
#include <string.h>

/* Blanks between columns. */
#define GAP 2u

/* A broken cell has at least so many characters in a line, or its text becomes hard to read. */
#define WRAP_MIN 16u

/* Characters that live rows leave: enough for "c2s", and for figures up to 9999999. */
#define LIVE_NARROW 3u
#define LIVE_WIDE 7u

/* Columns that say what a row is about. */
static const char *const keys[] = {"frame", "connection",     "subflow", "direction",
                                   "leg",   "start_relative", "counter", NULL};

static mps_text_column *column_at(const mps_text_layout *layout, unsigned place)
{
    return &g_array_index(layout->columns, mps_text_column, place);
}

static bool has_direction(const mps_column *column, mps_direction direction)
{
    return g_strcmp0(column->group, mps_direction_name(direction)) == 0;
}

/* The column of direction s2c with the same name, or MPS_CELL_BLANK. */
static int s2c_column(const mps_table *table, const mps_column *column)
{
    for (unsigned i = 0; i < table->column_count; i++)
        if (has_direction(&table->columns[i], MPS_S2C) &&
            strcmp(table->columns[i].name, column->name) == 0)
            return (int)i;
    return MPS_CELL_BLANK;
}

/* @return whether a choice is about a column: it has its name, its group, or both */
static bool is_about(const mps_text_choice *choice, const mps_column *column)
{
    const size_t group = column->group ? strlen(column->group) : 0;
    if (strcmp(choice->name, column->name) == 0 || g_strcmp0(choice->name, column->group) == 0)
        return true;
    return group > 0 && strncmp(choice->name, column->group, group) == 0 &&
           choice->name[group] == '.' && strcmp(choice->name + group + 1, column->name) == 0;
}

/* @return what text has of a column; NULL: its own heading */
static const mps_text_choice *choice_of(const mps_column *column, const mps_text_form *form)
{
    for (const mps_text_choice *choice = form->choices; choice && choice->name; choice++)
        if (is_about(choice, column))
            return choice;
    return NULL;
}

/* @return whether text has a column only where there is room for it */
static bool is_extra(const mps_column *column, const mps_text_form *form)
{
    const mps_text_choice *choice = choice_of(column, form);
    return choice && choice->when_wide;
}

/* @return the heading of a column in text, static; NULL: text does not have it */
static const char *title_of(const mps_column *column, const mps_text_form *form)
{
    if (form->only && !g_strv_contains(form->only, column->group ? column->group : column->name))
        return NULL;
    const mps_text_choice *choice = choice_of(column, form);
    return choice && !choice->when_wide ? choice->title : column->title;
}

/* @return whether the columns from `i` on are an address and its port, both shown */
static bool is_endpoint(const mps_table *table, unsigned i, const mps_text_form *form)
{
    if (i + 1 >= table->column_count)
        return false;
    const mps_column *address = &table->columns[i], *port = &table->columns[i + 1];
    const size_t length = strlen(address->name);
    return address->type == MPS_VALUE_STRING && strncmp(port->name, address->name, length) == 0 &&
           strcmp(port->name + length, "_port") == 0 && title_of(address, form) &&
           title_of(port, form);
}

/* Headings up to this length stay whole: "In B". */
#define FOLD_MIN 4u

/* Break a heading in two at the blank that makes it narrowest. */
static void fold_heading(mps_text_column *column)
{
    const char *heading = column->heading, *best = NULL;
    const size_t length = strlen(heading);
    size_t least = length;
    for (const char *blank = strchr(heading, ' '); blank && length > FOLD_MIN;
         blank = strchr(blank + 1, ' ')) {
        const size_t before = (size_t)(blank - heading), after = length - before - 1;
        if (MAX(before, after) <= least) {
            least = MAX(before, after);
            best = blank;
        }
    }
    column->folded[0] = best ? g_strndup(heading, (gsize)(best - heading)) : g_strdup("");
    column->folded[1] = g_strdup(best ? best + 1 : heading);
}

/* Undo that, where the cells are as wide as the heading. */
static void unfold_heading(mps_text_column *column)
{
    g_free(column->folded[0]);
    g_free(column->folded[1]);
    column->folded[0] = g_strdup("");
    column->folded[1] = g_strdup(column->heading);
}

/* Append a column. @param title, unit  of its heading; unit may be NULL */
static void add_column(mps_text_layout *layout, mps_text_column column, const char *title,
                       const char *unit)
{
    column.heading = unit ? g_strdup_printf("%s %s", title, unit) : g_strdup(title);
    fold_heading(&column);
    g_array_append_val(layout->columns, column);
}

/* Append the column of a direction before the first one that has a direction. */
static void begin_directions(mps_text_layout *layout, int client, int server)
{
    const mps_text_column direction = {.index = {MPS_CELL_DIRECTION, MPS_CELL_DIRECTION},
                                       .second = MPS_CELL_BLANK,
                                       .is_left = true,
                                       .is_key = true};
    const mps_text_column sender = {
        .index = {client, server}, .second = MPS_CELL_BLANK, .endpoint = true, .is_left = true};
    layout->two_lines = true;
    add_column(layout, direction, "Dir", NULL);
    if (client >= 0)
        add_column(layout, sender, "Sender", NULL);
}

/* Append the column of two addresses and their ports. */
static void add_ends(mps_text_layout *layout, int client, int server, const mps_text_form *form)
{
    const char *title = title_of(&layout->table->columns[client], form);
    const bool chosen = title != layout->table->columns[client].title;
    add_column(
        layout,
        (mps_text_column){
            .index = {client, MPS_CELL_BLANK}, .second = server, .endpoint = true, .is_left = true},
        server < 0 || chosen ? title : "Client > server", NULL);
}

/* Append the column of a column of the table. */
static void add_plain(mps_text_layout *layout, int i, const mps_text_form *form)
{
    const mps_column *column = &layout->table->columns[i];
    const mps_text_choice *choice = choice_of(column, form);
    const bool first = has_direction(column, MPS_C2S);
    add_column(layout,
               (mps_text_column){
                   .index = {i, first ? s2c_column(layout->table, column) : MPS_CELL_BLANK},
                   .second = MPS_CELL_BLANK,
                   .unknown = choice ? choice->unknown : NULL,
                   .is_extra = is_extra(column, form),
                   .is_left = column->type == MPS_VALUE_STRING || column->type == MPS_VALUE_JSON,
                   .is_key = !column->group && g_strv_contains(keys, column->name)},
               title_of(column, form), column->unit);
}

/* Append the column of the capture's name. */
static void add_capture(mps_text_layout *layout)
{
    add_column(layout,
               (mps_text_column){.index = {MPS_CELL_CAPTURE, MPS_CELL_BLANK},
                                 .second = MPS_CELL_BLANK,
                                 .is_left = true,
                                 .is_key = true},
               "Capture", NULL);
}

static bool any_direction(const mps_table *table, const mps_text_form *form)
{
    for (unsigned i = 0; i < table->column_count; i++)
        if (has_direction(&table->columns[i], MPS_C2S) && title_of(&table->columns[i], form))
            return true;
    return false;
}

/* @param extra  those too that text has only where there is room */
static void find_columns(mps_text_layout *layout, const mps_text_form *form, bool extra)
{
    const mps_table *table = layout->table;
    const bool directions = any_direction(table, form);
    int client = MPS_CELL_BLANK, server = MPS_CELL_BLANK; /* for the column of the senders */
    if (table->capture)
        add_capture(layout);
    for (int i = 0; i < (int)table->column_count; i++) {
        const mps_column *column = &table->columns[i];
        if (!title_of(column, form) || has_direction(column, MPS_S2C) ||
            (!extra && is_extra(column, form)))
            continue;
        if (is_endpoint(table, (unsigned)i, form)) {
            const bool two = is_endpoint(table, (unsigned)i + 2, form);
            if (two && directions && client < 0) {
                client = i;
                server = i + 2;
            } else {
                add_ends(layout, i, two ? i + 2 : MPS_CELL_BLANK, form);
            }
            i += two ? 3 : 1;
            continue;
        }
        if (has_direction(column, MPS_C2S) && !layout->two_lines)
            begin_directions(layout, client, server);
        add_plain(layout, i, form);
    }
}

static unsigned characters(const char *text)
{
    return (unsigned)g_utf8_strlen(text, -1);
}

static unsigned longest_word(const char *text)
{
    unsigned longest = 0;
    while (*text) {
        const size_t length = mps_unbroken_length(text);
        longest = MAX(longest, (unsigned)g_utf8_strlen(text, (gssize)length));
        text += length + (text[length] == ' ');
    }
    return longest;
}

/* Find how wide cells are. */
static void measure(mps_text_layout *layout)
{
    for (unsigned i = 0; i < layout->columns->len; i++) {
        mps_text_column *column = column_at(layout, i);
        for (unsigned row = 0; row < layout->table->row_count; row++)
            for (unsigned line = 0; line < (layout->two_lines ? 2 : 1); line++) {
                char *text = mps_text_cell(layout, row, line, i);
                column->width = MAX(column->width, characters(text));
                column->word = MAX(column->word, longest_word(text));
                g_free(text);
            }
    }
}

static unsigned heading_width(const mps_text_column *column, bool folded)
{
    return folded ? MAX(characters(column->folded[0]), characters(column->folded[1]))
                  : characters(column->heading);
}

/* @return the characters of a line with all columns. @param folded  headings have two lines */
static unsigned line_width(const mps_text_layout *layout, bool folded)
{
    unsigned width = 0;
    for (unsigned i = 0; i < layout->columns->len; i++) {
        const mps_text_column *column = column_at(layout, i);
        width += MAX(column->width, heading_width(column, folded)) + (i > 0 ? GAP : 0);
    }
    return width;
}

/* @return the width that a column can be broken to; its own if it cannot */
static unsigned least_width(const mps_text_column *column, bool folded)
{
    const unsigned least = MAX(MAX(column->word, heading_width(column, folded)), WRAP_MIN);
    return column->is_left ? MIN(column->width, least) : column->width;
}

/* Leave out columns, the last one first, that there is no room for. */
static void remove_extras(mps_text_layout *layout)
{
    for (unsigned i = layout->columns->len; i > 0; i--)
        if (column_at(layout, i - 1)->is_extra && line_width(layout, true) > layout->max_width)
            g_array_remove_index(layout->columns, i - 1);
}

/* Break the widest cells that have blanks, until all columns fit or none can be narrower. */
static void break_cells(mps_text_layout *layout)
{
    for (unsigned i = 0; i < layout->columns->len; i++) {
        mps_text_column *column = column_at(layout, i);
        const unsigned most = MAX(layout->max_width, least_width(column, layout->folded));
        column->width = MIN(column->width, most); /* a list may be much longer than a line */
    }
    while (line_width(layout, layout->folded) > layout->max_width) {
        mps_text_column *widest = NULL;
        for (unsigned i = 0; i < layout->columns->len; i++) {
            mps_text_column *column = column_at(layout, i);
            if (column->width > least_width(column, layout->folded) &&
                (!widest || column->width > widest->width))
                widest = column;
        }
        if (!widest)
            return;
        widest->width--;
    }
}

/* Put columns in parts whose lines fit. */
static void find_parts(mps_text_layout *layout)
{
    GArray *part = NULL;
    unsigned width = 0;
    bool has_own = false; /* the part has a column that is not repeated */
    for (unsigned i = 0; i < layout->columns->len; i++) {
        const mps_text_column *column = column_at(layout, i);
        if (!part || (has_own && width + GAP + column->width > layout->max_width)) {
            part = g_array_new(FALSE, FALSE, sizeof(unsigned));
            g_ptr_array_add(layout->parts, part);
            width = 0;
            has_own = false;
            for (unsigned k = 0; k < i; k++)
                if (column_at(layout, k)->is_key) {
                    width += column_at(layout, k)->width + (part->len > 0 ? GAP : 0);
                    g_array_append_val(part, k);
                }
        }
        width += column->width + (part->len > 0 ? GAP : 0);
        g_array_append_val(part, i);
        has_own = has_own || !column->is_key;
        layout->width = MAX(layout->width, width);
    }
}

static void free_part(void *part)
{
    g_array_free(part, TRUE);
}

static void clear_column(void *data)
{
    mps_text_column *column = data;
    g_free(column->heading);
    g_free(column->folded[0]);
    g_free(column->folded[1]);
}

static mps_text_layout begin(const mps_table *table, const mps_text_form *form,
                             const mps_style *style, unsigned width, bool extra)
{
    mps_text_layout layout = {.table = table, .style = style, .max_width = width};
    layout.columns = g_array_new(FALSE, FALSE, sizeof(mps_text_column));
    g_array_set_clear_func(layout.columns, clear_column);
    layout.parts = g_ptr_array_new_with_free_func(free_part);
    find_columns(&layout, form, extra);
    return layout;
}

/* Make columns as wide as their headings, and put them in parts. */
static void finish(mps_text_layout *layout)
{
    for (unsigned i = 0; i < layout->columns->len; i++) {
        mps_text_column *column = column_at(layout, i);
        if (column->width >= heading_width(column, false))
            unfold_heading(column);
        column->width = MAX(column->width, heading_width(column, layout->folded));
    }
    find_parts(layout);
}

mps_text_layout mps_text_layout_of(const mps_table *table, const mps_text_form *form,
                                   const mps_style *style, unsigned width)
{
    mps_text_layout layout = begin(table, form, style, width, width > MPS_TEXT_WIDTH);
    measure(&layout);
    remove_extras(&layout);
    layout.folded = line_width(&layout, false) > width;
    break_cells(&layout);
    finish(&layout);
    return layout;
}

/* Leave out the last columns that have no room: each row of a live capture is one line. */
static void remove_last(mps_text_layout *layout, unsigned width)
{
    while (layout->columns->len > 0 && line_width(layout, true) > width &&
           !column_at(layout, layout->columns->len - 1)->is_key)
        g_array_remove_index(layout->columns, layout->columns->len - 1);
}

mps_text_layout mps_text_layout_live(const mps_table *table, const mps_text_form *form,
                                     const mps_style *style)
{
    mps_text_layout layout = begin(table, form, style, G_MAXUINT, false);
    for (unsigned i = 0; i < layout.columns->len; i++) {
        mps_text_column *column = column_at(&layout, i);
        column->width = column->is_left ? LIVE_NARROW : LIVE_WIDE;
        if (column->index[0] == MPS_CELL_CAPTURE) {
            char *name = mps_text_cell(&layout, 0, 0, i);
            column->width = characters(name);
            g_free(name);
        }
    }
    layout.folded = true;
    if (style->width > 0)
        remove_last(&layout, style->width);
    finish(&layout);
    return layout;
}

void mps_text_layout_clear(mps_text_layout *layout)
{
    g_array_free(layout->columns, TRUE);
    g_ptr_array_free(layout->parts, TRUE);
}
