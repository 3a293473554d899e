/* source_readers.h: the readers of captures and dumps, on a file that was opened already.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_SOURCE_READERS_H
#define MPS_SOURCE_READERS_H

#include "base/input.h"
#include <mptcpscope/capture.h>
#include <mptcpscope/dump.h>

/** @return whether the file begins like a dump. */
bool mps_dump_begins(mps_input *input);

/** As mps_dump_open() and mps_capture_open(), which see. @param input  taken over, also on errors
 */
mps_dump *mps_dump_from(mps_input *input, GError **error);
mps_capture *mps_capture_from(mps_input *input, GError **error);

#endif
