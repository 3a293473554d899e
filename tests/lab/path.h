// SPDX-License-Identifier: GPL-2.0-or-later
//
// path.h: one direction of a path: a bottleneck link with a rate and a queue that drops frames when
// it is full, then delay, and random loss, duplication and reordering.

#ifndef LAB_PATH_H
#define LAB_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mangle.h"
#include "port.h"
#include "record.h"

/** The properties of one direction. Loss, duplicate and reorder are shares in millionths. */
struct path_settings {
    int64_t delay;        /**< propagation delay, ns */
    int64_t jitter;       /**< largest extra delay, uniformly distributed, without reordering; ns */
    int64_t reorder_hold; /**< extra delay of frames that are reordered, ns */
    uint64_t rate;        /**< kbit/s; 0: unlimited */
    uint64_t queue;       /**< frames that may wait for the link; 0: unlimited */
    uint32_t loss;
    uint32_t duplicate;
    uint32_t reorder;
    uint32_t lose;       /**< TCP frames after the first one that are lost */
    int64_t freeze;      /**< the link stops so long after the first TCP frame, ns; 0: never */
    int64_t freeze_time; /**< and goes on after this time, ns */
};

struct path_frame;

struct path {
    struct path_settings settings;
    struct record record;
    struct path_frame *first; /**< frames in transit, sorted by when they leave */
    struct path_frame *last;
    int64_t link_free;   /**< when the link has sent all frames it was given, ns */
    int64_t last_due;    /**< when the last frame that is not reordered leaves, ns */
    int64_t *departures; /**< ring of the last `queue` departures from the link, ns */
    uint64_t departed;   /**< departures so far */
    uint64_t tcp_frames; /**< TCP frames so far */
    int64_t first_tcp;   /**< when the first of them came, ns */
    uint64_t random;     /**< state of the random generator */
};

/** Initialise a path. Random decisions depend only on the seed and on the order of frames. */
void path_init(struct path *path, const struct path_settings *settings, uint64_t seed);

/** Free a path, with frames in transit and its record. */
void path_free(struct path *path);

/**
 * Take a frame. First do what its sender left to the network card: set the checksum, and split a
 * super-segment into segments. Each segment is then treated as a frame of its own.
 *
 * @param path       this direction
 * @param mangler    the middlebox on the path
 * @param direction  0 from A to B, 1 from B to A
 * @param bytes      Ethernet frame; may be changed
 * @param frame      its length, time and open work
 */
void path_take(struct path *path, struct mangler *mangler, int direction, uint8_t *bytes,
               const struct port_frame *frame);

/** Send every frame that is due. @param now  ns since 1970 */
void path_deliver(struct path *path, const struct port *out, int64_t now);

/** @return when the next frame is due, ns since 1970; INT64_MAX: no frame is in transit. */
int64_t path_next_due(const struct path *path);

#endif
