/* write_pairs.c: writes every matched pair of segments as csv.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "comparison.h"
#include "table/table_build.h"
#include "table/table_write.h"

/* A line of the csv: one match. */
typedef struct {
    const mps_comparison_row *row;
    const mps_packet *in_a, *in_b;
    const mps_match *match;
} mps_packet_pair;

static gint compare_frames(gconstpointer x, gconstpointer y)
{
    const mps_packet *a = ((const mps_packet_pair *)x)->in_a;
    const mps_packet *b = ((const mps_packet_pair *)y)->in_a;
    if (a->frame != b->frame)
        return a->frame < b->frame ? -1 : 1;
    a = ((const mps_packet_pair *)x)->in_b; /* one segment of A matches several of B */
    b = ((const mps_packet_pair *)y)->in_b;
    return (a->frame > b->frame) - (a->frame < b->frame);
}

static void collect_packets(const mps_comparison *comparison, const mps_comparison_row *row,
                            GArray *all)
{
    mps_align_lists lists;
    if (row->alignment.matched == 0)
        return;
    mps_pair_lists(comparison->a, comparison->b, &row->pair, row->direction, row->a_sends, &lists);
    for (guint i = 0; i < row->alignment.matches->len; i++) {
        const mps_match *match = &g_array_index(row->alignment.matches, mps_match, i);
        const mps_packet *sent = &lists.sent[match->sent];
        const mps_packet *received = &lists.received[match->received];
        mps_packet_pair pair = {row, row->a_sends ? sent : received, row->a_sends ? received : sent,
                                match};
        g_array_append_val(all, pair);
    }
}

static const char *const match_names[] = {
    [MPS_MATCH_EXACT] = "exact",
    [MPS_MATCH_SPLIT] = "split",
    [MPS_MATCH_MERGED] = "merged",
};

static void write_ns(FILE *out, int64_t ns)
{
    mps_value value = MPS_TIME(ns);
    mps_write_bare(out, &value);
}

static void write_packet(FILE *out, const mps_comparison *comparison, const mps_packet_pair *pair)
{
    const mps_comparison_row *row = pair->row;
    if (row->connection != MPS_NONE)
        fprintf(out, "%u", row->connection);
    putc(',', out);
    if (row->subflow != MPS_NONE)
        fprintf(out, "%u", row->subflow);
    fprintf(out, ",%s,%u,%u,", mps_direction_name(row->direction), pair->in_a->frame,
            pair->in_b->frame);
    write_ns(out, pair->in_a->time);
    putc(',', out);
    write_ns(out, pair->in_b->time);
    fprintf(out, ",%u,", pair->match->length);
    write_ns(out,
             mps_comparison_delay(comparison, row->a_sends, pair->in_a->time, pair->in_b->time));
    fprintf(out, ",%s\n", match_names[pair->match->kind]);
}

void mps_pairs_write(const mps_comparison *comparison, uint32_t connection, FILE *out)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(mps_packet_pair));
    for (guint i = 0; i < comparison->rows->len; i++) {
        const mps_comparison_row *row = &g_array_index(comparison->rows, mps_comparison_row, i);
        if (connection == MPS_NONE || row->connection == connection)
            collect_packets(comparison, row, all);
    }
    g_array_sort(all, compare_frames);
    fputs("connection,subflow,direction,frame,peer_frame,time,peer_time,length,owd,match\n", out);
    for (guint i = 0; i < all->len; i++)
        write_packet(out, comparison, &g_array_index(all, mps_packet_pair, i));
    g_array_free(all, TRUE);
}
