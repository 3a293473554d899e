/* likely.h: which way a decision goes as a rule, for the compiler.
 *
 * Most segments take the same way through the code. The compiler puts what is not on it elsewhere,
 * so that a processor seldom jumps. Where a capture is of another kind, a wrong hint costs a jump.
 * G_LIKELY and G_UNLIKELY of GLib 2.74 have no effect with GCC 12.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_LIKELY_H
#define MPS_LIKELY_H

/* True, or false, for most segments of most captures. */
#define MPS_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define MPS_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

#endif
