/* legs.c: compares three or more captures leg by leg.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "legs.h"

mps_legs *mps_legs_new(const mps_trace *const *traces, unsigned count, mps_clock_mode mode,
                       unsigned *failed, GError **error)
{
    mps_legs *legs = g_new0(mps_legs, 1);
    legs->count = count - 1;
    legs->traces = traces;
    legs->legs = g_new0(mps_comparison *, count);
    for (unsigned i = 0; i < count; i++) {
        bool whole = i == legs->count;
        const mps_trace *a = traces[whole ? 0 : i], *b = traces[whole ? i : i + 1];
        legs->legs[i] = mps_comparison_new(a, b, mode, error);
        if (!legs->legs[i]) {
            *failed = whole ? count : i;
            mps_legs_free(legs);
            return NULL;
        }
    }
    return legs;
}

void mps_legs_free(mps_legs *legs)
{
    if (!legs)
        return;
    for (unsigned i = 0; i <= legs->count; i++)
        mps_comparison_free(legs->legs[i]);
    g_free(legs->legs);
    g_free(legs);
}
