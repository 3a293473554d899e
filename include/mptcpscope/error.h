/* error.h: how every function of the library says that it failed.
 *
 * A function that can fail takes a GError ** as its last argument, which may be NULL. It returns
 * NULL, false or -1, as its comment says, and then has set the error; when it succeeds it leaves
 * the error alone. After a failure nothing it was to fill in may be used, and what it had opened
 * is closed again.
 *
 * The message is for the user. It says what is wrong and, where it can, what is allowed. It names
 * neither the program nor the file, for the caller knows both and puts them in front
 * ("mptcpscope: FILE: MESSAGE"); it begins in lower case and ends without a full stop.
 *
 * Strange input is never an assertion: it is an error or, where the rest of the input can still be
 * used, a fact that the result reports. Assertions are for mistakes of our own. When memory runs
 * out the process ends, as everywhere with GLib.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_ERROR_H
#define MPTCPSCOPE_ERROR_H

#include <glib.h>

#define MPS_ERROR mps_error_quark()

typedef enum {
    MPS_ERROR_INPUT,  /* the input could not be used (exit status 1) */
    MPS_ERROR_USAGE,  /* the call is wrong (exit status 2) */
    MPS_ERROR_OUTPUT, /* the output could not be written (exit status 1) */
} mps_error_code;

GQuark mps_error_quark(void);

#endif
