// SPDX-License-Identifier: GPL-2.0-or-later
//
// port.h: one end of the emulator: an AF_PACKET socket on an interface. It receives and sends all
// frames, past the host's network stack. A received frame may need work that its sender left to the
// network card (checksum, segmentation); struct port_frame says so.

#ifndef LAB_PORT_H
#define LAB_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct port {
    const char *interface;
    int fd;
};

/** A received frame. */
struct port_frame {
    size_t length;       /**< bytes */
    int64_t time;        /**< when the kernel received it: ns since 1970 */
    size_t segment_size; /**< split it into segments with this payload, bytes; 0: do not split */
    bool needs_checksum; /**< its TCP checksum is not set yet */
};

/** What port_receive() found. */
enum port_result { PORT_FRAME, PORT_EMPTY, PORT_FAILED };

/**
 * Open a port.
 *
 * @param interface  its name; must outlive the port
 * @return           false on failure, with a message on standard error
 */
bool port_open(struct port *port, const char *interface);

/** Close a port. */
void port_close(struct port *port);

/**
 * Take the next frame, if there is one.
 *
 * @param buffer  set to the frame
 * @param size    bytes of the buffer; a longer frame is an error
 * @param frame   set to the length, time and open work of the frame
 * @return        PORT_FAILED with a message on standard error
 */
enum port_result port_receive(const struct port *port, uint8_t *buffer, size_t size,
                              struct port_frame *frame);

/** Send a frame. @return false if the interface did not take it, for example because it is down. */
bool port_send(const struct port *port, const uint8_t *frame, size_t length);

/** @return how many frames the kernel dropped before the emulator received them. */
unsigned port_drops(const struct port *port);

#endif
