/* cmd_plot.c: mptcpscope plot KIND FILE [FILE]: a picture of what captures show, by gnuplot.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "two_captures.h"
#include <mptcpscope/error.h>
#include <mptcpscope/plot.h>

/* A picture that is made. */
typedef struct {
    mps_cli cli; /* its arguments are the files alone */
    mps_image image;
    mps_plot *plot;
} plot_job;

static void write_image(FILE *out, const void *data)
{
    FILE *image = (FILE *)data;
    char part[65536];
    size_t got;
    while ((got = fread(part, 1, sizeof part, image)) > 0)
        fwrite(part, 1, got, out);
}

static void write_data(FILE *out, const void *data)
{
    mps_picture_write_data(data, out);
}

static void write_xplot(FILE *out, const void *data)
{
    mps_picture_write_xplot(data, out);
}

/* Draw a picture and write the outputs. @return the exit status */
static int write_outputs(const plot_job *job, const mps_picture *picture)
{
    GError *error = NULL;
    FILE *image = mps_picture_draw(picture, job->image, &error);
    if (!image) {
        mps_cli_message("%s", error->message);
        g_error_free(error);
        return MPS_EXIT_INPUT;
    }
    mps_cli_file files[3] = {{job->cli.output, write_image, image}};
    unsigned count = 1;
    if (job->cli.data)
        files[count++] = (mps_cli_file){job->cli.data, write_data, picture};
    if (job->cli.xplot)
        files[count++] = (mps_cli_file){job->cli.xplot, write_xplot, picture};
    const int status = mps_cli_write(&job->cli, files, count);
    fclose(image);
    return status;
}

/* Make the picture of captures that are loaded. @param comparison  NULL: there is one capture
 * @return the exit status */
static int draw(const plot_job *job, const mps_trace *trace, const mps_comparison *comparison)
{
    const mps_cli *cli = &job->cli;
    GError *error = NULL;
    mps_picture *picture = mps_plot_picture(job->plot, trace, comparison, &error);
    if (!picture)
        return mps_cli_fail_files(cli, error);
    const uint32_t count = mps_tracker_connections(mps_trace_tracker(trace));
    if (cli->connection == MPS_NONE && count > 1)
        mps_cli_message("%s: drawing connection %u, the first with most data of %u; "
                        "--connection chooses another",
                        cli->arguments[0], mps_picture_connection(picture), count);
    bool other = false;
    if (cli->xplot) {
        const mps_direction direction = mps_picture_xplot_direction(picture, &other);
        if (other)
            mps_cli_message("%s: the data of %s; --direction %s chooses the other", cli->xplot,
                            mps_direction_name(direction), mps_direction_name(!direction));
    }
    const int status = write_outputs(job, picture);
    mps_picture_free(picture);
    return status;
}

/* Load the captures and draw. @return the exit status */
static int draw_files(const plot_job *job)
{
    const mps_cli *cli = &job->cli;
    mps_trace *traces[2] = {NULL, NULL};
    mps_comparison *comparison = NULL;
    mps_trace_visitor visitors[2] = {{0}}; /* nobody needs to see B */
    visitors[0] = mps_plot_visitor(job->plot);
    int status =
        mps_cli_load_compared(cli, mps_plot_needs(job->plot), visitors, traces, &comparison);
    if (status == MPS_EXIT_OK)
        status = draw(job, traces[0], comparison);
    mps_comparison_free(comparison);
    mps_cli_free_traces(traces, G_N_ELEMENTS(traces));
    return status;
}

static int run(const mps_cli *cli)
{
    const mps_plot_choice choice = {cli->connection, cli->subflow, cli->directions,
                                    cli->from,       cli->to,      cli->interval};
    plot_job job = {.cli = *cli};
    GError *error = NULL;
    job.cli.arguments++;
    job.cli.argument_count--;
    job.plot = mps_plot_new(cli->arguments[0], &choice, &error);
    if (!cli->output && !error)
        g_set_error(&error, MPS_ERROR, MPS_ERROR_USAGE,
                    "plot needs --output with the path of an image: .svg, .png or .pdf");
    if (cli->clock_given && job.cli.argument_count == 1 && !error)
        g_set_error(&error, MPS_ERROR, MPS_ERROR_USAGE, "--clock needs two files");
    int status;
    if (error || !mps_image_of_path(cli->output, &job.image, &error) ||
        (cli->xplot && !mps_plot_has_xplot(job.plot, &error)) ||
        !mps_plot_takes(job.plot, (unsigned)job.cli.argument_count, &error))
        status = mps_cli_usage(&mps_command_plot, error->message);
    else
        status = draw_files(&job);
    g_clear_error(&error);
    mps_plot_free(job.plot);
    return status;
}

const mps_command mps_command_plot = {
    .name = "plot",
    .bit = MPS_CMD_PLOT,
    .arguments = "KIND A [B]",
    .needs = "the KIND of a picture and a FILE",
    .summary = "a picture, by gnuplot: data sequence, rate, delay, critical path and more",
    .first = MPS_FIRST_PLOT,
    .argument_count = 2,
    .argument_max = 3,
    .clock = MPS_CLOCK_OFFSET,
    .run = run,
};
