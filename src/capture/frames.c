/* frames.c: reads the frames of a capture file, through libpcap as long as that can.
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
#include <stdio_ext.h>
#include <string.h>

#include "base/bytes.h"
#include "base/likely.h"
#include "blocks.h"
#include "capture_internal.h"
#include "relay.h"
#include <mptcpscope/error.h>

/* Bytes of the stdio buffer: fewer and larger reads than with its default. */
#define BUFFER_SIZE 65536

/* After so many frames it is noted how far libpcap has come in a file that it reads itself. */
#define FRAMES_A_NOTE 8192u

/* A pcapng file begins with this. */
#define MAGIC_SIZE 4u
static const uint8_t pcapng_magic[MAGIC_SIZE] = {0x0a, 0x0d, 0x0d, 0x0a};

/* Where the header of a pcap file has the snaplen, and where that ends. */
#define PCAP_SNAPLEN 16u
#define PCAP_SNAPLEN_END 20u

/* The largest snaplen of libpcap, for most link types. Most pcap files have it. */
#define SNAPLEN_LARGEST 262144u

/* The first byte of a pcap file in little endian, with time in microseconds and in nanoseconds. */
#define MAGIC_LITTLE_MICRO 0xd4u
#define MAGIC_LITTLE_NANO 0x4du

struct mps_frames {
    pcap_t *pcap;      /* NULL: libpcap could not begin */
    mps_relay *relay;  /* reads what libpcap cannot; NULL: libpcap reads */
    GByteArray *first; /* what it reads first; NULL: libpcap can read all so far */
    size_t given; /* bytes that libpcap got of the block that it cannot read; 0: no such block */
    mps_input *input;
    mps_blocks *blocks; /* NULL: the file is no pcapng */
    int link_type;      /* of what libpcap reads */
    bool empty;         /* the file has no bytes */
    bool handed_over;   /* libpcap reads the file itself */
    bool ended;
    size_t header; /* bytes of the header of a pcap file that passed */
    uint64_t count;
    char buffer[BUFFER_SIZE];
};

/* ---- errors ---- */

/* Report that the file lacks its end. What came before that is whole. @return -1 */
static int set_cut_off(const mps_frames *frames, GError **error)
{
    if (frames->count == 0)
        g_set_error(error, MPS_ERROR, MPS_ERROR_CUT_OFF,
                    "the file is cut off before the first frame");
    else
        g_set_error(error, MPS_ERROR, MPS_ERROR_CUT_OFF, "the file is cut off after frame %" PRIu64,
                    frames->count);
    return -1;
}

static int set_error(const mps_frames *frames, const char *text, GError **error)
{
    if (frames->count == 0)
        g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT, text);
    else
        g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT, "after frame %" PRIu64 ": %s", frames->count,
                    text);
    return -1;
}

/* Report why frames could not be read on.
 * @param text    the reader's reason
 * @param is_cut  the file ends too early, as the reader sees it
 * @return -1 */
static int set_read_error(const mps_frames *frames, const char *text, bool is_cut, GError **error)
{
    const char *problem = mps_input_problem(frames->input);
    if (mps_input_cut_off(frames->input))
        return set_cut_off(frames, error);
    if (problem != NULL)
        return set_error(frames, problem, error);
    if (frames->empty)
        return set_error(frames, "the file is empty", error);
    return is_cut ? set_cut_off(frames, error) : set_error(frames, text, error);
}

/* The same for libpcap, in clearer words than its own where possible. */
static int set_pcap_error(const mps_frames *frames, const char *text, GError **error)
{
    if (strstr(text, "unknown file format") != NULL)
        text = "not a capture in pcap or pcapng format";
    return set_read_error(frames, text, g_str_has_prefix(text, "truncated"), error);
}

/* ---- libpcap ---- */

/* libpcap cuts packets to the snaplen in the header, Wireshark does not: it is hidden from libpcap,
 * which then takes the largest. */
static void hide_snaplen(mps_frames *frames, char *bytes, size_t size)
{
    for (size_t i = 0; i < size && frames->header < PCAP_SNAPLEN_END; i++, frames->header++)
        if (frames->header >= PCAP_SNAPLEN)
            bytes[i] = 0;
}

/* Called by stdio when libpcap needs more bytes. Those of a block that it cannot read are kept for
 * the relay; what libpcap gets of it is no whole packet. */
static ssize_t read_bytes(void *cookie, char *to, size_t size)
{
    mps_frames *frames = cookie;
    if (frames->first != NULL)
        return 0;
    const ssize_t got = mps_input_read(frames->input, to, size);
    if (got <= 0)
        return got;
    if (frames->blocks == NULL) {
        hide_snaplen(frames, to, (size_t)got);
        return got;
    }
    const size_t used = mps_blocks_follow(frames->blocks, (const uint8_t *)to, (size_t)got);
    if (mps_blocks_stopped(frames->blocks)) {
        frames->first = mps_blocks_resume(frames->blocks, &frames->given);
        const guint8 *rest = (const guint8 *)to + used;
        g_byte_array_append(frames->first, rest, (guint)((size_t)got - used));
        mps_blocks_follow(frames->blocks, rest, (size_t)got - used);
    }
    return (ssize_t)used;
}

/* @return whether libpcap stopped since it has got all that it can read. If it stopped at damage
 * before, it has left the whole beginning of the block that it cannot read. */
static bool has_read_all(const mps_frames *frames, FILE *stream)
{
    size_t left = 0;
    while (left < frames->given && fgetc(stream) != EOF)
        left++;
    return left < frames->given;
}

/* @return whether the header of a pcap file has the snaplen that libpcap takes where none is set */
static bool has_largest_snaplen(const mps_frames *frames)
{
    const char *start;
    if (mps_input_peek(frames->input, PCAP_SNAPLEN_END, &start) < PCAP_SNAPLEN_END)
        return false;
    const uint8_t *header = (const uint8_t *)start;
    const bool is_little = header[0] == MAGIC_LITTLE_MICRO || header[0] == MAGIC_LITTLE_NANO;
    const uint8_t *snaplen = header + PCAP_SNAPLEN;
    return (is_little ? mps_load32_little(snaplen) : mps_load32(snaplen)) == SNAPLEN_LARGEST;
}

/* Where nothing is to be hidden from libpcap, nor followed, it reads the file itself. */
static FILE *open_stream(mps_frames *frames)
{
    FILE *stream = NULL;
    if (frames->blocks == NULL && has_largest_snaplen(frames))
        stream = mps_input_hand_over(frames->input);
    frames->handed_over = stream != NULL;
    return stream != NULL ? stream
                          : fopencookie(frames, "r", (cookie_io_functions_t){.read = read_bytes});
}

static bool open_pcap(mps_frames *frames, GError **error)
{
    char text[PCAP_ERRBUF_SIZE] = "";
    FILE *stream = open_stream(frames);
    if (stream == NULL) {
        g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT, g_strerror(errno));
        return false;
    }
    setvbuf(stream, frames->buffer, _IOFBF, BUFFER_SIZE);
    __fsetlocking(stream, FSETLOCKING_BYCALLER); /* nobody else reads it */
    frames->pcap =
        pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, text);
    if (frames->pcap == NULL) {
        const bool is_all = has_read_all(frames, stream);
        fclose(stream);
        if (is_all) /* libpcap cannot even begin */
            return true;
        if (frames->blocks != NULL && mps_blocks_empty(frames->blocks) &&
            mps_input_problem(frames->input) == NULL) {
            frames->ended = true;
            return true;
        }
        set_pcap_error(frames, text, error);
        return false;
    }

    frames->link_type = pcap_datalink(frames->pcap);
    return true;
}

/* @return whether there is a frame; otherwise `text` is the reason, NULL at the end */
static bool read_pcap(mps_frames *frames, mps_frame *frame, const char **text)
{
    struct pcap_pkthdr *header;
    const u_char *bytes;
    const int result = pcap_next_ex(frames->pcap, &header, &bytes);
    if (MPS_UNLIKELY(result != 1)) {
        *text = result == PCAP_ERROR_BREAK ? NULL : pcap_geterr(frames->pcap);
        return false;
    }
    /* Seconds of pcap are unsigned, with 32 bits; libpcap takes them for a signed number. */
    const int64_t seconds =
        frames->blocks == NULL ? (uint32_t)header->ts.tv_sec : (int64_t)header->ts.tv_sec;
    *frame = (mps_frame){
        .number = ++frames->count,
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
    if (frames->handed_over && MPS_UNLIKELY(frames->count % FRAMES_A_NOTE == 0))
        mps_input_passed(frames->input, (uint64_t)ftello(pcap_file(frames->pcap)));
    return true;
}

/* ---- the relay ---- */

/* @return as mps_frames_next() */
static int read_relay(mps_frames *frames, mps_frame *frame, GError **error)
{
    mps_read_frame read;
    char *problem = NULL;
    const mps_read_result result = mps_relay_next(frames->relay, &read, &problem);
    if (result == MPS_READ_FRAME) {
        *frame = (mps_frame){
            .number = ++frames->count,
            .link_type = mps_link_of_file(read.link_type),
            .bytes = read.bytes,
            .captured = read.captured,
            .length = MAX(read.length, read.captured),
            .time = mps_time_of(read.seconds, read.nanoseconds),
            .link = MPS_NO_LINK_FACTS,
        };
        if (read.link_type != MPS_FRAME_NO_PACKET)
            mps_relay_take_packet(frames->relay, &frame->link);
        return 1;
    }
    mps_relay_free(frames->relay); /* from now on nobody else reads the input */
    frames->relay = NULL;
    frames->ended = true;
    if (result == MPS_READ_END && mps_input_problem(frames->input) == NULL)
        return 0;
    set_read_error(frames, problem != NULL ? problem : "", result == MPS_READ_CUT_OFF, error);
    g_free(problem);
    return -1;
}

/* ---- frames ---- */

mps_frames *mps_frames_new(mps_input *input, GError **error)
{
    mps_frames *frames = g_new(mps_frames, 1); /* the buffer is not cleared */
    const char *start;
    const size_t begin = mps_input_peek(input, MAGIC_SIZE, &start);
    const bool is_pcapng = begin == MAGIC_SIZE && memcmp(start, pcapng_magic, MAGIC_SIZE) == 0;
    frames->pcap = NULL;
    frames->relay = NULL;
    frames->first = NULL;
    frames->given = 0;
    frames->input = input;
    frames->blocks = is_pcapng ? mps_blocks_new() : NULL;
    frames->empty = begin == 0;
    frames->handed_over = false;
    frames->ended = false;
    frames->header = 0;
    frames->count = 0;
    if (open_pcap(frames, error))
        return frames;
    mps_frames_free(frames);
    return NULL;
}

int mps_frames_next(mps_frames *frames, mps_frame *frame, GError **error)
{
    const char *text = NULL;
    if (MPS_UNLIKELY(frames->relay != NULL))
        return read_relay(frames, frame, error);
    if (MPS_UNLIKELY(frames->ended))
        return 0;
    if (frames->pcap != NULL && MPS_LIKELY(read_pcap(frames, frame, &text)))
        return 1;
    if (frames->pcap == NULL || has_read_all(frames, pcap_file(frames->pcap))) {
        frames->relay =
            mps_relay_new(g_steal_pointer(&frames->first), frames->input, frames->blocks, error);
        if (frames->relay != NULL)
            return read_relay(frames, frame, error);
        frames->ended = true;
        if (frames->count > 0)
            g_prefix_error(error, "after frame %" PRIu64 ": ", frames->count);
        return -1;
    }
    frames->ended = true;
    return text == NULL ? 0 : set_pcap_error(frames, text, error);
}

uint64_t mps_frames_count(const mps_frames *frames)
{
    return frames->count;
}

uint64_t mps_frames_drops(const mps_frames *frames)
{
    return frames->blocks != NULL ? mps_blocks_drops(frames->blocks) : 0;
}

unsigned mps_frames_interfaces(const mps_frames *frames)
{
    return frames->blocks != NULL ? mps_blocks_interfaces(frames->blocks) : 0;
}

void mps_frames_free(mps_frames *frames)
{
    if (frames == NULL)
        return;
    if (frames->pcap != NULL)
        pcap_close(frames->pcap); /* closes the stream as well */
    mps_relay_free(frames->relay);
    if (frames->first != NULL)
        g_byte_array_unref(frames->first);
    mps_blocks_free(frames->blocks);
    g_free(frames);
}
