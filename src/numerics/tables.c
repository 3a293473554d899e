/* tables.c: makes the tables of paths, of figures and of the overhead of options.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/decimal.h"
#include "base/times.h"
#include "numerics_internal.h"
#include <math.h>

/* The greatest number that is written: greater ones are of no path, and do not fit into 64 bits. */
#define GREATEST 1.8e19
#define TOO_GREAT "it is beyond 64 bits"

#define OF_CONNECTION                                                                              \
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},                                         \
    {                                                                                              \
        NULL, "peer_connection", MPS_VALUE_UINT, NULL, NULL, 0                                     \
    }

static const mps_column path_columns[] = {
    OF_CONNECTION,
    {NULL, "subflow", MPS_VALUE_UINT, "Path", NULL, 0},
    {NULL, "tcp_stream", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "name", MPS_VALUE_STRING, "Name", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    MPS_COLUMN_MS(NULL, "delay", "Delay"),
    MPS_COLUMN_MS(NULL, "delay_back", "Back"),
    MPS_COLUMN_MS(NULL, "rtt", "RTT"),
    MPS_COLUMN_MS(NULL, "rtt_p95", "RTT p95"),
    {NULL, "rate", MPS_VALUE_REAL, "Rate", "Mbit/s", 3},
    {NULL, "rate_from", MPS_VALUE_STRING, "By", NULL, 0},
    {NULL, "loss_ratio", MPS_VALUE_REAL, "Loss", "%", 2},
    {NULL, "mss", MPS_VALUE_UINT, "MSS", NULL, 0},
    {NULL, "payload", MPS_VALUE_UINT, "Payload", NULL, 0},
    {NULL, "reason", MPS_VALUE_STRING, NULL, NULL, 0},
};

static const mps_column figure_columns[] = {
    OF_CONNECTION,
    {NULL, "subflow", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "name", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "figure", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "value", MPS_VALUE_REAL, NULL, NULL, 0},
    {NULL, "value_loaded", MPS_VALUE_REAL, NULL, NULL, 0},
    {NULL, "unit", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "formula", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "reference", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "reason", MPS_VALUE_STRING, NULL, NULL, 0},
};

static const mps_column reader_columns[] = {
    {NULL, "path", MPS_VALUE_UINT, "Path", NULL, 0},
    {NULL, "figure", MPS_VALUE_STRING, "Figure", NULL, 0},
    {NULL, "value", MPS_VALUE_STRING, "Value", NULL, 0},
    {NULL, "loaded", MPS_VALUE_STRING, "by RTT p95", NULL, 0},
    {NULL, "formula", MPS_VALUE_STRING, "Formula", NULL, 0},
    {NULL, "reference", MPS_VALUE_STRING, "Reference", NULL, 0},
};

static const mps_column captured_columns[] = {
    OF_CONNECTION,
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "option", MPS_VALUE_STRING, "Option", NULL, 0},
    {NULL, "options", MPS_VALUE_UINT, "Options", NULL, 0},
    {NULL, "bytes", MPS_VALUE_UINT, "Bytes", NULL, 0},
    {NULL, "padding", MPS_VALUE_UINT, "Padding", NULL, 0},
    {NULL, "payload", MPS_VALUE_UINT, "Payload", NULL, 0},
    {NULL, "share", MPS_VALUE_REAL, "Overhead", "%", 3},
    {NULL, "reason", MPS_VALUE_STRING, NULL, NULL, 0},
};

static const mps_column described_columns[] = {
    {NULL, "path", MPS_VALUE_UINT, "Path", NULL, 0},
    {NULL, "name", MPS_VALUE_STRING, "Name", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "ack_bytes", MPS_VALUE_UINT, "DATA_ACK", NULL, 0},
    {NULL, "dsn_bytes", MPS_VALUE_UINT, "DSN", NULL, 0},
    {NULL, "checksum", MPS_VALUE_BOOL, "Checksum", NULL, 0},
    {NULL, "option_bytes", MPS_VALUE_UINT, "DSS", NULL, 0},
    {NULL, "padded_bytes", MPS_VALUE_UINT, "Padded", NULL, 0},
    {NULL, "payload", MPS_VALUE_UINT, "Payload", NULL, 0},
    {NULL, "share", MPS_VALUE_REAL, "Overhead", "%", 3},
    {NULL, "reason", MPS_VALUE_STRING, NULL, NULL, 0},
};

/* @return why a value is not written; NULL: it is */
static const char *reason_of(const mps_quantity *quantity)
{
    if (!mps_is_known(quantity))
        return quantity->reason;
    return isfinite(quantity->value) && fabs(quantity->value) < GREATEST ? NULL : TOO_GREAT;
}

/* @return a size rounded up, as a buffer must hold all of it; what is above a whole number by less
 * than the arithmetic can tell stays as it is. */
static double whole_bytes(double bytes)
{
    return ceil(bytes * (1 - 1e-12));
}

static void add_value(mps_table *table, const mps_quantity *quantity, mps_figure_unit unit)
{
    if (reason_of(quantity))
        mps_table_add(table, MPS_NULL);
    else if (unit == MPS_UNIT_BYTES)
        mps_table_add(table, MPS_UINT(whole_bytes(quantity->value)));
    else if (unit == MPS_UNIT_RATE)
        mps_table_add(table, MPS_REAL(round(quantity->value)));
    else if (unit == MPS_UNIT_TIME)
        mps_table_add(table, MPS_SECONDS(mps_nearest_ns(quantity->value * 1e9)));
    else
        mps_table_add(table, MPS_REAL(quantity->value));
}

/* Append what is not known of a path, and why. */
static void add_path_reasons(mps_table *table, const mps_numerics_path *path)
{
    const struct {
        const char *name;
        const mps_quantity *quantity;
    } all[] = {{"delay", &path->delay}, {"delay_back", &path->back},
               {"rtt", &path->rtt},     {"rtt_p95", &path->rtt_p95},
               {"rate", &path->rate},   {"loss_ratio", &path->loss},
               {"mss", &path->mss}};
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        const char *reason = reason_of(all[i].quantity);
        if (reason)
            g_string_append_printf(text, "%s%s: %s", text->len > 0 ? "; " : "", all[i].name,
                                   reason);
    }
    mps_table_add_string(table, text->len > 0 ? text->str : NULL);
    g_string_free(text, TRUE);
}

static void add_path(mps_table *table, const mps_numerics_path *path)
{
    mps_table_add_number(table, path->connection);
    mps_table_add_number(table, path->peer_connection);
    mps_table_add(table, MPS_UINT(path->subflow));
    mps_table_add_known(table, path->tcp_stream);
    mps_table_add_string(table, path->name);
    mps_table_add_direction(table, path->direction);
    add_value(table, &path->delay, MPS_UNIT_TIME);
    add_value(table, &path->back, MPS_UNIT_TIME);
    add_value(table, &path->rtt, MPS_UNIT_TIME);
    add_value(table, &path->rtt_p95, MPS_UNIT_TIME);
    add_value(table, &path->rate, MPS_UNIT_RATE);
    mps_table_add_string(table, mps_is_known(&path->rate) ? path->rate_from : NULL);
    add_value(table, &path->loss, MPS_UNIT_RATIO);
    add_value(table, &path->mss, MPS_UNIT_BYTES);
    mps_table_add_known(table, path->tcp_stream < 0 ? -1 : (int64_t)path->payload);
    add_path_reasons(table, path);
}

mps_table *mps_numerics_paths_table(const mps_numerics *numerics)
{
    mps_table *table = mps_table_new(path_columns, G_N_ELEMENTS(path_columns));
    for (guint i = 0; i < numerics->paths->len; i++)
        add_path(table, &g_array_index(numerics->paths, mps_numerics_path, i));
    mps_table_complete(table);
    return table;
}

static void add_figure(mps_table *table, const mps_numerics_direction *direction,
                       const mps_numerics_figure *figure)
{
    mps_table_add_number(table, direction->connection);
    mps_table_add_number(table, direction->peer_connection);
    mps_table_add_number(table, figure->path ? figure->path->subflow : MPS_NONE);
    mps_table_add_string(table, figure->path ? figure->path->name : NULL);
    mps_table_add_direction(table, direction->direction);
    mps_table_add_string(table, figure->name);
    add_value(table, &figure->value, figure->unit);
    add_value(table, &figure->value_loaded, figure->unit);
    mps_table_add_string(table, mps_figure_unit_name(figure->unit));
    mps_table_add_string(table, figure->formula);
    mps_table_add_string(table, figure->source);
    mps_table_add_string(table, reason_of(&figure->value));
}

mps_table *mps_numerics_figures_table(const mps_numerics *numerics)
{
    mps_table *table = mps_table_new(figure_columns, G_N_ELEMENTS(figure_columns));
    for (guint i = 0; i < numerics->directions->len; i++) {
        const mps_numerics_direction *direction =
            &g_array_index(numerics->directions, mps_numerics_direction, i);
        GArray *figures = mps_figures_of_direction(numerics, direction);
        for (guint k = 0; k < figures->len; k++)
            add_figure(table, direction, &g_array_index(figures, mps_numerics_figure, k));
        g_array_free(figures, TRUE);
    }
    mps_table_complete(table);
    return table;
}

/* Append a value with its unit, as a reader wants it. */
static void add_readable(mps_table *table, const mps_quantity *quantity, mps_figure_unit unit)
{
    static const struct {
        double factor;
        int decimals;
        const char *name;
    } shown[] = {
        [MPS_UNIT_BYTES] = {1, 0, "bytes"},
        [MPS_UNIT_RATE] = {1e-6, 3, "Mbit/s"},
        [MPS_UNIT_TIME] = {1e3, 3, "ms"},
        [MPS_UNIT_RATIO] = {100, 3, "%"},
    };
    if (reason_of(quantity)) {
        mps_table_add_string(table, NULL);
        return;
    }
    GString *text = g_string_new(NULL);
    const double value = unit == MPS_UNIT_BYTES ? whole_bytes(quantity->value) : quantity->value;
    mps_add_decimal(text, value * shown[unit].factor, shown[unit].decimals);
    g_string_append_printf(text, " %s", shown[unit].name);
    mps_table_add_string(table, text->str);
    g_string_free(text, TRUE);
}

/* Append a source in short: the numbers of sections say what they are. */
static void add_short(mps_table *table, const char *source)
{
    char **parts = g_strsplit(source, " section ", -1);
    char *text = g_strjoinv(", ", parts);
    mps_table_add_string(table, text);
    g_free(text);
    g_strfreev(parts);
}

mps_table *mps_numerics_readers_table(const mps_numerics *numerics,
                                      const mps_numerics_direction *direction)
{
    mps_table *table = mps_table_new(reader_columns, G_N_ELEMENTS(reader_columns));
    GArray *figures = mps_figures_of_direction(numerics, direction);
    const mps_quantity same = MPS_NOT_KNOWN("it does not depend on RTTs");
    for (guint i = 0; i < figures->len; i++) {
        const mps_numerics_figure *figure = &g_array_index(figures, mps_numerics_figure, i);
        if (reason_of(&figure->value))
            continue;
        mps_table_add_number(table, figure->path ? figure->path->subflow : MPS_NONE);
        mps_table_add_string(table, figure->title);
        add_readable(table, &figure->value, figure->unit);
        add_readable(table,
                     figure->value_loaded.value == figure->value.value ? &same
                                                                       : &figure->value_loaded,
                     figure->unit);
        mps_table_add_string(table, figure->formula);
        add_short(table, figure->source);
    }
    g_array_free(figures, TRUE);
    mps_table_complete(table);
    return table;
}

/* Append the options of one subtype; all together for NULL. */
static void add_captured(mps_table *table, const mps_numerics_direction *direction,
                         const char *name, const mps_option_sum *sum)
{
    const char *reason = direction->options.cut > 0 ? "the snaplen cut options" : NULL;
    mps_table_add_number(table, direction->connection);
    mps_table_add_number(table, direction->peer_connection);
    mps_table_add_direction(table, direction->direction);
    mps_table_add_string(table, name);
    mps_table_add(table, reason ? MPS_NULL : MPS_UINT(sum->options));
    mps_table_add(table, reason ? MPS_NULL : MPS_UINT(sum->bytes));
    mps_table_add(table, reason ? MPS_NULL : MPS_UINT(sum->padding));
    mps_table_add(table, MPS_UINT(direction->payload));
    mps_table_add(
        table, reason ? MPS_NULL
                      : MPS_REAL((double)(sum->bytes + sum->padding) / (double)direction->payload));
    mps_table_add_string(table, reason);
}

static void add_all_captured(mps_table *table, const mps_numerics_direction *direction)
{
    mps_option_sum all = {0, 0, 0};
    for (unsigned i = 0; i < MPS_OPTION_SUBTYPES; i++) {
        const mps_option_sum *sum = &direction->options.sums[i];
        const char *name = mps_subtype_name((uint8_t)i);
        all.options += sum->options;
        all.bytes += sum->bytes;
        all.padding += sum->padding;
        if (sum->options > 0)
            add_captured(table, direction, name ? name : "other", sum);
    }
    add_captured(table, direction, "all", &all);
}

/* TCP timestamps take 12 bytes of each segment, two of them padding (RFC 7323 appendix A). */
#define TIMESTAMPS 12.0

static void add_described(mps_table *table, const mps_numerics *numerics,
                          const mps_numerics_path *path, mps_dss_form form)
{
    const unsigned length = mps_dss_length(form);
    const double payload =
        path->mss.value - (numerics->timestamps ? TIMESTAMPS : 0) - mps_padded(length);
    const char *reason = payload > 0 ? NULL : "the options leave no room for payload";
    mps_table_add(table, MPS_UINT(path->subflow));
    mps_table_add_string(table, path->name);
    mps_table_add_direction(table, path->direction);
    mps_table_add(table, MPS_UINT(form.ack_is_64 ? 8 : 4));
    mps_table_add(table, MPS_UINT(form.dsn_is_64 ? 8 : 4));
    mps_table_add(table, MPS_BOOL(form.checksum));
    mps_table_add(table, MPS_UINT(length));
    mps_table_add(table, MPS_UINT(mps_padded(length)));
    mps_table_add(table, reason ? MPS_NULL : MPS_UINT(payload));
    mps_table_add(table, reason ? MPS_NULL : MPS_REAL(mps_padded(length) / payload));
    mps_table_add_string(table, reason);
}

/* Append a path with all forms that its DSS options may have. */
static void add_forms(mps_table *table, const mps_numerics *numerics, const mps_numerics_path *path)
{
    for (unsigned i = 0; i < 8; i++) {
        const mps_dss_form form = {i & 1u, i & 2u, i & 4u};
        if (!numerics->checksum_known || form.checksum == numerics->checksum)
            add_described(table, numerics, path, form);
    }
}

mps_table *mps_numerics_overhead_table(const mps_numerics *numerics)
{
    const bool described = numerics->name;
    mps_table *table = described ? mps_table_new(described_columns, G_N_ELEMENTS(described_columns))
                                 : mps_table_new(captured_columns, G_N_ELEMENTS(captured_columns));
    for (guint i = 0; described && i < numerics->paths->len; i++)
        add_forms(table, numerics, &g_array_index(numerics->paths, mps_numerics_path, i));
    for (guint i = 0; !described && i < numerics->directions->len; i++)
        add_all_captured(table, &g_array_index(numerics->directions, mps_numerics_direction, i));
    mps_table_complete(table);
    return table;
}
