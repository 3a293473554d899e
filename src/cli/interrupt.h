/* interrupt.h: lets SIGINT end what is read, not the program, as tshark does while it captures.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_INTERRUPT_H
#define MPS_INTERRUPT_H

#include <mptcpscope/source.h>
#include <signal.h>

typedef struct {
    int descriptor; /* readable once SIGINT came; -1: SIGINT does what it did before */
    sigset_t mask;  /* as they were before: */
    struct sigaction action;
} mps_interrupt;

/** Let SIGINT end a source that is a pipe or the like, with what is there by then. Other sources,
 * and other signals, end the program; its output files have no name yet and vanish.
 *  @param interrupt  set; the caller ends it with mps_interrupt_end() when the source is read */
void mps_interrupt_begin(mps_interrupt *interrupt, mps_source *source);

/** Let SIGINT do again what it did. One that came is used up. */
void mps_interrupt_end(mps_interrupt *interrupt);

#endif
