/* window-summary.c: the summary as a window with text, and buttons that go through its frames.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "window-summary.h"
#include "compat.h"
#include "file-end.h"
#include "packet-mptcpscope.h"
#include "window-accessible.h"
#include "window-frames.h"
#include "window-menu.h"
#include "window.h"
#include <epan/funnel.h>
#include <epan/plugin_if.h>
#include <epan/tap.h>
#include <mptcpscope/report.h>
#include <stdio.h>
#include <string.h>

/* A window. It lives until the user closes it. */
typedef struct {
    funnel_text_window_t *window; /* owned by Wireshark */
    uint32_t connection;          /* MPS_NONE: all */
    uint32_t packet;  /* selected, but of no connection: the text says only that; 0: none is */
    unsigned reading; /* mptcpscope_reading_number() when the text was made */
    uint32_t last;    /* mptcpscope_last_frame() then */
    char *text;       /* plain, for the clipboard */
    mptcpscope_frames frames; /* in the text */
} summary_window;

static GSList *windows; /* summary_window */

/* A text that is written. */
typedef struct {
    char *text; /* of open_memstream(), not GLib's */
    size_t size;
    FILE *out;
} writer;

static bool writer_open(writer *to)
{
    to->out = open_memstream(&to->text, &to->size);
    return to->out != NULL;
}

/* Write the report on what was read until now, as text and as rich text. */
static void write_report(const summary_window *of, FILE *text, FILE *rich)
{
    const char *file = mptcpscope_window_state()->cf_filename;
    char *name = file != NULL ? g_path_get_basename(file) : g_strdup("a live capture");
    mps_report *report = mps_report_new("summary", of->connection, NULL);
    GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
    const mps_report_document document = {mps_plain_style(MPS_FORMAT_TEXT), NULL, NULL, notes};

    mptcpscope_want_analyses_once(mps_report_needs(report));
    mps_report_pass_all(report);
    mptcpscope_finish();
    mptcpscope_count_all(report);
    mptcpscope_file_notes(mptcpscope_open_file(), mptcpscope_frame_notes(), notes);
    mps_report_write(report, mptcpscope_tracker(), &document, text);
    mps_report_summary_rich(report, mptcpscope_tracker(), name, notes, rich);
    g_ptr_array_free(notes, TRUE);
    mps_report_free(report);
    g_free(name);
}

/* Write all that a window shows. */
static void write_texts(const summary_window *of, FILE *text, FILE *rich)
{
    const char *why = mptcpscope_no_analysis();

    if (why != NULL) {
        fprintf(text, "%s\n", why);
    } else if (of->packet != 0) {
        fprintf(text,
                "The selected packet, frame %u, belongs to no MPTCP connection.\n"
                "Select one that does, or open Statistics → MPTCP → Summary.\n",
                of->packet);
    } else {
        write_report(of, text, rich);
    }
}

/* Show the rich text, or the plain one if there is none, or if this Wireshark shows its tags. */
static void show(const summary_window *of, const char *rich)
{
    const funnel_ops_t *ops = funnel_get_funnel_ops();
    const char *shown;

    if (*rich != '\0') {
        ops->set_text(of->window, rich);
        shown = ops->get_text(of->window);
        if (shown != NULL && strstr(shown, "<td") == NULL) {
            g_free((char *)shown); /* a copy */
            return;
        }
        g_free((char *)shown);
    }
    ops->set_text(of->window, of->text);
}

/* Make the text of a window, if what it is about has changed. */
static void update(summary_window *of)
{
    writer text, rich;

    if (of->reading == mptcpscope_reading_number() && of->last == mptcpscope_last_frame()) {
        return;
    }
    if (!writer_open(&text)) {
        return;
    }
    if (!writer_open(&rich)) {
        fclose(text.out);
        free(text.text);
        return;
    }
    write_texts(of, text.out, rich.out);
    fclose(text.out);
    fclose(rich.out);
    of->reading = mptcpscope_reading_number();
    of->last = mptcpscope_last_frame();
    g_free(of->text);
    of->text = g_strdup(text.text);
    mptcpscope_frames_find(&of->frames, of->text);
    show(of, rich.text);
    free(text.text);
    free(rich.text);
}

/* Called by the tap system for each MPTCP segment: there may be more to say soon. */
static tap_packet_status note_packet(void *tapdata _U_, packet_info *pinfo _U_,
                                     epan_dissect_t *edt _U_, const void *data _U_,
                                     tap_flags_t flags _U_)
{
    return TAP_PACKET_REDRAW;
}

/* Called by the tap system some seconds after packets were read. A text that changed under the eyes
 * of the reader would be of no use, so it waits for the end of a live capture. */
static void update_all(void *tapdata _U_)
{
    if (mptcpscope_window_state()->cf_state == FILE_READ_IN_PROGRESS) {
        return;
    }
    for (GSList *link = windows; link != NULL; link = link->next) {
        update((summary_window *)link->data);
    }
}

/* Listen to the tap as long as there are windows. */
static void listen(void)
{
    GString *message = register_tap_listener(MPTCPSCOPE_TAP, &windows, NULL, 0, NULL, note_packet,
                                             update_all, NULL);

    if (message != NULL) {
        g_string_free(message, TRUE);
    }
}

/* Called by Wireshark when the user closes a window; its buttons are freed after this. */
static void closed(void *data)
{
    summary_window *of = (summary_window *)data;

    windows = g_slist_remove(windows, of);
    if (windows == NULL) {
        remove_tap_listener(&windows);
    }
    mptcpscope_forget_accessible(of->window);
    mptcpscope_frames_clear(&of->frames);
    g_free(of->text);
    g_free(of);
}

static void go(summary_window *of, int step)
{
    uint32_t frame;

    update(of);
    frame = mptcpscope_frames_go(&of->frames, mptcpscope_window_state()->cf_framenr, step);
    if (frame != 0 && mptcpscope_tracker() != NULL) {
        plugin_if_goto_frame(frame);
    }
}

/* Called by Wireshark when the user presses a button; `data` is the window's. */
static ws_bool go_to_next(funnel_text_window_t *window _U_, void *data)
{
    go((summary_window *)data, 1);
    return TRUE;
}

static ws_bool go_to_previous(funnel_text_window_t *window _U_, void *data)
{
    go((summary_window *)data, -1);
    return TRUE;
}

static ws_bool copy(funnel_text_window_t *window _U_, void *data)
{
    GString *text = g_string_new(((const summary_window *)data)->text);

    funnel_get_funnel_ops()->copy_to_clipboard(text);
    g_string_free(text, TRUE);
    return TRUE;
}

static void add_button(summary_window *of, const char *label, funnel_bt_cb_t pressed)
{
    funnel_bt_t *button = g_new0(funnel_bt_t, 1);

    button->tw = of->window;
    button->func = pressed;
    button->data = of;
    button->free_fcn = g_free;
    funnel_get_funnel_ops()->add_button(of->window, button, label);
}

static void open_window(const char *title, uint32_t connection, uint32_t packet)
{
    const funnel_ops_t *ops = funnel_get_funnel_ops();
    summary_window *of = g_new0(summary_window, 1);

    of->window = ops->new_text_window(ops->ops_id, title);
    of->connection = connection;
    of->packet = packet;
    of->reading = mptcpscope_reading_number() - 1; /* no text yet */
    ops->set_close_cb(of->window, closed, of);
    add_button(of, "Previous Frame", go_to_previous);
    add_button(of, "Next Frame", go_to_next);
    add_button(of, "Copy", copy);
    if (windows == NULL) {
        listen();
    }
    windows = g_slist_prepend(windows, of);
    update(of);
}

void mptcpscope_open_summary(uint32_t connection)
{
    open_window(connection == MPS_NONE ? "MPTCP Summary" : "MPTCP Summary of One Connection",
                connection, 0);
}

void mptcpscope_open_summary_of_packet(void)
{
    const uint32_t frame = mptcpscope_window_state()->cf_framenr;
    uint32_t connection, subflow;

    if (mptcpscope_tracker() != NULL) {
        mptcpscope_finish();
    }
    if (mptcpscope_numbers_in_frame(frame, &connection, &subflow)) {
        mptcpscope_open_summary(connection);
    } else {
        open_window("MPTCP Summary of One Connection", MPS_NONE, frame);
    }
}

/*
 * Editor modelines
 *
 * Local Variables:
 * c-basic-offset: 4
 * tab-width: 8
 * indent-tabs-mode: nil
 * End:
 *
 * ex: set shiftwidth=4 tabstop=8 expandtab:
 * :indentSize=4:tabSize=8:noTabs=true:
 */
