/* error.h: how the functions of the library report that they failed.
 *
 * A function that can fail has a GError ** as its last parameter; the argument may be NULL. On
 * failure the function sets the error and returns NULL, false or -1, as its comment says. On
 * success it does not change the error. After a failure the caller must not use what the function
 * should have filled in, and the function has closed whatever it opened.
 *
 * The message is for the user. It says what is wrong and, where possible, what is allowed. It does
 * not name the program or the file: the caller knows both and puts them before the message
 * ("mptcpscope: FILE: MESSAGE"). A message begins in lower case and ends without a full stop.
 *
 * Unexpected input never fails an assertion. It is an error or, where the rest of the input can
 * still be used, a fact that the result reports. Assertions are for bugs in this program. When
 * memory runs out the process ends, as GLib does everywhere.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_ERROR_H
#define MPTCPSCOPE_ERROR_H

#include <glib.h>

#define MPS_ERROR mps_error_quark()

typedef enum {
    MPS_ERROR_INPUT,   /* the input could not be used (exit status 1) */
    MPS_ERROR_USAGE,   /* the call is wrong (exit status 2) */
    MPS_ERROR_OUTPUT,  /* the output could not be written (exit status 1) */
    MPS_ERROR_CUT_OFF, /* the input lacks its end; what was read before is whole and can be used */
} mps_error_code;

/** @return the error domain of the library, as MPS_ERROR uses it. */
GQuark mps_error_quark(void);

#endif
