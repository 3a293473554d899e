/* decimal.c: numbers in sentences, with a decimal point in every locale.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "decimal.h"

const char *mps_decimal(char *text, double value, int decimals)
{
    char format[16];
    g_snprintf(format, sizeof format, "%%.%df", decimals);
    return g_ascii_formatd(text, MPS_DECIMAL_MAX, format, value);
}

void mps_add_decimal(GString *text, double value, int decimals)
{
    char number[MPS_DECIMAL_MAX];
    g_string_append(text, mps_decimal(number, value, decimals));
}
