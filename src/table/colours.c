/* colours.c: the colours of text on a terminal, and which cells of tables have them.
 *
 * The colours are of the palette of 256 colours, which does not change with a terminal's theme.
 * Each has a contrast of 3.9 or more on black and on white (WCAG 2.1; tests/unit/test_colours.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "colours.h"
#include <string.h>

#define PALETTE(number) "\033[38;5;" #number "m"

#define END "\033[m"

/* Subflows: blue, purple, green, olive, violet, grey blue, pink, indigo. Red and orange are left
 * to what is bad or doubtful. */
static const struct {
    int number;
    const char *begin;
} colours[] = {
    [MPS_COLOUR_NONE] = {-1, ""},
    [MPS_COLOUR_TITLE] = {-1, "\033[1m"},
    [MPS_COLOUR_BAD] = {196, PALETTE(196)},
    [MPS_COLOUR_WARN] = {130, PALETTE(130)},
    [MPS_COLOUR_GOOD] = {28, PALETTE(28)},
    [MPS_COLOUR_SUBFLOWS] = {31, PALETTE(31)},
    [MPS_COLOUR_SUBFLOWS + 1] = {133, PALETTE(133)},
    [MPS_COLOUR_SUBFLOWS + 2] = {29, PALETTE(29)},
    [MPS_COLOUR_SUBFLOWS + 3] = {64, PALETTE(64)},
    [MPS_COLOUR_SUBFLOWS + 4] = {99, PALETTE(99)},
    [MPS_COLOUR_SUBFLOWS + 5] = {66, PALETTE(66)},
    [MPS_COLOUR_SUBFLOWS + 6] = {132, PALETTE(132)},
    [MPS_COLOUR_SUBFLOWS + 7] = {62, PALETTE(62)},
};

G_STATIC_ASSERT(G_N_ELEMENTS(colours) == (unsigned)MPS_COLOUR_SUBFLOWS + MPS_COLOUR_SUBFLOW_MAX);

mps_colour mps_colour_of_subflow(uint32_t number)
{
    return (mps_colour)(MPS_COLOUR_SUBFLOWS + number % MPS_COLOUR_SUBFLOW_MAX);
}

int mps_colour_number(mps_colour colour)
{
    return colours[colour].number;
}

const char *mps_colour_begin(const mps_text *text, mps_colour colour)
{
    return text->style->colours ? colours[colour].begin : "";
}

const char *mps_colour_end(const mps_text *text, mps_colour colour)
{
    return text->style->colours && colour != MPS_COLOUR_NONE ? END : "";
}

/* Columns of words, and the words that have a colour. */
static const struct {
    const char *column;
    const char *word; /* NULL: any */
    mps_colour colour;
} words[] = {
    {"state", "reset", MPS_COLOUR_BAD},         {"state", "fallback", MPS_COLOUR_BAD},
    {"state", "fastclosed", MPS_COLOUR_WARN},   {"state", "syn", MPS_COLOUR_WARN},
    {"fallback", NULL, MPS_COLOUR_BAD},         {"reset_reason", NULL, MPS_COLOUR_BAD},
    {"event", "MP_FAIL", MPS_COLOUR_BAD},       {"event", "MP_TCPRST", MPS_COLOUR_BAD},
    {"event", "fallback", MPS_COLOUR_BAD},      {"event", "DSS checksum", MPS_COLOUR_BAD},
    {"event", "MP_FASTCLOSE", MPS_COLOUR_WARN}, {"event", "ICMP error", MPS_COLOUR_WARN},
    {"event", "REMOVE_ADDR", MPS_COLOUR_WARN},  {"verdict", "useful", MPS_COLOUR_GOOD},
    {"verdict", "lost", MPS_COLOUR_BAD},        {"verdict", "redundant", MPS_COLOUR_WARN},
};

/* Columns of numbers that have a colour unless they are 0. */
static const struct {
    const char *column;
    mps_colour colour;
} counts[] = {
    {"lost", MPS_COLOUR_BAD},
    {"lost_bytes", MPS_COLOUR_BAD},
    {"loss_ratio", MPS_COLOUR_BAD},
    {"undetermined", MPS_COLOUR_WARN},
    {"redundant_bytes", MPS_COLOUR_WARN},
    {"reinjected_bytes", MPS_COLOUR_WARN},
    {"retransmitted_bytes", MPS_COLOUR_WARN},
};

static mps_colour colour_of_word(const char *column, const char *word)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++)
        if (strcmp(words[i].column, column) == 0 &&
            (!words[i].word || strcmp(words[i].word, word) == 0))
            return words[i].colour;
    return MPS_COLOUR_NONE;
}

static mps_colour colour_of_count(const char *column, bool is_zero)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(counts) && !is_zero; i++)
        if (strcmp(counts[i].column, column) == 0)
            return counts[i].colour;
    return MPS_COLOUR_NONE;
}

mps_colour mps_colour_of_value(const mps_column *column, const mps_value *value)
{
    switch (value->type) {
    case MPS_VALUE_UINT:
        if (strcmp(column->name, "subflow") == 0)
            return mps_colour_of_subflow((uint32_t)value->u);
        return colour_of_count(column->name, value->u == 0);
    case MPS_VALUE_REAL:
        return colour_of_count(column->name, value->real <= 0);
    case MPS_VALUE_STRING:
        return colour_of_word(column->name, value->string);
    default:
        return MPS_COLOUR_NONE;
    }
}
