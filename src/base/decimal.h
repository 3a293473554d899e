/* decimal.h: numbers in sentences, with a decimal point in every locale: Wireshark sets that of the
 * user, the command none.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DECIMAL_H
#define MPS_DECIMAL_H

#include <glib.h>

#define MPS_DECIMAL_MAX G_ASCII_DTOSTR_BUF_SIZE

/** Write a number. @param text  at least MPS_DECIMAL_MAX bytes  @return text */
const char *mps_decimal(char *text, double value, int decimals);

/** Append a number. */
void mps_add_decimal(GString *text, double value, int decimals);

#endif
