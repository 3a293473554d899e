// SPDX-License-Identifier: GPL-2.0-or-later
//
// port.h: one end of the emulator: an AF_PACKET socket on an interface, which hears every frame
// that comes in and sends frames out, untouched by the host's stack. A frame may come with work
// that the sender left to its network card (checksum, segmentation); it is told then.

#ifndef LAB_PORT_H
#define LAB_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct port {
    const char *interface;
    int fd;
};

/** A frame that came in. */
struct port_frame {
    size_t length;       /**< bytes */
    int64_t time;        /**< when the kernel received it: ns since 1970 */
    size_t piece;        /**< it is to be cut into segments of so much payload; 0: it is not */
    bool needs_checksum; /**< its TCP checksum is still to be computed */
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
 * @param frame   set to what is known of the frame
 */
enum port_result port_receive(const struct port *port, uint8_t *buffer, size_t size,
                              struct port_frame *frame);

/** Send a frame. @return false if the interface did not take it (it is down, say). */
bool port_send(const struct port *port, const uint8_t *frame, size_t length);

/** How many frames the kernel dropped before the emulator could receive them. */
unsigned port_drops(const struct port *port);

#endif
