/* frames.c: reads the frames of a capture file through libpcap.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* fopencookie */
#endif

#include "frames.h"

#include <errno.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <string.h>

#include "blocks.h"
#include "capture_internal.h"
#include <mptcpscope/error.h>

/* Bytes of the stdio buffer: fewer and larger reads than with its default. */
#define BUFFER_SIZE 65536

/* A pcapng file begins with this. */
#define MAGIC_SIZE 4u
static const uint8_t pcapng_magic[MAGIC_SIZE] = {0x0a, 0x0d, 0x0d, 0x0a};

struct mps_frames {
    pcap_t *pcap;
    mps_input *input;
    mps_blocks *blocks; /* NULL: the file is no pcapng */
    int link_type;
    bool empty; /* the file has no bytes */
    uint64_t count;
    char buffer[BUFFER_SIZE];
};

/* Report that the file lacks its end. What libpcap gave before that is whole. */
static void set_cut_off(const mps_frames *frames, const char *what, GError **error)
{
    if (frames->count == 0)
        g_set_error(error, MPS_ERROR, MPS_ERROR_CUT_OFF, "%s cut off before the first frame", what);
    else
        g_set_error(error, MPS_ERROR, MPS_ERROR_CUT_OFF, "%s cut off after frame %" PRIu64, what,
                    frames->count);
}

/* Report why libpcap could not read on, in clearer words than its own where possible. */
static void set_pcap_error(const mps_frames *frames, const char *text, GError **error)
{
    const char *problem = mps_input_problem(frames->input);

    if (mps_input_cut_off(frames->input)) {
        set_cut_off(frames, "the compressed data are", error);
        return;
    }
    if (problem == NULL && g_str_has_prefix(text, "truncated") && !frames->empty) {
        set_cut_off(frames, "the file is", error);
        return;
    }
    if (problem != NULL)
        text = problem;
    else if (frames->empty)
        text = "the file is empty";
    else if (strstr(text, "unknown file format") != NULL)
        text = "not a capture in pcap or pcapng format";
    else if (strstr(text, "different from the type of the first interface") != NULL)
        /* libpcap says this also about two interfaces of raw IP, because it compares the number
         * of that link type in the file with the different one in memory. */
        text = "several interfaces of different link types, or of raw IP, are not supported";
    else if (strstr(text, "different from the snapshot length of the first interface") != NULL)
        text = "several interfaces of different snapshot lengths are not supported";

    if (frames->count == 0)
        g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT, text);
    else
        g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT, "after frame %" PRIu64 ": %s", frames->count,
                    text);
}

/* Called by stdio when libpcap needs more bytes. */
static ssize_t read_bytes(void *cookie, char *to, size_t size)
{
    mps_frames *frames = cookie;
    const ssize_t got = mps_input_read(frames->input, to, size);
    size_t used = 0;
    while (frames->blocks != NULL && got > 0 && used < (size_t)got) {
        used += mps_blocks_follow(frames->blocks, (const uint8_t *)to + used, (size_t)got - used);
        if (mps_blocks_stopped(frames->blocks))
            g_byte_array_unref(mps_blocks_resume(frames->blocks));
    }
    return got;
}

static bool open_pcap(mps_frames *frames, GError **error)
{
    char text[PCAP_ERRBUF_SIZE] = "";
    FILE *stream = fopencookie(frames, "r", (cookie_io_functions_t){.read = read_bytes});
    if (stream == NULL) {
        g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT, g_strerror(errno));
        return false;
    }
    setvbuf(stream, frames->buffer, _IOFBF, BUFFER_SIZE);
    frames->pcap =
        pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, text);
    if (frames->pcap == NULL) {
        set_pcap_error(frames, text, error);
        fclose(stream);
        return false;
    }

    frames->link_type = pcap_datalink(frames->pcap);
    if (!mps_link_known(frames->link_type)) {
        g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT, "link type %s is not supported",
                    pcap_datalink_val_to_description_or_dlt(frames->link_type));
        return false;
    }
    return true;
}

mps_frames *mps_frames_new(mps_input *input, GError **error)
{
    mps_frames *frames = g_new(mps_frames, 1); /* the buffer is not cleared */
    const char *start;
    const size_t begin = mps_input_peek(input, MAGIC_SIZE, &start);
    const bool is_pcapng = begin == MAGIC_SIZE && memcmp(start, pcapng_magic, MAGIC_SIZE) == 0;
    frames->pcap = NULL;
    frames->input = input;
    frames->blocks = is_pcapng ? mps_blocks_new() : NULL;
    frames->empty = begin == 0;
    frames->count = 0;
    if (open_pcap(frames, error))
        return frames;
    mps_frames_free(frames);
    return NULL;
}

int mps_frames_next(mps_frames *frames, mps_frame *frame, GError **error)
{
    struct pcap_pkthdr *header;
    const u_char *bytes;
    const int result = pcap_next_ex(frames->pcap, &header, &bytes);
    if (result == PCAP_ERROR_BREAK) /* the file has ended */
        return 0;
    if (result != 1) {
        set_pcap_error(frames, pcap_geterr(frames->pcap), error);
        return -1;
    }
    frames->count++;
    /* Seconds of pcap are unsigned, with 32 bits; libpcap takes them for a signed number. */
    const int64_t seconds =
        frames->blocks == NULL ? (uint32_t)header->ts.tv_sec : (int64_t)header->ts.tv_sec;
    *frame = (mps_frame){
        .link_type = frames->link_type,
        .bytes = bytes,
        .captured = header->caplen,
        .length = MAX(header->len, header->caplen),
        /* PCAP_TSTAMP_PRECISION_NANO: tv_usec holds nanoseconds. */
        .time = mps_time_of(seconds, header->ts.tv_usec),
        .link = MPS_NO_LINK_FACTS,
    };
    if (frames->blocks != NULL)
        mps_blocks_take_packet(frames->blocks, &frame->link);
    return 1;
}

uint64_t mps_frames_count(const mps_frames *frames)
{
    return frames->count;
}

uint64_t mps_frames_drops(const mps_frames *frames)
{
    return frames->blocks != NULL ? mps_blocks_drops(frames->blocks) : 0;
}

void mps_frames_free(mps_frames *frames)
{
    if (frames == NULL)
        return;
    if (frames->pcap != NULL)
        pcap_close(frames->pcap); /* closes the stream as well */
    mps_blocks_free(frames->blocks);
    g_free(frames);
}
