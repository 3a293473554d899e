// SPDX-License-Identifier: GPL-2.0-or-later
//
// record.h: the forwarding record: which received frame is which sent frame. A super-segment, which
// its sender left to the network card to split, is sent as several frames.
//
// The k-th frame that the emulator receives on a side is the k-th frame that the host there sent.
// The k-th frame that it sends on a side is the k-th that the host there receives. So the record
// shows which captured packet is which, without its headers.
//
// The file is CSV. It has a header line, then a line for each received frame, or for each segment
// that it was split into, in their order. The last line begins with "# end". It says how many
// frames were received on each side, and how many the kernel dropped before the emulator received
// them. Columns:
//
//   direction   ab (from side A to side B) or ba
//   input       k: the k-th frame received in this direction, from 1
//   output      k: sent as the k-th frame in this direction, from 1; empty: not sent
//   output2     likewise for the duplicate; empty: no duplicate
//   received    when it was received: ns since 1970
//   sent        when it was sent, ns since 1970; empty: not sent
//   verdict     see enum verdict
//   is_tcp      1 or 0
//   length      bytes of the frame as received
//   input_crc   CRC-32 of the first 114 bytes as received, 8 hexadecimal digits
//   output_length, output_crc
//               likewise for the frame as sent
//   offset      offset of the sent payload in the received payload; 0 except for split frames
//   payload     bytes of TCP payload sent; 0 for other frames
//   sequence    TCP sequence number as sent, and
//   flow        CRC-32 of addresses and ports as sent, 8 hexadecimal digits. With payload, sequence
//               and flow, frames that the receiving host merges (GRO) can be separated again
//   queued      ns that it waited until the link began to send it
//   frozen      ns of these while the link had stopped
//   service     ns that the link needed to send it

#ifndef LAB_RECORD_H
#define LAB_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum verdict {
    VERDICT_PENDING,    /**< still in transit when the emulator was stopped */
    VERDICT_FORWARDED,  /**< sent once, in order */
    VERDICT_DUPLICATED, /**< sent twice */
    VERDICT_REORDERED,  /**< sent once, after an extra delay in which others could overtake it */
    VERDICT_LOST,       /**< lost at random */
    VERDICT_QUEUE,      /**< dropped because the queue was full */
    VERDICT_REFUSED,    /**< the interface did not take it, because it was down */
};

/** One line of the record. Members without a comment are columns, see above. */
struct record_entry {
    int64_t received; /**< ns since 1970 */
    int64_t sent;
    int64_t queued;
    int64_t frozen;
    int64_t service;
    uint64_t output[2]; /**< 0: not sent */
    uint64_t input;     /**< number of the received frame, from 1 */
    size_t length;      /**< bytes, as received */
    size_t output_length;
    size_t offset;
    size_t payload;
    uint32_t sequence;
    uint32_t flow;
    uint32_t input_print;
    uint32_t output_print;
    enum verdict verdict;
    bool is_tcp;
};

/** The record of one direction. */
struct record {
    struct record_entry *entries;
    size_t count;
    size_t capacity;  /**< entries allocated */
    uint64_t inputs;  /**< frames received */
    uint64_t outputs; /**< frames sent */
};

/**
 * Add an entry for the next received frame, or for the next segment that it is split into.
 *
 * @return its index; entries may move in memory when another one is added
 */
size_t record_add(struct record *record, const struct record_entry *entry);

/** Record that a frame, or its duplicate, was sent. @param time  ns since 1970 */
void record_sent(struct record *record, size_t index, int64_t time);

/** Write the line of column names. */
void record_write_header(FILE *file);

/** Write all entries of a direction. @param direction  "ab" or "ba" */
void record_write(const struct record *record, const char *direction, FILE *file);

/** Free the entries. */
void record_free(struct record *record);

#endif
