/* hdf5.c: the module that writes tables to an HDF5 file, as the tables of HDF5's high-level library
 * (H5TB): what PyTables, pandas, h5py and MATLAB read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "export/table_file.h"

#include <errno.h>
#include <glib.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <string.h>

/* More takes longer and saves little. */
#define DEFLATE_LEVEL 4

/* The version of the table format that readers look at. */
#define TABLE_VERSION "3.0"

typedef struct {
    hid_t file;
    char *table; /* that was begun last; NULL: none */
    size_t row_size, *offsets, *sizes;
} hdf5_state;

extern const mps_table_file mps_hdf5_file;

static void *open_file(const char *path)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* the caller reports errors */
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    if (file < 0)
        return NULL;
    hdf5_state *state = g_new0(hdf5_state, 1);
    state->file = file;
    return state;
}

/* @return the type of a column in the file and in memory, closed by the caller */
static hid_t type_of(const mps_stored_column *column)
{
    switch (column->type) {
    case MPS_STORED_U8:
        return H5Tcopy(H5T_NATIVE_UINT8);
    case MPS_STORED_U16:
        return H5Tcopy(H5T_NATIVE_UINT16);
    case MPS_STORED_U32:
        return H5Tcopy(H5T_NATIVE_UINT32);
    case MPS_STORED_U64:
        return H5Tcopy(H5T_NATIVE_UINT64);
    case MPS_STORED_I32:
        return H5Tcopy(H5T_NATIVE_INT32);
    case MPS_STORED_I64:
        return H5Tcopy(H5T_NATIVE_INT64);
    case MPS_STORED_REAL:
        return H5Tcopy(H5T_NATIVE_DOUBLE);
    case MPS_STORED_TEXT:
        break;
    }
    const hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, column->size);
    return text;
}

/* @return how the table is stored: in compressed chunks, without the time of the export, so that
 *         the same capture gives the same bytes */
static hid_t properties_of(hsize_t chunk)
{
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(properties, 1, &chunk);
    H5Pset_shuffle(properties);
    H5Pset_deflate(properties, DEFLATE_LEVEL);
    H5Pset_obj_track_times(properties, 0);
    return properties;
}

/* Make the table without rows. @return whether that was possible */
static bool create(const hdf5_state *state, const mps_stored_column *columns, unsigned count,
                   size_t chunk)
{
    const hsize_t rows = 0, limit = H5S_UNLIMITED;
    const hid_t row = H5Tcreate(H5T_COMPOUND, state->row_size);
    const hid_t space = H5Screate_simple(1, &rows, &limit), properties = properties_of(chunk);
    bool good = true;
    for (unsigned i = 0; i < count; i++) {
        const hid_t type = type_of(&columns[i]);
        good = good && H5Tinsert(row, columns[i].name, columns[i].offset, type) >= 0;
        H5Tclose(type);
    }
    const hid_t set =
        H5Dcreate2(state->file, state->table, row, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    good = good && set >= 0;
    if (set >= 0)
        good = H5Dclose(set) >= 0 && good;
    H5Pclose(properties);
    H5Sclose(space);
    H5Tclose(row);
    return good;
}

/* Set the attributes by which readers know a table of H5TB. */
static bool mark(const hdf5_state *state, const char *title, const mps_stored_column *columns,
                 unsigned count)
{
    const char *const names[] = {"CLASS", "VERSION", "TITLE"};
    const char *const texts[] = {"TABLE", TABLE_VERSION, title};
    bool good = true;
    for (unsigned i = 0; good && i < G_N_ELEMENTS(names); i++)
        good = H5LTset_attribute_string(state->file, state->table, names[i], texts[i]) >= 0;
    for (unsigned i = 0; good && i < count; i++) {
        char *name = g_strdup_printf("FIELD_%u_NAME", i);
        good = H5LTset_attribute_string(state->file, state->table, name, columns[i].name) >= 0;
        g_free(name);
    }
    return good;
}

static void forget_table(hdf5_state *state)
{
    g_free(state->table);
    g_free(state->offsets);
    g_free(state->sizes);
}

static bool begin_table(void *data, const char *name, const char *title,
                        const mps_stored_column *columns, unsigned count, size_t row_size,
                        size_t chunk)
{
    hdf5_state *state = data;
    forget_table(state);
    state->table = g_strdup(name);
    state->row_size = row_size;
    state->offsets = g_new(size_t, count);
    state->sizes = g_new(size_t, count);
    for (unsigned i = 0; i < count; i++) {
        state->offsets[i] = columns[i].offset;
        state->sizes[i] = columns[i].size;
    }
    errno = 0;
    return create(state, columns, count, chunk) && mark(state, title, columns, count);
}

static bool append_rows(void *data, const void *rows, size_t count)
{
    const hdf5_state *state = data;
    errno = 0;
    return H5TBappend_records(state->file, state->table, count, state->row_size, state->offsets,
                              state->sizes, rows) >= 0;
}

static bool describe_file(void *data, const char *name, const char *text)
{
    const hdf5_state *state = data;
    errno = 0;
    return H5LTset_attribute_string(state->file, "/", name, text) >= 0;
}

static bool close_file(void *data)
{
    hdf5_state *state = data;
    errno = 0;
    const bool flushed = H5Fflush(state->file, H5F_SCOPE_GLOBAL) >= 0;
    const int problem = errno;
    const bool closed = H5Fclose(state->file) >= 0;
    if (!flushed)
        errno = problem;
    forget_table(state);
    g_free(state);
    return flushed && closed;
}

const mps_table_file mps_hdf5_file = {
    .open = open_file,
    .begin = begin_table,
    .append = append_rows,
    .describe = describe_file,
    .close = close_file,
};
