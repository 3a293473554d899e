/* embed.c: embeds text, json and scripts in html, so that nothing in them can end its element.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "html_internal.h"
#include <mptcpscope/printable.h>
#include <stdlib.h>
#include <string.h>

void mps_html_buffer_begin(mps_html_buffer *buffer)
{
    buffer->stream = open_memstream(&buffer->data, &buffer->size);
    if (!buffer->stream)
        g_error("no memory");
}

void mps_html_buffer_end(mps_html_buffer *buffer)
{
    if (fclose(buffer->stream) != 0)
        g_error("no memory");
}

void mps_html_buffer_clear(mps_html_buffer *buffer)
{
    free(buffer->data);
}

void mps_html_text(FILE *out, const char *text)
{
    char **lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i]; i++) {
        char *shown = mps_printable(lines[i]);
        char *escaped = g_markup_escape_text(shown, -1);
        fprintf(out, "%s%s", i > 0 ? "\n" : "", escaped);
        g_free(escaped);
        g_free(shown);
    }
    g_strfreev(lines);
}

/* Characters that mean something to html. In json, they are in strings only. */
#define SPECIAL "<>&"

size_t mps_html_json_size(const char *json, size_t size)
{
    size_t total = size;
    for (size_t i = 0; i < size; i++)
        total += strchr(SPECIAL, json[i]) ? strlen("\\u0000") - 1 : 0;
    return total;
}

void mps_html_json(FILE *out, const char *id, const char *json, size_t size)
{
    fprintf(out, "<script type=\"application/json\" id=\"%s\">", id);
    for (size_t i = 0, plain; i < size; i += plain) {
        plain = 0;
        while (i + plain < size && !strchr(SPECIAL, json[i + plain]))
            plain++;
        fwrite(json + i, 1, plain, out);
        if (i + plain < size)
            fprintf(out, "\\u%04x", (unsigned)json[i + plain++]);
    }
    fputs("</script>\n", out);
}

void mps_html_script(FILE *out, const char *script)
{
    fprintf(out, "<script>%s</script>\n", script);
}

char *mps_html_script_hash(const char *script)
{
    guint8 digest[32];
    gsize size = sizeof digest;
    GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(checksum, (const guchar *)script, (gssize)strlen(script));
    g_checksum_get_digest(checksum, digest, &size);
    g_checksum_free(checksum);
    char *text = g_base64_encode(digest, size);
    char *hash = g_strdup_printf("'sha256-%s'", text);
    g_free(text);
    return hash;
}
