/* marks.h: what is worth a note in a segment, in two bytes, which are kept for later passes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_PLUGIN_MARKS_H
#define MPTCPSCOPE_PLUGIN_MARKS_H

#include <mptcpscope/segment.h>

enum {
    MARK_JOIN = 1 << 0,      /* MP_JOIN, in any step of the handshake */
    MARK_RESET = 1 << 1,     /* RST */
    MARK_REASON = 1 << 2,    /* MP_TCPRST, with the reason in `reason` */
    MARK_FASTCLOSE = 1 << 3, /* MP_FASTCLOSE */
    MARK_OPTION = 1 << 4,    /* any other option than a DSS without checksum */
};

typedef struct {
    uint8_t bits;   /* MARK_*; 0: most segments have none */
    uint8_t reason; /* of MP_TCPRST (RFC 8684 section 3.6) */
} mptcpscope_marks;

/** @return the marks of a segment */
mptcpscope_marks mptcpscope_marks_of(const mps_segment *segment);

#endif

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
