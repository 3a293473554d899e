/* tally.c: counts and the first place of each thing that was found.
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
    tally->received_ttl = -1;
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
    tally->received_ttl = -1;
}

mps_finding *mps_tally_note(mps_tally *tally, const mps_both *both, unsigned what,
                            mps_change change)
{
    guint *index = &tally->index[what][change];
    if (*index == 0) {
        mps_finding begun = {.what = what, .change = change, .constant = -1};
        if (both) {
            begun.sent_frame = both->sent->frame;
            begun.received_frame = both->received->frame;
            begun.flags = both->sent->flags;
        }
        g_array_append_val(tally->findings, begun);
        *index = tally->findings->len;
    }
    mps_finding *finding = &g_array_index(tally->findings, mps_finding, *index - 1);
    finding->count++;
    return finding;
}

mps_finding *mps_tally_number(mps_tally *tally, const mps_both *both, unsigned what,
                              mps_change change, int64_t difference)
{
    mps_finding *finding = mps_tally_note(tally, both, what, change);
    if (finding->count == 1) {
        finding->constant = 1;
        finding->difference = difference;
    } else if (finding->difference != difference) {
        finding->constant = 0;
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
