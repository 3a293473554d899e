// SPDX-License-Identifier: GPL-2.0-or-later
//
// path.h: what a path does to packets in one direction: it takes them one after another at its
// rate, drops what finds the queue full, loses, duplicates, delays and reorders at random.

#ifndef LAB_PATH_H
#define LAB_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mangle.h"
#include "port.h"
#include "record.h"

/** The properties of one direction. Shares are in millionths. */
struct path_settings {
    int64_t delay;        /**< propagation, ns */
    int64_t jitter;       /**< at most this much more, uniformly, never overtaking; ns */
    int64_t reorder_hold; /**< extra time of frames that are reordered, ns */
    uint64_t rate;        /**< kbit/s; 0 is unlimited */
    uint64_t queue;       /**< frames that may wait for the line; 0 is unlimited */
    uint32_t loss;
    uint32_t duplicate;
    uint32_t reorder;
};

struct path_frame;

struct path {
    struct path_settings settings;
    struct record record;
    struct path_frame *first; /**< frames on their way, the next one to leave first */
    struct path_frame *last;
    int64_t line_free;   /**< when the line has sent all it was given */
    int64_t last_due;    /**< when the last frame in turn leaves */
    int64_t *departures; /**< ring of the last `queue` departures from the line */
    uint64_t departed;
    uint64_t random; /**< state of the generator */
};

/** Make a path. Random decisions depend on the seed and on the order of frames only. */
void path_init(struct path *path, const struct path_settings *settings, uint64_t seed);

/** Drop what is on its way, and the record. */
void path_free(struct path *path);

/**
 * Take a frame in. First of all, what its sender left to the network card is done: the checksum is
 * computed, a super-segment is cut into segments, each of which goes its own way.
 *
 * @param path       the direction
 * @param mangler    the middlebox on the path
 * @param direction  0 from A to B, 1 from B to A
 * @param bytes      Ethernet frame; may be changed
 * @param frame      what is known of it
 */
void path_take(struct path *path, struct mangler *mangler, int direction, uint8_t *bytes,
               const struct port_frame *frame);

/** Send every frame whose time has come. @param now  ns */
void path_deliver(struct path *path, const struct port *out, int64_t now);

/** When the next frame is due, in ns; INT64_MAX if there is none. */
int64_t path_next_due(const struct path *path);

#endif
