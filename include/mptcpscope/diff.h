/* diff.h: what the path changed between two captures of the same traffic.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_DIFF_H
#define MPTCPSCOPE_DIFF_H

#include <mptcpscope/compare.h>

/**
 * Write what the path changed: rows, sentences and notes (csv: rows only).
 * @param comparison  its traces were loaded with MPS_NEED_HEADERS
 * @param connection  compare only this connection of A; MPS_NONE: all
 * @param out         write errors are left in its error indicator
 */
void mps_diff_write(const mps_comparison *comparison, uint32_t connection, const mps_style *style,
                    FILE *out);

#endif
