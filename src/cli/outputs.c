/* outputs.c: writes the outputs of all commands.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cli.h"
#include <mptcpscope/output.h>
#include <sys/stat.h>
#include <unistd.h>

/* Append to a GString, which ends the program where there is no memory: a stream of
 * open_memstream() would lose bytes and report no error. */
static ssize_t keep(void *text, const char *bytes, size_t size)
{
    g_string_append_len(text, bytes, (gssize)size);
    return (ssize_t)size;
}

/* Write to the terminal what is known in full: while it is found, the progress is there, not the
 * pager, and Ctrl-C ends the program. */
static void write_to_terminal(const mps_cli *cli, const mps_cli_file *file, bool alone, FILE *out)
{
    GString *text = g_string_new(NULL);
    FILE *memory = fopencookie(text, "w", (cookie_io_functions_t){.write = keep});
    file->write(memory, file->data);
    fclose(memory);
    mps_progress_task(cli->progress, NULL);
    mps_pager_begin(cli->pager, alone);
    fwrite(text->str, 1, text->len, out); /* the caller reports failures */
    g_string_free(text, TRUE);
}

/* @return whether a path is standard output, and that a pipe: what reads it may show it on the
 * terminal of the progress */
static bool is_piped(const char *path)
{
    struct stat status;
    return mps_output_is_standard(path) && fstat(STDOUT_FILENO, &status) == 0 &&
           S_ISFIFO(status.st_mode);
}

/* Write a file completely, except that it does not have its name yet. @param alone  it is the only
 * one  @return to be committed or discarded by the caller; NULL, with `error` */
static mps_output *write_file(const mps_cli *cli, const mps_cli_file *file, bool alone,
                              GError **error)
{
    mps_output *output = mps_output_open(file->path, error);
    if (!output)
        return NULL;
    mps_progress_task(cli->progress, is_piped(file->path) ? NULL : "Computing");
    if (cli->to_terminal && mps_output_is_standard(file->path))
        write_to_terminal(cli, file, alone, mps_output_stream(output));
    else
        file->write(mps_output_stream(output), file->data);
    const bool ended = mps_output_end(output, error);
    mps_progress_task(cli->progress, NULL);
    if (ended)
        return output;
    mps_output_discard(output);
    return NULL;
}

int mps_cli_write(const mps_cli *cli, const mps_cli_file *files, unsigned count)
{
    mps_output **outputs = g_new0(mps_output *, count);
    GError *error = NULL;
    unsigned written = 0;
    while (written < count &&
           (outputs[written] = write_file(cli, &files[written], count == 1, &error)))
        written++;
    const mps_cli_file *failed = &files[MIN(written, count - 1)];
    for (unsigned i = 0; i < written; i++) {
        if (error)
            mps_output_discard(outputs[i]);
        else if (!mps_output_commit(outputs[i], &error))
            failed = &files[i];
    }
    g_free(outputs);
    if (!error)
        return MPS_EXIT_OK;
    return mps_cli_fail_output(failed->path, error);
}

int mps_cli_output(const mps_cli *cli, void (*write)(FILE *out, const void *data), const void *data)
{
    const mps_cli_file file = {cli->output, write, data};
    return mps_cli_write(cli, &file, 1);
}
