/* test_colours.c: the colours of text are readable on dark and on light terminals; points in time
 * and DSNs are shown as a style says.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "table/colours.h"
#include "table/table_build.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The contrast that each colour has on black and on white; 3 is asked of large letters, 4.5 of
 * small ones. No colour has 4.6 on both. */
#define CONTRAST_MIN 3.9

/* The linear part of a channel, 0 to 5, of the palette's cube (WCAG 2.1, relative luminance). */
static double linear(int step)
{
    const double value = (step == 0 ? 0 : 55 + 40 * step) / 255.0;
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static double luminance(int number)
{
    const int cube = number - 16;
    assert_true(cube >= 0 && cube <= 215);
    return 0.2126 * linear(cube / 36) + 0.7152 * linear(cube / 6 % 6) + 0.0722 * linear(cube % 6);
}

static void test_contrast(void **state)
{
    (void)state;
    unsigned numbered = 0;
    for (unsigned i = 0; i < MPS_COLOUR_SUBFLOWS + MPS_COLOUR_SUBFLOW_MAX; i++) {
        const int number = mps_colour_number((mps_colour)i);
        if (number < 0)
            continue;
        const double light = luminance(number);
        assert_true((light + 0.05) / 0.05 >= CONTRAST_MIN);
        assert_true(1.05 / (light + 0.05) >= CONTRAST_MIN);
        for (unsigned k = 0; k < i; k++)
            assert_int_not_equal(number, mps_colour_number((mps_colour)k));
        numbered++;
    }
    assert_int_equal(numbered, 3 + MPS_COLOUR_SUBFLOW_MAX);
}

static void test_only_where_wanted(void **state)
{
    (void)state;
    const mps_style coloured = {.colours = true};
    const mps_text with = {stdout, &coloured}, without = {stdout, mps_plain_style(MPS_FORMAT_TEXT)};
    assert_string_equal(mps_colour_begin(&with, MPS_COLOUR_BAD), "\033[38;5;196m");
    assert_string_equal(mps_colour_end(&with, MPS_COLOUR_BAD), "\033[m");
    assert_string_equal(mps_colour_begin(&with, MPS_COLOUR_NONE), "");
    assert_string_equal(mps_colour_end(&with, MPS_COLOUR_NONE), "");
    assert_string_equal(mps_colour_begin(&without, MPS_COLOUR_BAD), "");
    assert_string_equal(mps_colour_end(&without, MPS_COLOUR_BAD), "");
}

static mps_colour colour(const char *column, mps_value value)
{
    const mps_column of = {NULL, column, value.type, column, NULL, 0};
    return mps_colour_of_value(&of, &value);
}

static mps_value word(const char *text)
{
    return (mps_value){.type = MPS_VALUE_STRING, .string = (char *)text};
}

static void test_cells(void **state)
{
    (void)state;
    assert_int_equal(colour("lost", MPS_UINT(1)), MPS_COLOUR_BAD);
    assert_int_equal(colour("lost", MPS_UINT(0)), MPS_COLOUR_NONE);
    assert_int_equal(colour("lost", MPS_NULL), MPS_COLOUR_NONE);
    assert_int_equal(colour("loss_ratio", MPS_REAL(0.01)), MPS_COLOUR_BAD);
    assert_int_equal(colour("segments", MPS_UINT(1)), MPS_COLOUR_NONE);
    assert_int_equal(colour("state", word("reset")), MPS_COLOUR_BAD);
    assert_int_equal(colour("state", word("closed")), MPS_COLOUR_NONE);
    assert_int_equal(colour("fallback", word("any reason")), MPS_COLOUR_BAD);
    assert_int_equal(colour("verdict", word("useful")), MPS_COLOUR_GOOD);
    assert_int_equal(colour("subflow", MPS_UINT(2)), mps_colour_of_subflow(2));
    assert_int_equal(mps_colour_of_subflow(10), mps_colour_of_subflow(2));
    assert_int_not_equal(mps_colour_of_subflow(1), mps_colour_of_subflow(2));
}

static void check_time(int64_t time, const mps_style *style, unsigned decimals, const char *text)
{
    char *found = mps_time_text(time, style, decimals);
    assert_string_equal(found, text);
    g_free(found);
}

static void test_times(void **state)
{
    (void)state;
    const int64_t time = INT64_C(1795296292249271809);
    const mps_style utc = {.times = MPS_TIMES_UTC}, local = {.times = MPS_TIMES_LOCAL},
                    epoch = {.times = MPS_TIMES_EPOCH}, unsaid = {.times = MPS_TIMES_UNSAID},
                    relative = {.times = MPS_TIMES_RELATIVE, .start = time - 1500000000};
    g_setenv("TZ", "Asia/Kolkata", TRUE);
    check_time(time, &utc, 6, "2026-11-21 21:24:52.249271 UTC");
    check_time(time, &utc, 0, "2026-11-21 21:24:52 UTC");
    check_time(time, &local, 3, "2026-11-22 02:54:52.249 +0530");
    check_time(time, &epoch, 9, "1795296292.249271809");
    check_time(time, &unsaid, 6, "1795296292.249271");
    check_time(time, &relative, 6, "1.500000");
    check_time(time - 1500000001, &relative, 9, "-0.000000001");
    check_time(-1, &utc, 9, "1969-12-31 23:59:59.999999999 UTC");
    check_time(-1, &epoch, 9, "-0.000000001");
    /* GLib has no date as late as 2^62 ns would be in seconds; a time that it has, at the limit. */
    check_time(INT64_C(1) << 62, &utc, 0, "2116-02-20 23:53:38 UTC");
}

static void test_dsns(void **state)
{
    (void)state;
    static const mps_column column = {NULL, "dsn", MPS_VALUE_BIG, "DSN", NULL, 0};
    const mps_style relative = {.relative_dsn = true};
    const mps_value known = {.type = MPS_VALUE_BIG, .dsn = {.absolute = 1000, .relative = 7}},
                    unknown = {.type = MPS_VALUE_BIG, .dsn = {.absolute = 1000}};
    char *text = mps_styled_text(&known, &column, &relative);
    assert_string_equal(text, "7");
    g_free(text);
    text = mps_styled_text(&unknown, &column, &relative);
    assert_string_equal(text, "-");
    g_free(text);
    text = mps_styled_text(&known, &column, mps_plain_style(MPS_FORMAT_TEXT));
    assert_string_equal(text, "1000");
    g_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contrast), cmocka_unit_test(test_only_where_wanted),
        cmocka_unit_test(test_cells),    cmocka_unit_test(test_times),
        cmocka_unit_test(test_dsns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
