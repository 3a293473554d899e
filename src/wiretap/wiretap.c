/* wiretap.c: reads a pcapng file through Wireshark's wiretap.
 *
 * A module that the command loads when libpcap cannot read a file on: capture/relay.c. Differences
 * between the wiretap of Wireshark 4.0, 4.4 and 4.6 are in record.h, and where the log begins.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture/frame_reader.h"

#include <wiretap/wtap.h>
#include <wsutil/wslog.h>

#include "link_types.h"
#include "record.h"

typedef struct {
    wtap *file;
    mps_wiretap_record record;
    GHashTable *link_types; /* of mps_link_types_new() */
} wiretap_reader;

/* Called when the module is loaded. Without ws_log_init() wiretap logs each block that it reads. */
static void __attribute__((constructor)) start(void)
{
#if WIRESHARK_VERSION_NUMBER >= 406
    ws_log_init(NULL);
#else
    ws_log_init("mptcpscope", NULL);
#endif
    wtap_init(FALSE);
}

/* @return the reason, freed by the caller; `details` is freed */
static char *describe(int number, char *details)
{
    char *text = details != NULL ? g_strdup(details) : g_strdup(wtap_strerror(number));
    g_free(details);
    return text;
}

static void *open_file(const char *path, char **problem)
{
    int number = 0;
    char *details = NULL;
    /* Not WTAP_TYPE_AUTO, which takes other formats for whatever looks like them. */
    const unsigned format = open_info_name_to_type("Wireshark/... - pcapng");
    wtap *file = wtap_open_offline(path, format, &number, &details, FALSE);
    if (file == NULL) {
        *problem = describe(number, details);
        return NULL;
    }
    wiretap_reader *reader = g_new0(wiretap_reader, 1);
    reader->file = file;
    reader->link_types = mps_link_types_new();
    mps_wiretap_record_init(&reader->record);
    return reader;
}

static void set_packet(wiretap_reader *reader, mps_read_frame *frame)
{
    const wtap_packet_header *header = &reader->record.header.rec_header.packet_header;
    frame->link_type =
        mps_link_types_find(reader->link_types, header->pkt_encap, MPS_LINK_TYPE_UNKNOWN);
    frame->bytes = mps_wiretap_record_bytes(&reader->record);
    frame->captured = header->caplen;
    frame->length = header->len;
}

static mps_read_result next_frame(void *state, mps_read_frame *frame, char **problem)
{
    wiretap_reader *reader = state;
    int number = 0;
    char *details = NULL;
    if (!mps_wiretap_record_read(&reader->record, reader->file, &number, &details)) {
        if (number == 0 || number == WTAP_ERR_SHORT_READ) {
            g_free(details);
            return number == 0 ? MPS_READ_END : MPS_READ_CUT_OFF;
        }
        *problem = describe(number, details);
        return MPS_READ_FAILED;
    }
    *frame = (mps_read_frame){
        .link_type = MPS_FRAME_NO_PACKET,
        .seconds = reader->record.header.ts.secs,
        .nanoseconds = reader->record.header.ts.nsecs,
    };
    if (reader->record.header.rec_type == REC_TYPE_PACKET)
        set_packet(reader, frame);
    return MPS_READ_FRAME;
}

static void close_file(void *state)
{
    wiretap_reader *reader = state;
    mps_wiretap_record_clear(&reader->record);
    wtap_close(reader->file);
    g_hash_table_unref(reader->link_types);
    g_free(reader);
}

extern const mps_frame_reader mps_wiretap_reader;
const mps_frame_reader mps_wiretap_reader = {open_file, next_frame, close_file};
