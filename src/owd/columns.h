/* columns.h: the tables of owd.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_OWD_COLUMNS_H
#define MPS_OWD_COLUMNS_H

#include "../report/report-internal.h"
#include "units.h"

#define MPS_OWD_MS(group, name, title)                                                             \
    {                                                                                              \
        group, name, MPS_VALUE_SECONDS, title, "ms", 3                                             \
    }
#define MPS_OWD_COUNT(name, title)                                                                 \
    {                                                                                              \
        NULL, name, MPS_VALUE_UINT, title, NULL, 0                                                 \
    }

/* What became of the segments. */
#define MPS_OWD_FATE_COLUMNS                                                                       \
    MPS_OWD_COUNT("sent", "Sent"), MPS_OWD_COUNT("received", "Received"),                          \
        MPS_OWD_COUNT("matched", "Matched"), MPS_OWD_COUNT("lost", "Lost"),                        \
        MPS_OWD_COUNT("unseen", "Unseen"), MPS_OWD_COUNT("duplicated", "Dup."),                    \
        MPS_OWD_COUNT("reordered", "Reord."), MPS_OWD_COUNT("ambiguous", "Ambig."),                \
        MPS_OWD_COUNT("outside", "Outside"), MPS_OWD_COUNT("uncaptured", "Uncapt."),               \
        MPS_OWD_COUNT("split", NULL), MPS_OWD_COUNT("merged", NULL),                               \
        MPS_OWD_COUNT("sent_bytes", "Sent bytes"), MPS_OWD_COUNT("matched_bytes", "Matched bytes")

/* What they took, and how far that may be off. */
#define MPS_OWD_DELAY_COLUMNS                                                                      \
    MPS_OWD_MS("owd", "min", "Min"), MPS_OWD_MS("owd", "median", "Median"),                        \
        MPS_OWD_MS("owd", "mean", "Mean"), MPS_OWD_MS("owd", "p95", "P95"),                        \
        MPS_OWD_MS("owd", "p99", "P99"), MPS_OWD_MS("owd", "max", "Max"),                          \
        MPS_OWD_MS("owd", "error_low", "Err. from"), MPS_OWD_MS("owd", "error_high", "to")

#define MPS_OWD_LOSS_COLUMN                                                                        \
    {                                                                                              \
        NULL, "loss_ratio", MPS_VALUE_REAL, "Loss", "%", 2                                         \
    }

#define MPS_OWD_PDV_COLUMNS                                                                        \
    MPS_OWD_MS("pdv", "median", "PDV median"), MPS_OWD_MS("pdv", "p95", "P95"),                    \
        MPS_OWD_MS("pdv", "p99", NULL), MPS_OWD_MS("pdv", "p999", "P99.9"),                        \
        MPS_OWD_MS("pdv", "max", NULL), MPS_OWD_MS("pdv", "error", "+/-")

#define MPS_OWD_RELATIVE_COLUMNS                                                                   \
    MPS_OWD_MS("relative", "min", "Behind: min"), MPS_OWD_MS("relative", "median", "median"),      \
        MPS_OWD_MS("relative", "error", "+/-")

/* Append the values of these columns. */
void mps_owd_add_fates(mps_table *table, const mps_alignment *alignment);
void mps_owd_add_delay(mps_table *table, const mps_figures *figures);
void mps_owd_add_loss(mps_table *table, uint32_t matched, uint32_t lost);
void mps_owd_add_pdv(mps_table *table, const mps_figures *figures);

/** Append how far a subflow is behind the fastest one; null where nothing is known of it, as of
 *  plain TCP. */
void mps_owd_add_relative(mps_table *table, const mps_owd *owd, const mps_unit *unit,
                          const mps_figures *figures, const mps_figures *fastest);

/** Append a time, ns, or null. */
void mps_owd_add_ns(mps_table *table, bool known, int64_t ns);
void mps_owd_add_number(mps_table *table, uint32_t number);
void mps_owd_add_direction(mps_table *table, mps_direction direction);
void mps_owd_add_stream(mps_table *table, const mps_trace *trace, uint32_t id);

/** @return a row for each unit. */
mps_table *mps_owd_subflow_table(const mps_owd *owd, const GArray *subflows);
mps_table *mps_owd_connection_table(const mps_owd *owd, const GArray *connections);

#endif
