/* mib_reasons.c: why a counter of the kernel may differ from that of a capture. Each reason is only
 * possible; what the capture shows of it is said first.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "mib_against.h"

static void add_reason(GString *text, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void add_reason(GString *text, const char *format, ...)
{
    va_list arguments;
    if (text->len > 0)
        g_string_append(text, "; ");
    va_start(arguments, format);
    g_string_append_vprintf(text, format, arguments);
    va_end(arguments);
}

/* @return whether a counter is of what the host sends, by the kernel's name */
static bool is_of_sending(const char *counter)
{
    static const char *const ends[] = {"Tx", "TX", "SYNTXDrop"};
    for (unsigned i = 0; i < G_N_ELEMENTS(ends); i++)
        if (g_str_has_suffix(counter, ends[i]))
            return true;
    return false;
}

/* @return whether the capture was made at the host whose counters these are */
static bool is_near(const mps_mib_evidence *evidence)
{
    return g_strcmp0(evidence->near, evidence->of_server ? "server" : "client") == 0;
}

/* The kernel counted more: what the capture may lack. */
static void add_lacking(GString *text, const mps_mib_evidence *evidence)
{
    if (evidence->more > 0)
        add_reason(text,
                   "the host counted %" G_GUINT64_FORMAT " more connection%s than the capture has",
                   evidence->more, evidence->more == 1 ? "" : "s");
    if (evidence->only != MPS_NONE)
        add_reason(text, "only connection %u is counted here", evidence->only);
    if (evidence->dropped > 0)
        add_reason(text, "the capture's interfaces dropped %" G_GUINT64_FORMAT " packets",
                   evidence->dropped);
    if (evidence->lacking > 0)
        add_reason(text, "the capture lacks acknowledged segments of %u subflow%s",
                   evidence->lacking, evidence->lacking == 1 ? "" : "s");
    if (evidence->late > 0)
        add_reason(text, "the capture lacks the handshake of %u connection%s", evidence->late,
                   evidence->late == 1 ? "" : "s");
    if (evidence->open > 0)
        add_reason(text, "%u connection%s still open when the capture ended", evidence->open,
                   evidence->open == 1 ? " was" : "s were");
}

/* The capture was not made at the host: the path lies between. */
static void add_place(GString *text, const mps_mib_evidence *evidence)
{
    if (evidence->near)
        add_reason(text,
                   "the path lost, changed or repeated segments: the capture was made at the %s",
                   evidence->near);
    else
        add_reason(text, "the capture is not known to be made at the %s",
                   evidence->of_server ? "server" : "client");
}

char *mps_mib_reason(const mps_mib_evidence *evidence, const char *counter, uint64_t captured,
                     uint64_t counted)
{
    GString *text = g_string_new(NULL);
    const bool more = counted > captured, sending = is_of_sending(counter);
    if (more)
        add_lacking(text, evidence);
    if (!is_near(evidence))
        add_place(text, evidence);
    else if (more && sending)
        add_reason(text, "dropped by the host before the capture, for example by a firewall");
    else if (!more && !sending)
        add_reason(text, "dropped by the host after the capture, for example by a firewall");
    if (!more && evidence->hosts > 1)
        add_reason(text, "the capture has %u hosts as %s, and nstat is of one", evidence->hosts,
                   evidence->of_server ? "servers" : "clients");
    if (more && !evidence->differences)
        add_reason(text, "nstat counts all connections since the host started (no --before)");
    else if (more && evidence->more == 0)
        add_reason(text, "other connections of the host");
    else if (!more)
        add_reason(text, "nstat was read before the capture ended%s",
                   evidence->differences ? ", or --before after it began" : "");
    return g_string_free(text, FALSE);
}
