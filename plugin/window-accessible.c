/* window-accessible.c: makes Qt forget a window with text that is closed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "window-accessible.h"
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A part of a FunnelTextDialog, whose size is well below this. */
#define DIALOG_SIZE 4096

/* Static members of the class QAccessible, of which Qt 5 and 6 have the same; they are called as
 * functions of C are, and a QObject and a QAccessibleInterface are only passed on. */
typedef void *(*query_function)(void *object);      /* queryAccessibleInterface(QObject *) */
typedef unsigned (*id_function)(void *description); /* uniqueId(QAccessibleInterface *) */
typedef void (*delete_function)(unsigned id);       /* deleteAccessibleInterface(Id) */

/* The window as an object of Qt: a FunnelTextDialog. It has the funnel_text_window_t within, which
 * is nothing but a pointer to it in Wireshark 4.0 to 4.6. @return NULL: it is not so here */
static void *dialog_of(const funnel_text_window_t *window)
{
    void *dialog;

    memcpy(&dialog, window, sizeof(dialog));
    return (uintptr_t)window - (uintptr_t)dialog < DIALOG_SIZE ? dialog : NULL;
}

void mptcpscope_forget_accessible(const funnel_text_window_t *window)
{
    /* Wireshark's window has loaded Qt; the plugin is not linked with it. */
    const query_function query =
        (query_function)dlsym(RTLD_DEFAULT, "_ZN11QAccessible24queryAccessibleInterfaceEP7QObject");
    const id_function id_of =
        (id_function)dlsym(RTLD_DEFAULT, "_ZN11QAccessible8uniqueIdEP20QAccessibleInterface");
    const delete_function forget =
        (delete_function)dlsym(RTLD_DEFAULT, "_ZN11QAccessible25deleteAccessibleInterfaceEj");
    void *dialog = dialog_of(window);
    void *description;

    if (dialog == NULL || query == NULL || id_of == NULL || forget == NULL) {
        return;
    }
    description = query(dialog);
    if (description != NULL) {
        forget(id_of(description));
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
