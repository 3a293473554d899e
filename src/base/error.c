/* error.c: the library's error domain.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "mptcpscope/error.h"

GQuark mps_error_quark(void)
{
    return g_quark_from_static_string("mptcpscope");
}
