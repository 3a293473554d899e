/* scoreboard.c: what a subflow's sender has in flight.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "scoreboard.h"

/* What was in flight after a segment was sent. The peaks that can still be the greatest are kept:
 * each is greater than all later ones. */
typedef struct {
    guint number; /* of the segment */
    uint64_t flight;
} peak;

void mps_critical_scoreboard_init(mps_critical_scoreboard *board, uint64_t base)
{
    *board = (mps_critical_scoreboard){.top = base, .acked = base};
    board->ends = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    board->peaks = g_array_new(FALSE, FALSE, sizeof(peak));
}

void mps_critical_scoreboard_clear(mps_critical_scoreboard *board)
{
    mps_runs_clear(&board->sacked);
    g_array_free(board->ends, TRUE);
    g_array_free(board->peaks, TRUE);
}

uint64_t mps_critical_scoreboard_flight(const mps_critical_scoreboard *board)
{
    const uint64_t open = board->top - MIN(board->acked, board->top);
    return open - MIN(board->sacked_bytes, open);
}

static void forget_peaks(mps_critical_scoreboard *board)
{
    g_array_set_size(board->peaks, 0);
    board->first_peak = 0;
}

/* Acknowledge everything below a number. @return bytes of these that no SACK block had */
static uint64_t acknowledge(mps_critical_scoreboard *board, uint64_t ack)
{
    uint64_t sacked = 0;
    mps_run run;
    for (uint64_t at = board->acked;
         at < ack && mps_runs_find(&board->sacked, at, &run) && run.start < ack; at = run.end)
        sacked += MIN(run.end, ack) - MAX(run.start, at);
    const uint64_t news = ack - board->acked - sacked;
    board->sacked_bytes -= sacked;
    board->acked = ack;
    mps_runs_trim(&board->sacked, ack);
    while (board->oldest < board->ends->len &&
           g_array_index(board->ends, uint64_t, board->oldest) < ack)
        board->oldest++;
    while (board->first_peak < board->peaks->len &&
           g_array_index(board->peaks, peak, board->first_peak).number < board->oldest)
        board->first_peak++;
    if (board->recovering && ack >= board->recover) {
        board->recovering = false;
        forget_peaks(board);
    }
    return news;
}

uint64_t mps_critical_scoreboard_ack(mps_critical_scoreboard *board,
                                     const mps_critical_segment *segment,
                                     const mps_critical_sack *sacks)
{
    uint64_t news = segment->ack > board->acked ? acknowledge(board, segment->ack) : 0;
    for (unsigned i = 0; i < segment->sack_count; i++) {
        const uint64_t left = MAX(sacks[i].left, board->acked);
        const uint64_t right = MIN(sacks[i].right, board->top);
        if (left >= right)
            continue; /* a duplicate (RFC 2883), or nonsense */
        const uint64_t fresh = mps_runs_add(&board->sacked, left, right, 0, NULL, NULL);
        board->sacked_bytes += fresh;
        news += fresh;
    }
    return news;
}

static void note_peak(mps_critical_scoreboard *board)
{
    const peak now = {board->ends->len - 1, mps_critical_scoreboard_flight(board)};
    while (board->peaks->len > board->first_peak &&
           g_array_index(board->peaks, peak, board->peaks->len - 1).flight <= now.flight)
        g_array_set_size(board->peaks, board->peaks->len - 1);
    g_array_append_val(board->peaks, now);
}

bool mps_critical_scoreboard_send(mps_critical_scoreboard *board,
                                  const mps_critical_segment *segment)
{
    const uint64_t end = segment->seq + segment->length;
    const bool again = segment->seq < board->top;
    g_array_append_val(board->ends, end);
    if (again) {
        board->resent = board->recovering = true;
        board->recover = board->top;
    }
    board->top = MAX(board->top, end);
    if (!again)
        note_peak(board);
    return again;
}

uint64_t mps_critical_scoreboard_proved(const mps_critical_scoreboard *board)
{
    if (board->recovering || board->first_peak >= board->peaks->len)
        return 0;
    return g_array_index(board->peaks, peak, board->first_peak).flight;
}
