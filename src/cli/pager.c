/* pager.c: runs the pager; pager.h describes it.
 *
 * The reading end of the pipe stays open here, too. So writing to it never fails, whatever becomes
 * of the pager; a thread reads what the pager leaves.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pager.h"
#include "cli.h"
#include "terminal.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What makes a command more than a program and its arguments: git runs those by the shell. */
#define SHELL_CHARACTERS "|&;<>()$`\\\"' \t\n*?[#~=%"

struct mps_pager {
    const char *configured;
    GThread *waiter; /* NULL: it does not run */
    GPid process;
    int pipe;            /* the reading end */
    bool alone;          /* there is nothing to do once the pager has ended */
    _Atomic bool is_end; /* all was written */
};

/* Bytes that are thrown away at a time. */
#define REST_SIZE 65536u

mps_pager *mps_pager_new(const char *configured)
{
    mps_pager *pager = g_new0(mps_pager, 1);
    pager->configured = configured;
    return pager;
}

/* @return the command, as the user or git would have it; NULL: none is wanted */
static const char *command_wanted(const mps_pager *pager)
{
    const char *command = g_getenv("MPTCPSCOPE_PAGER");
    if (!command)
        command = pager->configured;
    if (!command)
        command = g_getenv("PAGER");
    if (!command)
        command = "less";
    return *command && strcmp(command, "cat") != 0 ? command : NULL;
}

/* @return the environment of the pager, freed by the caller: less leaves at once if all fits on the
 * screen, shows colours, and does not clear the screen; so does lv */
static char **environment(void)
{
    char **variables = g_get_environ();
    variables = g_environ_setenv(variables, "LESS", "FRX", FALSE);
    return g_environ_setenv(variables, "LV", "-c", FALSE);
}

/* In the process of the pager: let it have the signals that this program blocks. */
static void unblock_signals(void *data)
{
    sigset_t none;
    (void)data;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
}

/* Start the pager. @param input  its standard input  @return false, with `error` */
static bool start(mps_pager *pager, const char *command, int input, GError **error)
{
    char *words[] = {"sh", "-c", (char *)command, NULL};
    char *word[] = {(char *)command, NULL};
    char **variables = environment();
    const bool by_shell = strpbrk(command, SHELL_CHARACTERS) != NULL;
    const bool started = g_spawn_async_with_fds(
        NULL, by_shell ? words : word, variables, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
        unblock_signals, NULL, &pager->process, input, -1, -1, error);
    g_strfreev(variables);
    return started;
}

/* Wait for the end of the pager. Whoever left it early wants no more: end the program, or read what
 * the pager left. */
static void *await(void *data)
{
    const mps_pager *pager = data;
    char *rest = g_malloc(REST_SIZE);
    ssize_t got;
    while (waitpid(pager->process, NULL, 0) < 0 && errno == EINTR)
        continue;
    if (pager->alone && !pager->is_end)
        _exit(MPS_EXIT_OK);
    signal(SIGINT, SIG_DFL); /* there is no pager any more that it could be for */
    signal(SIGQUIT, SIG_DFL);
    do
        got = read(pager->pipe, rest, REST_SIZE);
    while (got > 0 || (got < 0 && errno == EINTR));
    g_free(rest);
    return NULL;
}

void mps_pager_begin(mps_pager *pager, bool alone)
{
    int ends[2];
    GError *error = NULL;
    const char *command = pager ? command_wanted(pager) : NULL;
    if (!command || pager->waiter || !isatty(STDOUT_FILENO) || mps_terminal_is_dumb() ||
        pipe2(ends, O_CLOEXEC) != 0)
        return;
    if (!start(pager, command, ends[0], &error)) {
        if (strcmp(command, "less") != 0) /* who has no less does without */
            mps_cli_message("cannot run the pager: %s", error->message);
        g_error_free(error);
        close(ends[0]);
        close(ends[1]);
        return;
    }
    fflush(stdout);
    dup2(ends[1], STDOUT_FILENO);
    close(ends[1]);
    /* Ctrl-C is for the pager, which goes on. */
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    pager->pipe = ends[0];
    pager->alone = alone;
    pager->waiter = g_thread_new("pager", await, pager);
}

void mps_pager_end(mps_pager *pager)
{
    if (pager && pager->waiter) {
        fflush(stdout);
        pager->is_end = true;
        close(STDOUT_FILENO);
        g_thread_join(pager->waiter);
        close(pager->pipe);
    }
    g_free(pager);
}
