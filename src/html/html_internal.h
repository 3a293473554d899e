/* html_internal.h: what a page for a browser is made of.
 *
 * The sentences, the tables and the pictures are those of the other commands. The page holds the
 * sentences as text; tables and pictures as json, of which its scripts make the rest. Each part has
 * a bound, so that the page is small whatever was captured.
 *
 *   html.c      counts what the page shows while captures are read
 *   page.c      writes the page
 *   texts.c     writes the parts that are sentences
 *   tables.c    writes tables as json
 *   pictures.c  chooses connections, writes their pictures as json
 *   curves.c    writes the numbers of a picture
 *   library.c   reads the library that draws
 *   embed.c     embeds text, json and scripts in html
 *   strings.h   the style and the scripts of page/, as strings
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_HTML_INTERNAL_H
#define MPS_HTML_INTERNAL_H

#include "diff/diff_rows.h"
#include <mptcpscope/html.h>
#include <mptcpscope/plot.h>
#include <mptcpscope/report.h>

/* The library that draws, as its package installs it. */
typedef struct {
    char *script, *style, *licence;
} mps_html_library;

/** Read the library.
 *  @param library  filled in; to be cleared with mps_html_library_clear(), also after a failure
 *  @return false, with `error` MPS_ERROR_OUTPUT that names the package */
bool mps_html_library_read(mps_html_library *library, GError **error);

/** Free the texts of the library. */
void mps_html_library_clear(mps_html_library *library);

/* A report of which the page has the table. */
typedef struct {
    unsigned capture; /* 0: of A, 1: of B */
    mps_report *report;
    char *name;
} mps_html_report;

/* What a visitor is handed: which page, which capture. */
typedef struct {
    mps_html *html;
    unsigned capture;
} mps_html_seen;

struct mps_html {
    unsigned captures;
    uint32_t connection;
    mps_html_library library;
    mps_report *summaries[2]; /* of A, of B */
    GPtrArray *reports;       /* mps_html_report * */
    mps_report *connections;  /* one of them: of A */
    GPtrArray *plots;         /* mps_plot * */
    mps_html_seen seen[2];
};

/* What a page is about while it is written. */
typedef struct {
    const mps_html *html;
    const mps_trace *const *traces;   /* of A, of B */
    const mps_comparison *comparison; /* NULL: there is one capture, and so no paths and changes */
    GArray *paths;                    /* mps_critical_row */
    mps_diff *changes;
} mps_html_subject;

/* A stream into memory. */
typedef struct {
    char *data; /* valid after mps_html_buffer_end() */
    size_t size;
    FILE *stream;
} mps_html_buffer;

/** Begin a stream into memory. */
void mps_html_buffer_begin(mps_html_buffer *buffer);

/** End the stream: `data` is complete. */
void mps_html_buffer_end(mps_html_buffer *buffer);

/** Free the memory. */
void mps_html_buffer_clear(mps_html_buffer *buffer);

/** Write a text as html. Only new lines and characters that can be shown are written as they are.
 */
void mps_html_text(FILE *out, const char *text);

/** Write json as a part of html that scripts read. Nothing in it can end that part.
 *  @param id  of the element */
void mps_html_json(FILE *out, const char *id, const char *json, size_t size);

/** @return the bytes that json takes on the page. */
size_t mps_html_json_size(const char *json, size_t size);

/** Write a script. @param script  holds no "</script" */
void mps_html_script(FILE *out, const char *script);

/** @return the hash of a script as a Content-Security-Policy names it: "'sha256-…'"; freed by the
 *          caller with g_free() */
char *mps_html_script_hash(const char *script);

/** Write the parts that are sentences: the summary, the clocks, the changes on the path, notes. */
void mps_html_summary(FILE *out, const mps_html_subject *subject);
void mps_html_clock(FILE *out, const mps_html_subject *subject);
void mps_html_changes(FILE *out, const mps_html_subject *subject);
void mps_html_notes(FILE *out, const mps_html_subject *subject);

/** Write all tables as a json array. */
void mps_html_tables(FILE *out, const mps_html_subject *subject);

/** Write the pictures of some connections as a json object. */
void mps_html_pictures(FILE *out, const mps_html_subject *subject);

/** Write a picture as a json object.
 *  @param kind     its name
 *  @param columns  into which the width is divided, as of mps_extent: the least and the greatest
 *                  number in each are kept */
void mps_html_picture(FILE *out, const char *kind, const mps_picture *picture, int columns);

#endif
