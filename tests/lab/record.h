// SPDX-License-Identifier: GPL-2.0-or-later
//
// record.h: the forwarding record: which frame that came in is which frame that went out. A
// super-segment, which its sender left to the network card to cut, goes out as several.
//
// The k-th frame that the emulator receives on a side is the k-th frame that the host there sent,
// and the k-th frame it sends on a side the k-th that the host there receives. So the record tells
// which captured packet is which without a look at any header.
//
// The file is CSV: a header line, one line per received frame, or per segment that it was cut into
// (in their order), and a last line that begins with
// "# end" and says how many frames came in on each side and how many of them the kernel dropped
// before the emulator saw them. Columns:
//
//   direction   ab (from side A to side B) or ba
//   input       k: the k-th frame received in this direction, from 1
//   output      k: sent as the k-th frame in this direction, from 1; empty if it was not sent
//   output2     the same of the duplicate; empty if there is none
//   received    when it was received: ns since 1970
//   sent        when it was sent; empty if it was not sent
//   verdict     see enum verdict
//   is_tcp      1 or 0
//   length      bytes of the frame as received
//   input_crc   CRC-32 of the first 114 bytes as received, 8 hexadecimal digits
//   output_length, output_crc
//               the same as sent
//   offset      where the payload sent begins in the payload received: 0 but for segments cut out
//   payload     bytes of TCP payload sent; 0 if it is not TCP
//   sequence    TCP sequence number as sent, and
//   flow        CRC-32 of addresses and ports as sent, 8 hexadecimal digits: with these, the frames
//               that the receiving host merges (GRO) can be told apart again

#ifndef LAB_RECORD_H
#define LAB_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum verdict {
    VERDICT_PENDING,    /**< still on its way when the emulator was stopped */
    VERDICT_FORWARDED,  /**< sent once, in its turn */
    VERDICT_DUPLICATED, /**< sent twice */
    VERDICT_REORDERED,  /**< sent once, after an extra time in which others could overtake it */
    VERDICT_LOST,       /**< dropped by random loss */
    VERDICT_QUEUE,      /**< dropped because the queue was full */
    VERDICT_REFUSED,    /**< the interface did not take it: the link is down */
};

struct record_entry {
    int64_t received; /**< ns since 1970 */
    int64_t sent;
    uint64_t output[2]; /**< 0: none */
    uint64_t input;     /**< the how many-th frame received, from 1 */
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

/** What happened in one direction. */
struct record {
    struct record_entry *entries;
    size_t count;
    size_t room;
    uint64_t inputs;
    uint64_t outputs;
};

/**
 * Add an entry for the next frame received, or the next segment cut out of it.
 *
 * @return its index; the entry may move when another one is added
 */
size_t record_add(struct record *record, const struct record_entry *entry);

/** Note that a frame, or its duplicate, was sent at a time. */
void record_sent(struct record *record, size_t index, int64_t time);

/** Write the line of column names. */
void record_write_header(FILE *file);

/** Write all entries of a direction. */
void record_write(const struct record *record, const char *direction, FILE *file);

void record_free(struct record *record);

#endif
