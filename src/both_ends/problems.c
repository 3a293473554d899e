/* problems.c: brings together the problems that the reports of both ends tell.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "both_ends_internal.h"
#include <string.h>

/* @return A's number of each of B's subflows, plus 1, by B's number; 0: A does not have it */
static GHashTable *numbers_in_a(const mps_both_ends *both, const mps_both_connection *connection)
{
    GHashTable *numbers = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < connection->pairs->len; i++) {
        const mps_comparison_row *row = &g_array_index(both->comparison->rows, mps_comparison_row,
                                                       g_array_index(connection->pairs, guint, i));
        if (mps_pair_in_both(&row->pair))
            g_hash_table_insert(numbers, GUINT_TO_POINTER(row->peer_subflow),
                                GUINT_TO_POINTER(row->subflow + 1));
    }
    return numbers;
}

/* Problems that are figures. Each end has its own of the same: their texts may differ in numbers.
 * In other texts a number may tell what the problem is about: an address ID, a reset reason. */
static const char *const figures[] = {
    "retransmissions", "reinjections", "silent", "left", "held", "window_limited", NULL};

/* @return whether a text begins with a unit of what is measured */
static bool is_unit(const char *text)
{
    return g_str_has_prefix(text, " s") || g_str_has_prefix(text, " ms") ||
           g_str_has_prefix(text, " %");
}

/* @return a text without what each end measures for itself; freed by the caller
 * @param all  that is every number; otherwise those with a unit */
static char *without_figures(const char *text, bool all)
{
    GString *words = g_string_new(NULL);
    while (*text) {
        const size_t digits = g_ascii_isdigit(*text) ? strspn(text, "0123456789.") : 0;
        if (digits == 0)
            g_string_append_c(words, *text++);
        else if (!all && !is_unit(text + digits))
            g_string_append_len(words, text, (gssize)digits);
        text += digits;
    }
    return g_string_free(words, FALSE);
}

/* @return what makes a problem the same at both ends, and how often it came until now; freed by the
 *         caller
 * @param counts  how often each came, by the text without it; owns the keys */
static char *key_of(const mps_end_problem *problem, uint32_t subflow, bool of_b, GHashTable *counts)
{
    char *text = without_figures(problem->text, g_strv_contains(figures, problem->name));
    char *key =
        g_strdup_printf("%s %s %u %d %s", problem->name, problem->severity, subflow, of_b, text);
    g_free(text);
    const guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, key)) + 1;
    char *numbered = g_strdup_printf("%u %s", count, key);
    g_hash_table_insert(counts, key, GUINT_TO_POINTER(count));
    return numbered;
}

static void add_of_a(GArray *problems, GHashTable *places, const mps_end_summary *end)
{
    GHashTable *counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < end->problems->len; i++) {
        const mps_end_problem *one = &g_array_index(end->problems, mps_end_problem, i);
        const mps_both_problem problem = {{one, NULL}, one->subflow, false};
        g_array_append_val(problems, problem);
        g_hash_table_insert(places, key_of(one, one->subflow, false, counts),
                            GUINT_TO_POINTER(problems->len));
    }
    g_hash_table_destroy(counts);
}

static void add_of_b(GArray *problems, GHashTable *places, const mps_end_summary *end,
                     GHashTable *numbers)
{
    GHashTable *counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < end->problems->len; i++) {
        const mps_end_problem *one = &g_array_index(end->problems, mps_end_problem, i);
        const guint in_a =
            GPOINTER_TO_UINT(g_hash_table_lookup(numbers, GUINT_TO_POINTER(one->subflow)));
        const bool of_b = one->subflow != MPS_NONE && in_a == 0;
        const uint32_t subflow = in_a > 0 ? in_a - 1 : one->subflow;
        char *key = key_of(one, subflow, of_b, counts);
        const guint place = GPOINTER_TO_UINT(g_hash_table_lookup(places, key));
        g_free(key);
        const mps_both_problem problem = {{NULL, one}, subflow, of_b};
        if (place > 0)
            g_array_index(problems, mps_both_problem, place - 1).seen[1] = one;
        else
            g_array_append_val(problems, problem);
    }
    g_hash_table_destroy(counts);
}

GArray *mps_both_problems_of(const mps_both_ends *both, const mps_both_connection *connection)
{
    GArray *problems = g_array_new(FALSE, FALSE, sizeof(mps_both_problem));
    GHashTable *places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GHashTable *numbers = numbers_in_a(both, connection);
    if (connection->ends[0])
        add_of_a(problems, places, connection->ends[0]);
    if (connection->ends[1])
        add_of_b(problems, places, connection->ends[1], numbers);
    g_hash_table_destroy(numbers);
    g_hash_table_destroy(places);
    return problems;
}
