/* image.c: formats of images; draws a picture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gather.h"
#include "gnuplot.h"
#include <errno.h>
#include <mptcpscope/error.h>
#include <string.h>

static const char *const endings[MPS_IMAGES] = {
    [MPS_IMAGE_SVG] = ".svg",
    [MPS_IMAGE_PNG] = ".png",
    [MPS_IMAGE_PDF] = ".pdf",
};

bool mps_image_of_path(const char *path, mps_image *image, GError **error)
{
    const size_t length = strlen(path);
    for (unsigned i = 0; i < MPS_IMAGES; i++) {
        const size_t size = strlen(endings[i]);
        if (length > size && g_ascii_strcasecmp(path + length - size, endings[i]) == 0) {
            *image = (mps_image)i;
            return true;
        }
    }
    g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE,
                "an image must end in .svg, .png or .pdf, not \"%s\"", path);
    return false;
}

FILE *mps_picture_draw(const mps_picture *picture, mps_image image, GError **error)
{
    FILE *script = tmpfile(), *drawn;
    if (!script) {
        g_set_error(error, MPS_ERROR, MPS_ERROR_OUTPUT, "cannot draw: %s", g_strerror(errno));
        return NULL;
    }
    mps_picture *gathered = mps_gather(picture);
    mps_gnuplot_script(script, gathered, image);
    mps_gathered_free(gathered);
    drawn = mps_gnuplot_run(script, error);
    fclose(script);
    return drawn;
}
