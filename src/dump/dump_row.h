/* dump_row.h: the cells of a row of the dump (docs/dump-format.md), in the order of the columns.
 *
 * Each function writes cells with a comma after each, but for the last cell of a row, and returns
 * the end of what it wrote. All of a row take less than MPS_ROW_MAX bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DUMP_ROW_H
#define MPS_DUMP_ROW_H

#include "tracker/tracker_state.h"

/* More bytes than the longest row: about 40 numbers of at most 20 digits, two addresses, 80 hex
 * digits, 4 SACK blocks and 13 option names; and than the cells of numbers and verdict. */
#define MPS_ROW_MAX 2048u
#define MPS_ROW_CHANGING_MAX 256u

/* Texts of addresses: a capture has few addresses and many rows. A power of two. */
#define MPS_ROW_ADDRESSES 256u

typedef struct {
    mps_address address;
    uint8_t text_length; /* 0: nothing is kept here */
    char text[MPS_ADDRESS_TEXT_MAX];
} mps_row_address;

/* All zero: no text is kept yet. */
typedef struct {
    mps_row_address entries[MPS_ROW_ADDRESSES];
} mps_row_addresses;

/** Write what the segment states (MPS_DUMP_FACTS). @param addresses  keeps texts for the next rows
 */
char *mps_row_put_facts(char *at, mps_row_addresses *addresses, const mps_segment *segment);

/** Write its options for people (MPS_DUMP_DECODED). */
char *mps_row_put_decoded(char *at, const mps_segment *segment);

/** Write the cells that may have to be corrected at the end (MPS_DUMP_NUMBERS). */
char *mps_row_put_numbers(char *at, const mps_tracker *tracker, const mps_verdict *verdict);

/** Write the verdict (MPS_DUMP_VERDICT). */
char *mps_row_put_verdict(char *at, const mps_tracker *tracker, const mps_verdict *verdict);

/** Write empty cells in place of numbers and verdict, for plain TCP. */
char *mps_row_put_no_verdict(char *at);

/* Bytes of a link address, and the colon that is written behind it. */
#define MPS_ROW_LINK_ADDRESS 18u

/** Write a link address as Wireshark does (02:42:ac:11:00:02), without a comma; nothing for 0. */
char *mps_row_put_link_address(char *at, uint64_t address);

#endif
