/* marks.c: what is worth a note in a segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "marks.h"

static unsigned marks_of_option(const mps_option *option, uint8_t *reason)
{
    switch (option->subtype) {
    case MPS_MP_JOIN:
        return MARK_JOIN | MARK_OPTION;
    case MPS_DSS:
        return option->dss.has_checksum ? MARK_OPTION : 0;
    case MPS_MP_FASTCLOSE:
        return MARK_FASTCLOSE | MARK_OPTION;
    case MPS_MP_TCPRST:
        *reason = option->tcprst.reason;
        return MARK_REASON | MARK_OPTION;
    default:
        return MARK_OPTION;
    }
}

mptcpscope_marks mptcpscope_marks_of(const mps_segment *segment)
{
    unsigned bits = segment->flags & MPS_TCP_RST ? MARK_RESET : 0;
    uint8_t reason = 0;

    for (unsigned i = 0; i < segment->mptcp_count; i++) {
        if (segment->mptcp[i].valid) {
            bits |= marks_of_option(&segment->mptcp[i], &reason);
        }
    }
    return (mptcpscope_marks){(uint8_t)bits, reason};
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
