/* columns.h: columns that several reports share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_REPORT_COLUMNS_H
#define MPS_REPORT_COLUMNS_H

/* What was sent in one direction (docs/reports.md defines each). Goodput is shown in text where it
 * has a title. */
#define MPS_DIRECTION_COLUMNS(group, goodput_title)                                                \
    {group, "segments", MPS_VALUE_UINT, "Segments", NULL, 0},                                      \
        {group, "bytes", MPS_VALUE_UINT, "Bytes", NULL, 0},                                        \
        {group, "data_bytes", MPS_VALUE_UINT, "Data bytes", NULL, 0},                              \
        {group, "retransmitted_bytes", MPS_VALUE_UINT, "Retrans.", NULL, 0},                       \
        {group, "reinjected_bytes", MPS_VALUE_UINT, "Reinj.", NULL, 0},                            \
        {group, "reinjections", MPS_VALUE_UINT, NULL, NULL, 0},                                    \
    {                                                                                              \
        group, "goodput", MPS_VALUE_REAL, goodput_title, "Mbit/s", 3                               \
    }

#endif
