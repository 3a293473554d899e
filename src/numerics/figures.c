/* figures.c: the figures of a path and of a direction, each with its formula and its source.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "numerics_internal.h"

/* What the figures of a direction are made of. */
typedef struct {
    const mps_numerics_direction *direction;
    const mps_numerics_path *paths;
    bool loaded; /* by the RTTs that 95 % do not exceed, not by the least */
} figure_base;

static mps_quantity rtt_of(const figure_base *base, const mps_numerics_path *path)
{
    const mps_quantity *rtt = base->loaded ? &path->rtt_p95 : &path->rtt;
    if (mps_is_known(rtt) && rtt->value <= 0)
        return MPS_NOT_KNOWN("the RTT is not above 0");
    return *rtt;
}

static mps_quantity rate_of(const figure_base *base, const mps_numerics_path *path)
{
    (void)base;
    return path->rate;
}

static mps_quantity rto_of(const figure_base *base, const mps_numerics_path *path)
{
    (void)base;
    return path->rto;
}

static mps_quantity rto_linux_of(const figure_base *base, const mps_numerics_path *path)
{
    (void)base;
    return path->rto_linux;
}

/* @return the product of two quantities and a factor; not known if one of them is not */
static mps_quantity product(mps_quantity a, mps_quantity b, double factor)
{
    if (!mps_is_known(&a))
        return a;
    return mps_is_known(&b) ? MPS_KNOWN(a.value * b.value * factor) : b;
}

static mps_quantity quotient(mps_quantity a, mps_quantity b, double factor)
{
    if (!mps_is_known(&a))
        return a;
    if (!mps_is_known(&b))
        return b;
    return b.value > 0 ? MPS_KNOWN(a.value / b.value * factor)
                       : MPS_NOT_KNOWN("it would be divided by 0");
}

/* @return the lesser; the one that is known, if only one is */
static mps_quantity lesser(mps_quantity a, mps_quantity b)
{
    if (!mps_is_known(&a) || !mps_is_known(&b))
        return mps_is_known(&a) ? a : b;
    return a.value < b.value ? a : b;
}

#define BITS 8.0 /* of a byte */

static mps_quantity bdp_of(const figure_base *base, const mps_numerics_path *path)
{
    return product(path->rate, rtt_of(base, path), 1 / BITS);
}

static mps_quantity alone_of(const figure_base *base, const mps_numerics_path *path)
{
    return product(bdp_of(base, path), MPS_KNOWN(2), 1);
}

static const char no_loss[] = "there is no loss, which would limit it";

bool mps_figure_is_unlimited(const mps_numerics_figure *figure)
{
    return figure->value.reason == no_loss;
}

/* @return why what loss allows is not known; NULL: it is */
static const char *unknown_by_loss(const mps_numerics_path *path, const mps_quantity *rtt)
{
    const mps_quantity *const needed[] = {&path->loss, rtt, &path->mss, &path->rto};
    for (unsigned i = 0; i < G_N_ELEMENTS(needed); i++)
        if (!mps_is_known(needed[i]))
            return needed[i]->reason;
    return path->loss.value > 0 ? NULL : no_loss;
}

static mps_quantity mathis_of(const figure_base *base, const mps_numerics_path *path)
{
    const mps_quantity rtt = rtt_of(base, path);
    const char *reason = unknown_by_loss(path, &rtt);
    return reason ? MPS_NOT_KNOWN(reason)
                  : MPS_KNOWN(mps_mathis(path->mss.value, rtt.value, path->loss.value));
}

static mps_quantity pftk_of(const figure_base *base, const mps_numerics_path *path)
{
    const mps_quantity rtt = rtt_of(base, path);
    const char *reason = unknown_by_loss(path, &rtt);
    return reason
               ? MPS_NOT_KNOWN(reason)
               : MPS_KNOWN(mps_pftk(path->mss.value, rtt.value, path->rto.value, path->loss.value));
}

static mps_quantity expected_of(const figure_base *base, const mps_numerics_path *path)
{
    if (!mps_is_known(&path->loss))
        return path->loss;
    if (!mps_is_known(&path->rate) || path->loss.value <= 0)
        return path->rate;
    const mps_quantity by_loss = pftk_of(base, path);
    return mps_is_known(&by_loss) ? lesser(path->rate, by_loss) : by_loss;
}

typedef mps_quantity (*path_value)(const figure_base *base, const mps_numerics_path *path);

typedef enum { FOLD_SUM, FOLD_GREATEST, FOLD_LEAST } fold;

static double folded(fold how, double a, double b)
{
    return how == FOLD_SUM ? a + b : how == FOLD_GREATEST ? MAX(a, b) : MIN(a, b);
}

/* @return the sum, the greatest or the least of what is known of the paths that carried data; not
 * known if it is not known of any */
static mps_quantity over_paths(const figure_base *base, path_value value, fold how)
{
    mps_quantity result = MPS_NOT_KNOWN("no data went this way");
    for (guint i = 0; i < base->direction->count; i++) {
        if (!base->paths[i].used)
            continue;
        const mps_quantity one = value(base, &base->paths[i]);
        if (!mps_is_known(&one))
            result = mps_is_known(&result) ? result : one;
        else if (!mps_is_known(&result))
            result = one;
        else
            result.value = folded(how, result.value, one.value);
    }
    return result;
}

static mps_quantity bandwidth(const figure_base *base)
{
    return over_paths(base, rate_of, FOLD_SUM);
}

static mps_quantity rtt_max(const figure_base *base)
{
    return over_paths(base, rtt_of, FOLD_GREATEST);
}

static mps_quantity rtt_min(const figure_base *base)
{
    return over_paths(base, rtt_of, FOLD_LEAST);
}

static mps_quantity rto_max(const figure_base *base)
{
    return over_paths(base, rto_of, FOLD_GREATEST);
}

static mps_quantity rto_max_linux(const figure_base *base)
{
    return over_paths(base, rto_linux_of, FOLD_GREATEST);
}

static mps_quantity buffer_lower(const figure_base *base)
{
    return over_paths(base, bdp_of, FOLD_GREATEST);
}

static mps_quantity buffer_fast(const figure_base *base)
{
    return product(bandwidth(base), rtt_max(base), 1 / BITS);
}

static mps_quantity buffer_recommended(const figure_base *base)
{
    return product(bandwidth(base), rtt_max(base), 2 / BITS);
}

static mps_quantity buffer_timeout(const figure_base *base)
{
    return product(bandwidth(base), rto_max(base), 1 / BITS);
}

static mps_quantity buffer_timeout_linux(const figure_base *base)
{
    return product(bandwidth(base), rto_max_linux(base), 1 / BITS);
}

static mps_quantity receive_buffer(const figure_base *base)
{
    return base->direction->receive_buffer;
}

static mps_quantity send_buffer(const figure_base *base)
{
    return base->direction->send_buffer;
}

static mps_quantity unacknowledged(const figure_base *base)
{
    return base->direction->unacknowledged;
}

static mps_quantity window_rate(const figure_base *base)
{
    return quotient(base->direction->receive_buffer, rtt_max(base), BITS);
}

static mps_quantity window_rate_fast(const figure_base *base)
{
    return quotient(base->direction->receive_buffer, rtt_max(base), BITS / 2);
}

static mps_quantity window_rate_most(const figure_base *base)
{
    return quotient(base->direction->receive_buffer, rtt_min(base), BITS);
}

static mps_quantity window_rate_timeout(const figure_base *base)
{
    return quotient(base->direction->receive_buffer, rto_max(base), BITS);
}

static mps_quantity send_rate(const figure_base *base)
{
    return quotient(base->direction->send_buffer, rtt_max(base), BITS);
}

/* @return a rate, or what the buffers allow if that is less */
static mps_quantity within_buffers(const figure_base *base, mps_quantity rate)
{
    return mps_is_known(&rate) ? lesser(lesser(rate, window_rate(base)), send_rate(base)) : rate;
}

static mps_quantity expected(const figure_base *base)
{
    return within_buffers(base, over_paths(base, expected_of, FOLD_SUM));
}

static mps_quantity expected_coupled(const figure_base *base)
{
    return within_buffers(base, over_paths(base, expected_of, FOLD_GREATEST));
}

static mps_quantity overhead(const figure_base *base)
{
    const mps_numerics_direction *direction = base->direction;
    if (direction->options.segments == 0)
        return MPS_NOT_KNOWN("nothing was captured: see the overhead by segment");
    if (direction->options.cut > 0)
        return MPS_NOT_KNOWN("the snaplen cut options");
    const mps_quantity bytes = MPS_KNOWN((double)mps_option_bytes_total(&direction->options));
    const mps_quantity payload = MPS_KNOWN((double)direction->payload);
    return quotient(bytes, payload, 1);
}

/* Figures of a path, in the order of output. */
static const struct {
    const char *name, *title;
    mps_figure_unit unit;
    const char *formula, *source;
    path_value value;
} of_paths[] = {
    {"bdp", "bandwidth-delay product", MPS_UNIT_BYTES, "BW_i RTT_i", "RFC 6182 section 5.3",
     bdp_of},
    {"single_path_buffer", "buffer, this path alone", MPS_UNIT_BYTES, "2 BW_i RTT_i",
     "RFC 6182 section 5.3", alone_of},
    {"rto", "retransmission timeout", MPS_UNIT_TIME, "max(1 s, SRTT + 4 RTTVAR)",
     "RFC 6298 section 2", rto_of},
    {"rto_linux", "timeout of Linux", MPS_UNIT_TIME, "SRTT + max(0.2 s, 4 RTTVAR)",
     "Linux, TCP_RTO_MIN", rto_linux_of},
    {"loss_bound", "throughput by loss", MPS_UNIT_RATE, "MSS / RTT_i sqrt(3 / 2p)",
     "Mathis et al. 1997", mathis_of},
    {"loss_bound_timeouts", "by loss and timeouts", MPS_UNIT_RATE,
     "MSS / (RTT_i sqrt(2p/3) + RTO_i 3 sqrt(3p/8) p (1+32p^2))",
     "RFC 5348 section 3.1; Padhye et al. 1998", pftk_of},
    {"expected_path", "expected throughput", MPS_UNIT_RATE, "min(BW_i, by loss)",
     "RFC 5348 section 3.1", expected_of},
};

/* Figures of all paths together. */
static const struct {
    const char *name, *title;
    mps_figure_unit unit;
    const char *formula, *source;
    mps_quantity (*value)(const figure_base *base);
} of_all[] = {
    {"bandwidth", "bandwidth of all paths", MPS_UNIT_RATE, "sum(BW_i)", "RFC 6182 section 5.3",
     bandwidth},
    {"rtt_max", "longest RTT", MPS_UNIT_TIME, "max(RTT_i)", "RFC 6182 section 5.3", rtt_max},
    {"rto_max", "longest timeout", MPS_UNIT_TIME, "max(RTO_i)", "RFC 6182 section 5.3", rto_max},
    {"rto_max_linux", "longest timeout of Linux", MPS_UNIT_TIME, "max(RTO_i)", "Linux, TCP_RTO_MIN",
     rto_max_linux},
    {"receive_buffer_lower", "receive buffer, no loss", MPS_UNIT_BYTES, "max(BW_i RTT_i)",
     "RFC 8684 section 3.3.4", buffer_lower},
    {"receive_buffer_fast", "receive buffer, fast retransmit", MPS_UNIT_BYTES, "sum(BW_i) RTT_max",
     "RFC 8684 section 3.3.4", buffer_fast},
    {"receive_buffer", "receive buffer, recommended", MPS_UNIT_BYTES, "2 sum(BW_i) RTT_max",
     "RFC 6182 section 5.3", buffer_recommended},
    {"receive_buffer_timeout", "receive buffer, timeout", MPS_UNIT_BYTES, "sum(BW_i) RTO_max",
     "RFC 6182 section 5.3", buffer_timeout},
    {"receive_buffer_timeout_linux", "receive buffer, Linux timeout", MPS_UNIT_BYTES,
     "sum(BW_i) RTO_max", "RFC 6182 section 5.3", buffer_timeout_linux},
    {"send_buffer", "send buffer, recommended", MPS_UNIT_BYTES, "2 sum(BW_i) RTT_max",
     "RFC 6182 section 5.3; RFC 8684 section 3.3.5", buffer_recommended},
    {"send_buffer_timeout", "send buffer, timeout", MPS_UNIT_BYTES, "sum(BW_i) RTO_max",
     "RFC 6182 section 5.3; RFC 8684 section 3.3.5", buffer_timeout},
    {"receive_buffer_seen", "receive buffer seen", MPS_UNIT_BYTES, "greatest window",
     "RFC 8684 section 3.3.4", receive_buffer},
    {"send_buffer_seen", "send buffer seen", MPS_UNIT_BYTES, "as described",
     "RFC 8684 section 3.3.5", send_buffer},
    {"unacknowledged_seen", "most data without DATA_ACK", MPS_UNIT_BYTES,
     "max(data sent - DATA_ACK)", "RFC 8684 section 3.3.2", unacknowledged},
    {"receive_buffer_allows", "receive buffer allows", MPS_UNIT_RATE, "receive buffer / RTT_max",
     "RFC 8684 section 3.3.4", window_rate},
    {"receive_buffer_allows_most", "it allows, shortest path alone", MPS_UNIT_RATE,
     "receive buffer / RTT_min", "RFC 8684 section 3.3.4", window_rate_most},
    {"receive_buffer_allows_fast", "it allows, fast retransmit", MPS_UNIT_RATE,
     "receive buffer / (2 RTT_max)", "RFC 6182 section 5.3", window_rate_fast},
    {"receive_buffer_allows_timeout", "it allows, timeout", MPS_UNIT_RATE,
     "receive buffer / RTO_max", "RFC 6182 section 5.3", window_rate_timeout},
    {"send_buffer_allows", "send buffer allows", MPS_UNIT_RATE, "send buffer / RTT_max",
     "RFC 8684 section 3.3.5", send_rate},
    {"expected", "expected throughput", MPS_UNIT_RATE, "min(sum(expected_i), buffers)",
     "RFC 6182 section 2.1", expected},
    {"expected_coupled", "coupled, at least", MPS_UNIT_RATE, "min(max(expected_i), buffers)",
     "RFC 6356 section 1", expected_coupled},
    {"option_overhead", "MPTCP options by payload", MPS_UNIT_RATIO, "options and padding / payload",
     "RFC 8684 section 3", overhead},
};

const char *mps_figure_unit_name(mps_figure_unit unit)
{
    static const char *const names[] = {
        [MPS_UNIT_BYTES] = "bytes",
        [MPS_UNIT_RATE] = "bit/s",
        [MPS_UNIT_TIME] = "s",
        [MPS_UNIT_RATIO] = "ratio",
    };
    return names[unit];
}

static void add_path(GArray *figures, const figure_base bases[2], const mps_numerics_path *path)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(of_paths); i++) {
        const mps_numerics_figure figure = {of_paths[i].name,
                                            of_paths[i].title,
                                            of_paths[i].formula,
                                            of_paths[i].source,
                                            path,
                                            of_paths[i].unit,
                                            of_paths[i].value(&bases[0], path),
                                            of_paths[i].value(&bases[1], path)};
        g_array_append_val(figures, figure);
    }
}

GArray *mps_figures_of_direction(const mps_numerics *numerics,
                                 const mps_numerics_direction *direction)
{
    GArray *figures = g_array_new(FALSE, FALSE, sizeof(mps_numerics_figure));
    const mps_numerics_path *paths = mps_paths_of(numerics, direction);
    const figure_base bases[] = {{direction, paths, false}, {direction, paths, true}};
    for (unsigned i = 0; i < G_N_ELEMENTS(of_all); i++) {
        const mps_numerics_figure figure = {of_all[i].name,
                                            of_all[i].title,
                                            of_all[i].formula,
                                            of_all[i].source,
                                            NULL,
                                            of_all[i].unit,
                                            of_all[i].value(&bases[0]),
                                            of_all[i].value(&bases[1])};
        g_array_append_val(figures, figure);
    }
    for (guint i = 0; i < direction->count; i++)
        if (paths[i].used)
            add_path(figures, bases, &paths[i]);
    return figures;
}

void mps_figures_note_gaps(mps_numerics *numerics, const mps_numerics_direction *direction)
{
    const mps_numerics_path *paths = mps_paths_of(numerics, direction);
    const figure_base base = {direction, paths, false};
    const mps_quantity sum = bandwidth(&base);
    for (guint i = 0; mps_is_known(&sum) && i < direction->count; i++)
        if (paths[i].used && !mps_is_known(&paths[i].rate))
            g_ptr_array_add(numerics->notes,
                            g_strdup_printf("Connection %u, %s: the sums are without subflow %u: "
                                            "%s.",
                                            direction->connection,
                                            mps_direction_name(direction->direction),
                                            paths[i].subflow, paths[i].rate.reason));
}
