/* info-column.c: notes in the column Info: joins, reinjections, fallback and resets.
 *
 * Like Wireshark's own notes on TCP they come first: "[MPTCP reinjection of frame 421] 5001 → 80
 * …".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "info-column.h"
#include "item-text.h"
#include "preferences.h"
#include <epan/column-utils.h>
#include <mptcpscope/fields.h>

bool mptcpscope_info_is_wanted(const packet_info *pinfo)
{
    return pinfo->cinfo != NULL && mptcpscope_prefers_info() &&
           col_get_writable(pinfo->cinfo, COL_INFO);
}

static void note(packet_info *pinfo, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void note(packet_info *pinfo, const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = wmem_strdup_vprintf(pinfo->pool, format, arguments);
    va_end(arguments);
    col_prepend_fence_fstr(pinfo->cinfo, COL_INFO, "[MPTCP %s] ", text);
}

static void note_reinjection(const mps_tracker *tracker, const mps_verdict *verdict,
                             packet_info *pinfo)
{
    mps_fields fields;

    if (mps_fields_of(tracker, verdict, &fields) && fields.reinjection_of.count > 0) {
        note(pinfo, "reinjection of %s",
             mptcpscope_frames_text(pinfo->pool, &fields.reinjection_of));
    } else {
        note(pinfo, "reinjection");
    }
}

static void note_reset(mptcpscope_marks marks, packet_info *pinfo)
{
    if (marks.bits & MARK_FASTCLOSE) {
        note(pinfo, "fast close");
    } else if (marks.bits & MARK_REASON) {
        note(pinfo, "subflow reset: %s", mps_tcprst_reason_name(marks.reason));
    } else if (marks.bits & MARK_RESET) {
        note(pinfo, "subflow reset");
    }
}

void mptcpscope_info_note(const mps_tracker *tracker, const mps_verdict *verdict,
                          mptcpscope_marks marks, packet_info *pinfo)
{
    uint32_t connection, subflow;
    mps_fallback fallback;

    if (!mptcpscope_info_is_wanted(pinfo) || verdict->copy != 0) {
        return;
    }
    mps_tracker_numbers(tracker, verdict->subflow, &connection, &subflow);
    if (connection == MPS_NONE) {
        return;
    }
    fallback = mps_tracker_fallback_in(tracker, verdict->subflow, verdict->frame);
    if (verdict->reinjected > 0) {
        note_reinjection(tracker, verdict, pinfo);
    }
    if (fallback != MPS_FALLBACK_NONE) {
        note(pinfo, "fallback: %s", mps_fallback_reason(fallback));
    }
    note_reset(marks, pinfo);
    if (marks.bits & MARK_JOIN) {
        note(pinfo, "join: connection %u, subflow %u", connection, subflow);
    }
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
