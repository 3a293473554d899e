/* gnuplot_run.c: runs gnuplot, without a shell.
 *
 * Script, image and messages are files without a name: nobody has to write and read pipes at the
 * same time, and no half image is left anywhere.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gnuplot.h"
#include <errno.h>
#include <mptcpscope/error.h>
#include <string.h>
#include <sys/wait.h>

/* Bytes of gnuplot's messages that are reported. */
#define MESSAGE_MAX 2000

/* Begins the date of a PDF, 14 digits. */
#define PDF_DATE "/CreationDate (D:"
#define PDF_DATE_DIGITS 14

static void fail_errno(GError **error)
{
    g_set_error(error, MPS_ERROR, MPS_ERROR_OUTPUT, "cannot draw: %s", g_strerror(errno));
}

/* Report the last line of gnuplot's messages. */
static void fail_message(FILE *messages, GError **error)
{
    char text[MESSAGE_MAX + 1];
    if (fseek(messages, -MESSAGE_MAX, SEEK_END) != 0) /* it has fewer */
        rewind(messages);
    text[fread(text, 1, MESSAGE_MAX, messages)] = '\0';
    const char *last = g_strrstr(g_strchomp(text), "\n");
    last = last ? g_strstrip((char *)last) : text;
    g_set_error(error, MPS_ERROR, MPS_ERROR_OUTPUT, "gnuplot failed: %s",
                *last ? last : "it gave no reason");
}

/* Start gnuplot, without the settings of users. @return whether it runs; else with `error` */
static bool start(FILE *script, FILE *image, FILE *messages, GPid *child, GError **error)
{
    char *const arguments[] = {(char[]){"gnuplot"}, (char[]){"-d"}, NULL};
    /* GNUTERM may name a terminal that this gnuplot lacks: it then fails before it begins. */
    char **environment = g_environ_unsetenv(g_get_environ(), "GNUTERM");
    GError *failure = NULL;
    const bool started = g_spawn_async_with_pipes_and_fds(
        NULL, (const char *const *)arguments, (const char *const *)environment,
        G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, fileno(script), fileno(image),
        fileno(messages), NULL, NULL, 0, child, NULL, NULL, NULL, &failure);
    g_strfreev(environment);
    if (!started) {
        bool missing = g_error_matches(failure, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT);
        g_set_error(error, MPS_ERROR, MPS_ERROR_OUTPUT, "cannot run gnuplot: %s",
                    missing ? "it is not installed; Debian has it in the package gnuplot-nox"
                            : failure->message);
        g_error_free(failure);
    }
    return started;
}

/* Run gnuplot to its end. @return whether it ended well; else with `error` */
static bool run(FILE *script, FILE *image, FILE *messages, GError **error)
{
    GPid child;
    int status = 0;
    if (!start(script, image, messages, &child, error))
        return false;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (WIFSIGNALED(status))
        g_set_error(error, MPS_ERROR, MPS_ERROR_OUTPUT, "gnuplot was ended by signal %d (%s)",
                    WTERMSIG(status), g_strsignal(WTERMSIG(status)));
    else
        fail_message(messages, error);
    return false;
}

/* Replace the time at which a PDF was made, which cairo always writes: the same picture gives the
 * same file. Cairo 1.18 compresses it, which is left alone, as any other image is. */
static void remove_date(FILE *image)
{
    char part[65536];
    const size_t need = strlen(PDF_DATE) + PDF_DATE_DIGITS;
    long place = 0;
    size_t got;
    rewind(image);
    while ((got = fread(part, 1, sizeof part, image)) >= need) {
        const char *found = memmem(part, got, PDF_DATE, strlen(PDF_DATE));
        if (place == 0 && memcmp(part, "%PDF", 4) != 0)
            break;
        if (found && (size_t)(found - part) + need <= got) {
            fseek(image, place + (found - part) + (long)strlen(PDF_DATE), SEEK_SET);
            fputs("19700101000000", image);
            break;
        }
        if (got < sizeof part)
            break;
        place += (long)(got - need); /* the text may lie across two parts */
        fseek(image, place, SEEK_SET);
    }
}

FILE *mps_gnuplot_run(FILE *script, GError **error)
{
    FILE *image = tmpfile(), *messages = tmpfile();
    bool done = false;
    if (!image || !messages || fflush(script) != 0 || ferror(script)) {
        fail_errno(error);
    } else {
        rewind(script);
        done = run(script, image, messages, error);
    }
    if (done) {
        fseek(image, 0, SEEK_END);
        done = ftell(image) > 0;
        if (!done)
            fail_message(messages, error);
    }
    if (messages)
        fclose(messages);
    if (done) {
        remove_date(image);
        rewind(image);
        return image;
    }
    if (image)
        fclose(image);
    return NULL;
}
