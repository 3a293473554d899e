/* topology.c: reads a described topology: paths with delay, rate, loss and MSS, and buffers.
 * docs/numerics.md has the schema.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "numerics_internal.h"
#include "topology_values.h"
#include <mptcpscope/error.h>

#define PATHS_MAX 64u

/* What is allowed. The products of the greatest ones fit into 64 bits. */
static const mps_number_range delays = {.least = 0, .most = 3600};                  /* s */
static const mps_number_range rates = {.least = 1, .most = 1e14};                   /* bit/s */
static const mps_number_range losses = {.least = 0, .most = 1, .below_most = true}; /* ratio */
static const mps_number_range sizes = {.least = 1, .most = 65535, .whole = true};   /* bytes */
static const mps_number_range buffers = {.least = 1, .most = 1e15, .whole = true};  /* bytes */

/* A described path; arrays are by mps_direction. */
typedef struct {
    const char *name;
    double delay[2], rate[2], loss[2], mss[2], rttvar;
} described_path;

static void read_path(const mps_json_place *place, described_path *path)
{
    static const char *const known[] = {"name", "delay", "rate", "loss", "mss", "rttvar", NULL};
    *path = (described_path){.name = mps_place_string(place, "name")};
    mps_place_check_names(place, known);
    mps_place_both_ways(place, "delay", &delays, true, path->delay);
    mps_place_both_ways(place, "rate", &rates, true, path->rate);
    mps_place_both_ways(place, "loss", &losses, false, path->loss);
    mps_place_both_ways(place, "mss", &sizes, true, path->mss);
    mps_place_number(place, "rttvar", &delays, false, &path->rttvar);
}

static mps_numerics_path path_of(const described_path *path, guint number, mps_direction direction)
{
    const double rtt = path->delay[0] + path->delay[1];
    const mps_quantity one_rtt = MPS_NOT_KNOWN("a described path has one RTT");
    return (mps_numerics_path){
        .connection = MPS_NONE,
        .peer_connection = MPS_NONE,
        .subflow = number,
        .tcp_stream = -1,
        .name = path->name,
        .direction = direction,
        .used = true,
        .delay = MPS_KNOWN(path->delay[direction]),
        .back = MPS_KNOWN(path->delay[1 - direction]),
        .rtt = MPS_KNOWN(rtt),
        .rtt_p95 = one_rtt,
        .rto = MPS_KNOWN(mps_rto(rtt, path->rttvar)),
        .rto_linux = MPS_KNOWN(mps_rto_linux(rtt, path->rttvar)),
        .rate = MPS_KNOWN(path->rate[direction]),
        .rate_from = "topology",
        .loss = MPS_KNOWN(path->loss[direction]),
        .mss = MPS_KNOWN(path->mss[direction]),
    };
}

/* @return a buffer of a host; not known if it is not described */
static mps_quantity buffer_of(const mps_json_place *all, const char *host, const char *which)
{
    double bytes = 0;
    mps_json_place own = mps_place_member(all, host, false);
    mps_place_number(&own, which, &buffers, false, &bytes);
    mps_place_clear(&own);
    return bytes > 0 ? MPS_KNOWN(bytes) : MPS_NOT_KNOWN("it is not described");
}

static void check_buffers(const mps_json_place *all)
{
    static const char *const hosts[] = {"client", "server", NULL};
    static const char *const known[] = {"receive", "send", NULL};
    mps_place_check_names(all, hosts);
    for (unsigned i = 0; hosts[i]; i++) {
        mps_json_place own = mps_place_member(all, hosts[i], false);
        mps_place_check_names(&own, known);
        mps_place_clear(&own);
    }
}

/* Read the paths into `described` (described_path). */
static void read_paths(const mps_json_place *top, GArray *described)
{
    const json_t *list = mps_place_list(top, "paths", PATHS_MAX);
    for (size_t i = 0; i < json_array_size(list); i++) {
        described_path path;
        mps_json_place place = mps_place_element(top, "paths", list, i);
        read_path(&place, &path);
        mps_place_clear(&place);
        g_array_append_val(described, path);
    }
}

/* Add a direction with its paths. */
static void add_direction(mps_numerics *numerics, const mps_json_place *all_buffers,
                          const GArray *described, mps_direction direction)
{
    static const char *const hosts[] = {"client", "server"};
    const mps_numerics_direction added = {
        .connection = MPS_NONE,
        .peer_connection = MPS_NONE,
        .direction = direction,
        .first = numerics->paths->len,
        .count = described->len,
        .receive_buffer = buffer_of(all_buffers, hosts[1 - direction], "receive"),
        .send_buffer = buffer_of(all_buffers, hosts[direction], "send"),
        .unacknowledged = MPS_NOT_KNOWN("nothing was captured"),
    };
    g_array_append_val(numerics->directions, added);
    for (guint i = 0; i < described->len; i++) {
        const described_path *one = &g_array_index(described, described_path, i);
        mps_numerics_path path = path_of(one, i, direction);
        if (path.name) {
            g_ptr_array_add(numerics->names, g_strdup(path.name));
            path.name = numerics->names->pdata[numerics->names->len - 1];
        }
        g_array_append_val(numerics->paths, path);
    }
}

/* @return what a document describes; NULL, with `fault` */
static mps_numerics *read_document(const json_t *root, char **fault)
{
    static const char *const known[] = {"name", "paths", "buffers", "checksum", "timestamps", NULL};
    const bool is_object = json_is_object(root);
    const mps_json_place top = {is_object ? root : NULL, (char *)"", fault};
    if (!is_object) {
        *fault = g_strdup("the document must be an object");
        return NULL;
    }
    mps_numerics *numerics = mps_numerics_empty();
    GArray *described = g_array_new(FALSE, FALSE, sizeof(described_path));
    mps_place_check_names(&top, known);
    const char *name = mps_place_string(&top, "name");
    numerics->name = g_strdup(name ? name : "");
    numerics->timestamps = true;
    mps_place_bool(&top, "timestamps", &numerics->timestamps);
    numerics->checksum_known = mps_place_bool(&top, "checksum", &numerics->checksum);
    read_paths(&top, described);
    mps_json_place all_buffers = mps_place_member(&top, "buffers", false);
    check_buffers(&all_buffers);
    for (unsigned i = 0; i < 2; i++)
        add_direction(numerics, &all_buffers, described, (mps_direction)i);
    mps_place_clear(&all_buffers);
    g_array_free(described, TRUE);
    if (*fault) {
        mps_numerics_free(numerics);
        return NULL;
    }
    return numerics;
}

mps_numerics *mps_numerics_read(const char *path, GError **error)
{
    size_t length;
    char *fault = NULL;
    char *text = mps_text_read(path, &length, error);
    json_t *root = text ? mps_json_parse(text, length, error) : NULL;
    mps_numerics *numerics = root ? read_document(root, &fault) : NULL;
    json_decref(root);
    if (fault)
        g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT, fault);
    g_free(fault);
    g_free(text);
    return numerics;
}
