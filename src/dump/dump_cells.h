/* dump_cells.h: reads the cells of a row of the dump into a segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DUMP_CELLS_H
#define MPS_DUMP_CELLS_H

#include "base/input.h"
#include <mptcpscope/segment.h>

typedef enum {
    MPS_CELL_U8,
    MPS_CELL_U16,
    MPS_CELL_U32,
    MPS_CELL_I32, /* empty: -1 */
    MPS_CELL_TIME,
    MPS_CELL_ADDRESS,
    MPS_CELL_OPTIONS,
    MPS_CELL_SUM,          /* empty: none */
    MPS_CELL_INTERFACE,    /* empty: MPS_NONE */
    MPS_CELL_LINK_INDEX,   /* empty: 0 */
    MPS_CELL_WAY,          /* empty: MPS_WAY_UNKNOWN */
    MPS_CELL_LINK_ADDRESS, /* empty: 0 */
} mps_cell_type;

/* A column that is read into a segment. */
typedef struct {
    const char *name;
    mps_cell_type type;
    bool optional;     /* dumps without it are accepted */
    size_t offset;     /* of the member in mps_segment */
    uint32_t min, max; /* of a number */
} mps_dump_column;

/* All columns that are read. */
#define MPS_DUMP_COLUMNS 25u
extern const mps_dump_column mps_dump_columns[MPS_DUMP_COLUMNS];

/* Addresses are cached by their text, because a dump has few of them and many rows. */
#define MPS_ADDRESS_CACHE_BITS 8

/* An address that was read before. */
typedef struct {
    mps_address address;
    uint8_t text_length; /* 0: unused */
    char text[MPS_ADDRESS_TEXT_MAX];
} mps_cached_address;

/* The columns of a dump and the row that is being read. */
typedef struct {
    mps_input *input;       /* gives the number of the line */
    GPtrArray *columns;     /* const mps_dump_column *; NULL for a column that is not read */
    unsigned last_read;     /* index of the last column that is read */
    const char *line, *end; /* the row; its newline, \n or \r\n, is at `end` */
    uint8_t options[MPS_TCP_OPTIONS_MAX];
    uint8_t options_count; /* bytes of options in the row */
    mps_cached_address addresses[1u << MPS_ADDRESS_CACHE_BITS];
} mps_dump_cells;

/**
 * Read a row.
 * @param cells    `line` and `end` hold the row
 * @param segment  filled in
 * @return false, with `error`, which names the line and the column, if the row is malformed
 */
bool mps_dump_cells_read(mps_dump_cells *cells, mps_segment *segment, GError **error);

/** Set an error that begins with the number of the current line. @return false */
G_GNUC_PRINTF(3, 4)
bool mps_dump_cells_fail(const mps_dump_cells *cells, GError **error, const char *format, ...);

/** Read the name of a way, or "" for MPS_WAY_UNKNOWN. @return false: it is neither */
bool mps_dump_way(const char *name, size_t length, mps_way *way);

/* Characters of a link address: 02:42:ac:11:00:02. */
#define MPS_LINK_ADDRESS_LENGTH 17u

/** Read a link address: six pairs of lower-case hex digits with colons between them.
 *  @param text  read up to the first character that does not fit
 *  @return false: it does not begin with a link address */
bool mps_dump_link_address(const char *text, uint64_t *address);

/* Digits of a number that certainly fits into 64 bits. */
#define MPS_SAFE_DIGITS 19

/** Read a decimal number. @param at  its first digit; set to the first byte after its digits
 *  @return false if there is no digit, or the number exceeds 64 bits */
static inline bool mps_dump_digits(const char **at, uint64_t *value)
{
    const char *start = *at, *p = start;
    uint64_t sum = 0;
    for (; (unsigned char)(*p - '0') < 10; p++) {
        unsigned digit = (unsigned char)(*p - '0');
        if (p - start >= MPS_SAFE_DIGITS && sum > (UINT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    *at = p;
    return p > start;
}

/** @return the value of a lower-case hex digit, or 16 for any other character. */
static inline unsigned mps_dump_hex_digit(char c)
{
    unsigned digit = (unsigned char)(c - '0'), letter = (unsigned char)(c - 'a');
    if (digit < 10)
        return digit;
    return letter < 6 ? letter + 10 : 16;
}

#endif
