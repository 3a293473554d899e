/* window-frames.c: the numbers of frames in a text, and going from one to the next.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "window-frames.h"
#include <stdbool.h>
#include <string.h>

void mptcpscope_frames_clear(mptcpscope_frames *frames)
{
    if (frames->numbers != NULL) {
        g_array_free(frames->numbers, TRUE);
    }
    frames->numbers = NULL;
    frames->at = -1;
}

static const char *skip_space(const char *text)
{
    while (g_ascii_isspace(*text)) {
        text++;
    }
    return text;
}

/* @return the text after what stands between two numbers of a list; NULL: the list ends */
static const char *after_separator(const char *text)
{
    static const char *const separators[] = {",", "and", "to"};

    text = skip_space(text);
    for (unsigned i = 0; i < G_N_ELEMENTS(separators); i++) {
        if (g_str_has_prefix(text, separators[i])) {
            return skip_space(text + strlen(separators[i]));
        }
    }
    return NULL;
}

/* Take the number at the beginning of a text, if there is one. @return the text after it; NULL */
static const char *take_number(mptcpscope_frames *frames, const char *text)
{
    char *end;
    uint32_t number;

    if (text == NULL || !g_ascii_isdigit(*text)) {
        return NULL;
    }
    number = (uint32_t)g_ascii_strtoull(text, &end, 10);
    g_array_append_val(frames->numbers, number);
    return end;
}

void mptcpscope_frames_find(mptcpscope_frames *frames, const char *text)
{
    mptcpscope_frames_clear(frames);
    frames->numbers = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    while ((text = strstr(text, "frame")) != NULL) {
        bool many;
        const char *after;

        text += strlen("frame");
        many = *text == 's';
        after = take_number(frames, skip_space(text + (many ? 1 : 0)));
        while (many && after != NULL) {
            after = take_number(frames, after_separator(after));
        }
    }
}

static uint32_t number_at(const mptcpscope_frames *frames, int index)
{
    return g_array_index(frames->numbers, uint32_t, index);
}

/* @return where the text has the selected frame; otherwise where the last step ended */
static int place_of(const mptcpscope_frames *frames, uint32_t selected)
{
    if (frames->at >= 0 && number_at(frames, frames->at) == selected) {
        return frames->at;
    }
    for (guint i = 0; i < frames->numbers->len; i++) {
        if (number_at(frames, (int)i) == selected) {
            return (int)i;
        }
    }
    return frames->at;
}

uint32_t mptcpscope_frames_go(mptcpscope_frames *frames, uint32_t selected, int step)
{
    int index;

    if (frames->numbers == NULL) {
        return 0;
    }
    index = place_of(frames, selected);
    do {
        index += step;
        if (index < 0 || index >= (int)frames->numbers->len) {
            return 0;
        }
    } while (number_at(frames, index) == selected);
    frames->at = index;
    return number_at(frames, index);
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
