/* suggest.c: finds the name that is nearest to a mistyped word.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "suggest.h"
#include <string.h>

enum { NAME_MAX_LENGTH = 40 }; /* longer words are no names */

/* @return letters that are missing, too many, wrong or exchanged with the next one, between two
 * words of at most NAME_MAX_LENGTH letters: the optimal string alignment distance */
static unsigned distance_of(const char *a, const char *b)
{
    unsigned rows[3][NAME_MAX_LENGTH + 1]; /* of the table of distances: the last three */
    const size_t width = strlen(b);
    for (size_t j = 0; j <= width; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= strlen(a); i++) {
        unsigned *now = rows[i % 3];
        const unsigned *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= width; j++) {
            const unsigned differs = g_ascii_tolower(a[i - 1]) != g_ascii_tolower(b[j - 1]);
            now[j] = MIN(MIN(last[j] + 1, now[j - 1] + 1), last[j - 1] + differs);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = MIN(now[j], before[j - 2] + 1);
        }
    }
    return rows[strlen(a) % 3][width];
}

/* @return the only name that begins with a word of two letters or more; NULL: none, or several do
 */
static const char *begun_by(const char *word, const char *const *names)
{
    const char *found = NULL;
    unsigned count = 0;
    for (; *names && strlen(word) > 1; names++)
        if (g_str_has_prefix(*names, word)) {
            found = *names;
            count++;
        }
    return count == 1 ? found : NULL;
}

const char *mps_cli_nearest(const char *word, const char *const *names)
{
    const size_t length = strlen(word);
    const char *nearest = begun_by(word, names);
    unsigned least = (unsigned)length / 4 + 1; /* one letter in four, and one more */
    if (nearest || length > NAME_MAX_LENGTH || length < 2)
        return nearest;
    for (; *names; names++) {
        if (strlen(*names) > NAME_MAX_LENGTH)
            continue;
        const unsigned distance = distance_of(word, *names);
        if (distance <= least && distance < length && (!nearest || distance < least)) {
            nearest = *names;
            least = distance;
        }
    }
    return nearest;
}
