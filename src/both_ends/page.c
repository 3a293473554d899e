/* page.c: writes mptcpscope summary A B as text: a page that answers in half a minute.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "both_ends_internal.h"
#include "compare/document.h"
#include "table/colours.h"
#include "words.h"
#include <inttypes.h>
#include <string.h>

/* Indentation of what belongs to a connection, to a direction of it, and of what goes on there. */
#define INDENT 2u
#define DEEPER 4u

/* Rows of a table of subflows, and problems of a connection, that a reader looks at. Of more
 * problems the first PROBLEMS_PER_KIND of each kind are shown. */
#define SUBFLOW_ROWS_MAX 32u
#define PROBLEMS_MAX 16u
#define PROBLEMS_PER_KIND 2u

/* Characters of "Warning", the longest severity. */
#define SEVERITY_WIDTH 7

/* Connections of which all is shown. Of others a table has lines. */
#define DETAILED_MAX 3

/* Sentences about changes; of more, some of each kind are shown. */
#define CHANGES_MAX 12u
#define CHANGES_PER_KIND 2u

/* The least rate that is worth a figure, Mbit/s: others are of a few bytes in a long time. */
#define RATE_MIN 0.01

/* A part of the time is named from this share on. */
#define NAMED_SHARE 0.0005

static void write_sentence(mps_text *out, unsigned indent, const char *sentence)
{
    fprintf(out->file, "%*s", (int)indent, "");
    mps_write_wrapped(out, sentence, indent, indent);
}

/* @return the plain TCP connection in words: its ends; freed by the caller */
static char *plain_heading(const mps_both_ends *both, const mps_both_connection *connection)
{
    char ends[2][MPS_ADDRESS_TEXT_MAX];
    const mps_pair *pair = &connection->directions[0].figures->row->pair;
    const bool in_a = pair->a != MPS_NONE;
    mps_subflow_info info;
    mps_tracker_subflow(mps_trace_tracker(in_a ? both->comparison->a : both->comparison->b),
                        in_a ? pair->a : pair->b, &info);
    for (unsigned i = 0; i < 2; i++)
        mps_address_text(&info.address[i], ends[i]);
    return g_strdup_printf("Plain TCP, stream %d of %s: %s port %u > %s port %u", info.tcp_stream,
                           in_a ? "A" : "B", ends[0], info.port[0], ends[1], info.port[1]);
}

/* Write what B tells otherwise than A: the numbers and the ends, if the path changed them, and how
 * the connection ended. */
static void write_other_end(mps_text *out, const mps_end_summary *const ends[2])
{
    GString *text = g_string_new("In B");
    const bool renamed = ends[0]->info.number != ends[1]->info.number;
    const bool translated = g_strcmp0(ends[0]->ends, ends[1]->ends) != 0;
    const bool ended = ends[0]->info.state != ends[1]->info.state;
    if (renamed || translated)
        g_string_append_printf(text, " it is connection %u, %s", ends[1]->info.number,
                               ends[1]->ends);
    if (ended)
        g_string_append_printf(text, "%s it ended otherwise: %s", renamed || translated ? "," : "",
                               ends[1]->ended);
    g_string_append(text, ".");
    if (renamed || translated || ended)
        write_sentence(out, INDENT, text->str);
    g_string_free(text, TRUE);
}

static void write_heading(mps_text *out, const mps_both_ends *both,
                          const mps_both_connection *connection)
{
    const mps_end_summary *const *ends = connection->ends;
    const mps_end_summary *end = ends[0] ? ends[0] : ends[1];
    if (!end) {
        char *heading = plain_heading(both, connection);
        mps_write_in_colour(out, MPS_COLOUR_TITLE, heading, 0, INDENT);
        g_free(heading);
        return;
    }
    char *heading =
        g_strdup_printf("%s%s", ends[0] ? "" : "In B alone it is MPTCP: ", end->heading);
    mps_write_in_colour(out, MPS_COLOUR_TITLE, heading, 0, INDENT);
    g_free(heading);
    char *life = mps_life_text(&end->info, end->ended, out->style);
    write_sentence(out, INDENT, life);
    g_free(life);
    if (ends[0] && ends[1])
        write_other_end(out, ends);
}

/* Append the parts of a party's time, the longest first: ": loss 14.8 %, ways of data 4.2 %". */
static void add_parts(GString *text, const mps_blame *blame, mps_party party)
{
    bool named[MPS_PARTS] = {false};
    const char *before = ": ";
    for (;;) {
        int longest = -1;
        for (int i = 0; i < (int)MPS_PARTS; i++)
            if (mps_party_of((mps_part)i) == party && !named[i] &&
                (longest < 0 || blame->parts[i] > blame->parts[longest]))
                longest = i;
        if (longest < 0 || (double)blame->parts[longest] < NAMED_SHARE * (double)blame->elapsed)
            return;
        named[longest] = true;
        g_string_append_printf(text, "%s%s ", before, mps_part_words((mps_part)longest));
        mps_words_add_percent(text, blame->parts[longest], blame->elapsed);
        before = ", ";
    }
}

/* Write the time of each party that has some. */
static void write_parties(mps_text *out, const mps_blame *blame)
{
    static const char *const titles[MPS_PARTIES] = {
        [MPS_PARTY_NETWORK] = "Network",
        [MPS_PARTY_HOSTS] = "Hosts",
        [MPS_PARTY_BOTH] = "Both together",
        [MPS_PARTY_UNKNOWN] = "Unknown",
    };
    for (unsigned i = 0; i < MPS_PARTIES; i++) {
        if ((double)blame->parties[i] < NAMED_SHARE * (double)blame->elapsed)
            continue;
        GString *text = g_string_new(NULL);
        g_string_append_printf(text, "%s ", titles[i]);
        mps_words_add_percent(text, blame->parties[i], blame->elapsed);
        g_string_append(text, ", ");
        mps_words_add_time(text, blame->parties[i]);
        add_parts(text, blame, (mps_party)i);
        fprintf(out->file, "%*s", (int)DEEPER, "");
        mps_write_wrapped(out, text->str, DEEPER, DEEPER + INDENT);
        g_string_free(text, TRUE);
    }
}

/* Append "c2s, 300017 bytes in 0.720 s (3.331 Mbit/s). ". */
static void add_transfer(GString *text, const mps_both_direction *direction)
{
    const mps_critical_path *path = direction->path->path;
    g_string_append(text, mps_direction_name(direction->path->direction));
    if (direction->blamed) {
        g_string_append_printf(text, ", %" PRIu64 " byte%s in ", path->delivered,
                               path->delivered == 1 ? "" : "s");
        mps_words_add_time(text, path->elapsed);
        const double rate = 8e3 * (double)path->delivered / (double)MAX(path->elapsed, 1);
        if (path->elapsed > 0 && rate >= RATE_MIN)
            g_string_append_printf(text, " (%.3f Mbit/s)", rate);
    }
    g_string_append(text, direction->blamed ? ". " : ": ");
}

/* Say for how long the path waited for data that the network had not lost: the verdict of the
 * critical path does not ask what became of them. */
static void write_not_lost(mps_text *out, const mps_blame *blame)
{
    const int64_t time = blame->parts[MPS_PART_ARRIVED];
    if (time <= 0 || (double)time < NAMED_SHARE * (double)blame->elapsed)
        return;
    GString *text = g_string_new("Not lost on the way: for ");
    mps_words_add_time(text, time);
    g_string_append(text, " the path waited until data were sent again that had arrived.");
    write_sentence(out, DEEPER, text->str);
    g_string_free(text, TRUE);
}

/* Append "2 segments were sent on subflows". @param passive  it takes "was", "were" */
static void add_missing(GString *text, uint32_t count, bool passive, const char *words)
{
    const char *verb = !passive ? "" : count == 1 ? "was " : "were ";
    if (count > 0)
        g_string_append_printf(text, "%s%u segment%s %s%s", text->len > 0 ? ", " : "", count,
                               count == 1 ? "" : "s", verb, words);
}

/* Say where the answer is about a part of the data: that which both captures have. */
static void write_part(mps_text *out, const mps_both_ends *both,
                       const mps_both_connection *connection, mps_direction direction)
{
    uint32_t unseen[2] = {0, 0}, outside[2] = {0, 0}; /* of subflows that both have, of others */
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < 2 * connection->pairs->len; i++) {
        const guint row = g_array_index(connection->pairs, guint, i / 2) + i % 2;
        const mps_aggregate *figures = mps_both_figures(both, row);
        const bool lacking = !mps_pair_in_both(&figures->row->pair);
        if (figures->row->direction != direction)
            continue;
        unseen[lacking] += figures->alignment.unseen;
        outside[lacking] += figures->alignment.outside;
    }
    add_missing(text, unseen[false], false, "arrived that the sender's capture does not have");
    add_missing(text, unseen[true], false,
                "arrived on subflows that the sender's capture does not have");
    add_missing(text, outside[false], true, "sent outside the time of the receiver's capture");
    add_missing(text, outside[true], true,
                "sent on subflows that the receiver's capture does not have");
    if (text->len > 0) {
        g_string_prepend(text, "This is about what both captures have: ");
        g_string_append(text, ".");
        write_sentence(out, DEEPER, text->str);
    }
    g_string_free(text, TRUE);
}

static void write_answer(mps_text *out, const mps_both_ends *both,
                         const mps_both_connection *connection, mps_direction d)
{
    const mps_both_direction *direction = &connection->directions[d];
    const mps_critical_path *path = direction->path->path;
    GString *text = g_string_new(NULL);
    add_transfer(text, direction);
    if (direction->blamed) {
        char *answer = mps_answer_text(&direction->blame, direction->slack);
        g_string_append(text, answer);
        g_free(answer);
    } else {
        g_string_append_printf(text, "It cannot be told whether it is the network: %s.",
                               mps_critical_reason_text(path->reason));
    }
    fprintf(out->file, "%*s", (int)INDENT, "");
    mps_write_in_colour(out, MPS_COLOUR_TITLE, text->str, INDENT, INDENT);
    if (direction->blamed && path->elapsed > 0 && direction->slack >= 0)
        write_parties(out, &direction->blame);
    if (direction->path->verdict)
        write_sentence(out, DEEPER, direction->path->verdict);
    if (direction->blamed) {
        write_not_lost(out, &direction->blame);
        write_part(out, both, connection, d);
    }
    g_string_free(text, TRUE);
}

/* Write the answer for each direction with data; that with more data first. */
static void write_answers(mps_text *out, const mps_both_ends *both,
                          const mps_both_connection *connection)
{
    const mps_both_direction *directions = connection->directions;
    const unsigned first =
        directions[MPS_S2C].path->path->delivered > directions[MPS_C2S].path->path->delivered;
    bool any = false;
    for (unsigned i = 0; i < 2; i++) {
        const mps_direction direction = i == 0 ? first : !first;
        if (directions[direction].path->path->reason == MPS_CRITICAL_NO_DATA)
            continue;
        write_answer(out, both, connection, direction);
        any = true;
    }
    if (!any)
        write_sentence(out, INDENT, "No data was delivered.");
}

/* @return whether A has a subflow of B */
static bool is_in_a(const mps_both_ends *both, const mps_both_connection *connection,
                    uint32_t number)
{
    for (guint i = 0; i < connection->pairs->len; i++) {
        const mps_comparison_row *row = &g_array_index(both->comparison->rows, mps_comparison_row,
                                                       g_array_index(connection->pairs, guint, i));
        if (row->peer_subflow == number && mps_pair_in_both(&row->pair))
            return true;
    }
    return false;
}

/* Write the subflows as A has them, then those that only B has. */
static void write_subflow_list(mps_text *out, const mps_both_ends *both,
                               const mps_both_connection *connection)
{
    const mps_end_summary *a = connection->ends[0], *b = connection->ends[1];
    const mps_end_summary *end = a ? a : b;
    write_sentence(out, INDENT, end->subflow_counts);
    for (guint i = 0; i < end->subflows->len; i++) {
        const mps_end_subflow *subflow = &g_array_index(end->subflows, mps_end_subflow, i);
        mps_write_subflow(out, DEEPER, "", subflow->number, subflow->text);
    }
    for (guint i = 0; i < end->subflows_out->len; i++)
        write_sentence(out, DEEPER, end->subflows_out->pdata[i]);
    for (guint i = 0; a && b && i < b->subflows->len; i++) {
        const mps_end_subflow *subflow = &g_array_index(b->subflows, mps_end_subflow, i);
        if (!is_in_a(both, connection, subflow->number))
            mps_write_subflow(out, DEEPER, "only in B, its ", subflow->number, subflow->text);
    }
}

/* Say how many were left out. @param words  after the number */
static void write_more(mps_text *out, unsigned indent, guint left_out, const char *words)
{
    char *text = g_strdup_printf("and %u more%s", left_out, words);
    write_sentence(out, indent, text);
    g_free(text);
}

static void write_figures(mps_text *out, const mps_both_ends *both,
                          const mps_both_connection *connection)
{
    guint left_out = 0;
    mps_table *table = mps_both_subflows(both, connection, SUBFLOW_ROWS_MAX, &left_out);
    if (table->row_count > 0)
        mps_write_text_indented(out, table, INDENT);
    if (left_out > 0)
        write_more(out, INDENT, left_out, "; mptcpscope owd has all");
    mps_table_free(table);
}

static void write_resent(mps_text *out, const mps_both_connection *connection)
{
    bool any = false;
    for (unsigned d = 0; d < 2; d++) {
        char *words = mps_words_resent(&connection->directions[d].resent);
        if (!words)
            continue;
        char *text = g_strdup_printf("Sent again, %s: %s", mps_direction_name(d), words);
        write_sentence(out, INDENT, text);
        any = true;
        g_free(text);
        g_free(words);
    }
    if (!any)
        write_sentence(out, INDENT, "No data was sent again.");
}

static void write_problem(mps_text *out, const mps_both_problem *problem)
{
    const mps_end_problem *const *seen = problem->seen;
    const mps_end_problem *one = mps_both_problem_shown(problem);
    GString *text = g_string_new(NULL);
    if (seen[0] && seen[1])
        g_string_append_printf(
            text, "seen at both ends, frames %u in A, %u in B%s: ", seen[0]->frame, seen[1]->frame,
            strcmp(seen[0]->text, seen[1]->text) == 0 ? "" : "; in A");
    else
        g_string_append_printf(text, "seen in %s, frame %u: ", seen[0] ? "A" : "B", one->frame);
    if (one->subflow != MPS_NONE)
        g_string_append_printf(text, "%ssubflow %u: ", problem->of_b ? "B's " : "",
                               problem->subflow);
    g_string_append(text, one->text);
    if (one->count > 1)
        g_string_append_printf(text, " (the first of %u)", one->count);
    const mps_colour colour = one->warning ? MPS_COLOUR_BAD : MPS_COLOUR_NONE;
    fprintf(out->file, "%*s%s%-*s%s  ", (int)DEEPER, "", mps_colour_begin(out, colour),
            SEVERITY_WIDTH, one->title, mps_colour_end(out, colour));
    mps_write_wrapped(out, text->str, DEEPER + SEVERITY_WIDTH + 2, DEEPER + SEVERITY_WIDTH + 2);
    g_string_free(text, TRUE);
}

/* Write the problems; of very many the first ones of each kind. */
static void write_problems(mps_text *out, const mps_both_ends *both,
                           const mps_both_connection *connection)
{
    GArray *problems = mps_both_problems_of(both, connection);
    GHashTable *counts = g_hash_table_new(g_str_hash, g_str_equal);
    guint left_out = 0;
    fprintf(out->file, "%*s", (int)INDENT, "");
    mps_write_in_colour(out, problems->len > 0 ? MPS_COLOUR_NONE : MPS_COLOUR_GOOD,
                        problems->len > 0 ? "Problems:" : "No problems found.", INDENT, INDENT);
    for (guint i = 0; i < problems->len; i++) {
        const mps_both_problem *problem = &g_array_index(problems, mps_both_problem, i);
        const mps_end_problem *one = mps_both_problem_shown(problem);
        const guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, one->name)) + 1;
        g_hash_table_insert(counts, (gpointer)one->name, GUINT_TO_POINTER(count));
        if (problems->len <= PROBLEMS_MAX || count <= PROBLEMS_PER_KIND)
            write_problem(out, problem);
        else
            left_out++;
    }
    if (left_out > 0)
        write_more(out, DEEPER, left_out, " of these kinds; json has all");
    g_hash_table_destroy(counts);
    g_array_free(problems, TRUE);
}

static void write_connection(mps_text *out, const mps_both_ends *both,
                             const mps_both_connection *connection)
{
    write_heading(out, both, connection);
    write_answers(out, both, connection);
    if (connection->ends[0] || connection->ends[1])
        write_subflow_list(out, both, connection);
    write_figures(out, both, connection);
    write_resent(out, connection);
    if (connection->ends[0] || connection->ends[1])
        write_problems(out, both, connection);
}

static void write_changes(mps_text *out, const mps_diff *diff)
{
    GPtrArray *sentences = mps_diff_shown_sentences(diff, CHANGES_MAX, CHANGES_PER_KIND);
    mps_write_title(out, "What the path changed:");
    for (guint i = 0; i < sentences->len; i++) {
        fprintf(out->file, "%*s", (int)INDENT, "");
        mps_write_wrapped(out, sentences->pdata[i], INDENT, DEEPER);
    }
    g_ptr_array_free(sentences, TRUE);
}

static void write_head(mps_text *out, const mps_both_ends *both)
{
    const mps_comparison *comparison = both->comparison;
    static const char mark[] = "Clocks: ";
    char *clocks = mps_words_clocks(comparison);
    mps_document_names(out, comparison->a, comparison->b);
    mps_write_labelled(out, mark, clocks, (unsigned)strlen(mark));
    g_free(clocks);
    mps_write_text_notes(out, both->notes);
}

/* Write a line for each direction of each connection. @param left_out  connections without one */
static void write_overview(mps_text *out, const mps_both_ends *both, guint left_out)
{
    mps_table *table = mps_both_overview(both);
    mps_write_rule(out, '-', mps_sentence_width(out));
    if (table->row_count > 0)
        mps_write_text_indented(out, table, 0);
    if (left_out > 0)
        fprintf(out->file, "And %u more connection%s. csv and json have all.\n", left_out,
                left_out == 1 ? "" : "s");
    mps_table_free(table);
}

void mps_both_page(mps_text *out, const mps_both_ends *both, guint left_out)
{
    GArray *detailed = g_array_copy(both->connections);
    const guint others = mps_both_keep(detailed, DETAILED_MAX);
    write_head(out, both);
    if (both->connections->len > 1)
        write_overview(out, both, left_out);
    if (others > 0)
        write_sentence(out, 0,
                       "The " G_STRINGIFY(DETAILED_MAX) " connections that follow are shown in "
                                                        "full; -c N shows connection N.");
    for (guint i = 0; i < detailed->len; i++) {
        mps_write_rule(out, '-', mps_sentence_width(out));
        write_connection(out, both, &g_array_index(detailed, mps_both_connection, i));
    }
    mps_write_rule(out, '-', mps_sentence_width(out));
    write_changes(out, both->diff);
    g_array_free(detailed, TRUE);
}
