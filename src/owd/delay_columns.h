/* delay_columns.h: the tables of owd.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DELAY_COLUMNS_H
#define MPS_DELAY_COLUMNS_H

#include "aggregate.h"
#include "report/report_internal.h"

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
        MPS_OWD_COUNT("split", "Split"), MPS_OWD_COUNT("merged", "Merged"),                        \
        MPS_OWD_COUNT("sent_bytes", "Sent bytes"), MPS_OWD_COUNT("matched_bytes", "Matched bytes")

/* What they took, and how far that may be off. */
#define MPS_OWD_DELAY_COLUMNS                                                                      \
    MPS_OWD_MS("owd", "min", "Min"), MPS_OWD_MS("owd", "median", "Median"),                        \
        MPS_OWD_MS("owd", "mean", "Mean"), MPS_OWD_MS("owd", "p95", "P95"),                        \
        MPS_OWD_MS("owd", "p99", "P99"), MPS_OWD_MS("owd", "max", "Max"),                          \
        MPS_OWD_MS("owd", "error_low", "Err. from"), MPS_OWD_MS("owd", "error_high", "to")

/* Which subflow of A, or connection of plain TCP. */
#define MPS_OWD_SUBFLOW_COLUMNS                                                                    \
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},                                         \
        {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},                                     \
    {                                                                                              \
        NULL, "tcp_stream", MPS_VALUE_UINT, "Stream", NULL, 0                                      \
    }

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
void mps_owd_add_delay(mps_table *table, const mps_figures *figures);
void mps_owd_add_loss(mps_table *table, uint32_t matched, uint32_t lost);
void mps_owd_add_pdv(mps_table *table, const mps_figures *figures);

/** Append how far a subflow is behind the fastest one; null where nothing is known of it, as of
 *  plain TCP. */
void mps_owd_add_relative(mps_table *table, const mps_owd *owd, const mps_unit *unit,
                          const mps_figures *figures, const mps_figures *fastest);

/** Append the values of MPS_OWD_SUBFLOW_COLUMNS. @param connection  that it counts as one of */
void mps_owd_add_subflow(mps_table *table, const mps_owd *owd, uint32_t connection,
                         const mps_owd_row *row);

/** Append the TCP stream of a subflow; null where the capture does not have it. @param id  of the
 *  subflow, or MPS_NONE */
void mps_owd_add_stream(mps_table *table, const mps_trace *trace, uint32_t id);

/** @return a row for each unit. */
mps_table *mps_owd_subflow_table(const mps_owd *owd, const GArray *subflows);
mps_table *mps_owd_connection_table(const mps_owd *owd, const GArray *connections);

#endif
