/* numerics_internal.h: what the files of this folder share: paths, and what follows from them.
 *
 *   formulas.c          the formulas, and the highest rate of arrivals
 *   figures.c           the figures of a path and of a direction, each with its formula and source
 *   topology.c          reads a described topology
 *   topology_values.c   the members of its JSON objects, checked
 *   measure.c           measures paths in one capture or two
 *   measure_path.c      rate, timeouts and MSS of a path, by the segments of its ends
 *   ack_rate.c          the rate at which data was acknowledged
 *   seen_buffers.c      the receive window and the unacknowledged data that were seen
 *   option_bytes.c      counts the bytes of MPTCP options
 *   tables.c            makes the tables
 *   write_numerics.c    writes text, csv and json
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_NUMERICS_INTERNAL_H
#define MPS_NUMERICS_INTERNAL_H

#include "formulas.h"
#include "option_bytes.h"
#include "table/table_build.h"
#include <mptcpscope/numerics.h>

/* One direction of a path: of a subflow, or of a topology. */
typedef struct {
    uint32_t connection, peer_connection; /* of A, of B; MPS_NONE: of a topology, or one capture */
    uint32_t subflow;                     /* of A; in a topology, the number of the path */
    int32_t tcp_stream;                   /* -1: of a topology */
    const char *name;                     /* of a topology; NULL: none */
    mps_direction direction;
    bool used;              /* data went this way */
    const char *rate_from;  /* what shows the rate, static; NULL: it is not known */
    mps_quantity delay;     /* least one-way delay this way, s */
    mps_quantity back;      /* the same the other way */
    mps_quantity rtt;       /* least RTT, s */
    mps_quantity rtt_p95;   /* what 95 % of the RTTs do not exceed, s */
    mps_quantity rto;       /* greatest time-out by RFC 6298, s */
    mps_quantity rto_linux; /* the same as Linux has it, s */
    mps_quantity rate;      /* bit/s */
    mps_quantity loss;      /* ratio */
    mps_quantity mss;       /* bytes */
    uint64_t payload;       /* bytes sent */
} mps_numerics_path;

/* One direction of a connection, or of a topology. */
typedef struct {
    uint32_t connection, peer_connection;
    mps_direction direction;
    guint first, count;          /* its paths */
    mps_quantity receive_buffer; /* of the receiver, as far as it is seen, bytes */
    mps_quantity send_buffer;    /* of the sender, bytes */
    mps_quantity unacknowledged; /* the most data that was sent and not acknowledged, bytes */
    mps_option_bytes options;    /* of the sender's segments; none in a topology */
    uint64_t payload;            /* bytes sent, on all subflows */
} mps_numerics_direction;

struct mps_numerics {
    char *name;                       /* of the topology; NULL: of captures */
    const mps_trace *traces[2];       /* not owned; NULL: none */
    const mps_comparison *comparison; /* not owned; NULL: of one capture, or none */
    GArray *paths;                    /* mps_numerics_path, by direction */
    GArray *directions;               /* mps_numerics_direction */
    GPtrArray *names;                 /* char *: of paths */
    GPtrArray *notes;                 /* char *: a sentence each */
    bool checksum_known, checksum;    /* of a topology: whether DSS checksums are in use */
    bool timestamps;                  /* of a topology: segments have TCP timestamps */
};

/** @return without paths. */
mps_numerics *mps_numerics_empty(void);

/** @return the paths of a direction. */
static inline const mps_numerics_path *mps_paths_of(const mps_numerics *numerics,
                                                    const mps_numerics_direction *direction)
{
    return &g_array_index(numerics->paths, mps_numerics_path, direction->first);
}

/* Units of figures. */
typedef enum { MPS_UNIT_BYTES, MPS_UNIT_RATE, MPS_UNIT_TIME, MPS_UNIT_RATIO } mps_figure_unit;

/** @return "bytes", "bit/s", "s" or "ratio", static. */
const char *mps_figure_unit_name(mps_figure_unit unit);

/* A figure that is worked out. */
typedef struct {
    const char *name, *title;      /* for scripts, for readers; static, as the next two */
    const char *formula, *source;  /* the RFC section or paper */
    const mps_numerics_path *path; /* NULL: of all paths together */
    mps_figure_unit unit;
    mps_quantity value;        /* by the least RTTs */
    mps_quantity value_loaded; /* by the RTTs that 95 % do not exceed */
} mps_numerics_figure;

/** @return all figures of a direction (mps_numerics_figure); the caller frees the array. */
GArray *mps_figures_of_direction(const mps_numerics *numerics,
                                 const mps_numerics_direction *direction);

/** @return whether a figure is not known because nothing limits it: a path loses nothing. */
bool mps_figure_is_unlimited(const mps_numerics_figure *figure);

/** Note which paths the sums of a direction are without, and why. */
void mps_figures_note_gaps(mps_numerics *numerics, const mps_numerics_direction *direction);

/** @return a table with a row for each direction of each path; freed by mps_table_free(). */
mps_table *mps_numerics_paths_table(const mps_numerics *numerics);

/** @return a table with a row for each figure; likewise. */
mps_table *mps_numerics_figures_table(const mps_numerics *numerics);

/** @return a table of the figures of a direction for readers; likewise. */
mps_table *mps_numerics_readers_table(const mps_numerics *numerics,
                                      const mps_numerics_direction *direction);

/** @return a table of the bytes of MPTCP options: those that were captured, or those that each
 *  segment of a topology has; likewise. */
mps_table *mps_numerics_overhead_table(const mps_numerics *numerics);

#endif
