/* verdict.c: says in words what a critical path shows.
 *
 * Each time is a bound: without its cause the transfer takes at least what the others took, unless
 * work moves to another subflow. The words say so.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "account.h"
#include "base/decimal.h"
#include "tracker/tracker_state.h"

typedef struct {
    const mps_critical_path *path;
    const GArray *subflows;
    GString *text;
} verdict_words;

/* Other factors than the first are worth a word from this share on, and so many of them. */
#define WORTH_SHARE 0.02
#define WORTH_COUNT 4u
/* A subflow with less of a factor than this is not named with it, nor are more than so many. */
#define NAMED_SHARE 0.05
#define NAMED_COUNT MPS_CRITICAL_MEASURED

static double share_of(int64_t time, int64_t whole)
{
    return whole > 0 ? (double)time / (double)whole : 0;
}

static uint32_t number_of(const verdict_words *words, uint32_t subflow)
{
    return g_array_index(words->subflows, mps_critical_subflow, subflow).number;
}

/* Write a time in the unit of the time elapsed. */
static void add_time(verdict_words *words, int64_t time, bool with_unit)
{
    const bool seconds = words->path->elapsed >= INT64_C(1000000000);
    mps_add_decimal(words->text, (double)time / (seconds ? 1e9 : 1e6), 3);
    if (with_unit)
        g_string_append(words->text, seconds ? " s" : " ms");
}

static void add_rounds(verdict_words *words, mps_critical_why why)
{
    const uint32_t half_rounds = words->path->rounds_of[why];
    if (half_rounds == 0)
        return;
    g_string_append(words->text, ", in ");
    mps_add_decimal(words->text, half_rounds / 2.0, half_rounds % 2 ? 1 : 0);
    g_string_append(words->text, half_rounds == 2 ? " round trip" : " round trips");
}

/* @return how many parts are worth a name */
static guint named_parts(const GArray *parts)
{
    int64_t whole = 0;
    guint count = 0;
    for (guint i = 0; i < parts->len; i++)
        whole += g_array_index(parts, mps_critical_part, i).time;
    while (count < MIN(parts->len, NAMED_COUNT) &&
           share_of(g_array_index(parts, mps_critical_part, count).time, whole) >= NAMED_SHARE)
        count++;
    return count;
}

/* Write how much payload a queue let through, if that was seen for most of the time, and for how
 * long it stood still. */
static void add_rate(verdict_words *words, const mps_critical_part *part, const char *before)
{
    if (part->bytes > 0 && part->busy > 0 && part->busy + part->silent >= part->time / 2) {
        g_string_append(words->text, before);
        mps_add_decimal(words->text, 8e3 * (double)part->bytes / (double)part->busy, 2);
        g_string_append(words->text, " Mbit/s of payload");
    }
    if (part->silent > 0) {
        g_string_append(words->text, ", but for ");
        add_time(words, part->silent, true);
        g_string_append(words->text, " in which nothing of it arrived");
    }
}

/* Write "subflow 0", or "subflow 0 (1.2 s) and subflow 1 (0.3 s)". */
static void add_subflows(verdict_words *words, mps_critical_factor factor)
{
    GArray *parts = mps_critical_parts_of_factor(words->path, factor, words->subflows->len);
    const guint count = named_parts(parts);
    for (guint i = 0; i < count; i++) {
        const mps_critical_part *part = &g_array_index(parts, mps_critical_part, i);
        g_string_append_printf(words->text, "%ssubflow %u",
                               i == 0          ? ""
                               : i + 1 < count ? ", "
                                               : " and ",
                               number_of(words, part->subflow));
        if (count == 1)
            continue;
        g_string_append(words->text, " (");
        add_time(words, part->time, true);
        if (factor == MPS_FACTOR_RATE)
            add_rate(words, part, ", ");
        g_string_append(words->text, ")");
    }
    if (count > 0 && count < parts->len)
        g_string_append(words->text, ", for the most part");
    if (factor == MPS_FACTOR_RATE && count == 1)
        add_rate(words, &g_array_index(parts, mps_critical_part, 0), ", which let through ");
    g_array_free(parts, TRUE);
}

/* Write whose application had nothing to send. */
static void add_application(verdict_words *words)
{
    int64_t of_host[2] = {0, 0};
    for (guint i = 0; i < words->path->sums->len; i++) {
        const mps_critical_sum *sum = &g_array_index(words->path->sums, mps_critical_sum, i);
        if (mps_critical_factor_of(sum) == MPS_FACTOR_APPLICATION)
            of_host[sum->direction] += sum->time;
    }
    const char *const hosts[2] = {"client", "server"};
    for (unsigned i = 0; i < 2; i++)
        if (share_of(of_host[!i], of_host[0] + of_host[1]) < NAMED_SHARE) {
            g_string_append_printf(words->text, "the %s's application%s", hosts[i],
                                   of_host[!i] > 0 ? ", for the most part," : "");
            return;
        }
    g_string_append(words->text, "the applications (the client's for ");
    add_time(words, of_host[MPS_CLIENT], true);
    g_string_append(words->text, ", the server's for ");
    add_time(words, of_host[MPS_SERVER], true);
    g_string_append(words->text, ")");
}

/* One capture does not tell a congestion window that loss made small from one that fills the path.
 */
static void add_loss(verdict_words *words)
{
    const int64_t again = words->path->classes[MPS_CLASS_RECOVERY];
    const int64_t after = words->path->classes[MPS_CLASS_CONGESTION_WINDOW_AFTER_LOSS];
    g_string_append(words->text, "the sender made good what it took for lost, on ");
    add_subflows(words, MPS_FACTOR_LOSS);
    g_string_append(words->text, ": ");
    if (again > 0) {
        add_time(words, again, true);
        g_string_append(words->text, " until data were sent again");
    }
    if (after == 0)
        return;
    g_string_append(words->text, again > 0 ? ", " : "");
    add_time(words, after, true);
    g_string_append(words->text, " for the congestion window after that");
    add_rounds(words, MPS_WHY_CONGESTION_WINDOW_AFTER_LOSS);
    if (words->path->one_capture)
        g_string_append(words->text,
                        " (one capture does not show whether loss made it small, or it "
                        "filled the path)");
}

/* Say what was waited for, as far as one capture shows it. @return false: it shows the same as two
 */
static bool add_clause_of_one(verdict_words *words, mps_critical_factor factor)
{
    GString *text = words->text;
    switch (factor) {
    case MPS_FACTOR_CONGESTION_WINDOW:
        g_string_append(text, "the sender waited for its congestion window, before any loss");
        add_rounds(words, MPS_WHY_CONGESTION_WINDOW);
        g_string_append(text, " (one capture does not show whether it filled the path)");
        return true;
    case MPS_FACTOR_DELIVERY:
        g_string_append(text,
                        "data were on their way to the peer, and its answers on the way back");
        return true;
    case MPS_FACTOR_UNEXPLAINED:
        g_string_append(text, "the capture does not show what was waited for");
        return true;
    default:
        return false;
    }
}

/* Say what was waited for. */
static void add_clause(verdict_words *words, mps_critical_factor factor)
{
    GString *text = words->text;
    if (words->path->one_capture && add_clause_of_one(words, factor))
        return;
    switch (factor) {
    case MPS_FACTOR_RATE:
        g_string_append(text, "data waited for the rate of the path, in the queue of ");
        add_subflows(words, factor);
        break;
    case MPS_FACTOR_PACING:
        g_string_append(text, "the sender spread its segments over time (pacing) on ");
        add_subflows(words, factor);
        break;
    case MPS_FACTOR_WINDOW:
        g_string_append(text, "the sender waited for the receive window");
        add_rounds(words, MPS_WHY_RECEIVE_WINDOW);
        break;
    case MPS_FACTOR_READER:
        g_string_append(text, "the receive window was full, and the receiver did not open it: its "
                              "application had not read, as far as can be seen");
        break;
    case MPS_FACTOR_ACKNOWLEDGER:
        g_string_append(text, "the sender waited for acknowledgements that the receiver sent late");
        break;
    case MPS_FACTOR_RECEIVER:
        g_string_append(text, "the sender waited for the receiver; it is not known for what");
        break;
    case MPS_FACTOR_HOST:
        g_string_append(text, "the hosts took their time to react");
        break;
    case MPS_FACTOR_STALLED:
        g_string_append(text,
                        "a subflow got no acknowledgements, or the application had nothing to "
                        "send: it is not known which");
        break;
    case MPS_FACTOR_APPLICATION:
        add_application(words);
        g_string_append(text, " had nothing to send, as far as can be seen");
        break;
    case MPS_FACTOR_SEND_BUFFER:
        g_string_append(text, "the send buffer was full until data were acknowledged");
        add_rounds(words, MPS_WHY_SEND_BUFFER);
        break;
    case MPS_FACTOR_NAGLE:
        g_string_append(text, "small segments waited for acknowledgements (Nagle's algorithm)");
        add_rounds(words, MPS_WHY_NAGLE);
        break;
    case MPS_FACTOR_CONGESTION_WINDOW:
        g_string_append(text, "the sender waited for its congestion window, before any loss");
        add_rounds(words, MPS_WHY_CONGESTION_WINDOW);
        break;
    case MPS_FACTOR_LOSS:
        add_loss(words);
        break;
    case MPS_FACTOR_HELD:
        g_string_append(text, "data were bound to a subflow that did not send them");
        break;
    case MPS_FACTOR_HANDSHAKE:
        g_string_append(text, "handshakes took their time");
        break;
    case MPS_FACTOR_DELIVERY:
        g_string_append(text, "data were on their way");
        break;
    case MPS_FACTOR_UNEXPLAINED:
        g_string_append(text, "the captures do not show what was waited for");
        break;
    }
}

/* @return whether a host waited for data of the other */
static bool has_answers(const mps_critical_path *path)
{
    for (guint i = 0; i < path->sums->len; i++)
        if (g_array_index(path->sums, mps_critical_sum, i).why == MPS_WHY_PEER_DATA)
            return true;
    return false;
}

static const char *name_of(const mps_critical_path *path, mps_critical_factor factor)
{
    static const char *const names[MPS_CRITICAL_FACTORS] = {
        [MPS_FACTOR_RATE] = "the rate of the path",
        [MPS_FACTOR_PACING] = "pacing",
        [MPS_FACTOR_WINDOW] = "the receive window",
        [MPS_FACTOR_READER] = "the receiver's application",
        [MPS_FACTOR_ACKNOWLEDGER] = "late acknowledgements",
        [MPS_FACTOR_RECEIVER] = "the receiver, for what is not known",
        [MPS_FACTOR_HOST] = "reactions of the hosts",
        [MPS_FACTOR_STALLED] = "a stalled subflow or an idle application",
        [MPS_FACTOR_APPLICATION] = "the sender's application",
        [MPS_FACTOR_SEND_BUFFER] = "the send buffer",
        [MPS_FACTOR_NAGLE] = "Nagle's algorithm",
        [MPS_FACTOR_CONGESTION_WINDOW] = "the congestion window before loss",
        [MPS_FACTOR_LOSS] = "what was taken for lost",
        [MPS_FACTOR_HELD] = "data bound to a slower subflow",
        [MPS_FACTOR_HANDSHAKE] = "handshakes",
        [MPS_FACTOR_DELIVERY] = "the way of the last data",
        [MPS_FACTOR_UNEXPLAINED] = "what is not explained",
    };
    if (path->one_capture && factor == MPS_FACTOR_LOSS)
        return "sending again and the congestion window after that";
    if (path->one_capture && factor == MPS_FACTOR_DELIVERY)
        return "the round trips of answers and of the last data";
    if (factor == MPS_FACTOR_DELIVERY && has_answers(path))
        return "the ways of answers and of the last data";
    return names[factor];
}

/* Name the factors after the first, with the most that each can have cost. */
static void add_others(verdict_words *words, const mps_critical_amount *amounts)
{
    const int64_t elapsed = words->path->elapsed;
    for (unsigned i = 1; i <= WORTH_COUNT && share_of(amounts[i].time, elapsed) >= WORTH_SHARE;
         i++) {
        g_string_append_printf(words->text, "%s%s ", i == 1 ? ". Of the rest, at most: " : ", ",
                               name_of(words->path, amounts[i].factor));
        add_time(words, amounts[i].time, true);
    }
}

/* @return by index of subflow, whether it has a piece of the path; the caller frees it */
static bool *find_waited_for(const mps_critical_path *path)
{
    bool *waited_for = g_new0(bool, path->delivered_by->len + 1);
    for (guint i = 0; i < path->sums->len; i++) {
        const mps_critical_sum *sum = &g_array_index(path->sums, mps_critical_sum, i);
        if (sum->subflow < path->delivered_by->len)
            waited_for[sum->subflow] = true;
    }
    return waited_for;
}

/* Name subflows that brought data and were never waited for, if all of the path is explained.
 * @return how many subflows brought data or were waited for */
static unsigned add_bystanders(verdict_words *words)
{
    const mps_critical_path *path = words->path;
    bool *waited_for = find_waited_for(path);
    unsigned carriers = 0, named = 0;
    uint64_t all = 0;
    for (guint i = 0; i < path->delivered_by->len; i++)
        all += g_array_index(path->delivered_by, uint64_t, i);
    for (guint i = 0; i < path->delivered_by->len; i++) {
        const uint64_t bytes = g_array_index(path->delivered_by, uint64_t, i);
        carriers += bytes > 0 || waited_for[i];
        if (bytes == 0 || waited_for[i] || named == NAMED_COUNT ||
            path->classes[MPS_CLASS_UNEXPLAINED] > 0)
            continue;
        named++;
        g_string_append_printf(words->text, ". Subflow %u was never on the path: it %s ",
                               number_of(words, i), path->one_capture ? "first sent" : "carried");
        mps_add_decimal(words->text, 100.0 * (double)bytes / (double)all, 1);
        g_string_append(words->text, " % of the data and was never waited for");
    }
    g_free(waited_for);
    return carriers;
}

static int64_t time_of(const mps_critical_amount *amounts, mps_critical_factor factor)
{
    unsigned i = 0;
    while (amounts[i].factor != factor)
        i++;
    return amounts[i].time;
}

/* Say how much less time the transfer can take without the first factor. Two factors give way
 * together where one leads to the other: a pause makes the congestion window small (RFC 5681
 * section 4.1), and an unread buffer makes the receive window small. */
static void add_bound(verdict_words *words, const mps_critical_amount *amounts)
{
    mps_critical_factor other = amounts[0].factor;
    const char *with = "";
    if (other == MPS_FACTOR_APPLICATION) {
        other = MPS_FACTOR_CONGESTION_WINDOW;
        with = ", with the congestion window, which pauses make small";
    } else if (other == MPS_FACTOR_WINDOW || other == MPS_FACTOR_READER) {
        other = other == MPS_FACTOR_WINDOW ? MPS_FACTOR_READER : MPS_FACTOR_WINDOW;
        with = other == MPS_FACTOR_READER ? ", with the reader, who keeps it small"
                                          : ", with the receive window, which it keeps small";
    }
    const int64_t more = other == amounts[0].factor ? 0 : time_of(amounts, other);
    g_string_append(words->text, ". To mend that saves at most ");
    add_time(words, amounts[0].time + more, true);
    g_string_append(words->text, more > 0 ? with : "");
}

char *mps_critical_verdict(const mps_critical_path *path, const GArray *subflows)
{
    if (path->reason != MPS_CRITICAL_KNOWN || path->elapsed <= 0)
        return NULL;
    verdict_words words = {path, subflows, g_string_new("For ")};
    mps_critical_amount amounts[MPS_CRITICAL_FACTORS];
    mps_critical_account(path, amounts);
    add_time(&words, amounts[0].time, false);
    g_string_append(words.text, " of ");
    add_time(&words, path->elapsed, true);
    g_string_append(words.text, " ");
    add_clause(&words, amounts[0].factor);
    if (amounts[0].factor != MPS_FACTOR_UNEXPLAINED)
        add_bound(&words, amounts);
    add_others(&words, amounts);
    if (add_bystanders(&words) > 1)
        g_string_append(words.text,
                        ". These bounds leave out work that moves to another subflow: the "
                        "path that ends on it shows what it would wait for");
    g_string_append(words.text, ".");
    return g_string_free(words.text, FALSE);
}
