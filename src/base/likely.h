/* likely.h: which way a decision goes as a rule, for the compiler.
 *
 * Every segment of a capture takes the same way through the code. The compiler puts what is not on
 * it elsewhere, so that a processor seldom jumps. GLib's macros of this purpose have no effect with
 * GCC 12.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_LIKELY_H
#define MPS_LIKELY_H

/* True, or false, for nearly every segment of nearly every capture. */
#define MPS_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define MPS_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

#endif
