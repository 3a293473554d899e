/* names.c: names and values as text: fields, options, changes, TCP flags, bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "diff_internal.h"

/* Bits of the TCP flags field, with the four reserved ones (RFC 9293 section 3.1). */
#define FLAG_BITS 12

typedef struct {
    const char *name;   /* in columns */
    const char *phrase; /* in sentences */
} what_names;

static const what_names fields[] = {
    [MPS_WHAT_SUBFLOW] = {"subflow", "the subflow"},
    [MPS_WHAT_SOURCE_ADDRESS] = {"source_address", "the source address"},
    [MPS_WHAT_SOURCE_PORT] = {"source_port", "the source port"},
    [MPS_WHAT_DESTINATION_ADDRESS] = {"destination_address", "the destination address"},
    [MPS_WHAT_DESTINATION_PORT] = {"destination_port", "the destination port"},
    [MPS_WHAT_SEQUENCE] = {"sequence", "the sequence number"},
    [MPS_WHAT_ACKNOWLEDGEMENT] = {"acknowledgement", "the acknowledgement number"},
    [MPS_WHAT_TTL] = {"ttl", "the TTL"},
    [MPS_WHAT_DSCP] = {"dscp", "the DSCP"},
    [MPS_WHAT_ECN] = {"ecn", "the ECN field"},
    [MPS_WHAT_CONGESTION] = {"congestion_mark", "the ECN field"},
    [MPS_WHAT_IP_ID] = {"ip_id", "the IP ID"},
    [MPS_WHAT_FLAGS] = {"flags", "the flags"},
    [MPS_WHAT_WINDOW] = {"window", "the window"},
    [MPS_WHAT_URGENT] = {"urgent", "the urgent pointer"},
    [MPS_WHAT_CHECKSUM] = {"checksum", "the TCP checksum"},
    [MPS_WHAT_PAYLOAD_CHECKSUM] = {"payload_checksum", "the TCP checksum"},
    [MPS_WHAT_CUT_CHECKSUM] = {"cut_checksum", "the TCP checksum"},
    [MPS_WHAT_PAYLOAD] = {"payload", "the payload"},
    [MPS_WHAT_SEGMENTATION] = {"segmentation", "the segmentation"},
    [MPS_WHAT_SEGMENT] = {"segment", "segment"},
    [MPS_WHAT_RESET] = {"reset", "reset"},
};

/* Options by kind (IANA, TCP Option Kind Numbers); kinds without a name get their number. */
static const what_names options[] = {
    [MPS_OPTION_END] = {"malformed_options", "a malformed option"},
    [MPS_OPTION_MSS] = {"mss", "the MSS"},
    [MPS_OPTION_WINDOW_SCALE] = {"window_scale", "the window scale"},
    [MPS_OPTION_SACK_PERMITTED] = {"sack_permitted", "SACK-permitted"},
    [MPS_OPTION_SACK] = {"sack", "SACK"},
    [MPS_OPTION_TIMESTAMPS] = {"timestamps", "the timestamps option"},
    [19] = {"tcp_md5", "TCP MD5"},
    [28] = {"user_timeout", "the user timeout option"},
    [29] = {"tcp_ao", "TCP-AO"},
    [34] = {"fast_open", "TCP Fast Open"},
};

static const what_names *names_of(unsigned what)
{
    const what_names *names = NULL;
    if (what < MPS_WHAT_OPTION)
        names = &fields[what];
    else if (what - MPS_WHAT_OPTION < G_N_ELEMENTS(options))
        names = &options[what - MPS_WHAT_OPTION];
    return names && names->name ? names : NULL;
}

char *mps_diff_what_name(unsigned what)
{
    const what_names *names = names_of(what);
    if (names)
        return g_strdup(names->name);
    if (what < MPS_WHAT_MPTCP)
        return g_strdup_printf("option_%u", what - MPS_WHAT_OPTION);
    const char *subtype = mps_subtype_name((uint8_t)(what - MPS_WHAT_MPTCP));
    return subtype ? g_strdup(subtype) : g_strdup_printf("mptcp_0x%x", what - MPS_WHAT_MPTCP);
}

char *mps_what_phrase(unsigned what)
{
    const what_names *names = names_of(what);
    if (names)
        return g_strdup(names->phrase);
    if (what < MPS_WHAT_MPTCP)
        return g_strdup_printf("the option of kind %u", what - MPS_WHAT_OPTION);
    const char *subtype = mps_subtype_name((uint8_t)(what - MPS_WHAT_MPTCP));
    return subtype ? g_strdup(subtype)
                   : g_strdup_printf("the MPTCP option 0x%x", what - MPS_WHAT_MPTCP);
}

const char *mps_change_name(mps_change change)
{
    static const char *const names[] = {
        [MPS_CHANGE_STRIPPED] = "stripped", [MPS_CHANGE_ADDED] = "added",
        [MPS_CHANGE_ALTERED] = "altered",   [MPS_CHANGE_SHIFTED] = "shifted",
        [MPS_CHANGE_MISSING] = "missing",   [MPS_CHANGE_DUPLICATED] = "duplicated",
        [MPS_CHANGE_SPLIT] = "split",       [MPS_CHANGE_MERGED] = "merged",
    };
    return names[change];
}

const char *mps_direction_receiver(mps_direction direction)
{
    return mps_direction_sender(!direction);
}

char *mps_flags_text(unsigned flags)
{
    static const char *const names[FLAG_BITS] = {
        [0] = "FIN", [1] = "SYN", [2] = "RST", [3] = "PSH", [4] = "ACK",
        [5] = "URG", [6] = "ECE", [7] = "CWR", [8] = "AE",
    };
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < FLAG_BITS; i++) {
        if (!(flags >> i & 1))
            continue;
        g_string_append(text, text->len ? " " : "");
        if (names[i])
            g_string_append(text, names[i]);
        else
            g_string_append_printf(text, "0x%x", 1u << i);
    }
    if (text->len == 0)
        g_string_append_c(text, '0');
    return g_string_free(text, FALSE);
}

char *mps_bytes_text(const uint8_t *bytes, unsigned length)
{
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < length; i++)
        g_string_append_printf(text, "%02x", bytes[i]);
    return g_string_free(text, FALSE);
}
