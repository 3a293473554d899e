/* interrupt.c: lets SIGINT end what is read; interrupt.h describes it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "interrupt.h"
#include <sys/signalfd.h>
#include <unistd.h>

/* A shell starts programs in the background with SIGINT ignored. tshark takes it all the same. */
void mps_interrupt_begin(mps_interrupt *interrupt, mps_source *source)
{
    sigset_t set;
    interrupt->descriptor = -1;
    if (!mps_source_is_stream(source))
        return;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    interrupt->descriptor = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (interrupt->descriptor < 0)
        return;
    pthread_sigmask(SIG_BLOCK, &set, &interrupt->mask);
    sigaction(SIGINT, &(struct sigaction){.sa_handler = SIG_DFL}, &interrupt->action);
    mps_source_stop_at(source, interrupt->descriptor);
}

void mps_interrupt_end(mps_interrupt *interrupt)
{
    struct signalfd_siginfo came;
    if (interrupt->descriptor < 0)
        return;
    while (read(interrupt->descriptor, &came, sizeof came) > 0)
        continue;
    close(interrupt->descriptor);
    sigaction(SIGINT, &interrupt->action, NULL);
    pthread_sigmask(SIG_SETMASK, &interrupt->mask, NULL);
    interrupt->descriptor = -1;
}
