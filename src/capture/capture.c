/* capture.c: reads the TCP segments of a capture file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture.h"

#include "base/likely.h"
#include "frames.h"
#include "packets.h"

struct mps_capture {
    mps_input *input;
    mps_frames *frames;
    mps_packets *packets;
    mps_icmp_error icmp; /* the latest one */
    int64_t start;       /* time of the first frame, ns */
};

mps_capture *mps_capture_from(mps_input *input, GError **error)
{
    mps_frames *frames = mps_frames_new(input, error);
    if (frames == NULL) {
        mps_input_free(input);
        return NULL;
    }
    mps_capture *capture = g_new0(mps_capture, 1);
    capture->input = input;
    capture->frames = frames;
    capture->packets = mps_packets_new();
    return capture;
}

mps_capture *mps_capture_open(const char *path, GError **error)
{
    mps_input *input = mps_input_new(path, error);
    return input != NULL ? mps_capture_from(input, error) : NULL;
}

mps_next mps_capture_next(mps_capture *capture, mps_segment *segment, GError **error)
{
    mps_frame frame;
    int got;

    while ((got = mps_frames_next(capture->frames, &frame, error)) == 1) {
        if (MPS_UNLIKELY(frame.number == 1))
            capture->start = frame.time;
        switch (mps_packets_take(capture->packets, &frame, false, segment, &capture->icmp)) {
        case MPS_NEXT_SEGMENT:
            segment->frame = (uint32_t)frame.number;
            return MPS_NEXT_SEGMENT;
        case MPS_NEXT_ICMP_ERROR:
            capture->icmp.frame = (uint32_t)frame.number;
            return MPS_NEXT_ICMP_ERROR;
        default:
            break;
        }
    }
    return got < 0 ? MPS_NEXT_FAILED : MPS_NEXT_END;
}

const mps_icmp_error *mps_capture_icmp_error(const mps_capture *capture)
{
    return &capture->icmp;
}

int64_t mps_capture_start(const mps_capture *capture)
{
    return capture->start;
}

uint64_t mps_capture_frames(const mps_capture *capture)
{
    return mps_frames_count(capture->frames);
}

uint64_t mps_capture_drops(const mps_capture *capture)
{
    return mps_frames_drops(capture->frames);
}

unsigned mps_capture_interfaces(const mps_capture *capture)
{
    return mps_frames_interfaces(capture->frames);
}

uint64_t mps_capture_unusable(const mps_capture *capture)
{
    return mps_packets_unusable(capture->packets);
}

void mps_capture_notes(const mps_capture *capture, GPtrArray *notes)
{
    const uint64_t drops = mps_capture_drops(capture);
    mps_packets_notes(capture->packets, notes);
    if (drops > 0)
        g_ptr_array_add(notes, mps_drops_note(drops));
}

void mps_capture_close(mps_capture *capture)
{
    if (capture == NULL)
        return;
    mps_frames_free(capture->frames);
    mps_input_free(capture->input);
    mps_packets_free(capture->packets);
    g_free(capture);
}
