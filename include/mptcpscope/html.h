/* html.h: all that one or two captures show as one page for a browser, which needs nothing else.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_HTML_H
#define MPTCPSCOPE_HTML_H

#include <mptcpscope/compare.h>
#include <mptcpscope/trace.h>
#include <stdio.h>

typedef struct mps_html mps_html;

/** Begin a page.
 *  @param captures    1 or 2
 *  @param connection  number in A of the only connection to show; MPS_NONE: all
 *  @param near        where A was captured; copied
 *  @return freed by the caller with mps_html_free(); NULL, with `error` MPS_ERROR_OUTPUT, if what
 *          the page draws with is not installed */
mps_html *mps_html_new(unsigned captures, uint32_t connection, const mps_near_choice *near,
                       GError **error);

/** Free a page. @param html  may be NULL */
void mps_html_free(mps_html *html);

/** @return MPS_NEED_* for mps_trace_read() of each capture. */
unsigned mps_html_needs(const mps_html *html);

/** @return who must see a capture while it is read; refers to `html`. @param capture  0: A, 1: B */
mps_trace_visitor mps_html_visitor(mps_html *html, unsigned capture);

/** Write the page.
 *  @param traces      of A and of B, as they were read; the second may be NULL
 *  @param comparison  of both; NULL: there is one capture */
void mps_html_write(const mps_html *html, const mps_trace *const traces[2],
                    const mps_comparison *comparison, FILE *out);

#endif
