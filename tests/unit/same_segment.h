/* same_segment.h: asserts that two segments are the same.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TEST_SAME_SEGMENT_H
#define TEST_SAME_SEGMENT_H

#include <mptcpscope/segment.h>

/** Fail the test if two segments differ, but for `order`. */
void assert_same_segment(const mps_segment *a, const mps_segment *b);

#endif
