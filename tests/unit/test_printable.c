/* test_printable.c: no text from a file steers the terminal, breaks csv or json, or becomes a
 * formula of a spreadsheet.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "table/table_build.h"
#include "table/table_write.h"
#include <mptcpscope/printable.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_shown(const char *text, const char *expected)
{
    char *shown = mps_printable(text);
    assert_string_equal(shown, expected);
    g_free(shown);
}

static void shows_what_can_be_printed(void **state)
{
    (void)state;
    assert_shown("", "");
    assert_shown("client.pcapng", "client.pcapng");
    assert_shown("C:\\x \"y\" ~", "C:\\x \"y\" ~");
    assert_shown("Größe 測定 🎉.pcap", "Größe 測定 🎉.pcap");
}

static void escapes_all_else(void **state)
{
    (void)state;
    assert_shown("a\x1b[31m\nb\tc\r\x7f", "a\\x1b[31m\\x0ab\\x09c\\x0d\\x7f"); /* C0, DEL */
    assert_shown("\xc2\x9b"
                 "2J\xc2\x85",
                 "\\u009b2J\\u0085"); /* C1 */
    assert_shown("\u202egnp\u2066\u200f\u061c", "\\u202egnp\\u2066\\u200f\\u061c");
    assert_shown("\u2028\u2029\ufeff\u200b", "\\u2028\\u2029\\ufeff\\u200b");
    assert_shown("\U000e0041", "\\U000e0041");
    assert_shown("\xff\xc3.x\xe2\x80", "\\xff\\xc3.x\\xe2\\x80"); /* not UTF-8 */
    assert_shown("\x9b"
                 "31m\xc0\x9b",
                 "\\x9b31m\\xc0\\x9b");
}

/* Every byte and every pair of bytes: only printable ASCII and UTF-8 comes out. */
static void output_is_always_printable(void **state)
{
    (void)state;
    for (unsigned a = 1; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++) {
            const char text[] = {(char)a, (char)b, '\0'};
            char *shown = mps_printable(text);
            assert_true(g_utf8_validate(shown, -1, NULL));
            for (const char *at = shown; *at; at = g_utf8_next_char(at))
                assert_true(mps_is_printable(g_utf8_get_char(at)));
            g_free(shown);
        }
    }
}

static const mps_column columns[] = {{NULL, "name", MPS_VALUE_STRING, "Name", NULL, 0},
                                     {NULL, "list", MPS_VALUE_JSON, "List", NULL, 0}};

/* @return what `write` writes of a table with one row, freed by the caller with free() */
static char *written(const char *text, void (*write)(FILE *, const mps_table *))
{
    char *result;
    size_t size;
    mps_table *table = mps_table_new(columns, G_N_ELEMENTS(columns));
    mps_table_add_string(table, text);
    mps_table_add_json(table, g_strdup("[]"), g_strdup(text));
    mps_table_complete(table);
    FILE *out = open_memstream(&result, &size);
    write(out, table);
    fclose(out);
    mps_table_free(table);
    return result;
}

static void write_as_text(FILE *out, const mps_table *table)
{
    mps_text text = {out, mps_plain_style(MPS_FORMAT_TEXT)};
    mps_write_text(&text, table, "Title", "a\x1b[1m");
    mps_write_text_line(&text, "Note", "a\nb");
}

static void text_of_tables_is_printable(void **state)
{
    (void)state;
    char *text = written("a\x1b]0;x\x07\n", write_as_text);
    assert_null(strpbrk(text, "\x1b\x07"));
    assert_non_null(strstr(text, "\na\\x1b]0;x\\x07\\x0a  a\\x1b]0;x\\x07\\x0a\n"));
    assert_non_null(strstr(text, "\nFilter: a\\x1b[1m\n"));
    assert_non_null(strstr(text, "\nNote: a\\x0ab\n"));
    free(text);
}

static void assert_cell(const char *text, const char *cell)
{
    char *row = written(text, mps_write_csv_rows);
    char *expected = g_strdup_printf("%s,%s\n", cell, cell);
    assert_string_equal(row, expected);
    g_free(expected);
    free(row);
}

static void csv_holds_no_formula(void **state)
{
    (void)state;
    assert_cell("client.pcapng", "client.pcapng");
    assert_cell("a=1", "a=1");
    assert_cell("=1+1", "'=1+1");
    assert_cell("+cmd|x", "'+cmd|x");
    assert_cell("-2+3", "'-2+3");
    assert_cell("-inf", "'-inf");
    assert_cell("@SUM(A1,2)", "\"'@SUM(A1,2)\"");
    assert_cell("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"");
    assert_cell("\t=1", "'\\x09=1");
    assert_cell("\r=1", "'\\x0d=1");
    assert_cell("-", "-");
    assert_cell("-12.5e3", "-12.5e3");
    assert_cell("+7", "+7");
    assert_cell("", "");
    assert_cell("a\x1b\n,\"", "\"a\\x1b\\x0a,\"\"\"");
}

static void assert_json(const char *text, const char *expected)
{
    char *row = written(text, mps_write_json_rows);
    char *whole = g_strdup_printf("\"rows\": [\n  {\"name\": %s, \"list\": []}\n]", expected);
    assert_string_equal(row, whole);
    g_free(whole);
    free(row);
}

static void json_is_strict(void **state)
{
    (void)state;
    assert_json("=1", "\"=1\"");
    assert_json("a\"\\\x1b\n\x7f", "\"a\\\"\\\\\\u001b\\u000a\\u007f\"");
    assert_json("ö\xc2\x9b\u202e🎉\U000e0041", "\"ö\\u009b\\u202e🎉\\udb40\\udc41\"");
    assert_json("a\xff", "\"a\ufffd\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_what_can_be_printed),  cmocka_unit_test(escapes_all_else),
        cmocka_unit_test(output_is_always_printable), cmocka_unit_test(text_of_tables_is_printable),
        cmocka_unit_test(csv_holds_no_formula),       cmocka_unit_test(json_is_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
