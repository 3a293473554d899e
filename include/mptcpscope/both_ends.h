/* both_ends.h: the page on two captures that says whether it was the network.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_BOTH_ENDS_H
#define MPTCPSCOPE_BOTH_ENDS_H

#include <mptcpscope/compare.h>
#include <mptcpscope/report.h>
#include <mptcpscope/trace.h>

/** @return what the traces must have been loaded with, beside what the reports need. */
unsigned mps_both_ends_needs(void);

/** @return a visitor for mps_trace_read() with which a report counts all that is read.
 *  @param report  must outlive the reading */
mps_trace_visitor mps_both_ends_visitor(mps_report *report);

/** Write what both ends show: who took the time, losses, delays, what was sent again, what the path
 *  changed, problems. Of very many connections text has those with most data.
 *  @param reports     of A and of B: reports "summary" that counted the whole capture while it was
 *                     loaded (mps_both_ends_visitor())
 *  @param connection  number of a connection of A to write only; MPS_NONE: all */
void mps_both_ends_write(const mps_comparison *comparison, const mps_report *const reports[2],
                         uint32_t connection, const mps_style *style, FILE *out);

#endif
