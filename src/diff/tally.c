/* tally.c: counts findings and keeps the first place of each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "diff_internal.h"
#include <string.h>

static void clear_finding(gpointer data)
{
    mps_finding *finding = data;
    g_free(finding->sent);
    g_free(finding->received);
    g_free(finding->remark);
}

mps_tally *mps_tally_new(void)
{
    mps_tally *tally = g_new0(mps_tally, 1);
    tally->findings = g_array_new(FALSE, TRUE, sizeof(mps_finding));
    g_array_set_clear_func(tally->findings, clear_finding);
    tally->received_ttl = MPS_TTL_UNKNOWN;
    return tally;
}

void mps_tally_free(mps_tally *tally)
{
    g_array_free(tally->findings, TRUE);
    g_free(tally);
}

void mps_tally_reset(mps_tally *tally)
{
    GArray *findings = tally->findings;
    g_array_set_size(findings, 0);
    memset(tally, 0, sizeof *tally);
    tally->findings = findings;
    tally->received_ttl = MPS_TTL_UNKNOWN;
}

mps_finding *mps_tally_note(mps_tally *tally, const mps_matched_segment *segment, unsigned what,
                            mps_change change)
{
    guint *index = &tally->index[what][change];
    if (*index == 0) {
        mps_finding first = {.what = what, .change = change};
        if (segment) {
            first.sent_frame = segment->sent->frame;
            first.received_frame = segment->received->frame;
            first.flags = segment->sent->flags;
        }
        g_array_append_val(tally->findings, first);
        *index = tally->findings->len;
    }
    mps_finding *finding = &g_array_index(tally->findings, mps_finding, *index - 1);
    finding->count++;
    return finding;
}

mps_finding *mps_tally_number(mps_tally *tally, const mps_matched_segment *segment, unsigned what,
                              mps_change change, int64_t difference)
{
    mps_finding *finding = mps_tally_note(tally, segment, what, change);
    if (finding->count == 1) {
        finding->difference_kind = MPS_DIFFERENCE_CONSTANT;
        finding->difference = difference;
    } else if (finding->difference != difference) {
        finding->difference_kind = MPS_DIFFERENCE_VARIES;
    }
    return finding;
}

static uint32_t of_options(const mps_tally *tally, const mps_finding *finding)
{
    return finding->change == MPS_CHANGE_ADDED ? tally->received[finding->what]
                                               : tally->sent[finding->what];
}

uint32_t mps_tally_of(const mps_tally *tally, const mps_finding *finding,
                      const mps_alignment *alignment)
{
    if (finding->what >= MPS_WHAT_OPTION)
        return of_options(tally, finding);
    switch (finding->what) {
    case MPS_WHAT_SUBFLOW:
    case MPS_WHAT_SEGMENT:
    case MPS_WHAT_RESET:
        return finding->change == MPS_CHANGE_MISSING ? alignment->sent : alignment->received;
    case MPS_WHAT_SEGMENTATION:
    case MPS_WHAT_SOURCE_ADDRESS:
    case MPS_WHAT_SOURCE_PORT:
    case MPS_WHAT_DESTINATION_ADDRESS:
    case MPS_WHAT_DESTINATION_PORT:
    case MPS_WHAT_SEQUENCE:
        return alignment->matched;
    case MPS_WHAT_PAYLOAD:
        return tally->payloads_captured;
    default:
        return tally->compared;
    }
}
