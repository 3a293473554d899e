/* arrow_info.c: says in words what is special about the segment of an arrow: options, what was sent
 * again, what became of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/field_records.h"
#include "base/list_text.h"
#include "flow_internal.h"
#include "report/event_row.h"

/* Frames of earlier transmissions that a sentence names. */
#define FRAMES_NAMED 3u

char *mps_arrow_flags(const mps_arrow_record *record)
{
    static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK",
                                        "URG", "ECE", "CWR", "AE"};
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++)
        if (record->flags >> i & 1)
            g_string_append(g_string_append(text, text->len > 0 ? " " : ""), names[i]);
    return g_string_free(text, FALSE);
}

static void append_address(GString *text, const mps_event_row *row)
{
    char address[MPS_ADDRESS_TEXT_MAX];
    if (row->id_count > 1) {
        g_string_append(text, " ids");
        for (unsigned i = 0; i < row->id_count; i++)
            g_string_append_printf(text, " %u", row->ids[i]);
    } else if (row->addr_id >= 0) {
        g_string_append_printf(text, " id %d", row->addr_id);
    }
    if (row->address.length > 0)
        g_string_append_printf(text, " %s", mps_address_text(&row->address, address));
    if (row->port >= 0)
        g_string_append_printf(text, " port %d", row->port);
    if (row->backup > 0)
        g_string_append(text, " backup");
    else if (row->backup == 0 && row->event == MPS_EVENT_MP_PRIO)
        g_string_append(text, " not backup");
}

static void append_event(GString *text, const mps_event_row *row, uint8_t subtype)
{
    const char *name = mps_event_name(row->event);
    if (name)
        mps_add_item(text, "%s", name);
    else
        mps_add_item(text, "option 0x%x", subtype);
    append_address(text, row);
    if (row->event == MPS_EVENT_MP_FAIL && row->dsn.has_relative)
        g_string_append_printf(text, " DSN %" G_GUINT64_FORMAT, row->dsn.relative);
    if (row->reason)
        g_string_append_printf(text, ": %s", row->reason);
    if (row->hmac == MPS_CHECK_BAD)
        g_string_append(text, ", HMAC bad");
}

/* @param fallback  whether to append fallback only  @return whether there was a fallback */
static bool append_events(GString *text, const mps_tracker *tracker, const mps_verdict *verdict,
                          bool fallback)
{
    const mps_field_record *kept =
        mps_field_record_of(tracker, verdict->frame, 2 * verdict->subflow + verdict->half);
    const GArray *events = mps_events(tracker);
    bool fell_back = false;
    for (guint i = kept ? kept->events.start : 0; kept && i < kept->events.end; i++) {
        const mps_event *event = &g_array_index(events, mps_event, i);
        mps_event_row row;
        fell_back |= event->fallback != MPS_FALLBACK_NONE;
        if ((!fallback || event->fallback) && mps_event_row_of(&row, tracker, event))
            append_event(text, &row, event->subtype);
    }
    if (kept && kept->checksum == MPS_CHECK_BAD && !fallback)
        mps_add_item(text, "DSS checksum bad");
    return fell_back;
}

/* What the options say, and the fallback, which the other end's capture may show alone. */
static void append_all_events(GString *text, const mps_arrow *arrow, const mps_arrow_facts *facts)
{
    const unsigned other = arrow->at[0] == facts->record ? 1 : 0;
    if (!append_events(text, facts->tracker, &facts->record->verdict, false) && arrow->at[other] &&
        facts->other_tracker)
        append_events(text, facts->other_tracker, &arrow->at[other]->verdict, true);
}

/* @param of  all bytes of the segment: only of a part, the number is told */
static void append_part(GString *text, const char *what, uint32_t bytes, uint32_t of)
{
    if (bytes < of)
        mps_add_item(text, "%s of %u bytes", what, bytes);
    else
        mps_add_item(text, "%s", what);
}

static void append_again(GString *text, const mps_arrow_facts *facts)
{
    const mps_verdict *verdict = &facts->verdict;
    if (verdict->retransmitted > 0)
        append_part(text, "retransmission", verdict->retransmitted, verdict->length);
    if (verdict->reinjected <= 0)
        return;
    char *frames = mps_arrow_reinjection_of(facts, ", ", FRAMES_NAMED);
    append_part(text, "reinjection", (uint32_t)verdict->reinjected, verdict->length);
    if (frames)
        g_string_append_printf(text, " of frame%s %s", strchr(frames, ',') ? "s" : "", frames);
    g_free(frames);
}

char *mps_arrow_info(const mps_arrow *arrow, const mps_arrow_facts *facts)
{
    GString *text = g_string_new(NULL);
    if (arrow->fate != MPS_FATE_NONE && arrow->fate != MPS_FATE_MATCHED)
        mps_add_item(text, "%s", mps_arrow_fate_name(arrow->fate));
    if (facts->copy_of > 0)
        mps_add_item(text, "copy of frame %u", facts->copy_of);
    append_all_events(text, arrow, facts);
    append_again(text, facts);
    return g_string_free(text, FALSE);
}
