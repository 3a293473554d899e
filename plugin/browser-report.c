/* browser-report.c: Statistics → MPTCP → Report in Browser: runs the command "mptcpscope html" on
 * the open capture file, and opens the page that it writes.
 *
 * The command runs by itself, without a shell. A timer looks after it, so that Wireshark's window
 * goes on. The page stays in a folder of its own in the directory for temporary files, since the
 * browser reads it when it likes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "browser-report.h"
#include "compat.h"
#include "preferences.h"

#include <cfile.h>
#include <epan/funnel.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wsutil/report_message.h>

#define LOOK_AFTER_MS 100
#define ERRORS_MAX 2000u /* bytes of the command's messages that are shown */

/* The command at work. There is at most one. */
typedef struct {
    GPid process;
    char *folder, *page, *messages; /* paths: the folder of the other two, which are files */
    gint64 start;                   /* us */
    struct progdlg *progress;       /* NULL: there is none */
    ws_bool stop;                   /* set by the button of the progress window */
} browser_report;

static browser_report *at_work;

/* Called by Wireshark with the open file. @return its path, freed by the caller */
static void *copy_path(capture_file *file, void *data _U_)
{
    return file != NULL && file->filename != NULL ? g_canonicalize_filename(file->filename, NULL)
                                                  : NULL;
}

/* @return the path of the command, freed by the caller; NULL: it is not found. Programs of a
 * desktop often do not search ~/.local/bin. */
static char *find_command(void)
{
    const char *chosen = mptcpscope_prefers_command();
    char *own, *found;

    if (*chosen != '\0') {
        return g_find_program_in_path(chosen);
    }
    found = g_find_program_in_path("mptcpscope");
    if (found != NULL) {
        return found;
    }
    own = g_build_filename(g_get_home_dir(), ".local", "bin", "mptcpscope", NULL);
    found = g_find_program_in_path(own);
    g_free(own);
    return found;
}

/* Free it, and remove its files. @param keep_page  the browser needs it */
static void discard(browser_report *report, bool keep_page)
{
    g_unlink(report->messages);
    if (!keep_page) {
        g_unlink(report->page);
        g_rmdir(report->folder);
    }
    g_free(report->folder);
    g_free(report->page);
    g_free(report->messages);
    g_free(report);
}

/* @return false, with `error`, if no folder for the files can be made */
static bool make_folder(browser_report *report, const char *capture, GError **error)
{
    char *name, *title;

    report->folder = g_dir_make_tmp("mptcpscope-XXXXXX", error);
    if (report->folder == NULL) {
        return false;
    }
    name = g_path_get_basename(capture);
    title = g_strconcat(name, ".html", NULL);
    report->page = g_build_filename(report->folder, title, NULL);
    report->messages = g_build_filename(report->folder, "messages", NULL);
    g_free(title);
    g_free(name);
    return true;
}

/* Start the command. @return false, with `error`, if it cannot be started */
static bool start(browser_report *report, const char *command, const char *capture, GError **error)
{
    const char *arguments[] = {command, "html", "--output", report->page, "--", capture, NULL};
    const int messages = open(report->messages, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool started;

    if (messages < 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: %s", report->messages,
                    g_strerror(errno));
        return false;
    }
    started = g_spawn_async_with_fds(NULL, (char **)arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD,
                                     NULL, NULL, &report->process, -1, messages, messages, error);
    close(messages);
    return started;
}

/* Say why there is no page, in the command's words. */
static void show_failure(const browser_report *report)
{
    char *messages = NULL;
    gsize length = 0;

    g_file_get_contents(report->messages, &messages, &length, NULL);
    if (length > ERRORS_MAX) {
        messages[ERRORS_MAX] = '\0';
    }
    report_failure("The report could not be written. %s",
                   messages != NULL && *messages != '\0' ? messages : "mptcpscope ended early.");
    g_free(messages);
}

/* The command has ended. @param status  as waitpid() gives it; -1: not known */
static void end(browser_report *report, int status)
{
    const funnel_ops_t *ops = funnel_get_funnel_ops();
    const bool written = status != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 0;

    at_work = NULL;
    if (report->progress != NULL) {
        ops->destroy_progress_window(report->progress);
    }
    g_spawn_close_pid(report->process);
    if (written) {
        g_unlink(report->messages); /* before somebody looks into the folder */
        ops->browser_open_data_file(report->page);
    } else if (!report->stop) {
        show_failure(report);
    }
    discard(report, written);
}

/* Called by a timer. */
static gboolean look_after(void *data)
{
    browser_report *report = (browser_report *)data;
    const gint64 seconds = (g_get_monotonic_time() - report->start) / G_USEC_PER_SEC;
    int status = -1;
    char *task;

    if (waitpid(report->process, &status, WNOHANG) != 0) {
        end(report, status);
        return G_SOURCE_REMOVE;
    }
    if (report->stop) {
        kill(report->process, SIGTERM);
    }
    if (report->progress != NULL) {
        task = g_strdup_printf("the MPTCP report: %d s", (int)seconds);
        funnel_get_funnel_ops()->update_progress(report->progress, 0, task);
        g_free(task);
    }
    return G_SOURCE_CONTINUE;
}

/* @return a report that is being written; NULL, with `error` */
static browser_report *begin(const char *command, const char *capture, GError **error)
{
    browser_report *report = g_new0(browser_report, 1);

    if (!make_folder(report, capture, error)) {
        g_free(report);
        return NULL;
    }
    if (!start(report, command, capture, error)) {
        discard(report, false);
        return NULL;
    }
    report->start = g_get_monotonic_time();
    return report;
}

/* Begin, and show that. */
static void begin_shown(const char *command, const char *capture)
{
    const funnel_ops_t *ops = funnel_get_funnel_ops();
    GError *error = NULL;

    at_work = begin(command, capture, &error);
    if (at_work == NULL) {
        report_failure("The report could not be begun: %s", error->message);
        g_error_free(error);
        return;
    }
    at_work->progress =
        ops->new_progress_window(ops->ops_id, "Writing", "the MPTCP report", TRUE, &at_work->stop);
    g_timeout_add(LOOK_AFTER_MS, look_after, at_work);
}

void mptcpscope_report_in_browser(ext_menubar_gui_type type _U_, void *object _U_,
                                  void *userdata _U_)
{
    char *capture = (char *)plugin_if_get_capture_file(copy_path, NULL);
    char *command = find_command();

    if (capture == NULL) {
        report_failure("Open a capture file first.");
    } else if (command == NULL) {
        report_failure("The command mptcpscope is not found. Install it, or say where it is in "
                       "Preferences → Protocols → MPTCPSCOPE.");
    } else if (at_work != NULL) {
        report_failure("A report is being written.");
    } else {
        begin_shown(command, capture);
    }
    g_free(command);
    g_free(capture);
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
