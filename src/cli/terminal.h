/* terminal.h: what the terminal can show.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TERMINAL_H
#define MPS_TERMINAL_H

#include <stdbool.h>

/** @return whether the terminal cannot move its cursor or show colours: TERM is "dumb" or not set.
 */
bool mps_terminal_is_dumb(void);

/** @return characters of a line: COLUMNS where that is a number, otherwise what the terminal says.
 *  @param descriptor  of the terminal */
unsigned mps_terminal_width(int descriptor);

#endif
