/* blame.c: gathers a critical path into what the network took, what the hosts, what both.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "blame.h"
#include "words.h"

typedef struct {
    const char *name, *words;
    mps_party party;
} part_kind;

static const part_kind kinds[MPS_PARTS] = {
    [MPS_PART_RATE] = {"rate", "the rate of the path", MPS_PARTY_NETWORK},
    [MPS_PART_LOSS] = {"loss", "loss", MPS_PARTY_NETWORK},
    [MPS_PART_HANDSHAKES] = {"handshakes", "ways of handshakes", MPS_PARTY_NETWORK},
    [MPS_PART_WAYS] = {"ways", "ways of data", MPS_PARTY_NETWORK},
    [MPS_PART_APPLICATION] = {"application", "applications with nothing to send", MPS_PARTY_HOSTS},
    [MPS_PART_READER] = {"reader", "a full receive window that was not opened", MPS_PARTY_HOSTS},
    [MPS_PART_LATE_ACKS] = {"late-acknowledgements", "late acknowledgements", MPS_PARTY_HOSTS},
    [MPS_PART_REACTIONS] = {"reactions", "reactions to arrivals", MPS_PARTY_HOSTS},
    [MPS_PART_CONGESTION_WINDOW] = {"congestion-window",
                                    "round trips for the congestion window, before any loss",
                                    MPS_PARTY_BOTH},
    [MPS_PART_RECEIVE_WINDOW] = {"receive-window", "round trips for the receive window",
                                 MPS_PARTY_BOTH},
    [MPS_PART_SEND_BUFFER] = {"send-buffer", "round trips for room in the send buffer",
                              MPS_PARTY_BOTH},
    [MPS_PART_NAGLE] = {"nagle", "round trips for Nagle's algorithm", MPS_PARTY_BOTH},
    [MPS_PART_HELD] = {"held", "data bound to a subflow that did not yet send them",
                       MPS_PARTY_BOTH},
    [MPS_PART_PACING] = {"pacing", "pacing by the sender", MPS_PARTY_BOTH},
    [MPS_PART_ARRIVED] = {"resent-though-arrived", "until data were sent again that had arrived",
                          MPS_PARTY_UNKNOWN},
    [MPS_PART_STALLED] = {"stalled-or-idle",
                          "a subflow without acknowledgements or an application "
                          "with nothing to send",
                          MPS_PARTY_UNKNOWN},
    [MPS_PART_UNEXPLAINED] = {"unexplained", "not explained", MPS_PARTY_UNKNOWN},
};

const char *mps_party_name(mps_party party)
{
    static const char *const names[MPS_PARTIES] = {
        [MPS_PARTY_NETWORK] = "network",
        [MPS_PARTY_HOSTS] = "hosts",
        [MPS_PARTY_BOTH] = "both",
        [MPS_PARTY_UNKNOWN] = "unknown",
    };
    return names[party];
}

const char *mps_part_name(mps_part part)
{
    return kinds[part].name;
}

const char *mps_part_words(mps_part part)
{
    return kinds[part].words;
}

mps_party mps_party_of(mps_part part)
{
    return kinds[part].party;
}

const char *mps_answer_name(mps_answer answer)
{
    static const char *const names[] = {
        [MPS_ANSWER_NETWORK] = "network",
        [MPS_ANSWER_HOSTS] = "hosts",
        [MPS_ANSWER_NEITHER] = "neither",
        [MPS_ANSWER_UNKNOWN] = NULL,
    };
    return names[answer];
}

/* The part of a time that the receiver took until it acknowledged, or opened its window. */
static mps_part part_of_receiver(unsigned why)
{
    if (why == MPS_WHY_RECEIVE_WINDOW)
        return MPS_PART_READER;
    /* Where it is not known what the sender waited for, an earlier acknowledgement need not have
     * helped. */
    return why == MPS_WHY_HANDSHAKE || why == MPS_WHY_UNKNOWN ? MPS_PART_REACTIONS
                                                              : MPS_PART_LATE_ACKS;
}

/* The part of a time that segments spent in the network.
 * @param data  the direction of the data that were waited for: that of a piece may be their
 *              acknowledgements' */
static mps_part part_of_way(const mps_critical_piece *piece, mps_direction data,
                            const mps_blame_evidence *evidence)
{
    if (piece->why == MPS_WHY_SEND_BUFFER)
        return MPS_PART_SEND_BUFFER;
    if (piece->why == MPS_WHY_NAGLE)
        return MPS_PART_NAGLE;
    if (piece->cause != MPS_CAUSE_PROPAGATION)
        return MPS_PART_RATE;
    switch (piece->why) {
    case MPS_WHY_RECEIVE_WINDOW:
        return MPS_PART_RECEIVE_WINDOW;
    case MPS_WHY_CONGESTION_WINDOW:
        return MPS_PART_CONGESTION_WINDOW;
    case MPS_WHY_CONGESTION_WINDOW_AFTER_LOSS:
        return evidence->lost_data(piece->subflow, data, evidence->data)
                   ? MPS_PART_LOSS
                   : MPS_PART_CONGESTION_WINDOW;
    case MPS_WHY_HANDSHAKE:
        return MPS_PART_HANDSHAKES;
    case MPS_WHY_UNKNOWN:
        return MPS_PART_UNEXPLAINED;
    default:
        return MPS_PART_WAYS;
    }
}

/* The part of the time until bytes were sent again. */
static mps_part part_of_recovery(const mps_critical_piece *piece,
                                 const mps_blame_evidence *evidence)
{
    switch (evidence->fate_of(piece, evidence->data)) {
    case MPS_FATE_LOST:
        return MPS_PART_LOSS;
    case MPS_FATE_ARRIVED:
        return MPS_PART_ARRIVED;
    default:
        return MPS_PART_UNEXPLAINED;
    }
}

static mps_part part_of(const mps_critical_piece *piece, mps_direction data,
                        const mps_blame_evidence *evidence)
{
    switch (piece->cause) {
    case MPS_CAUSE_RTT: /* of one capture, where nobody can tell */
    case MPS_CAUSE_UNEXPLAINED:
        return MPS_PART_UNEXPLAINED;
    case MPS_CAUSE_RECOVERY:
        return part_of_recovery(piece, evidence);
    case MPS_CAUSE_HELD:
        return MPS_PART_HELD;
    case MPS_CAUSE_APPLICATION:
        return piece->detail == MPS_DETAIL_OR_STALLED ? MPS_PART_STALLED : MPS_PART_APPLICATION;
    case MPS_CAUSE_PACING:
        return MPS_PART_PACING;
    case MPS_CAUSE_HOST:
        return MPS_PART_REACTIONS;
    case MPS_CAUSE_RECEIVER:
        return part_of_receiver(piece->why);
    default:
        return part_of_way(piece, data, evidence);
    }
}

/* @return whether a piece shows in which direction data went */
static bool is_way_of_data(const mps_critical_piece *piece)
{
    return piece->cause <= MPS_CAUSE_PROPAGATION &&
           (piece->why == MPS_WHY_DELIVERY || piece->why == MPS_WHY_PEER_DATA);
}

mps_blame mps_blame_of(const mps_critical_path *path, mps_direction data,
                       const mps_blame_evidence *evidence)
{
    mps_blame blame = {.elapsed = path->elapsed};
    for (guint i = 0; i < path->pieces->len; i++) {
        const mps_critical_piece *piece = &g_array_index(path->pieces, mps_critical_piece, i);
        if (is_way_of_data(piece))
            data = (mps_direction)piece->direction;
        mps_part part = part_of(piece, data, evidence);
        if (evidence->misses_segments && kinds[part].party == MPS_PARTY_HOSTS)
            part = MPS_PART_UNEXPLAINED;
        const int64_t time = piece->to.time - piece->from.time;
        blame.parts[part] += time;
        blame.parties[kinds[part].party] += time;
    }
    return blame;
}

static bool is_enough(int64_t part, int64_t whole)
{
    return whole > 0 && (double)part >= MPS_ANSWER_SHARE * (double)whole;
}

mps_answer mps_answer_of(const mps_blame *blame, int64_t slack)
{
    const int64_t network = blame->parties[MPS_PARTY_NETWORK];
    const int64_t hosts = blame->parties[MPS_PARTY_HOSTS];
    const int64_t unknown = blame->parties[MPS_PARTY_UNKNOWN];
    if (slack < 0 || blame->elapsed <= 0)
        return MPS_ANSWER_UNKNOWN;
    if (is_enough(network - slack, blame->elapsed - slack))
        return MPS_ANSWER_NETWORK;
    if (is_enough(hosts, blame->elapsed + slack))
        return MPS_ANSWER_HOSTS;
    const bool may_be_network = is_enough(network + unknown + slack, blame->elapsed + slack);
    const bool may_be_hosts =
        slack >= blame->elapsed || is_enough(hosts + unknown, blame->elapsed - slack);
    return may_be_network || may_be_hosts ? MPS_ANSWER_UNKNOWN : MPS_ANSWER_NEITHER;
}

/* Append "96.1 % of the time". */
static void add_share(GString *text, const mps_blame *blame, mps_party party)
{
    mps_words_add_percent(text, blame->parties[party], blame->elapsed);
    g_string_append(text, " of the time");
}

/* Append "the network took 20.0 %, the hosts 10.0 % of the time", with the others that took some.
 */
static void add_shares(GString *text, const mps_blame *blame)
{
    static const char *const words[MPS_PARTIES] = {
        [MPS_PARTY_NETWORK] = "the network took ",
        [MPS_PARTY_HOSTS] = ", the hosts ",
        [MPS_PARTY_BOTH] = ", both together ",
        [MPS_PARTY_UNKNOWN] = ", it is not known who ",
    };
    for (unsigned i = 0; i < MPS_PARTIES; i++) {
        if (i > MPS_PARTY_HOSTS && blame->parties[i] == 0)
            continue;
        g_string_append(text, words[i]);
        mps_words_add_percent(text, blame->parties[i], blame->elapsed);
    }
    g_string_append(text, " of the time");
}

static void add_why_unknown(GString *text, const mps_blame *blame, int64_t slack)
{
    g_string_append(text, "It cannot be told whether it is the network: ");
    if (slack < 0) {
        g_string_append(text, "how far the clocks are apart is not known");
    } else if (blame->elapsed <= 0) {
        g_string_append(text, "by the clocks, the transfer took no time");
    } else if (mps_answer_of(blame, 0) != MPS_ANSWER_UNKNOWN) {
        g_string_append(text, "times from one clock to the other may be wrong by ");
        mps_words_add_time(text, slack);
        g_string_append(text, ", which is too much for so short a time");
    } else {
        g_string_append(text, "the captures do not show who took ");
        add_share(text, blame, MPS_PARTY_UNKNOWN);
    }
    g_string_append(text, ".");
}

char *mps_answer_text(const mps_blame *blame, int64_t slack)
{
    GString *text = g_string_new(NULL);
    switch (mps_answer_of(blame, slack)) {
    case MPS_ANSWER_NETWORK:
        g_string_append(text, "It is the network: it took ");
        add_share(text, blame, MPS_PARTY_NETWORK);
        g_string_append(text, ".");
        break;
    case MPS_ANSWER_HOSTS:
        g_string_append(text, "It is not the network: the hosts took ");
        add_share(text, blame, MPS_PARTY_HOSTS);
        g_string_append(text, ".");
        break;
    case MPS_ANSWER_NEITHER:
        g_string_append(text, "Neither alone: ");
        add_shares(text, blame);
        g_string_append(text, ".");
        break;
    case MPS_ANSWER_UNKNOWN:
        add_why_unknown(text, blame, slack);
        break;
    }
    return g_string_free(text, FALSE);
}
