/* resent.c: the transmission before, of bytes that were sent again.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "resent.h"
#include "base/sorted.h"

typedef struct {
    GArray *links;
    uint32_t later;
    uint32_t bytes;
} adding;

static void add_link(const mps_span *replaced, void *data)
{
    adding *a = data;
    const mps_critical_resent link = {replaced->start, replaced->length, replaced->item, a->later};
    g_array_append_val(a->links, link);
    a->bytes += replaced->length;
}

uint32_t mps_critical_resent_add(mps_critical_space *space, GArray *links, uint64_t start,
                                 uint32_t length, uint32_t number)
{
    adding a = {links, number, 0};
    const mps_span span = {start, length, number};
    mps_spans_cover(&space->latest, &span, add_link, &a);
    return a.bytes;
}

static bool is_earlier(const void *element, const void *key)
{
    const mps_critical_resent *link = element;
    const uint32_t *later = key;
    return link->later < *later;
}

uint32_t mps_critical_resent_before(const GArray *links, uint32_t later, uint64_t byte)
{
    for (guint i = mps_sorted_place(links, is_earlier, &later); i < links->len; i++) {
        const mps_critical_resent *link = &g_array_index(links, mps_critical_resent, i);
        if (link->later != later)
            break;
        if (byte >= link->start && byte - link->start < link->length)
            return link->earlier;
    }
    return MPS_NONE;
}
