/* record.h: one record of a capture file as wiretap reads it, alike in Wireshark 4.0, 4.4 and 4.6.
 *
 * For those who read files through wiretap: the reader in this folder and the plugin. The build
 * defines WIRESHARK_VERSION_NUMBER: 400, 404 or 406.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_WIRETAP_RECORD_H
#define MPS_WIRETAP_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <wiretap/wtap.h>

typedef struct {
    wtap_rec header;
#if WIRESHARK_VERSION_NUMBER < 406
    Buffer bytes; /* since 4.6 a part of the header */
#endif
} mps_wiretap_record;

/** Make an empty record. */
static inline void mps_wiretap_record_init(mps_wiretap_record *record)
{
#if WIRESHARK_VERSION_NUMBER >= 406
    wtap_rec_init(&record->header, 2048);
#else
    wtap_rec_init(&record->header);
    ws_buffer_init(&record->bytes, 2048);
#endif
}

/** Free what a record owns. */
static inline void mps_wiretap_record_clear(mps_wiretap_record *record)
{
    wtap_rec_cleanup(&record->header);
#if WIRESHARK_VERSION_NUMBER < 406
    ws_buffer_free(&record->bytes);
#endif
}

/** Read the next record of a file over the last one.
 *  @param number   set to the error (WTAP_ERR_*), or to 0 at the end of the file
 *  @param details  set to more on the error, freed by the caller, or NULL
 *  @return false at the end, and if it failed */
static inline bool mps_wiretap_record_read(mps_wiretap_record *record, wtap *file, int *number,
                                           char **details)
{
    int64_t offset;

    wtap_rec_reset(&record->header); /* frees what the last block brought */
#if WIRESHARK_VERSION_NUMBER >= 406
    return wtap_read(file, &record->header, number, details, &offset);
#else
    return wtap_read(file, &record->header, &record->bytes, number, details, &offset);
#endif
}

/** @return the bytes of the frame, owned by the record */
static inline const uint8_t *mps_wiretap_record_bytes(mps_wiretap_record *record)
{
#if WIRESHARK_VERSION_NUMBER >= 406
    return ws_buffer_start_ptr(&record->header.data);
#else
    return ws_buffer_start_ptr(&record->bytes);
#endif
}

#endif
