/* table_file.h: what a module offers that writes tables of fixed-size rows to a file.
 *
 * The module is loaded when such a file is written. It is not linked: its libraries would make each
 * start of the command slower.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TABLE_FILE_H
#define MPS_TABLE_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* The file name of the module, and the name of the mps_table_file that it exports. */
#define MPS_TABLE_FILE_MODULE "mptcpscope-hdf5.so"
#define MPS_TABLE_FILE_SYMBOL "mps_hdf5_file"

typedef enum {
    MPS_STORED_U8,
    MPS_STORED_U16,
    MPS_STORED_U32,
    MPS_STORED_U64,
    MPS_STORED_I32,
    MPS_STORED_I64,
    MPS_STORED_REAL, /* a double */
    MPS_STORED_TEXT, /* ASCII, filled up with NUL; at least one */
} mps_stored_type;

/* A column of a row in memory. Numbers are in the order of bytes of this machine. */
typedef struct {
    char *name;
    mps_stored_type type;
    size_t offset, size; /* within the row, bytes */
} mps_stored_column;

/* The functions set errno where they fail; 0: the reason is not known. */
typedef struct {
    /** Begin a file. @param path  is there, and is overwritten
     *  @return the state of the writer, for the other functions; NULL on errors */
    void *(*open)(const char *path);

    /** Begin a table. @param chunk  rows that are compressed together  @return false on errors */
    bool (*begin)(void *state, const char *name, const char *title,
                  const mps_stored_column *columns, unsigned count, size_t row_size, size_t chunk);

    /** Append rows to the table that was begun last. @return false on errors */
    bool (*append)(void *state, const void *rows, size_t count);

    /** Say something of the file as a whole. @param text  UTF-8  @return false on errors */
    bool (*describe)(void *state, const char *name, const char *text);

    /** End the file and free the state. @return false if not all could be written */
    bool (*close)(void *state);
} mps_table_file;

#endif
