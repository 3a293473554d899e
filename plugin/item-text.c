/* item-text.c: the line of our item in the packet details, which sums the segment up.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "item-text.h"

#define FRAMES_SHOWN 3u /* of a list, so that the line stays short */

/* The item and whether anything was said yet. */
typedef struct {
    proto_item *item;
    bool begun;
} line;

static void say(line *to, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void say(line *to, const char *format, ...)
{
    char text[ITEM_LABEL_LENGTH];
    va_list arguments;

    va_start(arguments, format);
    g_vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    proto_item_append_text(to->item, "%s%s", to->begun ? ", " : ": ", text);
    to->begun = true;
}

char *mptcpscope_frames_text(wmem_allocator_t *pool, const mps_frames *frames)
{
    wmem_strbuf_t *text = wmem_strbuf_new(pool, frames->count == 1 ? "frame" : "frames");

    for (unsigned i = 0; i < frames->count && i < FRAMES_SHOWN; i++) {
        const bool last = i > 0 && i + 1 == frames->count;

        wmem_strbuf_append_printf(text, "%s %u",
                                  i == 0 ? ""
                                  : last ? " and"
                                         : ",",
                                  frames->frames[i]);
    }
    if (frames->count > FRAMES_SHOWN) {
        wmem_strbuf_append_printf(text, " and %u more", frames->count - FRAMES_SHOWN);
    }
    return wmem_strbuf_finalize(text);
}

static void say_events(line *to, const mps_fields *fields)
{
    for (unsigned i = 0; i < fields->events; i++) {
        const mps_field_event *event = &fields->event[i];
        const char *step = mps_handshake_step_name(event->step);
        const char *more = step != NULL ? step : event->reason;

        say(to, "%s%s%s", mps_event_name(event->kind),
            step != NULL   ? " "
            : more != NULL ? ": "
                           : "",
            more != NULL ? more : "");
    }
}

/* Say which data the segment carries, as far as that is known for certain. */
static void say_data(line *to, const mps_tracker *tracker, const mps_verdict *verdict,
                     const mps_fields *fields)
{
    const mps_dsn dsn = mps_tracker_dsn(tracker, verdict);
    const uint32_t range = fields != NULL ? fields->data_length : 0;

    if (verdict->length == 0) {
        return;
    }
    if (!dsn.has_relative) {
        say(to, "%u bytes", verdict->length);
    } else if (range > 0) {
        say(to, "data %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, dsn.relative,
            dsn.relative + range - 1);
    } else {
        say(to, "data from %" G_GUINT64_FORMAT, dsn.relative);
    }
}

/* Append how many bytes it is, where it is not the whole payload. */
static void append_part(const line *to, uint32_t bytes, const mps_verdict *verdict)
{
    if (bytes < verdict->length) {
        proto_item_append_text(to->item, " of %u bytes", bytes);
    }
}

/* Say which of it was sent before. */
static void say_again(line *to, const mps_verdict *verdict, const mps_fields *fields)
{
    if (verdict->retransmitted > 0) {
        say(to, "retransmission");
        append_part(to, verdict->retransmitted, verdict);
    }
    if (verdict->reinjected > 0) {
        say(to, "reinjection");
        append_part(to, (uint32_t)verdict->reinjected, verdict);
        if (fields != NULL && fields->reinjection_of.count > 0) {
            char *frames = mptcpscope_frames_text(NULL, &fields->reinjection_of);

            proto_item_append_text(to->item, " of %s", frames);
            wmem_free(NULL, frames);
        }
    }
}

void mptcpscope_item_text(proto_item *item, const mps_tracker *tracker, const mps_verdict *verdict,
                          const mps_fields *fields)
{
    line to = {item, false};

    if (item == NULL || !PTREE_DATA(item)->visible) {
        return;
    }
    if (fields != NULL) {
        say_events(&to, fields);
    }
    say_data(&to, tracker, verdict, fields);
    say_again(&to, verdict, fields);
    if (verdict->length == 0 && fields != NULL && fields->has_data_ack &&
        fields->data_ack.has_relative) {
        say(&to, "DATA_ACK %" G_GUINT64_FORMAT, fields->data_ack.relative);
    }
}

void mptcpscope_item_text_copy(proto_item *item, uint32_t frame)
{
    proto_item_append_text(item, ": copy of frame %u", frame);
}

void mptcpscope_item_text_icmp(proto_item *item, const char *error)
{
    proto_item_append_text(item, ": ICMP error: %s", error);
}

/*
 * Editor modelines
 *
 * Local Variables:
 * c-basic-offset: 4
 * tab-width: 8
 * indent-tabs-mode: nil
 * End:
 *
 * ex: set shiftwidth=4 tabstop=8 expandtab:
 * :indentSize=4:tabSize=8:noTabs=true:
 */
