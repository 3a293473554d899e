/* plot.c: the table of kinds; makes a picture of what was read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare/comparison.h"
#include "plot_internal.h"
#include "report/by_data.h"
#include <mptcpscope/error.h>
#include <string.h>

static const mps_plot_kind *const kinds[] = {
    &mps_plot_dsn,      &mps_plot_rate,         &mps_plot_rtt,
    &mps_plot_inflight, &mps_plot_window,       &mps_plot_interarrival,
    &mps_plot_acksize,  &mps_plot_reinjections, &mps_plot_reorder_buffer,
    &mps_plot_delay,    &mps_plot_delay_cdf,    &mps_plot_critical_path,
};

/* Their names: each is that of a kind. */
static const char *const names_of_kinds[] = {
    "dsn",          "rate",          "rtt",          "inflight",       "window",
    "interarrival", "acksize",       "reinjections", "reorder-buffer", "delay",
    "delay-cdf",    "critical-path", NULL,
};
G_STATIC_ASSERT(G_N_ELEMENTS(names_of_kinds) == G_N_ELEMENTS(kinds) + 1);

struct mps_plot {
    const mps_plot_kind *kind;
    mps_plot_choice choice;
    mps_report *connections; /* says which connection has most data; NULL: one is chosen */
    mps_report *report;      /* of the kind; NULL: none */
};

const char *const *mps_plot_names(void)
{
    return names_of_kinds;
}

static const mps_plot_kind *kind_of(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    return NULL;
}

static const char *arguments_of(const mps_plot_kind *kind)
{
    return kind->most == 1 ? "A" : kind->least == 1 ? "A [B]" : "A B";
}

void mps_plot_list(int indent, FILE *out)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++)
        fprintf(out, "%*s%-14s  %-5s  %s\n", indent, "", kinds[i]->name, arguments_of(kinds[i]),
                kinds[i]->about);
}

const char *mps_plot_about(const char *name)
{
    return kind_of(name)->about;
}

const char *mps_plot_arguments(const char *name)
{
    return arguments_of(kind_of(name));
}

bool mps_plot_has_option(const char *name, const char *option)
{
    const mps_plot_kind *kind = kind_of(name);
    if (strcmp(option, "interval") == 0)
        return kind->takes_interval;
    if (strcmp(option, "subflow") == 0)
        return kind->by_subflow;
    if (strcmp(option, "from") == 0 || strcmp(option, "to") == 0)
        return kind->over_time;
    if (strcmp(option, "xplot") == 0)
        return kind->has_xplot;
    return kind->most > 1 || (strcmp(option, "clock") != 0 && strcmp(option, "near") != 0);
}

/* @return whether a choice is of a part of a connection's time */
static bool is_cut(const mps_plot_choice *choice)
{
    return choice->from != INT64_MIN || choice->to != INT64_MAX;
}

/* @return what a choice asks for and a kind does not have; NULL: nothing */
static const char *lacking(const mps_plot_kind *kind, const mps_plot_choice *choice)
{
    if (choice->interval && !kind->takes_interval)
        return "intervals";
    if (choice->subflow != MPS_NONE && !kind->by_subflow)
        return "subflows";
    return is_cut(choice) && !kind->over_time ? "axis of time: --from and --to need one" : NULL;
}

mps_plot *mps_plot_new(const char *name, const mps_plot_choice *choice, GError **error)
{
    const mps_plot_kind *kind = kind_of(name);
    if (!kind) {
        char *names = mps_names_text(mps_plot_names());
        g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE, "unknown plot \"%s\"; known plots: %s", name,
                    names);
        g_free(names);
        return NULL;
    }
    const char *lacks = lacking(kind, choice);
    if (lacks) {
        g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE, "plot %s has no %s", name, lacks);
        return NULL;
    }
    mps_plot *plot = g_new0(mps_plot, 1);
    plot->kind = kind;
    plot->choice = *choice;
    if (choice->connection == MPS_NONE)
        plot->connections = mps_report_new("connections", MPS_NONE, NULL);
    plot->report = kind->report ? mps_report_new(kind->report, MPS_NONE, NULL) : NULL;
    if (plot->report)
        mps_report_pass_all(plot->report);
    return plot;
}

void mps_plot_free(mps_plot *plot)
{
    if (!plot)
        return;
    mps_report_free(plot->connections);
    mps_report_free(plot->report);
    g_free(plot);
}

bool mps_plot_takes(const mps_plot *plot, unsigned captures, GError **error)
{
    const mps_plot_kind *kind = plot->kind;
    if (captures >= kind->least && captures <= kind->most)
        return true;
    g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE, "plot %s needs %s", kind->name,
                kind->most == 1    ? "one file"
                : kind->least == 1 ? "one file or two"
                                   : "two files: A and B");
    return false;
}

bool mps_plot_has_xplot(const mps_plot *plot, GError **error)
{
    if (!plot->kind->has_xplot)
        g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE,
                    "plot %s cannot be written for xplot; dsn, rtt and inflight can",
                    plot->kind->name);
    return plot->kind->has_xplot;
}

unsigned mps_plot_needs(const mps_plot *plot)
{
    return plot->kind->needs | (plot->report ? mps_report_needs(plot->report) : 0);
}

static void count_segment(const mps_segment *segment, const mps_verdict *verdict, void *data)
{
    const mps_plot *plot = data;
    (void)segment;
    if (plot->connections)
        mps_report_count(plot->connections, verdict);
    if (plot->report)
        mps_report_count(plot->report, verdict);
}

static void count_icmp(const mps_icmp_record *record, void *data)
{
    const mps_plot *plot = data;
    if (plot->report)
        mps_report_count_icmp(plot->report, record);
}

static void count_again(void *data)
{
    const mps_plot *plot = data;
    if (plot->connections)
        mps_report_reset(plot->connections);
    if (plot->report)
        mps_report_reset(plot->report);
}

mps_trace_visitor mps_plot_visitor(mps_plot *plot)
{
    return (mps_trace_visitor){count_segment, count_icmp, count_again, plot};
}

/* @return the number of the connection to draw; MPS_NONE: there is none */
static uint32_t connection_of(const mps_plot *plot, const mps_tracker *tracker,
                              const mps_comparison *comparison)
{
    if (plot->choice.connection != MPS_NONE)
        return plot->choice.connection;
    bool *common = comparison ? mps_comparison_common(comparison) : NULL;
    const uint32_t most = mps_connection_with_most_data(plot->connections, tracker, common);
    g_free(common);
    return most;
}

const char *mps_plot_name(const mps_plot *plot)
{
    return plot->kind->name;
}

void mps_plot_set_connection(mps_plot *plot, uint32_t connection)
{
    plot->choice.connection = connection;
}

/* The title and the line below it: which kind, which connection. */
static mps_picture *begin_picture(const mps_plot *plot, const mps_plot_subject *subject)
{
    const mps_connection_info *info = &subject->connection;
    char client[MPS_ADDRESS_TEXT_MAX], server[MPS_ADDRESS_TEXT_MAX];
    mps_picture *picture =
        mps_picture_new(info->number,
                        g_strdup_printf("%s: connection %u of %s", plot->kind->title, info->number,
                                        mps_trace_name(subject->trace)),
                        g_strdup_printf("client %s port %u, server %s port %u, subflows: %u",
                                        mps_address_text(&info->client, client), info->client_port,
                                        mps_address_text(&info->server, server), info->server_port,
                                        info->subflow_count));
    picture->x = plot->kind->x;
    picture->y = plot->kind->y;
    if (plot->kind->over_time)
        picture->end = mps_plot_time(subject, info->end);
    picture->origin = info->start;
    return picture;
}

static mps_picture *fail(GError **error, const char *reason)
{
    g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT, "nothing to draw: %s", reason);
    return NULL;
}

/* Append texts, each after a separator; the first one after `before`. */
static void append(GString *text, const char *before, const GPtrArray *texts)
{
    for (guint i = 0; i < texts->len; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? "; " : before, (const char *)texts->pdata[i]);
}

/* Say in the line below the title what a reader should know, and why a direction is missing. */
static void complete_subtitle(mps_picture *picture)
{
    GString *text = g_string_new(picture->subtitle);
    append(text, "; ", picture->remarks);
    append(text, "; ", picture->reasons);
    g_free(picture->subtitle);
    picture->subtitle = g_string_free(text, FALSE);
}

/* Leave the part of a picture that is asked for. */
static void keep_part(const mps_plot *plot, mps_picture *picture)
{
    const mps_plot_choice *choice = &plot->choice;
    if (is_cut(choice)) {
        const double from = choice->from == INT64_MIN ? 0 : (double)choice->from;
        mps_picture_keep_range(picture, from, MIN(picture->end, (double)choice->to));
    }
    if (choice->subflow != MPS_NONE && !mps_picture_keep_subflow(picture, choice->subflow))
        for (guint i = 0; i < picture->panels->len; i++)
            mps_panel_clear(picture->panels->pdata[i]);
}

static unsigned count_directions(const mps_plot_choice *choice)
{
    return choice->directions == 1u << MPS_C2S || choice->directions == 1u << MPS_S2C ? 1 : 2;
}

/* Say what a picture has nothing of. @return NULL. @param picture  freed */
static mps_picture *fail_empty(const mps_plot *plot, mps_picture *picture, GError **error)
{
    GString *text = g_string_new(NULL);
    if (plot->choice.subflow != MPS_NONE)
        g_string_append_printf(text, "subflow %u of ", plot->choice.subflow);
    g_string_append_printf(text, "connection %u has no %s%s", picture->connection,
                           plot->kind->missing,
                           is_cut(&plot->choice) ? " in that part of its time" : "");
    if (picture->reasons->len == count_directions(&plot->choice)) /* or else the part is empty */
        append(text, ": ", picture->reasons);
    fail(error, text->str);
    g_string_free(text, TRUE);
    mps_picture_free(picture);
    return NULL;
}

mps_picture *mps_plot_picture(mps_plot *plot, const mps_trace *trace,
                              const mps_comparison *comparison, GError **error)
{
    const mps_tracker *tracker = mps_trace_tracker(trace);
    mps_plot_subject subject = {plot->choice, trace, tracker, comparison, plot->report, {0}};
    const uint32_t number = connection_of(plot, tracker, comparison);
    if (number == MPS_NONE)
        return fail(error, comparison ? mps_comparison_lacks_connections(comparison)
                                      : "no MPTCP connection");
    mps_tracker_connection(tracker, number, &subject.connection);
    if (plot->kind->over_time && subject.connection.duration < 0)
        return fail(error, "the clock of the capture leapt during the connection, so that its "
                           "times are on no common axis");
    if (!mps_tracker_has(tracker, number, plot->choice.subflow, error))
        return NULL;
    if (plot->report)
        mps_report_set_connection(plot->report, number);
    mps_picture *picture = begin_picture(plot, &subject);
    plot->kind->draw(&subject, picture);
    keep_part(plot, picture);
    if (!mps_picture_prune(picture))
        return fail_empty(plot, picture, error);
    mps_plot_name_subflows(&subject, picture);
    if (is_cut(&plot->choice))
        mps_picture_remark(picture, "a part of its time");
    complete_subtitle(picture);
    return picture;
}
