/* table.h: tables of rows and columns; a column is declared once for text, csv, json and windows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_TABLE_H
#define MPTCPSCOPE_TABLE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum { MPS_FORMAT_TEXT, MPS_FORMAT_CSV, MPS_FORMAT_JSON } mps_format;

/** Read the name of a format. @return false, with `error`, which lists the names, if there is no
 *  such format */
bool mps_format_from_name(const char *name, mps_format *format, GError **error);

typedef enum {
    MPS_VALUE_NULL, /* unknown: null in json, empty in csv, "-" in text */
    MPS_VALUE_BOOL,
    MPS_VALUE_UINT,
    MPS_VALUE_INT,
    MPS_VALUE_SECONDS, /* duration or delay, held in ns, written as a number of seconds */
    MPS_VALUE_TIME,    /* absolute, held in ns, written as a string of seconds with 9 decimals */
    MPS_VALUE_REAL,    /* a ratio or a rate */
    MPS_VALUE_STRING,  /* owned by the table */
    MPS_VALUE_BIG,     /* 64 bits, written as a string in decimal: a DSN */
    MPS_VALUE_KEY,     /* 64 bits, written as a string of 0x and 16 hex digits */
    MPS_VALUE_JSON,    /* a list: `nested`, owned by the table */
} mps_value_type;

/* A value in a table. */
typedef struct {
    mps_value_type type;
    union {
        bool boolean;
        uint64_t u;
        int64_t i;
        double real;
        char *string;
        struct {
            uint64_t absolute; /* the same as `u` */
            uint64_t relative; /* the first data byte of the direction has number 1; 0: not known */
        } dsn;                 /* of BIG */
        struct {
            char *json, *text; /* for json; for csv and text */
        } nested;
    };
} mps_value;

/* A column. The columns of a group are adjacent. json nests them under the name of the group; csv
 * joins the two names with "_". */
typedef struct {
    const char *group; /* NULL: none */
    const char *name;
    mps_value_type type;
    const char *title; /* heading in text and in the Statistics table; NULL: not shown in text */
    const char *unit;  /* shown after the title; NULL: none. Text converts to "ms" (from seconds),
                        * "Mbit/s" (from bit/s) and "%" (from a ratio) */
    int decimals;      /* of REAL and SECONDS in text */
} mps_column;

typedef struct mps_table mps_table;

/* A table. */
struct mps_table {
    const mps_column *columns;
    unsigned column_count;
    unsigned row_count;
    GArray *values; /* mps_value, row by row */
    const char
        *capture; /* not owned; text and csv have it in a first column; NULL: they have not */

    /* Called for each row once it is complete; the table holds that row alone, and no row
     * afterwards. NULL: the table holds all rows. */
    void (*take_row)(const mps_table *table, void *data);
    void *take_data;
};

/** Free a table and its values; NULL is allowed. */
void mps_table_free(mps_table *table);

/** @return the value in a row and a column, both from 0; owned by the table. */
const mps_value *mps_table_value(const mps_table *table, unsigned row, unsigned column);

/** @return the value as text shows it, freed by the caller; "-" for null. */
char *mps_value_text(const mps_value *value, const mps_column *column);

#endif
