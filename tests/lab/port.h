// SPDX-License-Identifier: GPL-2.0-or-later
//
// port.h: one end of the emulator: an AF_PACKET socket on an interface, which hears every frame
// that comes in and sends frames out, untouched by the host's stack.

#ifndef LAB_PORT_H
#define LAB_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct port {
    const char *interface;
    int fd;
};

/** What port_receive() found. */
enum port_result { PORT_FRAME, PORT_EMPTY, PORT_FAILED };

/**
 * Open a port. Says on standard error what went wrong.
 *
 * @return false if it cannot be used
 */
bool port_open(struct port *port, const char *interface);

void port_close(struct port *port);

/**
 * Take the next frame, if there is one.
 *
 * @param buffer  room for the frame
 * @param size    bytes of room; a longer frame is an error
 * @param length  set to the frame's length
 * @param time    set to when the kernel received it: ns since 1970
 */
enum port_result port_receive(const struct port *port, uint8_t *buffer, size_t size, size_t *length,
                              int64_t *time);

/** Send a frame. @return false if the interface did not take it (it is down, say). */
bool port_send(const struct port *port, const uint8_t *frame, size_t length);

/** How many frames the kernel dropped before the emulator could receive them. */
unsigned port_drops(const struct port *port);

#endif
