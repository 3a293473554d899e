/* parts.c: all tables of a report, one by one: its rows, its second table, and the lists in them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "report_internal.h"

/* @return the kind of a table of the report; NULL: it has no more. @param part  from 0 */
static const mps_report_kind *kind_of(const mps_report *report, unsigned part)
{
    const mps_report_kind *kind = report->kind;
    if (part == 0)
        return kind;
    part--;
    if (kind->totals) {
        if (part == 0)
            return kind->totals;
        part--;
    }
    for (unsigned i = 0; kind->lists && kind->lists[i]; i++)
        if (i == part)
            return kind->lists[i];
    return NULL;
}

unsigned mps_report_part_count(const mps_report *report)
{
    unsigned count = 1;
    while (kind_of(report, count))
        count++;
    return count;
}

mps_report_part mps_report_part_at(const mps_report *report, unsigned part)
{
    const mps_report_kind *kind = kind_of(report, part);
    return (mps_report_part){
        .name = kind->name,
        .title = kind->title,
        .empty = kind->empty ? kind->empty : "There is nothing to show.",
    };
}

mps_table *mps_report_part_table(const mps_report *report, const mps_tracker *tracker,
                                 unsigned part)
{
    return mps_report_kind_table(report, tracker, kind_of(report, part));
}
