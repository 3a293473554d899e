/* test_text.c: a table as text fits its width, whatever its columns hold, and leaves nothing out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "table/table_build.h"
#include "table/table_write.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* @return the lines of a table as text, freed with g_strfreev() */
static char **lines_of(mps_table *table, const mps_text_form *form)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    mps_table_complete(table);
    mps_write_text_form(&(mps_text){out, mps_plain_style(MPS_FORMAT_TEXT)}, table, form);
    fclose(out);
    char **lines = g_strsplit(text, "\n", -1);
    for (unsigned i = 0; lines[i]; i++)
        if (g_utf8_strlen(lines[i], -1) > MPS_TEXT_WIDTH)
            fail_msg("too long: %s", lines[i]);
    free(text);
    mps_table_free(table);
    return lines;
}

/* Hold the lines between the rule below the title and the last rule against `expected`. */
static void check(mps_table *table, const mps_text_form *form, const char *const *expected)
{
    char **lines = lines_of(table, form);
    unsigned i = 0, first;
    while (lines[i][0] != '-')
        i++;
    first = ++i;
    for (; expected[i - first]; i++)
        assert_string_equal(lines[i], expected[i - first]);
    assert_int_equal(lines[i][0], '=');
    g_strfreev(lines);
}

static void test_fits(void **state)
{
    (void)state;
    static const mps_column columns[] = {
        {NULL, "a", MPS_VALUE_UINT, "First one", NULL, 0},
        {NULL, "hidden", MPS_VALUE_UINT, NULL, NULL, 0},
        {NULL, "b", MPS_VALUE_SECONDS, "Second", "ms", 1},
        {NULL, "c", MPS_VALUE_STRING, "Third", NULL, 0},
    };
    mps_table *table = mps_table_new(columns, G_N_ELEMENTS(columns));
    const char *const expected[] = {"First one  Second ms  Third",
                                    "        7        1.5  some words", NULL};
    mps_table_add(table, MPS_UINT(7));
    mps_table_add(table, MPS_UINT(8));
    mps_table_add(table, MPS_SECONDS(1500000));
    mps_table_add_string(table, "some words");
    check(table, &(mps_text_form){.title = "T"}, expected);
}

static void test_choices(void **state)
{
    (void)state;
    static const mps_column columns[] = {
        {NULL, "a", MPS_VALUE_UINT, "A", NULL, 0},    {NULL, "b", MPS_VALUE_UINT, "B", NULL, 0},
        {"g", "max", MPS_VALUE_UINT, "max", NULL, 0}, {"h", "max", MPS_VALUE_UINT, "max", NULL, 0},
        {"i", "x", MPS_VALUE_UINT, "X", NULL, 0},
    };
    static const mps_text_choice choices[] = {
        MPS_TEXT_UNKNOWN_AS("a", "A", "none"),
        MPS_TEXT_WITHOUT("b"),
        MPS_TEXT_AS("h.max", "H max"),
        MPS_TEXT_WITHOUT("i"),
        MPS_TEXT_END,
    };
    mps_table *table = mps_table_new(columns, G_N_ELEMENTS(columns));
    const char *const expected[] = {"   A  max  H max", "none    2      3", NULL};
    mps_table_add(table, MPS_NULL);
    for (unsigned i = 1; i < G_N_ELEMENTS(columns); i++)
        mps_table_add(table, MPS_UINT(i));
    check(table, &(mps_text_form){.title = "T", .choices = choices}, expected);
}

#define ENDPOINTS(client, server)                                                                  \
    {NULL, client, MPS_VALUE_STRING, "Client", NULL, 0},                                           \
        {NULL, client "_port", MPS_VALUE_UINT, "Port", NULL, 0},                                   \
        {NULL, server, MPS_VALUE_STRING, "Server", NULL, 0},                                       \
    {                                                                                              \
        NULL, server "_port", MPS_VALUE_UINT, "Port", NULL, 0                                      \
    }

/* Append two ends. @param server  NULL: unknown, as its port */
static void add_ends(mps_table *table, const char *client, const char *server)
{
    mps_table_add_string(table, client);
    mps_table_add(table, client ? MPS_UINT(40000) : MPS_NULL);
    mps_table_add_string(table, server);
    mps_table_add(table, server ? MPS_UINT(80) : MPS_NULL);
}

static void test_endpoints(void **state)
{
    (void)state;
    static const mps_column columns[] = {ENDPOINTS("client", "server")};
    mps_table *table = mps_table_new(columns, G_N_ELEMENTS(columns));
    const char *const expected[] = {"Client > server",
                                    "10.0.0.1:40000 > 10.0.0.2:80",
                                    "[fd00::1]:40000 > [fd00::2]:80",
                                    "10.0.0.1:40000 > -",
                                    "-",
                                    NULL};
    add_ends(table, "10.0.0.1", "10.0.0.2");
    add_ends(table, "fd00::1", "fd00::2");
    add_ends(table, "10.0.0.1", NULL);
    add_ends(table, NULL, NULL);
    check(table, &(mps_text_form){.title = "T"}, expected);
}

static void test_senders(void **state)
{
    (void)state;
    static const mps_column columns[] = {
        {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
        ENDPOINTS("client", "server"),
        {NULL, "state", MPS_VALUE_STRING, "State", NULL, 0},
        {"c2s", "bytes", MPS_VALUE_UINT, "Bytes", NULL, 0},
        {"s2c", "bytes", MPS_VALUE_UINT, "Bytes", NULL, 0},
    };
    mps_table *table = mps_table_new(columns, G_N_ELEMENTS(columns));
    const char *const expected[] = {"Conn  State  Dir  Sender          Bytes",
                                    "   0  open   c2s  10.0.0.1:40000     11",
                                    "             s2c  10.0.0.2:80        22", NULL};
    mps_table_add(table, MPS_UINT(0));
    add_ends(table, "10.0.0.1", "10.0.0.2");
    mps_table_add_string(table, "open");
    mps_table_add(table, MPS_UINT(11));
    mps_table_add(table, MPS_UINT(22));
    check(table, &(mps_text_form){.title = "T"}, expected);
}

static void test_folded_headings(void **state)
{
    (void)state;
    static const mps_column columns[] = {
        {NULL, "a", MPS_VALUE_REAL, "Bytes", NULL, 0},
        {NULL, "b", MPS_VALUE_REAL, "Some long heading indeed, which is not seldom", NULL, 0},
        {NULL, "c", MPS_VALUE_STRING, "Heading that fits", NULL, 0},
        {NULL, "d", MPS_VALUE_REAL, "Another long heading indeed, alas, so long", "Mbit/s", 0},
    };
    mps_table *table = mps_table_new(columns, G_N_ELEMENTS(columns));
    for (unsigned i = 0; i < G_N_ELEMENTS(columns); i++)
        if (i == 2)
            mps_table_add_string(table, "twenty characters ..");
        else
            mps_table_add(table, MPS_REAL(5));
    char **lines = lines_of(table, &(mps_text_form){.title = "T"});
    assert_string_equal(lines[4], "       Some long heading indeed,                        "
                                  "Another long heading indeed,");
    assert_string_equal(lines[5], "Bytes        which is not seldom  Heading that fits     "
                                  "        alas, so long Mbit/s");
    g_strfreev(lines);
}

static void test_broken_cells(void **state)
{
    (void)state;
    static const mps_column columns[] = {
        {NULL, "a", MPS_VALUE_STRING, "Why", NULL, 0},
        {NULL, "b", MPS_VALUE_STRING, "Word", NULL, 0},
        {NULL, "c", MPS_VALUE_UINT, "N", NULL, 0},
    };
    mps_table *table = mps_table_new(columns, G_N_ELEMENTS(columns));
    GString *sentence = g_string_new("start");
    char *word = g_strnfill(90, 'w');
    for (unsigned i = 0; i < 9; i++)
        g_string_append_printf(sentence, " and %u ms", 100 + i);
    mps_table_add_string(table, sentence->str);
    mps_table_add_string(table, word);
    mps_table_add(table, MPS_UINT(1));
    char **lines = lines_of(table, &(mps_text_form){.title = "T"});
    GString *found = g_string_new(NULL);
    unsigned words = 0;
    for (unsigned i = 5; lines[i][0] != '='; i++) { /* behind the heading */
        char *piece = g_strndup(lines[i], strcspn(lines[i], "w"));
        g_strstrip(piece);
        words += strstr(lines[i], word) != NULL;
        if (strcmp(piece, "1") != 0) /* the number is the last column of the first line */
            g_string_append_printf(found, "%s%s", found->len ? " " : "", piece);
        assert_false(g_str_has_prefix(piece, "ms")); /* a unit stays with its number */
        g_free(piece);
    }
    assert_string_equal(found->str, sentence->str);
    assert_int_equal(words, 1);
    g_string_free(found, TRUE);
    g_string_free(sentence, TRUE);
    g_free(word);
    g_strfreev(lines);
}

static void test_long_list(void **state)
{
    (void)state;
    static const mps_column columns[] = {
        {NULL, "frame", MPS_VALUE_UINT, "Frame", NULL, 0},
        {NULL, "a", MPS_VALUE_JSON, "One", NULL, 0},
        {NULL, "b", MPS_VALUE_JSON, "Other", NULL, 0},
    };
    const unsigned items = 30000;
    mps_table *table = mps_table_new(columns, G_N_ELEMENTS(columns));
    GString *text = g_string_new(NULL);
    unsigned found = 0;
    for (unsigned i = 0; i < items; i++)
        g_string_append_printf(text, "%s%u/1:1428", i > 0 ? " " : "", 100000 + i);
    mps_table_add(table, MPS_UINT(1));
    mps_table_add_json(table, g_strdup("[]"), g_strdup(text->str));
    mps_table_add_json(table, g_strdup("[]"), g_string_free(text, FALSE));
    char **lines = lines_of(table, &(mps_text_form){.title = "T"});
    for (unsigned i = 0; lines[i]; i++)
        for (const char *at = lines[i]; (at = strstr(at, "/1:1428")); at++)
            found++;
    assert_int_equal(found, 2 * items);
    g_strfreev(lines);
}

/* Every figure may have 20 digits: the table is written in parts, and each tells its rows. */
static void test_long_figures(void **state)
{
    (void)state;
    static const mps_column columns[] = {
        {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
        {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
        {NULL, "a", MPS_VALUE_UINT, "Aaa", NULL, 0},
        {NULL, "b", MPS_VALUE_UINT, "Bbb", NULL, 0},
        {NULL, "c", MPS_VALUE_UINT, "Ccc", NULL, 0},
        {NULL, "d", MPS_VALUE_UINT, "Ddd", NULL, 0},
        {NULL, "e", MPS_VALUE_UINT, "Eee", NULL, 0},
        {NULL, "f", MPS_VALUE_UINT, "Fff", NULL, 0},
        {NULL, "g", MPS_VALUE_UINT, "Ggg", NULL, 0},
    };
    mps_table *table = mps_table_new(columns, G_N_ELEMENTS(columns));
    for (unsigned row = 0; row < 2; row++) {
        mps_table_add(table, MPS_UINT(row));
        mps_table_add_direction(table, row);
        for (unsigned i = 2; i < G_N_ELEMENTS(columns); i++)
            mps_table_add(table, MPS_UINT(UINT64_MAX - i));
    }
    char **lines = lines_of(table, &(mps_text_form){.title = "T"});
    int headings = 0, rows[2] = {0, 0}, figures = 0;
    for (unsigned i = 4; lines[i]; i++) {
        headings += g_str_has_prefix(lines[i], "Conn  Dir  ");
        rows[0] += g_str_has_prefix(lines[i], "   0  c2s  ");
        rows[1] += g_str_has_prefix(lines[i], "   1  s2c  ");
        for (const char *at = lines[i]; (at = strstr(at, "18446744073709551")); at++)
            figures++;
    }
    assert_int_equal(headings, 2);
    assert_int_equal(rows[0], 2);
    assert_int_equal(rows[1], 2);
    assert_int_equal(figures, 14);
    g_strfreev(lines);
}

static void test_characters(void **state)
{
    (void)state;
    static const mps_column columns[] = {
        {NULL, "a", MPS_VALUE_STRING, "Name", NULL, 0},
        {NULL, "b", MPS_VALUE_UINT, "N", NULL, 0},
    };
    mps_table *table = mps_table_new(columns, G_N_ELEMENTS(columns));
    const char *const expected[] = {"Name   N", "Größe  1", "plain  2", NULL};
    mps_table_add_string(table, "Größe");
    mps_table_add(table, MPS_UINT(1));
    mps_table_add_string(table, "plain");
    mps_table_add(table, MPS_UINT(2));
    check(table, &(mps_text_form){.title = "T"}, expected);
}

static void test_empty(void **state)
{
    (void)state;
    static const mps_column columns[] = {{NULL, "a", MPS_VALUE_STRING, "Name", NULL, 0}};
    const char *const expected[] = {"Name", "(none)", NULL};
    check(mps_table_new(columns, 1), &(mps_text_form){.title = "T"}, expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fits),
        cmocka_unit_test(test_choices),
        cmocka_unit_test(test_endpoints),
        cmocka_unit_test(test_senders),
        cmocka_unit_test(test_folded_headings),
        cmocka_unit_test(test_broken_cells),
        cmocka_unit_test(test_long_list),
        cmocka_unit_test(test_long_figures),
        cmocka_unit_test(test_characters),
        cmocka_unit_test(test_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
