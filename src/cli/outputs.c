/* outputs.c: writes the outputs of all commands.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cli.h"
#include <mptcpscope/output.h>
#include <stdlib.h>

/* Write to the terminal what is known in full: while it is found, the progress is there, not the
 * pager, and Ctrl-C ends the program. */
static void write_to_terminal(const mps_cli *cli, const mps_cli_file *file, bool alone, FILE *out)
{
    char *text = NULL;
    size_t length;
    FILE *memory = open_memstream(&text, &length);
    file->write(memory, file->data);
    if (fclose(memory) != 0)
        g_error("no memory for the output"); /* as GLib ends a program that gets none */
    mps_progress_task(cli->progress, NULL);
    mps_pager_begin(cli->pager, alone);
    fwrite(text, 1, length, out); /* the caller reports failures */
    free(text);
}

/* Write a file completely, except that it does not have its name yet. @param alone  it is the only
 * one  @return to be committed or discarded by the caller; NULL, with `error` */
static mps_output *write_file(const mps_cli *cli, const mps_cli_file *file, bool alone,
                              GError **error)
{
    mps_output *output = mps_output_open(file->path, error);
    if (!output)
        return NULL;
    mps_progress_task(cli->progress, "Computing");
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
