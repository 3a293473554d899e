// SPDX-License-Identifier: GPL-2.0-or-later
//
// mangle.c: changes frames as middleboxes do.

#include "mangle.h"

#include <string.h>

#include "frame.h"

enum {
    OPTION_END = 0,
    OPTION_NOP = 1,
    OPTION_SACK = 5,
    OPTION_MPTCP = 30,
    MPTCP_CAPABLE = 0,
    MPTCP_JOIN = 1,
    FLAG_SYN = 0x02,
    FLAG_ACK = 0x10,
};

/** Translate the client's address and port. @return whether it changed the frame. */
static bool translate(const struct tcp_view *view, int direction)
{
    if (view->ipv6) {
        return false;
    }
    uint8_t *host = view->ip + (direction == 0 ? 15 : 19);
    uint8_t from = direction == 0 ? CLIENT_HOST : NAT_HOST;
    if (*host != from) {
        return false;
    }
    *host = direction == 0 ? NAT_HOST : CLIENT_HOST;
    uint8_t *port = view->tcp + (direction == 0 ? 0 : 2);
    store16(port, load16(port) ^ NAT_PORT_BIT);
    return true;
}

static void shift_sack(uint8_t *option, uint32_t shift)
{
    for (uint8_t *edge = option + 2; edge + 4 <= option + option[1]; edge += 4) {
        store32(edge, load32(edge) - shift);
    }
}

static bool must_strip(enum strip strip, const uint8_t *option, uint8_t flags)
{
    int subtype = option[2] >> 4;
    switch (strip) {
    case STRIP_NONE:
        return false;
    case STRIP_JOIN:
        return subtype == MPTCP_JOIN;
    case STRIP_ALL:
        return true;
    case STRIP_LATE:
        return subtype != MPTCP_CAPABLE && subtype != MPTCP_JOIN;
    case STRIP_SYNACK:
        return (flags & (FLAG_SYN | FLAG_ACK)) == (FLAG_SYN | FLAG_ACK);
    }
    return false;
}

/** Shift sequence numbers, also in SACK blocks, and strip options. @return whether it changed. */
static bool rewrite_header(const struct mangler *mangler, const struct tcp_view *view,
                           int direction)
{
    uint8_t flags = view->tcp[13];
    bool changed = false;
    if (mangler->shift && direction == 0) {
        store32(view->tcp + 4, load32(view->tcp + 4) + mangler->shift);
        changed = true;
    } else if (mangler->shift && (flags & FLAG_ACK)) {
        store32(view->tcp + 8, load32(view->tcp + 8) - mangler->shift);
        changed = true;
    }
    uint8_t *option = view->tcp + 20;
    while (option < view->payload && *option != OPTION_END) {
        if (*option == OPTION_NOP) {
            option++;
            continue;
        }
        if (view->payload - option < 2 || option[1] < 2 || view->payload - option < option[1]) {
            break; // malformed: leave the rest alone
        }
        uint8_t length = option[1];
        if (*option == OPTION_SACK && direction == 1 && mangler->shift) {
            shift_sack(option, mangler->shift);
        } else if (*option == OPTION_MPTCP && length > 2 &&
                   must_strip(mangler->strip, option, flags)) {
            memset(option, OPTION_NOP, length);
            changed = true;
        }
        option += length;
    }
    return changed;
}

/** Flip a bit in the middle of the chosen data packet. Only a DSS checksum can detect it. */
static bool corrupt(struct mangler *mangler, const struct tcp_view *view, int direction)
{
    if (view->payload == view->end) {
        return false;
    }
    if (++mangler->data_seen[direction] != mangler->corrupt[direction]) {
        return false;
    }
    view->payload[(view->end - view->payload) / 2] ^= 0x10;
    return true;
}

void mangle(struct mangler *mangler, int direction, uint8_t *frame, size_t length)
{
    struct tcp_view view;
    if (!frame_find_tcp(frame, length, &view)) {
        return;
    }
    bool changed = rewrite_header(mangler, &view, direction);
    changed |= corrupt(mangler, &view, direction);
    if (mangler->nat) {
        changed |= translate(&view, direction);
    }
    if (changed) {
        frame_fix_checksums(&view);
    }
}

bool mangle_parse_strip(const char *name, enum strip *mode)
{
    static const char *const names[] = {
        [STRIP_NONE] = "none", [STRIP_JOIN] = "join",     [STRIP_ALL] = "all",
        [STRIP_LATE] = "late", [STRIP_SYNACK] = "synack",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            *mode = (enum strip)i;
            return true;
        }
    }
    return false;
}
