/* retransmissions.c: makes the tables of retransmissions on a subflow: needed or spurious.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare/comparison_columns.h"
#include "reinjection_tables.h"

#define NECESSITY_COLUMNS                                                                          \
    {NULL, "needed_bytes", MPS_VALUE_UINT, "Needed", NULL, 0},                                     \
        {NULL, "spurious_bytes", MPS_VALUE_UINT, "Spurious", NULL, 0},                             \
        {NULL, "unknown_bytes", MPS_VALUE_UINT, "Unknown", NULL, 0},                               \
        {NULL, "lost_bytes", MPS_VALUE_UINT, "Lost", NULL, 0},                                     \
        {NULL, "early_bytes", MPS_VALUE_UINT, "Early", NULL, 0},                                   \
    {                                                                                              \
        NULL, "unsure_bytes", MPS_VALUE_UINT, "Unsure", NULL, 0                                    \
    }

static const mps_column row_columns[] = {
    {NULL, "frame", MPS_VALUE_UINT, "Frame", NULL, 0},
    {NULL, "time", MPS_VALUE_TIME, "Time", NULL, 0},
    MPS_COMPARISON_SUBFLOW_COLUMNS,
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "ssn", MPS_VALUE_UINT, "SSN", NULL, 0},
    {NULL, "dsn", MPS_VALUE_BIG, NULL, NULL, 0},
    {NULL, "length", MPS_VALUE_UINT, "Bytes", NULL, 0},
    {NULL, "delay", MPS_VALUE_SECONDS, "Delay", "ms", 3},
    {NULL, "capture", MPS_VALUE_STRING, "In", NULL, 0},
    {NULL, "verdict", MPS_VALUE_STRING, "Verdict", NULL, 0},
    NECESSITY_COLUMNS,
};

static const mps_column total_columns[] = {
    MPS_COMPARISON_SUBFLOW_COLUMNS,
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "retransmissions", MPS_VALUE_UINT, "Segments", NULL, 0},
    {NULL, "length", MPS_VALUE_UINT, "Bytes", NULL, 0},
    NECESSITY_COLUMNS,
};

static const char *verdict_of(const mps_retransmission_row *row)
{
    if (row->necessity.needed == row->length)
        return "needed";
    if (row->necessity.spurious == row->length)
        return "spurious";
    return row->necessity.unknown == row->length ? NULL : "mixed";
}

static void add_place(mps_table *table, const mps_reinjections_both *both, const mps_sender *sender)
{
    mps_comparison_add_subflow(table, both->comparison, sender->connection, sender->row);
    mps_table_add_direction(table, sender->row->direction);
}

static void append_necessity(mps_table *table, const mps_necessity *necessity)
{
    mps_table_add(table, MPS_UINT(necessity->needed));
    mps_table_add(table, MPS_UINT(necessity->spurious));
    mps_table_add(table, MPS_UINT(necessity->unknown));
    mps_table_add(table, MPS_UINT(necessity->lost));
    mps_table_add(table, MPS_UINT(necessity->early));
    mps_table_add(table, MPS_UINT(necessity->unsure));
}

/* Append the numbers of the first repeated byte: relative subflow and data sequence number. */
static void add_numbers(mps_table *table, const mps_reinjection_side *side,
                        const mps_sender *sender, const mps_retransmission_row *row)
{
    uint32_t wire = sender->known->anchor + (uint32_t)(row->ssn - MPS_ANCHOR);
    mps_dsn dsn = {0};
    if (row->has_dsn)
        dsn = mps_reinjection_dsn(side, sender, row->dsn);
    mps_table_add(table, sender->known->isn_known ? MPS_UINT(wire - sender->known->isn) : MPS_NULL);
    if (dsn.has_absolute)
        mps_table_add(table, (mps_value){.type = MPS_VALUE_BIG,
                                         .dsn = {.absolute = dsn.absolute,
                                                 .relative = dsn.has_relative ? dsn.relative : 0}});
    else
        mps_table_add(table, MPS_NULL);
}

static void add_row(mps_table *table, const mps_reinjections_both *both,
                    const mps_reinjection_side *side, const mps_retransmission_row *row)
{
    const mps_sender *sender = mps_sender_of(&side->sent, row->sending);
    const mps_packet *packet = mps_sent_packet(&side->sent, row->sending);
    mps_table_add(table, MPS_UINT(packet->frame));
    mps_table_add(table, MPS_TIME(packet->time));
    add_place(table, both, sender);
    add_numbers(table, side, sender, row);
    mps_table_add(table, MPS_UINT(row->length));
    mps_table_add(table, MPS_SECONDS(row->delay));
    mps_table_add_string(table, side->sent.in_a ? "A" : "B");
    mps_table_add_string(table, verdict_of(row));
    append_necessity(table, &row->necessity);
}

mps_table *mps_retransmission_table(const mps_reinjections_both *both)
{
    mps_table *table = mps_table_new(row_columns, G_N_ELEMENTS(row_columns));
    for (unsigned s = 0; s < 2; s++) {
        const mps_reinjection_side *side = both->sides[s];
        for (guint i = 0; i < side->retransmissions->len; i++) {
            const mps_retransmission_row *row =
                &g_array_index(side->retransmissions, mps_retransmission_row, i);
            if (mps_reinjections_include(both,
                                         mps_sender_of(&side->sent, row->sending)->connection))
                add_row(table, both, side, row);
        }
    }
    mps_table_complete(table);
    return table;
}

/* What one direction of a subflow retransmitted. */
typedef struct {
    uint32_t segments, length;
    mps_necessity necessity;
} mps_retransmission_sum;

/* @return mps_retransmission_sum of one end's rows, by sender; the caller frees the array */
static GArray *sum_up(const mps_reinjection_side *side)
{
    GArray *sums = g_array_new(FALSE, TRUE, sizeof(mps_retransmission_sum));
    g_array_set_size(sums, side->sent.senders->len);
    for (guint i = 0; i < side->retransmissions->len; i++) {
        const mps_retransmission_row *row =
            &g_array_index(side->retransmissions, mps_retransmission_row, i);
        uint32_t sender = g_array_index(side->sent.sendings, mps_sending, row->sending).sender;
        mps_retransmission_sum *sum = &g_array_index(sums, mps_retransmission_sum, sender);
        sum->segments++;
        sum->length += row->length;
        mps_necessity_add(&sum->necessity, &row->necessity);
    }
    return sums;
}

/* Append the totals of a row of the comparison. The senders of a side are in the order of rows.
 * @param next  the next sender of each side */
static void add_totals(mps_table *table, const mps_reinjections_both *both,
                       const mps_comparison_row *row, GArray *const sums[2], guint next[2])
{
    for (unsigned s = 0; s < 2; s++) {
        const GArray *senders = both->sides[s]->sent.senders;
        if (next[s] >= senders->len)
            continue;
        const mps_sender *sender = &g_array_index(senders, mps_sender, next[s]);
        if (sender->row != row)
            continue;
        const mps_retransmission_sum *sum =
            &g_array_index(sums[s], mps_retransmission_sum, next[s]++);
        if (sum->segments == 0 || !mps_reinjections_include(both, sender->connection))
            continue;
        add_place(table, both, sender);
        mps_table_add(table, MPS_UINT(sum->segments));
        mps_table_add(table, MPS_UINT(sum->length));
        append_necessity(table, &sum->necessity);
    }
}

mps_table *mps_retransmission_totals(const mps_reinjections_both *both)
{
    mps_table *table = mps_table_new(total_columns, G_N_ELEMENTS(total_columns));
    GArray *sums[2] = {sum_up(both->sides[0]), sum_up(both->sides[1])};
    guint next[2] = {0, 0};
    for (guint i = 0; i < both->comparison->rows->len; i++)
        add_totals(table, both, &g_array_index(both->comparison->rows, mps_comparison_row, i), sums,
                   next);
    g_array_free(sums[0], TRUE);
    g_array_free(sums[1], TRUE);
    mps_table_complete(table);
    return table;
}
