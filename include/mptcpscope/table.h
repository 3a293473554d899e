/* table.h: tables: rows by columns that are declared once for text, csv, json and windows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_TABLE_H
#define MPTCPSCOPE_TABLE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum { MPS_FORMAT_TEXT, MPS_FORMAT_CSV, MPS_FORMAT_JSON } mps_format;

/** Read a format's name. @return false, with `error` naming those that exist, if it is none. */
bool mps_format_from_name(const char *name, mps_format *format, GError **error);

typedef enum {
    MPS_VALUE_NULL, /* unknown: null in json, empty in csv, "-" in text */
    MPS_VALUE_BOOL,
    MPS_VALUE_UINT,
    MPS_VALUE_INT,
    MPS_VALUE_SECONDS, /* duration or delay, held in ns: a number of seconds */
    MPS_VALUE_TIME,    /* absolute, held in ns: a string of seconds with nine decimals */
    MPS_VALUE_REAL,    /* a ratio or a rate */
    MPS_VALUE_STRING,  /* owned by the table */
    MPS_VALUE_BIG,     /* 64 bits, a string in decimal: a DSN */
    MPS_VALUE_KEY,     /* 64 bits, a string of 0x and 16 digits */
    MPS_VALUE_JSON,    /* a list: `nested`, owned by the table */
} mps_value_type;

typedef struct {
    mps_value_type type;
    union {
        bool boolean;
        uint64_t u;
        int64_t i;
        double real;
        char *string;
        struct {
            char *json, *text; /* as json has it; as csv and text show it */
        } nested;
    };
} mps_value;

/* A column. Columns of one group follow one another; json nests them under the group's name and
 * csv joins the two names by "_". */
typedef struct {
    const char *group; /* NULL: none */
    const char *name;
    mps_value_type type;
    const char *title; /* heading in text and in the Statistics table; NULL: not shown in text */
    const char *unit;  /* shown behind the title, NULL: none */
    int decimals;      /* of REAL and SECONDS in text; SECONDS are shown in ms when unit is "ms" */
} mps_column;

/* Rows of a report. */
typedef struct {
    const mps_column *columns;
    unsigned column_count;
    unsigned row_count;
    GArray *values; /* mps_value, row by row */
} mps_table;

void mps_table_free(mps_table *table);

/** @return the value in a row and column of the table. */
const mps_value *mps_table_value(const mps_table *table, unsigned row, unsigned column);

/** @return the value as text shows it ("-" for null); the caller frees it. */
char *mps_value_text(const mps_value *value, const mps_column *column);

#endif
