/* write_all.h: writes to a descriptor whatever pieces the system takes at once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_WRITE_ALL_H
#define MPS_WRITE_ALL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

/** Write all bytes, also where a signal interrupts that. @return false, with errno, on errors */
static inline bool mps_write_all(int fd, const void *bytes, size_t size)
{
    const char *from = bytes;
    while (size > 0) {
        ssize_t written = write(fd, from, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        from += written;
        size -= (size_t)written;
    }
    return true;
}

#endif
