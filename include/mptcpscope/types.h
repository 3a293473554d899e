/* types.h: types that all parts share: numbers, directions, times, addresses.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_TYPES_H
#define MPTCPSCOPE_TYPES_H

#include <stdbool.h>
#include <stdint.h>

/* Stands for "none" where a subflow, a connection or their number is expected. */
#define MPS_NONE UINT32_MAX

/* Direction within a connection: client to server, server to client. */
typedef enum { MPS_C2S = 0, MPS_S2C = 1 } mps_direction;

/** @return "c2s" or "s2c", static. */
const char *mps_direction_name(mps_direction direction);

/** @return "client" or "server", static: who sends in a direction. */
const char *mps_direction_sender(mps_direction direction);

/** @return names with ", " between them, to be freed with g_free(). @param names  ended by NULL */
char *mps_names_text(const char *const *names);

/* A data sequence number (RFC 8684 section 3.3), as far as it is known. */
typedef struct {
    bool has_absolute, has_relative;
    uint64_t absolute; /* as on the wire, 64 bits */
    uint64_t relative; /* the first data byte of the direction has number 1 */
} mps_dsn;

/* Times are at most this many ns from the epoch (until the year 2116), so that their differences
 * fit into 64 bits whatever a file holds. */
#define MPS_TIME_MAX (INT64_C(1) << 62)

/** @return a time in ns since the epoch, limited to -MPS_TIME_MAX and MPS_TIME_MAX. */
int64_t mps_time_of(int64_t seconds, int64_t nanoseconds);

/* The most seconds that an option may give. */
#define MPS_SECONDS_MAX INT64_C(1000000000)

/** Read a number of seconds, 0 to MPS_SECONDS_MAX, with up to nine digits after the point.
 *  @param ns  set  @return false if the text is no such number */
bool mps_seconds_from_text(const char *text, int64_t *ns);

/* An IPv4 or IPv6 address. */
typedef struct {
    uint8_t length;    /* 4 or 16; 0: no address */
    uint8_t bytes[16]; /* in network byte order; unused ones are 0 */
} mps_address;

/* Bytes of the longest address as text, with its NUL (INET6_ADDRSTRLEN). */
#define MPS_ADDRESS_TEXT_MAX 46

/**
 * Write an address as text ("10.0.1.1", "fd00:1::1"), or "" for no address.
 * @param text  at least MPS_ADDRESS_TEXT_MAX bytes
 * @return text
 */
char *mps_address_text(const mps_address *address, char *text);

/** Read an address from text. @return false if the text is no address. */
bool mps_address_from_text(mps_address *address, const char *text);

/** Compare addresses, shorter ones first.
 *  @return less than, equal to or greater than 0, as memcmp() does. */
int mps_address_compare(const mps_address *a, const mps_address *b);

#endif
