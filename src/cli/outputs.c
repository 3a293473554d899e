/* outputs.c: writes the outputs of all commands.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cli.h"
#include <mptcpscope/output.h>

/* Write a file completely, except that it does not have its name yet.
 * @return to be committed or discarded by the caller; NULL, with `error` */
static mps_output *write_file(const mps_cli_file *file, GError **error)
{
    mps_output *output = mps_output_open(file->path, error);
    if (!output)
        return NULL;
    file->write(mps_output_stream(output), file->data);
    if (mps_output_end(output, error))
        return output;
    mps_output_discard(output);
    return NULL;
}

int mps_cli_write(const mps_cli *cli, const mps_cli_file *files, unsigned count)
{
    mps_output **outputs = g_new0(mps_output *, count);
    GError *error = NULL;
    unsigned written = 0;
    for (unsigned i = 0; i < count; i++)
        if (mps_output_is_standard(files[i].path))
            mps_pager_begin(cli->pager, count == 1);
    while (written < count && (outputs[written] = write_file(&files[written], &error)))
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
