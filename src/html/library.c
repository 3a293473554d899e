/* library.c: reads the library that draws, dygraphs, from where its package installs it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "html_internal.h"
#include <mptcpscope/error.h>
#include <string.h>

#define PACKAGE "libjs-dygraphs"

/* @return the text of a file below one of the folders of shared data ($XDG_DATA_DIRS; if it is not
 *         set, /usr/local/share and /usr/share); NULL, with `error` */
static char *read_shared(const char *name, GError **error)
{
    for (const char *const *folder = g_get_system_data_dirs(); *folder; folder++) {
        char *path = g_build_filename(*folder, name, NULL), *text = NULL;
        const bool read = g_file_get_contents(path, &text, NULL, NULL);
        g_free(path);
        if (read)
            return text;
    }
    g_set_error(error, MPS_ERROR, MPS_ERROR_OUTPUT,
                "html draws with dygraphs, which is not installed: install the package " PACKAGE
                " (there is no %s in the folders of shared data)",
                name);
    return NULL;
}

/* Take out the comments that tell a browser where the source is: it would ask for it. Each is the
 * rest of its line. */
static void remove_source_maps(char *text)
{
    for (char *at = text; (at = strstr(at, "sourceMappingURL="));) {
        while (at > text && at[-1] != '\n' && !(at[0] == '/' && strchr("/*", at[1])))
            at--;
        char *next = strchr(at, '\n');
        memmove(at, next ? next : at + strlen(at), next ? strlen(next) + 1 : 1);
    }
}

/* Append a file to a text. @return false, with `error` */
static bool append(char **text, const char *name, GError **error)
{
    char *more = read_shared(name, error);
    if (!more)
        return false;
    char *valid = g_utf8_make_valid(more, -1);
    remove_source_maps(valid);
    char *both = g_strconcat(*text ? *text : "", valid, "\n", NULL);
    g_free(valid);
    g_free(more);
    g_free(*text);
    *text = both;
    return true;
}

/* @return whether a text can be embedded as it is. @param end  of the element that holds it */
static bool is_plain(const char *text, const char *end, GError **error)
{
    char *lower = g_ascii_strdown(text, -1);
    const bool plain = !strstr(lower, end) && !strstr(lower, "<!--");
    g_free(lower);
    if (!plain)
        g_set_error(error, MPS_ERROR, MPS_ERROR_OUTPUT,
                    "the package " PACKAGE " that is installed cannot be embedded in a page");
    return plain;
}

bool mps_html_library_read(mps_html_library *library, GError **error)
{
    return append(&library->script, "javascript/dygraphs/dygraph.min.js", error) &&
           append(&library->script, "javascript/dygraphs/extras/synchronizer.js", error) &&
           append(&library->style, "javascript/dygraphs/dygraph.min.css", error) &&
           append(&library->licence, "doc/" PACKAGE "/copyright", error) &&
           is_plain(library->script, "</script", error) &&
           is_plain(library->style, "</style", error);
}

void mps_html_library_clear(mps_html_library *library)
{
    g_free(library->script);
    g_free(library->style);
    g_free(library->licence);
}
