/* delay_columns.h: columns of delays, and the tables of subflows and connections.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DELAY_COLUMNS_H
#define MPS_DELAY_COLUMNS_H

#include "aggregate.h"
#include "compare/comparison_columns.h"
#include "table/table_build.h"

/* The outcomes of the segments. */
#define MPS_OWD_OUTCOME_COLUMNS                                                                    \
    MPS_COLUMN_COUNT("sent", "Sent"), MPS_COLUMN_COUNT("received", "Received"),                    \
        MPS_COLUMN_COUNT("matched", "Matched"), MPS_COLUMN_COUNT("lost", "Lost"),                  \
        MPS_COLUMN_COUNT("unseen", "Unseen"), MPS_COLUMN_COUNT("duplicated", "Dup."),              \
        MPS_COLUMN_COUNT("reordered", "Reord."), MPS_COLUMN_COUNT("ambiguous", "Ambig."),          \
        MPS_COLUMN_COUNT("outside", "Outside"), MPS_COLUMN_COUNT("uncaptured", "Uncapt."),         \
        MPS_COLUMN_COUNT("undetermined", "Undet."), MPS_COLUMN_COUNT("split", "Split"),            \
        MPS_COLUMN_COUNT("merged", "Merged"), MPS_COLUMN_COUNT("sent_bytes", "Sent bytes"),        \
        MPS_COLUMN_COUNT("matched_bytes", "Matched bytes")

/* Their delays, with error bounds. */
#define MPS_OWD_DELAY_COLUMNS                                                                      \
    MPS_COLUMN_MS("owd", "min", "Min"), MPS_COLUMN_MS("owd", "median", "Median"),                  \
        MPS_COLUMN_MS("owd", "mean", "Mean"), MPS_COLUMN_MS("owd", "p95", "P95"),                  \
        MPS_COLUMN_MS("owd", "p99", "P99"), MPS_COLUMN_MS("owd", "max", "Max"),                    \
        MPS_COLUMN_MS("owd", "error_low", "Err. from"), MPS_COLUMN_MS("owd", "error_high", "to")

#define MPS_OWD_LOSS_COLUMNS                                                                       \
    {NULL, "loss_ratio", MPS_VALUE_REAL, "Loss", "%", 2},                                          \
        {NULL, "loss_ratio_low", MPS_VALUE_REAL, "from", "%", 2},                                  \
    {                                                                                              \
        NULL, "loss_ratio_high", MPS_VALUE_REAL, "to", "%", 2                                      \
    }

#define MPS_OWD_PDV_COLUMNS                                                                        \
    MPS_COLUMN_MS("pdv", "median", "PDV median"), MPS_COLUMN_MS("pdv", "p95", "P95"),              \
        MPS_COLUMN_MS("pdv", "p99", NULL), MPS_COLUMN_MS("pdv", "p999", "P99.9"),                  \
        MPS_COLUMN_MS("pdv", "max", NULL), MPS_COLUMN_MS("pdv", "error", "+/-")

#define MPS_OWD_RELATIVE_COLUMNS                                                                   \
    MPS_COLUMN_MS("relative", "min", "Rel. min"), MPS_COLUMN_MS("relative", "median", "median"),   \
        MPS_COLUMN_MS("relative", "error", "+/-")

/** Append the values of MPS_OWD_DELAY_COLUMNS (RFC 7679). */
void mps_owd_add_delay(mps_table *table, const mps_figures *figures);

/** Append the values of MPS_OWD_LOSS_COLUMNS: lost / (matched + lost) (RFC 7680), and its bounds;
 *  null for 0 / 0. Where segments are undetermined, the ratio is null: the lower bound holds if
 *  none of them was lost, the upper bound if all were. */
void mps_owd_add_loss(mps_table *table, uint32_t matched, uint32_t lost, uint32_t undetermined);

/** Append the values of MPS_OWD_PDV_COLUMNS: delay minus the least delay (RFC 5481). */
void mps_owd_add_pdv(mps_table *table, const mps_figures *figures);

/** Append the values of MPS_OWD_RELATIVE_COLUMNS: delays minus those of the fastest subflow.
 *  @param aggregate, figures  the subflow, and its figures; null for plain TCP and without a delay
 *  @param fastest  figures of the fastest subflow, which may be `figures`; NULL: append null */
void mps_owd_add_relative(mps_table *table, const mps_comparison *comparison,
                          const mps_aggregate *aggregate, const mps_figures *figures,
                          const mps_figures *fastest);

/** @return a table with a row for each of mps_aggregates_of(); to be freed with mps_table_free() */
mps_table *mps_owd_subflow_table(const mps_comparison *comparison, const GArray *subflows);

/** @return a table with a row for each of mps_aggregates_by_connection(); to be freed with
 *  mps_table_free() */
mps_table *mps_owd_connection_table(const mps_comparison *comparison, const GArray *connections);

#endif
