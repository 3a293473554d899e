/* pictures.c: chooses the connections that a page has pictures of, and writes the pictures.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/critical_path/critical_path.h"
#include "html_internal.h"
#include "plot/palette.h"
#include "report/by_data.h"
#include "table/table_build.h"
#include "table/table_write.h"
#include <string.h>

/* Connections with pictures. */
#define CONNECTIONS_MAX 8u

/* Subflows that a picture can show: of more, a reader could tell nothing apart. */
#define SUBFLOWS_MAX 256u

/* Bytes that the pictures of the first connection take, and those of all others together. */
#define FIRST_MAX 1600000u
#define OTHERS_MAX 1800000u

/* Columns of a picture: four times those of an image, so that there is something to see when it is
 * zoomed, or fewer, until it fits. */
#define COLUMNS_MOST 4000
#define COLUMNS_LEAST 60

/* What is tried next takes this share of what it may: fewer tries, and little room lost. */
#define FIT 0.9

/* @return the connections of A (uint32_t), in the order in which they have pictures; the caller
 * frees the array */
static GArray *connections_of(const mps_html_subject *subject)
{
    const mps_html *html = subject->html;
    if (html->connection == MPS_NONE)
        return mps_connections_by_data(html->connections, mps_trace_tracker(subject->traces[0]));
    GArray *only = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_array_append_val(only, html->connection);
    return only;
}

static void write_reason(FILE *out, const char *kind, const char *reason)
{
    fprintf(out, "{\"kind\":\"%s\",\"reason\":", kind);
    mps_write_json_string(out, reason);
    putc('}', out);
}

/* @return with how many columns a picture may fit that took `size` bytes and may take `most`. Some
 * of the bytes do not become fewer with the columns, but a try costs a pass over all numbers */
static int fewer_columns(int columns, size_t size, size_t most)
{
    const double share = FIT * (double)most / (double)size;
    return (int)(columns * MIN(share, FIT));
}

/* Write a picture with as many columns as fit. @param most  bytes */
static void write_fitting(FILE *out, const char *kind, const mps_picture *picture, size_t most)
{
    int columns = COLUMNS_MOST;
    while (columns >= COLUMNS_LEAST) {
        mps_html_buffer buffer;
        mps_html_buffer_begin(&buffer);
        mps_html_picture(buffer.stream, kind, picture, columns);
        mps_html_buffer_end(&buffer);
        const size_t size = mps_html_json_size(buffer.data, buffer.size);
        const bool fits = size <= most;
        if (fits)
            fwrite(buffer.data, 1, buffer.size, out);
        mps_html_buffer_clear(&buffer);
        if (fits)
            return;
        columns = fewer_columns(columns, size, most);
    }
    write_reason(out, kind, "it has too much for a page; mptcpscope plot draws it");
}

static void write_plot(FILE *out, const mps_html_subject *subject, mps_plot *plot,
                       uint32_t connection, size_t most)
{
    GError *error = NULL;
    const bool of_both = subject->comparison && mps_plot_takes(plot, 2, NULL);
    mps_plot_set_connection(plot, connection);
    mps_picture *picture =
        mps_plot_picture(plot, subject->traces[0], of_both ? subject->comparison : NULL, &error);
    if (picture)
        write_fitting(out, mps_plot_name(plot), picture, most);
    else
        write_reason(out, mps_plot_name(plot), error->message);
    g_clear_error(&error);
    mps_picture_free(picture);
}

/* @param most  bytes of all its pictures */
static void write_connection(FILE *out, const mps_html_subject *subject, uint32_t connection,
                             size_t most)
{
    const GPtrArray *plots = subject->html->plots;
    char client[MPS_ADDRESS_TEXT_MAX], server[MPS_ADDRESS_TEXT_MAX];
    mps_connection_info info;
    mps_tracker_connection(mps_trace_tracker(subject->traces[0]), connection, &info);
    char *title = g_strdup_printf(
        "connection %u: client %s port %u, server %s port %u, subflows: %u", connection,
        mps_address_text(&info.client, client), info.client_port,
        mps_address_text(&info.server, server), info.server_port, info.subflow_count);
    fprintf(out, "{\"connection\":%u,\"start\":", connection);
    const mps_value start = MPS_TIME(info.start);
    mps_write_json_value(out, &start);
    fputs(",\"title\":", out);
    mps_write_json_string(out, title);
    g_free(title);
    fputs(",\"pictures\":[\n", out);
    for (guint i = 0; i < plots->len; i++) {
        fputs(i > 0 ? ",\n" : "", out);
        if (info.subflow_count > SUBFLOWS_MAX)
            write_reason(out, mps_plot_name(plots->pdata[i]), "it has too many subflows to draw");
        else
            write_plot(out, subject, plots->pdata[i], connection, most / plots->len);
    }
    fputs("]}", out);
}

/* Write the colours of the classes of critical paths: those of the picture. */
static void write_classes(FILE *out)
{
    fputs("\"classes\":{", out);
    for (unsigned i = 0; i < MPS_CRITICAL_CLASSES; i++) {
        const mps_curve curve = {.role = MPS_ROLE_CAUSE, .index = i};
        fprintf(out, "%s\"%s\":[\"%s\",%s]", i > 0 ? "," : "", mps_critical_class_name(i),
                mps_palette_colour(&curve), mps_palette_round(&curve) ? "0.6" : "1");
    }
    putc('}', out);
}

void mps_html_pictures(FILE *out, const mps_html_subject *subject)
{
    GArray *connections = connections_of(subject);
    const guint count = MIN(connections->len, CONNECTIONS_MAX);
    putc('{', out);
    write_classes(out);
    fprintf(out, ",\"all\":%u,\"connections\":[", connections->len);
    for (guint i = 0; i < count; i++) {
        fputs(i > 0 ? ",\n" : "", out);
        write_connection(out, subject, g_array_index(connections, uint32_t, i),
                         i == 0 ? FIRST_MAX : OTHERS_MAX / (count - 1));
    }
    fputs("]}", out);
    g_array_free(connections, TRUE);
}
